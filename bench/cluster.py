"""`make bench-cluster`: turns a second of the cluster of `make cluster`, with one server and with two, and what a turn needs.

Everybody talks without a pause, each in a session of their own: one server with everything else on one core, two on two cores, one on two
cores. Processor time per turn is counted for each part, the load's own too: on one machine they all share the cores.
"""
from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Dict, List, NamedTuple

import psycopg2
import redis

from bench.web import API, DIALOGUES, processor_seconds

WARM_SECONDS = 3
FIXED_WORK = "import time; sum(map(len, map(str, range(3_000_000)))); print(time.process_time())"
PARTS = ("server", "nginx", "redis", "postgres")


class Run(NamedTuple):
    servers: int
    cores: int
    turns: int
    seconds: float
    waits: List[float]  # ms, of each turn
    spent: Dict[str, float]  # part -> ms of processor time per turn
    needs: Dict[str, float]  # what -> bytes, or rows, per turn; at a server: in all
    others: float  # share of the cores that other programs took meanwhile
    failures: int

    @property
    def rate(self) -> float:
        return self.turns / self.seconds


class Person:
    """Leads one conversation after the other over one connection, without a pause."""

    def __init__(self, number: int, port: int) -> None:
        self.number, self.port = number, port
        self.chat = itertools.cycle(DIALOGUES[number % len(DIALOGUES):] + DIALOGUES[:number % len(DIALOGUES)])
        self.waits: List[float] = []
        self.failures = self.bytes = 0

    async def talk(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        for conversation in itertools.count():  # a network for each: the limits of an address are not what is measured
            self.address = f"2001:db8:{self.number:x}:{conversation:x}::1"
            token = json.loads((await self.call("session", {}, ""))[1])["token"]
            for text in next(self.chat):
                begun = time.perf_counter()
                status, _ = await self.call("message", {"client_msg_id": uuid.uuid4().hex, "text": text}, token)
                self.waits.append(1000 * (time.perf_counter() - begun))
                self.failures += status != 200

    async def call(self, path: str, body: dict, token: str) -> tuple:
        """(status, body); read by hand, because a client library would cost as much as what is measured."""
        sent = json.dumps(body).encode()
        request = (f"POST {API}/{path} HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: {self.address}\r\nAuthorization: Bearer {token}\r\n"
                   f"Content-Length: {len(sent)}\r\n\r\n").encode() + sent
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        self.bytes += len(request) + len(head) + length
        return int(head[9:12]), await self.reader.readexactly(length)


async def load(people: List[Person], seconds: float) -> None:
    tasks = [asyncio.create_task(person.talk()) for person in people]
    _, running = await asyncio.wait(tasks, timeout=seconds)
    for task in running:
        task.cancel()
    for task in set(tasks) - running:
        task.result()  # raises what stopped it


def measure(servers: int, cores: int, people: int, seconds: float, model: str, port: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        command = [sys.executable, "-m", "scripts.cluster", "--servers", str(servers), "--port", str(port), "--folder", f"{folder}/cluster",
                   "--model", model]
        os.sched_setaffinity(0, set(range(cores)))  # inherited by all that is started here
        cluster = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            pids = _pids(cluster)
            talking = [Person(number, port) for number in range(people)]
            asyncio.run(load(talking, WARM_SECONDS))
            talking = [Person(people + number, port) for number in range(people)]
            stores = Stores(Path(folder) / "cluster", port + servers + 1)
            before, begun, held, busy = _spent(pids), time.perf_counter(), stores.held(), _busy(cores)
            asyncio.run(load(talking, seconds))
            passed, after, busy = time.perf_counter() - begun, _spent(pids), _busy(cores) - busy
            grown = {what: size - held[what] for what, size in stores.held().items()}
            resident = statistics.mean(map(_resident, pids["server"]))
        finally:
            cluster.send_signal(signal.SIGINT)
            cluster.wait()
    waits = [wait for person in talking for wait in person.waits]
    spent = {part: 1000 * (after[part] - before[part]) / len(waits) for part in after}
    needs = {**{what: size / len(waits) for what, size in grown.items()},
             "bytes over the line": sum(person.bytes for person in talking) / len(waits), "resident MB of a server": resident}
    others = (busy - sum(after.values()) + sum(before.values())) / (passed * cores)
    return Run(servers, cores, len(waits), passed, waits, spent, needs, others, sum(person.failures for person in talking))


class Stores:
    """What PostgreSQL and Redis hold."""

    def __init__(self, folder: Path, redis_port: int) -> None:
        password = (folder / "password").read_text()
        self.database = psycopg2.connect(f"postgresql://idcard:{password}@127.0.0.1:{redis_port + 1}/idcard")
        self.database.autocommit = True
        self.redis = redis.Redis(port=redis_port, password=password)

    def held(self) -> Dict[str, float]:
        with self.database.cursor() as cursor:
            cursor.execute("""select (select count(*) from events), pg_total_relation_size('events'), pg_total_relation_size('web_message')
                              + pg_total_relation_size('web_session'), pg_current_wal_lsn() - '0/0'""")
            rows, events, website, log = map(float, cursor.fetchone())
        return {"rows of events": rows, "bytes of events": events, "bytes of the website's tables": website, "bytes of PostgreSQL's log": log,
                "bytes in Redis": float(self.redis.info("memory")["used_memory"])}


def _pids(cluster: subprocess.Popen) -> Dict[str, List[int]]:
    """Part -> its processes, when the cluster answers."""
    pids: Dict[str, List[int]] = {part: [] for part in PARTS}
    for line in cluster.stdout:
        found = re.match(r" +(\w+).* process (\d+)", line)
        if found:
            pids[found[1]].append(int(found[2]))
        if "answers at" in line:
            return pids
    raise SystemExit("The cluster did not start.")


def _spent(pids: Dict[str, List[int]]) -> Dict[str, float]:
    """Seconds of processor time of each part with its children, and of this process."""
    found = {part: sum(processor_seconds(pid) for parent in parents for pid in _family(parent)) for part, parents in pids.items()}
    return {**found, "load": time.process_time()}


def _family(pid: int) -> List[int]:
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def _busy(cores: int) -> float:
    """Seconds that the first `cores` cores have worked, for whomever."""
    found = re.findall(r"^cpu(\d+) (.*)", Path("/proc/stat").read_text(), re.MULTILINE)
    idle = {int(number): sum(map(int, line.split()[3:5])) for number, line in found}
    whole = {int(number): sum(map(int, line.split()[:8])) for number, line in found}
    return sum(whole[core] - idle[core] for core in range(cores)) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """MB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def report(run: Run) -> str:
    waits = sorted(run.waits)
    spent = ", ".join(f"{part} {cost:.1f}" for part, cost in run.spent.items())
    return (f"{run.servers} server{'s' * (run.servers > 1)} on {run.cores} core{'s' * (run.cores > 1)}: {run.rate:6.1f} turns/s, p50 "
            f"{statistics.median(waits):.0f} ms, p99 {waits[int(0.99 * len(waits))]:.0f} ms, {run.failures} refused; processor ms per turn: "
            f"{spent}, all {sum(run.spent.values()):.1f}; other programs took {100 * run.others:.0f} % of the cores")


def cores_are_worth(cores: int) -> float:
    """What so many cores do at once, in units of what one does alone: they may share a core of the real machine, and its caches."""
    def seconds(used: int) -> float:
        working = [subprocess.Popen(["taskset", "-c", str(core), sys.executable, "-c", FIXED_WORK], stdout=subprocess.PIPE) for core in range(used)]
        return statistics.mean(float(one.communicate()[0]) for one in working)
    return cores * seconds(1) / seconds(cores)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/idcard.tar.gz")
    parser.add_argument("--people", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--port", type=int, default=5150)
    args = parser.parse_args()
    runs = []
    for servers, cores in ((1, 1), (2, 2), (1, 2)):
        runs.append(measure(servers, cores, args.people, args.seconds, args.model, args.port))
        print(report(runs[-1]), flush=True)
    one, two, one_of_two = runs
    print(f"two servers on two cores / one server on one core, everything else on the same cores: {two.rate / one.rate:.2f}\n"
          f"two servers / one server, both with two cores: {two.rate / one_of_two.rate:.2f}\n"
          f"two cores of this machine do {cores_are_worth(2):.2f} times the work of one, with a plain loop\n"
          f"processor time of the servers alone: {1000 / two.spent['server']:.0f} turns/s per core")
    print("per turn: " + ", ".join(f"{size:.0f} {what}" for what, size in two.needs.items()))
    return 1 if any(run.failures for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
