"""Calls the assistant's own scripts as processes: the console checks with the project's rules without importing them."""
from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Iterator, Sequence

from console.environment import ROOT

PATIENCE = 120  # seconds for a check of sentences


class ScriptFailed(Exception):
    """A script of the assistant ended with an error; the message is its last line."""


def check_candidates(candidates: Sequence[dict], whole: bool = False) -> list[dict[str, Any]]:
    """What assistant.nlu.candidates says: {"candidate": index or None, "problem": …}."""
    request = json.dumps({"candidates": list(candidates), "whole": whole}, ensure_ascii=False)
    done = subprocess.run([sys.executable, "-m", "assistant.nlu.candidates"], input=request, cwd=ROOT, capture_output=True,
                          text=True, timeout=PATIENCE)
    if done.returncode:
        raise ScriptFailed(_last_line(done.stderr))
    return json.loads(done.stdout)


def erase(sender: str, channel: str) -> dict[str, Any]:
    """Deletes everything that the assistant keeps of a sender. {"id": of its receipt, "seconds": how long something may be left in memory}."""
    receipt = _asked("assistant.storage", "erase", "--", sender)
    left = _asked("assistant.channels.wechat.forget", "--", sender)["seconds"] if channel == "wechat" else 0
    return {"id": receipt["id"], "seconds": left}


def _asked(module: str, *words: str) -> Any:
    done = subprocess.run([sys.executable, "-m", module, *words], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        raise ScriptFailed(_last_line(done.stderr))
    return json.loads(done.stdout)


def replay(model: str, conversations: Sequence[dict]) -> Iterator[dict[str, Any]]:
    """What assistant.replay writes for each message, as it comes."""
    command = [sys.executable, "-m", "assistant.replay", "--model", model]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True) as process:
        process.stdin.write(json.dumps(conversations, ensure_ascii=False))
        process.stdin.close()
        yield from map(json.loads, process.stdout)
        errors = process.stderr.read()
    if process.returncode:
        raise ScriptFailed(_last_line(errors))


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no message")[:300]
