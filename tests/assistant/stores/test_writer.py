"""Turns of several conversations written together: each is written or refused by itself."""
import asyncio
import functools

import pytest

from assistant.storage import database, events
from assistant.storage.events import StaleHistory, Turn
from assistant.storage.writer import Writer


@pytest.fixture
def engine(database_url):
    engine = database.connect(database_url)
    database.create_tables(engine)
    yield engine
    engine.dispose()


def turn(sender: str, last_id=0, **columns) -> Turn:
    return Turn(sender, last_id, [{"sender_id": sender, "type_name": "user", "timestamp": 1.0, "intent_name": None,
                                   "action_name": None, "data": "{}", **columns}])


def write(engine, *turns: Turn) -> tuple:
    """(the results of turns that come at once, how many transactions they took)."""
    transactions = []

    async def in_thread(function, *arguments):
        transactions.append(arguments)
        return await asyncio.to_thread(functools.partial(function, engine, *arguments))

    async def run():
        writer = Writer(in_thread)
        return await asyncio.gather(*(writer.append(turn) for turn in turns), return_exceptions=True)

    return asyncio.run(run()), len(transactions)


def test_turns_that_come_at_once_share_a_transaction(engine) -> None:
    results, transactions = write(engine, *(turn(str(number)) for number in range(20)))
    assert transactions == 1
    assert results == [events.whole_conversation(engine, str(number))[-1].id for number in range(20)]


def test_a_turn_that_follows_from_something_outdated_is_refused_alone(engine) -> None:
    (first,), _ = write(engine, turn("a"))
    (stale, fresh, other), _ = write(engine, turn("a", first + 1000), turn("a", first), turn("b"))
    assert isinstance(stale, StaleHistory) and fresh > first and other > first
    assert len(events.whole_conversation(engine, "a")) == 2


def test_of_two_turns_that_follow_from_the_same_the_first_is_written(engine) -> None:
    (first, second), _ = write(engine, turn("a"), turn("a"))
    assert isinstance(second, StaleHistory)
    assert [event.id for event in events.whole_conversation(engine, "a")] == [first]


@pytest.mark.parametrize("bad", [turn("b", type_name=None), turn("b\ud83d")], ids=["breaks a rule of the table", "cannot be encoded"])
def test_a_turn_that_cannot_be_written_does_not_keep_others_from_it(bad: Turn, engine) -> None:
    (written, refused), _ = write(engine, turn("a"), bad)
    assert isinstance(refused, Exception) and not isinstance(refused, StaleHistory)
    assert [event.id for event in events.whole_conversation(engine, "a")] == [written]
    assert events.senders(engine) == ["a"]


def test_a_turn_that_was_given_up_while_it_waited_is_not_written(engine) -> None:
    async def run():
        entered, may_go = asyncio.Event(), asyncio.Event()

        async def slowly(function, *arguments):
            entered.set()
            await may_go.wait()
            return function(engine, *arguments)

        writer = Writer(slowly)
        first = asyncio.create_task(writer.append(turn("a")))
        await entered.wait()
        given_up = asyncio.create_task(writer.append(turn("b")))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
        may_go.set()
        await first
        await writer.append(turn("c"))

    asyncio.run(run())
    assert sorted(events.senders(engine)) == ["a", "c"]


def test_whoever_gives_up_while_their_turn_is_being_written_knows_afterwards_that_it_is(engine) -> None:
    async def run() -> None:
        entered, may_go = asyncio.Event(), asyncio.Event()

        async def slowly(function, *arguments):
            entered.set()
            await may_go.wait()
            return function(engine, *arguments)

        given_up = asyncio.create_task(Writer(slowly).append(turn("a")))
        await entered.wait()
        asyncio.get_running_loop().call_later(0.05, may_go.set)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert events.senders(engine) == ["a"]

    asyncio.run(run())
