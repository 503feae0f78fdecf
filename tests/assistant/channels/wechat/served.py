"""The channel on a port of this machine, with a brain in the place of the trained model: it does what the message says.

`python -m tests.assistant.channels.wechat.served API REDIS SCALE` serves it as a process of its own, which a test may kill.
"""
from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import sys
import uuid
import warnings
from typing import Callable, List, Optional

os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
warnings.filterwarnings("ignore", category=DeprecationWarning)

from rasa.core.channels.channel import UserMessage, register  # noqa: E402
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import BotUttered, UserUttered  # noqa: E402
from sanic import Sanic  # noqa: E402
from sanic.touchup.service import TouchUp  # noqa: E402

from assistant import keys  # noqa: E402
from assistant.channels.wechat.account import Account  # noqa: E402
from assistant.channels.wechat.input import WeChatInput  # noqa: E402
from assistant.channels.wechat.timing import Timing  # noqa: E402
from tests.assistant.channels.wechat.platform import Credentials  # noqa: E402

_touch_up = TouchUp.run


def _touch_up_once(app: Sanic) -> None:
    """Sanic rewrites its own code when it starts; the second app of a process finds it rewritten."""
    with contextlib.suppress(KeyError):
        _touch_up(app)


TouchUp.run = _touch_up_once


class Brain:
    """Stands for Rasa's agent. 等4.6 is answered after 4.6 (scaled) seconds, 选 with buttons, 长 with 6,000 bytes, 坏 with an error."""

    def __init__(self, scale: float = 1.0, store: Optional[TrackerStore] = None) -> None:
        self.scale = scale
        self.tracker_store = store or InMemoryTrackerStore(Domain.empty())
        self.turns: List[UserMessage] = []

    async def handle_message(self, message: UserMessage) -> None:
        self.turns.append(message)
        wait = re.match(r"等([0-9.]+)", message.text)
        await asyncio.sleep(float(wait.group(1)) * self.scale if wait else 0)
        if message.text == "坏":
            raise RuntimeError(message.text)
        reply = self.reply(message.text)
        tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
        tracker.update(UserUttered(message.text, message_id=message.message_id))
        for one in reply:
            tracker.update(BotUttered(one["text"], {name: value for name, value in one.items() if name != "text"}))
            await message.output_channel.send_response(message.sender_id, one)
        await self.tracker_store.save(tracker)

    @staticmethod
    def reply(said: str) -> List[dict]:
        if said == "选":
            return [{"text": "有居住证吗？", "buttons": [{"title": "有", "payload": "/有居住证"}, {"title": "没有", "payload": "/没有居住证"}]}]
        if said == "六条":
            return [{"text": f"第{number}条。", "custom": {"kind": "answer"}} for number in range(1, 7)]
        if said == "长":
            return [{"text": "您可以带身份证😀去派出所。" * 160}]
        return [] if said == "无言" else [{"text": f"答：{said}", "custom": {"kind": "answer"}}]


class Served:
    """The channel, listening. `stop` ends it as a restart would."""

    def __init__(self, agent, account: Optional[Account], timing: Timing = Timing(), redis_url: str = "") -> None:
        self.agent = agent
        self.channel = WeChatInput(account, redis_url, timing)
        self.app = Sanic(f"wechat_{uuid.uuid4().hex}", configure_logging=False)
        self.app.ctx.agent = agent
        register([self.channel], self.app, "/webhooks/")

    async def start(self, port: int = 0) -> "Served":
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        self.port = listener.getsockname()[1]
        self.webhook = f"http://127.0.0.1:{self.port}/webhooks/wechat/webhook"
        self.server = await self.app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
        await self.server.startup()
        await self.server.before_start()
        return self

    async def forget(self) -> None:
        """The turns, and what the channel has learnt of the account: its token, and whether it may send."""
        self.agent.turns.clear()
        await self.channel._connection._state.drop("access token", "forbidden")

    async def forget_choices(self, openid: str) -> None:
        """As if half an hour had passed."""
        user = keys.pseudonym("wechat sender", f"{self.channel._account.app_id}|{openid}")
        await self.channel._connection._state.drop(f"choices:{user}")

    async def stop(self) -> None:
        await self.server.before_stop()
        self.server.close()
        await self.server.wait_closed()


def account_for(credentials: Credentials, api_base: str, mode: str = "safe") -> Account:
    return Account(credentials.app_id, credentials.app_secret, credentials.token, credentials.aes_key, credentials.original_id,
                   mode, api_base)


def main() -> None:
    api_base, redis_url, scale = sys.argv[1], sys.argv[2], float(sys.argv[3])

    async def serve() -> None:
        served = Served(Brain(scale), account_for(Credentials(), api_base), Timing().times(scale), redis_url)
        await served.start()
        print(served.webhook, flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
