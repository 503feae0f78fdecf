"""Which rule decided an answer: the row of the policy table that holds for the facts of that turn, found again with the core."""
from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Callable, Mapping, Optional, Sequence

from console.masking import hide
from console.turns import Turn
from idcard.facts import ContradictionError
from idcard.knowledge import Knowledge, load
from idcard.policy import Decision, decide
from idcard.privacy import mask


@dataclass(frozen=True)
class Decided:
    """An outcome with its clauses, and the row (file:line) that gives it today for the same facts; "" where it no longer does."""

    topic: str
    outcome: str
    row: str
    reason: str
    used: Sequence[str]
    clauses: Sequence[Any]  # idcard.sources.Clause


def decided(turn: Turn, facts: Mapping[str, Any], as_of: date) -> list[Decided]:
    """One entry for each outcome and topic of the reply that rests on clauses."""
    knowledge, found = load(), {}
    for twin in (reply.twin for reply in turn.replies if reply.twin.get("cites")):
        decision = _again(knowledge, twin, facts, as_of)
        topic, outcome = twin.get("topic", ""), twin.get("outcome", "")
        before = found[topic, outcome].clauses if (topic, outcome) in found else ()
        cited = [knowledge.clauses[clause] for clause in twin["cites"] if clause in knowledge.clauses]
        found[topic, outcome] = Decided(topic, outcome, f"{decision.policy}.yml：{decision.row}" if decision else "",
                                        decision.reason if decision else "", decision.used if decision else (),
                                        [*before, *(clause for clause in cited if clause not in before)])
    return list(found.values())


def _again(knowledge: Knowledge, twin: Mapping[str, Any], facts: Mapping[str, Any], as_of: date) -> Optional[Decision]:
    """The decision that the tables give for these facts, when it is the one that was given."""
    table = knowledge.table(str(twin.get("topic", "")), str(twin.get("city", "")))
    if table is None or not twin.get("outcome"):
        return None
    try:
        decision = decide(table, facts, as_of, knowledge.model, knowledge.tables)
    except (ContradictionError, KeyError, ValueError):  # facts of an older vocabulary
        return None
    return decision if isinstance(decision, Decision) and decision.outcome == twin["outcome"] else None


def readable(kind: str, data: str) -> str:
    """The JSON of an event with readable Chinese; what comes from the citizen is hidden as elsewhere."""
    conceal = hide if kind in ("user", "slot") else lambda text: mask(text, load().public)
    return json.dumps(_hidden(json.loads(data), conceal), ensure_ascii=False, indent=1)


def _hidden(value: Any, conceal: Callable[[str], str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _hidden(inner, conceal, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_hidden(inner, conceal, key) for inner in value]
    technical = key.endswith("_id") or key in ("name", "policy", "extractor", "event")
    return conceal(value) if isinstance(value, str) and not technical else value
