"""`make bench`: what stock is made of, how databases are filled, what the report says, and a run that is too short to mean anything."""
import json
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Dict, List

import pytest
import yaml

from assistant.storage import database, events
from bench import side_by_side, side_by_side_report
from bench.side_by_side_people import DIALOGUES
from bench.side_by_side_store import fill
from tests.conftest import ROOT


def sentences(path: str) -> Dict[str, List[str]]:
    """Intent -> its examples."""
    found: Dict[str, List[str]] = {}
    for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
        intent = re.match(r"\s+- intent: (\S+)", line)
        if intent:
            found[intent.group(1)] = examples = []
        elif re.match(r"\s+- ", line):
            examples.append(line.strip()[2:])
    return found


def test_stock_learns_from_120_of_our_own_sentences() -> None:
    ours, stock = sentences("data/nlu.yml"), sentences("bench/stock/nlu.yml")
    assert sum(map(len, stock.values())) == 120
    for intent, examples in stock.items():
        assert len(set(examples)) == 5 and set(examples) <= set(ours[intent]), intent


def test_the_stories_of_stock_name_intents_that_it_has_learnt() -> None:
    stories = yaml.safe_load((ROOT / "bench/stock/stories.yml").read_text(encoding="utf-8"))["stories"]
    assert {step["intent"] for story in stories for step in story["steps"] if "intent" in step} <= sentences("bench/stock/nlu.yml").keys()


def test_every_dialogue_has_ten_turns() -> None:
    assert {len(dialogue) for dialogue in DIALOGUES} == {10}


def test_a_database_is_filled_with_whole_conversations_and_keeps_its_indexes(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/idcard.db")
    database.create_tables(engine)
    row = {"type_name": "slot", "timestamp": 1.0, "intent_name": None, "action_name": "city", "data": "{}"}
    for sender in ("asked", "other"):
        events.append(engine, [events.Turn(sender, 0, [{**row, "sender_id": sender}] * 3)])
    engine.dispose()
    file = tmp_path / "idcard.db"
    assert fill(file, "asked", 0, 10) == 3
    assert fill(file, "asked", 10, 200) == 3
    with closing(sqlite3.connect(file)) as connection:
        by_sender = dict(connection.execute("SELECT sender_id, count(*) FROM events GROUP BY sender_id"))
        indexes = {name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql > ''")}
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert len(by_sender) == 202 and set(by_sender.values()) == {3}
    assert {"ix_events_sender_id_id", "ix_events_timestamp"} <= indexes


def made_up(processor_ms: Dict[str, float]) -> dict:
    """Figures of a run in which all but the processor time of a turn is the same for all systems."""
    def load(cost: float) -> dict:
        return {"turns": 480, "silent": 0, "turns_per_s": 10.0, "processor_ms": cost, "p50_ms": 5.0, "p95_ms": 8.0, "p99_ms": 9.0}

    second = {"wall_s": 1.0, "processor_s": 1.0}
    return {
        "date": "2026-01-02", "machine": "two cores", "load_before": 0.5, "same_replies": {"stock_memory": 0.5, "stock_sqlite": 0.5, "ours": 1.0},
        "training": {"stock": [{"processor_s": 30.0}], "ours_same_examples": [{"processor_s": 10.0}], "ours": [{"processor_s": 15.0}]},
        "sessions": {name: [{"start": second, "load": {"1": load(cost), "8": load(cost)}, "website": {"people": 8, **load(cost)}, "memory_mb": 100.0}]
                     for name, cost in processor_ms.items()},
        "long": {name: {"processor_ms": [cost] * 9 + [1.2 * cost, 1.3 * cost]} for name, cost in processor_ms.items()},
        "growth": {"ours": [{"conversations": 1000, "rows": 22000, "gigabytes": 0.01, "start": second, **load(1.0)}]},
    }


def test_the_report_says_which_goals_hold() -> None:
    lines = side_by_side_report.goals_table(made_up({"stock_memory": 70.0, "stock_sqlite": 80.0, "ours": 10.0})).splitlines()
    by_goal = {line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ") for line in lines}
    assert by_goal["turns per second of processor time, 8 people"][1:] == ["14.29 /s", "12.5 /s", "100 /s", "8.0 ×", "≥ 8 ×", "yes"]
    assert by_goal["memory of all processes (PSS)"][4:] == ["1.0 ×", "≤ 1/4", "**no**"]
    assert by_goal["training on the same 120 sentences, processor time"][4:] == ["1/3.0", "≤ 1/3", "yes"]
    assert by_goal["training ours on all its sentences, stock on 120, processor time"][-1] == "**no**"
    assert by_goal["turn 100 as a multiple of turn 5, processor time"][1:] == ["1.25", "1.25", "1.25", "", "≤ 1.3", "yes"]


def test_a_part_that_was_not_measured_is_named_and_not_shown() -> None:
    text = side_by_side_report.markdown({**made_up({"stock_memory": 70.0, "stock_sqlite": 80.0, "ours": 10.0}), "growth": {}}, "benchmark")
    assert "Not measured in this run: stored conversations." in text
    assert "growth.png" not in text and "long.png" in text


def test_the_committed_report_is_made_from_the_committed_figures() -> None:
    figures = json.loads((ROOT / "docs/benchmark.json").read_text(encoding="utf-8"))
    assert (ROOT / "docs/benchmark.md").read_text(encoding="utf-8") == side_by_side_report.markdown(figures, "benchmark")
    assert figures["sessions"].keys() == side_by_side_report.NAMES.keys(), "a quick run is no report"


@pytest.mark.model
def test_a_quick_run_measures_ours_over_both_channels(model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.side_by_side", "--quick", "--model", str(model_path), "--out", str(tmp_path / "benchmark.md")])
    assert side_by_side.main() == 0
    figures = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))
    (session,) = figures["sessions"]["ours"]
    for load in (*session["load"].values(), session["website"]):
        assert load["silent"] == 0 and load["processor_ms"] > 0 and load["p50_ms"] <= load["p99_ms"]
    assert session["memory_mb"] > 50
    assert {path.name for path in (tmp_path / "benchmark").iterdir()} == {"latency.png", "throughput.png"}
