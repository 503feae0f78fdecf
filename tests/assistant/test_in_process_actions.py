"""The action endpoint inside the server: what Rasa gets back when an action answers, rejects, fails or takes too long."""
import asyncio
import json
import logging
import re
import signal
import time

import pytest
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from assistant import start, tracing
from assistant.in_process_actions import InProcessActions, RemoteActions

ID_NUMBER = "11010519491231002X"


async def answer(dispatcher, tracker, domain):
    dispatcher.utter_message(text="工本费20元。", json_message={"kind": "answer"})
    return [{"event": "slot", "name": "city", "value": "济宁"}]


async def reject(dispatcher, tracker, domain):
    raise ActionExecutionRejection("action_reject", "not now")


async def fail(dispatcher, tracker, domain):
    raise ValueError(f"cannot read {ID_NUMBER}")


async def stall(dispatcher, tracker, domain):
    await asyncio.sleep(60)


async def sleep_without_letting_go(dispatcher, tracker, domain):
    time.sleep(60)


def loop_for_ever(dispatcher, tracker, domain):
    while True:
        try:
            tracker.get_slot("city")
        except Exception:
            pass


def match_for_ages(dispatcher, tracker, domain):
    re.match("(a|aa)+$", "a" * 60 + "b")


async def hold_up_after_a_wait(dispatcher, tracker, domain):
    await asyncio.sleep(0.01)
    time.sleep(60)


async def answer_what_no_json_holds(dispatcher, tracker, domain):
    dispatcher.utter_message(json_message={"cites": {"济宁2020/七"}})


ACTIONS = {
    "action_answer": answer,
    "action_reject": reject,
    "action_fail": fail,
    "action_stall": stall,
    "action_sleep": sleep_without_letting_go,
    "action_loop": loop_for_ever,
    "action_match": match_for_ages,
    "action_late": hold_up_after_a_wait,
    "action_set": answer_what_no_json_holds,
    "validate_consult_form": fail,
}


def action_call(name: str, events: tuple = ()) -> dict:
    tracker = {"sender_id": "a", "slots": {}, "latest_message": {}, "events": list(events), "paused": False,
               "followup_action": None, "active_loop": {}, "latest_action_name": "action_listen"}
    return {"next_action": name, "sender_id": "a", "tracker": tracker, "domain": {}}


def call(name: str, events: tuple = (), timeout: float = 5.0, blocking_timeout: float = 2.0) -> dict:
    executor = ActionExecutor()
    for action_name, run in ACTIONS.items():
        executor.register_function(action_name, run)
    endpoint = InProcessActions(executor, timeout, blocking_timeout)
    return asyncio.run(endpoint.request(json=action_call(name, events), method="post", timeout=300, compress=False))


def is_apology(reply: dict) -> bool:
    (message,) = reply["responses"]
    return message["custom"] == {"kind": "apology"} and bool(message["text"])


def test_an_action_answers_with_its_messages_and_events() -> None:
    reply = call("action_answer")
    assert reply["events"] == [{"event": "slot", "name": "city", "value": "济宁"}]
    assert reply["responses"][0]["text"] == "工本费20元。"
    assert reply["responses"][0]["custom"] == {"kind": "answer"}


def test_a_rejection_reaches_rasa_as_the_status_it_expects() -> None:
    with pytest.raises(ClientResponseError) as raised:
        call("action_reject")
    assert raised.value.status == 400
    assert json.loads(raised.value.text) == {"action_name": "action_reject", "error": "not now"}


def test_a_failing_action_apologises_and_logs_nothing_personal(caplog) -> None:
    with caplog.at_level(logging.ERROR):
        reply = call("action_fail")
    assert is_apology(reply) and reply["events"] == []
    assert "action_fail" in caplog.text and "ValueError" in caplog.text and "in fail" in caplog.text
    assert ID_NUMBER not in caplog.text


