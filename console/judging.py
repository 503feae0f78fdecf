"""Verdicts on answers: who may give which, and what happens when two people judge at once.

A first verdict (round 1) may be changed by anybody who has seen it, save for answers of the blind sample: there a second person judges
without seeing the first verdict (round 2), neither can be changed afterwards, and where they differ a third verdict settles it.
"""
from __future__ import annotations

from collections import Counter
from typing import Iterable, Mapping, Optional

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from console.agreement import kappa, needs_second_review, wilson
from console.models import Account, Conversation, Turn, Verdict
from idcard.privacy import mask

FIRST, SECOND, SETTLES = 1, 2, 3
WRONG = ("错误", "答非所问", "应当不答")
SURE = 0.8


class Conflict(Exception):
    """Somebody has judged in the meantime; `theirs` is what stands now."""

    def __init__(self, theirs: Optional[Verdict]) -> None:
        super().__init__("conflict")
        self.theirs = theirs


class NotAllowed(Exception):
    """This person may not judge this answer (again); the message says why."""


def judge(turn: Turn, reviewer: Account, values: Mapping[str, str], seen: Optional[int]) -> Verdict:
    """Record a verdict; the conversation counts as being dealt with.

    `seen` is the id of the verdict that the reviewer was shown as the one to change, None for none.

    Raises Conflict when another one stands there by now, NotAllowed for a second verdict by the same person.
    """
    try:
        with transaction.atomic():
            standing = {one.round: one for one in Verdict.objects.select_for_update().filter(turn=turn, current=True)}
            number = round_for(turn.event, reviewer, standing)
            old = standing.get(number)
            if (old.pk if old else None) != seen:
                raise Conflict(old)
            if old:
                Verdict.objects.filter(pk=old.pk).update(current=False)
            opened = Conversation.objects.filter(pk=turn.conversation_id, review_state="待看")
            opened.update(review_state="在办", review_version=F("review_version") + 1)
            return Verdict.objects.create(turn=turn, reviewer=reviewer, round=number, replaces=old, **_clean(values))
    except IntegrityError:
        raise Conflict(Verdict.objects.filter(turn=turn, current=True).order_by("-round").first()) from None


def judge_all(turns: Iterable[Turn], reviewer: Account, values: Mapping[str, str]) -> int:
    """One verdict for all answers that have none yet; for how many. What somebody judges meanwhile keeps theirs."""
    done = 0
    for turn in turns:
        try:
            judge(turn, reviewer, values, None)
            done += 1
        except (Conflict, NotAllowed):
            continue
    return done


def unjudged() -> Exists:
    """Holds for a Turn without a verdict."""
    return ~Exists(Verdict.objects.filter(turn=OuterRef("pk")))


def round_for(event: int, reviewer: Account, standing: Mapping[int, Verdict]) -> int:
    """The round in which this person may judge now, given the current verdicts by round; raises NotAllowed when all is settled."""
    if FIRST not in standing or not needs_second_review(event):
        return FIRST
    if SECOND not in standing:
        return FIRST if standing[FIRST].reviewer_id == reviewer.pk else SECOND
    if standing[FIRST].verdict == standing[SECOND].verdict:
        raise NotAllowed("两个人的评判一致，已经定了。")
    return SETTLES


def standing_by_event(conversation: int) -> dict[int, dict[int, Verdict]]:
    """The current verdicts of a conversation: event -> round -> verdict."""
    found: dict[int, dict[int, Verdict]] = {}
    for verdict in Verdict.objects.filter(current=True, turn__conversation=conversation).select_related("reviewer").order_by("round"):
        found.setdefault(verdict.turn_id, {})[verdict.round] = verdict
    return found


def _clean(values: Mapping[str, str]) -> dict[str, str]:
    right = values["verdict"] == "正确"
    return {"verdict": values["verdict"], "cause": "" if right else values.get("cause", ""),
            "severity": "" if right else values.get("severity", ""), "note": mask(values.get("note", ""))[:300]}


def final() -> QuerySet[Verdict]:
    """The verdict that counts for each answer: the one of the highest round."""
    higher = Verdict.objects.filter(turn=OuterRef("turn"), current=True, round__gt=OuterRef("round"))
    return Verdict.objects.filter(current=True).exclude(Exists(higher))


def awaiting_second(reviewer: Account) -> list[Verdict]:
    """First verdicts of the sample that this person has to judge anew; newest first."""
    second = Verdict.objects.filter(turn=OuterRef("turn"), round=SECOND)
    first = Verdict.objects.filter(current=True, round=FIRST).exclude(reviewer=reviewer).exclude(Exists(second))
    return [one for one in first.select_related("turn").order_by("-id") if needs_second_review(one.turn_id)]


def doubles() -> list[tuple[Verdict, Verdict, Optional[Verdict]]]:
    """(first, second, the one that settles) of every answer judged twice, newest first."""
    rows = Verdict.objects.filter(current=True, turn__verdict__round=SECOND).select_related("turn", "reviewer").distinct()
    by_turn: dict[int, dict[int, Verdict]] = {}
    for row in rows:
        by_turn.setdefault(row.turn_id, {})[row.round] = row
    pairs = [(found[FIRST], found[SECOND], found.get(SETTLES)) for found in by_turn.values()]
    return sorted(pairs, key=lambda pair: -pair[1].pk)


def agreement() -> tuple[int, Optional[float]]:
    """(answers judged twice, Cohen's kappa over them)."""
    pairs = [(first.verdict, second.verdict) for first, second, _ in doubles()]
    return len(pairs), kappa(pairs)


def accuracy(verdicts: QuerySet[Verdict]) -> dict[str, object]:
    """Of these final verdicts: how many, the share of right answers with its 95 % interval, causes, and the confidently wrong."""
    rows = list(verdicts.values_list("verdict", "cause", "turn__confidence"))
    right, sure = sum(verdict == "正确" for verdict, _, _ in rows), [verdict for verdict, _, confidence in rows if confidence >= SURE]
    wrong = sum(verdict in WRONG for verdict in sure)
    return {"judged": len(rows), "right": right, "share": right / len(rows) if rows else None, "interval": wilson(right, len(rows)),
            "sure": len(sure), "sure_wrong": wrong, "sure_share": wrong / len(sure) if sure else None,
            "verdicts": Counter(verdict for verdict, _, _ in rows), "causes": Counter(cause for _, cause, _ in rows if cause)}
