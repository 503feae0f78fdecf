"""A careful clerk: an independent reading of the two documents, to check the policy tables against.

Written from the text of the documents, never from knowledge/policy. Plain ifs in the order a clerk thinks;
each branch names the clause it stands on. Where a document leaves room, the settled reading is marked "Reading:".
"""

from datetime import date
from itertools import product
from typing import Iterator, Optional

Decision = tuple[str, tuple[str, ...]]

WUHAN_NOTICE = date(2016, 9, 29)  # the notice is dated so; "先后开通" before that day is not in writing
WHOLE_COUNTRY = date(2017, 7, 1)  # 到2017年7月1日全面实现全国居民身份证异地受理
FIRST_CARD_FREE = date(2018, 4, 1)  # 财税2018-37
JINING_RULES = date(2020, 1, 1)  # Reading: the document says only 2020 (it cites 公治安明发〔2020〕72号)

DATES = (
    date(2016, 9, 28), WUHAN_NOTICE,
    date(2017, 6, 30), WHOLE_COUNTRY,
    date(2018, 3, 31), FIRST_CARD_FREE,
    date(2019, 12, 31), JINING_RULES,
    date(2026, 11, 21),
)

# 公告/1, in the order printed.
OPEN_IN_2016 = (
    "湖南 天津 重庆 浙江 安徽 河南 四川 江苏 江西 广东 北京 河北 山西 上海 福建 山东 广西 海南 陕西 云南 贵州 宁夏 甘肃"
).split()
CLOSED_PREFECTURES = ("甘孜", "阿坝", "凉山")  # 公告/1: 三州暂不受理

# One prefecture stands for a province, except where a document tells prefectures apart.
PREFECTURES = {
    "湖北": ("武汉", "恩施", "襄阳"),
    "四川": ("甘孜", "阿坝", "凉山", "成都"),
    "山东": ("济宁", "青岛", "菏泽"),
    "北京": ("北京",), "天津": ("天津",), "上海": ("上海",), "重庆": ("重庆",),
    "河北": ("石家庄",), "山西": ("太原",), "内蒙古": ("呼和浩特",), "辽宁": ("沈阳",), "吉林": ("长春",),
    "黑龙江": ("哈尔滨",), "江苏": ("南京",), "浙江": ("杭州",), "安徽": ("合肥",), "福建": ("福州",),
    "江西": ("南昌",), "河南": ("信阳",), "湖南": ("长沙",), "广东": ("广州",), "广西": ("南宁",),
    "海南": ("海口",), "贵州": ("贵阳",), "云南": ("昆明",), "西藏": ("拉萨",), "陕西": ("西安",),
    "甘肃": ("兰州",), "青海": ("西宁",), "宁夏": ("银川",), "新疆": ("乌鲁木齐",),
}

# 四: the areas of these six bureaus are one 市辖区. The other counties stand alone. Names as places.yml has them.
JINING_URBAN = ("市中区", "任城区", "济宁高新区", "北湖区", "济宁经开区", "兖州区")
JINING_COUNTIES = JINING_URBAN + (
    "曲阜市", "邹城市", "微山县", "鱼台县", "金乡县", "嘉祥县", "汶上县", "泗水县", "梁山县",
)

TYPES = ("首次申领", "换领", "补领")
REFUSALS = ("无", "相貌变化且无指纹", "信息不一致", "证件违法行为", "不良信用记录")
PROOFS = ("户口簿或原身份证", "劳动合同或执照", "居住证明", "学生证", "无")
PAPERS = ("户口簿", "居民身份证", "居住证", "驾驶证", "护照", "其他", "无")

UNSAID: Decision = ("文件未规定", ())


def wuhan(outcome: str, *clauses: str) -> Decision:
    return outcome, tuple("武汉2016/" + clause for clause in clauses)


def jining(outcome: str, *clauses: str) -> Decision:
    return outcome, tuple("济宁2020/" + clause for clause in clauses)


# ---- 武汉 -----------------------------------------------------------------------------------------------

def is_wuhan_household(facts: dict) -> bool:
    return facts["户籍省份"] == "湖北" and facts["户籍城市"] == "武汉"


