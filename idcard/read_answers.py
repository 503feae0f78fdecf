"""Turns answers/*.yml into typed values, or raises KnowledgeError."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Container, Iterable, Iterator, Mapping, Sequence

from idcard.answers import Answer, Topic
from idcard.facts import FactModel
from idcard.read_policy import allowed
from idcard.read_texts import blocks, check_cites, check_numbers, day, strings
from idcard.reading import Word
from idcard.sources import Clause
from idcard.yaml_lines import Block, KnowledgeError

GROUP = ("<", ">")  # <孩子> among the words of an answer stands for all words of that group


def answers(files: Iterable[Block], known: Mapping[str, Topic], model: FactModel, words: Words,
            clauses: Mapping[str, Clause]) -> dict[str, dict[str, list[Answer]]]:
    """city -> topic -> variants in the order of the file; every topic must have a default answer in every city."""
    cities = model.facts["所在城市"].values
    found: dict[str, dict[str, list[Answer]]] = {}
    for value in files:
        city = value.text("city")
        if city not in cities:
            raise value.error(f"不认识城市“{city}”", f"facts.yml 的 所在城市 里有：{'、'.join(map(str, cities))}", "city")
        by_topic = found.setdefault(city, {})
        for block in blocks(value, "answers"):
            for answer in _answers(block, city, known, model, clauses, words):
                _add(by_topic.setdefault(answer.topic, []), answer, block)
        for topic in known:
            if not any(_is_default(answer) for answer in by_topic.get(topic, ())):
                raise value.error(f"{city}缺少“{topic}”的默认答复", "加一条 topic 是它、没有 said 的答复；文件没写就如实说没写")
    missing = [city for city in cities if city not in found]
    if missing:
        raise KnowledgeError("knowledge/answers", None, f"缺少{missing[0]}的答复文件", f"新建一个文件，第一行写 city: {missing[0]}")
    return found


def _add(others: list[Answer], answer: Answer, block: Block) -> None:
    if _is_default(answer) and any(_is_default(other) and _same_days(answer, other) for other in others):
        raise block.error(f"“{answer.topic}”有两个没写 said 的答复", "只留一个作默认答复，其余写上 said", "topic")
    others.append(answer)


def _is_default(answer: Answer) -> bool:
    return not (answer.special or answer.when)


class Words:
    """What the words of an answer may be: those of groups.yml by name, and the papers of words.yml."""

    def __init__(self, groups: Block, words: Sequence[Word]) -> None:
        self._groups = groups.block("groups")
        self._papers: Container[str] = {word.value for word in words if word.entity == "证件"}

    def of(self, block: Block, key: str) -> tuple[str, ...]:
        """The words under `key`, each group written out."""
        found: list[str] = []
        for word in strings(block, key):
            if not (word.startswith(GROUP[0]) and word.endswith(GROUP[1])):
                found.append(word)
            elif word[1:-1] in self._groups:
                found += strings(self._groups, word[1:-1])
            else:
                raise block.error(f"没有“{word}”这一组词", f"groups.yml 里有：{'、'.join(self._groups) or '（还没有）'}", key)
        return tuple(found)

    def papers(self, block: Block) -> tuple[str, ...]:
        found = strings(block, "other_than")
        for paper in found:
            if paper not in self._papers:
                raise block.error(f"other_than 里的“{paper}”不是 words.yml 里的证件", "写 words.yml 里 entity 是证件的 value", "other_than")
        return found


def _answers(block: Block, city: str, known: Mapping[str, Topic], model: FactModel, clauses: Mapping[str, Clause],
             words: Words) -> Iterator[Answer]:
    """One entry of the file, once for each of its topics."""
    block.check_keys(("topic", "text"), ("said", "also", "other_than", "when", "closes", "cites", "silent", "national", "from", "until"))
    topics = strings(block, "topic") if isinstance(block["topic"], list) else (block.text("topic"),)
    for topic in topics:
        if topic not in known:
            raise block.error(f"不认识事项“{topic}”", "要和 topics.yml 里的名字一样", "topic")
    cites = _cites(block, city, clauses, topics[0])
    national_text, national_cites = _national(block, clauses)
    check_numbers(block, "text", cites, clauses)
    conditions = block.block("when")
    answer = Answer("", block.text("text"), cites, words.of(block, "said"), words.of(block, "also"), words.papers(block),
                    {name: allowed(conditions, name, model) for name in conditions}, block.flag("closes"), block.flag("silent"),
                    national_text, national_cites, day(block, "from"), day(block, "until"), block.line)
    if answer.also and not answer.said:
        raise block.error("只写了 also，没有写 said", "also 是在 said 之外还要出现的词；只有一组词就写 said", "also")
    yield from (replace(answer, topic=topic) for topic in topics)


def _cites(block: Block, city: str, clauses: Mapping[str, Clause], topic: str) -> tuple[str, ...]:
    cites = strings(block, "cites")
    check_cites(block, "cites", cites, clauses)
    if not cites and not block.flag("silent"):
        raise block.error(f"“{topic}”这条没有依据", "写上 cites；文件确实没写的，写 silent: true", "topic")
    for clause_id in cites:
        if clauses[clause_id].document.scope not in (city, "全国"):
            raise block.error(f"{city}的答复引用了{clauses[clause_id].document.scope}的条文“{clause_id}”", f"只引用{city}或国家的条文",
                              "cites")
    return cites


def _same_days(one: Answer, other: Answer) -> bool:
    """Whether there is a day on which both hold."""
    first = max(one.start or date.min, other.start or date.min)
    return first < min(one.end or date.max, other.end or date.max)


def _national(block: Block, clauses: Mapping[str, Clause]) -> tuple[str, tuple[str, ...]]:
    """Text and clauses of the national rule; nothing where none is given."""
    national = block.get("national")
    if national is None:
        return "", ()
    if not isinstance(national, Block):
        raise block.error("“national”要写 text 和 cites", "national: {text: …, cites: [居民身份证法/五]}", "national")
    national.check_keys(("text", "cites"))
    cites = strings(national, "cites")
    check_cites(national, "cites", cites, clauses)
    for clause_id in cites:
        if clauses[clause_id].document.scope != "全国":
            raise national.error(f"“{clause_id}”不是国家规定", "national 里只引用国家的条文", "cites")
    if "国家" not in national.text("text"):
        raise national.error("没有说明这是国家规定", "文字里写上“国家规定”或“国家标准”", "text")
    check_numbers(national, "text", cites, clauses)
    return national.text("text"), cites


def station_notes(files: Iterable[Block]) -> dict[str, str]:
    """city -> the sentence that belongs under every list of its stations, where the answers file gives one."""
    return {value["city"]: value.text("stations_note") for value in files
            if "stations_note" in value}
