"""The report of `make bench`: Markdown and pictures from the figures of one run."""
from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any, Callable, NamedTuple

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

from bench.understanding_report import table  # noqa: E402

Figures = dict[str, Any]

NAMES = {"stock_memory": "stock, in memory", "stock_sqlite": "stock, SQLite", "ours": "ours"}
COLOURS = {"stock_memory": "#a0aec0", "stock_sqlite": "#c05621", "ours": "#2b6cb0"}
EIGHT = "8"  # people


class Goal(NamedTuple):
    """A figure of each system, and what the ratio of ours to stock with SQLite must be."""

    name: str
    unit: str
    figure: Callable[[Figures, str], float]
    holds: Callable[[float], bool]
    asked: str


def write(out: Path, figures: Figures) -> None:
    """The report at `out`, the pictures in the folder of the same name beside it."""
    pictures = out.with_suffix("")
    pictures.mkdir(parents=True, exist_ok=True)
    for name, (draw, part) in PICTURES.items():
        if not figures[part]:
            continue
        figure, axes = pyplot.subplots(figsize=(6.4, 3.6))
        draw(axes, figures)
        axes.legend(frameon=False, fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(pictures / f"{name}.png", dpi=110, bbox_inches="tight", metadata={"Software": None})
        pyplot.close(figure)
    out.write_text(markdown(figures, pictures.name), encoding="utf-8")


# ---- figures ----------------------------------------------------------------------------------------------


def of_sessions(figures: Figures, system: str, *path: str) -> float:
    """The mean over the rounds of what stands at `path` in each session."""
    return statistics.mean(_at(session, path) for session in figures["sessions"][system])


def _at(value: Any, path: tuple[str, ...]) -> float:
    for key in path:
        value = value[key]
    return value


def _training(figures: Figures, name: str) -> float:
    return statistics.mean(run["processor_s"] for run in figures["training"][name])


def late_to_early(figures: Figures, system: str) -> float:
    """What turns 91 to 110 cost, as a multiple of turns 1 to 10."""
    costs = figures["long"][system]["processor_ms"]
    return statistics.mean(costs[9:11]) / costs[0]


GOALS = (
    Goal("turns per second of processor time, 8 people", "/s", lambda f, s: 1000 / of_sessions(f, s, "load", EIGHT, "processor_ms"),
         lambda ratio: ratio >= 8, "≥ 8 ×"),
    Goal("turns per second by the clock on one core, 8 people", "/s", lambda f, s: of_sessions(f, s, "load", EIGHT, "turns_per_s"),
         lambda ratio: ratio >= 8, "≥ 8 ×"),
    Goal("p99, 8 people", "ms", lambda f, s: of_sessions(f, s, "load", EIGHT, "p99_ms"), lambda ratio: ratio <= 1 / 8, "≤ 1/8"),
    Goal("start to the first answer", "s", lambda f, s: of_sessions(f, s, "start", "wall_s"), lambda ratio: ratio <= 1 / 5, "≤ 1/5"),
    Goal("start, processor time", "s", lambda f, s: of_sessions(f, s, "start", "processor_s"), lambda ratio: ratio <= 1 / 5, "≤ 1/5"),
    Goal("memory of all processes (PSS)", "MB", lambda f, s: of_sessions(f, s, "memory_mb"), lambda ratio: ratio <= 1 / 4, "≤ 1/4"),
    Goal("training on the same 120 sentences, processor time", "s",
         lambda f, s: _training(f, "ours_same_examples" if s == "ours" else "stock"), lambda ratio: ratio <= 1 / 3, "≤ 1/3"),
    Goal("training ours on all its sentences, stock on 120, processor time", "s",
         lambda f, s: _training(f, "ours" if s == "ours" else "stock"), lambda ratio: ratio <= 1 / 3, "≤ 1/3"),
)


# ---- text -------------------------------------------------------------------------------------------------


def markdown(figures: Figures, pictures: str) -> str:
    """The whole report."""
    parts = [_start(figures), "## Goals\n\n" + goals_table(figures),
             _section("How long people wait", latency_table(figures), pictures, "latency"),
             _section("What a turn costs", cost_table(figures), pictures, "throughput")]
    if figures["long"]:
        parts.append(_section("As a conversation gets longer", long_table(figures), pictures, "long"))
    if figures["growth"]:
        parts.append(_section("As conversations are stored", growth_table(figures), pictures, "growth"))
    return "\n\n".join([*parts, _fairness(figures)]) + "\n"


def _start(figures: Figures) -> str:
    return ("# Stock Rasa and this assistant side by side\n\n"
            f"Made by `make bench` on {figures['date']}: {figures['machine']}, load average before it {figures['load_before']:.1f}. Do not edit; all "
            "figures are in `docs/benchmark.json`.\n\n"
            "- *stock, in memory*: Rasa 3.6.21 with the standard Chinese recipe (`bench/stock/config.yml`: Jieba, count vectors, DIET; memoization, "
            "rules, TED), 120 sentences (`bench/stock/nlu.yml`), conversations in memory, its action server beside it.\n"
            "- *stock, SQLite*: the same with Rasa's SQL tracker store.\n"
            "- *ours*: `assistant.server` as `make` starts it: its SQLite store, its locks, actions in the same process.\n\n"
            "The same domain, rules, actions and dialogues (`bench/dialogues.yml`, ten turns each). All processes of a system share one core; the "
            "people who talk to it sit on the other. Processor time is of all processes of a system; other programs lengthen it by up to "
            f"a third, times by the clock by far more, so the systems are measured in turns.{_missing(figures)}")


def _missing(figures: Figures) -> str:
    missing = [what for part, what in (("long", "long conversations"), ("growth", "stored conversations")) if not figures[part]]
    return f" Not measured in this run: {', '.join(missing)}." if missing else ""


def goals_table(figures: Figures) -> str:
    """Each goal with the figures of all systems that were measured, as a Markdown table."""
    rows = []
    for goal in GOALS:
        try:
            found = {system: goal.figure(figures, system) for system in NAMES}
        except KeyError:
            continue
        ratio = found["ours"] / found["stock_sqlite"]
        rows.append([goal.name, *(f"{value:.4g} {goal.unit}" for value in found.values()), _times(ratio), goal.asked,
                     "yes" if goal.holds(ratio) else "**no**"])
    if figures["long"]:
        ratio = late_to_early(figures, "ours")
        rows.append(["turn 100 as a multiple of turn 5, processor time", *(f"{late_to_early(figures, name):.2f}" for name in NAMES), "", "≤ 1.3",
                     "yes" if ratio <= 1.3 else "**no**"])
    return table(["", *NAMES.values(), "ours to stock, SQLite", "goal", "holds"], rows)


def _times(ratio: float) -> str:
    return f"{ratio:.1f} ×" if ratio >= 1 else f"1/{1 / ratio:.1f}"


def latency_table(figures: Figures) -> str:
    rows = [[f"{people} people" if people != "1" else "1 person", NAMES[system], f"{of_sessions(figures, system, 'load', people, 'turns') :.0f}",
             *(f"{of_sessions(figures, system, 'load', people, cut):.0f}" for cut in ("p50_ms", "p95_ms", "p99_ms")),
             f"{of_sessions(figures, system, 'load', people, 'silent'):.0f}"]
            for people in _crowds(figures) for system in figures["sessions"]]
    return ("Everybody writes again as soon as they are answered; milliseconds by the clock.\n\n"
            + table(["", "", "turns per round", "p50", "p95", "p99", "without an answer"], rows))


def cost_table(figures: Figures) -> str:
    rows = [[NAMES[system], f"{people} people" if people != "1" else "1 person", f"{of_sessions(figures, system, 'load', people, 'processor_ms'):.1f}",
             f"{of_sessions(figures, system, 'load', people, 'turns_per_s'):.1f}"]
            for system in figures["sessions"] for people in _crowds(figures)]
    rows.append(["ours, on the website's channel", f"{of_sessions(figures, 'ours', 'website', 'people'):.0f} people", f"{of_sessions(figures, 'ours', 'website', 'processor_ms'):.1f}",
                 f"{of_sessions(figures, 'ours', 'website', 'turns_per_s'):.1f}"])
    return table(["", "", "processor ms per turn", "turns per second by the clock"], rows)


def _crowds(figures: Figures) -> list[str]:
    return list(figures["sessions"]["ours"][0]["load"])


def long_table(figures: Figures) -> str:
    windows = [0, 1, 4, 9, 10]
    rows = [[NAMES[system], *(f"{found['processor_ms'][window]:.1f}" for window in windows)] for system, found in figures["long"].items()]
    return "Processor milliseconds per turn; the same ten messages over and over.\n\n" + table(
        ["", *(f"turns {10 * window + 1}–{10 * window + 10}" for window in windows)], rows)


def growth_table(figures: Figures) -> str:
    rows = [[NAMES[system], f"{found['conversations']:,}", f"{found['rows']:,}", f"{found['gigabytes']:.2f}", f"{found['processor_ms']:.1f}",
             f"{found['p50_ms']:.0f}", f"{found['p99_ms']:.0f}", f"{found['start']['wall_s']:.1f}"]
            for system, sizes in figures["growth"].items() for found in sizes]
    return ("A stored conversation is one question and its answer, as the system itself wrote them down. Then one person leads new conversations.\n\n"
            + table(["", "conversations stored", "rows", "GB", "processor ms per turn", "p50 ms", "p99 ms", "start s"], rows))


def _section(heading: str, text: str, pictures: str, picture: str) -> str:
    return f"## {heading}\n\n{text}\n\n![{heading}]({pictures}/{picture}.png)"


def _fairness(figures: Figures) -> str:
    same = ", ".join(f"{NAMES[system]} {100 * share:.0f} %" for system, share in figures["same_replies"].items() if system != "ours")
    return ("## What is alike and what is not\n\n"
            "- Channel: Rasa's rest channel for all, one connection for each person. Ours serves it in development only; people reach ours over the "
            "website's channel, with signed sessions and every message kept for replay. What that costs is in the table of costs.\n"
            "- Actions: the same code. Stock Rasa runs actions in an action server only, so both stocks have one; its time and memory count.\n"
            f"- Replies word for word the same as ours in these dialogues: {same or 'not measured'}. With 120 sentences stock is made to hold them, no more; ours "
            "serves with the model trained on all of its sentences, which is larger.\n"
            "- Recipe: ResponseSelector and UnexpecTEDIntentPolicy are left out and no entities are annotated, so that DIET learns intents only and the "
            "actions read places and papers; both spare stock time.\n"
            "- Durability: ours waits for the disk at every turn (WAL, `synchronous=FULL`) and masks what it writes; stock's SQLite waits too and "
            "masks nothing; in memory neither is done.\n"
            "- Logs: level WARNING for all. Training: `rasa train` for stock, `assistant.train` for ours (the same without needless copies), "
            "from nothing, imports and checks included.")


# ---- pictures ---------------------------------------------------------------------------------------------


def _draw_latency(axes: Any, figures: Figures) -> None:
    for place, system in enumerate(figures["sessions"]):
        at = [number + 0.27 * place for number, _ in enumerate(_crowds(figures))]
        for cut, shade in (("p99_ms", 0.35), ("p95_ms", 0.6), ("p50_ms", 1.0)):
            axes.bar(at, [of_sessions(figures, system, "load", people, cut) for people in _crowds(figures)], 0.25, alpha=shade,
                     color=COLOURS[system], label=NAMES[system] if cut == "p50_ms" else None)
    axes.set_xticks([number + 0.27 for number, _ in enumerate(_crowds(figures))], [f"{people} at once" for people in _crowds(figures)])
    axes.set_yscale("log")
    axes.set_ylabel("ms; p50, p95, p99")


def _draw_throughput(axes: Any, figures: Figures) -> None:
    for place, system in enumerate(figures["sessions"]):
        rates = [1000 / of_sessions(figures, system, "load", people, "processor_ms") for people in _crowds(figures)]
        axes.bar([number + 0.27 * place for number, _ in enumerate(rates)], rates, 0.25, color=COLOURS[system], label=NAMES[system])
    axes.set_xticks([number + 0.27 for number, _ in enumerate(_crowds(figures))], [f"{people} at once" for people in _crowds(figures)])
    axes.set_ylabel("turns per second of processor time")


def _draw_long(axes: Any, figures: Figures) -> None:
    for system, found in figures["long"].items():
        costs = found["processor_ms"]
        axes.plot([10 * window + 5 for window, _ in enumerate(costs)], costs, marker="o", color=COLOURS[system], label=NAMES[system])
    axes.set_yscale("log")
    axes.set_xlabel("turn of the conversation")
    axes.set_ylabel("processor ms per turn")


def _draw_growth(axes: Any, figures: Figures) -> None:
    for system, sizes in figures["growth"].items():
        axes.plot([found["conversations"] for found in sizes], [found["processor_ms"] for found in sizes], marker="o",
                  color=COLOURS[system], label=NAMES[system])
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("conversations stored")
    axes.set_ylabel("processor ms per turn")


PICTURES = {  # name -> how it is drawn, and from which part of the figures
    "latency": (_draw_latency, "sessions"), "throughput": (_draw_throughput, "sessions"), "long": (_draw_long, "long"), "growth": (_draw_growth, "growth"),
}
