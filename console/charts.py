"""Charts as SVG, drawn on the server: no script, prints, and every value stands in a table beside it. Pure; text is escaped."""
from __future__ import annotations

from typing import Sequence
from xml.sax.saxutils import escape, quoteattr

WIDTH, ROW, LABEL, VALUE = 560, 26, 190, 60  # a label of 14 characters fits
HEIGHT, LEFT, BOTTOM = 170, 40, 24


def bars(title: str, rows: Sequence[tuple[str, float]], shown: Sequence[str] = ()) -> str:
    """Horizontal bars, one for each (label, value); `shown` are the values as text, by default whole numbers."""
    most = max((value for _, value in rows), default=0) or 1
    words = shown or [f"{value:g}" for _, value in rows]
    parts = []
    for number, ((label, value), text) in enumerate(zip(rows, words)):
        y, length = number * ROW, (WIDTH - LABEL - VALUE) * value / most
        parts.append(f'<text x="{LABEL - 8}" y="{y + 17}" text-anchor="end">{escape(label)}</text>'
                     f'<rect class="bar" x="{LABEL}" y="{y + 4}" width="{max(length, 1):.1f}" height="{ROW - 8}" rx="2"/>'
                     f'<text x="{LABEL + length + 6:.1f}" y="{y + 17}">{escape(text)}</text>')
    return _svg(title, _summary(rows), len(rows) * ROW or ROW, parts)


def line(title: str, rows: Sequence[tuple[str, float]]) -> str:
    """One line over (label, value) in order, with first and last label and the highest value on the axes."""
    most = max((value for _, value in rows), default=0) or 1
    step = (WIDTH - LEFT - 10) / max(len(rows) - 1, 1)
    points = [(LEFT + number * step, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 14) * value / most) for number, (_, value) in enumerate(rows)]
    parts = [f'<line class="axis" x1="{LEFT}" y1="{HEIGHT - BOTTOM}" x2="{WIDTH - 10}" y2="{HEIGHT - BOTTOM}"/>',
             f'<text class="soft" x="{LEFT - 6}" y="18" text-anchor="end">{most:g}</text>',
             f'<text class="soft" x="{LEFT - 6}" y="{HEIGHT - BOTTOM}" text-anchor="end">0</text>',
             f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>']
    parts += [f'<circle class="bar" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points[:400]]
    for (label, _), x, anchor in ((rows[0], LEFT, "start"), (rows[-1], WIDTH - 10, "end")) if rows else ():
        parts.append(f'<text class="soft" x="{x}" y="{HEIGHT - 6}" text-anchor="{anchor}">{escape(label)}</text>')
    return _svg(title, _summary(rows), HEIGHT, parts)


def _summary(rows: Sequence[tuple[str, float]]) -> str:
    """One sentence for who cannot see the drawing."""
    if not rows:
        return "没有数据"
    label, value = max(rows, key=lambda row: row[1])
    return f"共 {len(rows)} 项，最多的是{label}，{value:g}"


def _svg(title: str, description: str, height: int, parts: Sequence[str]) -> str:
    return (f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label={quoteattr(f"{title}：{description}")}>'
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(parts)}</svg>")
