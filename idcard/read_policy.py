"""Turns facts.yml and policy/*.yml into typed values, or raises KnowledgeError."""
from __future__ import annotations

from itertools import combinations
from typing import Container, Mapping, Optional, Sequence

from idcard.facts import SAME_COUNTY, Button, Fact, FactModel, Value, say
from idcard.places import Gazetteer
from idcard.policy import Outcome, Row, Table
from idcard.reading import Word
from idcard.read_texts import blocks, check_cites, check_numbers, day, strings
from idcard.sources import Clause
from idcard.table_checks import check_table
from idcard.yaml_lines import Block, KnowledgeError

KINDS = ("choice", "boolean", "province", "city", "county")
OPERATORS = ("is", "in", "not")
DECIDED_EVERYWHERE = ("能否异地办理", "临时身份证", "工本费", "所需材料")  # consult.py counts on these
ENTITIES = ("证件", "办理类型", "办理原因")


def facts(value: object, gazetteer: Gazetteer, regions: Mapping[str, Sequence[str]]) -> FactModel:
    """The fact model; `regions` gives the place names of the kinds province and city."""
    found: dict[str, Fact] = {}
    for block in blocks(value, "facts"):
        fact = _fact(block, regions)
        if fact.name in found:
            raise block.error(f"“{fact.name}”写了两次", "删掉其中一个", "name")
        if any(fact.slot == other.slot for other in found.values()):
            raise block.error(f"slot“{fact.slot}”用了两次", "每件事一个 slot 名字", "slot")
        found[fact.name] = fact
    _check_names(value, found)
    parents = {"户籍城市": ("户籍省份", gazetteer.province_of), "户籍区县": ("户籍城市", gazetteer.city_of),
               "所在区县": ("所在城市", gazetteer.city_of)}
    return FactModel(found, parents, gazetteer.same_area)


NEEDED = ("所在城市", "所在区县", "户籍省份", "户籍城市", "户籍区县")  # the program reads places into these


def _check_names(value: object, found: Mapping[str, Fact]) -> None:
    """Every fact that the program or an implication names must be there."""
    for name in NEEDED:
        if name not in found:
            raise value.error(f"缺少“{name}”", "恢复它；程序按这个名字理解地名")  # type: ignore[attr-defined]
    for block in blocks(value, "facts"):
        for answer, told in block.block("implies").items():
            for name, implied in block.block("implies").block(answer).items():
                if name not in found or (found[name].values and implied not in found[name].values):
                    raise block.error(f"implies 里的“{name}: {say(implied)}”不对", "名称和取值要和这个文件里的一样", "implies")


def _fact(block: Block, regions: Mapping[str, Sequence[str]]) -> Fact:
    block.check_keys(("name", "slot", "kind", "question", "why", "unsure"), ("values", "buttons", "implies", "if_unknown", "told"))
    kind = block.text("kind")
    if kind not in KINDS:
        raise block.error(f"不认识 kind“{kind}”", f"可以用：{'、'.join(KINDS)}", "kind")
    if not block.text("slot").isascii():
        raise block.error("slot 只能用拉丁字母（Rasa 的限制）", "例如 hukou_province", "slot")
    values: tuple[Value, ...] = tuple(block.list("values"))
    if kind == "boolean":
        values = (True, False)
    elif kind in regions:
        values = tuple(regions[kind])
    elif kind == "choice" and not values:
        raise block.error("choice 要写 values", "values: [甲, 乙]")
    implies = {kind == "boolean" and given == "true" or given: told for given, told in block.block("implies").items()}
    for answer in implies:
        if answer not in values:
            raise block.error(f"implies 里的“{answer}”不在 values 里", f"可以用：{'、'.join(map(say, values))}", "implies")
    return Fact(block.text("name"), block.text("slot"), kind, values, block.text("question"),
                _buttons(block, values), block.text("why"), block.text("unsure"), implies, _told(block), _if_unknown(block, values))


def _told(block: Block) -> str:
    told = block.text("told") if "told" in block else "{}"
    if told.count("{}") != 1:
        raise block.error("told 里要有一个 {}", "例如 户口在{}", "told")
    return told


def _if_unknown(block: Block, values: tuple[Value, ...]) -> Optional[Value]:
    value = block.get("if_unknown")
    if value is not None and value not in values:
        raise block.error(f"if_unknown 的“{say(value)}”不在 values 里", f"可以用：{'、'.join(map(say, values))}", "if_unknown")
    return value


