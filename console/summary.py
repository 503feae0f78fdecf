"""What lists and figures need to know of a conversation, from its turns. Pure."""
from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from console.masking import hide
from console.turns import Session, Turn
from idcard.knowledge import Knowledge

LOCAL = ZoneInfo("Asia/Shanghai")
OLD_YEARS = 5
NOT_COVERED = "文件未规定"
RESULTS = ("已答复", "中途离开", "转人工", "没答上", "不归我们", "寒暄")
WEIGHT = ("decision", "checklist", "stations", "answer", "handoff", "question", "clarify", "apology", "smalltalk")
ANSWERS = frozenset(WEIGHT[:4])
OUT_OF_SCOPE, CHATTER = "超出范围", frozenset({"问候", "告别", "感谢", "身份询问", "帮助", "闲聊", "辱骂", "好评", "差评"})
NOT_UNDERSTOOD = "不清楚"  # the topic of what the assistant says then; of a citizen the intent to have something explained
FELL_BACK, ASKED_BACK, NOT_SAID = "没听懂", "反问", "没规定"
MOST_LETTERS = {"text": 600, "opening": 80}


def twins(turn: Turn) -> list[dict[str, Any]]:
    return [dict(reply.twin) for reply in turn.replies if reply.twin]


def weightiest(found: Sequence[Mapping[str, Any]]) -> str:
    """The weightiest kind among the twins of a reply; empty where there is none."""
    kinds = {twin.get("kind") for twin in found}
    return next((one for one in WEIGHT if one in kinds), "")


def unclear(turn: Turn) -> str:
    """Why the citizen has no answer yet: not understood, asked back, or not in the documents; empty otherwise."""
    kinds, topics = ({twin.get(key) for twin in twins(turn)} for key in ("kind", "topic"))
    failed = kinds == {"question"} and turn.intent != NOT_UNDERSTOOD and _tries(turn.after) > _tries(turn.before)
    if NOT_UNDERSTOOD in topics or failed or not turn.replies or kinds == {"apology"}:
        return FELL_BACK
    if any(twin.get("outcome") == NOT_COVERED for twin in twins(turn)):
        return NOT_SAID
    return ASKED_BACK if "clarify" in kinds and not kinds & ANSWERS and OUT_OF_SCOPE not in topics else ""


def _tries(slots: Mapping[str, Any]) -> float:
    """How many messages in a row did not answer the question that is open, as the assistant counts them."""
    return float(slots.get("failed_tries") or 0)


def turn_row(session: Session, turn: Turn, number: int) -> dict[str, Any]:
    """The columns of a Turn of the read model."""
    found = twins(turn)
    return {
        "event": turn.event, "conversation_id": session.first_event, "number": number, "at": moment(turn.at),
        "text": hide(turn.text[:MOST_LETTERS["text"]]), "intent": turn.intent, "confidence": turn.confidence, "margin": turn.margin,
        "kind": weightiest(found), "topics": _distinct(twin["topic"] for twin in found if "topic" in twin),
        "asks": next((twin["asks"] for twin in reversed(found) if "asks" in twin), ""),
        "outcome": next((twin["outcome"] for twin in found if "outcome" in twin), ""),
        "cites": _distinct(clause for twin in found for clause in twin.get("cites", ())),
        "city": next((twin["city"] for twin in found if "city" in twin), ""), "unclear": unclear(turn), "seconds": turn.seconds,
    }


def conversation_row(session: Session, rows: Sequence[dict[str, Any]], knowledge: Knowledge) -> dict[str, Any]:
    """The projected columns of a Conversation, given those of its turns."""
    started, intents, flags = moment(session.turns[0].at), [row["intent"] for row in rows], {row["unclear"] for row in rows}
    here = started.astimezone(LOCAL)
    digest = hashlib.sha256(f"{session.sender} {session.first_event}".encode()).hexdigest()
    return {
        "id": session.first_event, "sender": session.sender, "code": f"{int(digest[16:24], 16) % 10**8:08}", "last_event": session.last_event,
        "channel": session.channel[:40], "model": session.model[:40], "started": started, "ended": moment(session.turns[-1].at),
        "day": here.date(), "hour": here.hour, "messages": len(rows),
        "city": next((row["city"] for row in reversed(rows) if row["city"]), ""),
        "least_confidence": min(row["confidence"] for row in rows), "least_margin": min(row["margin"] for row in rows),
        "slowest": max(row["seconds"] for row in rows),
        "fell_back": FELL_BACK in flags, "asked_back": ASKED_BACK in flags, "unanswered": NOT_SAID in flags,
        "out_of_scope": OUT_OF_SCOPE in intents, "old_source": any(_is_old(row, knowledge) for row in rows),
        "result": result(rows, session.wants_staff), "outcome": next((row["outcome"] for row in reversed(rows) if row["outcome"]), ""),
        "last_asked": next((row["asks"] for row in reversed(rows) if row["asks"]), ""),
        "feedback": session.rating or next((intent for intent in reversed(intents) if intent in ("好评", "差评")), ""),
        "feedback_reason": hide(session.rating_reason)[:200],
        "opening": rows[0]["text"][:MOST_LETTERS["opening"]], "lot": int(digest[8:16], 16) % 1000,
    }


def result(rows: Sequence[dict[str, Any]], wants_staff: bool = False) -> str:
    """How a conversation ended, one of RESULTS."""
    if wants_staff or any(row["kind"] == "handoff" for row in rows):
        return "转人工"
    if all(row["intent"] in CHATTER for row in rows):
        return "寒暄"
    last = next(row for row in reversed(rows) if row["intent"] not in CHATTER)
    if last["asks"]:
        return "中途离开"
    if last["unclear"] and not (last["unclear"] == NOT_SAID and last["outcome"] != NOT_COVERED):  # of two topics one was answered
        return "没答上"
    answered = any(row["kind"] in ANSWERS for row in rows if row["intent"] != OUT_OF_SCOPE)
    return "已答复" if answered else "不归我们" if OUT_OF_SCOPE in {row["intent"] for row in rows} else "没答上"


def tags(rows: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    """What the conversation can be found by although it occurs many times in it: (what, name)."""
    found = {("意图", row["intent"]) for row in rows} | {("追问", row["asks"]) for row in rows} | {("结论", row["outcome"]) for row in rows}
    found |= {("话题", topic) for row in rows for topic in row["topics"]}
    found |= {("条款", clause) for row in rows for clause in row["cites"]}
    return {(what, name) for what, name in found if name}


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _distinct(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _is_old(row: dict[str, Any], knowledge: Knowledge) -> bool:
    dates = (knowledge.clauses[clause].document.date for clause in row["cites"] if clause in knowledge.clauses)
    return any(row["at"].year - int(date[:4]) > OLD_YEARS for date in dates)
