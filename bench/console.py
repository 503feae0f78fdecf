"""How fast the staff console is on many conversations: python -m bench.console --events 1000000

Writes that many events into a database of its own (bot replies and readings as the assistant stores them, from data/nlu.yml and the
knowledge), projects them, then asks the real views for lists, keywords and transcripts and prints the 95th percentiles. The files stay in
--folder, so that a second call only measures; what it signs in as is an account of that folder.
"""
from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import resource
import sqlite3
import time
from pathlib import Path
from typing import Callable, Iterator

from assistant.nlu import data_quality
from idcard.knowledge import load

EVENTS = """CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, sender_id varchar(255) NOT NULL, type_name varchar(255)
 NOT NULL, timestamp float, intent_name varchar(255), action_name varchar(255), data text)"""
GOALS = {"list": 300, "keyword": 500, "transcript": 200}  # ms, p95 (goal C1)
DAYS = 365
WORDS = ("身份证", "丢了", "补领", "武汉", "居住证", "多少钱", "光谷", "四川", "临时", "证", "派出所 电话", "过期 换", "户口 武汉 补", "转人工")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("var/bench-console"))
    parser.add_argument("--rounds", type=int, default=100, help="requests of each kind")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    folder = args.folder.resolve()
    os.environ.update({"DJANGO_SETTINGS_MODULE": "console.settings", "IDCARD_DATABASE_URL": f"sqlite:///{folder}/idcard.db",
                       "IDCARD_CONSOLE_DATABASE_URL": f"sqlite:///{folder}/console.db"})
    made = fill(folder / "idcard.db", args.events)
    print(f"{made:,} events, {(folder / 'idcard.db').stat().st_size / 1e6:,.0f} MB", flush=True)
    import django

    django.setup()
    project()
    print(f"read model {(folder / 'console.db').stat().st_size / 1e6:,.0f} MB", flush=True)
    measure(args.rounds)


