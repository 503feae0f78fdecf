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
