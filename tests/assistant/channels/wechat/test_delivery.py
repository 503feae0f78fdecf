"""Criteria 2 to 6: every message is answered once, in time, in order, whatever the platform repeats and its API refuses."""
import asyncio
import time

import pytest

from assistant.channels.wechat import wording
from tests.assistant.channels.wechat.conftest import AFTERWARDS, SCALE
from tests.assistant.channels.wechat.platform import LINK, PROMPT


async def _until(condition, seconds: float = 10) -> None:
    """Wait for what is to come; a test fails on what it asserts afterwards."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        await asyncio.sleep(0.02)


def _ways(platform, user) -> "list[tuple[str, str]]":
    return [(shown.way, shown.text) for shown in platform.screen[user]]


# ---- 2: now or later ----------------------------------------------------------------------------------------

def test_an_answer_within_four_seconds_is_the_reply_and_nothing_is_sent(platform, served_on_both, brain, user, run_async) -> None:
    push = run_async(platform.say(user, "等1"))
    assert (push.text, push.attempts) == ("答：等1", 1)
    run_async(asyncio.sleep(AFTERWARDS))
    assert platform.calls["message/custom/send"] == 0 and len(brain.turns) == 1


@pytest.mark.parametrize("seconds", ["4.6", "7", "20"])
def test_a_later_answer_is_sent_once(seconds: str, platform, served_on_both, brain, user, run_async) -> None:
    async def work():
        push = await platform.say(user, f"等{seconds}")
        await _until(lambda: platform.screen[user])
        await asyncio.sleep(AFTERWARDS)
        return push
    push = run_async(work())
    assert (push.text, push.has_failed) == ("", False)
    assert _ways(platform, user) == [("api", f"答：等{seconds}")]
    assert [turn.text for turn in brain.turns] == [f"等{seconds}"]


def test_answers_keep_the_order_of_their_questions(platform, served_on_both, user, run_async) -> None:
    async def work():
        pushes = []
        for text in ("等6", "第二", "第三", "等5", "第五"):
            pushes.append(asyncio.ensure_future(platform.say(user, text)))
            await asyncio.sleep(0.02)
        await asyncio.gather(*pushes)
        await _until(lambda: len("".join(platform.texts(user)).split("答：")) == 6)
    run_async(work())
    assert "".join(platform.texts(user)).replace("\n", "") == "答：等6答：第二答：第三答：等5答：第五"
    assert PROMPT not in platform.texts(user)


# ---- 3: repetitions -----------------------------------------------------------------------------------------

FIELDS = {"MsgType": "text", "Content": "你好"}


@pytest.mark.parametrize("same_nonce", [False, True])
def test_a_repetition_gets_the_same_reply_and_no_second_turn(same_nonce: bool, platform, served_on_both, brain, user, run_async) -> None:
    platform.same_nonce = same_nonce
    texts = [run_async(platform.push(user, FIELDS, msg_id="7250021412600020001")).text for _ in range(3)]
    assert texts == ["答：你好"] * 3 and len(brain.turns) == 1


@pytest.mark.parametrize("text, shown", [("等2", [("passive", "答：等2")]), ("等6", [("api", "答：等6")])])
def test_repetitions_at_the_same_time_agree(text: str, shown: list, platform, served_on_both, brain, user, run_async) -> None:
    async def work():
        await platform.push(user, {"MsgType": "text", "Content": text}, overlap=True)
        await _until(lambda: platform.screen[user])
        await asyncio.sleep(AFTERWARDS)
    run_async(work())
    assert _ways(platform, user) == shown and len(brain.turns) == 1


def test_the_same_id_from_two_citizens_is_two_messages(platform, served_on_both, brain, user, run_async) -> None:
    for sender in (user, user.replace("oTEST0", "oTEST9")):
        assert run_async(platform.push(sender, FIELDS, msg_id="7250021412600020002")).text == "答：你好"
    assert len({turn.sender_id for turn in brain.turns}) == 2


def test_two_clicks_in_one_second_are_two_messages(platform, served_on_both, brain, user, run_async) -> None:
    async def work():
        await asyncio.gather(*(platform.event(user, "CLICK", key) for key in ("转人工", "帮助")))
    run_async(work())
    assert sorted(turn.text for turn in brain.turns) == ["帮助", "转人工"]


def test_a_connection_that_breaks_loses_nothing(platform, served_on_both, brain, user, run_async) -> None:
    async def work():
        body = platform.message(user, {"MsgType": "text", "Content": "等3"})
        query, sealed = platform.sealed(body, "1", str(int(time.time())))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(platform.http.post(platform.webhook, params=query, data=sealed), SCALE)
        platform._grant(user, {"MsgType": "text"})
        await _until(lambda: platform.screen[user])
    run_async(work())
    assert _ways(platform, user) == [("api", "答：等3")] and len(brain.turns) == 1


# ---- 4: the API fails ---------------------------------------------------------------------------------------

def _no_sending(fault: str):
    return lambda path: fault if path == "message/custom/send" else ""


@pytest.mark.parametrize("fault", ["502", "not json", "40001", "45015", "45047"])
def test_an_answer_that_cannot_be_sent_comes_with_the_next_message(fault: str, platform, served, user, run_async) -> None:
    async def work():
        platform.fault = _no_sending(fault)
        late = await platform.say(user, "等5")
        await _until(lambda: platform.calls["message/custom/send"])
        await asyncio.sleep(SCALE)
        return late, await platform.say(user, "你好")
    late, following = run_async(work())
    assert (late.text, late.has_failed) == ("", False)
    assert following.text == "答：等5\n\n答：你好"


@pytest.mark.parametrize("fault", ["hang", "reset", "sent but silent"])
def test_an_answer_that_may_have_been_sent_is_not_sent_again_unasked(fault: str, platform, served, user, run_async) -> None:
    async def work():
        platform.fault = _no_sending(fault)
        await platform.say(user, "等5")
        await _until(lambda: platform.calls["message/custom/send"])
        await asyncio.sleep(6 * SCALE)  # until the call is given up
        return platform.calls["message/custom/send"], await platform.say(user, "你好")
    calls, following = run_async(work())
    assert calls == 1
    assert following.text == f"{wording.SENT_AGAIN}\n\n答：等5\n\n答：你好"


def test_while_the_api_hangs_messages_are_still_answered_in_time(platform, served, user, run_async) -> None:
    async def work():
        platform.fault = _no_sending("hang")
        await platform.say(user, "等5")
        await _until(lambda: platform.calls["message/custom/send"])
        return await platform.say(user, "你好")
    following = run_async(work())
    assert not following.has_failed and following.attempts == 1


def test_an_api_that_recovers_gets_the_answer(platform, served, user, run_async) -> None:
    async def work():
        faults = ["502", "502"]
        platform.fault = lambda path: faults.pop() if path == "message/custom/send" and faults else ""
        await platform.say(user, "等5")
        await _until(lambda: platform.screen[user])
    run_async(work())
    assert _ways(platform, user) == [("api", "答：等5")]


def test_an_account_that_may_not_send_says_how_to_get_the_answer(platform, served, brain, user, run_async) -> None:
    async def work():
        platform.fault = _no_sending("48001")
        first = await platform.say(user, "等5")
        await _until(lambda: platform.calls["message/custom/send"])
        await asyncio.sleep(SCALE)
        calls = platform.calls["message/custom/send"]
        second = await platform.say(user, "等4.5")
        third = await platform.say(user, "1")
        return calls, [first.text, second.text, third.text]
    calls, texts = run_async(work())
    assert texts == ["", wording.WAIT, "答：等5\n\n答：等4.5"]
    assert platform.calls["message/custom/send"] == calls == 1
    assert [turn.text for turn in brain.turns] == ["等5", "等4.5"]


def test_a_long_answer_of_an_account_that_may_not_send_is_fetched_piece_by_piece(platform, served, brain, user, run_async) -> None:
    async def work():
        platform.fault = _no_sending("48001")
        await platform.say(user, "等5")
        await _until(lambda: platform.calls["message/custom/send"])
        texts = [(await platform.say(user, "长")).text]
        while texts[-1].endswith(wording.MORE) and len(texts) < 10:
            texts.append((await platform.say(user, "继续")).text)
        return texts
    texts = run_async(work())
    whole = "".join(text.replace(wording.MORE, "").strip() for text in texts)
    assert whole.count("您可以带身份证😀去派出所。") == 160 and len(texts) > 2
    assert [turn.text for turn in brain.turns] == ["等5", "长"]


def test_a_brain_that_fails_is_an_apology(platform, served, user, run_async) -> None:
    assert run_async(platform.say(user, "坏")).text == wording.APOLOGY
    assert run_async(platform.say(user, "无言")).text == wording.APOLOGY
    assert run_async(platform.say(user, "你好")).text == "答：你好"


# ---- 5: merged and split ------------------------------------------------------------------------------------

def test_six_bot_messages_are_one(platform, served, user, run_async) -> None:
    push = run_async(platform.say(user, "六条"))
    assert push.text == "\n\n".join(f"第{number}条。" for number in range(1, 7))
    assert platform.calls["message/custom/send"] == 0


def test_a_long_answer_comes_in_legal_pieces_in_order(platform, served, user, run_async) -> None:
    async def work():
        await platform.say(user, "长")
        await _until(lambda: "".join(platform.texts(user)).count("。") == 160)
    run_async(work())
    assert "".join(platform.texts(user)) == "您可以带身份证😀去派出所。" * 160
    assert [shown.way for shown in platform.screen[user]] == ["passive", "api", "api", "api"]
    assert all(text.endswith("。") for text in platform.texts(user))


# ---- 6: choices ---------------------------------------------------------------------------------------------

def _chosen(platform, brain, user, run_async, answer) -> str:
    run_async(platform.say(user, "选"))
    run_async(answer())
    return brain.turns[-1].text


@pytest.mark.parametrize("with_id", [True, False])
def test_a_click_on_a_link_is_the_choice(with_id: bool, platform, served, brain, user, run_async) -> None:
    assert _chosen(platform, brain, user, run_async, lambda: platform.click(user, "没有", with_id)) == "/没有居住证"


@pytest.mark.parametrize("typed", ["2", "２", "②", "2.", " 2 ", "没有"])
def test_a_typed_number_or_title_is_the_choice(typed: str, platform, served, brain, user, run_async) -> None:
    assert _chosen(platform, brain, user, run_async, lambda: platform.say(user, typed)) == "/没有居住证"


def test_a_link_of_an_earlier_message_keeps_its_meaning(platform, served, brain, user, run_async) -> None:
    async def later():
        await platform.say(user, "你好")
        await platform.click(user, "有")
    assert _chosen(platform, brain, user, run_async, later) == "/有居住证"


def test_a_choice_no_longer_known_is_taken_as_its_words(platform, served, brain, user, run_async) -> None:
    run_async(platform.say(user, "选"))
    run_async(served.forget_choices(user))
    run_async(platform.click(user, "没有"))
    assert brain.turns[-1].text == "没有"


def test_a_number_after_a_reply_without_choices_is_a_text(platform, served, brain, user, run_async) -> None:
    async def later():
        await platform.say(user, "你好")
        await platform.say(user, "2")
    assert _chosen(platform, brain, user, run_async, later) == "2"


@pytest.mark.parametrize("typed", ["/restart", " /restart", "／restart", '/有居住证{"a": 1}'])
def test_nobody_types_an_intent(typed: str, platform, served, brain, user, run_async) -> None:
    run_async(platform.say(user, "选"))
    run_async(platform.say(user, typed))
    assert not brain.turns[-1].text.startswith("/")


def test_every_link_is_one_that_the_platform_knows(platform, served, user, run_async) -> None:
    push = run_async(platform.say(user, "选"))
    assert [title for _, _, title in LINK.findall(push.text)] == ["有", "没有"]


# ---- what Rasa says unasked ---------------------------------------------------------------------------------

def test_a_reminder_reaches_the_citizen(platform, served, brain, user, run_async) -> None:
    async def work():
        await platform.say(user, "你好")
        await served.channel.get_output_channel().send_response(brain.turns[-1].sender_id, {"text": "别忘了带户口簿。"})
        await _until(lambda: len(platform.screen[user]) > 1)
    run_async(work())
    assert _ways(platform, user)[-1] == ("api", "别忘了带户口簿。")


@pytest.mark.parametrize("dies", [False, True])
def test_a_repetition_that_comes_while_its_message_is_closed_blocks_nothing(dies: bool, platform, served, user, run_async, monkeypatch) -> None:
    state = served.channel._connection._state
    claim, add = state.claim, state.add

    async def claim_late(name, value, seconds):
        """Another process closes the message just before this one registers it."""
        if name.startswith("job:"):
            await state.put(f"closed:{name[4:]}", True, 60)
        return await claim(name, value, seconds)

    async def add_and_die(name, member, seconds):
        await add(name, member, seconds)
        if name.startswith("all:"):
            raise ConnectionError("as if the process had died here")

    monkeypatch.setattr(state, "claim", claim_late)
    if dies:
        monkeypatch.setattr(state, "add", add_and_die)
    run_async(platform.say(user, "你好"))
    monkeypatch.undo()
    assert run_async(platform.say(user, "还在吗")).text == "答：还在吗"
