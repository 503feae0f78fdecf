"""Statistics, the health of the knowledge, and their tables as CSV."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Optional

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.urls import reverse

from console import conversation_lines, exporting, filters, health, measuring, monthly
from console.access import note, page
from console.models import Conversation, Daily
from console.views.conversations import query_of
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


@page("统计", action="看月报", methods="GET")
def month(request: HttpRequest) -> HttpResponse:
    """One month on a page for printing."""
    today = timezone.localdate()
    first = min(_day(f"{request.GET.get('month', '')}-01") or today.replace(day=1), today)
    report = monthly.report(first, today)
    note(request, f"{first:%Y-%m}")
    return render(request, "console/month.html", {"report": report, "next": report.next if report.next <= today else None})


@page("查看", "审核", action="导出对话", methods="POST", also="导出")
def export_conversations(request: HttpRequest) -> HttpResponse:
    """The list as filtered, masked, at most MOST_ROWS conversations, for a reason that goes into the record."""
    reason, form = request.POST.get("reason", "").strip()[:200], filters.Filters(request.POST)
    lines = request.POST.get("format") == "jsonl"
    note(request, reason=reason)
    if len(reason) < 4 or not form.is_valid():
        messages.error(request, "没有导出：请写明用途，至少四个字。")
        return redirect(f"{reverse('conversations')}?{query_of(request.POST)}")
    found = filters.matching(form.cleaned_data).order_by("-id")[:exporting.MOST_ROWS]
    rows = [conversation_lines.line(one, turns) for one, turns in conversation_lines.with_turns(found)] if lines else [_row(one) for one in found]
    note(request, reason=reason, filters=dict(form.chosen()), rows=len(rows), format="jsonl" if lines else "csv")
    return exporting.download_lines("conversations", rows) if lines else exporting.download("conversations", HEAD, rows)


HEAD = ("编号", "时间", "渠道", "城市", "第一句话", "消息数", "最低把握", "结局", "结论", "评价", "办理")


def _row(one: Conversation) -> tuple[object, ...]:
    started = timezone.localtime(one.started).strftime("%Y/%m/%d %H:%M")
    return (one.code, started, one.channel, one.city, one.opening, one.messages, round(one.least_confidence, 3), one.result, one.outcome,
            one.feedback, one.review_state)