def test_an_action_that_takes_too_long_is_stopped(caplog) -> None:
    with caplog.at_level(logging.ERROR):
        reply = call("action_stall", timeout=0.05)
    assert is_apology(reply) and reply["events"] == []
    assert "action_stall" in caplog.text


@pytest.mark.parametrize("name", ["action_sleep", "action_loop", "action_match", "action_late"])
def test_an_action_that_holds_up_everybody_is_stopped(name: str, caplog) -> None:
    assert is_apology(call(name, timeout=60, blocking_timeout=0.2))
    assert name in caplog.text
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0), "the timer is off"


def test_an_action_that_is_stopped_while_it_waits_may_clean_up() -> None:
    cleaned = []

    async def wait_and_clean_up(dispatcher, tracker, domain):
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)

    executor = ActionExecutor()
    executor.register_function("action_wait", wait_and_clean_up)
    assert is_apology(asyncio.run(InProcessActions(executor, timeout=0.05).request(json=action_call("action_wait"))))
    assert cleaned


def test_an_action_knows_the_trace_of_its_turn() -> None:
    seen = []

    async def look(dispatcher, tracker, domain):
        seen.append(tracker.latest_message["metadata"])

    async def turn() -> str:
        executor = ActionExecutor()
        executor.register_function("action_look", look)
        given = action_call("action_look")
        given["tracker"]["latest_message"] = {"text": "你好", "metadata": {"page": "/"}}
        trace = tracing.begin()
        await InProcessActions(executor).request(json=given)
        assert given["tracker"]["latest_message"]["metadata"] == {"page": "/"}, "what is stored stays without"
        return trace

    trace = asyncio.run(turn())
    assert seen == [{"page": "/", "trace_id": trace}]


def test_an_action_nobody_wrote_apologises() -> None:
    assert is_apology(call("action_unknown"))


def test_what_could_not_travel_over_http_does_not_work_here_either() -> None:
    assert is_apology(call("action_set"))


def test_a_failing_validation_takes_back_the_values_it_was_to_check() -> None:
    events = (
        {"event": "slot", "name": "city", "value": "武汉"},
        {"event": "slot", "name": "requested_slot", "value": "hukou_province"},
        {"event": "action", "name": "consult_form"},
        {"event": "slot", "name": "hukou_province", "value": "火星"},
    )
    reply = call("validate_consult_form", events)
    assert is_apology(reply)
    assert reply["events"] == [{"event": "slot", "name": "hukou_province", "value": None}]


class ActionServer:
    """An action endpoint of the configuration file that fails the way an HTTP endpoint does."""

    url, kwargs = "http://127.0.0.1:5055/webhook", {}

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def request(self, json: dict) -> dict:
        raise self.error


@pytest.mark.parametrize("error", [ConnectionRefusedError("down"), ClientResponseError(500, "error", ID_NUMBER)])
def test_an_action_server_that_fails_is_apologised_for_as_well(error: Exception, caplog) -> None:
    reply = asyncio.run(RemoteActions(ActionServer(error)).request(json=action_call("action_answer")))
    assert is_apology(reply)
    assert "action_answer" in caplog.text and ID_NUMBER not in caplog.text


def test_a_rejection_by_an_action_server_reaches_rasa() -> None:
    rejection = ClientResponseError(400, "rejected", "{}")
    with pytest.raises(ClientResponseError) as raised:
        asyncio.run(RemoteActions(ActionServer(rejection)).request(json=action_call("action_answer")))
    assert raised.value is rejection


def test_rasa_still_refuses_a_reply_of_the_wrong_form() -> None:
    start.load_rasa()
    from jsonschema import ValidationError
    from rasa.core.actions.action import RemoteAction

    from assistant import leaner_rasa

    leaner_rasa.install()
    action = RemoteAction("action_answer", None)
    assert action._validate_action_result({"events": [{"event": "slot", "name": "city", "value": None}], "responses": []})
    for wrong in ({"events": [{"event": 3}]}, {"events": "slot"}, {"responses": ["text"]}):
        with pytest.raises(ValidationError):
            action._validate_action_result(wrong)
