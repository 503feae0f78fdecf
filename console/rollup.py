"""Counts by day, so that figures over a year need no conversation to be read. A day is always counted whole and anew."""
from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Iterator

from console.models import Conversation, Daily, Turn

MEASURES = ("对话", "消息", "结果", "评价", "小时", "意图", "话题", "结论", "条款", "追问", "停在", "没办成", "把握", "用时")
LOW = 0.6  # a reading below this is called unsure
SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # upper bounds in seconds of the classes of 用时


def counted(day: date) -> Counter[tuple[str, str, str, str]]:
    """(channel, city, measure, name) -> how often on `day`."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    conversations = {row.id: row for row in Conversation.objects.filter(day=day)}
    for conversation in conversations.values():
        counts.update((conversation.channel, conversation.city, *one) for one in _of_conversation(conversation))
    for turn in Turn.objects.filter(conversation__day=day).iterator(2000):
        parent = conversations.get(turn.conversation_id)
        if parent:
            counts.update((parent.channel, parent.city, *one) for one in _of_turn(turn))
    return counts


def replace(day: date, counts: Counter[tuple[str, str, str, str]]) -> None:
    """Put these counts in the place of those of `day`. The caller's transaction makes it one step."""
    Daily.objects.filter(day=day).delete()
    Daily.objects.bulk_create((Daily(day=day, channel=channel, city=city, measure=measure, name=name, count=count)
                               for (channel, city, measure, name), count in sorted(counts.items())), batch_size=500)


def speed_class(seconds: float) -> str:
    """The upper bound of the class, as text; over the last bound: 更久."""
    return next((f"{bound:g}" for bound in SPEEDS if seconds <= bound), "更久")


def _of_conversation(row: Conversation) -> Iterator[tuple[str, str]]:
    yield "对话", ""
    yield "结果", row.result
    yield "小时", f"{row.hour:02}"
    if row.feedback:
        yield "评价", row.feedback
    if row.result == "中途离开" and row.last_asked:
        yield "停在", row.last_asked


def _of_turn(row: Turn) -> Iterator[tuple[str, str]]:
    yield "消息", ""
    yield "意图", row.intent
    yield "用时", speed_class(row.seconds)
    yield "把握", "低" if row.confidence < LOW else "高"
    if row.unclear:
        yield "没办成", row.unclear
    if row.asks:
        yield "追问", row.asks
    if row.outcome:
        yield "结论", row.outcome
    yield from (("话题", topic) for topic in row.topics)
    yield from (("条款", clause) for clause in row.cites)
