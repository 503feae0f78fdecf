"""Bot messages as WeChat texts: one message where they fit, choices as links with numbers.

The platform cuts nothing: a text over its limit (2,047 bytes of UTF-8, as measured by others) is an error to the citizen.
"""
import re
import unicodedata
from dataclasses import dataclass
from typing import Iterable, List, Sequence
from urllib.parse import quote

from assistant.channels.wechat import wording

LIMIT = 2000  # bytes of a text
MOST_TITLE = 60  # characters; a longer title would make its link longer than some texts
BREAK = "\n\n"
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+[”）)」』]*|[^。！？；\n]+")
_NUMBER = re.compile(r"([0-9]{1,2})[.、。),]?|【([0-9]{1,2})】")


@dataclass(frozen=True)
class Choice:
    """A button: `number` is what the citizen types, `id` what a click on its link brings back (digits only)."""

    number: int
    id: str
    title: str
    payload: str


def choices(messages: Iterable[dict], first_id: int) -> "tuple[Choice, ...]":
    """The buttons of a reply, numbered through."""
    buttons = [button for message in messages for button in message.get("buttons", ())]
    return tuple(Choice(number, str(first_id + number), button["title"][:MOST_TITLE], button["payload"])
                 for number, button in enumerate(buttons, 1))


def chosen(latest: Sequence[Choice], earlier: Sequence[Choice], text: str, menu_id: str) -> "Choice | None":
    """The choice that a text means: a click by its id and title, or by its title alone where an account passes no id;
    a number typed, of the latest reply only."""
    offered = [*latest, *reversed(earlier)]
    for choice in offered:
        if menu_id == choice.id and text == choice.title:
            return choice
    number = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
    typed = int(number.group(1) or number.group(2)) if number else 0
    return next((choice for choice in latest if choice.number == typed),
                next((choice for choice in offered if choice.title == text), None))


def texts(messages: Sequence[dict], offered: Sequence[Choice]) -> List[str]:
    """The reply as texts of at most LIMIT bytes: one if possible, if need be without links."""
    linked, plain = (_blocks(messages, offered, with_links) for with_links in (True, False))
    return pack(linked) if _size(BREAK.join(linked)) <= LIMIT else pack(plain)


def pack(blocks: Iterable[str]) -> List[str]:
    """As few texts as possible, in order; only a block that is too long by itself is split, between sentences."""
    packed: List[str] = []
    for block in (piece for long in blocks for piece in split(long)):
        if packed and _size(packed[-1] + BREAK + block) <= LIMIT:
            packed[-1] += BREAK + block
        else:
            packed.append(block)
    return packed


def split(text: str, limit: int = LIMIT) -> List[str]:
    """Pieces of at most `limit` bytes, cut between sentences; a sentence longer than that, between characters."""
    if _size(text) <= limit:
        return [text]
    pieces = [""]
    for part in (part for sentence in _SENTENCE.findall(text) for part in _parts(sentence, limit)):
        if _size(pieces[-1] + part) > limit:
            pieces.append("")
        pieces[-1] += part
    return [piece for piece in (piece.strip("\n") for piece in pieces) if piece]


def _parts(sentence: str, limit: int) -> Iterable[str]:
    while _size(sentence) > limit:
        head = sentence.encode()[:limit].decode(errors="ignore")
        yield head
        sentence = sentence[len(head):]
    yield sentence


def _blocks(messages: Sequence[dict], offered: Sequence[Choice], with_links: bool) -> List[str]:
    """The text of each message, its choices below it."""
    remaining, blocks = list(offered), []
    for message in messages:
        mine = [remaining.pop(0) for _ in message.get("buttons", ())]
        lines = [_harmless(message["text"])] if message.get("text") else []
        if mine:
            lines += [wording.CHOOSE if with_links else wording.TYPE_A_NUMBER, *(_line(choice, with_links) for choice in mine)]
        if lines:
            blocks.append("\n".join(lines))
    return blocks


def _line(choice: Choice, with_link: bool) -> str:
    title = _harmless(choice.title)
    if with_link:
        title = (f'<a href="weixin://bizmsgmenu?msgmenucontent={quote(choice.title, safe="")}'
                 f'&msgmenuid={choice.id}">{title}</a>')
    return f"【{choice.number}】{title}"


def _harmless(text: str) -> str:
    """No link but ours: WeChat makes one of any <a href>, even of words quoted from the citizen."""
    return text.replace("<", "＜")


def _size(text: str) -> int:
    return len(text.encode())
