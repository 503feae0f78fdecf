"""The cluster of `make cluster` as a process, and citizens who go on talking whatever becomes of its parts."""
from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from tests.assistant.channels.web.client import API, ROOT, SECRET, Answer, Chat, Server
from tests.services import free_port

PATIENCE_SECONDS = 60  # how long a citizen tries again


class Cluster(Server):
    """Called like one server; its calls go through nginx, from one server to the next in turn."""

    patience = 7  # a citizen who waits longer tries again

    def __init__(self, model: Path, folder: Path) -> None:
        self.port, self.folder, self.output = free_ports(7), folder, []
        self.environment = {**os.environ, "IDCARD_SECRET_KEY": SECRET}
        self.command = [sys.executable, "-m", "scripts.cluster", "--spread", "--model", str(model), "--port", str(self.port),
                        "--folder", str(folder)]

    def start(self) -> "Cluster":
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for("The cluster answers")
        return self

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)

    def _read(self) -> None:
        for line in self.process.stdout:
            self.output.append(line)

    def wait_for(self, said: str, after: int = 0) -> str:
        """The line that says so, of those after the first `after`."""
        while True:
            found = next((line for line in self.output[after:] if re.search(said, line)), None)
            if found:
                return found
            assert self.process.poll() is None, "".join(self.output)
            time.sleep(0.05)

    def pid(self, part: str) -> int:
        """Of the process that is this part now; one that has died is waited for."""
        of_part = [number for number, line in enumerate(self.output) if re.match(rf" +{part} ", line)]
        return int(re.search(r"process (\d+)", self.wait_for(rf" +{part} .*process \d+ +(ready|started again)", of_part[-1]))[1])

    def signal(self, part: str, number: int) -> None:
        os.kill(self.pid(part), number)

    def server(self, number: int) -> Server:
        """One of its servers, called without nginx."""
        one = Server.__new__(Server)
        one.port = self.port + number
        return one

    @property
    def database_url(self) -> str:
        password = (self.folder / "password").read_text()
        return f"postgresql://idcard:{password}@127.0.0.1:{self.port + 4}/idcard"


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on."""
    while True:
        first = free_port()
        with contextlib.ExitStack() as probes:
            try:
                for port in range(first, first + count):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return first
            except OSError:
                continue


class Said(NamedTuple):
    """A message and its turn as the citizen saw it."""

    client_msg_id: str
    text: str
    turn: List[dict]  # messages: the own one and the replies

    @property
    def is_apology(self) -> bool:
        return any(message.get("custom", {}).get("kind") == "apology" for message in self.turn)

    @property
    def twins(self) -> List[dict]:
        return [message.get("custom") for message in self.turn[1:]]


class _GoneHome(Exception):
    """The test is over before the citizen was answered."""


class Citizen(threading.Thread):
    """Leads one conversation after the other, each in a session of its own, and says again what was not answered, as the widget does."""

    def __init__(self, cluster: Cluster, city: str, lines: tuple, is_patient: bool = True) -> None:
        """`is_patient`: waits for the last answer even when the test is over; after kill -9 that is twenty seconds."""
        super().__init__(daemon=True)
        self.cluster, self.city, self.lines, self.is_patient = cluster, city, lines, is_patient
        self.conversations: Dict[Chat, List[Said]] = {}
        self.unanswered: Dict[Chat, str] = {}  # client_msg_id of the message over which the citizen went home
        self.refusals: List[Answer] = []
        self.failure: Optional[BaseException] = None
        self.stopped = threading.Event()

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                self.lead()
        except _GoneHome:
            pass
        except BaseException as failure:
            self.failure = failure

    def lead(self) -> List[Said]:
        """One conversation, in which each line is said until it was taken in."""
        chat = Chat(self.cluster, self._insist("POST", f"{API}/session", {"city": self.city}, {}))
        said = self.conversations[chat] = []
        for line in self.lines:
            said.append(self.say(chat, line))
            while said[-1].is_apology:
                said.append(self.say(chat, line))
        return said

    def say(self, chat: Chat, text: str) -> Said:
        client_msg_id = uuid.uuid4().hex
        body = {"text": text, "client_msg_id": client_msg_id}
        self.unanswered[chat] = client_msg_id
        answer = self._insist("POST", f"{API}/message", body, {"Authorization": f"Bearer {chat.token}"})
        del self.unanswered[chat]
        return Said(client_msg_id, text, answer["messages"])

    def _insist(self, method: str, path: str, body: dict, headers: dict) -> dict:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self.cluster.call(method, path, body, headers)
            except (OSError, http.client.HTTPException):  # a line that breaks
                answer = None
            if answer and answer.status in (200, 201):
                return answer.json
            assert time.monotonic() < end, f"not taken in: {answer}"
            if self.stopped.is_set() and not self.is_patient:
                raise _GoneHome
            time.sleep(min(2.0, self._refused(answer).get("retry_after", 0.3)) if answer else 0.3)

    def _refused(self, answer: Answer) -> dict:
        assert answer.headers.get("content-type", "").startswith("application/json"), answer
        self.refusals.append(answer)
        return answer.json["error"]
