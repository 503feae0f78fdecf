"""The WeChat platform, on loopback: pushes messages and repeats them, judges every reply, serves the API with its faults and quotas.

Shares no code with the channel: its encryption is wechatpy's. `scale` makes its clock faster: 0.1 turns its five seconds into half a
second. What a citizen's phone would show stands on `screen`, in order.
"""
from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional
from urllib.parse import unquote
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

RESPONSE_SECONDS = 5.0
MARK_FAIL_AFTER, MARK_FAIL_SECONDS = 20, 60.0
LONGEST_TEXT = 2047  # bytes
PROMPT = "该公众号暂时无法提供服务，请稍后再试"
MESSAGE_QUOTA, EVENT_QUOTA = (5, 48 * 3600.0), (3, 60.0)  # messages, seconds
ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]+)&msgmenuid=([0-9]+)">([^<]+)</a>')


@dataclass(frozen=True)
class Credentials:
    app_id: str = "wx" + "0123456789abcdef"
    app_secret: str = "s3cret" * 5 + "ab"
    token: str = "rasaWechatTok3n"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    original_id: str = "gh_0123456789ab"


class BadReply(Exception):
    """What the platform turns into the prompt that the account is out of service."""


@dataclass
class Shown:
    """One message on the citizen's phone: by passive reply, by the API, or the platform's prompt."""

    way: str
    text: str
    seconds: float  # real ones, since the push (passive) or since the platform started


@dataclass
class Push:
    """What became of one message: its attempts, and the passive text ('' for `success`)."""

    attempts: int = 0
    text: str = ""
    seconds: float = 0.0  # of the last attempt
    has_failed: bool = False


def openid(number: int) -> str:
    """Made up, and to be recognised anywhere."""
    return f"oTEST{number:023d}"


