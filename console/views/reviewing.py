"""What staff say of a conversation: verdicts, notes, who deals with it, and the blind second review."""
from __future__ import annotations

from typing import Optional

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from console import judging
from console.access import note, page
from console.models import Account, Conversation, Note, Turn
from console.models.conversations import REVIEW_STATES
from console.models.reviews import CAUSES, SEVERITIES, VERDICTS
from idcard.privacy import mask


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=[(one, one) for one in VERDICTS], error_messages={"required": "请选一个评判。"})
    cause = forms.ChoiceField(choices=[("", ""), *((one, one) for one in CAUSES)], required=False)
    severity = forms.ChoiceField(choices=[("", ""), *((one, one) for one in SEVERITIES)], required=False)
    note = forms.CharField(max_length=300, required=False)
    seen = forms.IntegerField(required=False)


def _back(key: int, place: str = "") -> HttpResponse:
    return redirect(reverse("conversation", args=[key]) + place)


@page("审核", action="评判", methods="POST")
def judge(request: HttpRequest, key: int, event: int) -> HttpResponse:
    turn, form = get_object_or_404(Turn, pk=event, conversation=key), VerdictForm(request.POST)
    note(request, turn.conversation.code, event=event)
    if not form.is_valid():
        messages.error(request, "没有存下：请选一个评判。")
        return _back(key, f"#m{turn.number}")
    try:
        given = judging.judge(turn, request.user, form.cleaned_data, form.cleaned_data["seen"])
    except judging.NotAllowed as error:
        messages.error(request, str(error))
        return _back(key, f"#m{turn.number}")
    except judging.Conflict as conflict:
        return render(request, "console/conflict.html", {"theirs": conflict.theirs, "yours": form.cleaned_data, "turn": turn}, status=409)
    note(request, turn.conversation.code, event=event, verdict=given.verdict, round=given.round)
    messages.success(request, f"第 {turn.number} 句评为“{given.verdict}”。")
    return _back(key, f"#m{turn.number}")


class HandleForm(forms.Form):
    state = forms.ChoiceField(label="办理状态", choices=[(one, one) for one in REVIEW_STATES])
    assignee = forms.ModelChoiceField(Account.objects.filter(is_active=True), label="分派给", required=False, empty_label="没有分派")
    version = forms.IntegerField(widget=forms.HiddenInput)


@page("审核", action="分派或办结", methods="POST")
def handle(request: HttpRequest, key: int) -> HttpResponse:
    """Assign, resolve, reopen. Refused when somebody has changed it since the page was opened."""
    found, form = get_object_or_404(Conversation, pk=key), HandleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有存下：请重新选。")
        return _back(key)
    state, assignee = form.cleaned_data["state"], form.cleaned_data["assignee"]
    note(request, found.code, state=state, assignee=assignee.username if assignee else "")
    same = Conversation.objects.filter(pk=key, review_version=form.cleaned_data["version"])
    if not same.update(review_state=state, assignee=assignee, review_version=F("review_version") + 1):
        messages.error(request, f"没有存下：别人刚改过，现在是“{found.review_state}”，分派给{found.assignee or '没有人'}。要改请再选一次。")
    else:
        messages.success(request, f"已存：{state}。")
    return _back(key, "#handling")


@page("审核", action="写备注", methods="POST")
def add_note(request: HttpRequest, key: int) -> HttpResponse:
    found, text = get_object_or_404(Conversation, pk=key), request.POST.get("text", "").strip()
    note(request, found.code)
    if text:
        Note.objects.create(conversation=found, author=request.user, text=mask(text)[:500])
    return _back(key, "#handling")


@page("审核", action="看复核", methods="GET")
def second_reviews(request: HttpRequest) -> HttpResponse:
    """What waits for this person's blind verdict, and where two verdicts differ."""
    count, agreed = judging.agreement()
    open_ones = [(first, second) for first, second, settled in judging.doubles() if first.verdict != second.verdict and not settled]
    return render(request, "console/second_reviews.html", {"waiting": judging.awaiting_second(request.user)[:100], "differing": open_ones,
                                                           "count": count, "kappa": agreed, "words": _in_words(agreed)})


def _in_words(agreed: Optional[float]) -> str:
    """Landis and Koch's words for a kappa."""
    if agreed is None:
        return ""
    return next(word for bound, word in ((0.8, "几乎一致"), (0.6, "大体一致"), (0.4, "中等"), (0.2, "偏低"), (-1.1, "很低")) if agreed > bound)
