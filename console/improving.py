"""From a corrected message to data: proposed by one person, checked, approved by another, exported as YAML.

    训练 → an example for data/nlu.yml          检验 → a case for tests/cases/understanding
    对话 → a case for tests/conversations
"""
from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

import yaml
from django.db import transaction
from django.utils import timezone

from console.assistant_scripts import check_candidates
from console.masking import hide
from console.models import Account, Correction, Turn
from console.models.reviews import PURPOSES
from console.turns import Session
from console.turns import Turn as Said

PENDING, APPROVED, RETURNED, EXPORTED = "待批准", "已批准", "已退回", "已导出"
SENTENCES = ("训练", "检验")
STAR = "*"


class Refused(Exception):
    """A proposal or a decision that cannot be taken; the message says why."""


def propose(author: Account, turn: Optional[Turn], purpose: str, text: str, intents: Sequence[str],
            entities: Sequence[Mapping[str, str]] = ()) -> Correction:
    """A sentence for training or for testing. Raises Refused for a near-duplicate, a leak or an unknown intent."""
    text = " ".join(text.split())
    if STAR in hide(text):
        raise Refused("句子里有遮住的内容，或者有号码、姓名、门牌。请换成一句不带个人信息的话。")
    correction = Correction(turn=turn, purpose=purpose, text=text, intents=list(intents), entities=list(entities), author=author)
    _check(correction)
    correction.save()
    return correction


def propose_conversation(author: Account, turn: Turn, name: str, turns: Sequence[Mapping[str, Any]]) -> Correction:
    """A whole conversation with what is right in it."""
    if not name.strip():
        raise Refused("给用例起个名字，用一句话说清楚它验什么。")
    if any(STAR in hide(one.get("say", "")) for one in turns):
        raise Refused("对话里有遮住的内容，不能作用例。")
    case = {"name": name.strip(), "turns": [dict(one) for one in turns]}
    return Correction.objects.create(turn=turn, purpose="对话", text=name.strip(), case=case, author=author)


def case_turns(session: Session) -> list[dict[str, Any]]:
    """The turns of a conversation case, with what the assistant answered as what is expected."""
    return [{"press" if turn.pressed else "say": hide(turn.text), "expect": _expected(turn)} for turn in session.turns]


def _expected(turn: Said) -> dict[str, Any]:
    twins = [reply.twin for reply in turn.replies if reply.twin]
    found: dict[str, Any] = {"asks": next((twin["asks"] for twin in twins if "asks" in twin), None)}
    decided = next((twin for twin in twins if twin.get("kind") == "decision"), None) or next((twin for twin in twins if "topic" in twin), {})
    for key in ("topic", "city", "outcome"):
        if decided.get(key):
            found[key] = decided[key]
    return {**found, **({"cites": list(decided["cites"])} if decided.get("kind") == "decision" and decided.get("cites") else {})}


def decide(correction: Correction, approver: Account, approve: bool, reason: str = "") -> None:
    """Approve or return a proposal. Not one's own; checked once more, since others may have come in between."""
    if correction.author_id == approver.pk:
        raise Refused("自己提的要由另一个人批准。")
    if approve and correction.purpose in SENTENCES:
        _check(correction)
    values = {"state": APPROVED if approve else RETURNED, "approver": approver, "decided": timezone.now(), "reason": reason[:200]}
    if not Correction.objects.filter(pk=correction.pk, state=PENDING).update(**values):
        raise Refused("别人已经处理过了。")


def _check(correction: Correction) -> None:
    others = Correction.objects.filter(purpose__in=SENTENCES).exclude(pk=correction.pk).exclude(state=RETURNED).order_by("id")
    candidates = [_candidate(one) for one in (*others, correction)]
    problems = [found["problem"] for found in check_candidates(candidates) if found["candidate"] == len(candidates) - 1]
    if problems:
        raise Refused(f"“{correction.text}”{problems[0]}。")


def _candidate(correction: Correction) -> dict[str, Any]:
    return {"purpose": correction.purpose, "text": correction.text, "intents": correction.intents}


def export(purpose: str) -> str:
    """The approved ones as YAML; they count as exported afterwards. Raises Refused where the data files would no longer be valid."""
    with transaction.atomic():
        rows = list(Correction.objects.select_for_update().filter(purpose=purpose, state=APPROVED).order_by("id"))
        if not rows:
            raise Refused(f"没有批准了还没导出的{PURPOSES[purpose]}。")
        if purpose in SENTENCES:
            problems = check_candidates([_candidate(one) for one in rows], whole=True)
            if problems:
                raise Refused("；".join(found["problem"] for found in problems[:5]))
        text = written(purpose, rows)
        Correction.objects.filter(pk__in=[one.pk for one in rows]).update(state=EXPORTED)
    return text


def written(purpose: str, rows: Sequence[Correction]) -> str:
    """The file: what is added to data/nlu.yml, to tests/cases/understanding, or to tests/conversations."""
    if purpose == "训练":
        by_intent: dict[str, list[str]] = {}
        for row in rows:
            by_intent.setdefault(row.intents[0], []).append(row.text)
        blocks = ["  - intent: {}\n    examples: |\n{}".format(intent, "".join(f"      - {text}\n" for text in texts))
                  for intent, texts in by_intent.items()]
        return 'version: "3.1"\n\nnlu:\n\n' + "\n".join(blocks)
    cases = [row.case if purpose == "对话" else _case(row) for row in rows]
    return yaml.safe_dump(cases, allow_unicode=True, sort_keys=False, width=1000)


def _case(row: Correction) -> dict[str, Any]:
    reading = {"intent": row.intents[0]} if len(row.intents) == 1 else {"intents": row.intents}
    return {"text": row.text, **reading, **({"entities": row.entities} if row.entities else {})}
