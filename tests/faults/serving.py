"""The server as a real process, to be killed, limited and brought back on the same port and database."""
from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Optional

from tests.assistant.channels.web import client
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]


class Server:
    def __init__(self, model: Path, folder: Path, program: Path = ROOT, **environment: str) -> None:
        """`folder` is for its database and log; `program` holds the code that it runs."""
        self.port, self.log, self.program = free_port(), folder / "server.log", program
        self.database = folder / "idcard.db"
        (folder / "credentials.yml").write_text("rest:\nassistant.channels.web.WebInput:\nassistant.channels.wechat.WeChatInput:\n")
        self.environment = {**os.environ, "IDCARD_DATABASE_URL": f"sqlite:///{self.database}", "IDCARD_SECRET_KEY": client.SECRET,
                            "IDCARD_TRUSTED_PROXIES": "127.0.0.1", **environment}
        self.command = [sys.executable, "-m", "assistant.server", "--model", str(model), "--port", str(self.port),
                        "--credentials", str(folder / "credentials.yml")]
        self.process: Optional[subprocess.Popen] = None

    def start(self) -> None:
        """Returns when it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.program, env=self.environment, stdout=subprocess.PIPE, stderr=log,
                                            text=True)
        line = ""
        while "answers at" not in line:
            line = self.process.stdout.readline()
            assert line, self.log.read_text()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    patience, call, chat = client.Server.patience, client.Server.call, client.Server.chat  # its web channel

    def say(self, sender: str, text: str, timeout: float = 30) -> list:
        """The reply over Rasa's rest channel; raises OSError where none came."""
        return self.post(json.dumps({"sender": sender, "message": text}).encode(), timeout)

    def post(self, body: bytes, timeout: float = 30) -> list:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/webhooks/rest/webhook", body)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return json.loads(response.read())
        except (urllib.error.HTTPError, ValueError):
            raise
        except Exception as error:  # broken off in the middle, in one of many ways
            raise ConnectionError(type(error).__name__) from error


class ForkedServer(Server):
    """Comes back within a second; for being killed often."""

    def __init__(self, model: Path, folder: Path) -> None:
        super().__init__(model, folder)
        command = [argument.replace("assistant.server", "tests.faults.zygote") for argument in self.command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.program, env=self.environment, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        self.pid = 0

    def start(self) -> None:
        self.process.stdin.write("start\n")
        self.process.stdin.flush()
        line = ""
        while "answers at" not in line:
            line = self.process.stdout.readline()
            assert line, self.log.read_text()
            if line.startswith("pid "):
                self.pid = int(line.split()[1])

    def kill(self) -> None:
        assert Path(f"/proc/{self.pid}").exists(), f"It ended by itself:\n{self.log.read_text()}"
        os.kill(self.pid, signal.SIGKILL)
        while Path(f"/proc/{self.pid}").exists():
            time.sleep(0.01)

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait()


def is_unsaved_apology(messages: list) -> bool:
    """What the citizen gets whose message was not stored."""
    return any(message.get("custom", {}).get("saved") is False for message in messages) and bool(messages[0].get("text"))
