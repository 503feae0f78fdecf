"""Answers every message once: as the reply to it where there is time, else through the outbox; and survives a restart.

What the shared state knows of a message, under its key:

    job     what is to be answered
    turn    the process that works on it; ends by itself when that process dies
    reply   the answer, as texts
    path    "now" or "later": who delivers it. The first to write it decides, all others follow
    text    what was given as the reply to the push; a repetition gets the same
    closed  it is delivered: nothing is left to do

A repetition finds the work under way and waits for it, or takes it over from a process that has died. A citizen's messages
are answered in the order of their arrival, in whichever process: one waits until those before it are closed.
"""
import asyncio
import dataclasses
import logging
import secrets
from typing import Coroutine, Dict, List, Optional, Set

from assistant.channels.wechat import wording
from assistant.channels.wechat.conversation import Conversations, Job
from assistant.channels.wechat.outbox import Outbox
from assistant.channels.wechat.state import State
from assistant.channels.wechat.timing import Timing
from assistant.alarms import kind_and_place

logger = logging.getLogger(__name__)

NOW, LATER = "now", "later"
KEPT_SECONDS = 600  # repetitions come within 15 seconds
OPENID_SECONDS = 48 * 3600  # the platform lets an account write for so long
MOST_WAITING = 20  # messages of one citizen
# Turns at once. Rasa computes on the event loop: were all begun at once, no reply would be in time; in line, "success" always is.
MOST_TURNS = 8


