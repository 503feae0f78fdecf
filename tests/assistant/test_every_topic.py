"""Every question of the vocabulary asked in both cities, through the trained model and the real actions.

Each topic has two sentences for each city; none of them is a training example.
"""
import re
from pathlib import Path

import pytest
import yaml

from idcard.knowledge import load
from idcard.text import normalise

SENTENCES = Path(__file__).with_name("every_topic.yml")
NLU = Path("data/nlu.yml")
UNSAID = "文件未规定"


def _asked() -> list[tuple[str, str, str]]:
    """(city, topic, sentence)"""
    listed = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    return [(city, topic, sentence) for topic, cities in listed.items() for city, sentences in cities.items()
            for sentence in sentences]


@pytest.mark.model
@pytest.mark.parametrize("city, topic, sentence", _asked(), ids=[f"{topic}-{sentence}" for _, topic, sentence in _asked()])
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
    assert topic in {twin.get("topic") for twin in twins}, shown
    rules = [twin for twin in twins if twin.get("topic") == topic and twin.get("kind") != "question"]
    assert any(twin.get("cites") or twin.get("outcome") == UNSAID for twin in rules), shown


def test_every_topic_is_asked_twice_in_every_city() -> None:
    knowledge = load()
    listed = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    assert list(listed) == list(knowledge.topics)
    for topic, cities in listed.items():
        assert {city: len(set(sentences)) for city, sentences in cities.items()} == dict.fromkeys(knowledge.cities, 2), topic


def test_no_sentence_is_a_training_example() -> None:
    """Entity marks taken off: [光谷]{"entity": "地标"} is 光谷."""
    trained = re.sub(r"\[([^\]]+)\](\{[^}]*\}|\([^)]*\))", r"\1", NLU.read_text(encoding="utf-8"))
    examples = {normalise(line.strip()[2:].strip()) for line in trained.splitlines() if line.strip().startswith("- ")}
    assert [sentence for _, _, sentence in _asked() if normalise(sentence) in examples] == []
