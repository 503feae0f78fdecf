"""The trained model on the held-out sentences: floors that must hold. `make eval` measures and shows more."""
from __future__ import annotations

import pytest

from assistant.nlu import data_quality
from bench.understanding import SEVERAL, Reading, read_cases, understand

CASES = read_cases()
GROUPS = sorted({case.group for case in CASES})
# Share of right readings per file, about three points under what was measured (docs/understanding.md).
FLOORS = {"everyday": 0.93, "business": 0.88, "conversation": 0.85, "out_of_scope": 0.86, SEVERAL: 0.71,
          "dialect": 0.91, "homophones": 0.85, "speech_noise": 0.94, "traditional": 0.97}
FEWEST = {"dialect": 25, "homophones": 25, "speech_noise": 25, "traditional": 25}


@pytest.fixture(scope="module")
def readings(dialogue, run_async) -> list[Reading]:
    """Every case through the model, once."""
    return [understand(case, lambda text: run_async(dialogue.agent.parse_message(text))) for case in CASES]


@pytest.mark.model
@pytest.mark.parametrize("group", GROUPS)
def test_enough_is_understood(group: str, readings: list[Reading]) -> None:
    of_group = [reading for reading in readings if reading.case.group == group]
    right = [reading.topics == reading.case.intents if group == SEVERAL else reading.right for reading in of_group]
    wrong = [f"{reading.case.text}: {'+'.join(reading.case.intents)}, read as {reading.intent} {reading.best[1]:.2f}"
             for reading, is_right in zip(of_group, right) if not is_right]
    assert sum(right) / len(right) >= FLOORS[group], f"{len(wrong)} of {len(right)} wrong:\n" + "\n".join(wrong)


def test_every_file_has_a_floor_and_enough_cases() -> None:
    assert set(GROUPS) == set(FLOORS)
    counted = {group: len({case.text for case in CASES if case.group == group}) for group in GROUPS}
    assert {group: counted[group] for group, fewest in FEWEST.items() if counted[group] < fewest} == {}


def test_no_held_out_sentence_is_a_training_example() -> None:
    """Punctuation, spaces, traditional characters and entity marks make no difference."""
    trained = {sentence.letters for sentence in data_quality.read(data_quality.ROOT / "data" / "nlu.yml")}
    assert [case.text for case in CASES if data_quality.letters(case.text) in trained] == []
