"""The hand cases of tests/cases/policy against decide(). They are written from the documents, never from the tables."""
from datetime import date

import pytest

from idcard.facts import ContradictionError
from idcard.knowledge import Knowledge
from idcard.policy import Ask, Decision, decide
from tests.idcard.case_files import case_name, check_keys, read_cases

CASES = read_cases("policy")
EXPECTED = {"outcome", "cites", "national", "asks", "error"}


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_the_table_decides_as_the_case_says(case: dict, knowledge: Knowledge) -> None:
    check_keys(case, {"policy", "city", "as_of", "facts"}, EXPECTED)
    expect, table = case["expect"], knowledge.tables[case["policy"], case["city"]]
    as_of = date.fromisoformat(case["as_of"])
    if expect.get("error"):
        with pytest.raises(ContradictionError):
            decide(table, case["facts"], as_of, knowledge.model, knowledge.tables)
        return
    found = decide(table, case["facts"], as_of, knowledge.model, knowledge.tables)
    if "asks" in expect:
        assert isinstance(found, Ask), f"decided {found}"
        assert found.fact == expect["asks"]
        return
    assert isinstance(found, Decision), f"asks {found}"
    assert (found.outcome, found.national) == (expect["outcome"], expect.get("national", ""))
    assert set(found.cites) == set(expect.get("cites", ()))
    assert len(set(found.cites)) == len(found.cites), "a clause is cited twice"


def test_every_case_has_its_own_name() -> None:
    names = [(case["policy"], case["city"], case["name"]) for case in CASES]
    assert len(names) == len(set(names))
