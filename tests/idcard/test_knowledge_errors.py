"""One mistake at a time in the knowledge folder: each must stop the start with file, line, what is wrong, how to mend it."""
from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Iterator, Optional

import pytest

from idcard.knowledge import DEFAULT_FOLDER, Knowledge, load
from idcard.yaml_lines import KnowledgeError, read
from tests.idcard.broken import small_copy

FEE, FACTS, SOURCES, WORDS, PLACES = "policy/fee.yml", "facts.yml", "sources.yml", "words.yml", "places.yml"
RECEPTION, TEMPORARY, CLASSES = "policy/reception.yml", "policy/temporary_card.yml", "policy/classification.yml"
STATIONS, REGIONS, TOPICS, SCOPE = "stations.csv", "regions.csv", "topics.yml", "out_of_scope.yml"
PHRASES, GROUPS = "phrases.yml", "groups.yml"
JINING = "answers/jining.yml"

# Where the first row of the 济宁 table of fees stands.
JINING_FEE = "- id: 有效期满\n        when: {办理类型: {is: 换领}, 办理原因: {is: 有效期满}}\n        outcome: 20元"


@dataclass(frozen=True)
class Mistake:
    """In `file` the first `old` becomes `new`; the message says `words` and names the line on which `at` then stands."""

    name: str
    file: str
    old: str
    new: str
    words: str
    at: Optional[str] = None  # None: the mistake has no line of its own
    named: str = ""  # the file that the message names, when it is another


LOST_ROW = """      - id: 丢失
        when: {办理类型: {is: 补领}}
        outcome: 40元
        reason: 丢失补领，每证40元
        cites: [济宁2020/七]
        from: 2020-01-01
"""
IMPOSSIBLE_ROW = """      - id: 河南甘孜
        when: {户籍省份: {is: 河南}, 户籍城市: {is: 甘孜}}
        outcome: 不能办临时身份证
        reason: 没有这样的地方
        cites: [武汉2016/五]
        from: 2016-09-29
      - id: 外省
"""
SECOND_TABLE = """  - city: 济宁
    asks: [办理类型]
    rows:
      - {id: 甲, when: {办理类型: {in: [首次申领, 换领, 补领]}}, outcome: 好, reason: 好, cites: [济宁2020/二]}
    outcomes: {好: {say: 好。}}
"""

YAML = [
    Mistake("缩进用了制表符", FACTS, "    slot: city", "\tslot: city", "不是正确的 YAML", "\tslot: city"),
    Mistake("引号没有成对", FACTS, "question: 您的户口在哪个省？", 'question: "您的户口在哪个省？', "不是正确的 YAML"),
    Mistake("同一个键写了两次", FACTS, "    slot: city\n", "    slot: city\n    slot: town\n", "“slot”写了两次", "slot: town"),
    Mistake("yes 没有加引号", FACTS, "有居住证: true", "有居住证: yes", "“yes”会被当成是非值", "有居住证: yes"),
    Mistake("键写成了数字", FACTS, "有居住证: true", "1: true", "键 1 不是文字", "1: true"),
    Mistake("键写错了字", FEE, "        reason: 武汉", "        reasn: 武汉", "不认识的键“reasn”", "reasn:"),
    Mistake("缺少必须的键", FACTS, "    why: 两个城市的规定不一样，我要看对文件。\n", "", "缺少“why”", "- name: 所在城市"),
    Mistake("最外层的键写错了字", FEE, "tables:", "tabels:", "不认识的键“tabels”", "tabels:"),
    Mistake("最外层多了一个键", WORDS, "words:\n", "note: 好\nwords:\n", "不认识的键“note”", "note: 好"),
    Mistake("条目不是键和值", TOPICS, "topics:\n", "topics:\n  - 补领\n", "不是“键: 值”的形式", "topics:"),
    Mistake("该写列表的写成了文字", JINING, "    cites: [济宁2020/七]", "    cites: 济宁2020/七", "应该是一个列表", "cites: 济宁2020/七"),
    Mistake("该写文字的写成了列表", FEE, "outcome: 20元", "outcome: [20元]", "应该是一段文字", "outcome: [20元]"),
    Mistake("该写键和值的写成了列表", FACTS, "    buttons:\n      武汉: 武汉\n      济宁: 济宁\n", "    buttons: [武汉, 济宁]\n",
            "应该是“键: 值”的形式", "buttons: [武汉"),
    Mistake("是非写成了文字", JINING, "silent: true", "silent: 是", "只能是 true 或 false", "silent: 是"),
]

