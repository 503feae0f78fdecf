"""A real nginx with the configuration of deploy/nginx, on free ports of this machine, before small upstreams that tell what reached them."""
from __future__ import annotations

import datetime
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Mapping, Optional

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.services import Service, free_port, temporary_folder

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "nginx"
SITE, CONSOLE = "idcard.example", "console.idcard.example"
POLICY = "default-src 'none'"
# Who calls from this address may say where they call from: this machine has no networks to call from.
FROM_ELSEWHERE = "127.0.0.9"
ELSEWHERE = f"set_real_ip_from {FROM_ELSEWHERE};\nreal_ip_header X-Elsewhere;\n"
FEW_CALLS, FEW_CONNECTIONS = "1r/s", 4  # instead of 80r/s, 20r/s and 200, so that a flood need not be fast


class Upstream(ThreadingHTTPServer):
    """Answers every request with what it got, as JSON; `/pages/held` only when `release` is set."""

    daemon_threads = True

    def __init__(self, name: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.name, self.release, self.held = name, threading.Event(), threading.Semaphore(0)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/pages/held":
            self.server.held.release()
            self.server.release.wait(30)
        got = {"upstream": self.server.name, "path": self.path, "headers": {name.lower(): value for name, value in self.headers.items()}}
        body = json.dumps(got).encode()
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff",
                            "Referrer-Policy": "same-origin", "Strict-Transport-Security": "max-age=1"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


class Edge(Service):
    def __init__(self) -> None:
        self.folder = temporary_folder()
        self.http, self.https = free_port(), free_port()
        self.upstreams = [Upstream("first"), Upstream("second")]
        self.console = Upstream("console")
        _make_certificate(self.folder)
        self._render()
        self.nginx = [_nginx(), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "start.log")]
        super().__init__([*self.nginx, "-g", "daemon off;"], self.https)

    def check(self) -> subprocess.CompletedProcess:
        return subprocess.run([*self.nginx, "-t"], capture_output=True, text=True)

    def close(self) -> None:
        self.stop()
        for upstream in (*self.upstreams, self.console):
            upstream.release.set()
            upstream.close()
        shutil.rmtree(self.folder)

    def _render(self) -> None:
        first, second = (f"server 127.0.0.1:{upstream.server_port} max_fails=0;" for upstream in self.upstreams)
        changes = {"listen 80": f"listen 127.0.0.1:{self.http}", "listen 443": f"listen 127.0.0.1:{self.https}",
                   "    server 127.0.0.1:5005 max_fails=0;": f"    {first} {second}", "127.0.0.1:8000": f"127.0.0.1:{self.console.server_port}",
                   "80r/s": FEW_CALLS, "20r/s": FEW_CALLS, "limit_conn connections 200;": f"limit_conn connections {FEW_CONNECTIONS};",
                   "snippets/": f"{self.folder}/", "/etc/ssl/idcard/": f"{self.folder}/", "/var/log/nginx/": f"{self.folder}/"}
        texts = {path.name: path.read_text(encoding="utf-8") for path in CONFIGURATION.glob("*.conf")}
        for old, new in changes.items():
            assert any(old in text for text in texts.values()), f"{old} is not in the configuration any more"
            texts = {name: text.replace(old, new) for name, text in texts.items()}
        for name, text in texts.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        kept = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"pid {self.folder}/pid;\nworker_processes 1;\nevents {{ }}\nhttp {{\n{kept}{ELSEWHERE}include {self.folder}/idcard.conf;\n}}\n")

    # ---- how a visitor calls

    def connect(self, name: str = SITE, source: str = "127.0.0.1", context: Optional[ssl.SSLContext] = None) -> http.client.HTTPConnection:
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=30, source_address=(source, 0))
        connection = http.client.HTTPConnection(name)
        connection.sock = (context or self.context()).wrap_socket(plain, server_hostname=name)
        return connection

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def call(self, path: str, method: str = "GET", body: Optional[bytes] = None, headers: Mapping[str, str] = {},
             name: str = SITE, source: str = "127.0.0.1") -> "Answer":
        connection = self.connect(name, source)
        try:
            return ask(connection, path, method, body, headers)
        finally:
            connection.close()

    def log(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.log")))


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self) -> dict:
        return json.loads(self.body)


def ask(connection: http.client.HTTPConnection, path: str, method: str = "GET", body: Optional[bytes] = None,
        headers: Mapping[str, str] = {}) -> Answer:
    connection.request(method, path, body, dict(headers))
    return Answer(connection.getresponse())


def public_paths() -> "list[str]":
    """What the configuration passes on, as it says itself."""
    return re.findall(r"location (?:= )?(\S+) \{[^}]*proxy_pass http://assistant;", (CONFIGURATION / "idcard.conf").read_text(encoding="utf-8"))


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    return found or pytest.fail("nginx is missing; run scripts/setup-services.sh", pytrace=False)


def _make_certificate(folder: Path) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SITE)])
    today = datetime.datetime.now(datetime.timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(today - datetime.timedelta(days=1)).not_valid_after(today + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName(SITE), x509.DNSName(CONSOLE)]), critical=False)
                   .sign(key, hashes.SHA256()))
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