@dataclass
class Platform:
    webhook: str = ""  # or several by blanks: processes behind a proxy, which turns to the next where one cannot be reached
    scale: float = 1.0
    slack: float = 0.0  # real seconds that it waits longer for a reply
    attempts: int = 3
    credentials: Credentials = Credentials()

    def __post_init__(self) -> None:
        self.crypto = WeChatCrypto(self.credentials.token, self.credentials.aes_key, self.credentials.app_id)
        self._ids = itertools.count(7250021412600020992)
        self._nonces = itertools.count(1000000000)
        self.reset()

    def reset(self) -> None:
        """Forget citizens, tokens, counts and faults."""
        self.screen: "dict[str, list[Shown]]" = defaultdict(list)  # what each citizen sees
        self.calls: Counter = Counter()  # of the API, by path
        self.menus: "list[dict]" = []
        self.quota: "dict[str, tuple[int, float]]" = {}  # messages that the account may send, and until when
        self.unfollowed: "set[str]" = set()
        self.token_number, self.tokens = 0, set()
        self.failures, self.silent_until = 0, 0.0
        self.fault: Callable[[str], str] = lambda _path: ""  # a fault for a call of the API, by its path
        self.plain = self.compatible = self.same_nonce = False

    # ---- life ------------------------------------------------------------------------------------------

    async def start(self) -> "Platform":
        api = web.Application()
        api.router.add_post("/cgi-bin/{path:.+}", self._api)
        self.end = asyncio.Event()  # ends the calls that hang
        self._runner = web.AppRunner(api, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.api_base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0))
        self.started = time.monotonic()
        return self

    async def stop(self) -> None:
        self.end.set()
        await self.http.close()
        await self._runner.cleanup()

    def texts(self, user: str) -> "list[str]":
        return [shown.text for shown in self.screen[user]]

    def prompts(self) -> int:
        return sum(shown.way == "prompt" for screen in self.screen.values() for shown in screen)

    # ---- pushes ----------------------------------------------------------------------------------------

    async def say(self, user: str, text: str, menu_id: str = "", **options: Any) -> Push:
        fields = {"MsgType": "text", "Content": text, **({"bizmsgmenuid": menu_id} if menu_id else {})}
        return await self.push(user, fields, **options)

    async def event(self, user: str, name: str, key: str = "", **options: Any) -> Push:
        return await self.push(user, {"MsgType": "event", "Event": name, "EventKey": key}, **options)

    async def click(self, user: str, title: str, with_id: bool = True) -> Push:
        """Click the newest link with this title on the citizen's screen. Raises KeyError where there is none."""
        for shown in reversed(self.screen[user]):
            for content, number, shown_title in LINK.findall(shown.text):
                if shown_title == title:
                    return await self.say(user, unquote(content), number if with_id else "")
        raise KeyError(title)

    async def push(self, user: str, fields: Mapping[str, str], msg_id: str = "", overlap: bool = False) -> Push:
        """Push a message until it is answered, at most `attempts` times; `overlap` sends the second while the first runs."""
        body = self.message(user, fields, msg_id)
        self._grant(user, fields)
        push = Push()
        if time.monotonic() < self.silent_until:
            return self._failed(user, push)
        nonce = (str(next(self._nonces)), str(int(time.time()))) if self.same_nonce else None
        while push.attempts < self.attempts:
            began = time.monotonic()
            at_once = 2 if overlap and not push.attempts else 1
            results = await asyncio.gather(*(self._attempt(user, body, push, nonce) for _ in range(at_once)), return_exceptions=True)
            texts = {result for result in results if isinstance(result, str)}
            assert len(texts) <= 1, "two answers to one message"
            if texts or any(isinstance(result, BadReply) for result in results):
                return self._shown(user, push, texts.pop()) if texts else self._failed(user, push)
            await asyncio.sleep(max(0.0, RESPONSE_SECONDS * self.scale - (time.monotonic() - began)))
        return self._failed(user, push)

    def message(self, user: str, fields: Mapping[str, str], msg_id: str = "") -> str:
        """The XML of a message, before encryption."""
        every = {"ToUserName": self.credentials.original_id, "FromUserName": user, "CreateTime": str(int(time.time())), **fields}
        if fields["MsgType"] != "event":
            every["MsgId"] = msg_id or str(next(self._ids))
        every = {name: ILLEGAL_IN_XML.sub("", value) for name, value in every.items()}
        return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in every.items()) + "</xml>"

    def sealed(self, body: str, nonce: str, timestamp: str) -> "tuple[dict, str]":
        """Query and body as they travel."""
        query = {"signature": self.sign(timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        if self.plain:
            return query, body
        envelope = ElementTree.fromstring(self.crypto.encrypt_message(body, nonce, timestamp))
        query |= {"openid": "x", "encrypt_type": "aes", "msg_signature": envelope.findtext("MsgSignature")}
        outside = body.removesuffix("</xml>") if self.compatible else f"<xml><ToUserName><![CDATA[{self.credentials.original_id}]]></ToUserName>"
        return query, f"{outside}<Encrypt><![CDATA[{envelope.findtext('Encrypt')}]]></Encrypt></xml>"

    def sign(self, *parts: str) -> str:
        signer = WeChatSigner()
        signer.add_data(self.credentials.token, *parts)
        return signer.signature

    async def _attempt(self, user: str, body: str, push: Push, nonce_and_time: "Optional[tuple[str, str]]" = None) -> str:
        nonce, timestamp = nonce_and_time or (str(next(self._nonces)), str(int(time.time())))
        query, sealed = self.sealed(body, nonce, timestamp)
        webhooks = self.webhook.split()
        first = (int(user[5:]) + push.attempts) % len(webhooks)
        push.attempts += 1
        began = time.monotonic()
        async with await self._posted([*webhooks[first:], *webhooks[:first]], query, sealed.encode()) as response:
            reply = await response.read()
        push.seconds = time.monotonic() - began
        return self.judge(user, response.status, reply, nonce)

    async def _posted(self, webhooks: "list[str]", query: dict, body: bytes) -> aiohttp.ClientResponse:
        timeout = aiohttp.ClientTimeout(total=RESPONSE_SECONDS * self.scale + self.slack)
        for webhook in webhooks[:-1]:
            with contextlib.suppress(aiohttp.ClientConnectorError):
                return await self.http.post(webhook, params=query, data=body, timeout=timeout)
        return await self.http.post(webhooks[-1], params=query, data=body, timeout=timeout)

    # ---- what is said of a reply -----------------------------------------------------------------------

    def judge(self, user: str, status: int, reply: bytes, nonce: str) -> str:
        """The text of a legal reply. Raises BadReply for anything that a citizen would see as a fault."""
        if status != 200:
            raise BadReply(f"HTTP {status}")
        if reply in (b"", b"success"):
            return ""
        try:
            fields = {child.tag: child.text or "" for child in ElementTree.fromstring(reply)}
            if not self.plain:
                if fields["Nonce"] != nonce or abs(int(fields["TimeStamp"]) - time.time()) > 60:
                    raise BadReply("nonce or time")
                plain = self.crypto.decrypt_message(reply.decode(), fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
                fields = {child.tag: child.text or "" for child in ElementTree.fromstring(plain)}
        except BadReply:
            raise
        except Exception as error:
            raise BadReply(f"unreadable: {error!r}") from error
        if fields["ToUserName"] != user or fields["FromUserName"] != self.credentials.original_id or fields["MsgType"] != "text":
            raise BadReply(f"envelope: {fields}")
        return self.judged_text(fields["Content"])

    @staticmethod
    def judged_text(text: str) -> str:
        if not 0 < len(text.encode()) <= LONGEST_TEXT:
            raise BadReply(f"{len(text.encode())} bytes")
        if re.search(r"[<>]", LINK.sub("", text)):
            raise BadReply("a broken link")
        return text

    def _shown(self, user: str, push: Push, text: str) -> Push:
        self.failures, push.text = 0, text
        if text:
            self.screen[user].append(Shown("passive", text, push.seconds))
        return push

    def _failed(self, user: str, push: Push) -> Push:
        self.failures += 1
        if self.failures >= MARK_FAIL_AFTER:
            self.failures, self.silent_until = 0, time.monotonic() + MARK_FAIL_SECONDS * self.scale
        push.has_failed = True
        self.screen[user].append(Shown("prompt", PROMPT, push.seconds))
        return push

    # ---- the API ---------------------------------------------------------------------------------------

    def _grant(self, user: str, fields: Mapping[str, str]) -> None:
        """How many messages the account may send after this one, and until when."""
        name = fields.get("Event", "").lower()
        if name == "unsubscribe":
            self.unfollowed.add(user)
        elif not name or name in ("subscribe", "scan", "click"):
            self.unfollowed.discard(user)
            number, seconds = EVENT_QUOTA if name else MESSAGE_QUOTA
            self.quota[user] = number, time.monotonic() + seconds * self.scale

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.calls[path] += 1
        fault = self.fault(path)
        raw = await request.read()
        if fault == "hang":
            await self.end.wait()
        elif fault == "slow":
            await asyncio.sleep(3 * self.scale)
        elif fault == "reset":
            request.transport.abort()
        elif fault == "502":
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        elif fault == "not json":
            return web.Response(text="Error 500")
        elif fault == "revoked":
            self.tokens.clear()
        elif re.fullmatch(r"-?[0-9]+", fault):
            return web.json_response({"errcode": int(fault), "errmsg": "fault rid: 0"})
        answer = self._stable_token(json.loads(raw)) if path == "stable_token" else self._called(path, request, raw)
        if fault == "sent but silent":
            await self.end.wait()
        return web.json_response(answer)

    def _stable_token(self, asked: dict) -> dict:
        if (asked["appid"], asked["secret"], asked["grant_type"]) != (self.credentials.app_id, self.credentials.app_secret, "client_credential"):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        if not self.tokens:
            self.token_number += 1
            self.tokens.add(f"TOKEN{self.token_number:04d}" + "x" * 130)
        return {"access_token": next(iter(self.tokens)), "expires_in": 7200}

    def _called(self, path: str, request: web.Request, raw: bytes) -> dict:
        if request.query.get("access_token") not in self.tokens:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        if b"\\u" in raw:
            return {"errcode": 40033, "errmsg": "invalid charset"}
        body = json.loads(raw)
        if path == "menu/create":
            self.menus.append(body)
            return {"errcode": 0, "errmsg": "ok"}
        return {"errcode": self._sent(body), "errmsg": ""} if path == "message/custom/send" else {"errcode": 40066, "errmsg": "path"}

    def _sent(self, body: dict) -> int:
        user, text = body["touser"], body["text"]["content"]
        left, until = self.quota.get(user, (0, 0.0))
        if body["msgtype"] != "text":
            return 40008
        if user in self.unfollowed or time.monotonic() > until:
            return 45015
        if left < 1:
            return 45047
        if len(text.encode()) > LONGEST_TEXT:
            return 45002
        self.judged_text(text)
        self.quota[user] = left - 1, until
        self.screen[user].append(Shown("api", text, time.monotonic() - self.started))
        return 0
