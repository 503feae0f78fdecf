"""What must hold of every reply, and what one turn of a case expects of it. Faults are told as sentences."""
from __future__ import annotations

import re
from typing import Any, Iterator, Mapping, Sequence

from idcard.facts import Value
from idcard.knowledge import Knowledge

LONGEST = 300  # characters; a checklist or a list of stations may be longer
LONG_KINDS = ("checklist", "stations")
RULE_KINDS = ("answer", "decision", "checklist", "stations")
KINDS = (*RULE_KINDS, "question", "clarify", "handoff", "smalltalk", "apology")
UNSAID = "文件未规定"
FEE = re.compile(r"[0-9]+ ?元")
FEE_CLAUSES = {"武汉": ("发改价格",), "济宁": ("济宁2020/七", "发改价格")}  # where the amounts that a city's replies name may stand
TRACEBACK = re.compile(r"Traceback|Error|Exception|None\b|\bTrue\b|\bFalse\b|null|undefined|\{|\}")


def always(knowledge: Knowledge, messages: Sequence[dict], facts: Mapping[str, Value]) -> Iterator[str]:
    """Faults of any reply, whatever was asked; `facts` is what is known after it."""
    if not messages:
        yield "no reply"
    for message in messages:
        yield from _message_faults(knowledge, message)
    asked = [twin["asks"] for twin in _twins(messages) if "asks" in twin]
    questions = [twin for twin in _twins(messages) if twin.get("kind") == "question"]
    if len(set(asked)) > 1 or len(questions) > 1:
        yield f"more than one question: {'、'.join(asked)}"
    for fact in set(asked):
        if facts.get(fact) is not None:
            yield f"asks {fact}, which is known: {facts[fact]}"


def _message_faults(knowledge: Knowledge, message: dict) -> Iterator[str]:
    text, twin = message.get("text") or "", message.get("custom") or {}
    kind, topic = twin.get("kind"), twin.get("topic")
    start = text[:20]
    if not text.strip():
        yield f"a message without text: {twin}"
    if kind == "apology":
        yield "an apology: something broke"
    if kind not in KINDS:
        yield f"no kind of reply: {kind} ({start}…)"
    if len(text) > LONGEST and kind not in LONG_KINDS:
        yield f"{len(text)} characters ({start}…)"
    if kind in RULE_KINDS and topic in knowledge.topics:
        if not twin.get("cites") and twin.get("outcome") != UNSAID:
            yield f"a rule without a source ({start}…)"
    if twin.get("cites") and "依据" not in text:
        yield f"cites, but its text names no source ({start}…)"
    fee_clauses = FEE_CLAUSES.get(twin.get("city", ""), ())
    if FEE.search(text) and not any(clause.startswith(fee_clauses) for clause in twin.get("cites", ())):
        yield f"a fee that no cited clause names ({start}…)"
    for clause in twin.get("cites", ()):
        if clause.startswith(tuple(city for city in knowledge.cities if city != twin.get("city", city))):
            yield f"speaks of {twin['city']}, cites {clause}"
    for clause in set(twin.get("cites", ())) - set(knowledge.clauses):
        yield f"cites {clause}, which does not exist"
    said = " ".join([text, *(button["title"] for button in message.get("buttons", ()))])
    for word in [fact.slot for fact in knowledge.model.facts.values() if fact.slot in said] + TRACEBACK.findall(said):
        yield f"says {word} ({start}…)"


def expected(expect: Mapping[str, Any], messages: Sequence[dict], facts: Mapping[str, Value]) -> Iterator[str]:
    """Faults against what one turn expects."""
    for key, wanted in expect.items():
        fault = _CHECKS[key](wanted, messages, facts)
        if fault:
            yield f"{key}: {fault}"


def _twins(messages: Sequence[dict]) -> list[dict]:
    return [message.get("custom") or {} for message in messages]


def _values(messages: Sequence[dict], key: str) -> list[str]:
    return list(dict.fromkeys(twin[key] for twin in _twins(messages) if key in twin))


def _topics(wanted: Any, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    found = _values(messages, "topic")
    wanted = [wanted] if isinstance(wanted, str) else wanted
    return "" if [topic for topic in found if topic in wanted] == wanted else f"{wanted} expected, not {found}"


def _city(wanted: str, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    found = _values(messages, "city")
    return "" if found == [wanted] else f"{wanted} expected, not {found}"


def _asks(wanted: Any, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    found = _values(messages, "asks")
    return "" if found == ([wanted] if wanted else []) else f"{wanted} expected, not {found}"


def _outcome(wanted: str, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    decided = [message for message in messages if (message.get("custom") or {}).get("kind") == "decision"]
    found = _values(decided or messages, "outcome")
    return "" if wanted in found else f"{wanted} expected, not {found}"


def _cites(wanted: list, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    found = {clause for twin in _twins(messages) for clause in twin.get("cites", ())}
    return "" if found.issuperset(wanted) else f"{wanted} expected, not {sorted(found)}"


def _stations(wanted: list, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    found = [station["name"] for twin in _twins(messages) for station in twin.get("stations", ())]
    return "" if wanted and set(found).issuperset(wanted) or found == wanted else f"{wanted} expected, not {found}"


def _kinds(wanted: list, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    found = _values(messages, "kind")
    return "" if set(found).issuperset(wanted) else f"{wanted} expected, not {found}"


def _facts(wanted: dict, _messages: Sequence[dict], facts: Mapping[str, Value]) -> str:
    other = {name: facts.get(name) for name, value in wanted.items() if facts.get(name) != value}
    return f"{other}, not {({name: wanted[name] for name in other})}" if other else ""


def _not_said(wanted: list, messages: Sequence[dict], _facts: Mapping[str, Value]) -> str:
    said = [word for word in wanted if any(word in (message.get("text") or "") for message in messages)]
    return f"says {'、'.join(said)}" if said else ""


_CHECKS = {"topic": _topics, "topics": _topics, "city": _city, "asks": _asks, "outcome": _outcome, "cites": _cites,
           "stations": _stations, "kinds": _kinds, "facts": _facts, "not_said": _not_said}
