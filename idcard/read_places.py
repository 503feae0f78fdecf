"""Turns regions.csv, places.yml and stations.csv into typed values, or raises KnowledgeError."""
from __future__ import annotations

import csv
import io
import re
from typing import Iterator, Mapping, Sequence

from idcard.places import AREA, CITY, DISTRICT, LANDMARK, PROVINCE, Gazetteer, Place, build
from idcard.read_texts import blocks, check_cites, strings
from idcard.sources import Clause
from idcard.stations import Station
from idcard.yaml_lines import Block, KnowledgeError

REGION_COLUMNS = ["代码", "名称", "简称", "级别", "上级代码", "别名"]
STATION_COLUMNS = ["城市", "所属县市区", "受理点", "类型", "详细地址", "电话", "拨号", "所在区", "别名", "来源"]
REGIONS, PLACES, STATIONS = "knowledge/regions.csv", "knowledge/places.yml", "knowledge/stations.csv"


def rows(text: str, file: str, columns: Sequence[str]) -> Iterator[Block]:
    """The lines of a CSV file as Blocks; raises KnowledgeError on a wrong header or a line with too many or few cells."""
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    if header != list(columns):
        raise KnowledgeError(file, 1, f"表头应该是“{','.join(columns)}”，现在是“{','.join(header)}”", "恢复第一行，不要改列名和顺序")
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        block = Block(zip(columns, (cell.strip() for cell in cells)))
        block.file, block.line, block.lines = file, reader.line_num, {}
        if len(cells) != len(columns):
            raise block.error(f"这一行有 {len(cells)} 格，应该是 {len(columns)} 格", "文字里有逗号的，用双引号把整格括起来")
        yield block


def gazetteer(regions: str, places: object) -> Gazetteer:
    """All regions, districts, areas and landmarks in one Gazetteer."""
    by_code: dict[str, Block] = {}
    for row in rows(regions, REGIONS, REGION_COLUMNS):
        if by_code.setdefault(row["代码"], row) is not row:
            raise row.error(f"代码“{row['代码']}”写了两次", "删掉其中一行")
    found = [(_region(row, by_code), _forms(row)) for row in by_code.values()]
    cities = {place.name: place for place, _ in found if place.level == CITY}
    districts: dict[str, Place] = {}
    for block in blocks(places, "districts"):
        block.check_keys(("name", "city"), ("aliases", "counts_as"))
        districts[block.text("name")] = _district(block, cities)
    found = [(place, forms) for place, forms in found
             if not (place.level == DISTRICT and place.name in districts and districts[place.name].city == place.city)]
    found += [(districts[block["name"]], strings(block, "aliases")) for block in blocks(places, "districts")]
    found += [(_area(block, districts), strings(block, "aliases")) for block in blocks(places, "areas")]
    found += [(_landmark(block, districts), strings(block, "aliases")) for block in blocks(places, "landmarks")]
    return build(found, _ambiguous(blocks(places, "ambiguous"), found, by_code),
                 dict.fromkeys(place.city for place in districts.values()))


def _ambiguous(entries: Sequence[Block], found: Sequence[tuple[Place, Sequence[str]]],
               by_code: Mapping[str, Block]) -> dict[str, tuple[Place, ...]]:
    """Names that must be asked back -> what they may mean. A candidate is a known name, or city and county together."""
    known: dict[str, Place] = {}
    for place, forms in found:
        if place.level == DISTRICT and place.code:
            above = by_code[by_code[place.code]["上级代码"]]
            known.setdefault(above["名称"] + by_code[place.code]["名称"], place)
        elif place.level in (DISTRICT, AREA, LANDMARK):
            known.update({form: place for form in (place.name, *forms)})
    meanings = {}
    for block in entries:
        block.check_keys(("name", "candidates"))
        for name in strings(block, "candidates"):
            if name not in known:
                raise block.error(f"候选“{name}”不认识", "写 districts、landmarks 里的名字，或者“济南市市中区”这样的全称", "candidates")
        meanings[block.text("name")] = tuple(dict.fromkeys(known[name] for name in strings(block, "candidates")))
    return meanings


_LEVELS = {"省级": PROVINCE, "地级": CITY, "县级": DISTRICT}


