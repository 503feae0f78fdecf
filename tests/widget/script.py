"""What the scripted bot says: the words and twins of the real one, for one citizen who has lost the card in 武汉."""
from __future__ import annotations

OLD = "文件较早，去之前最好先打电话问一下。"
CLAUSE = "依据：武汉市2016年公告“（一）异地身份证受理”第（4）项（2016年9月29日）。" + OLD
CASE = {"topic": "能否异地办理", "city": "武汉"}
AS_OF = {"as_of": "2026-11-21"}

GREETING = {"text": "您好！我是居民身份证办事助手，武汉、济宁的换证、补证、异地办理、临时身份证都可以问我。您想问什么？",
            "titles": ["能不能在这里办", "要带什么材料", "要花多少钱", "去哪里办"], "custom": {"kind": "smalltalk"}}
FIRST = "我河南的，身份证丢了，能在武汉补吗"


def question(text: str, asks: str, number: int, left: int, titles: tuple[str, ...] = ()) -> dict:
    return {"text": text, "titles": titles, "custom": {"kind": "question", **CASE, "asks": asks, "step": {"number": number, "left": left}}}


REFUSALS = question("下面这些情况，有没有符合您的？大多数人都没有。", "不予受理情形", 1, 3,
                    ("都没有", "相貌变化大，又没录过指纹", "姓名等信息和户口对不上", "有伪造、冒用证件的记录", "有国家推送的不良信用记录"))
PERMIT = question("您有《武汉市居住证》吗？要在有效期内的。", "是否有居住证", 2, 2, ("有居住证", "没有居住证"))
REGISTERED = question("您在武汉登记过流动人口信息吗？", "是否登记", 3, 1, ("登记过", "没登记过"))
DISTRICT = question("您住在哪个区或者县？（也可以说附近的地名）", "所在区县", 4, 0)
DECISION = {"text": f"可以，您能在武汉就近的异地受理点办，不用回老家。\n原因：有居住证明，并且登记了流动人口信息。\n{CLAUSE}",
            "custom": {"kind": "decision", **CASE, "outcome": "可以异地受理", "cites": ["武汉2016/一/4"], **AS_OF}}
CHECKLIST = {"text": "办理清单\n要带：房产证、租房合同、亲友提供住房的证明，或街道、社区开的居住证明，有一样就行（还要有武汉的流动人员登记信息）\n"
                     f"工本费：武汉的文件没有写；国家标准是每证40元，以窗口为准\n1. 带上材料到住处附近的异地受理点申请\n2. 领取《居民身份证领取凭证》\n{CLAUSE}",
             "custom": {"kind": "checklist", **CASE, "outcome": "可以异地受理", "cites": ["武汉2016/一/4"], **AS_OF}}
STATIONS = {"text": "光谷有2个可以去：\n1. 同心所（东新） 东湖高新开发区流芳路88号 电话 027-85391728\n2. 关东所（东新） 关东街纺织路 电话 50777217\n"
                    f"用手机或在外地拨打，前面加区号027。\n依据：武汉市2016年公告“武汉市异地办证受理点一览表”（2016年9月29日）。{OLD}",
            "custom": {"kind": "stations", "topic": "哪里办", "city": "武汉", "cites": ["武汉2016/受理点"], **AS_OF, "stations": [
                {"name": "同心所", "bureau": "东新", "address": "东湖高新开发区流芳路88号", "phone": "027-85391728", "tel": "02785391728",
                 "reason": "光谷属东湖高新区"},
                {"name": "关东所", "bureau": "东新", "address": "关东街纺织路", "phone": "50777217", "tel": "02750777217",
                 "reason": "光谷属东湖高新区"}]}}

SCRIPT = {
    FIRST: [REFUSALS],
    "都没有": [PERMIT],
    "没有居住证": [REGISTERED],
    "登记过": [DECISION, CHECKLIST, DISTRICT],
    "光谷": [STATIONS],
    "刚才说错了，有居住证": [DECISION],
    "转人工": [{"text": "我转不了人工。您告诉我哪个区，我把受理点的电话给您；也可以打12345热线。", "custom": {"kind": "handoff", "topic": "转人工"}}],
    "重新开始": [{"text": "好的，我们重新开始，前面说的我都忘掉。您想问什么？", "custom": {"kind": "smalltalk"}}],
    "上一步": [PERMIT],
}


def replies_to(text: str) -> list[dict]:
    return SCRIPT.get(text) or [{"text": f"您说的是：{text}", "custom": {"kind": "answer", "topic": "工本费", "city": "武汉"}}]
