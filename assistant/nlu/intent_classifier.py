"""Intent by a calibrated linear model over character and pinyin n-grams; docs/adr/0005 gives the comparison."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.nlu import features, linear, pinyin, questions, sketch
from assistant.nlu.fingerprint import source_fingerprint
from idcard import knowledge, reading, variants
from idcard import text as idcard_text

INTENT_RANKING = "intent_ranking"
_FILES = "intent"
MOST_TOPICS = 3
POLITE = ("问候", "感谢", "告别")  # around a question they are not what the message is about
TOPICS = "topics"  # business intents of the questions in the message, in the order asked


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CharIntentClassifier(IntentClassifier, GraphComponent):
    """Reads the message text itself: no tokenizer and no featurizer need to stand before it."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The shape of the features, the SVM's cost, folds and prior of the calibration."""
        return {
            "char_max": 2,
            "pair_weight": 0.5,
            "pinyin_max": 2,
            "pinyin_weight": 0.7,
            "skeleton_weight": 0.0,
            "min_count": 2,
            "cost": 1.0,
            "folds": 5,
            "prior": 3.0,
            "ranking_length": 5,
            "knowledge": True,  # sketch texts with knowledge/ (assistant.nlu.sketch); off for data of another domain
            "sure_question": 0.5,  # a clause counts as a question of its own from this probability on
        }

    @staticmethod
    def required_packages() -> List[Text]:
        """Their versions are part of Rasa's training cache key."""
        return ["sklearn", "numpy", "pypinyin"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """A change in the feature code, in the normalisation or in the knowledge retrains the model."""
        known = knowledge.fingerprint() if config.get("knowledge") else ""
        return source_fingerprint(features, linear, pinyin, questions, sketch, idcard_text, reading, variants) + known

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
                 model: Optional[linear.LinearModel] = None) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        known = knowledge.load() if config["knowledge"] else None
        self._sketch = sketch.Sketcher(known) if known else str
        self._business = frozenset(known.topics) if known else frozenset()

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> CharIntentClassifier:
        """An untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from every example that has a text and an intent; without any, nothing is learnt."""
        examples = [(self._sketch(idcard_text.normalise(m.get(TEXT))), m.get(INTENT))
                    for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        if examples:
            texts, labels = zip(*examples)
            shape = features.Shape(**{f.name: self._config[f.name] for f in dataclasses.fields(features.Shape)})
            self._model = linear.fit(texts, labels, shape, self._config["cost"], self._config["folds"],
                                     self._config["prior"])
            with self._model_storage.write_to(self._resource) as folder:
                self._model.save(folder, _FILES)
        return self._resource

    @classmethod
    def load(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> CharIntentClassifier:
        """The trained component; raises when the model is missing, so that a broken archive fails at boot."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, linear.LinearModel.read(folder, _FILES))

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets intent and intent_ranking; an empty or wholly unknown message has none, with confidence 0."""
        for message in messages:
            text = idcard_text.normalise(message.get(TEXT) or "")
            ranking = self._ranking(text)
            best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            message.set(INTENT, dict(best), add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
            if self._business:
                message.set(TOPICS, self._topics(text, best), add_to_output=True)
        return messages

    def _ranking(self, text: str) -> List[Dict[str, Any]]:
        if self._model is None:
            return []
        return self._model.ranking(self._sketch(text), self._config["ranking_length"])

    def _topics(self, text: str, whole: Dict[str, Any]) -> List[Text]:
        """The questions of the message: those of its clauses where two or more are sure and differ, else the whole."""
        asked = questions.clauses(text)
        if len(asked) > 1:
            readings = [self._ranking(clause)[:1] for clause in asked]
            sure = [reading[0]["name"] for reading in readings
                    if reading and reading[0]["name"] in self._business
                    and reading[0]["confidence"] >= self._config["sure_question"]]
            if len(set(sure)) > 1:
                return list(dict.fromkeys(sure))[:MOST_TOPICS]
        if whole["name"] in self._business:
            return [whole["name"]]
        if whole["name"] in POLITE and asked:  # 你好，请问光谷哪里办，谢谢
            best = max((self._ranking(clause)[0] for clause in asked if self._ranking(clause)),
                       key=lambda reading: reading["confidence"], default=whole)
            if best["name"] in self._business and best["confidence"] >= self._config["sure_question"]:
                return [best["name"]]
        return []