TABLES = [
    Mistake("引用了没有的条文", FEE, "cites: [济宁2020/七]", "cites: [济宁2020/七七]", "依据“济宁2020/七七”不存在", "cites: [济宁2020/七七]"),
    Mistake("引用了另一个城市的条文", FEE, "cites: [济宁2020/七]", "cites: [武汉2016/二]", "济宁的表引用了武汉的条文", "cites: [武汉2016/二]"),
    Mistake("结果没有依据", FEE, "cites: [济宁2020/七]", "cites: []", "没有依据", "cites: []"),
    Mistake("两行同时成立", FEE, "when: {办理类型: {is: 补领}}", "when: {办理类型: {in: [补领, 首次申领]}}", "会同时成立（办理类型是首次申领）",
            "- id: 首次申领-停征前"),
    Mistake("两行的日期重叠", FEE, "        until: 2018-04-01\n", "", "会同时成立", "- id: 首次申领\n"),
    Mistake("少了一行有漏洞", FEE, LOST_ROW, "", "济宁这张表有漏洞：2020-01-01 办理类型是补领", JINING_FEE),
    Mistake("两段日期之间有漏洞", FEE, "until: 2018-04-01", "until: 2018-03-31", "有漏洞：2018-03-31 办理类型是首次申领", "- id: 有效期满"),
    Mistake("永远用不上的一行", TEMPORARY, "      - id: 外省\n", IMPOSSIBLE_ROW, "“河南甘孜”这一行永远用不上", "- id: 河南甘孜"),
    Mistake("结束在开始之前", FEE, "until: 2018-04-01", "until: 2016-01-01", "until 不在 from 之后", "until: 2016-01-01"),
    Mistake("日期写法不对", FEE, "until: 2018-04-01", "until: 2018年4月1日", "不是日期", "until: 2018年"),
    Mistake("没有这个取值", FEE, "{is: 补领}", "{is: 补办}", "“办理类型”没有“补办”这个值", "{is: 补办}"),
    Mistake("没有这件事", FEE, "{办理类型: {is: 补领}}", "{办理种类: {is: 补领}}", "“办理种类”不是 facts.yml 里的事", "办理种类"),
    Mistake("没有这种比较", FEE, "{is: 补领}", "{equals: 补领}", "条件写错了", "equals"),
    Mistake("条件没有写比较", FEE, "{办理类型: {is: 补领}}", "{办理类型: 补领}", "条件写错了", "{办理类型: 补领}"),
    Mistake("条件套了两层", FEE, "{is: 补领}", "{is: {is: 补领}}", "没有“{'is': '补领'}”这个值", "{is: {is: 补领}}"),
    Mistake("条件是空的", FEE, "when: {办理类型: {is: 补领}}", "when: {}", "when 里要有条件", "when: {}"),
    Mistake("直接比较区县", CLASSES, "是否同一县区: {is: true}", "户籍区县: {is: 邹城市}", "没有固定的取值", "户籍区县: {is: 邹城市}"),
    Mistake("结果没有写怎么说", FEE, "      20元:\n        say: 到期换证，工本费每证20元。\n", "", "结果“20元”没有写怎么对群众说", JINING_FEE),
    Mistake("没有一行会得出的结果", FEE, "      20元:\n", "      10元: {say: 十元。}\n      20元:\n", "“10元”没有一行会得出", "      10元:"),
    Mistake("用到的事没有写在 asks 里", FEE, "asks: [办理类型, 办理原因]", "asks: [办理类型]", "用到了“办理原因”，但 asks 里没有", "- id: 有效期满"),
    Mistake("asks 里写了没有的事", FEE, "asks: [办理类型, 办理原因]", "asks: [办理类型, 天气]", "asks 里的“天气”不是", "asks: [办理类型, 天气]"),
    Mistake("国家金额不在引用的条文里", FEE, "national: 20元", "national: 25元", "数字“25”在引用的条文里找不到", "national: 25元"),
    Mistake("两行用了同一个 id", FEE, "- id: 损坏", "- id: 有效期满", "“有效期满”和第", "- id: 有效期满\n        when: {办理类型: {is: 换领}, 办理原因: {is: 损坏"),
    Mistake("一个城市写了两张表", CLASSES, "tables:\n", "tables:\n" + SECOND_TABLE, "济宁写了两张表", "  - city: 济宁\n    asks: [户籍省份"),
    Mistake("表写了没有的城市", FEE, "  - city: 济宁", "  - city: 济南", "不认识城市“济南”", "city: 济南"),
    Mistake("表写了没有的事项", FEE, "topic: 工本费", "topic: 费用", "不认识事项“费用”", "topic: 费用"),
    Mistake("see 指向没有的表", RECEPTION, "see: cross_district", "see: crossdistrict", "没有武汉的表", "- id: 武汉户籍"),
    Mistake("see 指向自己", RECEPTION, "see: cross_district", "see: reception", "自己也有 see", "- id: 武汉户籍"),
    Mistake("adds 指向没有的表", RECEPTION, "adds: [classification,", "adds: [class,", "adds 里的“class”没有济宁的表"),
]

