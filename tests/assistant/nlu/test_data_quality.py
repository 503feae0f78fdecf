"""The checks of the training sentences, on small data made up for each."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Callable, Sequence

import pytest

from assistant.nlu.data_quality import gist, main, problems, read, without_places

VERBS = ["怎么申请", "去柜台交啥", "几点开始收", "能否让家人来", "没有印章行不", "昨天问过了", "写错一栏", "排了很久的队", "先打电话", "下雨还办吗", "谁签字"]
THINGS = ["渔船牌子", "菜摊位置", "树苗补贴", "图书押金", "游泳票"]

Check = Callable[..., list]


def varied(count: int, start: int = 0) -> list:
    """So many sentences, none like another: all but the first begin with four letters of their own."""
    pairs = [f"{thing}{verb}" for verb in VERBS for thing in THINGS]
    own = [""] + ["".join(chr(0x4E11 + 97 * (4 * number + i)) for i in range(4)) for number in range(1, len(pairs))]
    return [f"{letters}{pair}" for letters, pair in zip(own, pairs)][start:start + count]


@pytest.fixture()
def check(tmp_path: Path) -> Check:
    """check({intent: sentences}, samples, cases): the problems of a project with the business intent 办船 and the chat intent 寒暄."""
    knowledge, cases, samples = tmp_path / "knowledge", tmp_path / "cases", tmp_path / "samples"
    for folder in (knowledge, cases, samples):
        folder.mkdir()
    (tmp_path / "domain.yml").write_text("intents:\n  - 办船: {use_entities: []}\n  - 寒暄\n", encoding="utf-8")
    (knowledge / "topics.yml").write_text("topics:\n  - topic: 办船\n", encoding="utf-8")
    (knowledge / "regions.csv").write_text("代码,名称,简称,级别,上级代码,别名\n1,甲乙市,甲乙,地级,,老甲|乙\n", encoding="utf-8")
    (knowledge / "places.yml").write_text("landmarks:\n  - {name: 丙丁桥, aliases: [丙丁, 戊己桥, 庚辛桥, 壬癸桥, 子丑桥]}\n", encoding="utf-8")

    def run(data: dict, in_samples: Sequence[str] = (), in_cases: Sequence[str] = ()) -> list:
        lines = ['version: "3.1"', "nlu:"]
        for intent, texts in data.items():
            lines += [f"  - intent: {intent}", "    examples: |", *(f"      - {text}" for text in texts)]
        (tmp_path / "nlu.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        rows = [json.dumps({"text": text}, ensure_ascii=False) for text in in_samples]
        (samples / "questions.jsonl").write_text("\n".join(rows), encoding="utf-8")
        (cases / "business.yml").write_text(json.dumps([{"text": text, "intent": "办船"} for text in in_cases], ensure_ascii=False),
                                            encoding="utf-8")
        return problems(tmp_path / "nlu.yml", tmp_path / "domain.yml", knowledge, cases, samples)

    return run


def test_good_data_has_no_problem(check: Check) -> None:
    assert check({"办船": varied(40), "寒暄": varied(15, start=40)}) == []


@pytest.mark.parametrize("twin, how", [
    ("渔船牌子怎么申请", "和第 5 行的“渔船牌子怎么申请”（办船）一样"), ("漁船牌子，怎麼申請？", "一样"),
    ("请问渔船牌子咋申请呀", "几乎一样"), ("你好 渔船牌子如何申请的呢", "几乎一样")])
def test_one_sentence_under_two_intents(check: Check, twin: str, how: str) -> None:
    [problem] = check({"办船": varied(40), "寒暄": [*varied(15, start=40), twin]})
    assert f"nlu.yml:62: “{twin}”（寒暄）" in problem and how in problem and "只在那一个意图下留一句" in problem


@pytest.mark.parametrize("other", ["渔船牌子不能申请", "渔船牌子", "好的"])
def test_what_only_looks_alike_may_stand_under_another_intent(check: Check, other: str) -> None:
    assert check({"办船": [*varied(40), "好", "渔船牌子能申请吗"], "寒暄": [*varied(15, start=40), other]}) == []


def test_too_few_sentences(check: Check) -> None:
    business, chat = check({"办船": varied(39), "寒暄": varied(14, start=40)})
    assert "nlu.yml:5: 意图“办船”只有 39 句，至少要 40 句。再写 1 句" in business
    assert "意图“寒暄”只有 14 句，至少要 15 句" in chat


def test_too_many_that_differ_in_a_place_name(check: Check) -> None:
    places = ["甲乙", "老甲", "丙丁桥", "戊己桥", "庚辛桥"]
    alike = [f"{place}渔船码头在哪" for place in places]
    assert check({"办船": [*varied(40), *alike[:4]], "寒暄": varied(15, start=40)}) == []
    [problem] = check({"办船": [*varied(40), *alike], "寒暄": varied(15, start=40)})
    assert "nlu.yml:49: “庚辛桥渔船码头在哪”" in problem and "另外 4 句只差一个地名，最多 4 句。第一句在第 45 行" in problem


def test_bare_place_names_are_answers_and_no_pattern(check: Check) -> None:
    assert check({"办船": varied(40), "寒暄": [*varied(15, start=40), "甲乙", "老甲", "丙丁", "丙丁桥", "戊己桥", "庚辛桥"]}) == []


def test_too_uniform_words(check: Check) -> None:
    [problem] = check({"办船": [f"渔船牌子渔船牌子{'甲' * n}" for n in range(1, 41)], "寒暄": varied(15, start=40)})
    assert "意图“办船”的句子太像" in problem and "至少要 35%" in problem


@pytest.mark.parametrize("copied", ["我想把渔船牌子转给弟弟", "我想把漁船牌子轉給弟弟！", "请问我想把渔船牌子转给弟弟呀", "我想把那渔船牌子转给弟弟", "想把渔船牌子转给弟弟"])
def test_a_copy_of_a_sample(check: Check, copied: str) -> None:
    [problem] = check({"办船": [*varied(40), copied], "寒暄": varied(15, start=40)}, in_samples=["我想把渔船牌子转给弟弟"])
    assert f"nlu.yml:45: “{copied}”和样例里的“我想把渔船牌子转给弟弟”" in problem


def test_short_sentences_are_no_copies_unless_equal(check: Check) -> None:
    data = {"办船": [*varied(40), "几张票", "要几张票吗"], "寒暄": varied(15, start=40)}
    assert check(data, in_samples=["几张", "不要几张票"]) == []
    assert len(check(data, in_samples=["几张票"])) == 1


def test_a_held_out_case_in_the_training_data(check: Check) -> None:
    [problem] = check({"办船": varied(40), "寒暄": varied(15, start=40)}, in_cases=["渔船牌子，怎么申请", "别的"])
    assert "nlu.yml:5: “渔船牌子怎么申请”也在 business.yml 里" in problem


def test_an_unknown_intent(check: Check) -> None:
    found = check({"办船": varied(40), "寒喧": varied(15, start=40)})
    assert [problem for problem in found if "意图“寒喧”没有写进 domain.yml" in problem]


def test_missing_folders_are_not_compared(check: Check, tmp_path: Path) -> None:
    assert check({"办船": varied(40), "寒暄": varied(15, start=40)}) == []
    nowhere = tmp_path / "nowhere"
    assert problems(tmp_path / "nlu.yml", tmp_path / "domain.yml", tmp_path / "knowledge", nowhere, nowhere) == []


def test_annotations_and_other_blocks_are_read(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text("nlu:\n- intent: 甲\n  examples: |\n    - 去[武汉](城市)办\n    - 去[济宁]{\"entity\": \"城市\"}\n- synonym: 乙\n  examples: |\n    - 丙\n",
                    encoding="utf-8")
    assert [(one.text, one.intent, one.line) for one in read(file)] == [("去武汉办", "甲", 4), ("去济宁", "甲", 5)]


@pytest.mark.parametrize("one, other", [("能不能寄到家", "可以寄到家吗？"), ("身份證丢了怎么补", "请问二代证丢了咋补呀"), ("要不要预约", "需要预约吗"), ("有没有居住证", "有居住证吗")])
def test_the_same_gist(one: str, other: str) -> None:
    assert gist(one) == gist(other)


@pytest.mark.parametrize("one, other", [("有居住证", "有居住证吗"), ("有居住证", "没有居住证"), ("要预约吗", "不要预约"), ("好的", "好"), ("只有户口本", "只有户口本行不行")])
def test_another_gist(one: str, other: str) -> None:
    assert gist(one) != gist(other)


def test_the_longest_name_is_replaced() -> None:
    assert without_places("甲乙市人在甲乙", {"甲乙", "甲乙市"}) == "〇人在〇"


def test_the_command_prints_what_it_finds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr("assistant.nlu.data_quality.problems", lambda: ["data/nlu.yml:3: 太像"])
    assert main() == 1 and capsys.readouterr().out == "data/nlu.yml:3: 太像\n"
    monkeypatch.setattr("assistant.nlu.data_quality.problems", lambda: [])
    assert main() == 0
