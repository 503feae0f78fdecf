"""The filters of the conversation list: all combine, all stand in the address, and the list is paged by key.

A column filter becomes a condition on Conversation; what occurs several times in a conversation (intents, topics, clauses …) and the
key words are looked up in the full-text index, in one expression.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence

from django import forms
from django.db.models import Q, QuerySet

from console import search
from console.models import Account, Conversation, Daily, Verdict
from console.models.conversations import REVIEW_STATES
from console.models.reviews import CAUSES, VERDICTS
from console.templatetags.shown import CHANNELS
from console.summary import OUT_OF_SCOPE, RESULTS
from idcard.knowledge import load
from idcard.privacy import kinds

PAGE = 50
ANY = ("", "不限")


def _choices(values: Sequence[str]) -> list[tuple[str, str]]:
    return [ANY, *((value, value) for value in values)]


def _yes(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _number(label: str, least: float = 0, most: float = 1_000_000) -> forms.FloatField:
    step = 0.01 if most == 1 else 1
    return forms.FloatField(label=label, required=False, min_value=least, max_value=most, step_size=step)


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Filters(forms.Form):
    """Chinese label -> condition. Field names are part of saved addresses: do not rename them."""

    words = forms.CharField(label="关键词", required=False, max_length=60)
    since = forms.DateField(label="从哪天", required=False, widget=_day())
    until = forms.DateField(label="到哪天", required=False, widget=_day())
    from_hour = forms.IntegerField(label="几点起", required=False, min_value=0, max_value=23)
    to_hour = forms.IntegerField(label="几点止", required=False, min_value=0, max_value=23)
    channel = forms.ChoiceField(label="渠道", required=False)
    city = forms.ChoiceField(label="城市", required=False)
    intent = forms.ChoiceField(label="意图", required=False)
    group = forms.ChoiceField(label="意图类别", required=False, choices=_choices(("业务", "闲谈", "超出范围")))
    topic = forms.ChoiceField(label="答的话题", required=False)
    confidence_from = _number("最低把握 ≥", most=1)
    confidence_to = _number("最低把握 ≤", most=1)
    margin_to = _number("与第二意图差距 ≤", most=1)
    asked = forms.ChoiceField(label="追问过", required=False)
    stopped = forms.ChoiceField(label="最后问到", required=False)
    result = forms.ChoiceField(label="结局", required=False, choices=_choices(RESULTS))
    outcome = forms.ChoiceField(label="结论", required=False)
    clause = forms.CharField(label="引用条款", required=False, max_length=40)
    feedback = forms.ChoiceField(label="评价", required=False, choices=_choices(("好评", "差评")))
    messages_from = forms.IntegerField(label="消息数 ≥", required=False, min_value=1)
    seconds_from = _number("最慢答复（秒）≥", most=600)
    review = forms.ChoiceField(label="办理状态", required=False, choices=_choices(REVIEW_STATES))
    assignee = forms.ChoiceField(label="分派给", required=False)
    verdict = forms.ChoiceField(label="评判", required=False, choices=_choices(("未评判", *VERDICTS)))
    cause = forms.ChoiceField(label="原因", required=False, choices=_choices(CAUSES))
    model = forms.CharField(label="模型版本", required=False, max_length=40)
    fell_back = _yes("没听懂")
    asked_back = _yes("反问过")
    out_of_scope = _yes("超出范围")
    unanswered = _yes("文件没规定")
    old_source = _yes("依据超过五年")
    sample = _yes("随机抽查（2%）")
    held = _yes("已封存")

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        knowledge = load()
        outcomes = dict.fromkeys(outcome for table in knowledge.tables.values() for outcome in table.outcomes)
        intents = [*knowledge.topics, *(name for name in intent_names() if name not in knowledge.topics)]
        staff = Account.objects.filter(is_active=True).order_by("name").values_list("id", "name")
        channels = Daily.objects.filter(measure="对话").order_by().values_list("channel", flat=True).distinct()
        for name, choices in (("channel", [ANY, *((name, CHANNELS.get(name, name)) for name in sorted(channels))]),
                              ("city", _choices(knowledge.cities)),
                              ("intent", _choices(intents)), ("topic", _choices(list(knowledge.topics))),
                              ("asked", _choices(list(knowledge.model.facts))), ("stopped", _choices(list(knowledge.model.facts))),
                              ("outcome", _choices(list(outcomes))),
                              ("assignee", [ANY, ("0", "没有分派"), *((str(key), name) for key, name in staff)])):
            self.fields[name].choices = choices

    def clean_words(self) -> str:
        """What is stored is masked, so a number finds nothing; and it would stand in the address."""
        if kinds(self.cleaned_data["words"]):
            raise forms.ValidationError("里面像有号码、姓名或住址。存下来的话里这些都遮住了，搜不到，请换个词。")
        return self.cleaned_data["words"]

    def chosen(self) -> list[tuple[str, str]]:
        """(label, value) of what is set, for the summary above the list."""
        given = [(name, value) for name, value in self.cleaned_data.items() if value not in ("", None, False)]
        return [(self.fields[name].label, _shown(self.fields[name], value)) for name, value in given]


def intent_names() -> list[str]:
    """Intents that have occurred."""
    return sorted(Daily.objects.filter(measure="意图").order_by().values_list("name", flat=True).distinct())


def _shown(field: forms.Field, value: Any) -> str:
    if value is True:
        return "是"
    return dict(field.choices).get(str(value), str(value)) if isinstance(field, forms.ChoiceField) else str(value)


# Field of the form -> lookup on Conversation.
COLUMNS = {
    "since": "day__gte", "until": "day__lte", "channel": "channel", "city": "city", "confidence_from": "least_confidence__gte",
    "confidence_to": "least_confidence__lte", "margin_to": "least_margin__lte", "fell_back": "fell_back", "asked_back": "asked_back",
    "out_of_scope": "out_of_scope", "unanswered": "unanswered", "old_source": "old_source", "stopped": "last_asked",
    "result": "result", "feedback": "feedback", "messages_from": "messages__gte", "seconds_from": "slowest__gte",
    "review": "review_state", "model": "model__startswith", "held": "held",
}
TAGS = {"intent": "意图", "topic": "话题", "asked": "追问", "outcome": "结论", "clause": "条款"}
SAMPLE_OF_THOUSAND = 20


@dataclass(frozen=True)
class Page:
    rows: list[Conversation]
    newer: Optional[int]  # ?after= for the page of newer ones
    older: Optional[int]  # ?before= for the page of older ones


def matching(wanted: Mapping[str, Any]) -> QuerySet[Conversation]:
    """The conversations for cleaned values of Filters, in no order."""
    given = {name: value for name, value in wanted.items() if value not in ("", None, False)}
    found = Conversation.objects.filter(**{COLUMNS[name]: value for name, value in given.items() if name in COLUMNS})
    found = found.filter(_hours(given.get("from_hour"), given.get("to_hour")), _group(given.get("group", "")))
    if "assignee" in given:
        found = found.filter(assignee=None if given["assignee"] == "0" else int(given["assignee"]))
    if given.get("sample"):
        found = found.filter(lot__lt=SAMPLE_OF_THOUSAND)
    if "verdict" in given or "cause" in given:
        found = found.filter(_judged(given.get("verdict", ""), given.get("cause", "")))
    where, value = search.condition(given.get("words", ""), [(TAGS[name], given[name]) for name in TAGS if name in given])
    if where:
        joined = f"{search.TABLE}.rowid = console_conversation.id AND {where}"
        found = found.extra(tables=[search.TABLE], where=[joined], params=[value])
    return found


def page(found: QuerySet[Conversation], before: Optional[int], after: Optional[int], size: int = PAGE) -> Page:
    """Newest first, `size` rows older than `before`, or the nearest newer than `after`."""
    if after is not None:
        rows = list(_ordered(found, f"> {after}", "")[:size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        return Page(rows, rows[0].id if more else None, rows[-1].id if rows else None)
    rows = list(_ordered(found, f"< {before}" if before is not None else "", "-")[:size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, rows[0].id if rows and before is not None else None, rows[-1].id if more else None)


def _ordered(found: QuerySet[Conversation], bound: str, direction: str) -> QuerySet[Conversation]:
    """By id. Where the full-text index is asked, by its own key: it then yields the newest first and is not read to its end."""
    key = f"{search.TABLE}.rowid" if search.TABLE in found.query.extra_tables else "console_conversation.id"
    return found.extra(where=[f"{key} {bound}"] if bound else [], order_by=[f"{direction}{key}"])


def _hours(start: Optional[int], end: Optional[int]) -> Q:
    """Between two hours of the day, both included; 22 to 5 goes over midnight."""
    if start is None and end is None:
        return Q()
    start, end = start or 0, 23 if end is None else end
    return Q(hour__gte=start, hour__lte=end) if start <= end else Q(hour__gte=start) | Q(hour__lte=end)


def _group(group: str) -> Q:
    if group == "业务":
        return ~Q(result="寒暄") & ~Q(result="不归我们")
    return {"": Q(), "闲谈": Q(result="寒暄"), OUT_OF_SCOPE: Q(out_of_scope=True)}[group]


def _judged(verdict: str, cause: str) -> Q:
    current = Verdict.objects.filter(current=True)
    if verdict == "未评判":
        return ~Q(id__in=current.values("turn__conversation"))
    current = current.filter(verdict=verdict) if verdict else current
    current = current.filter(cause=cause) if cause else current
    return Q(id__in=current.values("turn__conversation"))


