"""PostgreSQL and Redis of the tests' own: in a temporary folder, on a free port of this machine, to be stopped and started."""
from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Optional

import psycopg2
import pytest


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Service:
    """A server process that comes back on the same port with the same data."""

    def __init__(self, command: list, port: int, user: Optional[str] = None, stop_signal: int = signal.SIGTERM) -> None:
        self.command, self.port, self.user, self.stop_signal = command, port, user, stop_signal
        self.process: Optional[subprocess.Popen] = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, user=self.user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, f"{self.command[0]} ended with {self.process.returncode}"
            time.sleep(0.05)
        raise AssertionError(f"{self.command[0]} does not listen")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            self.process.wait()

    def freeze(self) -> None:
        """It still takes connections and answers nothing."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: int) -> None:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in (self.process.pid, *map(int, children)):
            os.kill(pid, number)


class Postgres(Service):
    def __init__(self, folder: Path) -> None:
        programs = _postgres_programs()
        user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        if user:
            shutil.chown(folder, user)
        subprocess.run([programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "idcard", "-E", "UTF8", "--no-sync"],
                       user=user, cwd="/", check=True, capture_output=True)
        port = free_port()
        super().__init__([programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", str(folder), "-c",
                          "listen_addresses=127.0.0.1", "-c", "fsync=off"], port, user, signal.SIGINT)

    def start(self) -> None:
        super().start()
        for _ in range(300):
            try:
                return self._connect().close()
            except psycopg2.OperationalError:  # it listens before it is ready
                time.sleep(0.05)
        raise AssertionError("PostgreSQL does not get ready")

    def _connect(self):
        return psycopg2.connect(f"postgresql://idcard@127.0.0.1:{self.port}/postgres")

    def new_database(self, name: str) -> str:
        """The URL of an empty database."""
        connection = self._connect()
        connection.autocommit = True
        connection.cursor().execute(f'create database "{name}"')
        connection.close()
        return f"postgresql://idcard@127.0.0.1:{self.port}/{name}"


class Redis(Service):
    def __init__(self, folder: Path) -> None:
        port = free_port()
        super().__init__([_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
                         port)
        self.url = f"redis://127.0.0.1:{port}/0"


def _program(name: str) -> str:
    found = shutil.which(name)
    return found or pytest.fail(f"{name} is missing; run scripts/setup-services.sh", pytrace=False)


def _postgres_programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return (debian[-1] if debian else Path(_program("postgres"))).parent


def temporary_folder() -> Path:
    """One that another user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="idcard-test-"))
    folder.chmod(0o755)
    return folder
