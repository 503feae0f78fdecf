"""A small copy of the knowledge folder that loads in a moment, to be broken one mistake at a time."""
from __future__ import annotations

import re
import shutil
from pathlib import Path

KEPT_LANDMARKS = 3


def small_copy(folder: Path, target: Path) -> Path:
    """`folder` with the counties, landmarks and answer variants left out that no check needs."""
    shutil.copytree(folder, target)
    places = (target / "places.yml").read_text(encoding="utf-8")
    head, landmarks = places.split("landmarks:\n")
    candidates = {name for listed in re.findall(r"candidates: \[(.*?)\]", head) for name in listed.split(", ")}
    kept = [line for line in landmarks.splitlines(True)
            if line.startswith("  - ") and any(f"{name}," in line or f"{name}]" in line for name in candidates)]
    others = [line for line in landmarks.splitlines(True) if line.startswith("  - ") and line not in kept]
    _write(target / "places.yml", head + "landmarks:\n" + "".join(others[:KEPT_LANDMARKS] + kept))
    regions = (target / "regions.csv").read_text(encoding="utf-8").splitlines(True)
    _write(target / "regions.csv", "".join(line for line in regions if _kept(line, candidates)))
    for path in (target / "answers").glob("*.yml"):
        head, *entries = path.read_text(encoding="utf-8").split("\n  - topic:")
        _write(path, "\n  - topic:".join([head, *(entry for entry in entries if "\n    said:" not in entry)]))
    return target


def _kept(line: str, candidates: set[str]) -> bool:
    cells = line.split(",")
    return cells[3] != "县级" or cells[4] in ("420100", "370800") or any(cells[1] in name for name in candidates)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
