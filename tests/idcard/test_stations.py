"""Station search: the hand cases, and all 31 stations by name, by bureau, by district and by what is around them."""
from __future__ import annotations

import re
from typing import Optional

import pytest

from idcard.knowledge import Knowledge
from idcard.places import AREA, DISTRICT, LANDMARK
from idcard.stations import Search, Station, search
from idcard.text import normalise
from tests.idcard.case_files import case_name, check_keys, read_cases

CASES = read_cases("stations")
ALL = 31


def find(knowledge: Knowledge, text: str, city: Optional[str] = "武汉", district: Optional[str] = None) -> Search:
    return search(normalise(text), city, knowledge.stations, knowledge.gazetteer, district)


def printed(station: Station) -> str:
    """所属县市区/受理点, as the notice prints them and the cases write them."""
    return f"{station.bureau}/{station.name}"


def found(result: Search) -> list[str]:
    return [printed(match.station) for match in result.matches]


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_the_search_finds_what_the_case_says(case: dict, knowledge: Knowledge) -> None:
    check_keys(case, {"city", "query", "facts"}, {"stations", "includes", "first", "none"})
    expect, stations = case["expect"], found(find(knowledge, case["query"], case.get("city")))
    if expect.get("none"):
        assert stations == []
    if "stations" in expect:
        assert sorted(stations) == sorted(expect["stations"])
    if "includes" in expect:
        assert set(expect["includes"]) <= set(stations)
    if "first" in expect:
        assert stations[:1] == [expect["first"]]


def test_the_notice_lists_thirty_one_stations_all_in_wuhan(knowledge: Knowledge) -> None:
    assert len(knowledge.stations) == ALL == len({printed(station) for station in knowledge.stations})
    assert {station.city for station in knowledge.stations} == {"武汉"}


def test_every_line_of_the_printed_table_is_one_station(knowledge: Knowledge) -> None:
    """Bureau (printed once per group), name, address and phone, in the order of the notice, letter by letter."""
    lines = knowledge.clauses["武汉2016/受理点"].text.splitlines()[2:]
    cells = [line.split(" ") for line in lines]
    bureau, rows = "", []
    for row in cells:
        bureau = row[0] if len(row) == 4 else bureau
        rows.append((bureau, *row[-3:]))
    assert [(one.bureau, one.name, one.address, one.phone) for one in knowledge.stations] == rows


def test_every_station_is_found_by_its_name_alone(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        result = find(knowledge, f"{station.title}在哪里")
        assert found(result) == [printed(station)] and result.named, station.title


def test_every_station_is_found_by_each_of_its_aliases(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        for alias in station.aliases:
            assert found(find(knowledge, f"{alias}电话多少")) == [printed(station)], alias


def test_every_police_station_is_found_by_what_people_call_it(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        if station.name.endswith("所"):
            assert printed(station) in found(find(knowledge, f"{station.name[:-1]}派出所怎么走")), station.name


def test_every_station_is_found_by_the_bureau_it_belongs_to(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        for said in (station.bureau, f"{station.bureau}分局"):
            assert printed(station) in found(find(knowledge, said)), f"{said}: {station.name}"


def test_every_station_is_found_by_the_district_it_stands_in(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        assert printed(station) in found(find(knowledge, f"我住{station.district}")), station.name
        assert printed(station) in found(find(knowledge, "去哪里办", district=station.district)), station.name


def test_every_landmark_and_area_leads_to_its_own_districts_and_to_no_other(knowledge: Knowledge) -> None:
    for name, places in knowledge.gazetteer.names.items():
        if len(places) > 1 or places[0].level not in (LANDMARK, AREA, DISTRICT) or places[0].city != "武汉":
            continue
        result = find(knowledge, name)
        if result.named or not result.matches:
            continue
        near = {one for match in result.matches for one in (match.station.district, match.station.bureau)}
        assert all({match.station.district, match.station.bureau} & _around(knowledge, places[0].districts)
                   for match in result.matches), f"{name}: {near}"


def _around(knowledge: Knowledge, districts: tuple[str, ...]) -> set[str]:
    """The districts, and the bureaus that serve them."""
    return set(districts) | {one.bureau for one in knowledge.stations if one.district in districts}


def test_every_district_of_wuhan_with_a_station_is_named_in_the_reason_or_obvious(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        if station.bureau[:2] == station.district[:2] or station.bureau in ("东新", "开发区（汉南）"):
            continue
        reasons = [match.reason for match in find(knowledge, station.district).matches if match.station == station]
        assert any(station.bureau in reason or station.district in reason for reason in reasons), station.name


def test_a_phone_is_dialled_as_printed_with_the_area_code_in_front(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        number, _, extension = station.dial.partition(",")
        local, _, printed_extension = re.sub(r"[-\s]", "", station.phone).partition("转")
        assert extension == printed_extension, station.phone
        mobile = re.fullmatch(r"1\d{10}", local)
        assert number == (local if mobile or local.startswith("027") else f"027{local}"), station.phone
        assert re.fullmatch(r"1\d{10}|027\d{8}", number), station.dial


@pytest.mark.parametrize("phone, dial", [("85391355转770208", "02785391355,770208"), ("15071261580", "15071261580"),
                                         ("027-85391004转2", "02785391004,2"), ("50777217", "02750777217")])
def test_the_odd_phones_of_the_notice_stay_as_printed(phone: str, dial: str, knowledge: Knowledge) -> None:
    assert [station.dial for station in knowledge.stations if station.phone == phone] == [dial]


def test_an_address_without_a_number_gets_none(knowledge: Knowledge) -> None:
    addresses = {station.name: station.address for station in knowledge.stations}
    assert (addresses["关东所"], addresses["龙泉所"]) == ("关东街纺织路", "覃庙街头")


def test_nothing_is_offered_for_a_place_of_which_no_station_is_listed(knowledge: Knowledge) -> None:
    for text, city in (("任城区", "济宁"), ("恩施", "武汉"), ("随便", "武汉")):
        assert find(knowledge, text, city).matches == ()
