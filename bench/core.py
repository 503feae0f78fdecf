"""What the core costs: one decide(), and the start of the command line. `make bench` prints it.

Wall times are of this machine at this moment; processor times leave out what other programs took. No test depends on them.
"""
from __future__ import annotations

import random
import resource
import statistics
import subprocess
import sys
import time
from datetime import date

from idcard.facts import SAME_COUNTY, ContradictionError
from idcard.knowledge import Knowledge, load
from idcard.policy import decide

QUESTION = ("ask", "补领多少钱", "--city", "济宁")


def decide_times(knowledge: Knowledge, count: int, seed: int = 1) -> list[float]:
    """Processor milliseconds of `count` decisions over all tables with random partial facts, sorted."""
    chance, times = random.Random(seed), []
    tables = list(knowledge.tables.values())
    while len(times) < count:
        table = chance.choice(tables)
        facts = {name: chance.choice(fact.values) for name, fact in knowledge.model.facts.items()
                 if fact.values and name != SAME_COUNTY and chance.random() < 0.5}
        start = time.thread_time()
        try:
            decide(table, facts, date(2026, 11, 21), knowledge.model, knowledge.tables)
        except ContradictionError:
            continue
        times.append((time.thread_time() - start) * 1000)
    return sorted(times)


def start_times(runs: int) -> list[tuple[float, float]]:
    """(wall, processor) seconds of `runs` starts of python -m idcard ask; the first, which may write bytecode, is left out."""
    times = []
    for _ in range(runs + 1):
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "idcard", *QUESTION], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append((time.perf_counter() - start,
                      after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return times[1:]


def foreign_imports() -> list[str]:
    """Which of rasa and tensorflow that start imports (none, it is hoped)."""
    code = ("import sys, io, contextlib\nfrom idcard.__main__ import main\n"
            f"with contextlib.redirect_stdout(io.StringIO()): main({list(QUESTION)!r})\n"
            "print(*(name for name in ('rasa', 'rasa_sdk', 'tensorflow') if name in sys.modules))")
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()


def main() -> None:
    times = decide_times(load(), 20_000)
    starts = start_times(10)
    print(f"decide: p50 {statistics.median(times):.3f} ms, p99 {times[int(len(times) * 0.99)]:.3f} ms, "
          f"max {times[-1]:.2f} ms of processor time ({len(times)} decisions, random facts, all tables)")
    print(f"python -m idcard ask: median {statistics.median(wall for wall, _ in starts):.2f} s by the clock, "
          f"{statistics.median(processor for _, processor in starts):.2f} s of processor time ({len(starts)} starts)")
    print(f"imports of rasa or tensorflow: {' '.join(foreign_imports()) or 'none'}")


if __name__ == "__main__":
    main()
