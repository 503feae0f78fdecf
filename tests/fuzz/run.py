"""Drives the parsers, and whole turns of the trained assistant, with odd texts."""
from __future__ import annotations

import logging
from typing import Any, Callable, Coroutine

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

RunAsync = Callable[[Coroutine], Any]
SENDERS = 20  # conversations in which the texts meet what was said before


def fuzz(parser: Callable[[Any], None], inputs: int, seed_number: int, texts: SearchStrategy) -> None:
    """`inputs` odd values through a parser; raises with the smallest one that breaks it."""
    @seed(seed_number)
    @settings(max_examples=inputs, deadline=None, database=None, report_multiple_bugs=False,
              phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck))
    @given(texts)
    def run(text: Any) -> None:
        parser(text)

    run()


class WholeTurn:
    """A parser that sends the text to the assistant, in turn in one of several conversations."""

    def __init__(self, dialogue: Any, run_async: RunAsync) -> None:
        self.dialogue, self.run_async, self.sent = dialogue, run_async, 0

    def __call__(self, text: str) -> None:
        self.sent += 1
        errors = _Errors()
        logging.getLogger().addHandler(errors)
        try:
            replies = self.run_async(self.dialogue.send(text, f"fuzz-{self.sent % SENDERS}"))
        finally:
            logging.getLogger().removeHandler(errors)
        assert replies, "no reply"
        for reply in replies:
            assert reply.get("text") or reply.get("custom"), reply
            assert reply.get("custom", {}).get("kind") != "apology", "an action failed"
            assert "Traceback" not in reply.get("text", "") and "Error" not in reply.get("text", ""), reply
        assert not errors.messages, errors.messages


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
