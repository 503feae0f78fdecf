"""Tables as CSV that opens right in Excel and cannot run there, and JSON line by line for programs."""
from __future__ import annotations

import csv
import io
import json
from typing import Any, Iterable, Mapping, Sequence

from django.http import HttpResponse
from django.utils import timezone

from idcard.privacy import mask, mask_json

BOM = "\ufeff"
MOST_ROWS = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> object:
    """Texts masked; one that a spreadsheet would take for a formula gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    text = mask(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def written(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return BOM + out.getvalue()


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    return _file(f"{name}-{timezone.localdate():%Y%m%d}.csv", written(head, rows), "text/csv")


def download_lines(name: str, rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    lines = "".join(json.dumps(mask_json(row), ensure_ascii=False) + "\n" for row in rows)
    return _file(f"{name}-{timezone.localdate():%Y%m%d}.jsonl", lines, "application/jsonl")


def _file(name: str, text: str, kind: str) -> HttpResponse:
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})
