"""Station search: by name, alias, bureau, district, area or landmark; every hit says why it is offered.

Only what the notice prints is offered. Where it lists nothing for a place, the result is empty and `note` says so.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Optional, Sequence

from idcard.places import AREA, DISTRICT, LANDMARK, Gazetteer, Place


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
            return f"{self.bureau}{self.name[1:]}" if self.bureau.endswith("区") else f"{self.bureau}{self.name}"
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
        for name in _names(station):
            at = text.find(name)
            if at >= 0:
                hits.append((at, at + len(name), station))
    longest = [hit for hit in hits if not any(_covers(other, hit) for other in hits)]
    return list(dict.fromkeys(station for _, _, station in sorted(longest, key=lambda hit: hit[0])))


def _names(station: Station) -> list[str]:
    own = [] if station.name.startswith(("区", "分局")) else [station.name]
    return [*own, station.title, *station.aliases]


def _covers(one: tuple[int, int, Station], other: tuple[int, int, Station]) -> bool:
    return one[0] <= other[0] and other[1] <= one[1] and (one[1] - one[0]) > (other[1] - other[0])


def near(place: Place, stations: Sequence[Station]) -> list[Match]:
    """Stations for a district, an area or a landmark: its own street first, then its district, then its bureau."""
    found: dict[Station, str] = {}
    if place.level == LANDMARK and len(place.name) > 1:
        for station in stations:
            if place.name in station.address or place.name in station.name:
                found.setdefault(station, f"就在{place.name}")
    for district in place.districts:
        for station in stations:
            if station.district == district or station.bureau == district:
                found.setdefault(station, _reason(station, district, place))
    return [Match(station, reason) for station, reason in found.items()]


def _reason(station: Station, district: str, place: Place) -> str:
    lies = f"{place.name}属{district}" if place.level in (LANDMARK, AREA) else ""
    if station.district != district:
        return f"属{district}管，地址在{station.district}"
    if station.bureau[:2] in (district[:2], place.name[:2]) or station.bureau == "东新":
        return lies
    return f"地址在{district}，归{station.bureau}管"


def search(text: str, city: Optional[str], stations: Sequence[Station], gazetteer: Gazetteer,
           district: Optional[str] = None) -> Search:
    """Stations for what a citizen typed (normalised); `district` is where they are known to be."""
    here = [station for station in stations if city is None or station.city == city]
    named = by_name(text, here)
    if named:
        places = [mention.place for mention in gazetteer.find(text) if mention.place]
        narrowed = [station for station in named if any(station.district in place.districts for place in places)]
        chosen = narrowed or named
        return Search("、".join(station.title for station in chosen),
                      tuple(Match(station, "您问的就是这里") for station in chosen), named=True)
    for station in here:
        if station.bureau in text or (len(station.bureau) == 2 and f"{station.bureau}分局" in text):
            same = [Match(other, f"属{station.bureau}") for other in here if other.bureau == station.bureau]
            lying = near(Place(station.bureau, DISTRICT, city=station.city, districts=(station.bureau,)), here)
            return Search(station.bureau, tuple({match.station: match for match in [*lying, *same]}.values()))
    for mention in gazetteer.find(text):
        place = mention.place
        if place and place.districts and (city is None or place.city == city):
            return Search(place.name, tuple(near(place, here)))
    if district:
        place = gazetteer.of_level(DISTRICT).get(district)
        return Search(district, tuple(near(place, here)) if place else ())
    return Search("", ())
