"""Rasa's events become the read model: complete, the same however often, at whatever moment it was stopped."""
from __future__ import annotations

import random
import time

import pytest
from django.db import connection

from actions.conversation import clarify
from actions.state import Message
from console import projector
from console.models import Conversation, Cursor, Daily, RasaEvent, Turn
from idcard.knowledge import load
from tests.console import made_events as made

pytestmark = pytest.mark.usefixtures("console")


def rows(model) -> list:
    columns = [field.attname for field in model._meta.concrete_fields]
    return list(model.objects.order_by("pk").values_list(*columns))


def everything() -> tuple:

    with connection.cursor() as cursor:
        cursor.execute("SELECT rowid, * FROM console_search ORDER BY rowid")
        index = cursor.fetchall()
    counts = sorted(Daily.objects.values_list("day", "channel", "city", "measure", "name", "count"))
    return rows(Conversation), rows(Turn), index, counts


def test_a_conversation_is_read_with_its_turns_and_what_came_of_it(project) -> None:
    talk = made.conversation()
    first = talk.turn("湖南人身份证丢了 在武汉能补吗", "能否异地办理", [made.ASKS_REFUSAL], confidence=0.7, second_confidence=0.2, buttons=["都没有"])
    talk.turn("都没有", "否定", [made.ACCEPTED])
    project()
    found = Conversation.objects.get()
    assert (found.city, found.result, found.outcome, found.messages, found.channel) == ("武汉", "已答复", "可以异地受理", 2, "web")
    assert found.least_confidence == 0.7 and found.last_asked == "不予受理情形" and found.old_source
    turn = Turn.objects.get(pk=first)
    assert (turn.intent, turn.asks, turn.number) == ("能否异地办理", "不予受理情形", 1)
    assert turn.margin == pytest.approx(0.5) and 0 < turn.seconds < 1


def test_a_new_session_of_the_same_sender_is_another_conversation(project) -> None:
    talk = made.conversation()
    talk.turn("多少钱", "工本费", [made.FEE])
    project()
    talk.start()
    talk.turn("再问一下", "帮助")
    project()
    assert [one.messages for one in Conversation.objects.order_by("id")] == [1, 1]


def test_a_session_in_which_nothing_was_said_is_none(project) -> None:
    made.conversation()
    project()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("twins, words, result", [
    ([made.FEE], "每证40元。", "已答复"), ([made.ASKS_REFUSAL], "有没有？", "中途离开"), ([made.HANDED_OVER], "电话", "转人工"),
    ([made.NOT_SAID], "没有写", "没答上"), ([made.CLARIFY], "您是想问哪一件？", "没答上"), ([made.LOST], "什么？", "没答上"),
    ([{"kind": "clarify", "topic": "超出范围"}], "护照归出入境管", "不归我们")])
def test_how_a_conversation_ended(project, twins, words, result) -> None:
    made.conversation().turn("问一句", "超出范围" if result == "不归我们" else "工本费", twins, words=words)
    project()
    assert Conversation.objects.get().result == result


def test_not_understood_is_known_by_the_twin_and_not_by_words(project) -> None:
    """The twin that the assistant gives is taken from its own code."""
    said = clarify(load(), Message("呜里哇啦", "nlu_fallback"))
    made.conversation("lost").turn("呜里哇啦", "闲聊", [said.twin()], words="any words")
    made.conversation("words").turn("多少钱", "工本费", [made.FEE], words="我没听明白。")
    project()
    assert list(Conversation.objects.filter(fell_back=True).values_list("sender", flat=True)) == ["lost"]


@pytest.mark.parametrize("intent, tries, fell_back", [("闲聊", 1.0, True), ("不清楚", 1.0, False), ("肯定", 0.0, False)])
def test_an_answer_that_did_not_fit_the_open_question_counts_as_not_understood(project, intent, tries, fell_back) -> None:
    talk = made.conversation()
    talk.turn("在武汉能补吗", "能否异地办理", [made.ASKS_REFUSAL], slots={"failed_tries": 0.0})
    talk.turn("呜里哇啦", intent, [made.ASKS_REFUSAL], slots={"failed_tries": tries})
    project()
    assert Conversation.objects.get().fell_back is fell_back


def test_a_rating_counts_however_it_was_given(project) -> None:
    for sender, rate in (("by words", lambda talk: talk.turn("不好", "差评")),
                         ("by slot", lambda talk: talk.turn("没用", "闲聊", slots={"rating": "差评", "rating_reason": "没说清楚"})),
                         ("by button", lambda talk: talk.add("bot", {"text": "谢谢", "metadata": {"feedback": {"rating": "差评"}}}))):
        talk = made.conversation(sender)
        talk.turn("多少钱", "工本费", [made.FEE])
        rate(talk)
    project()
    assert set(Conversation.objects.values_list("feedback", flat=True)) == {"差评"}
    assert Conversation.objects.get(sender="by slot").feedback_reason == "没说清楚"


