"""Counting calls: here, in Redis, and while Redis is away."""
from __future__ import annotations

import asyncio
import socket

import pytest

from assistant.channels import limits
from assistant.channels.limits import Limit, Limits

THREE = Limit(3, 60)


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 600_010.0)


def waits(counter: Limits, key: str, calls: int) -> list:
    async def run() -> list:
        return [await counter.wait(key, THREE) for _ in range(calls)]
    return asyncio.run(run())


def test_beyond_the_limit_it_says_how_long_to_wait() -> None:
    counter = Limits()
    assert waits(counter, "a", 5) == [0, 0, 0, 50, 50]
    assert waits(counter, "b", 1) == [0]


def test_the_next_window_begins_anew(monkeypatch) -> None:
    counter = Limits()
    assert waits(counter, "a", 4)[-1] == 50
    monkeypatch.setattr(limits.time, "time", lambda: 600_060.0)
    assert waits(counter, "a", 1) == [0]


def test_a_flood_of_keys_does_not_fill_the_memory_nor_free_the_busiest(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 100)
    counter = Limits()
    for number in range(1000):
        waits(counter, f"key-{number}", 1)
        last = waits(counter, "busy", 1)
    assert len(counter.counted) == 100 and last == [50]


@pytest.mark.services
def test_two_processes_count_together_in_redis(redis_server) -> None:
    one, other = Limits(redis_server.url), Limits(redis_server.url)

    async def run() -> list:
        return [await counter.wait("together", THREE) for counter in (one, other, one, other, one)]
    assert asyncio.run(run()) == [0, 0, 0, 50, 50]


def test_a_redis_that_is_away_or_hangs_leaves_the_counting_to_the_process(monkeypatch, caplog) -> None:
    monkeypatch.setattr(limits, "REDIS_SECONDS", 0.05)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        assert waits(Limits(f"redis://127.0.0.1:{mute.getsockname()[1]}/0"), "a", 4) == [0, 0, 0, 50]  # refuses
        mute.listen()
        assert waits(Limits(f"redis://127.0.0.1:{mute.getsockname()[1]}/0"), "a", 4) == [0, 0, 0, 50]  # never answers
    assert caplog.text.count("Redis") == 2, "told once, not at every call"
