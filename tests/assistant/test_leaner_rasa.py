"""What is done once instead of over and over comes to the same as in Rasa itself."""
import copy
import json
from typing import Iterator, List

import pytest
import yaml

from assistant.dialogue import Dialogue
from tests.conftest import ROOT

pytestmark = pytest.mark.model
TALK: List[str] = [text for dialogue in yaml.safe_load((ROOT / "bench" / "dialogues.yml").read_text(encoding="utf-8"))[:3] for text in dialogue]


@pytest.fixture(scope="module")
def moments(dialogue: Dialogue, run_async) -> list:
    """A tracker of the store's kind at every event of a conversation that opens, changes and leaves the form."""
    from assistant.tracker import Tracker

    for text in TALK:
        run_async(dialogue.send(text, "leaner"))
    events = list(run_async(dialogue.tracker("leaner")).events)
    domain = dialogue.agent.domain
    return [Tracker.from_events("leaner", events[:end], domain.slots, domain=domain) for end in range(1, len(events), 3)]


def state(tracker) -> str:
    from rasa.shared.core.trackers import EventVerbosity

    return json.dumps(tracker.current_state(EventVerbosity.ALL), default=str, sort_keys=True)


def policies(dialogue: Dialogue) -> Iterator:
    from rasa.core.policies.rule_policy import RulePolicy

    return (node._component for node in dialogue.agent.processor.graph_runner._instantiated_nodes.values()
            if isinstance(node._component, RulePolicy))


def test_the_policy_predicts_what_rasas_own_predicts(dialogue: Dialogue, moments: list) -> None:
    from assistant.rule_policy import IntentRulePolicy
    from rasa.core.policies.rule_policy import RulePolicy

    theirs, ours = (copy.copy(next(policies(dialogue))) for _ in range(2))
    theirs.__class__, ours.__class__ = RulePolicy, IntentRulePolicy
    domain, predicted = dialogue.agent.domain, set()
    for moment in moments:
        wanted, found = (policy.predict_action_probabilities(moment, domain) for policy in (theirs, ours))
        assert (found.probabilities, found.events, found.is_no_user_prediction) == (wanted.probabilities, wanted.events, wanted.is_no_user_prediction)
        predicted.add(domain.action_names_or_texts[wanted.max_confidence_index])
    assert {"consult_form", "action_listen"} <= predicted


def test_a_copied_tracker_is_the_one_that_a_replay_makes(moments: list) -> None:
    from rasa.shared.core.trackers import DialogueStateTracker

    for moment in moments:
        assert state(moment.copy()) == state(DialogueStateTracker.copy(moment))
        assert moment.applied_events() == DialogueStateTracker.applied_events(moment)


def test_what_happens_to_a_copy_leaves_the_tracker_as_it_was(dialogue: Dialogue, moments: list) -> None:
    from rasa.shared.core.events import ActionExecutionRejected, LoopInterrupted, SlotSet

    changed = 0
    for moment in moments:
        before, applied = state(moment), len(moment.applied_events())
        copied = moment.copy()
        copied.update_with_events([SlotSet("city", "济宁"), LoopInterrupted(True), ActionExecutionRejected("consult_form")], dialogue.agent.domain)
        assert state(moment) == before and len(moment.applied_events()) == applied
        changed += copied.slots["city"].value != moment.slots["city"].value
    assert changed


def test_the_planned_graph_gives_what_dask_gives(dialogue: Dialogue) -> None:
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.runner.dask import DaskGraphRunner

    processor = dialogue.agent.processor
    planned = processor.graph_runner
    for text in TALK:
        inputs = {"__message__": [UserMessage(text)], "__tracker__": None}
        found, wanted = (run(planned, inputs, [processor.model_metadata.nlu_target])[processor.model_metadata.nlu_target][0]
                         for run in (type(planned).run, _with_context(DaskGraphRunner.run)))
        assert found.as_dict() == wanted.as_dict()


def _with_context(run):
    """Rasa's runner names its context in a log line."""
    def run_with_context(runner, inputs, targets):
        runner._execution_context = None
        return run(runner, inputs, targets)
    return run_with_context
