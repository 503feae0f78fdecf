"""What a message is about, and the reply to it: by the assistant, or in the channel's own words."""
import dataclasses
import logging
import time
from dataclasses import dataclass
from typing import Callable, List, Optional, Protocol

from assistant import keys
from assistant.channels.wechat import menu, messages, replies, wording
from assistant.channels.wechat.replies import Choice
from assistant.channels.wechat.state import State
from assistant.typed_text import safe_text
from idcard.knowledge import Knowledge
from idcard.places import DISTRICT
from idcard.text import normalise

logger = logging.getLogger(__name__)

CHOICES_SECONDS = 30 * 60  # as long as the assistant uses what a citizen has told
MOST_CHOICES = 40  # of earlier replies, kept for clicks on their links


class Assistant(Protocol):
    """The assistant behind the channel; a sender is a pseudonym."""

    async def answer(self, text: str, sender: str, message_id: str) -> List[dict]:
        """The bot messages; asked again for a message that it has answered, the same ones."""

    async def erase(self, sender: str) -> None:
        """Forget the conversation."""


@dataclass(frozen=True)
class Job:
    """A message to be answered, with `user` for the sender in all that is written down and `key` for the message.

    kind: said (text), fixed (text is the reply), choices (a greeting with choices), erase. `arrived`: seconds since 1970.
    """

    key: str
    user: str
    openid: str
    kind: str
    text: str = ""
    menu_id: str = ""
    arrived: float = 0.0


def job_for(message: messages.AnyMessage, app_id: str, knowledge: Knowledge, now: float) -> Optional[Job]:
    """None for what is answered with silence: events that only tell that something happened."""
    user = keys.pseudonym("wechat sender", f"{app_id}|{message.sender}")
    key = keys.pseudonym("wechat message", f"{user}|{message.identity}")
    job = Job(key, user, message.sender, "said", arrived=now)
    if isinstance(message, messages.Text):
        return _for_text(job, message.content, message.menu_id)
    if isinstance(message, messages.Voice):
        return _for_text(job, message.recognition, otherwise=wording.VOICE)
    if isinstance(message, messages.Location):
        place = _place_in(message.label, knowledge)
        return dataclasses.replace(job, text=f"我在{place}") if place else _fixed(job, wording.WHICH_DISTRICT)
    if isinstance(message, messages.Event):
        return _for_event(job, message, knowledge)
    return _fixed(job, wording.UNREADABLE.get(message.kind, wording.NO_TEXT))


def _for_text(job: Job, content: str, menu_id: str = "", otherwise: str = wording.NO_TEXT) -> Job:
    if content == messages.NOT_PASSED_ON or not safe_text(content):
        return _fixed(job, otherwise)
    return dataclasses.replace(job, text=content, menu_id=menu_id)


def _for_event(job: Job, event: messages.Event, knowledge: Knowledge) -> Optional[Job]:
    if event.name == "subscribe":
        return dataclasses.replace(job, kind="choices", text=wording.GREETING)
    if event.name == "unsubscribe":
        return dataclasses.replace(job, kind="erase")
    said = menu.said_by(knowledge, event.key) if event.name == "click" else None
    return dataclasses.replace(job, text=said) if said else None


def _fixed(job: Job, text: str) -> Job:
    return dataclasses.replace(job, kind="fixed", text=text)


def _place_in(label: str, knowledge: Knowledge) -> str:
    """City and district of an address; '' unless it names exactly one district."""
    places = [mention.place for mention in knowledge.gazetteer.find(normalise(label))]
    districts = {place.city + place.name for place in places if place and place.level == DISTRICT}
    return districts.pop() if len(districts) == 1 else ""


class Conversations:
    """Replies to jobs, and what must be remembered between them: the choices that a citizen was offered."""

    def __init__(self, assistant: Assistant, state: State, knowledge: Knowledge, clock: Callable[[], float] = time.time) -> None:
        self._assistant, self._state, self._knowledge, self._clock = assistant, state, knowledge, clock

    async def reply(self, job: Job) -> List[str]:
        """Texts for the citizen, each short enough for WeChat."""
        if job.kind == "fixed":
            return [job.text]
        if job.kind == "choices":
            return await self.as_texts(job.user, [{"text": job.text, "buttons": menu.greeting_buttons(self._knowledge)}])
        said = await self._meant(job) or safe_text(job.text)
        return await self.as_texts(job.user, await self._assistant.answer(said, job.user, job.key))

    async def as_texts(self, user: str, reply: List[dict]) -> List[str]:
        """Bot messages as texts; their buttons are remembered for the citizen's answer."""
        offered = replies.choices(reply, first_id=int(self._clock() * 10) % 10 ** 8 * 10)
        latest, earlier = await self._offered(user)
        kept = [*earlier, *latest][-MOST_CHOICES:]
        await self._state.put(f"choices:{user}", [[dataclasses.astuple(choice) for choice in group] for group in (offered, kept)],
                              CHOICES_SECONDS)
        return replies.texts(reply, offered)

    async def erase(self, user: str) -> None:
        await self._assistant.erase(user)
        await self._state.drop(f"choices:{user}")

    async def _meant(self, job: Job) -> str:
        """The payload of the choice that was clicked, typed by its number or by its title; '' where it was none."""
        choice = replies.chosen(*await self._offered(job.user), job.text.strip(), job.menu_id)
        return choice.payload if choice else ""

    async def _offered(self, user: str) -> "tuple[list[Choice], list[Choice]]":
        groups = await self._state.get(f"choices:{user}") or ((), ())
        return tuple([Choice(*choice) for choice in group] for group in groups)