DOCUMENTS = [
    Mistake("条文和原文对不上", SOURCES, "（1）持有《武汉市居住证》", "（1）持《武汉市居住证》", "和 documents/wuhan-2016.txt 里的原文对不上", "一/1:"),
    Mistake("条文没有文字", SOURCES, "        text: （1）持有《武汉市居住证》，且在有效期内的；\n", "", "缺少“text”", "cite: “（一）异地身份证受理”第（1）项"),
    Mistake("条文编号写了两次", SOURCES, "      一/2:", "      一/1:", "“一/1”写了两次", "      一/1:\n        cite: “（一）异地身份证受理”第（2）项"),
    Mistake("文件编号写了两次", SOURCES, "id: 济宁2020", "id: 武汉2016", "文件“武汉2016”写了两次", "id: 武汉2016\n    title: 济宁"),
    Mistake("文件日期不对", SOURCES, 'date: "2016-09-29"', "date: 2016年秋", "“date”不是日期", "date: 2016年秋"),
    Mistake("没有写施行日期", SOURCES, '    in_force:\n      from: "2016-09-29"\n', '    in_force: "2016-09-29"\n', "里要写 from", "in_force:"),
    Mistake("原文文件不在", SOURCES, "file: documents/wuhan-2016.txt", "file: documents/none.txt", "没有这个文件", None, "documents/none.txt"),
]

