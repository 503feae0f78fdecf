"""What is read from a body: nothing but what was asked for, whatever is sent."""
from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assistant.channels.web import sessions
from assistant.channels.web.errors import WebError
from assistant.channels.web.requests import LONGEST_TEXT, client_msg_id, read_body, written

FIELDS = {"text": str, "seq": int}
anything = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(sorted(FIELDS)), inner), max_leaves=8)


def read_or_none(body: bytes):
    try:
        return read_body(body, FIELDS)
    except WebError as error:
        assert error.code == "bad_request"
        return None


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    found = read_or_none(body)
    assert found is None or all(type(value) is FIELDS[key] for key, value in found.items())


@given(anything)
def test_any_json_is_read_only_where_it_is_flat_and_of_the_right_kinds(value) -> None:
    is_right = type(value) is dict and all(key in FIELDS and type(one) is FIELDS[key] for key, one in value.items())
    assert read_or_none(json.dumps(value).encode()) == (value if is_right else None)


@given(st.text(alphabet=st.characters()))
def test_what_was_written_can_be_stored_and_shown(text: str) -> None:
    try:
        seen = written(text)
    except WebError as error:
        assert error.code == "too_large" and len(text) > LONGEST_TEXT
        return
    seen.encode("utf-8")
    assert {unicodedata.category(one) for one in seen if one != "\n"} <= {
        unicodedata.category(one) for one in text} - {"Cc", "Cf", "Cs"}


@given(anything)
def test_an_id_is_the_protocols_or_refused(value) -> None:
    try:
        assert client_msg_id(value).isascii() and 8 <= len(value) <= 64
    except WebError as error:
        assert error.code == "bad_request"


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    assert sessions.session_of(text) is None
    assert sessions.button_of("web-a", text) is None
    assert sessions.button_of("web-a", f"1-0-{text}") is None
