"""Two servers behind nginx with PostgreSQL and Redis, while parts of it die: nothing lost, nothing doubled, nobody gets another's reply."""
from __future__ import annotations

import json
import shutil
import signal
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, Iterator, List, Optional

import pytest
import sqlalchemy as sa

from assistant.channels import limits
from assistant.channels.web import sessions
from assistant.channels.web.turns import ABANDONED, message_id
from tests.assistant.channels.web.client import API, SECRET, Chat
from tests.deploy.cluster import Citizen, Cluster, Said
from tests.services import temporary_folder

pytestmark = [pytest.mark.model, pytest.mark.services]

PEOPLE = (
    ("武汉", ("我河南的，身份证丢了，能补吗", "都没有", "没有居住证", "有租房合同", "登记过", "上个月", "我在光谷")),
    ("济宁", ("补领身份证多少钱", "多久能拿到", "要带什么", "材料没带齐能先办吗", "为什么")),
    ("武汉", ("光谷附近哪里能办身份证", "身份证到期了怎么换", "我是武汉户口", "急着用怎么办", "能办临时的吗")),
    ("济宁", ("孩子第一次办身份证", "要花钱吗", "护照怎么办", "谢谢")),
)
KIND_REFUSALS = {"busy", "failed", "not_ready"}  # with a sentence each
AWAY_SECONDS = 1.5
FROZEN_SECONDS = ABANDONED + 4


@pytest.fixture(scope="module")
def cluster(model_path) -> Iterator[Cluster]:
    folder = temporary_folder()
    cluster = Cluster(model_path, folder).start()
    yield cluster
    cluster.stop()
    shutil.rmtree(folder)


@pytest.fixture
def database(cluster: Cluster, monkeypatch) -> Iterator[sa.engine.Engine]:
    monkeypatch.setenv("IDCARD_SECRET_KEY", SECRET)  # to know the sender of a token
    engine = sa.create_engine(cluster.database_url)
    yield engine
    engine.dispose()


def stored(database: sa.engine.Engine, chat: Chat) -> List[tuple]:
    """(message id, texts of the reply) of each turn in Rasa's tracker, in order."""
    sender = sessions.session_of(chat.token)
    turns: List[tuple] = []
    with database.connect() as connection:
        rows = connection.execute(sa.text("select data from events where sender_id = :sender order by id"), {"sender": sender})
        for event in map(json.loads, rows.scalars()):
            if event["event"] == "user":
                turns.append((event["message_id"], []))
            elif event["event"] == "bot":
                turns[-1][1].append(event["text"])
    return turns


def faults(cluster: Cluster) -> None:
    cluster.signal("postgres", signal.SIGINT)  # gone for a second
    time.sleep(AWAY_SECONDS)
    before = len(cluster.output)
    cluster.signal("server 1", signal.SIGKILL)
    cluster.process.send_signal(signal.SIGHUP)
    cluster.signal("redis", signal.SIGKILL)  # gone for a second
    time.sleep(AWAY_SECONDS)
    cluster.signal("redis", signal.SIGSTOP)  # takes connections and answers nothing
    time.sleep(AWAY_SECONDS)
    cluster.signal("redis", signal.SIGCONT)
    cluster.wait_for("Every server has been restarted", before)


def long_fault(cluster: Cluster) -> None:
    """A server that was thought dead wakes up with the turns it was at, which the other has taken over meanwhile."""
    cluster.signal("server 2", signal.SIGSTOP)
    time.sleep(FROZEN_SECONDS)
    cluster.signal("server 2", signal.SIGCONT)


def test_faults_lose_double_and_misdirect_nothing(cluster: Cluster, database, pytestconfig) -> None:
    rounds = pytestconfig.getoption("--cluster-rounds")
    calm = {lines: [said.twins for said in Citizen(cluster, city, lines).lead()] for city, lines in PEOPLE}
    citizens = [Citizen(cluster, city, lines, is_patient=rounds > 1) for city, lines in PEOPLE for _ in range(2)]
    for citizen in citizens:
        citizen.start()
    for _ in range(rounds):
        faults(cluster)
        if rounds > 1:
            long_fault(cluster)
    for citizen in citizens:
        citizen.stopped.set()
    for citizen in citizens:
        citizen.join()
        assert citizen.failure is None
        for answer in citizen.refusals:
            assert answer.code in KIND_REFUSALS and answer.json["error"]["message"]
        for chat, said in citizen.conversations.items():
            check(chat, said, citizen.unanswered.get(chat), calm[citizen.lines])
            check_tracker(chat, said, citizen.unanswered.get(chat), stored(database, chat))
    said = [one for citizen in citizens for conversation in citizen.conversations.values() for one in conversation]
    print(f"\n{len(said)} messages answered, {sum(one.is_apology for one in said)} of them by an apology; refused at first: "
          f"{dict(Counter(answer.code for citizen in citizens for answer in citizen.refusals))}")


def check(chat: Chat, said: List[Said], unanswered: Optional[str], calm: List[list]) -> None:
    """In order, each message once, each with the replies that the citizen saw and no others; nothing of anybody else."""
    seen = [*chat.greeting, *(message for one in said for message in one.turn)]
    history = chat.history()
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    assert history[:len(seen)] == seen
    assert [message["client_msg_id"] for message in history[len(seen):] if message["from"] == "user"] in ([], [unanswered])
    assert [one.turn[0]["client_msg_id"] for one in said] == [one.client_msg_id for one in said]
    # What was forgotten, taken twice or taken in another order would lead to other questions and decisions.
    twins = [one.twins for one in said if not one.is_apology]
    assert twins == calm[:len(twins)]


