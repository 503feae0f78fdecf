"""`python -m bench.sessions`: what 10,000 sessions leave in the memory of the server, over the web channel, two messages each.

The real server as a process of its own; printed is its resident memory after every thousandth session.
"""
from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from tests.assistant.channels.web.client import Server

MESSAGES = ("我河南的，身份证丢了，能在武汉补吗", "都没有")
STEP = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/idcard.tar.gz"))
    parser.add_argument("--sessions", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(args.model, Path(folder) / "idcard.db").start()
        try:
            print(f"{0:6} sessions: {resident(server):6.1f} MB", flush=True)
            for number in range(1, args.sessions + 1):
                chat = server.chat()
                for text in MESSAGES:
                    chat.say(text)
                if number % STEP == 0 or number == args.sessions:
                    print(f"{number:6} sessions: {resident(server):6.1f} MB", flush=True)
        finally:
            server.kill()


def resident(server: Server) -> float:
    """MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


if __name__ == "__main__":
    main()
