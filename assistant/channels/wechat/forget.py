"""Takes what Redis holds of a citizen out of it: python -m assistant.channels.wechat.forget SENDER

For a deletion by staff; one that the citizen asks for is carried out by the channel itself. Prints {"seconds": how long something may be
left}: none of it with Redis, and what one process keeps in its memory alone ends by itself. What is kept by message (answers, repetitions)
ends after ten minutes in any case.
"""
import argparse
import asyncio
import json
import sys

from redis.exceptions import RedisError

from assistant import settings
from assistant.channels.wechat.delivery import OPENID_SECONDS
from assistant.channels.wechat.state import RedisState, state_at

KEPT_BY_CITIZEN = ("openid", "choices", "outbox", "told", "open", "all")


async def forget(redis_url: str, user: str) -> int:
    """For how many seconds something may be left. Raises RedisError."""
    state = state_at(redis_url)
    try:
        await state.drop(*(f"{kind}:{user}" for kind in KEPT_BY_CITIZEN))
    finally:
        await state.close()
    return 0 if isinstance(state, RedisState) else OPENID_SECONDS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m assistant.channels.wechat.forget", description=__doc__)
    parser.add_argument("sender", metavar="SENDER")
    args = parser.parse_args()
    try:
        settings.read_env_file()
        print(json.dumps({"seconds": asyncio.run(forget(settings.redis_url(), args.sender))}))
    except (RedisError, OSError) as error:
        print(f"Redis cannot be reached: {type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
