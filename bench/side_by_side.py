"""`make bench`: stock Rasa and this assistant side by side, the same dialogues, in one run. Writes docs/benchmark.md.

Three systems: stock with its tracker in memory, stock with SQLite, ours. Each is measured alone, in turns (A, B, C, A, B, C), so
that what else runs on the machine hits all of them. `--quick` tries out the measuring on ours alone, in seconds.
"""
from __future__ import annotations

import argparse
import json
import operator
import os
import platform
import statistics
import sys
import tempfile
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Callable

from bench import side_by_side_report as report
from bench.side_by_side_people import DIALOGUES, Rest, Website, crowd, replies
from bench.side_by_side_store import fill
from bench.side_by_side_systems import PEOPLE_CORES, TRAINING, Ours, Stock, System, train

CROWDS = {1: 6, 8: 6, 32: 2}  # people at once -> dialogues of each
WINDOW = len(DIALOGUES[0])  # turns; each message once
LONGEST = 11 * WINDOW
Figures = dict[str, Any]


def main() -> int:
    options = _options()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, PEOPLE_CORES)
    try:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            figures = {**_about(), **(measure_quickly if options.quick else measure)(Path(name), options)}
    finally:
        os.sched_setaffinity(0, before)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    report.write(options.out, figures)
    print(report.goals_table(figures))
    return 0


def measure(folder: Path, options: argparse.Namespace) -> Figures:
    """Everything, on all systems."""
    training = {name: [] for name in TRAINING}
    for _ in range(options.rounds):
        for name in TRAINING:
            training[name].append(told(f"training {name}", partial(train, name, folder)))
    systems = _systems(folder, folder / "ours.tar.gz")
    sessions: dict[str, list[Figures]] = {system.name: [] for system in systems}
    said: dict[str, list[list[str]]] = {}
    for _ in range(options.rounds):
        for system in systems:
            said[system.name], figures = told(f"load on {system.name}", partial(session, system, CROWDS))
            sessions[system.name].append(figures)
    long = {system.name: told(f"long conversations with {system.name}", partial(long_conversations, system, 3)) for system in systems}
    growth = {system.name: told(f"stored conversations of {system.name}", partial(grow, system, options.stored))
              for system in systems if system.sqlite}
    same = {name: statistics.mean(map(operator.eq, replies_of, said["ours"])) for name, replies_of in said.items()}
    return {"training": training, "sessions": sessions, "same_replies": same, "long": long, "growth": growth}


def measure_quickly(folder: Path, options: argparse.Namespace) -> Figures:
    """One session of ours alone, too short to mean anything."""
    ours = _systems(folder, options.model)[-1]
    return {"training": {}, "sessions": {ours.name: [session(ours, {1: 1, 4: 1})[1]]}, "same_replies": {}, "long": {}, "growth": {}}


def _systems(folder: Path, model: Path) -> list[System]:
    def own(name: str) -> Path:
        (folder / name).mkdir()
        return folder / name

    stock = folder / "stock.tar.gz"
    return [Stock("stock_memory", stock, own("stock_memory")),
            Stock("stock_sqlite", stock, own("stock_sqlite"), sqlite=str(folder / "stock_sqlite" / "events.db")),
            Ours("ours", model, own("ours"), sqlite=str(folder / "ours" / "events.db"))]


def session(system: System, crowds: dict[int, int]) -> tuple[list[list[str]], Figures]:
    """Start, all dialogues once, load by crowds of each size, memory, stop: what was replied, and the figures."""
    figures: Figures = {"start": system.start()}
    try:
        said = replies(system.port)
        figures["load"] = {str(people): _load(system, partial(Rest, system.port), people, dialogues) for people, dialogues in crowds.items()}
        if isinstance(system, Ours):
            most = max(people for people in crowds if people <= 8)
            figures["website"] = {"people": most, **_load(system, partial(Website, system.port), most, crowds[most])}
        figures["memory_mb"] = system.memory_mb()
    finally:
        system.stop()
    return said, figures


def _load(system: System, new_conversation: Callable[[], Rest], people: int, dialogues: int) -> Figures:
    before = system.processor_seconds()
    found = crowd(new_conversation, people, dialogues)
    turns = len(found.latencies_ms)
    cuts = statistics.quantiles(found.latencies_ms, n=100)
    return {"turns": turns, "silent": found.silent, "turns_per_s": turns / found.wall_s,
            "processor_ms": 1000 * (system.processor_seconds() - before) / turns, "p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98]}


def long_conversations(system: System, conversations: int) -> Figures:
    """What a turn costs on the average of each ten turns, in conversations that say the same ten messages over and over."""
    windows: list[list[float]] = []
    system.start()
    try:
        replies(system.port)
        for _ in range(conversations):
            conversation, costs = Rest(system.port), []
            for _ in range(LONGEST // WINDOW):
                before = system.processor_seconds()
                for text in DIALOGUES[0]:
                    conversation.say(text)
                costs.append(1000 * (system.processor_seconds() - before) / WINDOW)
            windows.append(costs)
    finally:
        system.stop()
    return {"processor_ms": [statistics.median(window) for window in zip(*windows)]}


def grow(system: System, sizes: list[int]) -> list[Figures]:
    """What a turn of a new conversation costs, and the start, with so many conversations stored: one question and its answer each."""
    system.start()
    template = Rest(system.port)
    template.say(DIALOGUES[0][0])
    system.stop()
    found, stored = [], 0
    for size in sizes:
        rows = fill(Path(system.sqlite), template.sender, stored, size)
        stored, start = size, system.start()
        try:
            replies(system.port)
            found.append({"conversations": size, "rows": rows * size, "gigabytes": Path(system.sqlite).stat().st_size / 1e9, "start": start,
                          **_load(system, partial(Rest, system.port), 1, CROWDS[1])})
        finally:
            system.stop()
    return found


def told(what: str, task: Callable[[], Any]) -> Any:
    print(f"{what} …", flush=True)
    return task()


def _about() -> Figures:
    return {"date": str(date.today()), "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "load_before": os.getloadavg()[1]}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.side_by_side", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/idcard.tar.gz"), help="ours, for --quick")
    parser.add_argument("--out", type=Path, help="the report (default: docs/benchmark.md; of a quick run var/benchmark.md)")
    parser.add_argument("--folder", type=Path, help="where models and databases are put for the time (default: that of the system)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--stored", type=int, nargs="+", default=[10**3, 10**4, 10**5, 10**6], help="conversations stored (six gigabytes a million)")
    parser.add_argument("--quick", action="store_true", help="ours alone, to try out the measuring: nothing is trained")
    options = parser.parse_args()
    options.out = options.out or Path("var" if options.quick else "docs") / "benchmark.md"
    return options


if __name__ == "__main__":
    sys.exit(main())
