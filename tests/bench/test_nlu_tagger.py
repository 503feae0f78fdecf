"""The benchmark's own tagger: spans and intents of a toy language whose rules a reader can check."""
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List

import pytest
from rasa.engine.storage import local_model_storage as rasa_storage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.nlu.features import Shape
from bench import nlu_intents, nlu_span_attributes, nlu_spans
from bench.nlu_tagger import CrfEntityTagger

CITIES = ("北京", "上海", "哈尔滨", "广州", "乌鲁木齐", "济宁")
SINGERS = ("周华", "李四", "欧阳锋", "王五", "孙行者")


def row(text: str, intent: str, **values: str) -> Dict[str, Any]:
    spans = [{"start": text.index(v), "end": text.index(v) + len(v), "entity": kind} for kind, v in values.items()]
    return {"text": text, "intent": intent, "entities": spans}


ROWS: List[Dict[str, Any]] = [
    *(row(f"从{a}坐火车到{b}", "train.QUERY", start=a, end=b) for a, b in product(CITIES, CITIES) if a != b),
    *(row(f"{city}天气怎么样", "weather.QUERY", city=city) for city in CITIES),
    *(row(f"今天{city}下雨吗", "weather.QUERY", city=city) for city in CITIES),
    *(row(f"放一首{singer}的歌", "music.PLAY", singer=singer) for singer in SINGERS),
    *(row(f"想听{singer}唱歌", "music.PLAY", singer=singer) for singer in SINGERS),
    *(row(text, "music.STOP") for text in ("别唱了", "停止唱歌", "不要放歌了", "歌停下")),
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Stored and loaded again, as a served model is."""
    folder = tmp_path_factory.mktemp("model")
    storage = rasa_storage.LocalModelStorage(folder)
    config = {**CrfEntityTagger.get_default_config(), "iterations": 30}
    CrfEntityTagger.create(config, storage, Resource("tagger"), None).train(TrainingData([Message(data=r) for r in ROWS]))
    return SimpleNamespace(component=CrfEntityTagger.load(config, storage, Resource("tagger"), None), folder=folder)


def parse(trained: SimpleNamespace, text: str) -> Dict[str, Any]:
    message = Message(data={"text": text})
    trained.component.process([message])
    return message.data


@pytest.mark.parametrize("text, spans", [
    ("从上海坐火车到济宁", {("start", "上海"), ("end", "济宁")}),  # one word list, two types: the place decides
    ("济宁天气怎么样", {("city", "济宁")}),
    ("从苏州坐火车到济宁", {("start", "苏州"), ("end", "济宁")}),  # a value never seen
    ("放一首赵云的歌", {("singer", "赵云")}),
    ("别唱了", set()),
])
def test_spans_are_found_by_what_stands_around_them(trained: SimpleNamespace, text: str, spans: set) -> None:
    found = parse(trained, text).get("entities", [])
    assert {(e["entity"], e["value"]) for e in found} == spans
    assert all(text[e["start"]:e["end"]] == e["value"] for e in found)


@pytest.mark.parametrize("text, intent", [
    ("从苏州坐火车到昆明", "train.QUERY"), ("昆明天气怎么样", "weather.QUERY"), ("想听赵云唱歌", "music.PLAY"), ("停下别唱歌了", "music.STOP")])
def test_the_intent_is_read_and_its_ranking_holds_every_intent_once(trained: SimpleNamespace, text: str, intent: str) -> None:
    data = parse(trained, text)
    assert data["intent"]["name"] == intent
    assert {entry["name"] for entry in data["intent_ranking"]} == {"train.QUERY", "weather.QUERY", "music.PLAY", "music.STOP"}
    assert sum(entry["confidence"] for entry in data["intent_ranking"]) == pytest.approx(1.0, abs=1e-5)


def test_a_message_of_nothing_but_marks_stays_without_intent(trained: SimpleNamespace) -> None:
    assert "intent" not in parse(trained, "。。。！")


def test_values_are_those_of_the_message_as_it_was_sent(trained: SimpleNamespace) -> None:
    assert parse(trained, "從上海坐火車到濟寧")["entities"][-1]["value"] == "濟寧"


def test_data_without_entities_is_refused_with_a_remedy(tmp_path: Path) -> None:
    storage = rasa_storage.LocalModelStorage(tmp_path)
    tagger = CrfEntityTagger.create(CrfEntityTagger.get_default_config(), storage, Resource("tagger"), None)
    with pytest.raises(ValueError, match="no entity is annotated.*Give data with entities"):
        tagger.train(TrainingData([Message(data={"text": "你好", "intent": "greet"})]))


def test_the_same_rows_in_another_order_give_the_same_model(trained: SimpleNamespace, tmp_path: Path) -> None:
    storage = rasa_storage.LocalModelStorage(tmp_path)
    config = {**CrfEntityTagger.get_default_config(), "iterations": 30}
    CrfEntityTagger.create(config, storage, Resource("tagger"), None).train(TrainingData([Message(data=r) for r in reversed(ROWS)]))
    files = {file.relative_to(trained.folder): file for file in trained.folder.rglob("*") if file.is_file()}
    assert len(files) == 6, "two linear models of two files each, two random fields"
    for name, file in files.items():
        assert (tmp_path / name).read_bytes() == file.read_bytes(), name


def test_a_part_that_intents_share_lends_its_examples() -> None:
    """radio.PLAY and radio.STOP have one example each; what playing and stopping sounds like is learnt from music."""
    texts = ["打开音乐", "打开歌曲", "打开歌单", "停止音乐", "停止歌曲", "停止歌单", "打开电台", "停止电台"]
    intents = ["music.PLAY"] * 3 + ["music.STOP"] * 3 + ["radio.PLAY", "radio.STOP"]
    model = nlu_intents.train(texts, intents, [()] * len(texts), Shape(min_count=1), 1.0, 3, 3.0)
    for text, intent in (("停止广播电台", "radio.STOP"), ("打开广播电台", "radio.PLAY")):
        assert model.ranking(text, 1)[0]["name"] == intent


def test_marks_are_read_as_units_beside_the_spans() -> None:
    assert nlu_intents.with_marks("《山》，好吗？", [(0, 3, "name")]) == {(0, 3, "name"), (3, 4, "，"), (6, 7, "？")}


@pytest.mark.parametrize("places, borders", [("OBIEO", [(1, 4)]), ("SBE", [(0, 1), (1, 3)]), ("BBE", [(1, 3)]), ("BIO", []), ("OEO", [])])
def test_a_span_needs_its_beginning_and_its_end(places: str, borders: list) -> None:
    assert nlu_spans._borders(places) == borders


def test_a_sentence_is_cut_into_the_fewest_words() -> None:
    assert nlu_span_attributes.word_places("去北京") == "SBE"
    assert nlu_span_attributes.word_places("天气怎么样") == "SSBIE", "怎么样, and not 怎么 and 样"
