"""The plain commands of Rasa, which its users know: `rasa run` with `rasa run actions` beside it; and our server with the latter."""
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from assistant import tracing
from assistant.in_process_actions import RemoteActions
from tests.planted import card_number
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.model


class RasaCommand:
    """A process of `rasa …`; both are begun before one is waited for."""

    def __init__(self, log: Path, *options: str, **environment: str) -> None:
        self.port, self.log = free_port(), log
        with log.open("wb") as file:
            self.process = subprocess.Popen([sys.executable, "-m", "rasa", "run", *options, "--port", str(self.port)], cwd=ROOT, stdout=file,
                                            stderr=file, env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", **environment})

    def call(self, path: str, body: dict) -> list:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def wait(self) -> "RasaCommand":
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5)
            except urllib.error.HTTPError:
                return self
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.2)
            else:
                return self


@pytest.fixture(scope="module")
def commands(model_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rasa")
    actions = RasaCommand(folder / "actions.log", "actions", "--debug", SANIC_HOST="127.0.0.1")
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    text = (ROOT / "endpoints.yml").read_text(encoding="utf-8").replace("127.0.0.1:5055", f"127.0.0.1:{actions.port}")
    endpoints.write_text(text, encoding="utf-8")
    credentials.write_text("rest:\n")
    run = RasaCommand(folder / "run.log", "--model", str(model_path), "--endpoints", str(endpoints), "--credentials", str(credentials),
                      "--interface", "127.0.0.1")
    yield run, actions
    for command in (run, actions):
        command.process.kill()
        command.process.wait()


def test_a_turn_keeps_its_trace_over_the_action_server_and_is_masked_there(commands, dialogue, run_async, monkeypatch) -> None:
    from rasa.utils.endpoints import EndpointConfig

    actions = commands[1].wait()
    remote = RemoteActions(EndpointConfig(url=f"http://127.0.0.1:{actions.port}/webhook"))
    monkeypatch.setattr(dialogue.agent.processor, "action_endpoint", remote)
    traces = []

    async def ask() -> list:
        traces.append(tracing.begin())
        return await dialogue.send(f"济宁补领多少钱，身份证{card_number()}", "over-the-action-server")

    messages = run_async(ask())
    assert any("40元" in message["text"] for message in messages)
    log = actions.log.read_text(encoding="utf-8")
    assert f"Trace {traces[0]}: answer 工本费 40元" in log and card_number() not in log


def test_an_action_server_that_is_gone_is_apologised_for(dialogue, run_async, monkeypatch) -> None:
    from rasa.utils.endpoints import EndpointConfig

    remote = RemoteActions(EndpointConfig(url=f"http://127.0.0.1:{free_port()}/webhook"))
    monkeypatch.setattr(dialogue.agent.processor, "action_endpoint", remote)
    assert [message["custom"]["kind"] for message in run_async(dialogue.send("济宁补领多少钱", "nobody-acts"))] == ["apology"]


def test_rasa_run_answers_with_rasa_run_actions_beside_it(commands) -> None:
    run, actions = (command.wait() for command in commands)
    for _ in range(200):  # it listens before its model is loaded, and then answers with nothing
        messages = run.call("/webhooks/rest/webhook", {"sender": "plain", "message": "济宁补领多少钱"})
        if messages:
            break
        time.sleep(0.2)
    assert any("40元" in message.get("text", "") for message in messages)
