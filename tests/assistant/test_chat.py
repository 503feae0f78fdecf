"""The terminal: what is printed for a reply, and what a typed number means."""
from assistant.chat import SILENCE, _chosen, as_plain_text

MESSAGES = [
    {"text": "您有居住证吗？", "buttons": [{"title": "有", "payload": "/a"}, {"title": "没有", "payload": "/b"}]},
    {"custom": {"kind": "answer"}},
    {"text": "还想问：", "buttons": [{"title": "工本费", "payload": "/c"}]},
]


def test_buttons_are_numbered_through_the_whole_reply() -> None:
    assert as_plain_text(MESSAGES).splitlines() == ["您有居住证吗？", "  1. 有", "  2. 没有", "还想问：", "  3. 工本费"]


def test_no_reply_is_said_to_be_none() -> None:
    assert as_plain_text([]) == SILENCE


def test_a_number_chooses_a_button_only_where_there_is_one() -> None:
    buttons = [button for message in MESSAGES for button in message.get("buttons", ())]
    assert _chosen("3", buttons)["payload"] == "/c"
    for line in ("0", "4", "-1", "3 个月", "三", "２²"):
        assert _chosen(line, buttons) is None
