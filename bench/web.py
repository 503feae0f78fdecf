"""People chatting on the website at once: how long until the first answer. `make bench-web` prints it.

A real server on this machine, each person with a session and an address of their own, reading and typing between messages. Times
are by the clock, of this machine at this moment.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from http.client import HTTPConnection
from pathlib import Path

API = "/webhooks/web"
PERSON_SECONDS = (1.0, 3.0)  # between an answer and the next message
DIALOGUES = (
    ("我河南的，身份证丢了，能在武汉补吗", "都没有", "没有居住证", "有租房合同", "登记过", "上个月", "我在光谷", "谢谢"),
    ("济宁补领身份证多少钱", "多久能拿到", "要带什么", "材料没带齐能先办吗", "为什么", "转人工", "再见"),
    ("光谷附近哪里能办身份证", "身份证到期了怎么换", "我是武汉户口", "急着用怎么办", "能办临时的吗", "好的"),
    ("你好", "孩子第一次办身份证", "在济宁", "要花钱吗", "护照怎么办", "谢谢"),
)


class Person(threading.Thread):
    """Leads one conversation after the other until `end`; notes the seconds of every answer."""

    def __init__(self, number: int, port: int, end: float) -> None:
        super().__init__()
        self.chance, self.port, self.end = random.Random(number), port, end
        self.headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        self.answers: list[float] = []
        self.failures: list[str] = []

    def run(self) -> None:
        time.sleep(self.chance.uniform(0, PERSON_SECONDS[1]))
        while time.monotonic() < self.end:
            self.headers.pop("Authorization", None)
            _, begun = self.call("session", {})
            self.headers["Authorization"] = f"Bearer {begun['token']}"
            for text in self.chance.choice(DIALOGUES):
                seconds, answer = self.call("message", {"client_msg_id": uuid.uuid4().hex, "text": text})
                self.answers.append(seconds)
                if not any(message["from"] == "bot" for message in answer.get("messages", ())):
                    self.failures.append(json.dumps(answer, ensure_ascii=False))
                time.sleep(self.chance.uniform(*PERSON_SECONDS))

    def call(self, path: str, body: dict) -> tuple[float, dict]:
        """(seconds from sending to the whole answer, the answer)."""
        start = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", f"{API}/{path}", json.dumps(body).encode(), self.headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return time.perf_counter() - start, answer


def serve(model: str, folder: Path) -> tuple[subprocess.Popen, int]:
    """A server with a database of its own, on a free port, when it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "IDCARD_DATABASE_URL": f"sqlite:///{folder}/bench.db", "IDCARD_TRUSTED_PROXIES": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, "-m", "assistant.server", "--model", model, "--port", str(port)],
                               env=environment, stdout=subprocess.PIPE, text=True)
    if not any("answers at" in line for line in process.stdout):
        raise SystemExit("The server did not start.")
    return process, port


def processor_seconds(pid: int) -> float:
    """What a process has used so far, in all its threads; to the nanosecond, where /proc counts in hundredths of a second."""
    return time.clock_gettime(~pid << 3 | 2)  # Linux's MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/idcard.tar.gz")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=40)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process, port = serve(args.model, Path(folder))
        try:
            before = processor_seconds(process.pid)
            people = [Person(number, port, time.monotonic() + args.seconds) for number in range(1, args.people + 1)]
            for person in people:
                person.start()
            for person in people:
                person.join()
            spent = processor_seconds(process.pid) - before
        finally:
            process.terminate()
            process.wait()
    times = sorted(1000 * seconds for person in people for seconds in person.answers)
    failures = [failure for person in people for failure in person.failures]
    print(f"{args.people} people, {len(times)} messages, {len(os.sched_getaffinity(0))} cores: first answer p50 "
          f"{statistics.median(times):.0f} ms, p95 {times[int(len(times) * 0.95)]:.0f} ms, max {times[-1]:.0f} ms, "
          f"{1000 * spent / len(times):.1f} ms of the server's processor time each; {len(failures)} without an answer")
    print(*failures[:3], sep="\n", end="")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