def _buttons(block: Block, values: tuple[Value, ...]) -> tuple[Button, ...]:
    buttons = block.block("buttons")
    for title, value in buttons.items():
        if values and value not in values:
            raise block.error(f"按钮“{title}”的值“{value}”不在 values 里", f"可以用：{'、'.join(map(say, values))}", "buttons")
    return tuple(Button(title, value) for title, value in buttons.items())


def tables(files: Mapping[str, Block], model: FactModel, clauses: Mapping[str, Clause],
           topics: Container[str]) -> dict[tuple[str, str], Table]:
    """(policy, city) -> table, each proved complete and free of overlaps, with every reference resolved."""
    found: dict[tuple[str, str], Table] = {}
    for policy, value in files.items():
        topic, inner = value.text("topic"), value.flag("inner")
        if not inner and topic not in topics:
            raise value.error(f"不认识事项“{topic}”", "要和 topics.yml 里的名字一样", "topic")
        for block in blocks(value, "tables"):
            table = _table(block, policy, topic, inner, model, clauses)
            if (policy, table.city) in found:
                raise block.error(f"{table.city}写了两张表", "把它们合成一张", "city")
            found[policy, table.city] = table
    for table in found.values():
        check_table(table, model)
        for row in table.rows:
            if row.see and (row.see, table.city) not in found:
                raise KnowledgeError(table.file, row.line, f"see 指向的“{row.see}”没有{table.city}的表", "检查 policy/ 里的文件名")
            if row.see and any(other.see for other in found[row.see, table.city].rows):
                raise KnowledgeError(table.file, row.line, f"see 指向的“{row.see}”自己也有 see", "直接指向最后那张表")
        for outcome in table.outcomes.values():
            for other in outcome.adds:
                if (other, table.city) not in found:
                    raise KnowledgeError(table.file, None, f"adds 里的“{other}”没有{table.city}的表", "检查 policy/ 里的文件名")
    for city in model.facts["所在城市"].values:
        for topic in DECIDED_EVERYWHERE:
            if not any(table.topic == topic and table.city == city and not table.inner for table in found.values()):
                raise KnowledgeError("knowledge/policy", None, f"{city}没有“{topic}”的表", "恢复那个文件，或者为这个城市写一张表")
    return found


def _table(block: Block, policy: str, topic: str, inner: bool, model: FactModel, clauses: Mapping[str, Clause]) -> Table:
    block.check_keys(("city", "asks", "rows", "outcomes"))
    city = block.text("city")
    if city not in model.facts["所在城市"].values:
        raise block.error(f"不认识城市“{city}”", f"可以用：{'、'.join(map(say, model.facts['所在城市'].values))}", "city")
    asks = strings(block, "asks")
    for name in asks:
        if name not in model.facts:
            raise block.error(f"asks 里的“{name}”不是 facts.yml 里的事", f"可以用：{'、'.join(model.facts)}", "asks")
    rows = tuple(_row(row, city, model, clauses) for row in blocks(block, "rows"))
    if not rows:
        raise block.error("表里一行也没有", "至少写一行", "rows")
    for one, other in combinations(rows, 2):
        if one.id == other.id:
            raise KnowledgeError(block.file, other.line, f"“{one.id}”和第 {one.line} 行重名", "给每一行起一个不同的 id")
    outcomes = {name: _outcome(block.block("outcomes").block(name), city, clauses) for name in block.block("outcomes")}
    for row in rows:
        if not row.see and row.outcome not in outcomes:
            raise KnowledgeError(block.file, row.line, f"结果“{row.outcome}”没有写怎么对群众说", "在这张表的 outcomes 里加上它和 say")
    unused = set(outcomes) - {row.outcome for row in rows}
    if unused:
        name = sorted(unused)[0]
        raise block.block("outcomes").error(f"outcomes 里的“{name}”没有一行会得出", "删掉它，或者检查是不是写错了字", name)
    return Table(policy, topic, city, asks, rows, outcomes, block.file, inner)


def _outcome(block: Block, city: str, clauses: Mapping[str, Clause]) -> Outcome:
    block.check_keys(("say",), ("next", "adds", "cites"))
    cites = strings(block, "cites")
    _check_own_cites(block, city, cites, clauses)
    return Outcome(block.text("say"), strings(block, "next"), strings(block, "adds"), cites)