def wuhan_cross_district(facts: dict, as_of: date) -> Decision:
    """二 speaks of 武汉 households alone: whoever asks this is one, everybody else stands under 一 (reception)."""
    if facts["办理类型"] == "首次申领":
        return wuhan("应在户籍所在地办理", "二")
    if facts["是否急需用证"]:
        return wuhan("应在户籍所在地办理", "二", "五")
    return wuhan("可以市内跨区办理", "二")


def is_listed(facts: dict) -> bool:
    """Whether 公告/1 names the household's province (and does not except its prefecture)."""
    return facts["户籍省份"] in OPEN_IN_2016 and facts["户籍城市"] not in CLOSED_PREFECTURES


def wuhan_reception(facts: dict, as_of: date) -> Decision:
    if is_wuhan_household(facts):
        return wuhan_cross_district(facts, as_of)
    if facts["办理类型"] == "首次申领":
        return wuhan("应回户籍地办理", "三/1")
    if facts["户籍省份"] == "湖北":
        # 公告/1 opens other provinces, 二 serves 武汉 households: nobody speaks of the rest of 湖北.
        return wuhan("文件未规定", "公告/1", "二")
    if not is_listed(facts) and as_of < WHOLE_COUNTRY:
        return wuhan("省份暂未开通", "公告/1")
    outcome, clauses = wuhan_refusal(facts["不予受理情形"]) or wuhan_residence(facts)
    # Who was not on the list of 2016 may apply only by the sentence on 2017-07-01, so that it is cited too.
    return outcome, clauses + (() if is_listed(facts) else ("武汉2016/一/全国",))


def wuhan_refusal(case: str) -> Optional[Decision]:
    if case == "相貌变化且无指纹":
        return wuhan("不予异地受理", "三/2")
    if case == "证件违法行为":
        return wuhan("不予异地受理", "三/3")
    if case == "不良信用记录":
        return wuhan("不予异地受理", "三/4")
    if case == "信息不一致":
        # Reading: only 济宁 has this case; 三/2 (难以确认身份) is the nearest clause.
        return wuhan("文件未规定", "三/2")
    return None


FIVE_CONDITIONS = ("一/1", "一/2", "一/3", "一/4", "一/5")
REGISTERED_CONDITIONS = {"户口簿或原身份证": "一/2", "劳动合同或执照": "一/3", "居住证明": "一/4"}


def wuhan_residence(facts: dict) -> Decision:
    """The five conditions of 一, any one of which is enough, and 特别提示. Who meets several: the first in print."""
    if facts["是否有居住证"]:
        return wuhan("可以异地受理", "一/1")
    proof = facts["居住凭证"]
    if proof == "学生证":
        return wuhan("可以异地受理", "一/5")
    if proof == "无":
        return wuhan("缺少居住凭证", *FIVE_CONDITIONS)
    condition = REGISTERED_CONDITIONS[proof]
    if not facts["是否登记流动人口"]:
        return wuhan("应先登记流动人口", condition, "一/提示")
    if facts["是否当天登记"]:
        return wuhan("次日再来办理", "一/提示")
    return wuhan("可以异地受理", condition)


def wuhan_temporary_card(facts: dict, as_of: date) -> Decision:
    if is_wuhan_household(facts):
        return wuhan("应在户籍地申请临时身份证", "五")
    # Reading: 五 gives the right to 武汉 households; that others lack it is the plain inference.
    return wuhan("不能办临时身份证", "五")


def wuhan_papers(facts: dict, as_of: date) -> Decision:
    if facts["是否有居住证"]:
        return wuhan("持居住证", "一/1")
    return {
        "户口簿或原身份证": wuhan("持户口簿或原身份证", "一/2"),
        "劳动合同或执照": wuhan("持劳动合同或执照", "一/3"),
        "居住证明": wuhan("持居住证明", "一/4"),
        "学生证": wuhan("持学生证", "一/5"),
        "无": wuhan("缺少居住凭证", *FIVE_CONDITIONS),
    }[facts["居住凭证"]]


def wuhan_residence_registration(facts: dict, as_of: date) -> Decision:
    if is_wuhan_household(facts):
        return wuhan("不需要", "二")
    if facts["是否有居住证"]:
        return wuhan("不需要", "一/1")
    proof = facts["居住凭证"]
    if proof == "学生证":
        return wuhan("不需要", "一/5")
    if proof == "无":
        return wuhan("缺少居住凭证", *FIVE_CONDITIONS)
    return wuhan("先登记再办理", REGISTERED_CONDITIONS[proof], "一/提示")


