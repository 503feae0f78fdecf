"""Intent by a calibrated linear model over character and pinyin n-grams; docs/adr/0005 gives the comparison."""

from __future__ import annotations

import dataclasses
from typing import Any, Collection, Dict, List, Optional, Text

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
            set_ranking(message, self._model, text, self._config["ranking_length"])
        return messages


def set_ranking(message: Message, model: Optional[linear.LinearModel], text: str, length: int,
                spans: Collection[features.Span] = ()) -> None:
    """Writes intent and intent_ranking in Rasa's format."""
    probabilities = model.probabilities(text, spans) if model else None
    ranking: List[Dict[str, Any]] = []
    if model and probabilities is not None:
        best = (-probabilities).argsort(kind="stable")[:length]
        ranking = [{"name": model.classes[i], "confidence": float(probabilities[i])} for i in best]
    message.set(INTENT, dict(ranking[0]) if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
    message.set(INTENT_RANKING, ranking, add_to_output=True)
