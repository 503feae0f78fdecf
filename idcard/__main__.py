"""python -m idcard validate | decide | stations | ask: the knowledge on the command line, without Rasa."""
from __future__ import annotations

import argparse
import gc
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Optional, Sequence

from idcard import replies
from idcard.consult import BY_PLACE, DECIDED, LEADS_TO, Consultation, consult, decide_if_known
from idcard.facts import ContradictionError, Value, say
from idcard.knowledge import Knowledge, load
from idcard.places import DISTRICT
from idcard.policy import Ask, decide
from idcard.replies import Reply
from idcard.statements import read_statement
from idcard.stations import search
from idcard.text import normalise
from idcard.yaml_lines import KnowledgeError


class Mistake(Exception):
    """What the person at the terminal typed cannot be used; str() says what can."""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Exit code: 0 answered, 1 the knowledge is broken, 2 the command line is."""
    gc.disable()  # one short run that keeps what it builds: collecting costs a fifth of the start
    parser = _parser()
    options, words = parser.parse_known_args(arguments)  # words that follow an option: decide fee --city 济宁 办理原因=损坏
    if any(word.startswith("-") for word in words) or (words and not hasattr(options, "words")):
        parser.error(f"不认识 {' '.join(words)}")
    options.words = [*getattr(options, "words", []), *words]
    try:
        knowledge = load(options.knowledge)
        options.run(knowledge, options)
    except KnowledgeError as error:
        print(error, file=sys.stderr)
        return 1
    except (Mistake, ContradictionError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m idcard", description="居民身份证办事知识：检查、判断、查受理点、问答")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--as-of", type=_day, default=None, metavar="日期", help="按哪一天的规定，例如 2016-12-01；默认 IDCARD_AS_OF，没有就是今天")
    shared.add_argument("--knowledge", type=Path, default=None, metavar="目录", help="知识目录；默认项目里的 knowledge/")
    shared.add_argument("--city", default=None, metavar="城市", help="武汉 或 济宁")
    commands = parser.add_subparsers(required=True, metavar="命令")
    for name, run, text in (("validate", validate, "检查 knowledge/ 里的全部文件"),
                            ("decide", decide_one, "用一张决策表判断：decide reception --city 武汉 办理类型=补领 户籍省份=河南"),
                            ("stations", find_stations, "查受理点：stations 光谷"),
                            ("ask", ask, "问一句话或一个事项：ask 补领多少钱 --city 济宁")):
        command = commands.add_parser(name, help=text, description=text, parents=[shared])
        command.set_defaults(run=run)
        if name == "decide":
            command.add_argument("policy", help="表名（policy/ 里的文件名，不带 .yml）或事项名")
            command.add_argument("words", nargs="*", metavar="事实=值")
        elif name == "stations":
            command.add_argument("words", nargs="*", metavar="地名")
        elif name == "ask":
            command.add_argument("words", nargs="+", metavar="问题或 事实=值")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，写成 2016-12-01 这样") from None


def validate(knowledge: Knowledge, options: argparse.Namespace) -> None:
    """Loading has checked everything; say what there is."""
    rows = sum(len(table.rows) for table in knowledge.tables.values())
    answers = sum(len(variants) for topics in knowledge.answers.values() for variants in topics.values())
    print(f"知识文件没有错误：{len(knowledge.documents)} 个文件 {len(knowledge.clauses)} 条条文，{len(knowledge.tables)} 张决策表 "
          f"{rows} 行，{len(knowledge.stations)} 个受理点，{answers} 条答复，{len(knowledge.gazetteer.names)} 个地名。")


def decide_one(knowledge: Knowledge, options: argparse.Namespace) -> None:
    city = _city(knowledge, options.city)
    facts = _facts(knowledge, options.words)
    table = knowledge.tables.get((options.policy, city)) or knowledge.table(options.policy, city)
    if table is None:
        raise Mistake(f"{city}没有“{options.policy}”这张表。可以用：{'、'.join(sorted({name for name, one in knowledge.tables if one == city}))}")
    found = decide(table, facts, _as_of(options), knowledge.model, knowledge.tables)
    if isinstance(found, Ask):
        fact = knowledge.model.facts[found.fact]
        print(f"还要知道：{found.fact}（{'、'.join(say(value) for value in fact.values[:12]) or '地名'}）\n{fact.question}")
        return
    print(f"结果：{found.outcome}" + (f"（国家标准：{found.national}）" if found.national else ""))
    print(f"原因：{found.reason}")
    print(replies.source_line(knowledge, found.cites, found.as_of) or "没有依据可引")
    print(f"条文：{'、'.join(found.cites) or '无'}")


def find_stations(knowledge: Knowledge, options: argparse.Namespace) -> None:
    text = normalise(" ".join(options.words))
    city = _city(knowledge, options.city) if options.city else None
    found = search(text, city, knowledge.stations, knowledge.gazetteer)
    if not text:
        found = replace(found, place=city or "、".join(knowledge.cities), matches=tuple(
            replies.Match(station, "") for station in knowledge.stations if city in (None, station.city)))
    if found.matches:
        _print(replies.stations(knowledge, found, found.matches[0].station.city, "哪里办", _as_of(options)))
        return
    cities = [city] if city else [place for place in knowledge.cities if found.place and _within(knowledge, found.place, place)]
    print(f"{found.place or text or city}：文件里没有列出受理点。")
    for one in cities:
        _print(replies.answer(knowledge, one, knowledge.answer(one, "哪里办", text, _as_of(options)), _as_of(options)))


def _within(knowledge: Knowledge, place: str, city: str) -> bool:
    return any(one.city == city for one in knowledge.gazetteer.names.get(place, ()))


def ask(knowledge: Knowledge, options: argparse.Namespace) -> None:
    """Answers a topic or a sentence; facts may be given as 名称=值. Asks on at a terminal, else prints the next question."""
    given = [word for word in options.words if "=" in word]
    text = normalise(" ".join(word for word in options.words if "=" not in word))
    facts = {**read_statement(knowledge, text, knowledge.reader.find_mentions(text)).facts, **_facts(knowledge, given)}
    if options.city:
        facts["所在城市"] = _city(knowledge, options.city)
    for topic in _topics(knowledge, text):
        _answer(knowledge, topic, text, facts, _as_of(options))


def _topics(knowledge: Knowledge, text: str) -> list[str]:
    """The topics that `text` names, or of which a word occurs in it, in the order of their first word."""
    if text in knowledge.topics:
        return [text]
    found = {}
    for topic in knowledge.topics.values():
        places = [text.find(word) for word in (topic.name, *topic.words) if word in text]
        if places:
            found[topic.name] = min(places)
    if not found:
        raise Mistake(f"没看出问的是哪件事。可以问：{'、'.join(knowledge.topics)}")
    asked = [name for name in found if name not in LEADS_TO] or list(found)  # 补领多少钱 asks for the fee
    return sorted(asked, key=lambda name: found[name])[:3]


def _answer(knowledge: Knowledge, topic: str, text: str, facts: dict[str, Value], as_of: date) -> None:
    if topic in BY_PLACE and _print_stations(knowledge, topic, text, facts, as_of):
        return
    city = facts.get("所在城市")
    while not isinstance(city, str):
        city = facts["所在城市"] = _read(knowledge, "所在城市", facts)  # type: ignore[assignment]
    variant = knowledge.answer(city, topic, text, as_of, facts)
    fee = decide_if_known(knowledge, topic, city, facts, as_of) if topic == "工本费" and not variant.closes else None
    if fee:
        _print(replies.fee(knowledge, fee, facts, as_of))
        return
    _print(replies.answer(knowledge, city, variant, as_of))
    if variant.closes or topic not in DECIDED and topic not in LEADS_TO:
        return
    if topic in LEADS_TO:
        facts.setdefault("办理类型", topic)
    found = consult(knowledge, LEADS_TO.get(topic, topic), city, facts, as_of)
    while isinstance(found, Ask):
        facts[found.fact] = _read(knowledge, found.fact, facts)
        found = consult(knowledge, LEADS_TO.get(topic, topic), city, facts, as_of)
    assert isinstance(found, Consultation)
    _print(replies.decision(knowledge, found, as_of))
    if replies.worth_a_checklist(found):
        _print(replies.checklist(knowledge, found, as_of))


def _print_stations(knowledge: Knowledge, topic: str, text: str, facts: dict[str, Value], as_of: date) -> bool:
    """The stations for the place that is named or known; False where none are listed for it."""
    district = facts.get("所在区县")
    found = search(text, str(facts.get("所在城市") or "") or None, knowledge.stations, knowledge.gazetteer,
                   district if isinstance(district, str) else None)
    if not found.matches:
        return False
    _print(replies.stations(knowledge, found, found.matches[0].station.city, topic, as_of))
    return True


def _read(knowledge: Knowledge, name: str, facts: dict[str, Value]) -> Value:
    """Ask one fact at the terminal; without a terminal print the question and stop."""
    fact = knowledge.model.facts[name]
    while True:
        print(f"{fact.question}  [{'／'.join(button.title for button in fact.buttons)}]" if fact.buttons else fact.question)
        if not sys.stdin.isatty():
            raise SystemExit(0)
        try:
            text = normalise(input("> "))
        except EOFError:
            raise SystemExit(0) from None
        found = read_statement(knowledge, text, knowledge.reader.find_mentions(text), name, facts).facts
        if name in found:
            return found[name]
        print(fact.unsure)


def _print(reply: Reply) -> None:
    print(reply.text + "\n")


def _as_of(options: argparse.Namespace) -> date:
    """--as-of, else IDCARD_AS_OF as for the server, else today."""
    given = os.environ.get("IDCARD_AS_OF")
    try:
        return options.as_of or (date.fromisoformat(given) if given else date.today())
    except ValueError:
        raise Mistake(f"IDCARD_AS_OF 是“{given}”，不是日期，写成 2016-12-01 这样") from None


def _city(knowledge: Knowledge, city: Optional[str]) -> str:
    if city not in knowledge.cities:
        raise Mistake(f"{'请用 --city 说明城市' if city is None else f'没有“{city}”的规定'}。可以用：{'、'.join(knowledge.cities)}")
    return city


def _facts(knowledge: Knowledge, words: Sequence[str]) -> dict[str, Value]:
    """名称=值 as facts; booleans as 是, 否, true, false."""
    found: dict[str, Value] = {}
    for word in words:
        name, _, text = word.partition("=")
        if name not in knowledge.model.facts or not text:
            raise Mistake(f"看不懂“{word}”，写成 名称=值。名称可以是：{'、'.join(knowledge.model.facts)}")
        boolean = {"是": True, "有": True, "true": True, "否": False, "没有": False, "无": False, "false": False}
        value: Value = boolean.get(text, text) if knowledge.model.facts[name].kind == "boolean" else text
        if knowledge.model.facts[name].kind == "county":
            value = _county(knowledge, name, text)
        knowledge.model.check(name, value)
        found[name] = value
    return found


def _county(knowledge: Knowledge, name: str, text: str) -> str:
    """The full name of a district or county, which the fact model cannot check by itself."""
    found = {place.name for place in knowledge.gazetteer.names.get(text, ()) if place.level == DISTRICT}
    if len(found) != 1:
        served = [place.name for place in knowledge.gazetteer.of_level(DISTRICT).values() if place.city in knowledge.cities]
        what = f"说的是哪一个“{text}”？" if found else f"没有“{text}”，"
        raise Mistake(f"“{name}”{what}写区县的全名，例如：{'、'.join(sorted(found) or served)}")
    return found.pop()


if __name__ == "__main__":
    sys.exit(main())
