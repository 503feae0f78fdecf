"""Station search: by name, alias, bureau, district, area or landmark; every hit says why it is offered.

Only what the notice prints is offered. Where it lists nothing for a place, the result is empty and `note` says so.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Iterable, Optional, Sequence

from idcard.places import AREA, DISTRICT, LANDMARK, Gazetteer, Place, PlaceMention
from idcard.text import normalise


@dataclass(frozen=True)
class Station:
    """One row of knowledge/stations.csv; `phone` as printed, `dial` as a telephone can dial it."""

    city: str
    bureau: str
    name: str
    kind: str
    address: str
    phone: str
    dial: str
    district: str
    aliases: tuple[str, ...]
    cite: str

    @property
    def area_code(self) -> str:
        """The area code that the printed number leaves out, '' where it is printed or a mobile needs none."""
        printed = "".join(character for character in self.phone if character.isdigit())
        return self.dial.replace(",", "")[:-len(printed)]

    @property
    def title(self) -> str:
        """The name with its bureau where the name alone does not say which: 江岸区政务服务中心, 分局户籍办证窗口."""
        if self.name.startswith("区"):
            return f"{self.bureau}{self.name[1:]}" if "区" in self.bureau else f"{self.bureau}{self.name}"
        return f"{self.bureau}{self.name}" if self.name.startswith("分局") else self.name


@dataclass(frozen=True)
class Match:
    station: Station
    reason: str  # why it is offered, for the citizen


@dataclass(frozen=True)
class Search:
    """What was looked for (`place`, as a person would say it) and what was found, best first."""

    place: str
    matches: tuple[Match, ...]
    named: bool = False  # the citizen named the station itself


def by_name(text: str, stations: Iterable[Station]) -> list[Station]:
    """Stations named in normalised `text` by name or alias; the longest name wins over names that lie inside it."""
    hits: list[tuple[int, int, Station]] = []
    for station in stations:
        for name in names_of(station):
            at = text.find(name)
            if at >= 0:
                hits.append((at, at + len(name), station))
    longest = [hit for hit in hits if not any(_covers(other, hit) for other in hits)]
    return list(dict.fromkeys(station for _, _, station in sorted(longest, key=lambda hit: hit[0])))


@lru_cache(maxsize=None)
def names_of(station: Station) -> tuple[str, ...]:
    """Every name the station goes by, normalised."""
    own = [] if _shared(station) else [station.name]
    return tuple(normalise(name) for name in (*own, station.title, *station.aliases))


def _shared(station: Station) -> bool:
    """Whether several bureaus have a station of this name: 区政务服务中心."""
    return station.name.startswith(("区", "分局"))


def _by_shared_name(text: str, stations: Iterable[Station], mentions: Sequence[PlaceMention]) -> list[Station]:
    """区政务服务中心 alone: all of that name; with a place in the text only those that lie there."""
    hits = [station for station in stations if _shared(station) and station.name in text]
    places = [place for mention in mentions for place in (mention.candidates or (mention.place,)) if place]
    return [hit for hit in hits if not places or any(hit.district in place.districts for place in places)]


# The street at the end of an address: 绿色路 of 化工区八吉府街绿色路特8号.
_STREET = re.compile(r"([^区街园]{2,6}?(?:大道|大街|正街|路|街头|街|巷|村))(?:特?\d+号)?$")


def _by_street(text: str, stations: Iterable[Station], mentions: Sequence[PlaceMention]) -> list[Station]:
    """Stations on a street that `text` names, unless it names a district beside it in which they do not lie."""
    found = []
    for station in stations:
        match = _STREET.search(station.address)
        street = match.group(1) if match else ""
        start = text.find(street) if street else -1
        beside = [one.place for one in mentions if one.place and not start <= one.start < start + len(street)]
        if start >= 0 and all(station.district in place.districts for place in beside if place.districts):
            found.append(station)
    return found


def _covers(one: tuple[int, int, Station], other: tuple[int, int, Station]) -> bool:
    return one[0] <= other[0] and other[1] <= one[1] and (one[1] - one[0]) > (other[1] - other[0])


def near(place: Place, stations: Sequence[Station]) -> list[Match]:
    """Stations for a district, an area or a landmark: its own street first, then its district, then its bureau."""
    found: dict[Station, str] = {}
    stem = re.sub(r"(?<=..)(街道|街|镇|乡)$", "", place.name)
    if place.level == LANDMARK and len(stem) > 1:
        for station in stations:
            if station.district in place.districts and (stem in station.address or stem in station.name):
                found.setdefault(station, f"就在{place.name}")
    for district in place.districts:
        lying = [station for station in stations if station.district == district]
        bureaus = {district, *(station.bureau for station in lying)}
        for station in [*lying, *(other for other in stations if other.bureau in bureaus)]:
            found.setdefault(station, _reason(station, district, place))
    return [Match(station, reason) for station, reason in found.items()]


def _reason(station: Station, district: str, place: Place) -> str:
    lies = f"{place.name}属{district}" if place.level in (LANDMARK, AREA) else ""
    if station.district != district:
        return f"{'' if station.bureau == district else '同'}属{station.bureau}管，地址在{station.district}"
    return lies or ("" if station.bureau[:2] in (district[:2], place.name[:2]) else f"地址在{district}")


def search(text: str, city: Optional[str], stations: Sequence[Station], gazetteer: Gazetteer,
           district: Optional[str] = None) -> Search:
    """Stations for what a citizen typed (normalised); `district` is where they are known to be."""
    here = [station for station in stations if city is None or station.city == city]
    mentions = gazetteer.find(text)
    named = by_name(text, here) or _by_shared_name(text, here, mentions)
    if named:
        places = [mention.place for mention in mentions if mention.place]
        narrowed = [station for station in named if any(station.district in place.districts for place in places)]
        chosen = narrowed or named
        return Search("、".join(station.title for station in chosen),
                      tuple(Match(station, "您问的就是这里") for station in chosen), named=True)
    for station in here:
        if _names_bureau(text, station, mentions):
            same = [Match(other, "") for other in here if other.bureau == station.bureau]
            lying = near(Place(station.bureau, DISTRICT, city=station.city, districts=(station.bureau,)), here)
            return Search(station.bureau, tuple({match.station: match for match in [*lying, *same]}.values()))
    street = _by_street(text, here, mentions)
    if street:
        return Search("、".join(station.address for station in street),
                      tuple(Match(station, f"地址在{station.address}") for station in street))
    for mention in mentions:
        place = _in_city(mention, city)
        if place and place.districts and (city is None or place.city == city):
            return Search(text[mention.start:mention.end], tuple(near(place, here)))
    if district:
        place = gazetteer.of_level(DISTRICT).get(district)
        return Search(district, tuple(near(place, here)) if place else ())
    return Search("", ())


def _names_bureau(text: str, station: Station, mentions: Iterable[PlaceMention]) -> bool:
    """Whether `text` names the bureau, and not a place elsewhere of which its name is a part (东新 in 浦东新区)."""
    bureau = normalise(station.bureau)
    start = text.find(bureau)
    over = [mention for mention in mentions if mention.start <= start and start + len(bureau) <= mention.end]
    places = [place for mention in over for place in (mention.candidates or (mention.place,)) if place]
    return start >= 0 and (not places or any(place.city == station.city for place in places))


def _in_city(mention: PlaceMention, city: Optional[str]) -> Optional[Place]:
    """The place meant; of an ambiguous name the one that lies in the city."""
    fitting = [place for place in mention.candidates if place.city == city]
    return fitting[0] if len(fitting) == 1 else mention.place
