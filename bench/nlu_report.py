"""The report of bench.nlu: Markdown from the runs, whenever and wherever each of them was made."""

from pathlib import Path
import re
import statistics
from typing import Any, Dict, Iterable, List, Sequence, Tuple

from bench.understanding_report import table

Run = Dict[str, Any]

NAMES = {
    "stock": "stock: Rasa's Chinese pipeline (Jieba, count vectors, DIET 100 epochs)",
    "ours": "ours: linear models over characters and pinyin, spans by two CRFs (`bench/nlu_tagger.py`)",
    "svm_crf": "svm_crf: TF-IDF of character 1-4-grams with a linear SVM, character CRF (`bench/nlu_baseline.py`)",
}
RANDOM = ("stock",)  # the others give the same model for every seed
QUALITY = {"intent": "intent", "slot_f1": "slot F1", "slot_precision": "slot precision", "slot_recall": "slot recall",
           "sentence": "sentence"}
COST = {"p50_ms": "p50 ms", "p95_ms": "p95 ms", "p95_cpu_ms": "p95 ms (processor)", "train_s": "training s",
        "train_cpu_s": "training s (processor)", "model_mb": "model MB", "peak_mb": "peak MB"}
_SAMPLE = re.compile(r"_s\d+$")  # one of several draws of a few-shot set


def merged(runs: Iterable[Run]) -> List[Run]:
    """Of runs of the same system, data, label, training rows and seed the last one, in a fixed order."""
    last = {(run["data"], run["label"], run["with_dev"], run["system"], run["seed"]): run for run in runs}
    return [last[key] for key in sorted(last)]


def write(out: Path, runs: Sequence[Run], day: str) -> None:
    """The report at `out`."""
    out.write_text(markdown(merged(runs), day), encoding="utf-8")


def markdown(runs: Sequence[Run], day: str) -> str:
    """The whole report; `day` is that of the report, every run bears its own."""
    return "\n\n".join([_start(runs, day), *sections(runs), _runs(runs)]) + "\n"


def sections(runs: Sequence[Run]) -> List[str]:
    """A heading and two tables per data set and label; of several draws of one set, their mean first."""
    draws: Dict[Tuple[str, str, bool], List[Run]] = {}
    for run in runs:
        draws.setdefault((_SAMPLE.sub("", run["data"]), run["label"], run["with_dev"]), []).append(run)
    found: List[str] = []
    for (name, label, _), group in draws.items():
        samples = sorted({run["data"] for run in group})
        if len(samples) > 1:
            found.append(_section(f"{name}, {label}: mean of its samples", group))
        found += [_section(f"{sample}, {label}", [run for run in group if run["data"] == sample]) for sample in samples]
    return found


def _start(runs: Sequence[Run], day: str) -> str:
    systems = "\n".join(f"- {text}{'; random, so several seeds' if name in RANDOM else '; the same for every seed'}"
                        for name, text in NAMES.items())
    machines = "; ".join(sorted({run.get("machine") or "machine not noted" for run in runs}))
    return (f"# Intents and slots on a public benchmark\n\nMade by `make bench-nlu DATA=FOLDER` on {day}. Do not edit.\n\n"
            "Data sets bear the names of their folders; _s0, _s1 and so on are samples of one set. None of them is training data of the "
            "shipped assistant, and its knowledge is not used. The same rows went through:\n\n"
            f"{systems}\n\n"
            "Intent: accuracy in percent. Slot F1: micro, exact borders and type. Sentence: intent and all slots right. Every run is a "
            "process of its own on one thread. Where other programs run beside it, times by the clock are longer, and those of the "
            "processor are the ones to compare. Training counts from after the imports. Peak memory is of "
            f"the whole process; one that trains through Rasa holds TensorFlow, needed or not. Machine: {machines}.")


def _section(heading: str, runs: Sequence[Run]) -> str:
    by_system = {system: [run for run in runs if run["system"] == system] for system in NAMES}
    lines = {system: found for system, found in by_system.items() if found}
    missing = ", ".join(system for system in NAMES if system not in lines)
    size = (f"{runs[0]['train_rows']} training rows, {runs[0]['test_rows']} test rows."
            + (f" Not run here: {missing}." if missing else ""))
    tables = [table(["system", "runs", *columns.values()],
                    [[system, _of(found), *(_figure(found, key) for key in columns)] for system, found in lines.items()])
              for columns in (QUALITY, COST)]
    return f"## {heading}\n\n{size}\n\n" + "\n\n".join(tables)


def _of(runs: Sequence[Run]) -> str:
    """How many runs, and of which seeds or samples when one of several is meant."""
    samples = sorted({match.group()[1:] for match in (_SAMPLE.search(run["data"]) for run in runs) if match})
    seeds = sorted({run["seed"] for run in runs})
    notes = [", ".join(samples)] * (len(samples) > 0) + [f"seed {', '.join(map(str, seeds))}"] * (runs[0]["system"] in RANDOM)
    return f"{len(runs)} ({'; '.join(notes)})" if notes else str(len(runs))


def _figure(runs: Sequence[Run], key: str) -> str:
    """The mean, with the lowest and the highest where there are several; – where a run has not noted it."""
    values = [run[key] for run in runs if key in run]
    if not values or len(values) < len(runs):
        return "–"
    mean = f"{statistics.mean(values):.1f}"
    return mean if len(values) == 1 else f"{mean} ({min(values):.1f}–{max(values):.1f})"


def _runs(runs: Sequence[Run]) -> str:
    head = ["data", "label", "system", "seed", "training rows", "day", "machine"]
    rows = [[run["data"], run["label"], run["system"], run["seed"] if run["system"] in RANDOM else "–", run["train_rows"],
             run.get("date", "–"), run.get("machine", "–")] for run in runs]
    return "## Runs\n\n" + table(head, rows)