ANSWERS = [
    Mistake("答复引用没有的条文", JINING, "cites: [济宁2020/七]", "cites: [济宁2020/七七]", "依据“济宁2020/七七”不存在", "cites: [济宁2020/七七]"),
    Mistake("答复引用另一个城市的条文", JINING, "cites: [济宁2020/七]", "cites: [武汉2016/四]", "济宁的答复引用了武汉的条文", "cites: [武汉2016/四]"),
    Mistake("答复没有依据也没有说文件没写", JINING, "cites: [济宁2020/七]", "cites: []", "“工本费”这条没有依据", "- topic: 工本费"),
    Mistake("答复里的数字不在条文里", JINING, "20元", "30元", "数字“30”在引用的条文里找不到", "30元"),
    Mistake("国家规定没有说明是国家的", JINING, "      text: 国家规定", "      text: 规定", "没有说明这是国家规定", "      text: 规定"),
    Mistake("国家规定引用了城市的条文", JINING, "cites: [居民身份证法/", "cites: [济宁2020/一, 居民身份证法/", "“济宁2020/一”不是国家规定",
            "cites: [济宁2020/一, 居民身份证法/"),
    Mistake("没有这个事项", JINING, "- topic: 补领", "- topic: 补办", "不认识事项“补办”", "- topic: 补办"),
    Mistake("缺少默认答复", JINING, "  - topic: 缴费方式\n", "  - topic: 缴费方式\n    said: [现金]\n", "济宁缺少“缴费方式”的默认答复", "city: 济宁"),
    Mistake("两个默认答复", JINING, "  - topic: 缴费方式\n", "  - topic: 补领\n    text: 可以。\n    silent: true\n  - topic: 缴费方式\n",
            "“补领”有两个没写 said 的答复", "  - topic: 补领\n    text: 可以。\n    silent"),
    Mistake("几件事共用的答复里写错了一件", JINING, "- topic: [所需材料, 材料不全,", "- topic: [所需材料, 缺材料,", "不认识事项“缺材料”",
            "- topic: [所需材料, 缺材料,"),
    Mistake("没有这一组词", JINING, "  - topic: 缴费方式\n", "  - topic: 缴费方式\n    said: [<老人>]\n", "没有“<老人>”这一组词", "    said: [<老人>]"),
    Mistake("只写了 also", JINING, "  - topic: 缴费方式\n", "  - topic: 缴费方式\n    also: [孩子]\n", "只写了 also", "    also: [孩子]"),
    Mistake("other_than 写了没有的证件", JINING, "other_than: [户口簿,", "other_than: [户口页,", "“户口页”不是 words.yml 里的证件", "    other_than: [户口页"),
    Mistake("答复的条件写了没有的取值", JINING, "  - topic: 缴费方式\n", "  - topic: 缴费方式\n    when: {户籍省份: {is: 齐鲁}}\n",
            "“户籍省份”没有“齐鲁”这个值", "    when: {户籍省份: {is: 齐鲁}}"),
    Mistake("答复文件写了没有的城市", JINING, "city: 济宁", "city: 济南", "不认识城市“济南”", "city: 济南"),
    Mistake("最后一条超出范围没有默认", SCOPE, "  - kind: 其他\n", "  - kind: 其他\n    words: [别的]\n", "最后要有一条没有 words 的默认说法"),
    Mistake("要说的话少了一条", PHRASES, "  - name: 没有上一步\n    text: 前面没有别的问题了，我们从这里开始。\n", "", "缺少“没有上一步”", "phrases:"),
    Mistake("要说的话写了两次", PHRASES, "- name: 告别", "- name: 问候", "“问候”写了两次", "- name: 问候\n    text: 再见"),
    Mistake("弄不清楚时的取值没有", FACTS, "if_unknown: 无", "if_unknown: 没有", "if_unknown 的“没有”不在 values 里", "if_unknown: 没有"),
    Mistake("说回给群众听的话没留位置", FACTS, 'told: "住在{}"', "told: 住在", "told 里要有一个 {}", "told: 住在"),
    Mistake("下一步的依据不存在", RECEPTION, "cites: [济宁2020/一, 济宁2020/五]", "cites: [济宁2020/九九]", "依据“济宁2020/九九”不存在",
            "cites: [济宁2020/九九]"),
    Mistake("事项写了两次", TOPICS, "- topic: 换领", "- topic: 补领", "“补领”写了两次", "- topic: 补领\n    title: 到期"),
]

STATION = [
    Mistake("表头换了次序", STATIONS, "电话,拨号", "拨号,电话", "表头应该是", "城市,所属"),
    Mistake("少了一格", STATIONS, ",15071261580,15071261580,", ",15071261580,", "有 9 格，应该是 10 格", "15071261580"),
    Mistake("拨号没有区号", STATIONS, "02785391069", "85391069", "不是能拨的号码", "百步亭所"),
    Mistake("拨号和印出来的电话不一样", STATIONS, "02785391069", "02785391068", "对不上", "百步亭所"),
    Mistake("没有这个区", STATIONS, "02785391069,江岸区", "02785391069,江安区", "所在区“江安区”不在", "百步亭所"),
    Mistake("受理点写了两行", STATIONS, "江岸区,百步亭所", "江岸区,区户政服务中心", "写了两行", "温馨路"),
    Mistake("地址是空的", STATIONS, "温馨路9号", "", "“详细地址”是空的", "百步亭所"),
    Mistake("没有这个城市", STATIONS, "武汉,江岸区,百步亭所", "汉口,江岸区,百步亭所", "不认识城市“汉口”", "百步亭所"),
    Mistake("受理点引用没有的条文", STATIONS, "武汉2016/受理点", "武汉2016/一览表", "依据“武汉2016/一览表”不存在", "武汉2016/一览表"),
]