def test_the_same_events_again_change_nothing(project) -> None:
    talk = made.conversation()
    for text in ("在武汉能补吗", "多少钱"):
        talk.turn(text, "工本费", [made.FEE])
    project()
    before = everything()
    Cursor.objects.update(last_event=0)
    project()
    assert everything() == before


def test_what_staff_wrote_outlives_a_new_projection(project) -> None:
    talk = made.conversation()
    talk.turn("多少钱", "工本费", [made.FEE])
    project()
    Conversation.objects.update(review_state="在办", review_version=3)
    talk.turn("还要带什么", "所需材料")
    project()
    found = Conversation.objects.get()
    assert (found.review_state, found.review_version, found.messages) == ("在办", 3, 2)


def test_an_event_that_is_committed_late_is_not_passed_over(project) -> None:
    now = time.time()
    ids = iter([1000, 1001, 1002, 1003, 1004, 1005, 1006])
    early = made.Written("early", at=now - 500, ids=ids)
    early.start()
    early.turn("第一句", "问候")
    project()
    late, fast = iter(range(1010, 1020)), iter(range(1020, 1030))
    quick = made.Written("quick", at=now - 1, ids=fast)
    quick.turn("后提交的先看到", "问候")
    project()
    assert Turn.objects.filter(text="后提交的先看到").exists()
    slow = made.Written("slow", at=now - 2, ids=late)
    slow.turn("先拿号后提交", "问候")
    project()
    assert Turn.objects.filter(text="先拿号后提交").exists()


@pytest.mark.parametrize("events, now, expected", [
    ([(11, 0.0), (12, 0.0)], 1.0, 12),
    ([(11, 0.0), (13, 0.5)], 1.0, 11),
    ([(11, 0.0), (13, 0.5)], 100.0, 13),
])
def test_the_cursor_waits_before_a_gap_until_it_has_settled(events, now, expected) -> None:
    assert projector.settled(10, events, now) == expected


def test_another_store_is_read_from_its_beginning(project) -> None:
    made.Written("restored", ids=iter(range(1, 20))).turn("新库的第一句", "问候")
    Cursor.objects.create(pk=1, last_event=5_000_000)
    project()
    assert Turn.objects.filter(text="新库的第一句").exists()


def test_a_conversation_erased_at_its_source_is_forgotten_here(project) -> None:
    for sender in ("stays", "goes"):
        made.conversation(sender).turn("在武汉能补吗", "能否异地办理", [made.ACCEPTED])
    project()
    RasaEvent.objects.filter(sender_id="goes").delete()
    assert projector.sweep() == 1
    assert list(Conversation.objects.values_list("sender", flat=True)) == ["stays"]
    assert Turn.objects.count() == 1


def test_an_empty_source_forgets_nothing(project) -> None:
    made.conversation().turn("在武汉能补吗", "能否异地办理", [made.ACCEPTED])
    project()
    RasaEvent.objects.all().delete()
    assert projector.sweep() == 0 and Conversation.objects.exists()


class Stopped(BaseException):
    """As if the process were killed."""


def test_stopped_a_hundred_times_at_random_nothing_is_lost_and_nothing_double(project, monkeypatch) -> None:
    """The step is broken off inside its transaction at a random query; a killed process leaves just that behind."""
    chance = random.Random(8)
    talks = [made.conversation(f"sender {number}", at=time.time() - 4000) for number in range(20)]
    for number in range(60):
        talks[chance.randrange(20)].turn(f"第{number}句", "工本费", [made.FEE])

    def break_off(execute, sql, params, many, context):
        if chance.random() < 0.08:
            raise Stopped
        return execute(sql, params, many, context)

    stops = 0
    while stops < 100:
        if chance.random() < 0.3:
            Cursor.objects.update(last_event=chance.randrange(100))
        try:
            with connection.execute_wrapper(break_off):
                projector.step(load(), batch=40)
                projector.recount_dirty_days()
        except Stopped:
            stops += 1
    project()
    killed = everything()
    Turn.objects.all().delete(), Conversation.objects.all().delete(), Daily.objects.all().delete(), Cursor.objects.all().delete()
    project()
    assert killed[1] == everything()[1] and len(killed[1]) == 60
    assert killed[0] == everything()[0] and killed[2] == everything()[2] and killed[3] == everything()[3]