def wuhan_fee(facts: dict, as_of: date) -> Decision:
    """The notice names no sum; the national rule is named beside it, as national."""
    if facts["办理类型"] != "首次申领":
        return "文件未规定", ("发改价格2003-2322",)
    if as_of >= FIRST_CARD_FREE:
        return "文件未规定", ("财税2018-37",)
    return "文件未规定", ("居民身份证法/二十",)


# ---- 济宁 -----------------------------------------------------------------------------------------------

def jining_reception(facts: dict, as_of: date) -> Decision:
    """Wherever in the country the household is: 一 tells nobody apart. It grants the right, 三/一 names the paper."""
    if facts["办理类型"] == "首次申领":
        return jining("应回户籍地办理", "五/1")
    refusals = {"信息不一致": "五/2", "相貌变化且无指纹": "五/3", "证件违法行为": "五/4", "不良信用记录": "五/5"}
    if facts["不予受理情形"] in refusals:
        return jining("不予异地受理", refusals[facts["不予受理情形"]])
    clause = paper_clause(facts)
    if clause is None:
        return jining("可以容缺受理", "三/二")
    return jining("可以异地受理", "一", clause)


def paper_clause(facts: dict) -> Optional[str]:
    """三/一: which of the six papers is shown; None when none counts."""
    paper = facts["有效身份证件"]
    if paper == "居民身份证" and facts["办理类型"] != "换领":
        return None  # 仅限居民身份证换领
    numbers = {"户口簿": 1, "居民身份证": 2, "居住证": 3, "驾驶证": 4, "护照": 5, "其他": 6}
    return f"三/一/{numbers[paper]}" if paper in numbers else None


def jining_papers(facts: dict, as_of: date) -> Decision:
    if facts["办理类型"] == "首次申领":
        return jining("应回户籍地办理", "五/1")
    clause = paper_clause(facts)
    if clause is None:
        return jining("可以容缺受理", "三/二")
    return jining("持有效身份证件", clause)


def jining_classification(facts: dict, as_of: date) -> Decision:
    if facts["户籍省份"] != "山东":
        return jining("跨省", "二")
    if facts["户籍城市"] != "济宁":
        return jining("省内跨地市", "二")
    if one_county(facts["户籍区县"]) == one_county(facts["所在区县"]):
        return jining("县区内跨所", "二", "四")
    return jining("市内跨县区", "二", "四")


def one_county(name: str) -> str:
    return "市辖区" if name in JINING_URBAN else name


def jining_residence_registration(facts: dict, as_of: date) -> Decision:
    if jining_classification(facts, as_of)[0] == "县区内跨所":
        return jining("不需要", "四")
    return jining("受理后办理", "四")


def jining_temporary_card(facts: dict, as_of: date) -> Decision:
    if facts["户籍省份"] != "山东":
        return jining("可出具临时身份证明", "十二")
    if facts["办理类型"] == "首次申领":
        return "应回户籍地办理", ("济宁2020/五/1", "临时身份证办法/九")
    # Reading: the prefectures of 山东 without the system are not named, so none is excepted here.
    return jining("可以当场领临时身份证", "十二")


def jining_fee(facts: dict, as_of: date) -> Decision:
    if facts["办理类型"] == "首次申领":
        return "文件未规定", ("财税2018-37",)
    if facts["办理原因"] == "有效期满":
        return jining("20元", "七")
    return jining("40元", "七")


# ---- both -----------------------------------------------------------------------------------------------

TABLES = {
    ("reception", "武汉"): (wuhan_reception, WUHAN_NOTICE),
    ("cross_district", "武汉"): (wuhan_cross_district, WUHAN_NOTICE),
    ("temporary_card", "武汉"): (wuhan_temporary_card, WUHAN_NOTICE),
    ("papers", "武汉"): (wuhan_papers, WUHAN_NOTICE),
    ("residence_registration", "武汉"): (wuhan_residence_registration, WUHAN_NOTICE),
    ("fee", "武汉"): (wuhan_fee, WUHAN_NOTICE),
    ("reception", "济宁"): (jining_reception, JINING_RULES),
    ("temporary_card", "济宁"): (jining_temporary_card, JINING_RULES),
    ("papers", "济宁"): (jining_papers, JINING_RULES),
    ("residence_registration", "济宁"): (jining_residence_registration, JINING_RULES),
    ("classification", "济宁"): (jining_classification, JINING_RULES),
    ("fee", "济宁"): (jining_fee, JINING_RULES),
}


