"""`make cluster`: several servers behind nginx, with a PostgreSQL and a Redis of their own, all on this machine.

Data, logs and passwords lie in var/cluster. Ctrl-C stops everything; whatever dies is started again; `kill -HUP` restarts the
servers one after another, each only when the one before is ready again. From --port on: nginx, the servers, Redis, PostgreSQL, and the
servers' metrics.
"""
from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
HERE = "127.0.0.1"
HEALTH = "/webhooks/web/health"
READY_SECONDS = 120  # a server loads its model in a few; on a machine that is busy with other things in many
STOP_SECONDS = 60  # the turns that run are finished first
GLANCE_SECONDS = 0.1
REST_SECONDS = 1.0  # before what died is started again

NGINX = """\
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
worker_processes 1;
daemon off;
events {{ }}
http {{
    access_log off;
    server_tokens off;
    client_max_body_size 64k;
    client_body_buffer_size 64k;  # never a file
    proxy_max_temp_file_size 0;
    {temporary}

    upstream assistant {{
        {choice}
        {servers}
    }}
    map $http_authorization $conversation {{
        "~^Bearer (?<bearer>.+)$" $bearer;
        default $remote_addr$http_cookie$arg_openid;
    }}
    server {{
        listen {address};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;  # load generators name an address for each person
        proxy_connect_timeout 2s;
        proxy_read_timeout 75s;
        proxy_next_upstream error non_idempotent;  # a message given twice is answered once
        location / {{ proxy_pass http://assistant; }}
    }}
}}
"""
REDIS = """\
bind {here}
port {port}
dir {folder}
requirepass {password}
save ""
appendonly yes
maxmemory 64mb
maxmemory-policy noeviction
"""


class Refused(Exception):
    """The cluster cannot start; the message is for the person who starts it."""


class Part:
    """A program of the cluster: how to start it, how to see that it is ready, how to stop it."""

    def __init__(self, name: str, port: int, command: Sequence[object], is_ready: Callable[[], bool], folder: Path,
                 stop_signal: int = signal.SIGTERM, user: Optional[str] = None, environment: Optional[Dict[str, str]] = None) -> None:
        self.name, self.port, self.command, self.is_ready = name, port, list(map(str, command)), is_ready
        self.log = folder / f"{name.replace(' ', '-')}.log"
        self.stop_signal, self.user, self.environment = stop_signal, user, environment
        self.process: Optional[subprocess.Popen] = None
        self.is_wanted = False
        self.died_at = 0.0

    def start(self) -> None:
        """In a session of its own: Ctrl-C in the terminal reaches only the cluster, which stops its parts in order."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, user=self.user,
                                            cwd=None if self.user is None else "/", env=self.environment, start_new_session=True)
        self.is_wanted, self.died_at = True, 0.0

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def ask_to_stop(self) -> None:
        self.is_wanted = False
        if not self.has_ended():
            self.process.send_signal(self.stop_signal)

    def say(self, state: str) -> None:
        print(f"  {self.name:<11} {HERE}:{self.port:<6} process {self.process.pid:<8} {state}", flush=True)


class Cluster:
    def __init__(self, backs: List[Part], servers: List[Part], front: Part) -> None:
        self.backs, self.servers, self.front = backs, servers, front
        self.is_to_stop = self.is_to_roll = False

    @property
    def parts(self) -> List[Part]:
        return [*self.backs, *self.servers, self.front]

    def run(self) -> None:
        """Until told to stop. Raises Refused where a part does not start."""
        try:
            for group in (self.backs, self.servers, [self.front]):
                for part in group:
                    part.start()
                for part in group:
                    self._wait_for_start(part)
            if not self.is_to_stop:
                print(f"The cluster answers at http://{HERE}:{self.front.port} (Ctrl-C stops it; kill -HUP {os.getpid()} restarts its "
                      f"servers one after another).", flush=True)
            while not self.is_to_stop:
                if self.is_to_roll:
                    self.is_to_roll = False
                    self.roll()
                self._glance()
        finally:
            self.stop()

    def roll(self) -> None:
        """Restart the servers one after another; each finishes its turns, and the next one waits until it is ready again."""
        for server in self.servers:
            server.ask_to_stop()
            if not self._wait(server.has_ended, STOP_SECONDS):
                server.process.kill()
            server.start()
            if not self._wait(server.is_ready, READY_SECONDS):
                server.say("is not ready again; the others are left as they are")
                return
            server.say("ready again")
        print("Every server has been restarted.", flush=True)

    def stop(self) -> None:
        """The front first, so that nobody new comes in; the stores last, because turns that run need them."""
        for group in ([self.front], self.servers, self.backs):
            for part in group:
                part.ask_to_stop()
            for part in group:
                try:
                    part.process and part.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    part.process.kill()
        print("The cluster has stopped.", flush=True)

    def _wait_for_start(self, part: Part) -> None:
        self._wait(lambda: part.is_ready() or part.has_ended(), READY_SECONDS)
        if not self.is_to_stop and (part.has_ended() or not part.is_ready()):
            last = "\n".join(part.log.read_text(errors="replace").splitlines()[-5:])
            raise Refused(f"{part.name} does not start (port {part.port}). The end of {part.log}:\n{last}")
        part.say("ready")

    def _wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether the condition came true in time; meanwhile the other parts are looked after."""
        end = time.monotonic() + seconds
        while not condition():
            if self.is_to_stop or time.monotonic() > end:
                return False
            self._glance()
        return True

    def _glance(self) -> None:
        """Start what has died; then a short sleep."""
        for part in self.parts:
            if part.is_wanted and part.has_ended():
                if not part.died_at:
                    part.died_at = time.monotonic()
                    part.say(f"has died ({part.process.returncode}); it is started again")
                elif time.monotonic() - part.died_at > REST_SECONDS:
                    part.start()
                    part.say("started again")
        time.sleep(GLANCE_SECONDS)


