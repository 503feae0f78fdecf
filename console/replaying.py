"""What another model would read and answer differently in past conversations, seen before it ships."""
from __future__ import annotations

import threading
from typing import Any, Mapping, Optional, Sequence

from django.db import close_old_connections

from console import projector
from console.assistant_scripts import ScriptFailed, replay
from console.environment import ROOT
from console.models import Conversation, Replay, ReplayDifference, Turn
from console.summary import twins, weightiest
from console.turns import Turn as Said

WAITING, RUNNING, DONE, FAILED = "排队", "进行", "完成", "失败"
COMPARED = ("kind", "topic", "asks", "outcome")


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
    """Lead the newest `limit` conversations once more and keep the differences."""
    Replay.objects.filter(pk=run.pk).update(state=RUNNING)
    sessions = [found for row in Conversation.objects.order_by("-id")[:run.limit] if (found := projector.transcript(row))]
    said = {turn.event: turn for session in sessions for turn in session.turns}
    known = set(Turn.objects.filter(pk__in=said).values_list("pk", flat=True))
    asked = [[{"event": turn.event, "text": turn.text, "pressed": turn.pressed} for turn in session.turns] for session in sessions]
    try:
        for number, reading in enumerate(replay(run.model, asked), 1):
            if reading["event"] in known and (found := difference(said[reading["event"]], reading)):
                ReplayDifference.objects.create(replay=run, turn_id=reading["event"], **found)
            if number % 20 == 0:
                Replay.objects.filter(pk=run.pk).update(messages=number)
        Replay.objects.filter(pk=run.pk).update(state=DONE, messages=len(said))
    except (ScriptFailed, OSError) as error:
        Replay.objects.filter(pk=run.pk).update(state=FAILED, problem=str(error)[:300])


def difference(turn: Said, reading: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """What is not the same, or None. The intent counts first; where it is the same, the answer."""
    before = {"intent": turn.intent, "confidence": turn.confidence, **_answer(twins(turn))}
    after = {"intent": reading["intent"], "confidence": reading["confidence"], **_answer(reading["twins"])}
    if before["intent"] != after["intent"]:
        return {"what": "意图", "before": before, "after": after}
    if any(before[name] != after[name] for name in COMPARED):
        return {"what": "答复", "before": before, "after": after}
    return None


def _answer(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"kind": weightiest(found), **{name: next((twin[name] for twin in found if twin.get(name)), "") for name in ("topic", "asks", "outcome")}}


def mark_interrupted() -> None:
    """A process that was stopped leaves its replay unfinished: say so."""
    Replay.objects.filter(state__in=(WAITING, RUNNING)).update(state=FAILED, problem="控制台重启，重放中断了。请再来一次。")
