"""Criterion 8: who unsubscribes leaves nothing; database, Redis and logs hold no openid, secret, token or message."""
import asyncio
import logging

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from redis.asyncio import Redis

from assistant.channels.erasure import erase
from tests.assistant.channels.wechat.conftest import AFTERWARDS, SCALE, TIMING
from tests.assistant.channels.wechat.served import Brain, Served, account_for

MARK = "zebra7351"  # in ASCII: a database may escape Chinese
SAID, LATE = f"补办{MARK}", "等5"


@pytest.fixture
def with_database(platform, redis_url, run_async, tmp_path):
    """The channel with conversations in a database file, state in Redis."""
    store = FailSafeTrackerStore(SQLTrackerStore(Domain.empty(), db=str(tmp_path / "events.db")))
    account = account_for(platform.credentials, platform.api_base)
    served = run_async(Served(Brain(SCALE, store), account, TIMING, redis_url).start())
    run_async(served.forget())
    platform.webhook = served.webhook
    yield served
    run_async(served.stop())


async def _redis_dump(redis_url: str) -> bytes:
    redis = Redis.from_url(redis_url)
    found = b""
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        found += key + b"=" + (await redis.get(key) if kind == b"string" else b",".join(await redis.smembers(key))) + b"\n"
    await redis.close()
    return found


async def _conversation(platform, user) -> None:
    await platform.event(user, "subscribe")
    await platform.say(user, SAID)
    await platform.say(user, "选")
    await platform.say(user, LATE)
    while not any(shown.way == "api" for shown in platform.screen[user]):
        await asyncio.sleep(0.02)


def test_database_redis_and_logs_hold_no_openid_secret_token_or_message(with_database, platform, user, redis_url, run_async, tmp_path, caplog) -> None:
    caplog.set_level(logging.INFO)
    run_async(_conversation(platform, user))
    redis = run_async(_redis_dump(redis_url))
    given = platform.credentials
    secrets = [user, given.app_secret, given.token, given.aes_key, *platform.tokens]
    assert platform.tokens and b"wechat:openid:" in redis
    for place in ((tmp_path / "events.db").read_bytes(), redis, caplog.text.encode()):
        assert [secret for secret in secrets if secret.encode() in place] == []
    for place in (redis, caplog.text.encode()):
        assert MARK.encode() not in place and "居住证".encode() not in place


def test_who_unsubscribes_leaves_nothing(with_database, platform, user, redis_url, run_async, tmp_path) -> None:
    async def work():
        await _conversation(platform, user)
        sender = with_database.agent.turns[-1].sender_id
        before = await _redis_dump(redis_url), (tmp_path / "events.db").read_bytes()
        late = asyncio.ensure_future(platform.say(user, "等3"))  # still at work when they leave
        await asyncio.sleep(SCALE)
        push = await platform.event(user, "unsubscribe")
        await late
        await asyncio.sleep(3 * SCALE + AFTERWARDS)
        return sender, push, before
    sender, push, (redis, database) = run_async(work())
    assert sender.encode() in redis and sender.encode() in database and MARK.encode() in database
    assert (push.text, push.has_failed) == ("", False)
    assert sender.encode() not in run_async(_redis_dump(redis_url))
    assert run_async(with_database.agent.tracker_store.retrieve(sender)) is None
    left = (tmp_path / "events.db").read_bytes()
    assert MARK.encode() not in left and sender.encode() not in left


def test_who_comes_back_begins_anew(platform, served_on_both, brain, user, run_async) -> None:
    async def work():
        await platform.say(user, "选")
        await platform.event(user, "unsubscribe")
        await platform.event(user, "subscribe")
        return await platform.say(user, "没有")
    assert run_async(work()).text == "答：没有"


def test_an_answer_under_way_is_not_sent_to_who_has_left(platform, served_on_both, brain, user, run_async) -> None:
    async def work():
        late = asyncio.ensure_future(platform.say(user, "等6"))
        await asyncio.sleep(SCALE)
        await platform.event(user, "unsubscribe")
        await late
        await asyncio.sleep(6 * SCALE + AFTERWARDS)
        return await brain.tracker_store.retrieve(brain.turns[-1].sender_id)
    assert run_async(work()) is None
    assert not any(shown.way == "api" for shown in platform.screen[user])


def test_a_store_that_can_delete_is_asked_to(run_async) -> None:
    class Deleting(InMemoryTrackerStore):
        deleted: list = []

        async def delete(self, sender: str) -> None:
            self.deleted.append(sender)

    run_async(erase(FailSafeTrackerStore(Deleting(Domain.empty())), "sender"))
    assert Deleting.deleted == ["sender"]


def test_a_store_that_cannot_is_told_of(run_async) -> None:
    with pytest.raises(TypeError, match="object"):
        run_async(erase(object(), "sender"))
