"""A correction becomes data that the project accepts: checked, approved by somebody else, exported, validated."""
from __future__ import annotations

import re

import pytest
import yaml
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.nlu import candidates, data_quality
from console import improving, replaying
from console.models import Account, Correction, Replay, ReplayDifference, Turn, Verdict
from console.turns import Reply
from console.turns import Turn as Said
from tests.console import made_events as made
from tests.conversations import cases

pytestmark = pytest.mark.usefixtures("console")
WRITTEN = candidates.written()
NEW = "证件被碎纸机绞成条了还作不作数"


@pytest.fixture
def asked(project) -> Turn:
    made.conversation().turn(NEW, "有效期", [made.ASKS_REFUSAL], entities=[{"entity": "城市", "value": "武汉", "start": 0, "end": 2}])
    project()
    return Turn.objects.get()


def propose(client, turn: Turn, text: str = NEW, intents: tuple = ("换领",), purpose: str = "训练", **other: object):
    address = reverse("correct", args=[turn.conversation_id, turn.event])
    return client.post(address, {"text": text, "intent": list(intents), "purpose": purpose, **other}, follow=True)


def test_from_conversation_to_validated_example_in_four_clicks(staff, asked, tmp_path) -> None:
    """C5: the link in the transcript, propose, approve, export; then the project's own check of the file."""
    writer, approver = staff("查看", "训练"), staff("训练", name="li")
    assert reverse("correct", args=[asked.conversation_id, asked.event]) in writer.get(
        reverse("conversation", args=[asked.conversation_id])).content.decode()
    propose(writer, asked)
    approver.post(reverse("decide", args=[Correction.objects.get().pk]), {"approve": ""})
    text = approver.post(reverse("export", args=["训练"])).content.decode()
    file = tmp_path / "nlu.yml"
    file.write_text(text, encoding="utf-8")
    assert [(one.text, one.intent) for one in data_quality.read(file)] == [(NEW, "换领")]
    assert yaml.safe_load(text)["version"] == "3.1"
    assert Correction.objects.get().state == "已导出"


@pytest.mark.parametrize("text, intents, purpose, why", [
    ("身份证丢了怎么补", ("补领",), "训练", "训练数据"),
    ("请问身份证丢了咋补啊", ("补领",), "检验", "训练数据"),
    ("卡套整个丢了 身份证想重弄一张", ("补领",), "训练", "检验用例"),
    (NEW, ("没有的意图",), "训练", "没有这个意图"),
    (NEW, ("换领", "工本费"), "训练", "只能有一个意图"),
    ("[武汉](city)的证件怎么算", ("换领",), "训练", "括号"),
    ("。。。", ("换领",), "训练", "空的"),
    ("我叫" + "王小明" + "，证件绞碎了", ("换领",), "训练", "遮住"),
])
def test_a_sentence_that_would_spoil_the_data_is_refused(staff, asked, text, intents, purpose, why) -> None:
    answer = propose(staff("训练"), asked, text, intents, purpose)
    assert answer.status_code == 400 and why in answer.context["problem"] and not Correction.objects.exists()


def test_what_is_trained_on_is_never_tested_on(staff, asked) -> None:
    propose(staff("训练"), asked)
    answer = propose(staff("训练", name="li"), asked, f"请问{NEW}啊", purpose="检验")
    assert "已经提出的训练句" in answer.context["problem"] and Correction.objects.count() == 1


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["训练", "检验"]), st.text("证件怎么补换武汉济宁多少钱吗的了，？ 请问", min_size=1, max_size=9)), max_size=12))
def test_no_accepted_set_of_sentences_leaks(proposed) -> None:
    """Whatever is proposed in whatever order: no gist is in both purposes, nor twice in one."""
    rows = [{"purpose": purpose, "text": text, "intents": ["换领"]} for purpose, text in proposed]
    refused = {index for index, _ in candidates.problems(rows, WRITTEN, {"换领"})}
    accepted = [(row["purpose"], data_quality.gist(row["text"])) for index, row in enumerate(rows) if index not in refused]
    gists = [gist for _, gist in accepted]
    assert len(gists) == len(set(gists))
    assert not set(gists) & WRITTEN.keys()


