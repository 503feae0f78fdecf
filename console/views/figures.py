"""Statistics, the health of the knowledge, and their tables as CSV."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Optional

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.urls import reverse

from console import exporting, filters, health, measuring
from console.access import note, page
from console.models import Conversation, Daily
from idcard.knowledge import load

USUAL = 30  # days shown at first
LONGEST = 400
YEARS = range(2000, 2100)  # what lies outside is a slip of the hand


@page("统计", action="看统计", methods="GET")
def measures(request: HttpRequest) -> HttpResponse:
    span = _span(request)
    note(request, f"{span.since} 到 {span.until}", channel=span.channel, city=span.city)
    channels = sorted(Daily.objects.filter(measure="对话").order_by().values_list("channel", flat=True).distinct())
    return render(request, "console/measures.html", {"span": span, "figures": measuring.figures(span), "channels": channels,
                                                     "cities": load().cities, "query": request.GET.urlencode()})


def _span(request: HttpRequest) -> measuring.Span:
    """The range of the address; what cannot be read counts as not given."""
    until = _day(request.GET.get("until")) or timezone.localdate()
    since = min(_day(request.GET.get("since")) or until - timedelta(days=USUAL - 1), until)
    return measuring.Span(max(since, until - timedelta(days=LONGEST)), until, request.GET.get("channel", ""), request.GET.get("city", ""))


def _day(text: Optional[str]) -> Optional[date]:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year in YEARS else None


@page("统计", action="导出统计", methods="GET", also="导出")
def measure_csv(request: HttpRequest, key: str) -> HttpResponse:
    span = _span(request)
    figure = measuring.find(key, span)
    if figure is None:
        raise Http404
    note(request, figure.title, since=str(span.since), until=str(span.until), rows=len(figure.rows))
    return exporting.download(figure.key, figure.head, figure.rows)


@page("审核", "训练", "统计", action="看知识", methods="GET")
def knowledge(request: HttpRequest) -> HttpResponse:
    today, city = timezone.localdate(), request.GET.get("city", "")
    return render(request, "console/knowledge.html", {
        "clauses": health.clauses(today), "stations": health.stations(today), "days": health.RECENT, "city": city, "cities": load().cities,
        "unanswered": health.unanswered(today, city if city in load().cities else None)})


@page("查看", "审核", action="导出对话列表", methods="POST", also="导出")
def conversations_csv(request: HttpRequest) -> HttpResponse:
    """The list as filtered, masked, at most MOST_ROWS rows, for a reason that goes into the record."""
    reason, form = request.POST.get("reason", "").strip(), filters.Filters(request.POST)
    note(request, reason=reason[:200])
    if len(reason) < 4 or not form.is_valid():
        return redirect(f"{reverse('conversations')}")
    rows = list(filters.matching(form.cleaned_data).order_by("-id")[:exporting.MOST_ROWS])
    note(request, reason=reason[:200], filters=dict(form.chosen()), rows=len(rows))
    return exporting.download("conversations", ("编号", "时间", "渠道", "城市", "第一句话", "消息数", "最低把握", "结局", "结论", "评价", "办理"),
                              [_row(one) for one in rows])


def _row(one: Conversation) -> tuple[object, ...]:
    started = timezone.localtime(one.started).strftime("%Y/%m/%d %H:%M")
    return (one.code, started, one.channel, one.city, one.opening, one.messages, round(one.least_confidence, 3), one.result, one.outcome,
            one.feedback, one.review_state)
