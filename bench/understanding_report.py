"""The report of bench.understanding: Markdown and three pictures, from numbers that are given.

Intents stand in the pictures by their number in the table, because a font with Chinese characters is not everywhere.
"""

from pathlib import Path
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

OTHER_COLUMNS = ("out of scope", "conversation", "asked back")
BLUE, ORANGE, GREY = "#2b6cb0", "#c05621", "#a0aec0"
INK = {"fontsize": 8, "color": "#4a5568"}


def write(out: Path, found: Dict[str, Any]) -> None:
    """The report at `out`, the pictures in the folder of the same name beside it."""
    pictures = out.with_suffix("")
    pictures.mkdir(parents=True, exist_ok=True)
    _save(reliability_picture(found["reliability"]), pictures / "reliability.png")
    _save(coverage_picture(found["coverage"], (found["threshold"], found["sure"])), pictures / "coverage.png")
    _save(confusion_picture(found["confusion"], found["business"]), pictures / "confusion.png")
    out.write_text(markdown(found, pictures.name), encoding="utf-8")


# ---- text -------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in (head, ["---"] * len(head), *rows))


def markdown(found: Dict[str, Any], pictures: str) -> str:
    """The whole report."""
    parts = [_start(found), _figures(found), _files(found),
             f"## Doubt\n\nExpected calibration error of the first reading: {100 * found['calibration_error']:.1f} % "
             f"(held-out cases; the number at a point is how many messages it stands for).\n\n"
             f"![Reliability]({pictures}/reliability.png)\n\n"
             "What a threshold costs: the share of messages at least so sure, and how many of them are read wrongly.\n\n"
             f"![Coverage and error]({pictures}/coverage.png)\n\n" + _thresholds(found),
             _intents(found["intents"]),
             "## Confusion\n\nRows are what was meant, columns what was read; numbers as in the table above.\n\n"
             f"![Confusion of the business intents]({pictures}/confusion.png)"]
    return "\n\n".join(parts) + "\n"


def _start(found: Dict[str, Any]) -> str:
    samples = (f"Development samples: {found['samples']}, messages with one intent (* left out)." if found["samples"]
               else "The development samples were not there: only the held-out cases are measured.")
    return (f"# How well messages are understood\n\nMade by `{found['command']}` on {found['date']}: {found['cases']} messages. "
            "Do not edit.\n\n"
            "Held-out cases: `tests/cases/understanding/`; none of them is in `data/nlu.yml`. *everyday*: written blind, never looked at to mend anything; *plain*: business, conversation, "
            f"out of scope; *variants*: {', '.join(name.replace('_', ' ') for name in found['variants'])}. {samples}")


def _figures(found: Dict[str, Any]) -> str:
    columns = list(found["headline"].values())
    rows = [["messages", *found["sizes"].values()], *([name, *(column[name] for column in columns)] for name in columns[0])]
    times = "; ".join(f"{cuts[49]:.1f} ms (p50), {cuts[94]:.1f} ms (p95) by the {name}" for name, cuts in found["millis"].items())
    return ("## Figures\n\n" + table(["", *found["headline"]], rows) + "\n\n"
            f"Entities: type, canonical value and role must all be right; counted are the types that the cases annotate "
            f"({'、'.join(found['types'])}). Asked back: below {found['threshold']:.2f}, the threshold in `config.yml`.\n\n"
            f"One message on one thread: {times} (what other programs took does not count there). Model: {found['megabytes']:.1f} MB.")


def _files(found: Dict[str, Any]) -> str:
    rows = [*((name.replace("_", " "), value) for name, value in found["files"].items()),
            ("several questions, in order", found["several"]), ("several questions, any order", found["several, any order"])]
    return "## By file\n\n" + table(["file", "right"], rows)


def _thresholds(found: Dict[str, Any]) -> str:
    head = ["threshold", *(f"{name}: {what}" for name in found["coverage"] for what in ("answered", "wrong among them"))]
    rows = [[f"{points[0][0]:.2f}", *(f"{100 * share:.1f} %" for _, *shares in points for share in shares)]
            for points in zip(*found["coverage"].values()) if round(points[0][0] * 100) % 10 == 0]
    return table(head, rows)


def _intents(intents: Sequence[Tuple[int, str, Dict[str, Any]]]) -> str:
    rows = [(number, name, row["n"], *(f"{100 * row[key]:.0f}" for key in ("precision", "recall", "f1")),
             "、".join(f"{other or '–'} {count}" for other, count in row["wrong"][:2]))
            for number, name, row in intents]
    return ("## By intent\n\nHeld-out cases with one question, in percent; nlu_fallback is asking back.\n\n"
            + table(["no.", "intent", "n", "precision", "recall", "F1", "most confused with"], rows))


# ---- pictures ---------------------------------------------------------------------------------------------


def reliability_picture(points: Sequence[Tuple[float, float, int]]) -> "pyplot.Figure":
    """Confidence against rightness; on the diagonal, the model is as sure as it should be."""
    figure, axes = pyplot.subplots(figsize=(5, 4.6))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    axes.plot([x for x, *_ in points], [y for _, y, _ in points], color=BLUE, marker="o")
    for x, y, n in points:
        axes.annotate(str(n), (x, y), xytext=(7, -11), textcoords="offset points", **INK)
    _frame(axes, "confidence of the first reading", "share that is right")
    axes.set(xlim=(0, 1.05), ylim=(0, 1.05))
    return figure


def coverage_picture(curves: Dict[str, Sequence[Tuple[float, float, float]]], thresholds: Sequence[float]) -> "pyplot.Figure":
    """Error among the answered messages against the share answered; the thresholds in use are marked."""
    figure, axes = pyplot.subplots(figsize=(6, 4.2))
    for (name, points), color in zip(curves.items(), (BLUE, ORANGE)):
        axes.plot([100 * x for _, x, _ in points], [100 * y for *_, y in points], color=color, label=name)
        for at, x, y in points:
            if round(at, 2) in thresholds:
                axes.plot([100 * x], [100 * y], color=color, marker="o")
                axes.annotate(f"{at:.1f}", (100 * x, 100 * y), xytext=(-5, 7), textcoords="offset points", ha="right", **INK)
    _frame(axes, "answered, % of messages", "wrong, % of the answered")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return figure


def confusion_picture(counts: Sequence[Sequence[int]], business: int) -> "pyplot.Figure":
    """Each row in shares of its messages; the counts stand in the cells."""
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    figure, axes = pyplot.subplots(figsize=(9.5, 8.5))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            if count:
                color = "white" if shares[y][x] > 0.5 else "#742a2a"
                axes.text(x, y, str(count), ha="center", va="center", fontsize=7, color=color)
    numbers = [str(number + 1) for number in range(business)]
    axes.set_xticks(range(business + len(OTHER_COLUMNS)), [*numbers, *OTHER_COLUMNS], fontsize=7)
    for label in axes.get_xticklabels()[business:]:
        label.set_rotation(90)
    axes.set_yticks(range(business), numbers, fontsize=7)
    axes.axvline(business - 0.5, color=GREY, linewidth=1)
    axes.set(xlabel="read as", ylabel="meant")
    return figure


def _frame(axes: Any, x: str, y: str) -> None:
    axes.set(xlabel=x, ylabel=y)
    axes.grid(color="#edf2f7")
    axes.spines[["top", "right"]].set_visible(False)


def _save(figure: "pyplot.Figure", file: Path) -> None:
    figure.savefig(file, dpi=110, bbox_inches="tight", metadata={"Software": None})
    pyplot.close(figure)