def test_nobody_approves_their_own_and_nothing_is_decided_twice(staff, asked) -> None:
    writer, approver = staff("训练"), staff("训练", name="li")
    propose(writer, asked)
    key = Correction.objects.get().pk
    assert "另一个人" in writer.post(reverse("decide", args=[key]), {"approve": ""}, follow=True).content.decode()
    approver.post(reverse("decide", args=[key]), {"reason": "说法太偏"})
    assert (Correction.objects.get().state, Correction.objects.get().reason) == ("已退回", "说法太偏")
    assert "已经处理过" in approver.post(reverse("decide", args=[key]), {"approve": ""}, follow=True).content.decode()


def test_a_held_out_case_keeps_entities_and_has_the_format_of_the_cases(staff, asked) -> None:
    propose(staff("训练"), asked, purpose="检验", intents=("换领", "工本费"), entity=["城市", "省份"], value=["武汉", ""], role=["所在", ""])
    staff("训练", name="li").post(reverse("decide", args=[Correction.objects.get().pk]), {"approve": ""})
    case, = yaml.safe_load(improving.export("检验"))
    assert case == {"text": NEW, "intents": ["换领", "工本费"], "entities": [{"entity": "城市", "value": "武汉", "role": "所在"}]}


def test_a_conversation_becomes_a_case_that_the_suite_can_read(staff, project) -> None:
    talk = made.conversation()
    talk.turn("湖南人身份证丢了 在武汉能补吗", "能否异地办理", [made.ASKS_REFUSAL], buttons=["都没有"])
    talk.turn("都没有", "否定", [made.ACCEPTED])
    project()
    key = Turn.objects.first().conversation_id
    form = {"name": "湖南人在武汉补证", "topic-0": "能否异地办理", "outcome-0": "", "asks-0": "不予受理情形", "topic-1": "能否异地办理",
            "outcome-1": "可以异地受理", "asks-1": ""}
    staff("训练").post(reverse("correct-conversation", args=[key]), form)
    improving.decide(Correction.objects.get(), Account.objects.create(username="li", name="li"), True)
    raw, = yaml.safe_load(improving.export("对话"))
    case = cases._case(raw, cases.FOLDER / "happy_path/exported.yml")
    assert [(turn.say, turn.pressed) for turn in case.turns] == [("湖南人身份证丢了 在武汉能补吗", False), ("都没有", True)]
    assert case.turns[0].expect == {"asks": "不予受理情形", "topic": "能否异地办理"}
    assert case.turns[1].expect == {"asks": None, "topic": "能否异地办理", "outcome": "可以异地受理", "cites": ["武汉2016/一/1"]}


def said(intent: str, *twins: dict) -> Said:
    return Said(1, 0.0, "问", intent, 0.9, replies=[Reply("答", twin) for twin in twins])


@pytest.mark.parametrize("other, differing", [
    (said("工本费", made.FEE), []),
    (said("办理时限", made.FEE), ["intent"]),
    (said("工本费", {**made.FEE, "outcome": "20元"}), ["outcome"]),
    (said("工本费", made.ASKS_REFUSAL), ["kind", "topic", "asks", "outcome"]),
])
def test_a_replay_tells_what_would_be_read_or_answered_differently(other, differing) -> None:
    assert replaying.differences(replaying.reading(said("工本费", made.FEE)), replaying.reading(other)) == differing


def led(monkeypatch, **answers: tuple[str, dict]) -> None:
    """Models that answer every message alike."""
    def replay(model, asked):
        intent, twin = answers[model]
        yield from ({"event": turn["event"], "intent": intent, "confidence": 0.9, "twins": [twin]} for one in asked for turn in one["turns"])
    monkeypatch.setattr(replaying, "replay", replay)


def run_of(client, **other: str) -> Replay:
    run = Replay.objects.create(author=client.account, limit=5, **other)
    replaying.lead(run)
    run.refresh_from_db()
    return run


