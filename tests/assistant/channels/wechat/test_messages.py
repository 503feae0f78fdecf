"""What the platform pushes, as typed messages; hostile and broken XML; the reply as XML."""
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from assistant.channels.wechat import messages
from assistant.channels.wechat.codec import Refused
from tests.assistant.channels.wechat.vectors import OWN_XML

FROM = "oTEST00000000000000000000001"
HEAD = f"<ToUserName>gh_0123456789ab</ToUserName><FromUserName>{FROM}</FromUserName><CreateTime>1700000000</CreateTime>"


def _read(fields: str, head: str = HEAD) -> messages.AnyMessage:
    return messages.message(f"<xml>{head}{fields}</xml>".encode())


def test_a_text_is_read() -> None:
    assert messages.message(OWN_XML.encode()) == messages.Text("gh_0123456789ab", FROM, "7250021412600020992", "我想办理居住证😀")


def test_a_click_on_a_choice_is_a_text_with_its_number() -> None:
    read = _read("<MsgType>text</MsgType><Content>有</Content><MsgId>1</MsgId><bizmsgmenuid>12</bizmsgmenuid>")
    assert (read.content, read.menu_id) == ("有", "12")


@pytest.mark.parametrize("fields, said", [("<Recognition>怎么补办。</Recognition>", "怎么补办。"), ("<Recognition></Recognition>", ""), ("", "")])
def test_a_voice_says_what_was_recognised_or_nothing(fields: str, said: str) -> None:
    assert _read(f"<MsgType>voice</MsgType><MediaId>m</MediaId>{fields}<MsgId>1</MsgId>").recognition == said


def test_of_a_location_only_the_words_are_read() -> None:
    read = _read("<MsgType>location</MsgType><Location_X>30.5</Location_X><Location_Y>114.3</Location_Y><Label>洪山区</Label><MsgId>1</MsgId>")
    assert read == messages.Location("gh_0123456789ab", FROM, "1", "洪山区")


@pytest.mark.parametrize("kind", ["image", "video", "shortvideo", "link", "hologram"])
def test_every_other_kind_is_known_by_its_name(kind: str) -> None:
    assert _read(f"<MsgType>{kind}</MsgType><MsgId>1</MsgId>") == messages.Other("gh_0123456789ab", FROM, "1", kind)


def test_an_event_is_read_whatever_its_case() -> None:
    read = _read("<MsgType>event</MsgType><Event>CLICK</Event><EventKey>补领</EventKey>")
    assert (read.name, read.key) == ("click", "补领")


def test_two_clicks_in_one_second_are_two_messages() -> None:
    one, other = (_read(f"<MsgType>event</MsgType><Event>CLICK</Event><EventKey>{key}</EventKey>") for key in ("甲", "乙"))
    assert one.identity != other.identity


HOSTILE = {
    "entities that grow": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
    "a file as an entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><MsgType>&a;</MsgType></xml>',
    "a bare document type": "<!DOCTYPE xml><xml/>",
    "a foreign document type": '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml/>',
    "another root": "<html/>",
    "no end": "<xml><MsgType>text",
    "nothing": "",
    "no XML": "success",
    "an unknown encoding": '<?xml version="1.0" encoding="ebcdic-x"?><xml/>',
    "no sender": "<xml><MsgType>text</MsgType><ToUserName>gh_1</ToUserName></xml>",
    "a sender that is no openid": f"<xml><MsgType>text</MsgType><ToUserName>gh_1</ToUserName><FromUserName>{'a b' * 9}</FromUserName></xml>",
    "no kind": f"<xml>{HEAD}</xml>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_and_broken_xml_is_refused(body: str) -> None:
    with pytest.raises(Refused):
        messages.message(body.encode())


def test_an_envelope_without_content_is_refused() -> None:
    with pytest.raises(Refused):
        messages.envelope(f"<xml>{HEAD}</xml>".encode())


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode),
                 st.lists(st.sampled_from(["<xml>", "</xml>", "<MsgType>", "</MsgType>", "<![CDATA[", "]]>", "&a;", "<!DOCTYPE", "text", "<", "\0"]))
                 .map(lambda parts: "".join(parts).encode())))
def test_anything_is_read_or_refused(body: bytes) -> None:
    for read in (messages.message, messages.envelope):
        try:
            read(body)
        except Refused:
            pass


@given(st.text())
def test_any_text_comes_out_of_a_reply_as_it_went_in_but_for_what_xml_forbids(text: str) -> None:
    read = fromstring(messages.text_reply(FROM, "gh_1", text, 1700000000), forbid_dtd=True)
    legal = "".join(one for one in text if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff")
    assert read.findtext("Content") == legal.replace("\r\n", "\n").replace("\r", "\n")
    assert (read.findtext("ToUserName"), read.findtext("FromUserName")) == (FROM, "gh_1")
