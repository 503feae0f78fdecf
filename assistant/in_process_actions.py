"""Runs the custom actions inside the Rasa process: no second server, no HTTP call, no silent failure.

Rasa talks to its actions through an `EndpointConfig`; these hand the same request to rasa_sdk's executor, or to an action
server. Whatever an action does wrong, the citizen gets an answer: Rasa by itself would log the error and say nothing.
"""
import asyncio
import json as jsonlib
import logging
from typing import Any, Optional

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from assistant import tracing
from assistant.alarms import kind_and_place
from assistant.stoppable import Stoppable

logger = logging.getLogger(__name__)

ACTIONS_PACKAGE = "actions"
# Longer than any action needs, shorter than the patience of a citizen or of a channel; rasa_sdk itself sets no limit.
ACTION_TIMEOUT_SECONDS = 5.0
# While an action holds the event loop everybody waits, not only its citizen.
BLOCKING_TIMEOUT_SECONDS = 2.0

APOLOGY = (
    "这个问题我刚才没能答上来，是系统出了点问题，不是您问得不对。请再发一次，或换个说法；"
    "如果还是不行，请回复“转人工”，或直接打受理点的电话咨询。"
)


class AnsweringActions(EndpointConfig):
    """An action endpoint that has an answer even where the action has none. `run` calls the action."""

    timeout = ACTION_TIMEOUT_SECONDS

    async def request(self, method: str = "post", json: Optional[dict] = None, **_: Any) -> dict:
        """The reply to one action call, in the form of the action server.

        Raises ClientResponseError 400 where an action rejects its execution: Rasa then chooses another action.
        """
        name = json["next_action"]
        try:
            with tracing.stage("actions"):
                return await asyncio.wait_for(self.run(_traced(json)), self.timeout)
        except ActionExecutionRejection as rejection:
            body = jsonlib.dumps({"action_name": rejection.action_name, "error": rejection.message})
            raise ClientResponseError(400, "rejected", body) from None
        except asyncio.TimeoutError:
            logger.error("Action %s took too long and was stopped.", name)
        except Exception as error:
            if getattr(error, "status", None) == 400:
                raise
            logger.error("Action %s failed: %s", name, kind_and_place(error))
        return {
            "events": _withdraw_unvalidated(json) if name.startswith("validate_") else [],
            "responses": [{"text": APOLOGY, "custom": {"kind": "apology"}}],
        }

    async def run(self, action_call: dict) -> dict:
        raise NotImplementedError


class InProcessActions(AnsweringActions):
    """Actions that run in this process."""

    def __init__(self, executor: ActionExecutor, timeout: float = ACTION_TIMEOUT_SECONDS,
                 blocking_timeout: float = BLOCKING_TIMEOUT_SECONDS) -> None:
        super().__init__(url="in-process")
        self.executor = executor
        self.timeout, self.blocking_timeout = timeout, blocking_timeout

    @classmethod
    def of_package(cls, package: str = ACTIONS_PACKAGE) -> "InProcessActions":
        """Actions of a package. As with `rasa run actions`, an import that fails is logged and ends the process."""
        executor = ActionExecutor()
        executor.register_package(package)
        return cls(executor)

    async def run(self, action_call: dict) -> dict:
        # What could not travel over HTTP must not work here either, and events must not share objects with an action.
        return jsonlib.loads(jsonlib.dumps(await Stoppable(self.executor.run(action_call), self.blocking_timeout)))


class RemoteActions(AnsweringActions):
    """Actions of an action server (`rasa run actions`)."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        super().__init__(url=endpoint.url)
        self.endpoint = endpoint
        self.kwargs = endpoint.kwargs  # Rasa reads enable_selective_domain here

    async def run(self, action_call: dict) -> dict:
        return await self.endpoint.request(json=action_call)


def _traced(action_call: dict) -> dict:
    """The call with the trace id of its turn where an action finds it; the tracker itself, which is stored, stays without."""
    tracker = action_call["tracker"]
    latest = tracker.get("latest_message") or {}
    metadata = {**(latest.get("metadata") or {}), "trace_id": tracing.trace_id()}
    return {**action_call, "tracker": {**tracker, "latest_message": {**latest, "metadata": metadata}}}


def _withdraw_unvalidated(action_call: dict) -> list:
    """Events that empty the slots a failed validation was to check: Rasa has set them already and would keep them."""
    slots = Tracker.from_dict(action_call["tracker"]).slots_to_validate()
    return [{"event": "slot", "name": name, "value": None} for name in slots if name != "requested_slot"]