@pytest.fixture
def judged(project, staff) -> list[Turn]:
    """Four answers, each 20元 read as 工本费: right, wrong, wrong and corrected to 办理时限, not judged."""
    for number in range(4):
        made.conversation(f"sender {number}").turn("多少钱", "工本费", [{**made.FEE, "outcome": "20元"}])
    project()
    turns, client = list(Turn.objects.order_by("event")), staff("审核")
    for turn, verdict in zip(turns, ("正确", "错误", "错误")):
        Verdict.objects.create(turn=turn, reviewer=client.account, round=1, verdict=verdict)
    Correction.objects.create(turn=turns[2], purpose="训练", text="多久", intents=["办理时限"], author=client.account, state="已批准")
    return turns


def test_two_models_are_compared_by_kind_and_by_what_people_said(judged, staff, monkeypatch) -> None:
    """Against what was said then: one right answer lost, one corrected reading gained, one wrong answer changed to who knows what."""
    led(monkeypatch, new=("办理时限", made.NOT_SAID), old=("工本费", {**made.FEE, "outcome": "20元"}))
    client = staff("训练")
    then = run_of(client, model="new")
    assert then.summary == {"differ": 4, "by": {"意图": 4, "话题": 4, "结论": 4}, "reviewed": {"变错": 1, "看不出": 1, "变对": 1}}
    assert run_of(client, model="new", baseline="old").summary == then.summary
    same = run_of(client, model="old")
    assert same.summary == {"differ": 0, "by": {}, "reviewed": {"都对": 1, "都错": 2}}
    page = client.get(reverse("replay", args=[then.pk])).content.decode()
    assert "4 句不一样：意图 4、话题 4、结论 4" in page and "变对" in page


def test_only_models_of_the_project_are_led(staff, monkeypatch) -> None:
    monkeypatch.setattr(replaying, "models", lambda: ["models/a.tar.gz"])
    monkeypatch.setattr(replaying, "start", lambda run: None)
    client = staff("训练")
    for model, baseline in (("/etc/passwd", ""), ("models/a.tar.gz", "/etc/passwd")):
        client.post(reverse("replays"), {"model": model, "baseline": baseline})
    assert not Replay.objects.exists()
    client.post(reverse("replays"), {"model": "models/a.tar.gz", "baseline": "", "limit": "99999999"})
    assert Replay.objects.get().limit == 2000


def test_a_replay_that_fails_says_why_and_harms_nothing(asked, staff) -> None:
    run = Replay.objects.create(model="models/none.tar.gz", author=staff("训练").account, limit=5)
    replaying.lead(run)
    run.refresh_from_db()
    assert run.state == "失败" and re.search("no model|model", run.problem)


@pytest.mark.model
def test_the_real_model_replayed_shows_just_what_it_reads_otherwise(project, staff, model_path) -> None:
    """The recorded reading of the second message is made up; that of the first and of the answer within the form is what a model gives.

    The citizen came from 武汉's site and did not name the city: what was known before the first message is known in the replay too.
    """
    talk = made.conversation()
    talk.add("slot", {"name": "city", "value": "武汉"}, "city")
    talk.turn("湖南人身份证丢了 这里能补吗", "能否异地办理", [{"kind": "answer", "topic": "能否异地办理", "city": "武汉"}, made.ASKS_REFUSAL])
    wrong = talk.turn("都没有", "闲聊", [{"kind": "smalltalk"}])
    project()
    client = staff("训练")
    run = Replay.objects.create(model=str(model_path), author=client.account, limit=5)
    replaying.lead(run)
    run.refresh_from_db()
    assert (run.state, run.messages) == ("完成", 2), run.problem
    found = ReplayDifference.objects.get()
    assert (found.turn_id, found.what, found.after["intent"], found.after["asks"]) == (wrong, "意图", "否定", "是否有居住证")
    assert "都没有" in client.get(reverse("replay", args=[run.pk])).content.decode()
