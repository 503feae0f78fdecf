"""One conversation: what was said, how it was read, what decided."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Mapping, Optional, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from console import deciding, judging, projector
from console.access import note, page
from console.masking import hide
from console.models import Account, Conversation, Verdict
from console.models.conversations import REVIEW_STATES
from console.models.reviews import CAUSES, SEVERITIES, VERDICTS
from console.summary import LOCAL, moment
from console.turns import Turn
from idcard.knowledge import load
from idcard.privacy import mask

PAUSE = 60  # seconds of silence that the transcript mentions


@dataclass(frozen=True)
class Judgement:
    open: bool  # whether this person may judge
    replaces: Optional[Verdict]  # the verdict that theirs would replace
    visible: Sequence[Verdict]


@dataclass(frozen=True)
class Shown:
    """A turn as the page shows it."""

    turn: Turn
    number: int
    at: datetime
    text: str
    replies: Sequence[Mapping[str, Any]]
    entities: Sequence[Mapping[str, Any]]
    facts: Sequence[tuple[str, Any, Any]]  # (fact, before, after) of those that changed
    known: Mapping[str, Any]
    decisions: Sequence[deciding.Decided]
    pause: int  # minutes since the turn before
    judgement: Judgement


@page("查看", "审核", action="看对话", methods="GET")
def conversation(request: HttpRequest, key: int) -> HttpResponse:
    found = get_object_or_404(Conversation, pk=key)
    note(request, found.code)
    return show(request, found, revealed=False)


@page("查看", "审核", action="揭示原话", methods="POST", also="揭示")
def reveal(request: HttpRequest, key: int) -> HttpResponse:
    """The words as stored, for a reason that goes into the record; nothing is kept open."""
    found = get_object_or_404(Conversation, pk=key)
    reason = request.POST.get("reason", "").strip()
    note(request, found.code, reason=reason[:200])
    if len(reason) < 4:
        return show(request, found, revealed=False, problem="请写明为什么要看原话，至少四个字。", status=400)
    return show(request, found, revealed=True)


def show(request: HttpRequest, found: Conversation, revealed: bool, problem: str = "", status: int = 200) -> HttpResponse:
    session = projector.transcript(found)
    turns = list(session.turns) if session else []
    standing = judging.standing_by_event(found.id)
    texts = (lambda text: text) if revealed else hide
    shown = [_shown(turn, number, before, texts, judgement(turn.event, request.user, standing.get(turn.event, {})))
             for number, (turn, before) in enumerate(zip(turns, [None, *turns]), 1)]
    near = Conversation.objects.filter(id__gt=found.id).order_by("id").values_list("id", flat=True).first()
    far = Conversation.objects.filter(id__lt=found.id).order_by("-id").values_list("id", flat=True).first()
    return render(request, "console/transcript.html", {
        "conversation": found, "turns": shown, "gone": session is None, "revealed": revealed, "problem": problem, "newer": near,
        "older": far, "verdict_choices": VERDICTS, "causes": CAUSES, "severities": SEVERITIES,
        "states": REVIEW_STATES, "staff": Account.objects.filter(is_active=True).order_by("name"),
        "notes": found.note_set.select_related("author").order_by("id"),
    }, status=status)


@page("查看", "审核", action="看原始记录", methods="GET")
def raw(request: HttpRequest, key: int) -> HttpResponse:
    """The events as Rasa wrote them, masked like everything else."""
    found = get_object_or_404(Conversation, pk=key)
    note(request, found.code)
    rows = [(event.id, event.kind, moment(event.at), deciding.readable(event.kind, event.data)) for event in projector.events_of(found)]
    return render(request, "console/raw.html", {"conversation": found, "rows": rows})


def judgement(event: int, user: Account, standing: Mapping[int, Verdict]) -> Judgement:
    """What this person sees of the verdicts and may add. Who has to judge blindly sees none."""
    try:
        number = judging.round_for(event, user, standing)
    except judging.NotAllowed:
        return Judgement(False, None, list(standing.values()))
    return Judgement(True, standing.get(number), [] if number == judging.SECOND else list(standing.values()))


def _shown(turn: Turn, number: int, before: Optional[Turn], texts: Any, judgement: Judgement) -> Shown:
    names = {fact.slot: fact.name for fact in load().model.facts.values()}
    known = {names[slot]: value for slot, value in turn.after.items() if slot in names and value is not None}
    changed = [(name, turn.before.get(slot), turn.after.get(slot)) for slot, name in names.items()
               if turn.before.get(slot) != turn.after.get(slot)]
    replies = [{"text": mask(reply.text, load().public), "twin": reply.twin, "buttons": reply.buttons, "response": reply.response} for reply in turn.replies]
    entities = [{**entity, "words": texts(turn.text[entity.get("start", 0):entity.get("end", 0)])} for entity in turn.entities]
    as_of = next((date.fromisoformat(reply.twin["as_of"]) for reply in turn.replies if "as_of" in reply.twin), moment(turn.at).astimezone(LOCAL).date())
    return Shown(turn, number, moment(turn.at), texts(turn.text), replies, entities, changed, known,
                 deciding.decided(turn, known, as_of), int(turn.at - before.at) // 60 if before and turn.at - before.at > PAUSE else 0,
                 judgement)
