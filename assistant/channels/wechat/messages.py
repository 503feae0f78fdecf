"""What the platform pushes, as typed messages; and the passive reply, as XML.

Only what is used is read: no coordinates, no picture addresses. Events are compared without regard to case, as the
documents write them both ways.
"""
import re
from dataclasses import dataclass
from typing import Mapping, NamedTuple, Union
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from assistant.channels.wechat.codec import Refused

# What the platform writes instead of a sticker and whatever else it does not pass on.
NOT_PASSED_ON = "【收到不支持的消息类型，暂无法显示】"
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_ILLEGAL_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Message:
    """`account` is the gh_ id of the account, `sender` the citizen's openid; `identity` is the same for a repetition."""

    account: str
    sender: str
    identity: str


@dataclass(frozen=True)
class Text(Message):
    """`menu_id`: number of the clicked choice, '' where it was typed."""

    content: str
    menu_id: str = ""


@dataclass(frozen=True)
class Voice(Message):
    """`recognition`: what was said, '' where the platform does not tell."""

    recognition: str


@dataclass(frozen=True)
class Location(Message):
    """`label`: the address in words, '' where there is none."""

    label: str


@dataclass(frozen=True)
class Other(Message):
    """image, video, shortvideo, link, or a kind not known."""

    kind: str


@dataclass(frozen=True)
class Event(Message):
    """`name` in lower case: subscribe, unsubscribe, click, …"""

    name: str
    key: str


AnyMessage = Union[Text, Voice, Location, Other, Event]


class Envelope(NamedTuple):
    """The outside of an encrypted push."""

    account: str
    encrypted: str


def read_xml(body: bytes) -> Mapping[str, str]:
    """The fields of a flat <xml>; of a field that occurs twice the first. Raises Refused for anything else."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError):
        raise Refused("not the XML of a message") from None
    if root.tag != "xml":
        raise Refused("not the XML of a message")
    fields: dict = {}
    for child in root:
        fields.setdefault(child.tag, child.text or "")
    return fields


def envelope(body: bytes) -> Envelope:
    """The outside of a push; an account in compatible mode adds plain fields, which are not looked at."""
    fields = read_xml(body)
    if "Encrypt" not in fields:
        raise Refused("not encrypted")
    return Envelope(fields.get("ToUserName", ""), fields["Encrypt"])


def message(body: bytes) -> AnyMessage:
    """A push without its encryption."""
    fields = read_xml(body)
    kind, account, sender = (fields.get(name, "") for name in ("MsgType", "ToUserName", "FromUserName"))
    if not (kind and _ID.fullmatch(account) and _ID.fullmatch(sender)):
        raise Refused("a message without sender, account or type")
    if kind == "event":
        name, key = fields.get("Event", "").lower(), fields.get("EventKey", "")
        return Event(account, sender, f"{fields.get('CreateTime')} {name} {key}", name, key)
    identity = fields.get("MsgId") or f"{fields.get('CreateTime')} {kind}"
    if kind == "text":
        return Text(account, sender, identity, fields.get("Content", ""), fields.get("bizmsgmenuid", ""))
    if kind == "voice":
        return Voice(account, sender, identity, fields.get("Recognition", ""))
    if kind == "location":
        return Location(account, sender, identity, fields.get("Label", ""))
    return Other(account, sender, identity, kind)


def text_reply(to: str, account: str, text: str, created: int) -> bytes:
    """A passive reply: `text` from `account` to the openid `to`."""
    return (f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(account)}</FromUserName>"
            f"<CreateTime>{created}</CreateTime><MsgType>{_cdata('text')}</MsgType>"
            f"<Content>{_cdata(text)}</Content></xml>").encode()


def encrypted_reply(encrypted: str, signed: str, timestamp: str, nonce: str) -> bytes:
    """The outside of an encrypted passive reply."""
    return (f"<xml><Encrypt>{_cdata(encrypted)}</Encrypt><MsgSignature>{_cdata(signed)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>").encode()


def _cdata(text: str) -> str:
    return "<![CDATA[" + _ILLEGAL_IN_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
