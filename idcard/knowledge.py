"""Loads knowledge/, whole or not at all. The only module of the core that opens files.

    knowledge = load()                 # raises KnowledgeError with file, line, what is wrong and how to mend it
"""
from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Mapping, Optional, Sequence

from idcard import read_answers, read_places, read_policy, read_texts
from idcard.answers import Answer, OutOfScope, Phrase, Topic, choose
from idcard.facts import FactModel, Facts
from idcard.papers import papers_offered
from idcard.places import CITY, Gazetteer
from idcard.policy import Table
from idcard.reading import Reader
from idcard.sources import Clause, Document
from idcard.stations import Station
from idcard.yaml_lines import Block, KnowledgeError, read

# What phrases.yml must hold: the conversation intents with a fixed reply, and the occasions of actions/.
PHRASES = ("问候", "告别", "感谢", "身份询问", "帮助", "闲聊", "辱骂", "好评", "差评", "差评问原因", "差评原因记下", "取消", "重新开始", "接着问",
           "改哪一样", "没听明白", "问不下去", "没有上一步", "已做记号", "不用发号码")
DEFAULT_FOLDER = Path(__file__).resolve().parent.parent / "knowledge"


@dataclass(frozen=True)
class Knowledge:
    """Everything the assistant knows. Immutable: a changed file needs a new load()."""

    folder: Path
    documents: Mapping[str, Document]
    clauses: Mapping[str, Clause]
    model: FactModel
    tables: Mapping[tuple[str, str], Table]  # (policy, city) -> table
    answers: Mapping[str, Mapping[str, Sequence[Answer]]]  # city -> topic -> variants
    topics: Mapping[str, Topic]
    out_of_scope: Sequence[OutOfScope]
    phrases: Mapping[str, Phrase]
    stations: Sequence[Station]
    station_notes: Mapping[str, str]  # city -> sentence under every list of its stations
    gazetteer: Gazetteer
    reader: Reader

    @property
    def cities(self) -> tuple[str, ...]:
        """The cities whose rules are known, in the order of facts.yml."""
        return tuple(str(value) for value in self.model.facts["所在城市"].values)

    @cached_property
    def public(self) -> frozenset[str]:
        """What idcard.privacy leaves readable: telephones and addresses that the assistant itself gives out."""
        from idcard.privacy import public_values  # its patterns take 50 ms to compile: the command line never needs them

        stations = (text for station in self.stations for text in (
            station.address, f"电话{station.phone}", station.dial))
        texts = (f"{answer.text} {answer.national}" for by_topic in self.answers.values()
                 for variants in by_topic.values() for answer in variants)
        return public_values([*stations, *texts])

    def in_force(self, city: str, as_of: date) -> bool:
        """Whether some document of `city` was in force on the day `as_of`."""
        return any(document.start is None or document.start <= as_of for document in self.documents.values()
                   if document.scope == city)

    def answer(self, city: str, topic: str, text: str, as_of: date, facts: Facts = MappingProxyType({})) -> Answer:
        """The answer to `topic` for normalised `text` on the day `as_of` and what is known of the citizen; one that says so
        where nothing is in force. Raises LookupError where no answer holds on that day."""
        if not self.in_force(city, as_of):
            return Answer(topic, f"{as_of.isoformat()} 这一天，没有查到{city}已经施行的规定，请打电话问当地公安机关。", (), silent=True)
        variants = self.answers[city][topic]
        papers = papers_offered(text, self.reader) if any(answer.other_than for answer in variants) else ()
        found = choose(variants, text, papers, self.model.complete(facts), as_of)
        if found is None:
            raise LookupError(f"{topic}：{as_of.isoformat()} 这一天没有答复")
        return found

    def table(self, topic: str, city: str) -> Optional[Table]:
        """The table that decides `topic` in `city`, None where there is none."""
        return next((table for table in self.tables.values()
                     if table.topic == topic and table.city == city and not table.inner), None)


def load(folder: Optional[Path] = None) -> Knowledge:
    """Read and check the knowledge folder (default: knowledge/ beside the code).

    Cached by folder: the running service keeps what it started with, and a file broken later cannot half-load.
    """
    return _load(Path(folder).resolve() if folder else DEFAULT_FOLDER)


@lru_cache(maxsize=4)
def _load(folder: Path) -> Knowledge:
    documents, clauses = read_texts.sources(_yaml(folder, "sources.yml", "documents"), lambda name: _text(folder, name))
    gazetteer = read_places.gazetteer(_text(folder, "regions.csv"),
                                      _yaml(folder, "places.yml", "districts", "ambiguous", "areas", "landmarks"))
    regions = {"province": gazetteer.provinces(), "city": gazetteer.of_level(CITY)}
    model = read_policy.facts(_yaml(folder, "facts.yml", "facts"), gazetteer, regions)
    topics = read_texts.topics(_yaml(folder, "topics.yml", "topics"))
    tables = read_policy.tables({path.stem: _yaml(folder, f"policy/{path.name}", "topic", "tables", optional=("inner",))
                                 for path in _files(folder / "policy")}, model, clauses, topics)
    answer_files = [_yaml(folder, f"answers/{path.name}", "city", "answers", optional=("stations_note",))
                    for path in _files(folder / "answers")]
    words = read_policy.words(_yaml(folder, "words.yml", "words"), model)
    groups = _yaml(folder, "groups.yml", "groups")
    answers = read_answers.answers(answer_files, topics, model, read_answers.Words(groups, words), clauses)
    cities = [str(city) for city in model.facts["所在城市"].values]
    stations = read_places.stations(_text(folder, "stations.csv"), gazetteer, clauses, cities)
    return Knowledge(folder, documents, clauses, model, tables, answers, topics,
                     read_texts.out_of_scope(_yaml(folder, "out_of_scope.yml", "out_of_scope")),
                     read_texts.phrases(_yaml(folder, "phrases.yml", "phrases"), PHRASES), stations,
                     read_answers.station_notes(answer_files), gazetteer,
                     Reader(gazetteer, words, stations))


def fingerprint(folder: Optional[Path] = None) -> str:
    """A hash of every knowledge file: changes when anything a model may have learnt from changes."""
    import hashlib

    folder = Path(folder or DEFAULT_FOLDER)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".yml", ".csv"):
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yml"))


def _yaml(folder: Path, name: str, *required: str, optional: Sequence[str] = ()) -> Block:
    """The file as a mapping with just these keys."""
    shown = f"{folder.name}/{name}"
    value = read(_text(folder, name), shown)
    if not isinstance(value, Block):
        raise KnowledgeError(shown, 1, f"最外层应该有“{required[0]}:”", f"第一行写“{required[0]}:”，下面每条以“- ”开头")
    value.check_keys(required, optional)
    return value


def _text(folder: Path, name: str) -> str:
    """The file as text; UTF-8, with or without BOM (staff edit CSV in Excel)."""
    shown = f"{folder.name}/{name}"
    try:
        return (folder / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise KnowledgeError(shown, None, "没有这个文件", "从版本库里恢复它") from None
    except UnicodeDecodeError as error:
        raise KnowledgeError(shown, None, f"不是 UTF-8 编码（第 {error.start} 字节）",
                             "另存为 UTF-8；Excel 里选“CSV UTF-8（逗号分隔）”") from None
    except OSError as error:
        raise KnowledgeError(shown, None, f"读不了（{os.strerror(error.errno or 0)}）", "检查文件权限") from None
