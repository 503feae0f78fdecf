"""The documents against the project: what they name exists, what they call complete is complete, their commands run."""
from __future__ import annotations

import gc
import re
import shlex
from pathlib import Path
from typing import Iterator

import pytest
import yaml

from assistant.settings import SETTINGS
from idcard.__main__ import main
from idcard.knowledge import Knowledge, load

ROOT = Path(__file__).resolve().parent.parent
README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
DOCUMENTS = [README, CHINESE, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLE = "<!-- example -->"  # behind a path that the reader is told to make
MADE = ("models/", "var/", ".venv", ".env")  # not there before `make`, or local
TOP = {path.name for path in ROOT.iterdir()}
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)


def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def _name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def _section(document: Path, heading: str) -> str:
    """From the heading that begins so to the next one."""
    return re.split(r"^## ", _text(document).split(f"\n## {heading}", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def _rows(text: str) -> list[list[str]]:
    """The cells of the tables in `text`, without their heads."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rules = [index for index, cells in enumerate(lines) if set("".join(cells)) <= set("- ")]
    return [cells for index, cells in enumerate(lines) if index not in rules and index + 1 not in rules]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


# ---- what is named exists -------------------------------------------------------------------------------

def _paths(document: Path) -> Iterator[str]:
    """Whatever stands in backticks and begins with a file or folder of the root."""
    text = re.sub(r"`[^`\n]+`[* ]*" + EXAMPLE, "", BLOCK.sub("", _text(document)))
    for code in CODE.findall(text):
        if re.fullmatch(r"[\w.*-][\w.*/-]*", code) and (code.split("/")[0] in TOP or ("/" in code and code.isascii())):
            yield code


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_path_that_is_named_exists(document: Path) -> None:
    missing = [path for path in _paths(document) if not path.startswith(MADE) and not list(ROOT.glob(path.rstrip("/")))]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_test_that_is_named_exists(document: Path) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", _text(document))
    missing = [f"{path}::{test}" for path, test in named
               if not (ROOT / path).exists() or not re.search(rf"^def {test}\(", _text(ROOT / path), re.MULTILINE)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    assert [link for link in LINK.findall(_text(document)) if not (document.parent / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_make_command_is_in_the_makefile(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    text = _text(document)
    code = "\n".join([*CODE.findall(BLOCK.sub("", text)), *(block for _, block in BLOCK.findall(text))])
    assert set(re.findall(r"^(?:\w+=\S+ )*make ([a-z-]+)", code, re.MULTILINE)) <= targets


def test_the_readme_lists_every_make_command() -> None:
    described = set(re.findall(r"^([a-z-]+):.*## ", _text(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", _section(README, "Two commands"))) == described


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_no_machine_and_no_registry_is_named(document: Path) -> None:
    found = re.findall(r"(?<![\w.])/(?:work|root|tmp|home)/\S*|https?://\S*\.\S+|\S*(?:pypi|npmjs)\S*", _text(document))
    assert [place for place in found if "127.0.0.1" not in place] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_clause_that_is_cited_exists(document: Path, knowledge: Knowledge) -> None:
    """Outside the examples, which invent documents."""
    ids = "|".join(map(re.escape, knowledge.documents))
    cited = set(re.findall(rf"(?:{ids})/[\w/]+", BLOCK.sub("", _text(document))))
    assert cited - set(knowledge.clauses) == set()


# ---- what is called complete is complete ----------------------------------------------------------------

def test_the_chinese_readme_lists_every_topic_with_its_title(knowledge: Knowledge) -> None:
    rows = _rows(_section(CHINESE, "能问什么"))
    assert [tuple(row) for row in rows] == [(topic.name, topic.title) for topic in knowledge.topics.values()]


def test_the_domain_has_every_topic_as_an_intent(knowledge: Knowledge) -> None:
    domain = yaml.safe_load(_text(ROOT / "domain.yml"))
    intents = {name for entry in domain["intents"] for name in (entry if isinstance(entry, dict) else [entry])}
    assert set(knowledge.topics) <= intents
    rules = set(re.findall(r"- intent: (\S+)", _text(ROOT / "data" / "rules.yml")))
    assert rules - {"nlu_fallback"} == intents, "each intent has to be in the rule `a message`"


def test_the_domain_has_the_slot_of_every_fact(knowledge: Knowledge) -> None:
    slots = yaml.safe_load(_text(ROOT / "domain.yml"))["slots"]
    for fact in knowledge.model.facts.values():
        assert slots.get(fact.slot, {}).get("type") == ("bool" if fact.kind == "boolean" else "text"), fact.name


def test_the_chinese_readme_lists_every_fact_with_its_question(knowledge: Knowledge) -> None:
    rows = _rows(_section(CHINESE, "会问您什么"))
    assert [(row[0], row[1]) for row in rows] == [(fact.name, fact.question) for fact in knowledge.model.facts.values()]
    for row in rows:
        fact = knowledge.model.facts[row[0]]
        if fact.kind == "choice":
            assert row[2] == "、".join(map(str, fact.values)), fact.name


def test_the_chinese_readme_lists_every_outcome_with_its_cities(knowledge: Knowledge) -> None:
    listed = {(topic, outcome, city) for topic, outcome, cities in _rows(_section(CHINESE, "会得出什么结果"))
              for city in cities.split("、")}
    assert listed == {(table.topic, outcome, table.city) for table in knowledge.tables.values() for outcome in table.outcomes}


def test_the_chinese_readme_gives_the_day_of_each_city(knowledge: Knowledge) -> None:
    days = {row[0]: row[2] for row in _rows(_text(CHINESE).split("\n## ", 1)[0])}
    assert set(days) == {*knowledge.cities, "全国"}
    for document in knowledge.documents.values():
        if document.scope in knowledge.cities:
            assert str(document.start) in days[document.scope], document.id


def test_the_readme_has_every_setting() -> None:
    listed = [(name.strip("`"), meaning) for name, _, meaning in _rows(_section(README, "Settings"))]
    assert listed == [(setting.name, setting.meaning) for setting in SETTINGS]


def test_the_changelog_ends_at_the_version_of_the_project() -> None:
    version = re.search(r'^version = "(.+)"', _text(ROOT / "pyproject.toml"), re.MULTILINE).group(1)
    assert re.findall(r"^## ([\d.]+)", _text(ROOT / "CHANGELOG.md"), re.MULTILINE)[0] == version


def test_every_day_on_which_a_row_begins_or_ends_is_in_the_changelog(knowledge: Knowledge) -> None:
    days = {str(day) for table in knowledge.tables.values() for row in table.rows for day in (row.start, row.end) if day}
    assert days <= {row[0] for row in _rows(_section(ROOT / "CHANGELOG.md", "Rules"))}


# ---- the commands run -----------------------------------------------------------------------------------

def _commands() -> list[str]:
    return [line.strip() for document in (README, CHINESE) for _, block in BLOCK.findall(_text(document))
            for line in block.splitlines() if "-m idcard" in line]


@pytest.mark.parametrize("command", dict.fromkeys(_commands()))
def test_the_command_answers(command: str, capsys: pytest.CaptureFixture) -> None:
    words = shlex.split(command)
    assert words[:3] == [".venv/bin/python", "-m", "idcard"]
    try:
        assert main(words[3:]) == 0
    finally:
        gc.enable()  # main() is one short run and switches it off
    assert capsys.readouterr().out.strip()


def test_the_readme_shows_each_verb() -> None:
    assert {shlex.split(command)[3] for command in _commands()} == {"validate", "ask", "stations", "decide"}
