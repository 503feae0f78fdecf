"""Criterion 7: every kind of message and event gets a fitting, legal answer, and only words reach the assistant."""
import pytest

from assistant.channels.wechat import messages, wording
from tests.assistant.channels.wechat.platform import LINK

LOCATION = {"MsgType": "location", "Location_X": "30.5", "Location_Y": "114.3", "Scale": "15"}

# fields of a message -> what the assistant hears (None: nothing), what the citizen reads (None: what the assistant says)
KINDS = {
    "a voice with its words": ({"MsgType": "voice", "MediaId": "m", "Recognition": "怎么补办"}, "怎么补办", None),
    "a voice without words": ({"MsgType": "voice", "MediaId": "m", "Recognition": ""}, None, wording.VOICE),
    "a voice of an account without recognition": ({"MsgType": "voice", "MediaId": "m"}, None, wording.VOICE),
    "a picture": ({"MsgType": "image", "PicUrl": "http://127.0.0.1/x", "MediaId": "m"}, None, wording.UNREADABLE["image"]),
    "a video": ({"MsgType": "video", "MediaId": "m"}, None, wording.UNREADABLE["video"]),
    "a short video": ({"MsgType": "shortvideo", "MediaId": "m"}, None, wording.UNREADABLE["shortvideo"]),
    "a link": ({"MsgType": "link", "Title": "t", "Url": "http://127.0.0.1/x"}, None, wording.UNREADABLE["link"]),
    "a kind nobody knows": ({"MsgType": "hologram"}, None, wording.NO_TEXT),
    "an empty text": ({"MsgType": "text", "Content": ""}, None, wording.NO_TEXT),
    "a blank text": ({"MsgType": "text", "Content": " \u3000\n\u200b"}, None, wording.NO_TEXT),
    "a sticker": ({"MsgType": "text", "Content": messages.NOT_PASSED_ON}, None, wording.NO_TEXT),
    "a location in a district": ({**LOCATION, "Label": "湖北省武汉市洪山区珞喻路1037号"}, "我在武汉洪山区", None),
    "a location in another city": ({**LOCATION, "Label": "湖南省长沙市岳麓区麓山南路1号"}, "我在长沙岳麓区", None),
    "a location in a city only": ({**LOCATION, "Label": "湖北省武汉市"}, None, wording.WHICH_DISTRICT),
    "a location in a district of several cities": ({**LOCATION, "Label": "鼓楼区中山路1号"}, None, wording.WHICH_DISTRICT),
    "a location without words": (LOCATION, None, wording.WHICH_DISTRICT),
}


@pytest.mark.parametrize("fields, heard, read", KINDS.values(), ids=KINDS.keys())
def test_a_message_gets_a_fitting_answer(fields, heard, read, platform, served, brain, user, run_async) -> None:
    push = run_async(platform.push(user, fields))
    assert [turn.text for turn in brain.turns] == ([heard] if heard else [])
    assert push.text == (read or f"答：{heard}")


def test_an_account_in_compatible_mode_is_served_by_what_is_encrypted(platform, served, brain, user, run_async) -> None:
    platform.compatible = True  # the same fields in the clear, beside: anybody could have written those
    push = run_async(platform.push(user, {"MsgType": "text", "Content": "怎么补办"}))
    assert ([turn.text for turn in brain.turns], push.text) == (["怎么补办"], "答：怎么补办")


def test_subscribing_greets_with_choices_that_can_be_typed(platform, served, brain, user, run_async) -> None:
    push = run_async(platform.event(user, "subscribe", "qrscene_1"))
    titles = [title for _, _, title in LINK.findall(push.text)]
    assert push.text.startswith(wording.GREETING) and len(titles) == 5
    run_async(platform.say(user, "3"))
    assert [turn.text for turn in brain.turns] == [titles[2]]


def test_a_click_on_the_menu_is_the_question_on_it(platform, served, brain, user, run_async) -> None:
    run_async(platform.event(user, "CLICK", "身份证丢了怎么补"))
    assert [turn.text for turn in brain.turns] == ["身份证丢了怎么补"]


@pytest.mark.parametrize("name, key", [("CLICK", "/restart"), ("CLICK", ""), ("VIEW", "http://127.0.0.1"), ("SCAN", "1"), ("LOCATION", ""),
                                       ("scancode_push", "k"), ("pic_sysphoto", "k"), ("location_select", "k"), ("TEMPLATESENDJOBFINISH", ""),
                                       ("debug_demo", ""), ("event_of_next_year", "k")])
def test_an_event_that_asks_nothing_is_taken_in_silence(name, key, platform, served, brain, user, run_async) -> None:
    push = run_async(platform.event(user, name, key))
    assert (push.text, push.has_failed, brain.turns) == ("", False, [])


def test_the_assistant_learns_a_pseudonym_and_nothing_else(platform, served, brain, user, run_async) -> None:
    run_async(platform.say(user, "你好"))
    (turn,) = brain.turns
    assert turn.input_channel == "wechat" and not turn.metadata
    assert user not in repr(vars(turn)) and len(turn.sender_id) == 22
