"""The shared state: the same behaviour in memory and in Redis."""
import asyncio

import pytest
from redis.asyncio import Redis

from assistant.channels.wechat.state import MemoryState, RedisState, state_at


@pytest.fixture
def state(state_url, run_async):
    state = state_at(state_url)
    yield state
    run_async(state.close())


@pytest.fixture
def on_redis(redis_url, run_async):
    state = RedisState(Redis.from_url(redis_url))
    yield state
    run_async(state.close())


def test_a_value_stands_until_its_time_is_over(state, run_async) -> None:
    async def work():
        await state.put("value", ["答", 1, None], 0.05)
        found = [await state.get("value")]
        await asyncio.sleep(0.1)
        return [*found, await state.get("value"), await state.get("never put")]
    assert run_async(work()) == [["答", 1, None], None, None]


def test_the_first_claim_stands_for_all(state, run_async) -> None:
    async def work():
        return await asyncio.gather(*(state.claim("claim", number, 5) for number in range(20)))
    assert len(set(run_async(work()))) == 1


def test_a_claim_ends_unless_it_is_kept(state, run_async) -> None:
    async def work():
        for name in ("left", "kept"):
            await state.claim(name, "first", 0.1)
        await state.keep("kept", 5)
        await state.keep("never put", 5)
        await asyncio.sleep(0.2)
        return [await state.claim(name, "second", 5) for name in ("left", "kept", "never put")]
    assert run_async(work()) == ["second", "first", "second"]


def test_a_set_has_its_members(state, run_async) -> None:
    async def work():
        for member in ("a", "b", "b", "c"):
            await state.add("set", member, 5)
        await state.discard("set", "c")
        await state.discard("no set", "c")
        before = await state.members("set")
        await state.drop("set", "never put")
        return before, await state.members("set")
    assert run_async(work()) == ({"a", "b"}, set())


def test_redis_holds_nothing_readable(on_redis, redis_url, run_async) -> None:
    async def work():
        await on_redis.put("outbox:somebody", [["您可以去派出所", False]], 5)
        raw = Redis.from_url(redis_url)
        value = await raw.get("wechat:outbox:somebody")
        await raw.close()
        return value
    value = run_async(work())
    assert value and "派出所".encode() not in value and b"false" not in value and b"\\u" not in value


def test_memory_throws_away_what_has_ended(run_async) -> None:
    now = [0.0]
    state = MemoryState(clock=lambda: now[0])

    async def work():
        for number in range(state.SWEEP_EVERY - 1):
            await state.put(str(number), number, 1)
        now[0] = 2.0
        await state.put("last", 1, 1)
    run_async(work())
    assert list(state._entries) == ["last"]
