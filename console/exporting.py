"""Tables as CSV that opens right in Excel and cannot run there."""
from __future__ import annotations

import csv
import io
from typing import Iterable, Sequence

from django.http import HttpResponse
from django.utils import timezone

from idcard.privacy import mask

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
    file = f"{name}-{timezone.localdate():%Y%m%d}.csv"
    return HttpResponse(written(head, rows), content_type="text/csv; charset=utf-8",
                        headers={"Content-Disposition": f'attachment; filename="{file}"'})
