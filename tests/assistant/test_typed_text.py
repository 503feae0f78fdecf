"""Nobody can type an intent: Rasa takes a leading "/" for one."""
import pytest

from assistant.typed_text import safe_text


@pytest.mark.parametrize("typed", [
    "/restart",
    "  /restart",
    "／restart",  # full width: NFKC makes it "/"
    "\u3000／restart",
    "\u200b/restart",  # zero-width space in front
    "\ufeff\u200e /restart",
    "\x00/restart",
    '/补领{"城市": "济宁"}',
    "//restart",
])
def test_a_typed_intent_is_only_text(typed: str) -> None:
    text = safe_text(typed)
    assert text.startswith("∕") and not text.startswith("/")
    assert safe_text(text) == text


def test_other_text_is_kept() -> None:
    assert safe_text(" 换身份证要 1/2 天吗？ ") == "换身份证要 1/2 天吗?"
    assert safe_text("１８６") == "186"
    assert safe_text("\u200b \n") == ""


def test_what_no_store_can_hold_becomes_a_blank() -> None:
    assert safe_text("补\x00领\ud800多\x1b少\n钱") == "补 领 多 少\n钱"
    assert safe_text("\udfff") == ""
