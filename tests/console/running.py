"""The console as staff meet it: a real process on databases of its own, and a browser that signs in."""
from __future__ import annotations

import base64
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django_otp.oath import totp

from assistant.storage.database import connect, create_tables
from tests.console import made_events as made

ROOT = Path(__file__).resolve().parents[2]
EVENTS = """CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, sender_id varchar(255), type_name varchar(255), timestamp float,
 intent_name varchar(255), action_name varchar(255), data text)"""


class Events:
    """The assistant's database, written to while the console runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=20)
        self.connection.execute(EVENTS)
        self.connection.execute("CREATE INDEX ix_events_sender_id ON events (sender_id)")

    def write(self, row: dict) -> None:
        names = ", ".join(row)
        self.connection.execute(f"INSERT INTO events ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def on_the_website(self, session: str, text: str) -> None:
        """What the web channel keeps for replay, in the assistant's own tables."""
        create_tables(connect(f"sqlite:///{self.path}"))
        self.connection.execute("INSERT INTO web_session VALUES (?, '武汉', '2026-11-21T00:00:00+08:00', 1)", [session])
        self.connection.execute("INSERT INTO web_message VALUES (?, 1, 1, 'user', '', ?, '[]', '{}', NULL, 1)", [session, text])

    def conversation(self, sender: str, **other: Any) -> made.Written:
        written = made.Written(sender, write=self.write, **other)
        written.start()
        return written


@dataclass
class Running:
    process: subprocess.Popen
    address: str
    events: Events
    folder: Path
    password: str
    secrets: dict[str, str] = field(default_factory=dict)  # user name -> secret of the authenticator
    used: dict[str, int] = field(default_factory=dict)  # user name -> time step of the last code: each serves once


def start(folder: Path) -> Running:
    events = Events(folder / "idcard.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "IDCARD_DATABASE_URL": f"sqlite:///{folder}/idcard.db", "DJANGO_SETTINGS_MODULE": "console.settings",
                   "IDCARD_CONSOLE_DATABASE_URL": f"sqlite:///{folder}/console.db",
                   "IDCARD_SECRET_KEY": "browser-test-key-0123456789-abcdefghijklm"}
    log = open(folder / "log", "w+")
    process = subprocess.Popen([sys.executable, "-m", "console", "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        time.sleep(0.2)
        assert process.poll() is None, (folder / "log").read_text()
        try:
            urllib.request.urlopen(f"{address}/login/", timeout=5).read()
            break
        except OSError:
            pass
    password = re.search(r"密码 (\S+)", (folder / "log").read_text()).group(1)
    return Running(process, address, events, folder, password)


def next_code(running: Running, username: str) -> str:
    """The code of now; waits for the next one where this one has served."""
    while int(time.time() // 30) <= running.used.get(username, 0):
        time.sleep(0.5)
    running.used[username] = int(time.time() // 30)
    return f"{totp(base64.b32decode(running.secrets[username])):06}"


def sign_in(running: Running, page: Any, username: str, password: str, new_password: str = "") -> None:
    """Through both pages of the login, setting up the authenticator and changing a first password where asked to."""
    page.goto(f"{running.address}/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="下一步").click()
    if page.locator("code.secret").count():
        running.secrets[username] = page.locator("code.secret").first.inner_text()
    page.get_by_label("六位验证码").fill(next_code(running, username))
    page.get_by_role("button", name="登录").click()
    if new_password:
        page.get_by_label("现在的密码").fill(password)
        page.get_by_label("新密码", exact=True).fill(new_password)
        page.get_by_label("再输一次新密码").fill(new_password)
        page.get_by_role("button", name="改密码").click()
