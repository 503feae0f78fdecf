"""One citizen's question decided as a clerk would: the table of the topic, what comes along with it, what to bring."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Container, Optional, Union

from idcard.facts import Facts
from idcard.knowledge import Knowledge
from idcard.policy import Ask, Decision, Outcome, Table, decide

# Topics that are decided for the person who asks; in a city without a table of its own, by the table named here.
DECIDED = {"能否异地办理": "能否异地办理", "市内跨区办理": "能否异地办理", "临时身份证": "临时身份证"}
# Topics that begin as "how do I get one" and become a decision about getting it here.
LEADS_TO = {"补领": "能否异地办理", "换领": "能否异地办理", "首次申领": "能否异地办理"}
BY_PLACE = ("哪里办", "站点信息")  # answered with stations where a place is known
ACCEPTED = ("可以异地受理", "可以容缺受理", "可以市内跨区办理")


@dataclass(frozen=True)
class Consultation:
    """A decided question. `carried` holds 受理分类 and 居住登记 by topic; papers and fee where they are decided too."""

    decision: Decision
    outcome: Outcome
    carried: dict[str, Decision]
    papers: Optional[Decision] = None
    fees: tuple[tuple[str, Decision], ...] = ()  # by reason, where the reason is not told; else one under ''

    @property
    def accepted(self) -> bool:
        return self.decision.outcome in ACCEPTED

    @property
    def cites(self) -> tuple[str, ...]:
        parts = [self.decision, *self.carried.values()]
        return tuple(dict.fromkeys(cite for part in parts for cite in part.cites))


def table_for(knowledge: Knowledge, topic: str, city: str) -> Optional[Table]:
    """The table that decides `topic` in `city`; None for a topic that has only an answer."""
    if topic not in DECIDED:
        return None
    return knowledge.table(topic, city) or knowledge.table(DECIDED[topic], city)


def consult(knowledge: Knowledge, topic: str, city: str, facts: Facts, as_of: date,
            left_open: Container[str] = ()) -> Union[Consultation, Ask]:
    """Decide `topic` for one citizen, or name the one fact to ask next.

    `left_open` are facts that the citizen cannot tell: what is only carried along and needs them is left out.
    Raises KeyError for a topic without a table, ContradictionError for facts that cannot all hold.
    """
    table = _table_for_household(knowledge, topic, city, facts)
    if table is None:
        raise KeyError(topic)
    decision = _decide(knowledge, table, facts, as_of)
    if isinstance(decision, Ask):
        return replace(decision, topic=topic, ahead=decision.ahead + _ahead_of_carried(knowledge, table, facts, as_of))
    outcome = _outcome(knowledge, decision)
    carried: dict[str, Decision] = {}
    for policy in outcome.adds:
        extra = _decide(knowledge, knowledge.tables[policy, city], facts, as_of)
        if isinstance(extra, Decision):
            carried[extra.topic] = extra
        elif extra.fact not in left_open:
            return replace(extra, topic=topic)
    return Consultation(replace(decision, topic=topic), outcome, carried,
                        _papers(knowledge, decision, facts, as_of), _fees(knowledge, city, facts, as_of))


def _ahead_of_carried(knowledge: Knowledge, table: Table, facts: Facts, as_of: date) -> int:
    """How many facts usually follow for what is carried along with a favourable outcome."""
    policies = {policy for outcome in table.outcomes.values() for policy in outcome.adds}
    asks = [_decide(knowledge, knowledge.tables[policy, table.city], facts, as_of) for policy in policies]
    return max((ask.ahead + 1 for ask in asks if isinstance(ask, Ask)), default=0)


def decide_if_known(knowledge: Knowledge, topic: str, city: str, facts: Facts, as_of: date) -> Optional[Decision]:
    """The decision of `topic` when the known facts suffice, else None."""
    table = knowledge.table(topic, city)
    decision = _decide(knowledge, table, facts, as_of) if table else None
    return decision if isinstance(decision, Decision) else None


def _fees(knowledge: Knowledge, city: str, facts: Facts, as_of: date) -> tuple[tuple[str, Decision], ...]:
    """The fee of this case; where the reason is not told, that of each reason it may have."""
    fee = decide_if_known(knowledge, "工本费", city, facts, as_of)
    if fee:
        return (("", fee),)
    reasons = [reason for reason, implied in knowledge.model.facts["办理原因"].implies.items()
               if implied.get("办理类型") == facts.get("办理类型")]
    fees = [(str(reason), decide_if_known(knowledge, "工本费", city, {**facts, "办理原因": reason}, as_of)) for reason in reasons]
    return tuple((reason, fee) for reason, fee in fees if fee)


def _table_for_household(knowledge: Knowledge, topic: str, city: str, facts: Facts) -> Optional[Table]:
    """市内跨区办理 is a question of local people: with another or an unknown household the reception table asks first."""
    if topic == "市内跨区办理" and knowledge.model.complete(facts).get("户籍城市") != city:
        return knowledge.table(DECIDED[topic], city)
    return table_for(knowledge, topic, city)


def _papers(knowledge: Knowledge, decision: Decision, facts: Facts, as_of: date) -> Optional[Decision]:
    """What to bring, where the decision depends on a paper (a 武汉 household changing district needs none of the five).

    A residence permit that was never asked about was not needed: the paper they named is what they bring.
    """
    if decision.outcome not in ("可以异地受理", "可以容缺受理", "次日再来办理", "应先登记流动人口"):
        return None
    known = {name: value for name, value in facts.items() if value is not None}
    return decide_if_known(knowledge, "所需材料", decision.city, {"是否有居住证": False, **known}, as_of)


def _decide(knowledge: Knowledge, table: Table, facts: Facts, as_of: date) -> Union[Decision, Ask]:
    return decide(table, facts, as_of, knowledge.model, knowledge.tables)


def _outcome(knowledge: Knowledge, decision: Decision) -> Outcome:
    """The wording of an outcome: in the table that decided, which may be another than the one asked."""
    table = knowledge.tables[decision.policy, decision.city]
    return table.outcomes.get(decision.outcome) or Outcome(f"{decision.reason}。", ("先打电话问受理点或派出所",))
