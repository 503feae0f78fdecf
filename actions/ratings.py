"""好评 and 差评: recorded with the reason, in slots that the staff console reads."""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Optional

from actions.state import Message, State
from idcard import phrasing
from idcard.knowledge import Knowledge
from idcard.replies import Reply

RATINGS = ("好评", "差评")
_BARE = re.compile(r"^(我?(要|想)?给?(你|你们)?(个|一个|打)?(好评|差评|不满意|满意|点赞|一颗?星|五颗?星)|不好用?|没用|太?差劲?)[了啊吧呀!！。，, ]*")
_NO_REASON = ("取消", "重新开始", "感谢", "告别", "转人工", "否定", "问候", *RATINGS)
LEAST = 3  # characters that may be a reason


def rated(knowledge: Knowledge, state: State, message: Message) -> tuple[State, list[Reply]]:
    """The rating with the reason given along; a bad one without a reason is asked for it, unless a question is open."""
    rest = _BARE.sub("", message.text).strip()
    reason: Optional[str] = rest if len(rest) >= LEAST else None
    said = [_said(knowledge, message.intent)]
    if message.intent == "差评" and reason is None and not state.asked:
        reason = ""
        said.append(_said(knowledge, "差评问原因"))
    return replace(state, rating=message.intent, reason=reason), said


def reason_given(state: State, message: Message) -> bool:
    """Whether the message is the reason just asked for, rather than a new question or a wave of the hand."""
    return (state.reason == "" and len(message.text) >= LEAST and message.intent not in _NO_REASON
            and not phrasing.asks(message.text))


def _said(knowledge: Knowledge, name: str) -> Reply:
    return Reply(knowledge.phrases[name].text, "smalltalk")
