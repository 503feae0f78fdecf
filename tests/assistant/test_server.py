"""The server and the terminal as a person starts them: real processes, the trained model, the real actions."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.model


class RunningServer:
    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self.process, self.port = process, port

    def ask(self, text: str, sender: str) -> list:
        body = json.dumps({"sender": sender, "message": text}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/webhooks/rest/webhook", body)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


@pytest.fixture(scope="module")
def server(model_path, tmp_path_factory):
    credentials = tmp_path_factory.mktemp("server") / "credentials.yml"
    credentials.write_text("rest:\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "assistant.server", "--model", str(model_path), "--port", str(port),
               "--credentials", str(credentials)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    for line in process.stdout:  # ends when the server has stopped
        lines.append(line)
        if "answers at" in line:
            break
    assert process.poll() is None, "".join(lines)
    assert f"http://127.0.0.1:{port}" in lines[-1], lines
    yield RunningServer(process, port)
    process.kill()
    process.wait()


def test_it_answers_over_http_through_the_actions_in_its_own_process(server) -> None:
    messages = server.ask("济宁补领身份证多少钱", "fee")
    assert any("40元" in message.get("text", "").replace(" ", "") for message in messages)
    assert any(message.get("custom", {}).get("kind") for message in messages)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks at the libraries a Linux process has loaded")
def test_it_serves_without_tensorflow(server) -> None:
    server.ask("你好", "tensorflow")
    assert "tensorflow" not in Path(f"/proc/{server.process.pid}/maps").read_text()


def test_ctrl_c_stops_it_cleanly(server) -> None:
    server.process.send_signal(signal.SIGINT)
    output, _ = server.process.communicate(timeout=30)
    assert server.process.returncode == 0
    assert "Traceback" not in output


def test_the_terminal_answers_piped_messages_and_never_imports_tensorflow(model_path) -> None:
    program = (
        "import sys; from assistant.chat import main; code = main(); "
        "print('TF', 'tensorflow' in sys.modules); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, "--model", str(model_path), "--as-of", "2016-12-01"]
    done = subprocess.run(command, cwd=ROOT, input="你好\n\n/restart\n补领多少钱\n1\n/quit\n没有人看到这句\n", text=True,
                          capture_output=True, timeout=120, env={**os.environ, "LOG_LEVEL": "WARNING"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "TF False"
    assert re.findall(r"^> (.*)$", done.stdout, re.MULTILINE) == ["你好", "/restart", "补领多少钱", "1"]
    assert "没有答复" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("typed", ["/restart", "／restart", '/告知所在地{"城市": "武汉"}'])
def test_a_typed_intent_is_not_taken_for_one(typed: str, dialogue, run_async) -> None:
    async def talk():
        await dialogue.send("我在济宁", typed)
        await dialogue.send(typed, typed)
        return await dialogue.tracker(typed)

    tracker = run_async(talk())
    assert tracker.latest_message.text.startswith("∕")
    assert tracker.latest_message.intent["confidence"] < 1
    assert "restart" not in [event.type_name for event in tracker.events]
