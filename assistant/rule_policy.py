"""Rasa's RulePolicy for many rules that differ by intent: looks first at what tells them apart, and does nothing twice."""
from functools import lru_cache
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT, TEXT


class Turn(NamedTuple):
    """What tells one rule from another at its latest state; None where it says nothing."""

    action: Optional[str]
    intent: Optional[str]
    text: Optional[str]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class IntentRulePolicy(RulePolicy):
    """The same predictions as RulePolicy, which at every prediction compares each rule in full with the conversation, and after
    every message does so a second time for rules on texts, even where there are none."""

    def _find_action_from_rules(self, tracker: DialogueStateTracker, domain: Domain,
                                use_text_for_last_user_input: bool) -> Tuple[Optional[str], Optional[str], bool]:
        if use_text_for_last_user_input and not any(_latest(key).text for key in self.lookup[RULES]):
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _get_possible_keys(self, lookup: Dict[str, str], states: List[State]) -> Set[str]:
        now = _turn(states[-1])
        return super()._get_possible_keys({key: action for key, action in lookup.items() if _may_fit(_latest(key), now)}, states)


@lru_cache(maxsize=None)
def _latest(rule_key: str) -> Turn:
    return _turn(RulePolicy._rule_key_to_state(rule_key)[-1])


def _turn(state: Dict[str, Any]) -> Turn:
    said = state.get(USER, {})
    return Turn(state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME), said.get(INTENT), said.get(TEXT))


def _may_fit(rule: Turn, now: Turn) -> bool:
    return all(wanted is None or wanted == found for wanted, found in zip(rule, now))
