"""What the web channel remembers of a session, in the database: for replay, for retries, and for the meaning of its buttons.

Texts of citizens arrive here masked. The numbers of the messages of a session rise by one, and a `client_msg_id` stands once in
a session: the database itself refuses a second one, whichever process writes it.
"""
import json
from datetime import datetime
from typing import List, NamedTuple, Optional, Sequence, Tuple

from sqlalchemy import func, select

from assistant.storage import database, retention
from assistant.storage.database import WEB_MESSAGES as messages
from assistant.storage.database import WEB_SESSIONS as sessions

MOST_MESSAGES = 500  # of one replay
MOST_SEQ = 2**31 - 1  # what a column of numbers holds


class Message(NamedTuple):
    seq: int
    turn: int
    author: str
    at: str
    text: str
    buttons: List[dict]
    custom: dict
    client_msg_id: Optional[str]
    answered: bool

    @property
    def age(self) -> float:
        """Seconds since it was written."""
        return (now() - datetime.fromisoformat(self.at)).total_seconds()


class Begun(NamedTuple):
    """A turn of a citizen, written down before it is answered."""

    turn: List[Message]  # the citizen's message and what answers it
    is_new: bool  # it was written down just now
    last: List[Message]  # the citizen's turn before; [] where there is none
    city: str  # of the site that the session began on, "" for none


class GoneError(Exception):
    """The session is not known (any more)."""


def now() -> datetime:
    return datetime.now(retention.CHINA)


class MessageStore:
    """Every method is one transaction, and is called from threads."""

    def __init__(self, url: str) -> None:
        self.engine = database.connect(url)
        database.create_tables(self.engine)

    def begin_session(self, session: str, city: str, greeting: dict) -> List[Message]:
        with database.writing(self.engine) as connection:
            connection.execute(sessions.insert().values(session=session, city=city, newest=0, begun=now().isoformat("T", "seconds")))
            return _append(connection, session, 0, [greeting])

    def city(self, session: str) -> Optional[str]:
        """The city of the site that the session began on, "" for none; None where the session is not known (any more)."""
        with self.engine.connect() as connection:
            return connection.execute(select(sessions.c.city).where(sessions.c.session == session)).scalar()

    def after(self, session: str, seq: int) -> List[Message]:
        with self.engine.connect() as connection:
            return _read(connection, session, messages.c.seq > seq)

    def newest(self, session: str) -> List[Message]:
        """The end of the conversation, as much of it as one replay holds."""
        with self.engine.connect() as connection:
            last = connection.execute(select(sessions.c.newest).where(sessions.c.session == session)).scalar() or 0
            return _read(connection, session, messages.c.seq > last - MOST_MESSAGES)

    def move(self, session: str, city: str) -> None:
        """The citizen has changed over to another city's site."""
        with database.writing(self.engine) as connection:
            connection.execute(sessions.update().where(sessions.c.session == session).values(city=city))

    def message(self, session: str, seq: int) -> Optional[Message]:
        with self.engine.connect() as connection:
            return next(iter(_read(connection, session, messages.c.seq == seq)), None)

    def turn(self, session: str, client_msg_id: str) -> List[Message]:
        """The message with this id and what answers it; [] where there is none."""
        with self.engine.connect() as connection:
            return _turn(connection, session, client_msg_id)

    def last_question(self, session: str) -> Optional[Message]:
        """The newest message that asks for a fact."""
        with self.engine.connect() as connection:
            return next(iter(_read(connection, session, messages.c.seq == _newest(session, messages.c.custom.contains('"asks":')))), None)

    def begin_turn(self, session: str, client_msg_id: str, text: str) -> Begun:
        """The turn of the message with this id, which is written down unless it was before. Raises GoneError."""
        with database.writing(self.engine) as connection:
            newest, city = _lock(connection, session)
            known = _turn(connection, session, client_msg_id)
            own = (messages.c.author == "user") & (messages.c.seq < (known[0].seq if known else MOST_SEQ))
            last = _read(connection, session, messages.c.turn == _newest(session, own))
            turn = known or _append(connection, session, newest, [{"text": text}], author="user", client_msg_id=client_msg_id, answered=False)
            return Begun(turn, not known, last, city)

    def end_turn(self, session: str, own: Message, replies: Sequence[dict]) -> List[Message]:
        """Write down the replies to a message of the citizen, unless another process has done so; the whole turn. Raises GoneError."""
        unanswered = (messages.c.session == session) & (messages.c.seq == own.seq) & ~messages.c.answered
        with database.writing(self.engine) as connection:
            newest, _ = _lock(connection, session)
            if not connection.execute(messages.update().where(unanswered).values(answered=True)).rowcount:
                return _read(connection, session, messages.c.turn == own.seq)
            return [own._replace(answered=True), *_append(connection, session, newest, replies, turn=own.seq)]

    def add(self, session: str, client_msg_id: str, reply: dict) -> List[Message]:
        """Write down a message of the bot that answers no text but a call with an id, such as feedback.

        Raises GoneError; IntegrityError where the id is taken.
        """
        with database.writing(self.engine) as connection:
            newest, _ = _lock(connection, session)
            return _append(connection, session, newest, [reply], client_msg_id=client_msg_id)

    def erase(self, session: str) -> int:
        """Forget a session; how many messages it had."""
        with database.writing(self.engine) as connection:
            connection.execute(sessions.delete().where(sessions.c.session == session))
            count = connection.execute(messages.delete().where(messages.c.session == session)).rowcount
        retention.empty_log(self.engine)
        return count

    def tidy(self) -> None:
        """Forget the sessions that no token opens any more."""
        retention.forget_web_sessions(self.engine, now().timestamp())

    def check(self) -> None:
        """Raises where the database does not answer."""
        with self.engine.connect() as connection:
            for table in (sessions, messages):
                connection.execute(select(func.count()).select_from(table).where(table.c.session == ""))


