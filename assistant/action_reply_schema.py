"""Spares Rasa two thirds of a turn: how it checks the reply of an action, at every reply of every action.

`jsonschema.validate` first checks the schema itself, which never changes (28 of 40 ms, measured on 3.6.21), and then tries each
event against the schemas of all 23 kinds of events. Here the schema is checked once, and an event against its own kind.
"""
from typing import Any, Dict

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


def check_once() -> None:
    """Check the schema now; from then on only replies, as strictly as before."""
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
