"""The WeChat channel in real time, before the simulated platform of the tests. `make bench-wechat` prints it (some four minutes).

First answers that take their time, given by a stand-in for the assistant; then the load of the reference's criterion 9 on the real
server with the trained model: 100 citizens, 10 messages each, 20 a second, 5 % repeated at once, 5 % of the calls of the API refused;
one server that is stopped and started again in the middle, then two with a Redis of which one is killed. The platform gives up after 15
seconds: a server that takes longer to come back on this machine cannot do without a second one.
"""
from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.assistant.channels.wechat.load import MENU_ID, Load, seen
from tests.assistant.channels.wechat.platform import Platform, openid

QUESTIONS = ("济宁补领身份证多少钱", "济宁办身份证要几天", "济宁异地办身份证要带什么", "济宁身份证能邮寄吗", "济宁缴费能扫码吗", "济宁的规定是什么时候的",
             "济宁学生能办身份证吗", "济宁身份证谁签发", "济宁材料保存多久", "济宁投诉打什么电话")
REFERENCE = openid(9999999)
DELAYS = ("1", "4.6", "7", "12", "20")


async def delays(redis_url: str) -> None:
    """How each answer reaches the citizen, and how long the platform waited."""
    platform = await Platform().start()
    command = [sys.executable, "-m", "tests.assistant.channels.wechat.served", platform.api_base, redis_url, "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    platform.webhook = process.stdout.readline().strip()

    async def ask(number: int, seconds: str) -> str:
        user, began = openid(number), time.monotonic()
        push = await platform.say(user, f"等{seconds}")
        while not platform.screen[user] and time.monotonic() - began < 40:
            await asyncio.sleep(0.05)
        after = time.monotonic() - began
        return (f"answer after {seconds} s: push answered in {push.seconds:.2f} s at attempt {push.attempts}, shown after {after:.1f} s as "
                + ", ".join(shown.way for shown in platform.screen[user]))

    try:
        print(*await asyncio.gather(*(ask(number, seconds) for number, seconds in enumerate(DELAYS))), sep="\n")
    finally:
        process.kill()
        await platform.stop()


class RealServer:
    """`python -m assistant.server` with the account of the platform; its log goes to a file."""

    def __init__(self, platform: Platform, model: str, redis_url: str, folder: Path) -> None:
        self.model, given = model, platform.credentials
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / f"server-{self.port}.log"
        self.log.write_text("")
        self.credentials = folder / "credentials.yml"
        self.credentials.write_text("assistant.channels.wechat.WeChatInput:\n")
        self.environment = {**os.environ, "IDCARD_REDIS_URL": redis_url, "IDCARD_DATABASE_URL": f"sqlite:///{folder.resolve()}/idcard.db", "IDCARD_WECHAT_APPID": given.app_id,
                            "IDCARD_WECHAT_APPSECRET": given.app_secret, "IDCARD_WECHAT_TOKEN": given.token,
                            "IDCARD_WECHAT_AES_KEY": given.aes_key, "IDCARD_WECHAT_ORIGINAL_ID": given.original_id,
                            "IDCARD_WECHAT_API_BASE": platform.api_base}
        platform.webhook += f" http://127.0.0.1:{self.port}/webhooks/wechat/webhook"

    async def start(self) -> float:
        """Seconds until it answers."""
        began = time.monotonic()
        with open(self.log, "a") as log:
            end = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "assistant.server", "--model", self.model, "--port", str(self.port), "--credentials", str(self.credentials)],
                env=self.environment, stdout=log, stderr=subprocess.STDOUT)
        while "answers at" not in self.log.read_text()[end:]:
            if self.process.poll() is not None:
                raise SystemExit(self.log.read_text())
            await asyncio.sleep(0.1)
        return time.monotonic() - began

    async def stop(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        while self.process.poll() is None:
            await asyncio.sleep(0.05)


async def load(args: argparse.Namespace, redis_url: str, number: int, how: signal.Signals) -> None:
    """The load on `number` servers, one of them stopped in the middle and started again; what was seen, and what the logs hold."""
    shutil.rmtree(args.folder, ignore_errors=True)
    args.folder.mkdir(parents=True)
    platform = await Platform().start()
    servers = [RealServer(platform, args.model, redis_url, args.folder) for _ in range(number)]
    for server in servers:
        await server.start()
    for question in QUESTIONS:
        await platform.say(REFERENCE, question)
    expected = [MENU_ID.sub("", text) for text in platform.texts(REFERENCE)]

    print(f"{number} server{'s' * (number > 1)}{', Redis' * bool(redis_url)}:")

    async def restart() -> None:
        began = time.monotonic()
        await servers[0].stop(how)
        print(f"{how.name} in the middle: stopped after {time.monotonic() - began:.1f} s, answering again after another {await servers[0].start():.1f} s")

    try:
        texts = {openid(number): QUESTIONS for number in range(args.citizens)}
        outcome = await Load(texts, lambda _user: expected, per_second=args.per_second).run(platform, 60, restart, closing="好的")
        print(f"{args.citizens} citizens, {len(QUESTIONS)} messages each, {args.per_second} a second: {outcome}")
        for user in outcome.wrong[:1]:
            print(f"{user} saw:\n{seen(platform, user)}\ninstead of:\n" + "\n\n".join(expected))
        given = platform.credentials
        written = {"logs": b"".join(server.log.read_bytes() for server in servers),
                   "database": b"".join(file.read_bytes() for file in args.folder.glob("idcard.db*"))}
        private = [*texts, *platform.tokens, given.app_secret, given.token, given.aes_key]
        for where, found in written.items():
            print(f"openids, secrets and tokens in {len(found)} bytes of {where}: {sum(word.encode() in found for word in private)}")
        print(f"messages in the logs: {sum(word.encode() in written['logs'] for word in QUESTIONS)}")
    finally:
        for server in servers:
            await server.stop(signal.SIGKILL)
        await platform.stop()


async def with_redis(args: argparse.Namespace) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    redis = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                             stdout=subprocess.DEVNULL)
    try:
        await load(args, f"redis://127.0.0.1:{port}/0", 2, signal.SIGKILL)
    finally:
        redis.terminate()


PARTS = {"delays": lambda _args: delays(""), "one": lambda args: load(args, "", 1, signal.SIGTERM), "two": with_redis}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.wechat", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="delays, one (server), two (servers; needs redis-server); all by default")
    parser.add_argument("--model", default="models/idcard.tar.gz")
    parser.add_argument("--citizens", type=int, default=100)
    parser.add_argument("--per-second", type=float, default=20)
    parser.add_argument("--folder", type=Path, default=Path("var/bench-wechat"), help="for logs and database, emptied before each part")
    args = parser.parse_args()
    for part in args.parts or PARTS:
        asyncio.run(PARTS[part](args))


if __name__ == "__main__":
    main()
