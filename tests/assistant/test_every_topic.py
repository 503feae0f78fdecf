"""Every question of the vocabulary asked in both cities, through the trained model and the real actions.

Each topic has two sentences for each city; none of them is a training example.
"""
import re
from pathlib import Path

import pytest
import yaml

from idcard.consult import LEADS_TO
from idcard.knowledge import load
from idcard.text import normalise

NLU = Path(__file__).resolve().parents[2] / "data" / "nlu.yml"
UNSAID = "文件未规定"
LISTED = yaml.safe_load(Path(__file__).with_name("every_topic.yml").read_text(encoding="utf-8"))
KNOWN_FAILURES = LISTED.pop("known_failures", {})  # sentence -> why; it must fail
ASKED = [(city, topic, sentence) for topic, cities in LISTED.items() for city, sentences in cities.items()
         for sentence in sentences]


def _param(city: str, topic: str, sentence: str):
    known = sentence in KNOWN_FAILURES
    marks = [pytest.mark.xfail(raises=AssertionError, strict=True, reason=KNOWN_FAILURES[sentence])] if known else []
    return pytest.param(city, topic, sentence, id=f"{topic}-{sentence}", marks=marks)


@pytest.mark.model
@pytest.mark.parametrize("city, topic, sentence", [_param(*asked) for asked in ASKED])
def test_answered(city: str, topic: str, sentence: str, dialogue, run_async, monkeypatch) -> None:
    """On the topic, for the city, with a source or the word that there is none (reply_checks forbids foreign clauses)."""
    from tests.conversations.play import Conversation
    from tests.conversations.reply_checks import always

    monkeypatch.setenv("IDCARD_AS_OF", "2026-11-21")
    conversation = Conversation(dialogue, run_async)
    messages = conversation.say(sentence)
    twins = [message.get("custom") or {} for message in messages]
    shown = "\n".join(f"{message.get('text')}\n  {message.get('custom')}" for message in messages)
    assert list(always(load(), messages, conversation.facts(load()))) == [], shown
    assert {twin.get("city") for twin in twins if "topic" in twin} == {city}, shown
    rules = [twin for twin in twins if twin.get("topic") in (topic, LEADS_TO.get(topic)) and twin.get("kind") != "question"]
    assert any(twin.get("cites") or twin.get("outcome") == UNSAID for twin in rules), shown


def test_every_topic_is_asked_twice_in_every_city() -> None:
    knowledge = load()
    assert list(LISTED) == list(knowledge.topics)
    for topic, cities in LISTED.items():
        assert {city: len(set(sentences)) for city, sentences in cities.items()} == dict.fromkeys(knowledge.cities, 2), topic


def test_known_failures_are_sentences() -> None:
    assert set(KNOWN_FAILURES) - {sentence for _, _, sentence in ASKED} == set()


def test_no_sentence_is_a_training_example() -> None:
    """Entity marks taken off: [光谷]{"entity": "地标"} is 光谷."""
    trained = re.sub(r"\[([^\]]+)\](\{[^}]*\}|\([^)]*\))", r"\1", NLU.read_text(encoding="utf-8"))
    examples = {normalise(line.strip()[2:].strip()) for line in trained.splitlines() if line.strip().startswith("- ")}
    assert [sentence for _, _, sentence in ASKED if normalise(sentence) in examples] == []