def _region(row: Block, by_code: Mapping[str, Block]) -> Place:
    level = _LEVELS.get(row["级别"])
    if level is None:
        raise row.error(f"级别“{row['级别']}”不对", f"可以用：{'、'.join(_LEVELS)}")
    if level == PROVINCE:
        return Place(row["简称"], level, row["简称"], code=row["代码"])
    above = by_code.get(row["上级代码"])
    if above is None:
        raise row.error(f"上级代码“{row['上级代码']}”不存在", "检查代码")
    if level == CITY:
        return Place(row["简称"], level, above["简称"], row["简称"], code=row["代码"])
    top = by_code.get(above["上级代码"]) if above["级别"] == "地级" else above
    return Place(row["简称"], level, (top or above)["简称"], above["简称"], (row["简称"],), row["代码"])


def _forms(row: Block) -> list[str]:
    return [form for form in (row["名称"], row["简称"], *row["别名"].split("|")) if form]


def _district(block: Block, cities: Mapping[str, Place]) -> Place:
    city = cities.get(block.text("city"))
    if city is None:
        raise block.error(f"regions.csv 里没有城市“{block['city']}”", "写简称，例如 武汉", "city")
    return Place(block.text("name"), DISTRICT, city.province, city.name, (block.text("name"),),
                 counts_as=block.get("counts_as", ""))


def _area(block: Block, districts: Mapping[str, Place]) -> Place:
    block.check_keys(("name", "city", "districts"), ("aliases",))
    lies = [_known(block, name, districts, "districts") for name in strings(block, "districts")]
    if not lies:
        raise block.error("“districts”里要有区县", "districts: [江岸区, 江汉区]", "districts")
    return Place(block.text("name"), AREA, lies[0].province, block.text("city"), tuple(place.name for place in lies))


def _landmark(block: Block, districts: Mapping[str, Place]) -> Place:
    block.check_keys(("name", "city"), ("district", "districts", "aliases", "kind"))
    names = strings(block, "districts") or (block.text("district"),)
    lies = [_known(block, name, districts, "district") for name in names]
    return Place(block.text("name"), LANDMARK, lies[0].province, block.text("city"), tuple(place.name for place in lies))


def _known(block: Block, name: str, districts: Mapping[str, Place], key: str) -> Place:
    if name not in districts:
        raise block.error(f"“{name}”不在 districts 里", "先在 districts 里加上这个区县，或者改正名字", key)
    if districts[name].city != block.text("city"):
        raise block.error(f"“{name}”在{districts[name].city}，不在{block['city']}", "改正 city 或者区县", "city")
    return districts[name]


def stations(text: str, known: Gazetteer, clauses: Mapping[str, Clause], cities: Sequence[str]) -> list[Station]:
    """All stations, unique by bureau and name; `拨号` must be what the printed phone says."""
    found: dict[tuple[str, str, str], Station] = {}
    for row in rows(text, STATIONS, STATION_COLUMNS):
        for column in STATION_COLUMNS[:8]:
            if not row[column]:
                raise row.error(f"“{column}”是空的", "照文件原样填；文件没有的不要编")
        if row["城市"] not in cities:
            raise row.error(f"不认识城市“{row['城市']}”", f"可以用：{'、'.join(cities)}")
        check_cites(row, "来源", [row["来源"]], clauses)
        _check_phone(row)
        if row["所在区"] not in known.of_level(DISTRICT):
            raise row.error(f"所在区“{row['所在区']}”不在 places.yml 的 districts 里", "改正区名，或者先在 places.yml 里加上")
        key = (row["城市"], row["所属县市区"], row["受理点"])
        if key in found:
            raise row.error(f"“{row['所属县市区']}{row['受理点']}”写了两行", "删掉其中一行")
        found[key] = Station(*(row[column] for column in STATION_COLUMNS[:8]),
                             tuple(alias for alias in row["别名"].split("|") if alias), row["来源"])
    return list(found.values())


def _check_phone(row: Block) -> None:
    printed, dial = row["电话"], row["拨号"]
    if not re.fullmatch(r"1\d{10}|0\d{9,11}(,\d{1,6})?", dial):
        raise row.error(f"拨号“{dial}”不是能拨的号码", "手机 11 位；座机加区号；分机写在英文逗号后面，例如 02785391004,2")
    digits = re.sub(r"\D", "", printed)
    if not re.sub(r"\D", "", dial).endswith(digits):
        raise row.error(f"拨号“{dial}”和印出来的电话“{printed}”对不上", "拨号只能在前面加区号，其余数字要一样")
