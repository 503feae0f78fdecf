"""Odd texts break no parser and no turn; `make fuzz` sends far more of them."""
from __future__ import annotations

import pytest

from tests.fuzz.odd import LONG_TEXTS, TEXTS, VALUES, odd_texts, seeds
from tests.fuzz.parsers import PARSERS
from tests.fuzz.run import WholeTurn, fuzz

FEW = 60
SEED = 20261121


@pytest.mark.parametrize("name", PARSERS)
def test_nothing_that_once_did_harm_breaks_a_parser(name: str) -> None:
    for text in seeds():
        PARSERS[name](text)


@pytest.mark.parametrize("name", PARSERS)
def test_odd_texts_break_no_parser(name: str) -> None:
    fuzz(PARSERS[name], FEW, SEED, TEXTS)
    fuzz(PARSERS[name], FEW // 20, SEED, LONG_TEXTS)


def test_a_run_can_be_repeated() -> None:
    texts = list(odd_texts(300, SEED))
    assert texts == list(odd_texts(300, SEED)) != list(odd_texts(300, SEED + 1))
    assert len(set(texts)) > 250 and max(map(len, texts)) > 1000


def test_any_json_can_be_masked() -> None:
    from idcard.privacy import mask_json

    fuzz(lambda value: mask_json(value), FEW, SEED, VALUES)


@pytest.mark.model
def test_odd_texts_get_a_reply_and_no_error_is_logged(dialogue, run_async) -> None:
    turn = WholeTurn(dialogue, run_async)
    for text in seeds():
        turn(text)
    fuzz(turn, FEW, SEED, TEXTS)
