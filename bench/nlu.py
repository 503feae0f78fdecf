"""Intent and slot benchmark: python -m bench.nlu --data FOLDER [FOLDER ...] [--systems ours,svm_crf,stock].

Every run is a process of its own on one thread, so that time and peak memory are those of one system. Runs gather in a
file of JSON (a stock run takes hours), and the report is made from all of them.
"""

import argparse
from datetime import date
import json
import os
from pathlib import Path
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from typing import List

from bench import nlu_data, nlu_report
from bench.nlu_report import RANDOM, Run

SYSTEMS = ("ours", "svm_crf", "stock")
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                     "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
                                     "TF_INTRA_OP_PARALLELISM_THREADS", "TF_INTER_OP_PARALLELISM_THREADS")}
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def main() -> int:
    """Runs what was asked for, prints one table per folder, and writes runs and report where that was asked for."""
    options = _options()
    if options.one:
        print(json.dumps(run_one(options.one, options.data[0], options.label, options.seeds[0], options.limit,
                                 options.with_dev)))
        return 0
    runs = [run for file in options.merge for run in _read(file)]
    for folder in options.data:
        if not (folder / "data.jsonl").is_file():
            print(f"bench.nlu: no data.jsonl in {folder}: nothing measured there. Give a folder with --data.")
            continue
        for system in options.systems.split(","):
            runs.extend(_runs(system, folder, options))
            _keep(runs, options)  # after each system: a long run that is stopped costs no other
        print("\n" + "\n\n".join(nlu_report.sections([run for run in runs if run["data"] == folder.name])), flush=True)
    _keep(runs, options)
    return 0


def _keep(runs: List[Run], options: argparse.Namespace) -> None:
    """Adds the runs to those of the file, read anew: another benchmark may have written there in the meantime."""
    if options.limit:
        return
    if options.json:
        runs = nlu_report.merged([*(_read(options.json) if options.json.exists() else []), *runs])
        options.json.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    if options.report and runs:
        nlu_report.write(options.report, runs, options.date)


def _read(file: Path) -> List[Run]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"bench.nlu: {file} holds no runs: {error}. Give a file that --json has written.") from error


def run_one(system: str, folder: Path, label: str, seed: int, limit: int, with_dev: bool) -> Run:
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
        found, took = [], []
        for row in data.test:
            reading, seconds_of_row = nlu_data.timed(lambda: parse(row.text))
            found.append(reading)
            took.append(seconds_of_row)
    cuts = statistics.quantiles([1000 * t.wall for t in took], n=100)
    cpu_cuts = statistics.quantiles([1000 * t.cpu for t in took], n=100)
    return {"system": system, "data": data.name, "label": label, "seed": seed, "with_dev": with_dev,
            "train_rows": len(data.train), "test_rows": len(data.test), **nlu_data.scores(data.test, found),
            "p50_ms": cuts[49], "p95_ms": cuts[94], "p95_cpu_ms": cpu_cuts[94],
            "train_s": seconds.wall, "train_cpu_s": seconds.cpu, "model_mb": size / 1e6,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _runs(system: str, folder: Path, options: argparse.Namespace) -> List[Run]:
    seeds = options.seeds if system in RANDOM else options.seeds[:1]
    return [_child(system, folder, label, seed, options)
            for label in _labels(folder, options.label) for seed in seeds]


def _labels(folder: Path, asked: str) -> List[str]:
    """The few-shot samples are drawn by domain.intent; the full set is published under both."""
    if asked:
        return [asked]
    return ["domain_intent"] if "shot" in folder.name else ["intent", "domain_intent"]


def _child(system: str, folder: Path, label: str, seed: int, options: argparse.Namespace) -> Run:
    command = [sys.executable, "-m", "bench.nlu", "--data", str(folder), "--one", system, "--label", label,
               "--seeds", str(seed), "--limit", str(options.limit)] + (["--with-dev"] if options.with_dev else [])
    done = subprocess.run(command, env={**os.environ, **QUIET, **ONE_THREAD}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"bench.nlu: {system} ended with {done.returncode} on {folder.name}:\n{done.stderr[-2000:]}")
    return {**json.loads(done.stdout.splitlines()[-1]), "date": str(date.today()), "machine": _machine()}


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.nlu", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, default=[], help="folders with data.jsonl")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--label", default="", help="intent or domain_intent; default: as published for the folder")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--with-dev", action="store_true", help="train on train and dev")
    parser.add_argument("--limit", type=int, default=0, help="only the first rows of each split, for a trial: nothing is kept")
    parser.add_argument("--json", type=Path, help="runs gather here; a run made again takes the place of the old one")
    parser.add_argument("--merge", nargs="+", type=Path, default=[], help="take in the runs of these files too")
    parser.add_argument("--report", type=Path, help="write the report of all runs here")
    parser.add_argument("--date", default=str(date.today()), help="the day the report bears")
    parser.add_argument("--one", choices=SYSTEMS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
