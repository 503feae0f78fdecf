"""Staff judge together: nothing is overwritten unseen, the second review is blind, agreement and accuracy are computed rightly."""
from __future__ import annotations

import random

import pytest
from django.urls import reverse

from console import agreement, judging, wordings
from console.models import Conversation, Turn, Verdict
from tests.console import made_events as made

pytestmark = pytest.mark.usefixtures("console")


@pytest.fixture
def asked(project, monkeypatch) -> Turn:
    made.conversation().turn("济宁补领多少钱", "工本费", [made.FEE], confidence=0.95)
    project()
    monkeypatch.setattr(judging, "needs_second_review", lambda event: False)
    return Turn.objects.get()


@pytest.fixture
def sampled(asked, monkeypatch) -> Turn:
    """The same answer, as one of those that two people judge."""
    monkeypatch.setattr(judging, "needs_second_review", lambda event: True)
    return asked


def judge(client, turn: Turn, verdict: str, seen: object = "", **other: str):
    address = reverse("judge", args=[turn.conversation_id, turn.event])
    return client.post(address, {"verdict": verdict, "seen": seen, **other})


def test_a_verdict_stands_with_its_cause_and_opens_the_matter(staff, asked) -> None:
    judge(staff("审核"), asked, "错误", cause="依据过旧", severity="重", note="2020年的")
    given = Verdict.objects.get()
    assert (given.verdict, given.cause, given.severity, given.round) == ("错误", "依据过旧", "重", 1)
    assert Conversation.objects.get().review_state == "在办"


def test_a_right_answer_has_no_cause(staff, asked) -> None:
    judge(staff("审核"), asked, "正确", cause="意图认错", severity="重")
    assert (Verdict.objects.get().cause, Verdict.objects.get().severity) == ("", "")


def test_a_note_on_a_verdict_is_masked(staff, asked) -> None:
    number = "1" + "38" + "00138000"
    judge(staff("审核"), asked, "错误", note=f"他的电话{number}")
    assert number not in Verdict.objects.get().note


def test_two_who_judge_at_once_are_shown_each_others_verdict(staff, asked) -> None:
    judge(staff("审核"), asked, "正确")
    answer = judge(staff("审核", name="li"), asked, "错误", cause="缺规则")
    assert answer.status_code == 409 and "正确" in answer.content.decode() and "缺规则" in answer.content.decode()
    assert Verdict.objects.get(current=True).verdict == "正确"


def test_a_changed_verdict_keeps_the_old_one(staff, asked) -> None:
    judge(staff("审核"), asked, "正确")
    first = Verdict.objects.get()
    judge(staff("审核", name="li"), asked, "部分正确", seen=first.pk)
    new = Verdict.objects.get(current=True)
    assert (new.verdict, new.replaces_id) == ("部分正确", first.pk) and Verdict.objects.count() == 2


def test_the_second_reviewer_does_not_see_the_first_verdict(staff, sampled) -> None:
    judge(staff("审核"), sampled, "错误", note="第一个人的说法")
    second = staff("审核", name="li")
    page = second.get(reverse("conversation", args=[sampled.conversation_id])).content.decode()
    assert "第一个人的说法" not in page and "checked" not in page.split("答得怎么样")[1].split("</form>")[0]
    assert sampled.text in second.get(reverse("second-reviews")).content.decode()
    judge(second, sampled, "错误")
    assert "第一个人的说法" in second.get(reverse("conversation", args=[sampled.conversation_id])).content.decode()
    assert [one.round for one in Verdict.objects.order_by("id")] == [1, 2]


def test_two_equal_blind_verdicts_are_final(staff, sampled) -> None:
    for name in ("wang", "li"):
        judge(staff("审核", name=name), sampled, "正确")
    answer = judge(staff("审核", name="zhao"), sampled, "错误")
    assert answer.status_code == 302 and Verdict.objects.filter(current=True, verdict="错误").count() == 0


def test_a_third_verdict_settles_two_that_differ(staff, sampled) -> None:
    judge(staff("审核"), sampled, "正确")
    judge(staff("审核", name="li"), sampled, "错误")
    judge(staff("审核", name="zhao"), sampled, "部分正确")
    assert judging.final().get().verdict == "部分正确"
    assert judging.agreement()[0] == 1


def test_who_judged_first_is_not_the_second_reviewer(staff, sampled) -> None:
    client = staff("审核")
    judge(client, sampled, "正确")
    assert not judging.awaiting_second(client.account)


def test_a_matter_is_assigned_and_resolved_once_at_a_time(staff, asked) -> None:
    client, key = staff("审核"), asked.conversation_id
    client.post(reverse("handle", args=[key]), {"state": "在办", "assignee": client.account.pk, "version": 0})
    late = client.post(reverse("handle", args=[key]), {"state": "待看", "assignee": "", "version": 0}, follow=True)
    assert "没有存下" in late.content.decode()
    found = Conversation.objects.get()
    assert (found.review_state, found.assignee, found.review_version) == ("在办", client.account, 1)


