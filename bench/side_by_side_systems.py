"""The assistants that are measured side by side: how each is trained, started, weighed and stopped.

All processes of a system share one core; who talks to them sits on another where there is one.
"""
from __future__ import annotations

import http.client
import os
import resource
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.side_by_side_people import Rest
from bench.web import processor_seconds

STOCK = Path("bench/stock")
CORES = sorted(os.sched_getaffinity(0))
SYSTEM_CORE, PEOPLE_CORES = {CORES[0]}, set(CORES[1:]) or {CORES[0]}
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "WARNING",
         "CUDA_VISIBLE_DEVICES": "-1", "SANIC_HOST": "127.0.0.1"}
STARTS_WITHIN = 600  # seconds
PROBE = "补领身份证多少钱"


@dataclass
class System:
    """An assistant in `folder`; `sqlite` is its database there, if it has one."""

    name: str
    model: Path
    folder: Path
    sqlite: str = ""
    port: int = 0
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self) -> dict[str, float]:
        """Start and wait for the first real answer: seconds by the clock, seconds of processor time."""
        began = time.perf_counter()
        self.port = free_port()
        self.processes = [subprocess.Popen(command, env={**os.environ, **QUIET, **self.environment()}, preexec_fn=on_the_core,
                                           stdout=subprocess.DEVNULL, stderr=(self.folder / f"{self.name}.log").open("a"))
                          for command in self.commands()]
        while not self._answers():
            if time.perf_counter() - began > STARTS_WITHIN or any(process.poll() is not None for process in self.processes):
                self.stop()
                raise SystemExit(f"{self.name} did not start; see {self.folder / self.name}.log.")
            time.sleep(0.05)
        return {"wall_s": time.perf_counter() - began, "processor_s": self.processor_seconds()}

    def _answers(self) -> bool:
        try:
            return bool(Rest(self.port, timeout=STARTS_WITHIN).say(PROBE))
        except (OSError, http.client.HTTPException, ValueError):
            return False

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        self.processes = []

    def processor_seconds(self) -> float:
        return sum(processor_seconds(process.pid) for process in self.processes)

    def memory_mb(self) -> float:
        """Proportional set size of all processes: what is shared counts once."""
        return sum(_pss_kb(process.pid) for process in self.processes) / 1024

    def environment(self) -> dict[str, str]:
        return {}

    def commands(self) -> list[list[str]]:
        raise NotImplementedError


class Stock(System):
    """`rasa run` with `rasa run actions` beside it: stock Rasa knows no other way to run an action."""

    def commands(self) -> list[list[str]]:
        actions, endpoints, credentials = free_port(), self.folder / "endpoints.yml", self.folder / "credentials.yml"
        store = f"tracker_store: {{type: SQL, dialect: sqlite, db: {self.sqlite}}}\n" if self.sqlite else ""
        endpoints.write_text(f"{store}action_endpoint: {{url: 'http://127.0.0.1:{actions}/webhook'}}\n", encoding="utf-8")
        credentials.write_text("rest:\n", encoding="utf-8")
        return [[sys.executable, "-m", "rasa", "run", "-m", str(self.model), "--endpoints", str(endpoints), "--credentials",
                 str(credentials), "-i", "127.0.0.1", "-p", str(self.port)],
                [sys.executable, "-m", "rasa", "run", "actions", "--actions", "actions", "--port", str(actions)]]


class Ours(System):
    """`assistant.server` with its own stores and locks, actions inside; the rest channel beside the one of the website."""

    def commands(self) -> list[list[str]]:
        credentials = self.folder / "credentials.yml"
        credentials.write_text("rest:\nassistant.channels.web.WebInput:\n", encoding="utf-8")
        return [[sys.executable, "-m", "assistant.server", "--model", str(self.model), "--credentials", str(credentials),
                 "--port", str(self.port)]]

    def environment(self) -> dict[str, str]:
        return {"IDCARD_DATABASE_URL": f"sqlite:///{self.sqlite}", "IDCARD_TRUSTED_PROXIES": "127.0.0.1", "IDCARD_REDIS_URL": ""}


SAME_DATA = [str(STOCK / "nlu.yml"), str(STOCK / "stories.yml"), "data/rules.yml"]
TRAINING = {  # name -> program, and the options that both have
    "stock": ["rasa", "train", "--config", str(STOCK / "config.yml"), "--data", *SAME_DATA],
    "ours_same_examples": ["assistant.train", "--config", "config.yml", "--data", *SAME_DATA],
    "ours": ["assistant.train", "--config", "config.yml", "--data", "data"],
}


def train(name: str, folder: Path) -> dict[str, float]:
    """Train a model from nothing to FOLDER/NAME.tar.gz: seconds by the clock, seconds of processor time."""
    command = [sys.executable, "-m", *TRAINING[name], "--force", "--domain", "domain.yml", "--out", str(folder), "--fixed-model-name", name]
    environment = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(folder / "cache")}
    began, before = time.perf_counter(), _children_seconds()
    with (folder / f"train-{name}.log").open("w") as log:
        subprocess.run(command, env=environment, preexec_fn=on_the_core, stdout=log, stderr=log, check=True)
    return {"wall_s": time.perf_counter() - began, "processor_s": _children_seconds() - before}


def on_the_core() -> None:
    os.sched_setaffinity(0, SYSTEM_CORE)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _pss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