# ---- the parts ------------------------------------------------------------------------------------------

def build(args: argparse.Namespace) -> Cluster:
    """The parts of a cluster, their folders and files made; nothing is started. Raises Refused."""
    ports = range(args.port, args.port + 2 * args.servers + 3)
    for port in ports:
        _check_free(port)
    nginx, *servers = ports[:args.servers + 1]
    redis, postgres, *operations = ports[args.servers + 1:]
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    password = _password(folder)
    backs = [_postgres(folder, postgres, password), _redis(folder, redis, password)]
    environment = {**os.environ, "IDCARD_DATABASE_URL": f"postgresql://idcard:{password}@{HERE}:{postgres}/idcard",
                   "IDCARD_REDIS_URL": f"redis://:{password}@{HERE}:{redis}/0",
                   "IDCARD_TRUSTED_PROXIES": HERE}
    parts = [_server(f"server {number}", *own, args.model, folder, environment) for number, own in enumerate(zip(servers, operations), 1)]
    return Cluster(backs, parts, _nginx(folder, nginx, servers, args.spread))


def _server(name: str, port: int, operations: int, model: str, folder: Path, environment: Dict[str, str]) -> Part:
    return Part(name, port, [sys.executable, "-m", "assistant.server", "--model", model, "--port", port],
                lambda: _is_well(f"http://{HERE}:{operations}/ready"), folder,
                environment={**environment, "IDCARD_OPERATIONS": f"{HERE}:{operations}"})


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except (OSError, OverflowError) as error:
            raise Refused(f"Port {port} cannot be used ({error}). Choose others: --port.") from None


def _password(folder: Path) -> str:
    """Of PostgreSQL and Redis: made once, readable by its owner alone."""
    file = folder / "password"
    if not file.exists():
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(24))
    return file.read_text()


