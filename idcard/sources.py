"""The published documents, clause by clause, and how a reply names them."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Iterable, Mapping, Optional

WHOLE = "全文"  # key of the only clause of a document that is cited by its own id


@dataclass(frozen=True)
class Document:
    id: str
    title: str
    short: str  # how a reply names it: 武汉市2016年公告
    scope: str  # 武汉 | 济宁 | 全国
    issuer: str
    date: str  # ISO day, or only the year where no more is known
    start: Optional[date]  # in force from
    file: str

    @property
    def date_text(self) -> str:
        """The date as a reply gives it: 2016年9月29日, or 2020年."""
        if len(self.date) == 4:
            return f"{self.date}年"
        day = date.fromisoformat(self.date)
        return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Clause:
    id: str  # 济宁2020/三/一/4
    cite: str  # 第三条第（一）项第4目
    text: str  # verbatim
    document: Document
    line: int = 0


def cite(ids: Iterable[str], clauses: Mapping[str, Clause]) -> str:
    """The source line of a reply: documents with clauses and date. Empty for no ids."""
    by_document: dict[str, list[Clause]] = {}
    for clause_id in dict.fromkeys(ids):
        by_document.setdefault(clauses[clause_id].document.id, []).append(clauses[clause_id])
    parts = [_cite_document(found) for found in by_document.values()]
    return f"依据：{'；'.join(parts)}" if parts else ""


def _cite_document(clauses: list[Clause]) -> str:
    document = clauses[0].document
    names = list(dict.fromkeys(clause.cite for clause in clauses if clause.id != document.id))
    shown = "、".join(_short(name, names[0]) for name in names[:2]) + ("等" if len(names) > 2 else "")
    return f"{document.short}{shown}（{document.date_text}）"


def _short(name: str, first: str) -> str:
    """`name` without the heading it shares with the clause named before it."""
    heading = first[:first.find("”") + 1] or first[:first.find("条") + 1]
    return name[len(heading):] if name != first and heading and name.startswith(heading) else name
