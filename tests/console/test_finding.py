"""The list finds what its filters say, in Chinese, page by page."""
from __future__ import annotations

import time
from datetime import datetime

import pytest
from django.urls import reverse

from console import filters, search
from console.models import Conversation, SavedView
from tests.console import made_events as made

pytestmark = pytest.mark.usefixtures("console")


def found(**wanted: object) -> set[str]:
    """The senders that the filters of an address find."""
    form = filters.Filters({name: str(value) for name, value in wanted.items()})
    assert form.is_valid(), form.errors
    return set(filters.matching(form.cleaned_data).values_list("sender", flat=True))


@pytest.fixture
def three(project):
    fee = made.conversation("fee", channel="wechat")
    fee.turn("济宁补领身份证多少钱", "工本费", [made.FEE], confidence=0.95)
    abroad = made.conversation("abroad", model="model-two")
    abroad.turn("湖南人身份证丢了，在武汉能补吗", "能否异地办理", [made.ASKS_REFUSAL], confidence=0.4, second="补领", second_confidence=0.35)
    lost = made.conversation("lost")
    lost.turn("哎呀你好", "问候", [{"kind": "smalltalk"}])
    lost.turn("呜里哇啦", "闲聊", [made.LOST], confidence=0.3)
    lost.turn("要多久", "办理时限", [made.NOT_SAID])
    lost.turn("转人工", "转人工", [made.HANDED_OVER])
    lost.turn("没用", "差评", [{"kind": "smalltalk"}])
    project()


@pytest.mark.parametrize("wanted, senders", [
    ({"words": "身份证"}, {"fee", "abroad"}),
    ({"words": "补领"}, {"fee"}),
    ({"words": "丢了 武汉"}, {"abroad"}),
    ({"words": "了在"}, set()),
    ({"words": "久"}, {"lost"}),
    ({"words": "身份證"}, {"fee", "abroad"}),
    ({"words": "，。"}, {"fee", "abroad", "lost"}),
    ({"city": "济宁"}, {"fee"}),
    ({"channel": "wechat"}, {"fee"}),
    ({"intent": "能否异地办理"}, {"abroad"}),
    ({"intent": "闲聊", "words": "你好"}, {"lost"}),
    ({"topic": "工本费"}, {"fee"}),
    ({"group": "业务"}, {"fee", "abroad", "lost"}),
    ({"confidence_to": 0.5}, {"abroad", "lost"}),
    ({"confidence_from": 0.9}, {"fee"}),
    ({"margin_to": 0.1}, {"abroad"}),
    ({"fell_back": "on"}, {"lost"}),
    ({"unanswered": "on"}, {"lost"}),
    ({"asked_back": "on"}, set()),
    ({"asked": "不予受理情形"}, {"abroad"}),
    ({"stopped": "不予受理情形"}, {"abroad"}),
    ({"result": "转人工"}, {"lost"}),
    ({"result": "中途离开"}, {"abroad"}),
    ({"outcome": "40元"}, {"fee"}),
    ({"clause": "济宁2020/七"}, {"fee"}),
    ({"old_source": "on"}, {"fee"}),
    ({"feedback": "差评"}, {"lost"}),
    ({"messages_from": 2}, {"lost"}),
    ({"model": "model-two"}, {"abroad"}),
    ({"review": "待看"}, {"fee", "abroad", "lost"}),
    ({"assignee": 0}, {"fee", "abroad", "lost"}),
    ({"verdict": "未评判"}, {"fee", "abroad", "lost"}),
    ({"since": "2000-01-01", "until": "2000-12-31"}, set()),
    ({"from_hour": 0, "to_hour": 23}, {"fee", "abroad", "lost"}),
    ({"seconds_from": 5}, set()),
    ({"held": "on"}, set()),
    ({"city": "济宁", "words": "多少钱", "confidence_from": 0.9, "review": "待看"}, {"fee"}),
    ({"city": "济宁", "words": "武汉"}, set()),
])
def test_filters_find_what_they_say_and_combine(three, wanted, senders) -> None:
    assert found(**wanted) == senders


def test_there_are_at_least_sixteen_filters_and_all_are_tried_above() -> None:
    tried = {"words", "since", "until", "from_hour", "to_hour", "channel", "city", "intent", "group", "topic", "confidence_from",
             "confidence_to", "margin_to", "fell_back", "asked_back", "unanswered", "old_source", "asked", "stopped", "result", "outcome",
             "clause", "feedback", "messages_from", "seconds_from", "review", "assignee", "verdict", "model", "held"}
    assert set(filters.Filters.base_fields) - tried == {"out_of_scope", "cause", "sample"}
    assert len(tried) >= 16


