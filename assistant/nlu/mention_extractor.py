"""Entities from the gazetteer, the word list and the station names: canonical values, negation and role included."""
from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from idcard.knowledge import fingerprint, load
from idcard.text import normalise


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class MentionExtractor(EntityExtractorMixin, GraphComponent):
    """idcard.reading as a Rasa component; learns nothing, reads knowledge/ once at start."""

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """A changed knowledge file makes a new model."""
        return fingerprint()

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> MentionExtractor:
        """Loads the knowledge; raises KnowledgeError when a file is broken."""
        return cls()

    def __init__(self) -> None:
        self._reader = load().reader

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the mentions of each message to its entities."""
        for message in messages:
            found = [mention.as_entity() for mention in self._reader.find_mentions(normalise(message.get(TEXT) or ""))]
            message.set(ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(found), add_to_output=True)
        return messages
