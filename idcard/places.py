"""Gazetteer: provinces, prefectures, counties (knowledge/regions.csv), districts and landmarks (knowledge/places.yml).

Finds place names in normalised text, longest first. A name that fits several places is ambiguous and stays so unless
another place in the same message settles it; nothing is guessed.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Iterable, Mapping, Optional

from idcard.text import normalise

PROVINCE, CITY, DISTRICT, LANDMARK, AREA = "省份", "城市", "区县", "地标", "片区"


@dataclass(frozen=True)
class Place:
    """One place. `name` is canonical; `districts` are those it lies in (a landmark or an area may touch several)."""

    name: str
    level: str
    province: str = ""
    city: str = ""
    districts: tuple[str, ...] = ()
    code: str = ""
    counts_as: str = ""  # districts with the same value count as one area (济宁市市辖区)

    def within(self, other: "Place") -> bool:
        """Whether this place lies in `other`."""
        if other.level == PROVINCE:
            return self.province == other.name
        if other.level == CITY:
            return self.city == other.name and self.level != CITY
        return other.level == DISTRICT and other.name in self.districts and self.level in (LANDMARK, AREA)


@dataclass(frozen=True)
class PlaceMention:
    """`text[start:end]` names `place`, or one of `candidates` where it is ambiguous (then `place` is None)."""

    start: int
    end: int
    place: Optional[Place]
    candidates: tuple[Place, ...] = ()


_CHINESE = re.compile("[\u4e00-\u9fff]+")

# A province's one-character name counts only as in 豫籍, 鄂户口, 我是湘的, 户口是川.
_ABBREVIATION_AFTER = re.compile(r"籍|户[籍口](?!本|簿)|(的|滴|嘅|人)?([，。,;；、！!？? ]|$)")
_ABBREVIATION_BEFORE = re.compile(r"(^|[，。,;；、！!？? ]|户口|户籍|籍贯|老家|身份证|我|俺)(是|在|系|为)?$")


@dataclass(frozen=True)
class Gazetteer:
    names: Mapping[str, tuple[Place, ...]]  # surface form -> places; several: ambiguous
    abbreviations: Mapping[str, Place]  # 豫 -> 河南: read only where the context is about registration
    served: tuple[str, ...] = ()  # the cities whose rules are known
    municipalities: tuple[Place, ...] = ()  # 北京 as a city: in a text the name means the province, yet it is a 户籍城市

    @cached_property
    def _by_first(self) -> dict[str, list[str]]:
        table: dict[str, list[str]] = {}
        for name in sorted(self.names, key=len, reverse=True):
            table.setdefault(name[0], []).append(name)
        return table

    def of_level(self, level: str) -> dict[str, Place]:
        """Canonical name -> place for all places of one level (the first where a name occurs twice)."""
        return self._levels.get(level, {})

    @cached_property
    def _levels(self) -> dict[str, dict[str, Place]]:
        levels: dict[str, dict[str, Place]] = {}
        for places in self.names.values():
            for place in places:
                levels.setdefault(place.level, {}).setdefault(place.name, place)
        for place in self.municipalities:
            levels.setdefault(place.level, {}).setdefault(place.name, place)
        return levels

    def provinces(self) -> dict[str, Place]:
        """Those where resident identity cards are issued: not 台湾, 香港 and 澳门 (codes 71, 81, 82)."""
        return {name: place for name, place in self.of_level(PROVINCE).items()
                if not place.code.startswith(("71", "81", "82"))}

    def lookup(self, level: str, name: str, city: str = "") -> Optional[Place]:
        """The place of that canonical name, in `city` where one is given; an area counts as a landmark."""
        places = [place for place in self.names.get(name, ()) if place.level == level or
                  (level == LANDMARK and place.level == AREA)]
        return next((place for place in places if not city or place.city == city), None)

    def province_of(self, city: str) -> Optional[str]:
        place = self.of_level(CITY).get(city)
        return place.province if place else None

    def city_of(self, district: str) -> Optional[str]:
        """The prefecture of a district or county, None where the name exists in several."""
        cities = {place.city for place in self.names.get(district, ()) if place.level == DISTRICT}
        return cities.pop() if len(cities) == 1 else None

    def same_area(self, one: str, other: str) -> Optional[bool]:
        """Whether two districts or counties are one, or count as one."""
        first, second = self.of_level(DISTRICT).get(one), self.of_level(DISTRICT).get(other)
        if first is None or second is None:
            return None
        return (first.counts_as or first.name, first.city) == (second.counts_as or second.name, second.city)

    def _at(self, text: str, at: int) -> Optional[PlaceMention]:
        name = next((name for name in self._by_first.get(text[at], ()) if text.startswith(name, at)), None)
        if name is not None:
            places = self.names[name]
            return PlaceMention(at, at + len(name), places[0] if len(places) == 1 else None,
                                places if len(places) > 1 else ())
        province = self.abbreviations.get(text[at])
        if province and _ABBREVIATION_AFTER.match(text, at + 1) and _ABBREVIATION_BEFORE.search(text[:at]):
            return PlaceMention(at, at + 1, province)
        return None

    def find(self, text: str) -> list[PlaceMention]:
        """Places named in normalised `text`, left to right, without overlaps."""
        found, at = [], 0
        while at < len(text):
            mention = self._at(text, at)
            if mention:
                found.append(mention)
            at = mention.end if mention else at + 1
        return _settle(found)

    def at_home(self, mention: PlaceMention) -> PlaceMention:
        """`mention` settled as the one candidate that lies in a served city, if there is just one."""
        fitting = [place for place in mention.candidates if place.city in self.served]
        return replace(mention, place=fitting[0], candidates=()) if len(fitting) == 1 else mention


def _settle(mentions: list[PlaceMention]) -> list[PlaceMention]:
    """Resolve ambiguous mentions by the unambiguous ones: 朝阳区 after 北京; 高新区 after 济宁."""
    sure = [mention.place for mention in mentions if mention.place]
    settled = []
    for mention in mentions:
        if mention.place is None:
            fitting = [place for place in mention.candidates if any(place.within(other) for other in sure)]
            if len(fitting) == 1:
                mention = replace(mention, place=fitting[0], candidates=())
        settled.append(mention)
    return settled


def build(places: Iterable[tuple[Place, Iterable[str]]], ambiguous: Mapping[str, tuple[Place, ...]] = MappingProxyType({}),
          served: Iterable[str] = ()) -> Gazetteer:
    """A Gazetteer from (place, surface forms). Of one name, the province hides the city, the city its own county;
    only the names in `ambiguous` keep meanings of several levels."""
    names: dict[str, list[Place]] = {}
    municipalities: list[Place] = []
    for place, forms in places:
        if place.level == CITY and place.name == place.province:
            municipalities.append(place)
        for form in dict.fromkeys((place.name, *forms, *_as_typed((place.name, *forms)))):
            same = names.setdefault(form, [])
            if all((other.level, other.name, other.city) != (place.level, place.name, place.city) for other in same):
                same.append(place)
    prominent = {form: _prominent(same) for form, same in names.items()}
    long = {form: same for form, same in prominent.items() if len(form) > 1}
    short = {form: same[0] for form, same in prominent.items() if len(form) == 1 and same[0].level == PROVINCE}
    return Gazetteer({**long, **ambiguous}, short, tuple(served), tuple(municipalities))


def _as_typed(forms: Iterable[str]) -> list[str]:
    """Forms with letters or brackets as they look in normalised text: 武汉cbd, 开发区(汉南)."""
    return [normalise(form) for form in forms if not _CHINESE.fullmatch(form)]


def _prominent(places: list[Place]) -> tuple[Place, ...]:
    """Those of one name that a speaker may mean: a province hides all else (吉林), a city the county inside it (通化)."""
    if len(places) == 1:
        return (places[0],)
    provinces = tuple(place for place in places if place.level == PROVINCE)
    if provinces:
        return provinces[:1]
    cities = {place.name for place in places if place.level == CITY}
    return tuple(place for place in places if place.level == CITY or place.city not in cities)
