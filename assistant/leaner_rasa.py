"""Spares Rasa what it works out over and over in every turn; what comes out stays the same (reference: Rasa 3.6.21).

docs/adr/0016 says what each of these gave. `install()` after Rasa has been imported.
"""
import copy
import logging
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Callable, Dict, List

from jsonschema.validators import validator_for
from rasa.core import processor
from rasa.core.actions import forms
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies import rule_policy
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker


@lru_cache(maxsize=None)
def install() -> None:
    """Change Rasa in this process, once."""
    _check_the_reply_schema_once()
    Slot.__copy__ = _copied_slot
    ActionExtractSlots.run = _extracting(ActionExtractSlots.run)
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    Domain.empty = staticmethod(lru_cache(maxsize=None)(Domain.empty))  # built for every message, to compare ours with it
    for module in (processor, forms, rule_policy):  # they copy for their debug log only, whether it is on or off
        module.copy = SimpleNamespace(deepcopy=_copied_for_the_log)


def _check_the_reply_schema_once() -> None:
    """`jsonschema.validate` checks the schema itself before each reply, then tries each event against all 23 kinds of events.

    Here an event is checked against its own kind, as strictly.
    """
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    event = schema["properties"]["events"]["items"]
    of_any_kind = validator_class(event)
    of_kind = {kind["properties"]["event"]["const"]: validator_class({**event, "oneOf": [kind]}) for kind in event["oneOf"]}
    whole = validator_class(_with_any_events(schema))

    def validate(_action: RemoteAction, reply: dict) -> bool:
        whole.validate(reply)
        for one in reply.get("events", ()):
            kind = one.get("event") if isinstance(one, dict) else None
            (of_kind.get(kind, of_any_kind) if isinstance(kind, str) else of_any_kind).validate(one)
        return True

    RemoteAction._validate_action_result = validate


def _with_any_events(schema: Dict[str, Any]) -> Dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], "events": {"type": "array"}}}


def _copied_slot(slot: Slot) -> Slot:
    """What copy.copy() makes of a slot, without its detour over pickle; every tracker, also a passing one, copies all slots."""
    copied = object.__new__(type(slot))
    copied.__dict__.update(slot.__dict__)
    return copied


def _extracting(run: Callable) -> Callable:
    """Slots are extracted from the message only where the domain has one that is not left to the actions alone."""
    async def run_if_needed(action: ActionExtractSlots, channel: OutputChannel, nlg: NaturalLanguageGenerator,
                            tracker: DialogueStateTracker, domain: Domain) -> List[Event]:
        left_to_actions = all(mapping == {"type": "custom"} for slot in domain.slots for mapping in slot.mappings)
        if left_to_actions and ACTION_VALIDATE_SLOT_MAPPINGS not in domain.user_actions:
            return []
        return await run(action, channel, nlg, tracker, domain)
    return run_if_needed


def _copied_for_the_log(value: Any) -> Any:
    return copy.deepcopy(value) if logging.getLogger("rasa").isEnabledFor(logging.DEBUG) else value
