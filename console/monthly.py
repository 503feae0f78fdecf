"""One month in figures beside the month before: what the report page prints."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Sequence

from django.db.models import Count

from console import health, judging, measuring
from console.models import AuditEntry, Correction, DeletionRequest, Verdict
from console.summary import RESULTS

DEEDS = ("揭示原话", "导出对话", "导出统计", "导出操作记录")


@dataclass(frozen=True)
class Report:
    first: date
    last: date  # of the month, or today while it lasts
    before: date  # first days of the months around it
    next: date
    sums: Sequence[tuple[str, str, str]]  # (what, this month, the month before)
    figures: Sequence[measuring.Figure]
    unanswered: Sequence[health.Unanswered]
    work: Sequence[tuple[str, int]]  # what staff did


def report(first: date, today: date) -> Report:
    following = (first + timedelta(days=31)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    span = measuring.Span(first, min(following - timedelta(days=1), today))
    earlier = measuring.Span(before, first - timedelta(days=1))
    sums = [(what, value, then) for (what, value), (_, then) in zip(_sums(span), _sums(earlier))]
    return Report(first, span.until, before, following, sums, measuring.figures(span),
                  health.unanswered(span.until, days=len(span.days) - 1)[:15], _work(span))


def _sums(span: measuring.Span) -> list[tuple[str, str]]:
    results, ratings = measuring.counts(span, "结果"), measuring.counts(span, "评价")
    talks, half = sum(results.values()), measuring.speeds(span)
    judged = judging.accuracy(judging.final().filter(turn__conversation__day__range=(span.since, span.until)))
    right = f"{judged['share']:.0%}（{judged['judged']} 句）" if judged["judged"] else "没有评判"
    return [("对话", f"{talks}"), ("消息", f"{sum(measuring.counts(span, '消息').values())}"),
            *((name, measuring.share(results[name], talks)) for name in RESULTS),
            ("好评", f"{ratings['好评']}"), ("差评", f"{ratings['差评']}"), ("人评正确", right), ("百分之九十五答完（秒）", half[1] or "—")]


def _work(span: measuring.Span) -> list[tuple[str, int]]:
    """Counts only: they name nobody."""
    days = (span.since, span.until)
    decided = dict(Correction.objects.filter(decided__date__range=days).values_list("state").annotate(Count("id")))
    deeds = dict(AuditEntry.objects.filter(at__date__range=days, action__in=DEEDS, result="成功").values_list("action").annotate(Count("id")))
    return [("评判", Verdict.objects.filter(at__date__range=days).count()),
            ("批准的改正", decided.get("已批准", 0) + decided.get("已导出", 0)), ("退回的改正", decided.get("已退回", 0)),
            ("办结的删除申请", DeletionRequest.objects.filter(done__date__range=days, state="已删除").count()),
            *((name, deeds.get(name, 0)) for name in DEEDS)]