def _postgres(folder: Path, port: int, password: str) -> Part:
    programs, user = _postgres_programs(), "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    data = folder / "postgres" / "data"
    if not data.exists():
        _make_database(programs, data, user, password)
    ready = [programs / "pg_isready", "-q", "-h", HERE, "-p", str(port)]
    return Part("postgres", port, [programs / "postgres", "-D", data, "-p", port, "-c", f"listen_addresses={HERE}",
                                   "-c", "unix_socket_directories="],
                lambda: subprocess.run(ready).returncode == 0, folder, signal.SIGINT, user)


def _make_database(programs: Path, data: Path, user: Optional[str], password: str) -> None:
    """Under another name first, so that what was broken off is not taken for a database."""
    new, given = data.with_name("new"), data.with_name("password")
    shutil.rmtree(data.parent, ignore_errors=True)
    data.parent.mkdir()
    given.touch(mode=0o600)
    given.write_text(password)
    if user:
        for path in (data.parent, given):
            shutil.chown(path, user)
    _prepare([programs / "initdb", "-D", new, "-U", "idcard", "-A", "scram-sha-256", f"--pwfile={given}", "-E", "UTF8", "--locale=C"], user)
    _prepare([programs / "postgres", "--single", "-D", new, "postgres"], user, b"create database idcard\n")
    given.unlink()
    new.rename(data)


def _prepare(command: Sequence[object], user: Optional[str], given: bytes = b"") -> None:
    done = subprocess.run(list(map(str, command)), user=user, cwd="/", input=given, capture_output=True)
    if done.returncode:
        hint = f" As root, PostgreSQL runs as the user {user}, who must be able to enter the folder: --folder." if user else ""
        raise Refused(f"PostgreSQL cannot be set up: {done.stderr.decode().strip()}{hint}")


def _redis(folder: Path, port: int, password: str) -> Part:
    file = folder / "redis.conf"
    file.touch(mode=0o600)
    file.write_text(REDIS.format(here=HERE, port=port, folder=folder, password=password))
    return Part("redis", port, [_program("redis-server"), file], lambda: _redis_answers(port, password), folder)


def _nginx(folder: Path, port: int, servers: List[int], spread: bool) -> Part:
    kept = "\n    ".join(f"{kind}_temp_path {folder}/nginx-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    file = folder / "nginx.conf"
    # max_fails=0: while one server is restarted no other is passed over for what it did before.
    file.write_text(NGINX.format(folder=folder, address=f"{HERE}:{port}", temporary=kept,
                                 choice="" if spread else "hash $conversation consistent;",
                                 servers="\n        ".join(f"server {HERE}:{server} max_fails=0;" for server in servers)))
    return Part("nginx", port, [_program("nginx"), "-c", file, "-e", folder / "nginx.log"],
                lambda: _is_well(f"http://{HERE}:{port}{HEALTH}"), folder, signal.SIGQUIT)


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if not found:
        raise Refused(f"{name} is missing; run scripts/setup-services.sh.")
    return found


def _postgres_programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return (debian[-1] if debian else Path(_program("postgres"))).parent


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status == 200
    except OSError:
        return False


def _redis_answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection((HERE, port), timeout=2) as line:
            line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while b"PONG" not in answer:
                received = line.recv(100)
                if not received:
                    return False
                answer += received
            return True
    except OSError:
        return False


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.cluster", description=__doc__)
    parser.add_argument("--model", default="models/idcard.tar.gz")
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--port", type=int, default=5100, help="of nginx; the others follow")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "cluster")
    parser.add_argument("--spread", action="store_true", help="requests go to the servers in turn, not by conversation: for tests")
    args = parser.parse_args(argv)
    try:
        cluster = build(args)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: setattr(cluster, "is_to_stop", True))
        signal.signal(signal.SIGHUP, lambda *_: setattr(cluster, "is_to_roll", True))
        cluster.run()
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