class Delivery:
    """One for each process. `answer` is called for every push, `start` and `stop` with the server."""

    def __init__(self, conversations: Conversations, outbox: Outbox, state: State, timing: Timing) -> None:
        self._conversations, self._outbox, self._state, self._timing = conversations, outbox, state, timing
        self._process = secrets.token_hex(8)
        self._replied: Dict[str, asyncio.Event] = {}  # key of a job of this process -> set when its reply is there
        self._tasks: Set[asyncio.Task] = set()
        self._turns = asyncio.Semaphore(MOST_TURNS)
        self._stopping = asyncio.Event()

    async def answer(self, job: Job) -> Optional[str]:
        """The text to reply with; None: nothing to say, or not yet. Returns within the passive time.

        Cancel it when the push goes away: the work goes on, and the answer waits for a repetition or is sent.
        """
        until = _now() + self._timing.passive
        job = await self._registered(job)
        if await self._is_closed(job):
            return await self._state.get(f"text:{job.key}") or None
        if job.kind == "erase":
            await self._take_up(job)
            return None
        is_replied = await self._replied_before(until, job)
        # A push that goes away ends the waiting above; what is decided from here on is decided whole.
        return await asyncio.shield(self._now_or_later(job, until) if is_replied else self._put_off(job))

    def start(self) -> None:
        """Begin to show that this process lives, and to take over what a dead one has left."""
        self._spawn(self._heartbeat())

    def waiting(self) -> int:
        """How many messages this process works on."""
        return len(self._replied)

    async def stop(self) -> None:
        """Let what is under way end and send what nobody has fetched; give up what takes too long."""
        self._stopping.set()
        while self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._timing.stop)
            for task in late:
                task.cancel()
            if late:
                return

    async def push(self, user: str, reply: List[dict]) -> None:
        """Send what answers no message, such as a reminder, to a citizen who has written lately."""
        openid = await self._state.get(f"openid:{user}")
        if openid:
            async with self._outbox.lock(user, self._timing.turn):
                await self._outbox.add(user, await self._conversations.as_texts(user, reply))
            self._spawn(self._outbox.send(user, openid))

    # ---- who delivers ----------------------------------------------------------------------------------

    async def _path(self, job: Job, wanted: str) -> str:
        """The path that holds: the one wanted, unless another was taken before."""
        return await self._state.claim(f"path:{job.key}", wanted, KEPT_SECONDS)

    async def _now_or_later(self, job: Job, until: float) -> Optional[str]:
        async with self._outbox.lock(job.user, until - _now()) as held:
            if held and await self._path(job, NOW) == NOW:
                await self._give(job)
                return await self._state.get(f"text:{job.key}") or None
        return await self._put_off(job)

    async def _give(self, job: Job) -> None:
        """Make the reply, with what waited before it, the text of this push. The lock is held and the path is "now"."""
        if await self._is_closed(job):
            return
        text, *rest = await self._outbox.merged(job.user, await self._state.get(f"reply:{job.key}") or []) or [""]
        await self._state.drop(f"told:{job.user}")
        if rest and not await self._outbox.may_send():
            text = f"{text}\n{wording.MORE}"
            await self._state.put(f"told:{job.user}", True, KEPT_SECONDS)
        elif rest:
            self._spawn(self._outbox.send(job.user, job.openid, self._timing.moment))
        await self._state.put(f"text:{job.key}", text, KEPT_SECONDS)
        await self._outbox.replace(job.user, rest)
        await self._close(job.user, job.key)

    async def _put_off(self, job: Job) -> Optional[str]:
        """Time is up. The answer will be sent, or where this account may not send, be fetched by the next message."""
        if await self._path(job, LATER) == NOW:
            return await self._given(job)
        if await self._state.get(f"reply:{job.key}") is not None:  # its turn ended before it could see this
            self._spawn(self._hand_over(job))
        if await self._outbox.may_send():
            return None
        await self._state.put(f"told:{job.user}", True, KEPT_SECONDS)
        return wording.WAIT

    async def _given(self, job: Job) -> Optional[str]:
        """The text that another repetition is just being given: this one may be the one whose connection still stands."""
        until = _now() + self._timing.moment
        while (text := await self._state.get(f"text:{job.key}")) is None and _now() < until:
            await asyncio.sleep(self._timing.poll)
        return text or None

    async def _hand_over(self, job: Job) -> None:
        """Put the reply into the outbox, unless that was done before, and send it."""
        async with self._outbox.lock(job.user, self._timing.turn) as held:
            if not held or await self._is_closed(job):
                return
            if await self._state.get(f"text:{job.key}") is None:  # else a process died after giving it
                await self._outbox.add(job.user, await self._state.get(f"reply:{job.key}") or [])
            await self._close(job.user, job.key)
        self._spawn(self._outbox.send(job.user, job.openid))

    # ---- the work on a message -------------------------------------------------------------------------

    async def _registered(self, job: Job) -> Job:
        """The job as it came first, open unless it is closed."""
        if await self._is_closed(job):
            return job
        first = await self._state.claim(f"job:{job.key}", dataclasses.asdict(job), KEPT_SECONDS)
        for index in ("open", f"open:{job.user}", f"all:{job.user}"):
            await self._state.add(index, job.key, KEPT_SECONDS)
        if await self._is_closed(job):  # since it was looked at: by a process that answered another repetition
            await self._close(job.user, job.key)
        return Job(**first)

    async def _close(self, user: str, key: str) -> None:
        await self._state.put(f"closed:{key}", True, KEPT_SECONDS)
        await self._state.drop(f"job:{key}")
        await self._state.discard("open", key)
        await self._state.discard(f"open:{user}", key)

    async def _is_closed(self, job: Job) -> bool:
        return await self._state.get(f"closed:{job.key}") is not None

    async def _take_up(self, job: Job) -> None:
        """Work on it here, unless a living process does."""
        holder = await self._state.claim(f"turn:{job.key}", self._process, self._timing.lease)
        if holder == self._process and job.key not in self._replied:
            self._replied[job.key] = asyncio.Event()
            self._spawn(self._work(job))

    async def _replied_before(self, until: float, job: Job) -> bool:
        """Whether there is a reply, here or in another process, before that time."""
        while await self._state.get(f"reply:{job.key}") is None:
            if _now() >= until or await self._is_closed(job):
                return False
            await self._take_up(job)
            replied = self._replied.get(job.key)
            await _within(until - _now(), replied.wait() if replied else asyncio.sleep(self._timing.poll))
        return True

    async def _work(self, job: Job) -> None:
        """Find the reply, and see to it that it is delivered."""
        try:
            await self._in_turn(job)
            self._replied[job.key].set()
            if await self._state.get(f"path:{job.key}") == LATER:
                await self._hand_over(job)
            else:
                await _within(self._timing.grace, self._stopping.wait())
                await self._path(job, LATER)
                await self._hand_over(job)  # unless the platform has fetched it within the time of its repetitions
        finally:
            self._replied.pop(job.key).set()
            await self._state.drop(f"turn:{job.key}")

    async def _in_turn(self, job: Job) -> None:
        """Reply as soon as the citizen's earlier messages are delivered; those of a dead process are taken over before."""
        earlier = await self._earlier(job)
        while earlier and (len(earlier) < MOST_WAITING or job.kind == "erase"):
            for one in earlier:
                await self._take_up(one)
            await asyncio.sleep(self._timing.poll)
            earlier = await self._earlier(job)
        if job.kind == "erase":
            await self._erase(job)
        elif await self._state.get(f"reply:{job.key}") is None:
            reply = [wording.TOO_MANY] if earlier else await self._reply(job)
            await self._state.put(f"reply:{job.key}", reply, KEPT_SECONDS)

    async def _earlier(self, job: Job) -> List[Job]:
        """The citizen's messages that came before this one and are not delivered."""
        return sorted((one for one in await self._open(job.user) if _age(one) < _age(job)), key=_age)

    async def _open(self, user: str) -> List[Job]:
        found = [await self._state.get(f"job:{key}") for key in await self._state.members(f"open:{user}")]
        return [job for job in (Job(**one) for one in found if one) if not await self._is_closed(job)]

    async def _reply(self, job: Job) -> List[str]:
        await self._state.put(f"openid:{job.user}", job.openid, OPENID_SECONDS)
        if await self._asks_for_what_waits(job):
            return []
        try:
            async with self._turns:
                return await asyncio.wait_for(self._conversations.reply(job), self._timing.turn)
        except Exception as error:
            logger.error("A WeChat message was not answered: %s", kind_and_place(error))
            return [wording.APOLOGY]

    async def _asks_for_what_waits(self, job: Job) -> bool:
        """Whether it only asks for an answer that was announced."""
        return (job.text.strip() in wording.MORE_WORDS and await self._state.get(f"told:{job.user}") is not None
                and not await self._outbox.is_empty(job.user))

    async def _erase(self, job: Job) -> None:
        """Forget everything about a citizen. What stays for ten minutes are keys of messages, which tell nothing."""
        await self._conversations.erase(job.user)
        await self._outbox.erase(job.user)
        later = {one.key for one in await self._open(job.user) if _age(one) > _age(job)}
        keys = await self._state.members(f"all:{job.user}") - later
        for key in keys:
            await self._close(job.user, key)
            await self._state.discard(f"all:{job.user}", key)
        await self._state.drop(*(f"{kind}:{key}" for key in keys for kind in ("reply", "text", "path")),
                               f"openid:{job.user}", f"told:{job.user}")

    # ---- the life of the process -----------------------------------------------------------------------

    async def _heartbeat(self) -> None:
        while not self._stopping.is_set():
            try:
                for key in list(self._replied):
                    await self._state.keep(f"turn:{key}", self._timing.lease)
                for key in await self._state.members("open") - self._replied.keys():
                    await self._take_over(key)
            except Exception as error:  # a store that is away comes back
                logger.error("The WeChat channel's state cannot be reached: %s", kind_and_place(error))
            await _within(self._timing.heartbeat, self._stopping.wait())

    async def _take_over(self, key: str) -> None:
        found = await self._state.get(f"job:{key}")
        if found is None:
            await self._state.discard("open", key)
        elif await self._is_closed(job := Job(**found)):  # registered again by a process that died right then
            await self._close(job.user, key)
        elif await self._state.get(f"turn:{key}") is None:
            await self._take_up(job)

    def _spawn(self, work: Coroutine) -> None:
        """Run it to its end, even where the push that asked for it has gone away; the set keeps it from being collected."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            logger.error("Work on a WeChat message failed: %s", kind_and_place(task.exception()))


def _age(job: Job) -> "tuple[float, str]":
    return job.arrived, job.key


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _within(seconds: float, awaitable: Coroutine) -> None:
    """Wait for it, but not longer."""
    try:
        await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        pass
