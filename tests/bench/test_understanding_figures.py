"""The figures of bench.understanding on a few made-up messages, worked out by hand."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from actions import conversation, turn
from bench import understanding
from bench.understanding import FALLBACK, Case, Rate, Reading

BUSINESS = ["甲", "乙"]


def reading(meant: str, shown: str, confidence: float = 0.9, best: str = "", group: str = "business", gold=(), found=(),
            topics=()) -> Reading:
    """A message that means `meant` and is taken for `shown`; `best` is the first reading where that was asked back."""
    case = Case("某句话", tuple(meant.split("+")), tuple(gold), group)
    return Reading(case, shown, ((best or shown, confidence), ("乙", 0.05)), tuple(topics), tuple(found), 2.0, 1.0)


# 甲 twice right and once read as 乙; 乙 once right; one 超出范围 right, one read as 甲; one greeting asked back.
READINGS = [
    reading("甲", "甲", 0.95), reading("甲", "甲", 0.55), reading("甲", "乙", 0.7), reading("乙", "乙", 0.85),
    reading("超出范围", "超出范围", 0.9), reading("超出范围", "甲", 0.4), reading("问候", FALLBACK, 0.2, best="甲"),
]


def test_per_intent() -> None:
    table = understanding.per_intent(READINGS)
    assert {name: row["n"] for name, row in table.items()} == {"甲": 3, "乙": 1, "超出范围": 2, "问候": 1}
    assert table["甲"] == {"n": 3, "precision": pytest.approx(2 / 3), "recall": pytest.approx(2 / 3),
                          "f1": pytest.approx(2 / 3), "wrong": [("乙", 1)]}
    assert (table["乙"]["precision"], table["乙"]["recall"], table["乙"]["f1"]) == pytest.approx((1 / 2, 1, 2 / 3))
    assert (table["超出范围"]["precision"], table["超出范围"]["recall"]) == (1, 0.5)
    assert table["问候"] == {"n": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0, "wrong": [(FALLBACK, 1)]}


def test_macro_f1_is_the_mean_over_the_intents_that_occur() -> None:
    assert understanding.macro_f1(READINGS) == pytest.approx((2 / 3 + 2 / 3 + 2 / 3 + 0) / 4)
    assert understanding.macro_f1([]) is None


def test_entity_f1_counts_type_value_and_role_together() -> None:
    city, home, paper, day = ("城市", "武汉", "所在"), ("城市", "武汉", "户籍"), ("证件", "护照", ""), ("日期", "今天", "")
    rows = [reading("甲", "甲", gold=[city, paper], found=[city, day]),  # one of two; 日期 is not counted
            reading("甲", "甲", gold=[city], found=[home]),  # the role is wrong
            reading("甲", "甲", gold=[city, city], found=[city])]  # twice meant, once found
    assert understanding.entity_f1(rows, {"城市", "证件"}) == pytest.approx(2 * 2 / (5 + 3))
    assert understanding.entity_f1(rows[:1], {"站点"}) is None


def test_wrong_but_confident_is_a_share_of_all_messages() -> None:
    assert understanding.wrong_but_confident(READINGS, 0.3) == Rate(2, 7)  # what is asked back is not shown
    assert understanding.wrong_but_confident(READINGS, 0.6) == Rate(1, 7)
    assert understanding.wrong_but_confident(READINGS, 0.7) == Rate(1, 7)  # from the threshold on


def test_did_you_mean_needs_a_likely_business_reading() -> None:
    assert understanding.did_you_mean(reading("甲", FALLBACK, 0.2, best="甲"), BUSINESS)
    assert not understanding.did_you_mean(reading("甲", FALLBACK, 0.07, best="甲"), BUSINESS)
    assert not understanding.did_you_mean(reading("甲", FALLBACK, 0.2, best="问候"), BUSINESS)
    assert not understanding.did_you_mean(reading("甲", "甲"), BUSINESS)


def test_the_limits_are_those_of_the_assistant() -> None:
    assert (understanding.SURE, understanding.LIKELY) == (turn.SURE, conversation.LIKELY)
    assert 0 < understanding.fallback_threshold() < understanding.SURE


def test_reliability_by_bins() -> None:
    rows = [reading("甲", "甲", 0.95), reading("甲", "乙", 0.91), reading("甲", "甲", 1.0), reading("甲", FALLBACK, 0.2, best="甲")]
    points = understanding.reliability(rows)
    assert points == [(pytest.approx(0.2), 1.0, 1), (pytest.approx(2.86 / 3), pytest.approx(2 / 3), 3)]
    assert understanding.calibration_error(points) == pytest.approx((0.8 + 3 * (2.86 / 3 - 2 / 3)) / 4)


def test_coverage_against_error() -> None:
    points = understanding.coverage(READINGS, [0.0, 0.5, 0.99])
    assert points == [(0.0, 1.0, pytest.approx(3 / 7)), (0.5, pytest.approx(5 / 7), pytest.approx(1 / 5)), (0.99, 0.0, 0.0)]


def test_confusion_of_business_intents() -> None:
    rows = [*READINGS, reading("乙", "超出范围"), reading("乙", "问候"), reading("乙", FALLBACK)]
    assert understanding.confusion(rows, BUSINESS) == [[2, 1, 0, 0, 0], [0, 1, 1, 1, 1]]


def test_headline() -> None:
    figures = understanding.headline(READINGS, BUSINESS, set(), 0.3)
    assert figures["intent, all"] == "57.1 % (4/7)"
    assert figures["intent, business"] == "75.0 % (3/4)"
    assert figures["intent, conversation"] == "0.0 % (0/1)"
    assert figures["超出范围: recall"] == "50.0 % (1/2)"
    assert figures["超出范围: precision"] == "100.0 % (1/1)"
    assert figures["asked back"] == "14.3 % (1/7)"
    assert figures["entity F1"] == "–"


def test_samples_with_a_star_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps({"text": text, "intent": intent, "entities": {"reason": "丢失"}})
                              for text, intent in (("一句", "甲"), ("两句", "*"))), encoding="utf-8")
    assert understanding.read_samples(file) == [Case("一句", ("甲",), (), "samples")]


def test_cases_are_read_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "several.yml").write_text("- {text: 两问, intents: [甲, 乙]}\n", encoding="utf-8")
    (tmp_path / "business.yml").write_text("- {text: 一问, intent: 甲, entities: [{entity: 城市, value: 武汉, role: 所在}]}\n",
                                           encoding="utf-8")
    assert understanding.read_cases(tmp_path) == [
        Case("一问", ("甲",), (("城市", "武汉", "所在"),), "business"), Case("两问", ("甲", "乙"), (), "several")]


def test_a_reading_is_taken_from_what_rasa_parsed() -> None:
    parsed = {"intent": {"name": FALLBACK, "confidence": 0.3}, "topics": ["甲"],
              "intent_ranking": [{"name": FALLBACK, "confidence": 0.3}, {"name": "甲", "confidence": 0.2}],
              "entities": [{"entity": "城市", "value": "武汉", "start": 0, "end": 2}]}
    found = understanding.understand(Case("武汉", ("甲",), (), "business"), lambda text: parsed)
    assert (found.intent, found.best, found.topics, found.entities) == (FALLBACK, ("甲", 0.2), ("甲",), (("城市", "武汉", ""),))
    assert not found.right


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # inside matplotlib
@pytest.mark.parametrize("with_samples", [True, False])
def test_the_report_is_written_with_its_pictures(with_samples: bool, tmp_path: Path) -> None:
    from bench import understanding_report

    rows = [*READINGS, reading("甲+乙", "甲", group="several", topics=["甲", "乙"]), reading("甲", "甲", group="dialect")]
    rows += [reading("乙", "乙", group="samples")] * with_samples
    found = understanding.sections(rows, BUSINESS, 0.3)
    found.update(command="make eval", date="2026-01-02", samples="questions.jsonl" if with_samples else None, cases=len(rows),
                 megabytes=1.5)
    out = tmp_path / "understanding.md"
    understanding_report.write(out, found)
    text = out.read_text(encoding="utf-8")
    assert f"`make eval` on 2026-01-02: {len(rows)} messages" in text
    assert "| several questions, in order | 100.0 % (1/1) |" in text
    assert "| 1 | 甲 | 4 | 75 | 75 | 75 | 乙 1 |" in text
    assert ("samples were not there" in text) is not with_samples
    for picture in ("reliability", "coverage", "confusion"):
        assert f"understanding/{picture}.png" in text
        assert (tmp_path / "understanding" / f"{picture}.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_names_no_path_of_this_machine() -> None:
    assert understanding._command([]) == "make eval"
    assert understanding._command(["--errors"]) == "make eval"
    assert understanding._command(["--model", "/elsewhere/idcard.tar.gz"]) == 'make eval ARGS="--model idcard.tar.gz"'