def _check_own_cites(block: Block, city: str, cites: Sequence[str], clauses: Mapping[str, Clause]) -> None:
    check_cites(block, "cites", cites, clauses)
    for clause_id in cites:
        if clauses[clause_id].document.scope not in (city, "全国"):
            raise block.error(f"{city}的表引用了{clauses[clause_id].document.scope}的条文“{clause_id}”", f"只引用{city}或国家的条文", "cites")


def _row(block: Block, city: str, model: FactModel, clauses: Mapping[str, Clause]) -> Row:
    see = block.text("see") if "see" in block else ""
    block.check_keys(("id", "when") if see else ("id", "when", "outcome", "reason", "cites"),
                     ("see", "cites", "from", "until", "national", "bring"))
    cites = strings(block, "cites")
    if not cites and not see:
        raise block.error(f"“{block['id']}”没有依据", "在 cites 里写上条文编号，例如 济宁2020/七", "cites")
    _check_own_cites(block, city, cites, clauses)
    for key in ("outcome", "reason", "national"):
        check_numbers(block, key, cites, clauses)
    start, end = day(block, "from"), day(block, "until")
    if start and end and end <= start:
        raise block.error("until 不在 from 之后", "until 是不再适用的第一天", "until")
    if not isinstance(block["when"], Block) or not block["when"]:
        raise block.error("when 里要有条件", "when: {办理类型: {is: 换领}}", "when")
    when = {name: allowed(block["when"], name, model) for name in block["when"]}
    outcome, reason, national = (block.text(key) if key in block else "" for key in ("outcome", "reason", "national"))
    return Row(block.text("id"), when, outcome, reason, cites, start, end, national, strings(block, "bring"), see, block.line)


def allowed(when: Block, name: str, model: FactModel) -> frozenset[Value]:
    """The values of fact `name` for which the condition holds."""
    domain = _domain(when, name, model)
    condition = when[name]
    if not isinstance(condition, Block) or len(condition) != 1 or next(iter(condition)) not in OPERATORS:
        raise when.error(f"“{name}”的条件写错了：{condition!r}", "写成 {is: 值}、{in: [值, 值]} 或 {not: 值}", name)
    operator, given = next(iter(condition.items()))
    values = given if isinstance(given, list) else [given]
    wrong = [value for value in values if value not in domain]
    if wrong:
        raise when.error(f"“{name}”没有“{wrong[0]}”这个值", f"可以用：{'、'.join(say(one) for one in list(domain)[:40])}", name)
    return frozenset(domain).difference(values) if operator == "not" else frozenset(values)


def _domain(when: Block, name: str, model: FactModel) -> tuple[Value, ...]:
    if name == SAME_COUNTY:
        return (True, False)
    fact: Optional[Fact] = model.facts.get(name)
    if fact is None:
        raise when.error(f"“{name}”不是 facts.yml 里的事", f"可以用：{'、'.join([*model.facts, SAME_COUNTY])}", name)
    if not fact.values:
        raise when.error(f"“{name}”没有固定的取值，不能写条件", f"比较区县用“{SAME_COUNTY}”", name)
    return fact.values


def words(value: object, model: FactModel) -> list[Word]:
    """The word list of words.yml; no word may stand for two things."""
    found: list[Word] = []
    seen: dict[str, str] = {}
    for block in blocks(value, "words"):
        block.check_keys(("entity", "value", "words"), ("has", "lacks", "not_if"))
        if block.text("entity") not in ENTITIES:
            raise block.error(f"不认识 entity“{block['entity']}”", f"可以用：{'、'.join(ENTITIES)}", "entity")
        word = Word(block.text("entity"), block.text("value"), strings(block, "words"), block.block("has"),
                    block.block("lacks"), strings(block, "not_if"))
        for form in word.words:
            if form in seen:
                raise block.error(f"“{form}”已经写在“{seen[form]}”里了", "一个词只能说明一件事，留一处", "words")
            seen[form] = word.value
        for name, implied in [*word.has.items(), *word.lacks.items()]:
            fact = model.facts.get(name)
            if fact is None or (fact.values and implied not in fact.values):
                raise block.error(f"“{name}: {say(implied)}”不对", "名称和取值要和 facts.yml 里的一样", "has")
        found.append(word)
    return found