PLACE = [
    Mistake("歧义地名的候选不认识", PLACES, "candidates: [东湖高新区, 济宁高新区]", "candidates: [东湖高新区, 济宁高新开发区]",
            "候选“济宁高新开发区”不认识", "济宁高新开发区"),
    Mistake("区县写了没有的城市", PLACES, "{name: 江岸区, city: 武汉", "{name: 江岸区, city: 武漢", "没有城市“武漢”", "武漢"),
    Mistake("地标写了没有的区", PLACES, "district: 江岸区", "district: 江安区", "“江安区”不在 districts 里", "江安区"),
    Mistake("地标没有写区", PLACES, "district: 江岸区, ", "", "“district”应该是一段文字", "aliases: [大智街]"),
    Mistake("地标和它的区不在一个城市", PLACES, "city: 武汉, district: 江岸区", "city: 济宁, district: 江岸区", "“江岸区”在武汉，不在济宁", "city: 济宁, district: 江岸区"),
    Mistake("片区没有区县", PLACES, "districts: [江岸区, 江汉区, 硚口区]}", "districts: []}", "里要有区县", "districts: []}"),
    Mistake("区划级别不对", REGIONS, "任城区,县级", "任城区,区级", "级别“区级”不对", "任城区,区级"),
    Mistake("上级代码不存在", REGIONS, "任城区,县级,370800", "任城区,县级,379900", "上级代码“379900”不存在", "379900"),
    Mistake("区划代码写了两次", REGIONS, "420103,江汉区", "420102,江汉区", "代码“420102”写了两次", "420102,江汉区"),
]

FACT = [
    Mistake("一件事写了两次", FACTS, "- name: 办理原因", "- name: 办理类型", "“办理类型”写了两次", "- name: 办理类型\n    slot: application_reason"),
    Mistake("两件事用一个 slot", FACTS, "slot: application_reason", "slot: application_type", "用了两次", "slot: application_type\n    kind: choice\n    values: [有效期满"),
    Mistake("slot 写了汉字", FACTS, "slot: city", "slot: 城市", "slot 只能用拉丁字母", "slot: 城市"),
    Mistake("没有这种 kind", FACTS, "kind: boolean", "kind: bool", "不认识 kind“bool”", "kind: bool\n"),
    Mistake("choice 没有取值", FACTS, "    values: [武汉, 济宁]\n", "", "choice 要写 values", "- name: 所在城市"),
    Mistake("按钮的值不在取值里", FACTS, "      武汉: 武汉", "      武汉: 汉口", "按钮“武汉”的值“汉口”不在 values 里", "    buttons:\n      武汉: 汉口"),
    Mistake("implies 写了没有的取值", FACTS, "      补领:\n        办理原因: 丢失", "      补办:\n        办理原因: 丢失", "implies 里的“补办”不在 values 里", "    implies:\n      补办"),
    Mistake("implies 写了没有的事", FACTS, "      补领:\n        办理原因: 丢失", "      补领:\n        办理缘由: 丢失", "implies 里的“办理缘由: 丢失”不对", "    implies:\n      补领:\n        办理缘由"),
    Mistake("implies 推出没有的取值", FACTS, "      补领:\n        办理原因: 丢失", "      补领:\n        办理原因: 遗失", "implies 里的“办理原因: 遗失”不对", "    implies:\n      补领:\n        办理原因: 遗失"),
    Mistake("程序要用的一件事改了名", FACTS, "- name: 所在城市", "- name: 城市", "缺少“所在城市”", "facts:"),
    Mistake("问法是空的", FACTS, "question: 您想在哪个城市办？", 'question: ""', "“question”应该是一段文字", 'question: ""'),
    Mistake("一个词写在两处", WORDS, "words: [护照]", "words: [护照, 驾照]", "“驾照”已经写在“驾驶证”里了", "words: [护照, 驾照]"),
    Mistake("词推出没有的事", WORDS, "has: {有效身份证件: 护照}", "has: {有效证件: 护照}", "“有效证件: 护照”不对", "has: {有效证件"),
    Mistake("词推出没有的取值", WORDS, "has: {有效身份证件: 护照}", "has: {有效身份证件: 护照本}", "“有效身份证件: 护照本”不对", "has: {有效身份证件: 护照本}"),
    Mistake("词的种类写错了", WORDS, "entity: 证件", "entity: 证书", "不认识 entity“证书”", "entity: 证书"),
    Mistake("词没有加引号的数字", WORDS, "words: [护照]", "words: [护照, 110]", "110 不是文字", "words: [护照, 110]"),
]

MISTAKES = YAML + TABLES + DOCUMENTS + ANSWERS + STATION + PLACE + FACT


@pytest.fixture(scope="module", autouse=True)
def parse_unbroken_files_once() -> Iterator[None]:
    """Half the time of a load is YAML, nearly all of it in files that are the same every time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("idcard.knowledge.read", lru_cache(maxsize=None)(read))
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_copy(DEFAULT_FOLDER, tmp_path_factory.mktemp("small") / "knowledge")


@pytest.fixture
def folder(small: Path, tmp_path: Path) -> Path:
    """A knowledge folder of one's own, without a mistake yet."""
    return Path(shutil.copytree(small, tmp_path / "knowledge", copy_function=os.link))


