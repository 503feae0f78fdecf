"""Intent and slot benchmark: python -m bench.nlu --data FOLDER [FOLDER ...] [--systems ours,svm_crf,stock].

Every run is a process of its own on one thread, so that time and peak memory are those of one system.
"""

import argparse
import json
import os
from pathlib import Path
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, List

from bench import nlu_data

SYSTEMS = ("ours", "svm_crf", "stock")
RANDOM = ("stock",)  # the others give the same model for every seed
COLUMNS = ("intent", "slot_f1", "sentence", "p50_ms", "p95_ms", "train_s", "train_cpu_s", "model_mb", "peak_mb")
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                     "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
                                     "TF_INTRA_OP_PARALLELISM_THREADS", "TF_INTER_OP_PARALLELISM_THREADS")}
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def main() -> int:
    """Runs what was asked for and prints one table per folder."""
    options = _options()
    if options.one:
        print(json.dumps(run_one(options.one, Path(options.data[0]), options.label, options.seeds[0], options.limit,
                                 options.with_dev)))
        return 0
    results: List[Dict[str, Any]] = []
    for folder in map(Path, options.data):
        if not (folder / "data.jsonl").is_file():
            print(f"bench.nlu: no data.jsonl in {folder}: nothing measured there. Give a folder with --data.")
            continue
        for system in options.systems.split(","):
            results.extend(_runs(system, folder, options))
        print_table(folder.name, [r for r in results if r["data"] == folder.name])
        if options.json:
            Path(options.json).write_text(json.dumps(results, indent=1), encoding="utf-8")
    return 0


def run_one(system: str, folder: Path, label: str, seed: int, limit: int, with_dev: bool) -> Dict[str, Any]:
    """Trains and tests one system in this process."""
    data = nlu_data.read(folder, label, with_dev, limit)
    with tempfile.TemporaryDirectory() as work:
        os.environ["RASA_CACHE_DIRECTORY"] = work  # read when rasa is imported: a cached model would train in no time
        if system == "svm_crf":
            from bench.nlu_baseline import train
        else:
            from bench.nlu_rasa import train
        parse, seconds, size = train(data.train, system, seed, Path(work))
        parse(data.test[0].text)  # first call: lazy tables
        found, millis = [], []
        for row in data.test:
            started = time.perf_counter()
            found.append(parse(row.text))
            millis.append(1000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(millis, n=100)
    return {"system": system, "data": data.name, "label": label, "seed": seed, "with_dev": with_dev,
            "train_rows": len(data.train), "test_rows": len(data.test), **nlu_data.scores(data.test, found),
            "p50_ms": cuts[49], "p95_ms": cuts[94], "train_s": seconds.wall, "train_cpu_s": seconds.cpu, "model_mb": size / 1e6,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def print_table(name: str, results: List[Dict[str, Any]]) -> None:
    """Means over the seeds, one line per system and label."""
    print(f"\n{name}\n{'system':10}{'label':16}{'runs':>5}" + "".join(f"{c:>12}" for c in COLUMNS))
    for system, label in dict.fromkeys((r["system"], r["label"]) for r in results):
        runs = [r for r in results if (r["system"], r["label"]) == (system, label)]
        means = "".join(f"{statistics.mean(r[c] for r in runs):12.1f}" for c in COLUMNS)
        print(f"{system:10}{label:16}{len(runs):5}{means}", flush=True)


def _runs(system: str, folder: Path, options: argparse.Namespace) -> List[Dict[str, Any]]:
    seeds = options.seeds if system in RANDOM else options.seeds[:1]
    return [_child(system, folder, label, seed, options)
            for label in _labels(folder, options.label) for seed in seeds]


def _labels(folder: Path, asked: str) -> List[str]:
    """The few-shot samples are drawn by domain.intent; the full set is published under both."""
    if asked:
        return [asked]
    return ["domain_intent"] if "shot" in folder.name else ["intent", "domain_intent"]


def _child(system: str, folder: Path, label: str, seed: int, options: argparse.Namespace) -> Dict[str, Any]:
    command = [sys.executable, "-m", "bench.nlu", "--data", str(folder), "--one", system, "--label", label,
               "--seeds", str(seed), "--limit", str(options.limit)] + (["--with-dev"] if options.with_dev else [])
    done = subprocess.run(command, env={**os.environ, **QUIET, **ONE_THREAD}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"bench.nlu: {system} ended with {done.returncode} on {folder.name}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.nlu", description=__doc__)
    parser.add_argument("--data", nargs="+", required=True, help="folders with data.jsonl")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--label", default="", help="intent or domain_intent; default: as published for the folder")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--with-dev", action="store_true", help="train on train and dev")
    parser.add_argument("--limit", type=int, default=0, help="only the first rows of each split, for a trial")
    parser.add_argument("--json", help="write all runs here")
    parser.add_argument("--one", choices=SYSTEMS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
