"""What another model would read and answer differently in past conversations, seen before it ships.

The model is compared with what was answered then, or with another model led through the same conversations. A reading is
{"intent", "confidence", "kind", "topic", "asks", "outcome"}.
"""
from __future__ import annotations

import threading
from collections import Counter
from typing import Any, Iterator, Mapping, Optional, Sequence

from django.db import close_old_connections

from console import judging, projector
from console.assistant_scripts import ScriptFailed, replay
from console.environment import ROOT
from console.improving import APPROVED, EXPORTED
from console.models import Conversation, Correction, Replay, ReplayDifference, Turn
from console.summary import twins, weightiest
from console.turns import Session, intent_name
from console.turns import Turn as Said

WAITING, RUNNING, DONE, FAILED = "排队", "进行", "完成", "失败"
COMPARED = {"intent": "意图", "kind": "方式", "topic": "话题", "asks": "追问", "outcome": "结论"}  # and what staff call it
Reading = Mapping[str, Any]


def models() -> list[str]:
    """Model archives of models/, newest first, relative to the project."""
    found = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda file: -file.stat().st_mtime)
    return [str(file.relative_to(ROOT)) for file in found]


def start(run: Replay) -> None:
    """Lead the conversations in the background; the page shows how far it is."""
    threading.Thread(target=_work, args=(run.pk,), daemon=True).start()


def _work(key: int) -> None:
    try:
        lead(Replay.objects.get(pk=key))
    finally:
        close_old_connections()


def lead(run: Replay) -> None:
    """Lead the newest `limit` conversations once more; keep the differences and their summary."""
    stored = Replay.objects.filter(pk=run.pk)
    stored.update(state=RUNNING)
    sessions = [found for row in Conversation.objects.order_by("-id")[:run.limit] if (found := projector.transcript(row))]
    recorded = {turn.event: reading(turn) for session in sessions for turn in session.turns}
    asked = [_asked(session) for session in sessions]
    try:
        before = dict(_led(run.baseline, asked)) if run.baseline else recorded
        after = {}
        for number, (event, found) in enumerate(_led(run.model, asked), 1):
            after[event] = found
            if number % 20 == 0:
                stored.update(messages=number)
    except (ScriptFailed, OSError) as error:
        stored.update(state=FAILED, problem=str(error)[:300])
        return
    known = Turn.objects.filter(pk__in=after).values_list("pk", flat=True)  # one may have been deleted meanwhile
    ReplayDifference.objects.bulk_create(
        ReplayDifference(replay=run, turn_id=event, what="意图" if "intent" in differing else "答复", before=before[event], after=after[event])
        for event in known if (differing := differences(before[event], after[event])))
    stored.update(state=DONE, messages=len(after), summary=summary(recorded, before, after))


def _asked(session: Session) -> dict[str, Any]:
    slots = {name: value for name, value in session.turns[0].before.items() if value is not None}
    return {"slots": slots, "turns": [{"event": turn.event, "text": turn.text, "pressed": turn.pressed} for turn in session.turns]}


def _led(model: str, asked: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Reading]]:
    for found in replay(model, asked):
        yield found["event"], {"intent": intent_name({"name": found["intent"]}), "confidence": found["confidence"], **_answer(found["twins"])}


def reading(turn: Said) -> Reading:
    """How a message was read and answered when it was said."""
    return {"intent": turn.intent, "confidence": turn.confidence, **_answer(twins(turn))}


def _answer(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"kind": weightiest(found), **{name: next((twin[name] for twin in found if twin.get(name)), "") for name in ("topic", "asks", "outcome")}}


def differences(before: Reading, after: Reading) -> list[str]:
    """The keys of COMPARED in which two readings differ."""
    return [name for name in COMPARED if before[name] != after[name]]


def summary(recorded: Mapping[int, Reading], before: Mapping[int, Reading], after: Mapping[int, Reading]) -> dict[str, Any]:
    """{"differ": messages, "by": {意图: messages, …}, "reviewed": {都对, 都错, 变对, 变错, 看不出: messages that a person has judged}}."""
    found = {event: differences(before[event], after[event]) for event in after}
    by = Counter(COMPARED[name] for names in found.values() for name in names)
    judged = dict(judging.final().filter(turn__in=after).values_list("turn", "verdict"))
    approved = Correction.objects.filter(turn__in=after, state__in=(APPROVED, EXPORTED)).exclude(intents=[])
    intents = {turn: names[0] for turn, names in approved.order_by("id").values_list("turn", "intents")}
    moves = Counter(moved(*(is_right(reading[event], recorded[event], judged.get(event, ""), intents.get(event, "")) for reading in (before, after)))
                    for event in judged.keys() | intents.keys())
    return {"differ": sum(map(bool, found.values())), "by": by, "reviewed": moves}


def is_right(reading: Reading, recorded: Reading, verdict: str, intent: str) -> Optional[bool]:
    """Whether a reading is right, given what people said of the recorded one: its verdict, or the right intent where it was corrected.

    None where they do not say: what differs from a wrong answer may be right or wrong in another way.
    """
    if intent:
        return reading["intent"] == intent
    same = not differences(recorded, reading)
    return same if verdict == "正确" else False if same and verdict in judging.WRONG else None


def moved(before: Optional[bool], after: Optional[bool]) -> str:
    if before is None or after is None:
        return "看不出"
    return {(True, True): "都对", (False, False): "都错", (False, True): "变对", (True, False): "变错"}[before, after]


def mark_interrupted() -> None:
    """A process that was stopped leaves its replay unfinished: say so."""
    Replay.objects.filter(state__in=(WAITING, RUNNING)).update(state=FAILED, problem="控制台重启，重放中断了。请再来一次。")
