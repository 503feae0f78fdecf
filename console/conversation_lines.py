"""A conversation as one JSON object, for programs: what the lists know of it, its messages and the verdicts on them. Texts are masked."""
from __future__ import annotations

from typing import Any, Iterator, Sequence

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from console import judging
from console.models import Conversation, Turn

OF_CONVERSATION = ("code", "channel", "city", "model", "result", "outcome", "feedback", "feedback_reason", "review_state")
OF_TURN = ("number", "text", "intent", "confidence", "margin", "kind", "topics", "asks", "outcome", "cites", "city", "unclear", "seconds")


def with_turns(found: QuerySet[Conversation]) -> Iterator[tuple[Conversation, Sequence[Turn]]]:
    """Each conversation with its turns in order; every turn's final verdict is in `.verdicts`."""
    verdicts = Prefetch("verdict_set", judging.final(), to_attr="verdicts")
    turns = Prefetch("turn_set", Turn.objects.order_by("event").prefetch_related(verdicts), to_attr="turns")
    return ((one, one.turns) for one in found.prefetch_related(turns))


def line(one: Conversation, turns: Sequence[Turn]) -> dict[str, Any]:
    said = [{"at": timezone.localtime(turn.at).isoformat(), **{name: getattr(turn, name) for name in OF_TURN},
             "verdict": next((verdict.verdict for verdict in turn.verdicts), "")} for turn in turns]
    return {"started": timezone.localtime(one.started).isoformat(), **{name: getattr(one, name) for name in OF_CONVERSATION}, "messages": said}
