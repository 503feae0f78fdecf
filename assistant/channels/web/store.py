"""What the web channel remembers of a session, in the database: for replay, for retries, and for the meaning of its buttons.

Texts of citizens arrive here masked. The numbers of the messages of a session rise by one, and a `client_msg_id` stands once in
a session: the database itself refuses a second one, whichever process writes it.
"""
import json
from datetime import datetime, timedelta, timezone
from typing import List, NamedTuple, Optional, Sequence

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint, func, select

from assistant.storage import database, retention

CHINA = timezone(timedelta(hours=8))
MOST_MESSAGES = 500  # of one replay

sessions = Table(
    "web_session", database.METADATA,
    Column("session", String(64), primary_key=True),
    Column("city", String(16), nullable=False),
    Column("begun", String(32), nullable=False, index=True),
    Column("newest", Integer, nullable=False),  # seq of the newest message
)
messages = Table(
    "web_message", database.METADATA,
    Column("session", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("turn", Integer, nullable=False),  # seq of the message that this one answers; its own where it answers none
    Column("author", String(4), nullable=False),  # user or bot
    Column("at", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("buttons", Text, nullable=False),  # JSON: [{"title", "payload"}]
    Column("custom", Text, nullable=False),  # JSON
    Column("client_msg_id", String(80)),
    Column("answered", Boolean, nullable=False),
    UniqueConstraint("session", "client_msg_id"),
)


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


class GoneError(Exception):
    """The session is not known (any more)."""


def now() -> datetime:
    return datetime.now(CHINA)


class MessageStore:
    """Every method is one transaction, and is called from threads."""

    def __init__(self, url: str) -> None:
        self.engine = database.connect(url)
        database.create_tables(self.engine)

    def begin_session(self, session: str, city: str, greeting: dict) -> List[Message]:
        with database.writing(self.engine) as connection:
            connection.execute(sessions.insert().values(session=session, city=city, newest=0,
                                                         begun=now().isoformat("T", "seconds")))
            _append(connection, session, [greeting])
            return _read(connection, session)

    def city(self, session: str) -> Optional[str]:
        """The city of the site that the session began on, "" for none; None where the session is not known (any more)."""
        with self.engine.connect() as connection:
            return connection.execute(select(sessions.c.city).where(sessions.c.session == session)).scalar()

    def after(self, session: str, seq: int) -> List[Message]:
        with self.engine.connect() as connection:
            return _read(connection, session, messages.c.seq > seq)

    def message(self, session: str, seq: int) -> Optional[Message]:
        with self.engine.connect() as connection:
            return next(iter(_read(connection, session, messages.c.seq == seq)), None)

    def turn(self, session: str, client_msg_id: str) -> List[Message]:
        """The message with this id and what answers it; [] where there is none."""
        with self.engine.connect() as connection:
            return _turn(connection, session, client_msg_id)

    def last(self, session: str, author: str) -> Optional[Message]:
        """The newest message of one side."""
        with self.engine.connect() as connection:
            return next(iter(_read(connection, session, messages.c.seq == _newest(session, messages.c.author == author))), None)

    def last_question(self, session: str) -> Optional[Message]:
        """The newest message that asks for a fact."""
        with self.engine.connect() as connection:
            return next(iter(_read(connection, session, messages.c.seq == _newest(session, messages.c.custom.contains('"asks":')))), None)

    def begin_turn(self, session: str, client_msg_id: str, text: str) -> List[Message]:
        """Write down the citizen's message before it is answered. Raises GoneError; IntegrityError where the id is taken."""
        return self._numbered(session, [{"text": text}], author="user", client_msg_id=client_msg_id, answered=False)

    def end_turn(self, session: str, seq: int, replies: Sequence[dict]) -> List[Message]:
        """Write down the replies to message `seq`; the whole turn."""
        return self._numbered(session, replies, turn=seq)

    def add(self, session: str, client_msg_id: str, reply: dict) -> List[Message]:
        """Write down a message of the bot that answers no text but a call with an id, such as feedback."""
        return self._numbered(session, [reply], client_msg_id=client_msg_id)

    def erase(self, session: str) -> int:
        """Forget a session; how many messages it had."""
        with database.writing(self.engine) as connection:
            count = connection.execute(messages.delete().where(messages.c.session == session)).rowcount
            connection.execute(sessions.delete().where(sessions.c.session == session))
        retention.empty_log(self.engine)
        return count

    def erase_before(self, day: datetime) -> None:
        """Forget the sessions that began before."""
        old = sessions.c.begun < day.astimezone(CHINA).isoformat("T", "seconds")
        with database.writing(self.engine) as connection:
            connection.execute(messages.delete().where(messages.c.session.in_(select(sessions.c.session).where(old))))
            connection.execute(sessions.delete().where(old))

    def check(self) -> None:
        """Raises where the database does not answer."""
        with self.engine.connect() as connection:
            for table in (sessions, messages):
                connection.execute(select(func.count()).select_from(table).where(table.c.session == ""))

    def _numbered(self, session: str, new: Sequence[dict], turn: int = 0, **values) -> List[Message]:
        with database.writing(self.engine) as connection:
            first = _append(connection, session, new, turn, **values)
            if turn:
                own = (messages.c.session == session) & (messages.c.seq == turn)
                connection.execute(messages.update().where(own).values(answered=True))
            return _read(connection, session, messages.c.turn == (turn or first))


def _append(connection, session: str, new: Sequence[dict], turn: int = 0, author: str = "bot",
            client_msg_id: Optional[str] = None, answered: bool = True) -> int:
    """Adds messages under the next numbers; the first of them.

    The update comes first: it locks the session, so that no two processes give the same numbers.
    """
    own = sessions.c.session == session
    if not connection.execute(sessions.update().where(own).values(newest=sessions.c.newest + len(new))).rowcount:
        raise GoneError
    first = connection.execute(select(sessions.c.newest).where(own)).scalar() - len(new) + 1
    connection.execute(messages.insert(), [
        {"session": session, "seq": seq, "turn": turn or first, "author": author, "at": now().isoformat("T", "milliseconds"),
         "text": one.get("text", ""), "buttons": _json(one.get("buttons", [])), "custom": _json(one.get("custom", {})),
         "client_msg_id": client_msg_id, "answered": answered} for seq, one in enumerate(new, first)])
    return first


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