def check_tracker(chat: Chat, said: List[Said], unanswered: Optional[str], turns: List[tuple]) -> None:
    """Rasa's tracker has each answered message once, in order, with the same reply."""
    session = sessions.session_of(chat.token)
    answered = [(message_id(session, one.client_msg_id), [message["text"] for message in one.turn[1:]])
                for one in said if not one.is_apology]
    assert turns[:len(answered)] == answered
    assert [identity for identity, _ in turns[len(answered):]] in ([], [message_id(session, unanswered or "")])


# ---- one session at two servers -------------------------------------------------------------------------

def at_both(cluster: Cluster, *calls) -> list:
    """What two servers answer to two calls (method, path, body, headers) made at once."""
    with ThreadPoolExecutor(2) as threads:
        return [call.result() for call in [threads.submit(cluster.server(number).call, *call) for number, call in enumerate(calls, 1)]]


def test_the_same_message_at_two_servers_is_one_turn(cluster: Cluster, database) -> None:
    for _ in range(5):
        chat, body = cluster.chat("济宁"), {"text": "补领身份证多少钱", "client_msg_id": uuid.uuid4().hex}
        call = ("POST", f"{API}/message", body, {"Authorization": f"Bearer {chat.token}"})
        answers = at_both(cluster, call, call)
        assert 200 in {answer.status for answer in answers} and all(answer.status == 200 or answer.code == "busy" for answer in answers)
        turn = next(answer for answer in answers if answer.status == 200).json
        assert [cluster.server(number).call(*call).json for number in (1, 2)] == [turn, turn]
        assert len(stored(database, chat)) == 1 and chat.history()[1:] == turn["messages"]


def test_two_messages_at_two_servers_are_two_turns_one_after_the_other(cluster: Cluster, database) -> None:
    for _ in range(5):
        chat = cluster.chat("济宁")
        ids = [uuid.uuid4().hex for _ in range(2)]
        answers = at_both(cluster, *(("POST", f"{API}/message", {"text": text, "client_msg_id": client_msg_id},
                                      {"Authorization": f"Bearer {chat.token}"}) for client_msg_id, text in zip(ids, ("补领多少钱", "多久能拿到"))))
        turns = {answer.json["messages"][0]["client_msg_id"]: answer.json["messages"] for answer in answers}
        assert set(turns) == set(ids)
        assert [message["custom"]["topic"] for client_msg_id in ids for message in turns[client_msg_id][1:]] == ["工本费", "办理时限"]
        assert sorted((message for turn in turns.values() for message in turn), key=lambda message: message["seq"]) == chat.history()[1:]
        session = sessions.session_of(chat.token)
        assert {identity for identity, _ in stored(database, chat)} == {message_id(session, one) for one in ids}


def test_what_one_server_was_told_the_other_knows_at_once(cluster: Cluster) -> None:
    chat = cluster.chat("武汉")
    decided: Dict[int, list] = {}
    for number in (1, 2):
        chat = cluster.chat("武汉")
        for turn, line in enumerate(PEOPLE[0][1]):  # to one and the other server in turn, or to one alone
            server = cluster.server(1 + turn * (number - 1) % 2)
            answer = Chat(server, {"token": chat.token, "messages": []}).say(line)
            decided.setdefault(number, []).append([message.get("custom") for message in answer[1:]])
    assert decided[1] == decided[2]


def test_whoever_is_erased_at_one_server_while_the_other_answers_leaves_nothing(cluster: Cluster, database) -> None:
    for _ in range(5):
        chat = cluster.chat("济宁")
        chat.say("补领多少钱")
        bearer = {"Authorization": f"Bearer {chat.token}"}
        erased, answered = at_both(cluster, ("DELETE", f"{API}/session", None, bearer),
                                   ("POST", f"{API}/message", {"text": "多久能拿到", "client_msg_id": uuid.uuid4().hex}, bearer))
        assert erased.status == 200 and (answered.status == 200 or answered.code in {"bad_session", "busy"})
        assert [cluster.server(number).call("GET", f"{API}/messages", None, bearer).code for number in (1, 2)] == ["bad_session"] * 2
        session = sessions.session_of(chat.token)
        with database.connect() as connection:
            for table, column in (("web_session", "session"), ("web_message", "session"), ("events", "sender_id")):
                assert connection.execute(sa.text(f"select count(*) from {table} where {column} = :session"), {"session": session}).scalar() == 0


def test_a_session_has_one_limit_at_all_servers_together(cluster: Cluster) -> None:
    """A server that has lost Redis counts for itself for ten seconds, and the faults before this test may be no longer ago."""
    def codes() -> list:
        bearer = {"Authorization": f"Bearer {cluster.chat().token}"}
        if time.time() % 60 > 50:  # calls are counted by the minute
            time.sleep(60 - time.time() % 60)
        return [cluster.call("POST", f"{API}/feedback", {}, bearer).code for _ in range(31)]

    expected, until = [*["bad_request"] * 30, "rate_limited"], time.monotonic() + 2 * limits.AWAY_SECONDS
    while (found := codes()) != expected and time.monotonic() < until:
        time.sleep(1)
    assert found == expected
