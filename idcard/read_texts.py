"""Turns sources.yml, topics.yml, phrases.yml and out_of_scope.yml into typed values, or raises KnowledgeError."""
from __future__ import annotations

import re
from datetime import date
from typing import Callable, Iterable, Mapping, Sequence

from idcard.answers import OutOfScope, Phrase, Topic
from idcard.sources import WHOLE, Clause, Document
from idcard.yaml_lines import Block, KnowledgeError

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def blocks(value: object, key: str) -> list[Block]:
    """The list of mappings under `key` of a file; raises KnowledgeError where an entry is not a mapping."""
    if not isinstance(value, Block):
        raise KnowledgeError("knowledge", None, f"最外层应该有“{key}:”", f"第一行写“{key}:”，下面每条以“- ”开头")
    entries = value.list(key)
    for entry in entries:
        if not isinstance(entry, Block):
            raise value.error(f"“{key}”里有一条不是“键: 值”的形式：{entry!r}", "每条写成“- 键: 值”", key)
    return entries


def strings(block: Block, key: str) -> tuple[str, ...]:
    """The list of words under `key` (absent: none)."""
    values = block.list(key)
    for value in values:
        if not isinstance(value, str) or not value.strip():
            raise block.error(f"“{key}”里的 {value!r} 不是文字", "数字和 yes、no 要加引号", key)
    return tuple(values)


def day(block: Block, key: str) -> date | None:
    """The ISO date under `key`, None if absent."""
    if block.get(key) is None:
        return None
    try:
        return date.fromisoformat(str(block[key]))
    except ValueError:
        raise block.error(f"“{key}”不是日期：{block[key]!r}", "写成 2017-07-01 这样", key) from None


def sources(value: object, read_file: Callable[[str], str]) -> tuple[dict[str, Document], dict[str, Clause]]:
    """Documents and clauses by id; every clause must stand verbatim (white space apart) in its document."""
    documents: dict[str, Document] = {}
    clauses: dict[str, Clause] = {}
    for block in blocks(value, "documents"):
        document = _document(block)
        if document.id in documents:
            raise block.error(f"文件“{document.id}”写了两次", "删掉其中一个", "id")
        documents[document.id] = document
        printed = _SPACE.sub("", read_file(document.file))
        for clause in _clauses(block, document):
            if _SPACE.sub("", clause.text) not in printed:
                raise KnowledgeError(block.file, clause.line, f"“{clause.id}”的文字和 {document.file} 里的原文对不上",
                                     "从原文原样复制这一条，一个字都不要改")
            clauses[clause.id] = clause
    return documents, clauses


def _document(block: Block) -> Document:
    block.check_keys(("id", "title", "short", "scope", "issuer", "date", "in_force", "file", "clauses"),
                     ("verified", "url", "note"))
    in_force = block["in_force"]
    if not isinstance(in_force, Block):
        raise block.error("“in_force”里要写 from", 'in_force: {from: "2016-09-29"}', "in_force")
    in_force.check_keys(("from",), ("until", "note"))
    if not re.fullmatch(r"\d{4}(-\d\d-\d\d)?", str(block["date"])):
        raise block.error(f"“date”不是日期：{block['date']!r}", '写成 "2016-09-29"；只知道年份就写 "2020"', "date")
    return Document(block.text("id"), block.text("title"), block.text("short"), block.text("scope"),
                    block.text("issuer"), str(block["date"]), day(in_force, "from"), block.text("file"))


def _clauses(block: Block, document: Document) -> Iterable[Clause]:
    entries = block["clauses"]
    if not isinstance(entries, Block) or not entries:
        raise block.error("“clauses”里要有条文", "clauses: 下面每条写“编号: {cite: 怎么称呼, text: 原文}”", "clauses")
    for key, entry in entries.items():
        if not isinstance(entry, Block):
            raise entries.error(f"条文“{key}”要写 cite 和 text", "编号: {cite: 第七条, text: 原文}", key)
        entry.check_keys(("cite", "text"), ("note",))
        clause_id = document.id if key == WHOLE else f"{document.id}/{key}"
        yield Clause(clause_id, entry.text("cite"), entry.text("text"), document, entries.lines[key])


def check_cites(block: Block, key: str, cites: Sequence[str], clauses: Mapping[str, Clause]) -> None:
    """Raise KnowledgeError on a cited clause that does not exist."""
    for clause_id in cites:
        if clause_id not in clauses:
            document = clause_id.split("/")[0]
            known = [other for other in clauses if other.split("/")[0] == document]
            raise block.error(f"依据“{clause_id}”不存在", f"可用的：{'、'.join(known[:40]) or '见 sources.yml 的 id'}", key)


def topics(value: object) -> dict[str, Topic]:
    found: dict[str, Topic] = {}
    for block in blocks(value, "topics"):
        block.check_keys(("topic", "title"), ("words",))
        topic = Topic(block.text("topic"), block.text("title"), strings(block, "words"))
        if topic.name in found:
            raise block.error(f"“{topic.name}”写了两次", "删掉其中一个", "topic")
        found[topic.name] = topic
    return found


def check_numbers(block: Block, key: str, cites: Sequence[str], clauses: Mapping[str, Clause]) -> None:
    """A number under `key` that no cited clause (or its document's date) contains has come from elsewhere."""
    allowed = set()
    for clause_id in cites:
        clause = clauses[clause_id]
        allowed.update(_NUMBER.findall(clause.text), _NUMBER.findall(clause.document.date_text),
                       _NUMBER.findall(clause.document.title))
    for number in _NUMBER.findall(str(block.get(key, ""))):
        if number not in allowed and str(int(float(number))) not in {str(int(float(one))) for one in allowed}:
            raise block.error(f"数字“{number}”在引用的条文里找不到", "改正数字，或者在 cites 里补上写有它的条文", key)


def phrases(value: object, needed: Iterable[str]) -> dict[str, Phrase]:
    """What the assistant says beside the rules, by name; raises KnowledgeError where one of `needed` is missing."""
    found: dict[str, Phrase] = {}
    for block in blocks(value, "phrases"):
        block.check_keys(("name", "text"), ("buttons",))
        if block.text("name") in found:
            raise block.error(f"“{block['name']}”写了两次", "删掉其中一个", "name")
        found[block.text("name")] = Phrase(block.text("text"), strings(block, "buttons"))
    for name in needed:
        if name not in found:
            raise value.error(f"缺少“{name}”", "恢复它；程序按这个名字找要说的话")  # type: ignore[attr-defined]
    return found


def out_of_scope(value: object) -> list[OutOfScope]:
    found = []
    for block in blocks(value, "out_of_scope"):
        block.check_keys(("kind", "text"), ("words", "urgent"))
        found.append(OutOfScope(block.text("kind"), strings(block, "words"), block.text("text"),
                                block.get("urgent") is True))
    if not found or found[-1].words:
        raise KnowledgeError("knowledge/out_of_scope.yml", None, "最后要有一条没有 words 的默认说法", "在文件末尾加一条 kind: 其他，不写 words")
    return found