def test_notes_are_masked(staff, asked) -> None:
    number = "1" + "39" + "12345678"
    client = staff("审核")
    client.post(reverse("note", args=[asked.conversation_id]), {"text": f"打过{number}，没人接"})
    page = client.get(reverse("conversation", args=[asked.conversation_id])).content.decode()
    assert "没人接" in page and number not in page


# ---- groups of like messages ----------------------------------------------------------------------------

@pytest.fixture
def alike(project, monkeypatch) -> None:
    monkeypatch.setattr(judging, "needs_second_review", lambda event: False)
    for number, text in enumerate(("照片可以自己带吗", "照片可不可以自己带", "照片可以自己带吗？", "周末上班吗", "要多久才能拿到证")):
        made.conversation(f"sender {number}").turn(text, "办理流程", [made.NOT_SAID])
    made.conversation("answered").turn("照片能自己带吗", "工本费", [made.FEE])
    project()


def test_like_messages_without_an_answer_are_one_group(staff, alike) -> None:
    (group,) = staff("训练").get(reverse("wordings")).context["groups"]
    assert [[turn.text for turn in wording.turns] for wording in group.wordings] == [["照片可以自己带吗？", "照片可以自己带吗"], ["照片可不可以自己带"]]
    assert group.count == 3
    assert not staff("训练").get(reverse("wordings"), {"why": "没听懂"}).context["groups"]


def test_a_group_is_judged_at_once_and_then_gone(staff, alike) -> None:
    client = staff("审核")
    (group,) = client.get(reverse("wordings")).context["groups"]
    judge(staff("审核", name="li"), group.wordings[1].turns[0], "错误")
    answer = client.post(reverse("judge-group"), {"events": [wording.events for wording in group.wordings], "verdict": "正确"}, follow=True)
    assert "2 句评为" in answer.content.decode() and not answer.context["groups"]
    assert sorted(Verdict.objects.values_list("verdict", "reviewer__username")) == [("正确", "wang"), ("正确", "wang"), ("错误", "li")]
    assert Conversation.objects.filter(review_state="在办").count() == 3


@pytest.mark.parametrize("sent", [{"verdict": "正确"}, {"events": "x"}, {"events": ["9999999"], "verdict": "太好了"}])
def test_a_group_without_a_verdict_or_messages_changes_nothing(staff, alike, sent) -> None:
    assert "没有存下" in staff("审核").post(reverse("judge-group"), sent, follow=True).content.decode()
    assert not Verdict.objects.exists()


def test_what_stands_in_every_message_makes_no_group() -> None:
    frames = [f"身份证{what}" for what in ("丢了", "过期", "消磁", "磨损", "邮寄", "收费", "加急", "照片")]
    texts = [*frames, "没户口本行吗", "没户口本行不行", "，。！", "？"]
    groups = [{texts[index] for index in group} for group in wordings.grouped(texts)]
    assert groups[0] == {"没户口本行吗", "没户口本行不行"}
    assert sorted(map(len, groups[1:])) == [1] * len(frames)


def test_about_one_answer_in_twenty_is_judged_twice() -> None:
    share = sum(agreement.needs_second_review(event) for event in range(20_000)) / 20_000
    assert 0.045 < share < 0.055


@pytest.mark.parametrize("pairs, expected", [
    ([], None),
    ([("正确", "正确")] * 3, 1.0),
    ([("正确", "正确"), ("错误", "错误")], 1.0),
    ([("正确", "错误"), ("错误", "正确")], -1.0),
    # Cohen's own example: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no.
    ([("是", "是")] * 20 + [("是", "否")] * 5 + [("否", "是")] * 10 + [("否", "否")] * 15, 0.4),
])
def test_kappa(pairs, expected) -> None:
    found = agreement.kappa(pairs)
    assert found is None if expected is None else found == pytest.approx(expected)


def test_wilsons_interval_covers_the_truth_as_often_as_it_says() -> None:
    chance, share, hits = random.Random(1), 0.9, 0
    for _ in range(2000):
        low, high = agreement.wilson(sum(chance.random() < share for _ in range(80)), 80)
        hits += low <= share <= high
    assert 0.93 < hits / 2000 < 0.975
    assert agreement.wilson(0, 0) == (0.0, 1.0)


def test_accuracy_counts_final_verdicts_and_the_confidently_wrong(staff, asked) -> None:
    judge(staff("审核"), asked, "错误", cause="依据过旧")
    found = judging.accuracy(judging.final())
    assert (found["judged"], found["right"], found["sure"], found["sure_wrong"]) == (1, 0, 1, 1)
    assert found["causes"] == {"依据过旧": 1}
