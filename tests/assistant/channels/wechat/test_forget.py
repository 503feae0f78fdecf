"""Staff delete what WeChat's channel holds of a citizen."""
from __future__ import annotations

import pytest

from assistant.channels.wechat import forget
from assistant.channels.wechat.state import state_at


@pytest.mark.services
def test_redis_forgets_one_citizen_and_keeps_the_others(redis_server, run_async) -> None:
    state = state_at(redis_server.url)
    for user in ("goes", "stays"):
        for kind in ("openid", "choices", "outbox", "told"):
            run_async(state.put(f"{kind}:{user}", "x", 1000))
        for kind in ("open", "all"):
            run_async(state.add(f"{kind}:{user}", "key", 1000))
    assert run_async(forget.forget(redis_server.url, "goes")) == 0
    names = [name.decode() for name in run_async(state._redis.keys("wechat:*"))]
    assert not [name for name in names if name.endswith(":goes")] and len([name for name in names if name.endswith(":stays")]) == 6
    run_async(state.close())


def test_without_redis_it_says_how_long_memory_may_hold_something(run_async) -> None:
    assert run_async(forget.forget("", "goes")) == forget.OPENID_SECONDS
