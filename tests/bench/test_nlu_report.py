"""The report of `make bench-nlu` from runs that were made at different times, and the file in which they gather."""
import json
import sys
from pathlib import Path
from typing import Any, Dict

import pytest

from bench import nlu, nlu_report


def run(system: str = "ours", data: str = "smp2020", seed: int = 0, **figures: Any) -> Dict[str, Any]:
    """A run as `python -m bench.nlu --json` writes it, with figures that are easy to add up."""
    return {"system": system, "data": data, "label": "intent", "seed": seed, "with_dev": False, "train_rows": 100, "test_rows": 50,
            "intent": 90.0, "slot_f1": 80.0, "slot_precision": 81.0, "slot_recall": 79.0, "sentence": 70.0, "p50_ms": 1.0,
            "p95_ms": 2.0, "p95_cpu_ms": 1.5, "train_s": 30.0, "train_cpu_s": 25.0, "model_mb": 3.0, "peak_mb": 500.0,
            "date": "2026-01-02", "machine": "two cores", **figures}


def section(text: str, heading: str) -> str:
    return text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def test_seeds_are_averaged_and_their_range_is_shown() -> None:
    runs = [run("stock", seed=seed, intent=intent) for seed, intent in enumerate((70.0, 74.0, 75.0))]
    found = section(nlu_report.markdown(runs, "2026-01-03"), "smp2020, intent")
    assert "| stock | 3 (seed 0, 1, 2) | 73.0 (70.0–75.0) |" in found


def test_a_data_set_drawn_several_times_gets_the_mean_of_its_samples() -> None:
    runs = [run(data=f"few_s{i}", intent=intent) for i, intent in enumerate((82.0, 84.0))] + [run("stock", data="few_s0")]
    text = nlu_report.markdown(runs, "2026-01-03")
    mean = section(text, "few, intent: mean of its samples")
    assert "| ours | 2 (s0, s1) | 83.0 (82.0–84.0) |" in mean
    assert "| stock | 1 (s0; seed 0) | 90.0 |" in mean, "a system that ran on one sample says which"
    assert "| ours | 1 (s1) | 84.0 |" in section(text, "few_s1, intent")


def test_what_a_run_has_not_noted_is_a_dash_and_no_zero() -> None:
    old = run()
    for key in ("p95_cpu_ms", "date", "machine"):
        del old[key]
    text = nlu_report.markdown([old], "2026-01-03")
    assert "| ours | 1 | 1.0 | 2.0 | – | 30.0 |" in text
    assert "| smp2020 | intent | ours | – | 100 | – | – |" in text
    assert "Machine: machine not noted." in text


def test_a_system_that_has_not_run_is_named_as_missing() -> None:
    text = nlu_report.markdown([run(), run("svm_crf"), run("svm_crf", data="other"), run("stock", data="other")], "2026-01-03")
    assert "Not run here: stock." in section(text, "smp2020, intent")
    assert "Not run here: ours." in section(text, "other, intent")


def test_training_with_the_development_rows_is_a_run_of_its_own() -> None:
    runs = nlu_report.merged([run(intent=95.0), run(with_dev=True, train_rows=110, intent=96.0)])
    assert [r["intent"] for r in runs] == [95.0, 96.0]
    assert "110 training rows" in nlu_report.markdown(runs, "2026-01-03")


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bench.nlu", *words])
    return nlu.main()


def test_a_long_run_is_merged_later_and_a_new_one_takes_the_place_of_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, late, report = tmp_path / "runs.json", tmp_path / "late.json", tmp_path / "report.md"
    kept.write_text(json.dumps([run(intent=90.0), run("svm_crf")]))
    late.write_text(json.dumps([run("stock", intent=77.0), run(intent=95.5)]))
    assert call(monkeypatch, "--merge", str(late), "--json", str(kept), "--report", str(report), "--date", "2026-01-03") == 0
    assert [(r["system"], r["intent"]) for r in json.loads(kept.read_text())] == [("ours", 95.5), ("stock", 77.0), ("svm_crf", 90.0)]
    text = report.read_text(encoding="utf-8")
    assert "on 2026-01-03" in text
    assert [line.split(" | ")[2] for line in section(text, "smp2020, intent").splitlines()[5:8]] == ["77.0", "95.5", "90.0"]


@pytest.mark.parametrize("content", [None, "no JSON"])
def test_a_file_without_runs_is_named_and_nothing_is_overwritten(content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, kept = tmp_path / "broken.json", tmp_path / "runs.json"
    if content is not None:
        broken.write_text(content)
    with pytest.raises(SystemExit, match="broken.json holds no runs"):
        call(monkeypatch, "--merge", str(broken), "--json", str(kept))
    assert not kept.exists()


def test_a_folder_without_data_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    assert call(monkeypatch, "--data", str(tmp_path / "nowhere")) == 0
    assert "no data.jsonl in" in capsys.readouterr().out


def test_the_committed_report_is_made_from_the_committed_runs() -> None:
    docs = Path(__file__).resolve().parent.parent.parent / "docs"
    runs = json.loads((docs / "benchmark-nlu.json").read_text(encoding="utf-8"))
    report = (docs / "benchmark-nlu.md").read_text(encoding="utf-8")
    day = report.split("` on ", 1)[1][:10]
    assert nlu_report.markdown(nlu_report.merged(runs), day) == report
