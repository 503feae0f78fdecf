"""New wording: what was not answered or only guessed, in groups of like messages, each judged at once."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Sequence

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from console import judging
from console.access import note, page
from console.health import RECENT
from console.models import Turn
from console.models.reviews import CAUSES, SEVERITIES, VERDICTS
from console.rollup import LOW
from console.summary import ASKED_BACK, FELL_BACK, NOT_SAID
from console.views.reviewing import VerdictForm
from console.wordings import grouped, letters

MOST_MESSAGES, MOST_GROUPS, MOST_WORDINGS = 2_000, 30, 20
UNSURE = "把握低"
REASONS = {FELL_BACK: Q(unclear=FELL_BACK), ASKED_BACK: Q(unclear=ASKED_BACK), NOT_SAID: Q(unclear=NOT_SAID), UNSURE: Q(confidence__lt=LOW)}


@dataclass(frozen=True)
class Wording:
    """Messages that differ in punctuation at most."""

    turns: Sequence[Turn]  # newest first

    @property
    def events(self) -> str:
        return " ".join(str(turn.event) for turn in self.turns)


@dataclass(frozen=True)
class Group:
    wordings: Sequence[Wording]  # the commonest first, at most MOST_WORDINGS
    count: int  # messages, of all wordings
    intents: str  # as they were read, the commonest first


@page("审核", "训练", action="看新说法", methods="GET")
def groups(request: HttpRequest) -> HttpResponse:
    why = request.GET.get("why", "")
    wanted = REASONS.get(why) or Q(unclear__in=(FELL_BACK, ASKED_BACK, NOT_SAID)) | REASONS[UNSURE]
    recent = Turn.objects.filter(wanted, judging.unjudged(), at__gte=timezone.now() - timedelta(days=RECENT))
    turns = list(recent.order_by("-event")[:MOST_MESSAGES])
    found = [[turns[index] for index in group] for group in grouped(turn.text for turn in turns)]
    several = [_group(group) for group in found if len(group) > 1]
    note(request, why=why, groups=len(several))
    return render(request, "console/wordings.html", {
        "groups": several[:MOST_GROUPS], "more": max(0, len(several) - MOST_GROUPS), "why": why, "reasons": REASONS, "days": RECENT,
        "all": len(turns), "verdict_choices": VERDICTS, "causes": CAUSES, "severities": SEVERITIES})


def _group(turns: Sequence[Turn]) -> Group:
    wordings: dict[str, list[Turn]] = {}
    for turn in turns:
        wordings.setdefault(letters(turn.text), []).append(turn)
    common = sorted(wordings.values(), key=len, reverse=True)[:MOST_WORDINGS]
    intents = [name for name, _ in Counter(turn.intent for turn in turns).most_common(3)]
    return Group([Wording(same) for same in common], len(turns), "、".join(intents))


@page("审核", action="评判一组", methods="POST")
def judge(request: HttpRequest) -> HttpResponse:
    form = VerdictForm(request.POST)
    events = [int(key) for given in request.POST.getlist("events") for key in given.split() if key.isdecimal()][:MOST_MESSAGES]
    back = reverse("wordings") + request.POST.get("query", "")
    if not form.is_valid() or not events:
        messages.error(request, "没有存下：请选一个评判，再勾上至少一句。")
        return redirect(back)
    done = judging.judge_all(Turn.objects.filter(pk__in=events), request.user, form.cleaned_data)
    note(request, f"{done} 句", events=events, verdict=form.cleaned_data["verdict"])
    messages.success(request, f"{done} 句评为“{form.cleaned_data['verdict']}”。")
    return redirect(back)
