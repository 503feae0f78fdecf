"""Whose case, and in which city: what was said of one is not used for another before the citizen agrees."""
from __future__ import annotations

from dataclasses import replace
from typing import Mapping

from actions.state import State
from idcard import phrasing, refusal, replies
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.policy import Ask
from idcard.replies import Reply
from idcard.statements import Statement

CITY, DISTRICT = "所在城市", "所在区县"
PLACE = (CITY, DISTRICT)
REUSE = "沿用前面说的"


def person_of(state: State, text: str, statement: Statement, decides: bool) -> str:
    """About whom the message is; `decides`: it asks for a decision.

    While a question is open, a relative who is merely mentioned (妈妈的房产证) changes nothing.
    """
    if statement.myself and state.person:
        return ""
    named = statement.someone_else
    if not named or named == state.person:
        return state.person
    if state.asked:
        return named if decides or phrasing.on_behalf(text) else state.person
    return named if decides or statement.facts.keys() - set(PLACE) or phrasing.on_behalf(text) else state.person


def switched(state: State, person: str, city: str) -> State:
    """The state for that person in that city: with what was said of it before, else with nothing but the place."""
    here = str(state.facts.get(CITY) or "")
    city = city or here
    place = {name: value for name, value in state.facts.items() if name in PLACE and city == here}
    told = {name: value for name, value in state.facts.items() if name not in PLACE}
    if not here and person == state.person or (person, city) == (state.person, here):
        return state
    cases = {**state.cases, _key(state.person, here): told} if told else dict(state.cases)
    offered = _key(state.person, here) if told else state.offered
    known = cases.pop(_key(person, city), None)
    facts: dict[str, Value] = {**(known or {}), **place}
    return replace(state, facts=facts, person=person, cases=cases, offered="" if known else offered, trail=(), step=0,
                   outcome="", left_open=())


def _key(person: str, city: str) -> str:
    return f"{person}@{city}"


def may_reuse(knowledge: Knowledge, state: State, fact: str) -> bool:
    """Whether `fact` was told of the case that is offered for reuse."""
    return knowledge.model.complete(state.cases.get(state.offered, {})).get(fact) is not None


def reuse_question(knowledge: Knowledge, state: State, ask: Ask) -> Reply:
    """Lists what was told of the other case and asks whether it holds here too."""
    person, _, city = state.offered.partition("@")
    both = settled(knowledge, state, True).facts  # what was contradicted since is not offered
    told = replies.facts_words(knowledge, refusal.settled({name: value for name, value in both.items() if name not in state.facts}))
    lead = f"前面说的是{whose(person)}{f'在{city}' if city else ''}的情况：{told}。"
    return replies.question(knowledge, replace(ask, fact=REUSE, open=1, ahead=0), lead=lead)


def settled(knowledge: Knowledge, state: State, agreed: bool) -> State:
    """The state after the answer: with the facts of the other case, where nothing said since contradicts them."""
    facts: Mapping[str, Value] = state.facts
    if agreed:
        facts = knowledge.model.told(state.cases.get(state.offered, {}), state.facts)
    return replace(state, facts={name: value for name, value in facts.items() if name != REUSE}, offered="")


def whose(person: str) -> str:
    return f"您{person}" if person else "您自己"
