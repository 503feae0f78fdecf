"""A client of the web channel that speaks its protocol literally, and the server it speaks to."""
from __future__ import annotations

import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import uuid
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple, Optional

ROOT = Path(__file__).resolve().parents[4]
API = "/webhooks/web"
SECRET = "a-synthetic-secret-for-the-web-tests-0123456789"


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


class Server:
    """The real server as a process; it can be killed and started again on the same port and database."""

    patience = 60  # seconds that a caller waits for an answer

    def __init__(self, model: Path, database: Path, **environment: str) -> None:
        self.model, self.database = model, database
        self.environment = {**os.environ, "IDCARD_DATABASE_URL": f"sqlite:///{database}", "IDCARD_SECRET_KEY": SECRET,
                            "IDCARD_TRUSTED_PROXIES": "127.0.0.1", **environment}
        self.log = database.with_suffix(".log")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def start(self) -> "Server":
        command = [sys.executable, "-m", "assistant.server", "--model", str(self.model), "--port", str(self.port)]
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        for line in self.process.stdout:  # ends when the server has stopped
            if "answers at" in line:
                return self
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)

    def call(self, method: str, path: str, body: Any = None, headers: Optional[dict] = None) -> Answer:
        """One request; a dict is sent as JSON, bytes as they are. It comes from an address that nobody else uses."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        try:
            connection.request(method, path, sent, {"X-Forwarded-For": str(ipaddress.IPv6Address(uuid.uuid4().int)), **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def chat(self, city: str = "") -> "Chat":
        begun = self.call("POST", f"{API}/session", {"city": city} if city else {})
        assert begun.status == 201, begun.body
        return Chat(self, begun.json)


class Chat:
    """One session."""

    def __init__(self, server: Server, begun: dict) -> None:
        self.server, self.token, self.greeting = server, begun["token"], begun["messages"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.server.call(method, API + path, body, {"Authorization": f"Bearer {self.token}", **headers})

    def say(self, text: str, client_msg_id: str = "") -> list:
        return self._sent({"text": text, "client_msg_id": client_msg_id or uuid.uuid4().hex})

    def press(self, title: str) -> list:
        """The turn of the newest button with this title."""
        tokens = [button["token"] for message in self.history() for button in message.get("buttons", ()) if button["title"] == title]
        return self._sent({"button": tokens[-1], "client_msg_id": uuid.uuid4().hex})

    def _sent(self, body: dict) -> list:
        answer = self.call("POST", "/message", body)
        assert answer.status == 200, answer.body.decode()
        return answer.json["messages"]

    def history(self, after: int = 0) -> list:
        answer = self.call("GET", f"/messages?after={after}")
        assert answer.status == 200, answer.body.decode()
        return answer.json["messages"]


def form(fields: dict) -> "tuple[bytes, dict]":
    """Body and headers of a multipart form, as a browser sends it."""
    boundary = uuid.uuid4().hex
    parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    return f"{parts}--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def hidden(page: str, name: str) -> str:
    """The value of the first hidden field with this name."""
    return re.search(rf'name="{name}" value="([^"]*)"', page).group(1)
