"""What the server counts and measures, for Prometheus. Labels are words of the vocabulary: never a sender, never what was written.

`deploy/prometheus/` has the alarms on it, `deploy/grafana/` the pictures; docs/tasks/watch-the-assistant.md says how to read them.
"""
import functools
from typing import Callable, FrozenSet, Mapping, Sequence

from prometheus_client import Counter, Gauge, Histogram

from idcard.knowledge import load

PUBLIC_CHANNELS = ("web", "wechat")
CHANNELS = (*PUBLIC_CHANNELS, "terminal", "collector")  # the last is Rasa's `rest`
RESULTS = ("answered", "apology", "unsaved", "too_fast", "stopped")
READ_AS = ("understood", "fallback", "out_of_scope")
STORE_CALLS = ("retrieve", "save", "delete")
UNSAID = "文件未规定"  # an outcome that needs no table
OTHER = "other"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)  # seconds

TURNS = Counter("idcard_turns_total", "Messages of citizens by what came of them: answered, apology (an action failed), "
                "unsaved (apologised for, not stored), too_fast (refused), stopped (nobody waited any longer).", ["channel", "result"])
READINGS = Counter("idcard_readings_total", "Messages by how they were read: understood, fallback (the model is not sure of any "
                   "intent), out_of_scope.", ["channel", "reading"])
REPLIES = Counter("idcard_replies_total", "Bot messages by their twin.", ["city", "kind", "topic"])
OUTCOMES = Counter("idcard_outcomes_total", "Outcomes given, of decisions and answers.", ["city", "topic", "outcome"])
STAGE_SECONDS = Histogram("idcard_stage_seconds", "Seconds of a turn by stage: waiting (for its turn), understanding, actions, store, "
                          "whole (from its arrival to its reply).", ["stage"], buckets=BUCKETS)
STORE_ERRORS = Counter("idcard_store_errors_total", "Failed calls of the tracker store.", ["operation"])
REFUSED = Counter("idcard_refused_requests_total", "Requests that a channel refused, by its code.", ["channel", "code"])
ALARMS = Counter("idcard_alarms_total", "Lines with ALARM in the log, by what failed.", ["what"])
IN_PROGRESS = Gauge("idcard_turns_in_progress", "Turns that are being taken or wait for the conversation's turn before.")
QUEUE = Gauge("idcard_queue_length", "Messages that a channel has accepted and not answered yet.", ["channel"])
READY = Gauge("idcard_ready", "1 while the server understands a sentence and reaches its store.")

# What is first seen as 1 has not grown, for Prometheus: an alarm would miss the first fault.
for _channel in PUBLIC_CHANNELS:
    for _result in RESULTS:
        TURNS.labels(_channel, _result)
    for _reading in READ_AS:
        READINGS.labels(_channel, _reading)
for _call in STORE_CALLS:
    STORE_ERRORS.labels(_call)
REFUSED.labels("web", "failed")


def turn_ended(channel: str, result: str, intent: str, seconds: Mapping[str, float], twins: Sequence[Mapping]) -> None:
    """Count one turn: its stages in seconds, its bot messages by their twins (design §4)."""
    TURNS.labels(known_channel(channel), result).inc()
    READINGS.labels(known_channel(channel), reading(intent, twins)).inc()
    for stage, taken in seconds.items():
        STAGE_SECONDS.labels(stage).observe(taken)
    for twin in twins:
        city, topic = _known(twin.get("city"), _cities()), _known(twin.get("topic"), _topics())
        REPLIES.labels(city, _known(twin.get("kind"), _KINDS), topic).inc()
        if twin.get("outcome"):
            OUTCOMES.labels(city, topic, _known(twin["outcome"], _outcomes())).inc()


def reading(intent: str, twins: Sequence[Mapping]) -> str:
    """How a message was read, from its intent and the twins of its reply."""
    if any(twin.get("topic") == "超出范围" for twin in twins):
        return "out_of_scope"
    return "fallback" if intent == "nlu_fallback" else "understood"


def known_channel(name: str) -> str:
    return name if name in CHANNELS else OTHER


def watch_queue(channel: str, length: Callable[[], int]) -> None:
    """Ask `length` whenever the metrics are read."""
    QUEUE.labels(channel).set_function(length)


_KINDS = frozenset(("answer", "question", "decision", "stations", "checklist", "clarify", "handoff", "smalltalk", "apology"))


def _known(value: object, values: FrozenSet[str]) -> str:
    """Empty where there is none; a word that is not among `values` would be a label without bounds."""
    return (value if value in values else OTHER) if isinstance(value, str) else ""


@functools.lru_cache(maxsize=None)
def _cities() -> FrozenSet[str]:
    return frozenset(load().cities)


@functools.lru_cache(maxsize=None)
def _topics() -> FrozenSet[str]:
    return frozenset((*load().topics, *load().phrases, "超出范围", "转人工"))


@functools.lru_cache(maxsize=None)
def _outcomes() -> FrozenSet[str]:
    return frozenset((UNSAID, *(outcome for table in load().tables.values() for outcome in table.outcomes)))