@pytest.mark.parametrize("moment, day, hour", [("2026-03-01T15:59:50+00:00", "2026-03-01", 23), ("2026-03-01T16:00:00+00:00", "2026-03-02", 0)])
def test_days_and_hours_are_those_of_china(project, moment, day, hour) -> None:
    made.conversation("late", at=datetime.fromisoformat(moment).timestamp()).turn("多少钱", "工本费", [made.FEE])
    project()
    assert found(since=day, until=day) == {"late"} and found(from_hour=hour, to_hour=hour) == {"late"}
    other = {"2026-03-01": "2026-03-02", "2026-03-02": "2026-03-01"}[day]
    assert found(since=other, until=other) == set()


def test_hours_go_over_midnight(three) -> None:
    Conversation.objects.filter(sender="fee").update(hour=23)
    Conversation.objects.filter(sender="abroad").update(hour=2)
    Conversation.objects.filter(sender="lost").update(hour=12)
    assert found(from_hour=22, to_hour=5) == {"fee", "abroad"}


def test_pages_meet_without_gap_or_overlap(project) -> None:
    now = time.time() - 4000  # of all the same, to the last digit
    for number in range(23):
        made.conversation(f"sender {number}", at=now).turn("在武汉能补吗", "能否异地办理", [made.ACCEPTED])
    project()
    everything = list(Conversation.objects.order_by("-id").values_list("id", flat=True))
    seen, before = [], None
    while True:
        page = filters.page(Conversation.objects.all(), before, None, size=5)
        seen += [row.id for row in page.rows]
        if page.older is None:
            break
        before = page.older
    assert seen == everything
    back = filters.page(Conversation.objects.all(), None, page.rows[0].id, size=5)
    assert [row.id for row in back.rows] == everything[15:20] and back.older == everything[19]


@pytest.mark.parametrize("words", ["'", '"', "a'b", "* OR *", "NEAR(", "\\", "%", "补领) OR (", "tag_意图_工本费"])
def test_no_keyword_breaks_the_search(three, words) -> None:
    assert found(words=words) <= {"fee", "abroad", "lost"}


def test_an_address_that_cannot_be_is_explained(staff) -> None:
    answer = staff("查看").get(reverse("conversations"), {"since": "yesterday", "confidence_to": "7", "before": "x"})
    assert answer.status_code == 400 and not answer.context["page"].rows


def test_a_search_is_kept_and_shared(staff, three) -> None:
    client = staff("查看")
    client.post(reverse("save-view"), {"name": "济宁的钱", "query": "city=济宁&next=//elsewhere.example&before=9", "shared": "on"})
    assert SavedView.objects.get().query == "city=%E6%B5%8E%E5%AE%81"
    other = staff("查看", name="li")
    assert "济宁的钱" in other.get(reverse("conversations")).content.decode()
    view = SavedView.objects.get()
    assert other.post(reverse("drop-view", args=[view.pk])).status_code == 404
    client.post(reverse("drop-view", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_the_queues_count_what_waits(staff, three) -> None:
    rows = {row["title"]: row["count"] for row in staff("审核").get(reverse("queues")).context["queues"]}
    assert rows["差评"] == 1 and rows["没听懂"] == 1 and rows["要找人工"] == 1 and rows["中途离开"] == 1
    assert rows["把握低"] == 2 and rows["依据较旧"] == 1 and rows["武汉没有规定"] == 1 and rows["济宁没有规定"] == 0


def test_what_is_searched_is_masked(project) -> None:
    door = "3" + "栋" + "1204" + "室"
    made.conversation().turn(f"我住{door} 身份证丢了", "补领")
    project()
    assert found(words="1204") == set() and found(words="身份证丢了") == {"sender"}


def test_pairs_cut_text_so_that_every_run_is_found() -> None:
    assert search.pairs("身份证") == ["身份", "份证"] and search.pairs("证") == []


def test_a_keyword_is_paged_like_the_list(project) -> None:
    for number in range(7):
        made.conversation(f"sender {number}").turn("在武汉能补吗" if number % 2 else "多少钱", "补领", [made.ACCEPTED])
    project()
    wanted = filters.matching({"words": "多少钱"})
    first = filters.page(wanted, None, None, size=2)
    second = filters.page(wanted, first.older, None, size=2)
    back = filters.page(wanted, None, second.rows[0].id, size=2)
    assert [row.sender for row in (*first.rows, *second.rows)] == ["sender 6", "sender 4", "sender 2", "sender 0"]
    assert back.rows == first.rows
