"""Figures over a range of days, from the daily counts, and reviewed accuracy from the verdicts. Each is a table; some are drawn too."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Optional, Sequence

from django.db.models import QuerySet, Sum

from console import charts, judging
from console.models import Daily
from console.rollup import SPEEDS
from console.summary import RESULTS
from console.templatetags.shown import CHANNELS


LONGER = "更久"
CLASSES = (*(f"{bound:g}" for bound in SPEEDS), LONGER)


@dataclass(frozen=True)
class Span:
    """Which days, and of which channel and city (empty: all)."""

    since: date
    until: date
    channel: str = ""
    city: str = ""

    @property
    def days(self) -> list[date]:
        return [self.since + timedelta(days=number) for number in range((self.until - self.since).days + 1)]


@dataclass(frozen=True)
class Figure:
    """A table with a title; `chart` is SVG or empty."""

    key: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    chart: str = ""
    note: str = ""


def figures(span: Span) -> list[Figure]:
    return [volume(span), hours(span), results(span), topics(span), unclear(span), outcomes(span), drop_off(span), speed(span),
            accuracy(span), places(span)]


def counts(span: Span, measure: str) -> Counter[str]:
    found = _rows(span, measure).values_list("name").annotate(Sum("count"))
    return Counter(dict(found))


def volume(span: Span) -> Figure:
    found = {measure: dict(_rows(span, measure).values_list("day").annotate(Sum("count"))) for measure in ("对话", "消息")}
    rows = [(day.isoformat(), found["对话"].get(day, 0), found["消息"].get(day, 0)) for day in span.days]
    return Figure("volume", "每天的对话", ("日期", "对话", "消息"), rows, charts.line("每天的对话", [(day, count) for day, count, _ in rows]))


def hours(span: Span) -> Figure:
    found = counts(span, "小时")
    rows = [(f"{hour:02}时", found[f"{hour:02}"]) for hour in range(24)]
    return Figure("hours", "一天里的对话", ("时段", "对话"), rows, charts.line("一天里的对话", rows))


def results(span: Span) -> Figure:
    found = counts(span, "结果")
    return _shares("results", "对话怎么结束的", "结局", [(name, found[name]) for name in RESULTS])


def topics(span: Span) -> Figure:
    return _shares("topics", "答得最多的话题", "话题", counts(span, "话题").most_common(15))


def unclear(span: Span) -> Figure:
    found, messages = counts(span, "没办成"), sum(counts(span, "消息").values())
    rows = [(name, found[name], share(found[name], messages)) for name in ("没听懂", "反问", "没规定")]
    rows.append(("把握低于 0.6", counts(span, "把握")["低"], share(counts(span, "把握")["低"], messages)))
    return Figure("unclear", "没有一次答上的消息", ("情形", "消息", "占比"), rows, charts.bars("没有一次答上的消息", [row[:2] for row in rows]))


def outcomes(span: Span) -> Figure:
    return _shares("outcomes", "作出的结论", "结论", counts(span, "结论").most_common(15))


def drop_off(span: Span) -> Figure:
    """For every question of the form: how often asked, and how often a conversation ended there."""
    asked, stopped = counts(span, "追问"), counts(span, "停在")
    rows = [(fact, times, stopped[fact], share(stopped[fact], times)) for fact, times in asked.most_common()]
    chart = charts.bars("问到这里就不答了", [(fact, left) for fact, _, left, _ in rows])
    return Figure("drop-off", "问到哪一步不答了", ("问的事", "问过", "停在这里", "占比"), rows, chart)


def speed(span: Span) -> Figure:
    found, (half, most) = counts(span, "用时"), speeds(span)
    rows = [(f"{name} 秒内" if name != LONGER else LONGER, found[name]) for name in CLASSES]
    note = f"一半在 {half} 秒内答完，百分之九十五在 {most} 秒内。" if half else ""
    return Figure("speed", "答复用时", ("用时", "消息"), rows, charts.bars("答复用时", rows), note)


def speeds(span: Span) -> tuple[str, str]:
    """Within how many seconds half of the replies were given, and 95 of 100; empty without any."""
    found = counts(span, "用时")
    return percentile(found, CLASSES, 0.5), percentile(found, CLASSES, 0.95)


def percentile(found: Counter[str], names: Sequence[str], part: float) -> str:
    """The upper bound of the class in which this part of all is reached."""
    total, passed = sum(found.values()), 0
    for name in names:
        passed += found[name]
        if total and passed >= part * total:
            return name
    return ""


def accuracy(span: Span) -> Figure:
    """By people, not by the assistant's own confidence; the final verdict of each answer counts."""
    verdicts = judging.final().filter(turn__conversation__day__range=(span.since, span.until))
    verdicts = verdicts.filter(turn__conversation__channel=span.channel) if span.channel else verdicts
    verdicts = verdicts.filter(turn__conversation__city=span.city) if span.city else verdicts
    found, (times, kappa) = judging.accuracy(verdicts), judging.agreement()
    if not found["judged"]:
        return Figure("accuracy", "人评的正确率", ("评判", "句"), [], note="这段时间还没有人评判过。")
    low, high = found["interval"]
    note = (f"评过 {found['judged']} 句，正确 {found['share']:.0%}（95% 区间 {low:.0%} 到 {high:.0%}）。"
            f"机器人很有把握（0.8 以上）的 {found['sure']} 句里，答错 {share(found['sure_wrong'], found['sure'])}。")
    note += f"两个人评过 {times} 句，一致程度 {kappa:.2f}。" if kappa is not None else ""
    rows = [*found["verdicts"].most_common(), *((f"原因：{cause}", count) for cause, count in found["causes"].most_common())]
    return Figure("accuracy", "人评的正确率", ("评判", "句"), rows, charts.bars("人评的正确率", rows), note)


def places(span: Span) -> Figure:
    """Channel by city: conversations, answered, handed over."""
    found: dict[tuple[str, str], Counter[str]] = {}
    rows = _rows(span, "结果").values_list("channel", "city", "name").annotate(Sum("count"))
    for channel, city, name, count in rows:
        found.setdefault((channel, city or "没说城市"), Counter())[name] += count
    table = [(CHANNELS.get(channel, channel), city, sum(by.values()), share(by["已答复"], sum(by.values())), share(by["转人工"], sum(by.values())),
              share(by["中途离开"], sum(by.values()))) for (channel, city), by in sorted(found.items())]
    return Figure("places", "各渠道、各城市", ("渠道", "城市", "对话", "已答复", "转人工", "中途离开"), table)


def _rows(span: Span, measure: str) -> QuerySet[Daily]:
    rows = Daily.objects.filter(measure=measure, day__range=(span.since, span.until)).order_by()
    rows = rows.filter(channel=span.channel) if span.channel else rows
    return rows.filter(city=span.city) if span.city else rows


def _shares(key: str, title: str, what: str, rows: Sequence[tuple[str, int]]) -> Figure:
    total = sum(count for _, count in rows)
    table = [(name, count, share(count, total)) for name, count in rows]
    return Figure(key, title, (what, "次数", "占比"), table, charts.bars(title, rows))


def share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "—"


def find(key: str, span: Span) -> Optional[Figure]:
    return next((figure for figure in figures(span) if figure.key == key), None)