def fill(path: Path, wanted: int) -> int:
    """Append conversations until there are `wanted` events; how many there are."""
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {EVENTS}; "
                             "CREATE INDEX IF NOT EXISTS ix_events_sender_id_id ON events (sender_id, id)")
    count = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
    chance = random.Random(count)
    sentences, end = list(data_quality.read(data_quality.ROOT / "data/nlu.yml")), time.time() - 3600
    conversations = (list(_conversation(chance, sentences, end - DAYS * 86400 * (1 - count / wanted), number)) for number in itertools.count(count))
    while count < wanted:
        rows = [row for rows in itertools.islice(conversations, 500) for row in rows]
        connection.executemany("INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data) VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()
        count += len(rows)
    return count


def _conversation(chance: random.Random, sentences: list, at: float, number: int) -> Iterator[tuple]:
    """The rows of one conversation of one to six turns."""
    sender = f"bench{number:012}{chance.randrange(16**8):08x}"

    def row(kind: str, data: dict, name: str = "") -> tuple:
        text = json.dumps({"event": kind, "timestamp": at, **data, "metadata": {"model_id": "bench", "assistant_id": "idcard-assistant"}},
                          ensure_ascii=False, separators=(",", ":"))
        return sender, kind, at, data.get("parse_data", {}).get("intent", {}).get("name"), name or None, text

    yield row("action", {"name": "action_session_start", "policy": None, "confidence": 1.0}, "action_session_start")
    yield row("session_started", {})
    yield row("action", {"name": "action_listen"}, "action_listen")
    city = chance.choice(("武汉", "济宁"))
    for _ in range(chance.choice((1, 2, 2, 3, 3, 4, 6))):
        at += chance.uniform(5, 60)
        yield from _turn(chance, row, chance.choice(sentences), city)


def _turn(chance: random.Random, row: Callable[..., tuple], sentence: data_quality.Sentence, city: str) -> Iterator[tuple]:
    confidence = chance.betavariate(6, 1)
    ranking = [{"name": sentence.intent, "confidence": confidence}, {"name": "帮助", "confidence": (1 - confidence) / 2}]
    ranking += [{"name": name, "confidence": (1 - confidence) / 6} for name in ("换领", "补领", "闲聊")]
    yield row("user", {"text": sentence.text, "input_channel": chance.choice(("web", "web", "wechat")), "parse_data": {
        "intent": ranking[0], "intent_ranking": ranking, "entities": [], "text": sentence.text, "topics": [sentence.intent]}})
    yield row("user_featurization", {"use_text_for_featurization": False})
    yield row("action", {"name": "consult_form", "policy": "RulePolicy", "confidence": 1.0}, "consult_form")
    clauses = [clause for clause in load().clauses if clause.startswith(city)]
    twin = {"kind": chance.choice(("answer", "decision", "question", "clarify")), "topic": sentence.intent, "city": city,
            "cites": chance.sample(clauses, 2), "as_of": "2026-11-21"}
    twin.update({"asks": "是否有居住证"} if twin["kind"] == "question" else {"outcome": "可以异地受理"} if twin["kind"] == "decision" else {})
    yield row("bot", {"text": load().clauses[twin["cites"][0]].text[:200], "data": {"custom": twin}})
    for slot in ("city", "hukou_province", "last_topic", "failed_tries", "open_question", "requested_slot"):
        yield row("slot", {"name": slot, "value": city if slot == "city" else None}, slot)
    yield row("action", {"name": "action_listen", "policy": "RulePolicy", "confidence": 1.0}, "action_listen")


def project() -> None:
    """Bring the read model up to date, printing how fast; then how long one new event takes to be seen."""
    from django.core.management import call_command

    from console import projector
    from console.models import Cursor

    call_command("migrate", verbosity=0)
    knowledge, begun, done = load(), time.perf_counter(), 0
    while step := projector.step(knowledge):
        done += step
        if done % 500_000 < projector.BATCH:
            print(f"  {done:,} events projected, {done / (time.perf_counter() - begun):,.0f} a second", flush=True)
    while Cursor.objects.filter(pk=1).exclude(dirty_days=[]).exists():
        projector.recount_dirty_days()
    print(f"projected {done:,} events in {time.perf_counter() - begun:,.0f} s")


def measure(rounds: int) -> None:
    from django.conf import settings

    settings.ALLOWED_HOSTS.append("testserver")
    client, chance = _signed_in(), random.Random(1)
    from console.models import Conversation

    newest = Conversation.objects.order_by("-id").values_list("id", flat=True)[0]
    near = (Conversation.objects.filter(id__lte=chance.randrange(1, newest + 1)).order_by("-id") for _ in range(rounds))
    keys = [found.values_list("id", flat=True).first() for found in near]
    kinds = {"list": _lists(chance), "keyword": ({"words": word} for word in itertools.cycle(WORDS)),
             "transcript": (f"/conversations/{key}/" for key in keys if key), "groups": itertools.repeat("/wordings/", rounds // 10)}
    for kind, queries in kinds.items():
        took = []
        for query in itertools.islice(queries, rounds):
            address, values = (query, {}) if isinstance(query, str) else ("/conversations/", query)
            begun, worked = time.perf_counter(), time.process_time()
            answer = client.get(address, values)
            took.append((1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - worked), values))
            assert answer.status_code == 200, answer.status_code
        took.sort(key=lambda one: one[0])
        goal = f"goal p95 {GOALS[kind]} ms" if kind in GOALS else ""
        half, most = took[len(took) // 2], took[int(len(took) * 0.95)]
        busy = sorted(worked for _, worked, _ in took)[int(len(took) * 0.95)]
        print(f"{kind:10} p50 {half[0]:4.0f} ms   p95 {most[0]:4.0f} ms (processor {busy:4.0f} ms)   worst {took[-1][0]:4.0f} ms {took[-1][2]}   "
              f"{goal}", flush=True)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


def _lists(chance: random.Random) -> Iterator[dict]:
    """Filters as staff combine them, one to four at a time, and pages further down."""
    one = {"city": "武汉", "channel": "wechat", "intent": "工本费", "topic": "补领", "confidence_to": "0.3", "fell_back": "on", "result": "中途离开",
           "clause": "济宁2020/七", "since": "2026-06-01", "from_hour": "22", "outcome": "可以异地受理", "messages_from": "4", "review": "待看",
           "verdict": "未评判", "asked": "是否有居住证", "sample": "on", "feedback": "差评", "seconds_from": "5", "group": "闲谈", "margin_to": "0.05",
           "confidence_from": "0.99", "assignee": "0", "held": "on", "out_of_scope": "on", "model": "bench"}
    while True:
        yield {name: one[name] for name in chance.sample(sorted(one), chance.choice((0, 1, 1, 2, 3, 4)))}


def _signed_in() -> "Client":  # noqa: F821
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY

    from console import accounts
    from console.models import Account

    Account.objects.filter(username="bench").delete()
    account, _, _ = accounts.create("bench", "bench", ["查看", "审核"])
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = account.totpdevice_set.get().persistent_id
    session.save()
    Account.objects.filter(pk=account.pk).update(session_key=session.session_key, must_change_password=False)
    return client


if __name__ == "__main__":
    main()