def spoil(path: Path, content: str | bytes) -> None:
    """Write the file anew; the others are shared with the small copy."""
    path.unlink()
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def refuse(folder: Path) -> KnowledgeError:
    with pytest.raises(KnowledgeError) as caught:
        load(folder)
    assert "怎么改：" in str(caught.value), "says nothing about how to mend it"
    return caught.value


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_the_mistake_is_named_with_its_file_and_line(mistake: Mistake, folder: Path) -> None:
    path = folder / mistake.file
    text = path.read_text(encoding="utf-8")
    assert mistake.old in text, "the mistake cannot be made any more: write it anew"
    text = text.replace(mistake.old, mistake.new, 1)
    spoil(path, text)
    error = refuse(folder)
    assert mistake.words in error.what
    assert error.file in (f"knowledge/{mistake.named or mistake.file}", f"knowledge/{mistake.file}")
    if mistake.at is not None:
        assert error.line == line_of(mistake.at, text), str(error)


def line_of(words: str, text: str) -> int:
    """The line on which `words` begin, counted as an editor does."""
    return text[:text.index(words)].count("\n") + 1


@pytest.mark.parametrize("file", [FACTS, SOURCES, PLACES, REGIONS, STATIONS, TOPICS, WORDS, SCOPE, GROUPS, "documents/wuhan-2016.txt"])
def test_a_missing_file_is_named(file: str, folder: Path) -> None:
    (folder / file).unlink()
    error = refuse(folder)
    assert (error.file, error.what) == (f"knowledge/{file}", "没有这个文件")


@pytest.mark.parametrize("file, words", [(JINING, "缺少济宁的答复文件"), (RECEPTION, "武汉没有“能否异地办理”的表"),
                                         (TEMPORARY, "武汉没有“临时身份证”的表"),
                                         (FEE, "武汉没有“工本费”的表"), ("policy/papers.yml", "武汉没有“所需材料”的表"),
                                         ("policy/residence_conditions.yml", "“residence_conditions”没有武汉的表"),
                                         (CLASSES, "“classification”没有济宁的表"),
                                         ("policy/residence_registration.yml", "“residence_registration”没有济宁的表"),
                                         ("policy/cross_district.yml", "“cross_district”没有武汉的表")])
def test_a_missing_city_or_table_is_named(file: str, words: str, folder: Path) -> None:
    (folder / file).unlink()
    assert words in refuse(folder).what


@pytest.mark.parametrize("file", [FACTS, FEE, WORDS, JINING])
def test_an_empty_file_is_named(file: str, folder: Path) -> None:
    spoil(folder / file, "# nothing but a comment\n")
    error = refuse(folder)
    assert (error.file, error.line, error.what) == (f"knowledge/{file}", 1, "文件是空的")


@pytest.mark.parametrize("content", ["- 甲\n", "只有一句话\n"])
def test_a_file_that_is_no_mapping_is_named(content: str, folder: Path) -> None:
    spoil(folder / FEE, content)
    error = refuse(folder)
    assert (error.file, error.line) == (f"knowledge/{FEE}", 1)


@pytest.mark.parametrize("file", [STATIONS, WORDS])
def test_a_file_saved_in_another_encoding_is_named(file: str, folder: Path) -> None:
    spoil(folder / file, (folder / file).read_text(encoding="utf-8").encode("gbk", "replace"))
    error = refuse(folder)
    assert error.file == f"knowledge/{file}" and "不是 UTF-8 编码" in error.what


def test_a_control_character_is_named(folder: Path) -> None:
    spoil(folder / WORDS, b"words:\n  - a\x00\n")
    assert "不是正确的 YAML" in refuse(folder).what


def test_the_small_copy_has_no_mistake(folder: Path) -> None:
    assert isinstance(load(folder), Knowledge)


def test_excel_may_put_a_mark_at_the_start_of_the_stations(folder: Path, knowledge: Knowledge) -> None:
    path = folder / STATIONS
    spoil(path, b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(folder).stations == knowledge.stations


def test_the_running_service_keeps_what_it_started_with(folder: Path) -> None:
    before = load(folder)
    spoil(folder / FEE, "tables: [")
    assert load(folder) is before
