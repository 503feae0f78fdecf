"""One turn of a conversation at a time, in order, within a process and among processes that share a Redis."""
import asyncio
import contextlib

import pytest
import redis as redis_client

from assistant import start
from tests.services import free_port


@pytest.fixture(scope="module", autouse=True)
def rasa_without_tensorflow() -> None:
    start.load_rasa()


@pytest.fixture
def locks():
    """Makes a lock store as one process has it."""
    from assistant.lock_store import ConversationLockStore

    return ConversationLockStore


@pytest.fixture
def shared_locks(locks, redis_server, monkeypatch):
    from assistant.lock_store import SharedQueue

    monkeypatch.setenv("IDCARD_REDIS_URL", redis_server.url)
    monkeypatch.setattr(SharedQueue, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(SharedQueue, "REST_SECONDS", 0.2)
    with redis_client.Redis.from_url(redis_server.url) as connection:
        connection.flushall()
    return locks


class Turns:
    """Records who entered and left."""

    def __init__(self) -> None:
        self.log: list = []

    async def take(self, store, name: str, conversation: str = "a", seconds: float = 0.02) -> None:
        async with store.lock(conversation):
            self.log.append(f"{name} in")
            await asyncio.sleep(seconds)
            self.log.append(f"{name} out")


def one_after_the_other(*names: str) -> list:
    return [f"{name} {what}" for name in names for what in ("in", "out")]


def test_turns_of_a_conversation_keep_the_order_of_their_messages(locks) -> None:
    turns = Turns()

    async def run():
        store = locks()
        await asyncio.gather(*(turns.take(store, name) for name in "12345"))
        assert not store._conversations  # nothing is left behind

    asyncio.run(run())
    assert turns.log == one_after_the_other(*"12345")


def test_other_conversations_do_not_wait(locks) -> None:
    turns = Turns()

    async def run():
        store = locks()
        await asyncio.gather(turns.take(store, "slow", "a", 0.1), turns.take(store, "quick", "b", 0))

    asyncio.run(run())
    assert turns.log == ["slow in", "quick in", "quick out", "slow out"]


def test_a_turn_that_fails_or_is_given_up_leaves_the_conversation_free(locks) -> None:
    turns = Turns()

    async def run():
        store = locks()
        with contextlib.suppress(RuntimeError):
            async with store.lock("a"):
                waiting = asyncio.create_task(turns.take(store, "given up"))
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.sleep(0)
                raise RuntimeError
        await turns.take(store, "next")

    asyncio.run(run())
    assert turns.log == one_after_the_other("next")


def test_a_flood_of_one_conversation_is_refused(locks) -> None:
    from assistant.lock_store import MOST_WAITING, TooManyWaiting

    turns = Turns()

    async def run():
        store = locks()
        return await asyncio.gather(*(turns.take(store, str(number)) for number in range(20)), return_exceptions=True)

    refused = [result for result in asyncio.run(run()) if result]
    assert [type(error) for error in refused] == [TooManyWaiting] * (20 - 1 - MOST_WAITING)
    assert turns.log == one_after_the_other(*map(str, range(1 + MOST_WAITING)))


def test_who_waits_for_too_long_is_refused(locks, monkeypatch) -> None:
    from rasa.core.lock_store import LockError

    monkeypatch.setattr("assistant.lock_store.PATIENCE_SECONDS", 0.05)

    async def run():
        store = locks()
        async with store.lock("a"):
            with pytest.raises(LockError):
                async with store.lock("a"):
                    pass

    asyncio.run(run())


@pytest.mark.services
def test_processes_take_turns_in_the_order_in_which_they_came(shared_locks, redis_server, monkeypatch) -> None:
    from assistant.lock_store import SharedQueue

    monkeypatch.setattr(SharedQueue, "LEASE_SECONDS", 5.0)
    turns = Turns()

    async def run():
        with redis_client.Redis.from_url(redis_server.url) as connection:
            async with shared_locks().lock("a"):
                tasks = []
                for number in range(1, 6):
                    tasks.append(asyncio.create_task(turns.take(shared_locks(), str(number), seconds=0)))
                    while connection.llen("idcard:queue:a") <= number:
                        await asyncio.sleep(0.005)
            await asyncio.gather(*tasks)

    asyncio.run(run())
    assert turns.log == one_after_the_other(*"12345")


@pytest.mark.services
def test_who_waits_asks_redis_nothing(shared_locks, redis_server, monkeypatch) -> None:
    from assistant.lock_store import SharedQueue

    monkeypatch.setattr(SharedQueue, "LEASE_SECONDS", 5.0)
    turns = Turns()

    def commands(connection) -> int:
        return connection.info("stats")["total_commands_processed"]

    async def run():
        first, second = shared_locks(), shared_locks()
        with redis_client.Redis.from_url(redis_server.url) as connection:
            async with first.lock("a"):
                waiting = asyncio.create_task(turns.take(second, "second"))
                await asyncio.sleep(0.1)
                before = commands(connection)
                await asyncio.sleep(0.5)
                assert commands(connection) - before == 1  # this very question
            await waiting

    asyncio.run(run())
    assert turns.log == one_after_the_other("second")


@pytest.mark.services
def test_a_conversation_whose_holder_died_is_free_after_its_lease(shared_locks) -> None:
    turns = Turns()

    async def run():
        dead, alive, other = shared_locks(), shared_locks(), shared_locks()
        assert await dead._shared.enter("a")  # and never leaves
        await asyncio.gather(turns.take(alive, "1"), turns.take(other, "2"))

    asyncio.run(run())
    assert sorted(turns.log) == sorted(one_after_the_other("1", "2"))


@pytest.mark.services
def test_without_redis_turns_go_on_with_an_alarm_and_redis_is_used_again_when_it_is_back(
        shared_locks, redis_server, caplog) -> None:
    turns = Turns()

    async def run():
        store = shared_locks()
        await turns.take(store, "before")
        redis_server.stop()
        try:
            await asyncio.gather(turns.take(store, "1"), turns.take(store, "2"))
        finally:
            redis_server.start()
        await asyncio.sleep(0.3)
        async with store.lock("a"):
            with redis_client.Redis.from_url(redis_server.url) as connection:
                return connection.exists("idcard:lease:a")

    assert asyncio.run(run()) == 1
    assert turns.log == one_after_the_other("before", "1", "2")
    assert "ALARM" in caplog.text and "Redis" in caplog.text


def test_an_address_without_redis_does_not_stop_a_turn(locks, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    turns = Turns()

    async def run():
        await turns.take(locks(), "1")

    asyncio.run(run())
    assert turns.log == one_after_the_other("1")
