"""Reads tests/cases/<kind>/*.yml: lists of cases, each with a name that is a sentence."""
from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, Iterator

import yaml

CASES = Path(__file__).resolve().parent.parent / "cases"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_cases(kind: str) -> list[dict]:
    """Every case of one kind; a case with `each` becomes one case per combination of its values."""
    found = [case for path in sorted((CASES / kind).glob("*.yml"))
             for raw in yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
             for case in _expand({"name": _said(raw), **raw, "file": f"{kind}/{path.name}"})]
    assert found, f"no cases in {CASES / kind}"
    return found


def _expand(case: dict) -> Iterator[dict]:
    each = case.pop("each", {})
    for values in product(*each.values()):
        shown = "（" + "，".join(map(_say, values)) + "）" if values else ""
        yield {**case, "name": case["name"] + shown, "facts": {**case.get("facts", {}), **dict(zip(each, values))}}


def _said(case: dict) -> str:
    """A case without a name is called by what is said in it."""
    return f"{case['asked']}？{case['text']}" if "asked" in case else case.get("text", "")


def _say(value: Any) -> str:
    return {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else str(value)


def case_name(case: dict) -> str:
    """The id of a parametrised test."""
    return case["name"]


def check_keys(case: dict, allowed: set[str], expected: set[str]) -> None:
    """A misspelt key would expect nothing: refuse it."""
    unknown = (case.keys() - allowed - {"name", "file", "expect"}) | (case["expect"].keys() - expected)
    assert not unknown, f"{case['file']}: {case['name']}: unknown keys {sorted(unknown)}"
    assert case["expect"], f"{case['file']}: {case['name']} expects nothing"