def _lock(connection, session: str) -> Tuple[int, str]:
    """The session's newest number, and its city. Until the end of the transaction no other process writes in it.

    Raises GoneError where it is no more.
    """
    found = connection.execute(select(sessions.c.newest, sessions.c.city).where(sessions.c.session == session).with_for_update()).first()
    if found is None:
        raise GoneError
    return tuple(found)


def _append(connection, session: str, newest: int, said: Sequence[dict], turn: int = 0, author: str = "bot",
            client_msg_id: Optional[str] = None, answered: bool = True) -> List[Message]:
    """Adds messages under the numbers after `newest`, in a session that is locked or new; `turn` 0: the first of them is their turn."""
    at = now().isoformat("T", "milliseconds")
    new = [Message(seq, turn or newest + 1, author, at, one.get("text", ""), one.get("buttons", []), one.get("custom", {}), client_msg_id,
                   answered) for seq, one in enumerate(said, newest + 1)]
    connection.execute(sessions.update().where(sessions.c.session == session).values(newest=newest + len(new)))
    connection.execute(messages.insert(), [
        {**one._asdict(), "session": session, "buttons": _json(one.buttons), "custom": _json(one.custom)} for one in new])
    return new


def _read(connection, session: str, *conditions) -> List[Message]:
    columns = [messages.c[name] for name in Message._fields]
    rows = connection.execute(select(*columns).where(messages.c.session == session, *conditions)
                              .order_by(messages.c.seq).limit(MOST_MESSAGES))
    return [Message(*row)._replace(buttons=json.loads(row.buttons), custom=json.loads(row.custom)) for row in rows]


def _newest(session: str, condition):
    return select(func.max(messages.c.seq)).where(messages.c.session == session, condition).scalar_subquery()


def _turn(connection, session: str, client_msg_id: str) -> List[Message]:
    own = (messages.c.session == session) & (messages.c.client_msg_id == client_msg_id)
    return _read(connection, session, messages.c.turn.in_(select(messages.c.turn).where(own)))


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False)
