"""Every clause of the two documents is used or knowingly left out, and sources.yml holds the documents whole."""
import re

from idcard.knowledge import Knowledge

# Clauses that no rule and no answer rests on, and why that is right.
UNCITED = {
    "武汉2016/落款": "只是日期，写在文件的 date 里",
    "武汉2016/一": "引出五种情形，依据引用的是各项",
    "武汉2016/三": "引出四种情形，依据引用的是各项",
    "济宁2020/三/一": "引出六种证件，依据引用的是各目",
    "济宁2020/五": "引出五种情形，依据引用的是各项",
    "济宁2020/十三": "只是职责分工的标题",
    "济宁2020/十五": "只是工作纪律的标题",
}


def cited(knowledge: Knowledge) -> set[str]:
    """Clauses cited by a row, an answer (the national part included) or a station."""
    rows = {cite for table in knowledge.tables.values() for row in table.rows for cite in row.cites}
    answers = {cite for topics in knowledge.answers.values() for variants in topics.values() for answer in variants
               for cite in answer.all_cites}
    return rows | answers | {station.cite for station in knowledge.stations}


def test_every_clause_is_cited_or_left_out_for_a_reason(knowledge: Knowledge) -> None:
    unused = set(knowledge.clauses) - cited(knowledge)
    assert unused <= UNCITED.keys(), f"nobody cites {sorted(unused - UNCITED.keys())}"


def test_no_entry_of_the_uncited_list_is_dead(knowledge: Knowledge) -> None:
    assert UNCITED.keys() <= knowledge.clauses.keys(), f"no such clause: {sorted(UNCITED.keys() - knowledge.clauses.keys())}"
    assert not UNCITED.keys() & cited(knowledge), f"cited after all: {sorted(UNCITED.keys() & cited(knowledge))}"
    assert all(UNCITED.values())


def test_title_and_clauses_in_order_are_the_whole_of_both_city_documents(knowledge: Knowledge) -> None:
    for document in knowledge.documents.values():
        if document.scope == "全国":
            continue
        clauses = [clause.text for clause in knowledge.clauses.values() if clause.document is document]
        whole = (knowledge.folder / document.file).read_text(encoding="utf-8-sig")
        assert _bare("".join([document.title, *clauses])) == _bare(whole), document.id


def test_nothing_that_is_marked_as_unverified_has_become_a_clause(knowledge: Knowledge) -> None:
    for clause in knowledge.clauses.values():
        assert "待核" not in clause.text, clause.id


def test_a_rule_of_one_city_cites_that_city_or_the_nation(knowledge: Knowledge) -> None:
    for (policy, city), table in knowledge.tables.items():
        for row in table.rows:
            scopes = {knowledge.clauses[cite].document.scope for cite in row.cites}
            assert scopes <= {city, "全国"}, f"{policy} {row.id}"


def test_a_row_rests_on_no_document_that_is_younger_than_the_row(knowledge: Knowledge) -> None:
    for (policy, _), table in knowledge.tables.items():
        for row in table.rows:
            for cite in row.cites:
                start = knowledge.clauses[cite].document.start
                assert start is None or (row.start and start <= row.start), f"{policy} {row.id}: {cite}"


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)