def clerk(policy: str, city: str, facts: dict, as_of: date) -> Decision:
    """Outcome and cited clauses for a complete set of facts."""
    rule, in_force = TABLES[policy, city]
    return rule(facts, as_of) if as_of >= in_force else UNSAID


def national_fee(policy: str, city: str, facts: dict, as_of: date) -> Optional[str]:
    """The national sum beside a fee decision that the local document leaves open; None elsewhere."""
    outcome, cites = clerk(policy, city, facts, as_of)
    if policy != "fee" or outcome != "文件未规定" or not cites:
        return None
    if cites == ("发改价格2003-2322",):
        return "20元" if facts["办理原因"] == "有效期满" else "40元"
    return "免费" if cites == ("财税2018-37",) else None


# ---- every consistent combination -----------------------------------------------------------------------

def households() -> list[dict]:
    return [{"户籍省份": province, "户籍城市": city} for province, cities in PREFECTURES.items() for city in cities]


def jining_places() -> list[dict]:
    """Household and place of application down to the county, where 济宁 tells counties apart."""
    homes = [home for home in households() if home["户籍城市"] != "济宁"]
    homes += [{"户籍省份": "山东", "户籍城市": "济宁", "户籍区县": county} for county in JINING_COUNTIES]
    return [{**home, "所在区县": county} for home in homes for county in JINING_COUNTIES]


def one(fact: str, values: tuple) -> list[dict]:
    return [{fact: value} for value in values]


TYPE, URGENT, REFUSAL = one("办理类型", TYPES), one("是否急需用证", (True, False)), one("不予受理情形", REFUSALS)
PERMIT, PROOF, PAPER = one("是否有居住证", (True, False)), one("居住凭证", PROOFS), one("有效身份证件", PAPERS)
REGISTRATION = [  # registered today is registered: the fourth combination contradicts itself
    {"是否登记流动人口": False, "是否当天登记": False},
    {"是否登记流动人口": True, "是否当天登记": True},
    {"是否登记流动人口": True, "是否当天登记": False},
]
REASON = [
    {"办理类型": "首次申领"},
    {"办理类型": "换领", "办理原因": "有效期满"},
    {"办理类型": "换领", "办理原因": "损坏"},
    {"办理类型": "补领", "办理原因": "丢失"},
]
WUHAN_HOUSEHOLD = [{"户籍省份": "湖北", "户籍城市": "武汉"}]


def dimensions(policy: str, city: str) -> tuple[list[dict], ...]:
    """What may vary in a table; independent dimensions, each a list of small fact sets."""
    home = households()
    return {
        ("reception", "武汉"): (home, TYPE, URGENT, REFUSAL, PERMIT, PROOF, REGISTRATION),
        ("cross_district", "武汉"): (WUHAN_HOUSEHOLD, TYPE, URGENT),
        ("temporary_card", "武汉"): (home, TYPE, URGENT),
        ("papers", "武汉"): (PERMIT, PROOF, REGISTRATION),
        ("residence_registration", "武汉"): (home, PERMIT, PROOF, REGISTRATION),
        ("fee", "武汉"): (REASON,),
        ("reception", "济宁"): (home, TYPE, REFUSAL, PAPER),
        ("temporary_card", "济宁"): (home, TYPE),
        ("papers", "济宁"): (TYPE, PAPER),
        ("residence_registration", "济宁"): (jining_places(),),
        ("classification", "济宁"): (jining_places(),),
        ("fee", "济宁"): (REASON,),
    }[policy, city]


def all_facts(policy: str, city: str) -> Iterator[dict]:
    """Every consistent combination of the fact values the document tells apart."""
    for parts in product(*dimensions(policy, city)):
        yield {fact: value for part in parts for fact, value in part.items()}
