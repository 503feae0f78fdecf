"""Dashboard, alarms and scraping against the metrics that the server really has."""
import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from assistant import metrics, settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
OF_PROMETHEUS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
ITS_LABELS = {"job", "instance", "le"}
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
NAME = r"\b(?:idcard|process)_\w+|\bup\b"


def own() -> dict:
    """Name of a time series -> its labels."""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (described,) = metric.describe()
            found.update({described.name + suffix: set(metric._labelnames) for suffix in SUFFIXES[described.type]})
    return found


def dashboard() -> dict:
    return json.loads((DEPLOY / "grafana" / "idcard.json").read_text(encoding="utf-8"))


def alerts() -> list:
    return [rule for group in yaml.safe_load((DEPLOY / "prometheus" / "idcard-alerts.yml").read_text())["groups"] for rule in group["rules"]]


def queries() -> list:
    asked = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    variables = [variable["query"]["query"] for variable in dashboard()["templating"]["list"] if isinstance(variable["query"], dict)]
    return [*asked, *variables, *(rule["expr"] for rule in alerts())]


@pytest.mark.parametrize("query", queries())
def test_a_query_names_what_exists(query: str) -> None:
    names = set(re.findall(NAME, query))
    assert names and names <= own().keys() | OF_PROMETHEUS
    labels = set(re.findall(r"(\w+)\s*(?:=~|!=|=(?!=))\s*\"", query))
    labels |= {label.strip() for listed in re.findall(r"by \(([^)]*)\)", query) for label in listed.split(",")}
    assert labels <= ITS_LABELS.union(*(own().get(name, set()) for name in names))
    assert query.count("(") == query.count(")") and query.count("{") == query.count("}")


def test_every_metric_is_shown() -> None:
    shown = set(re.findall(NAME, " ".join(queries())))
    assert [name for name in own() if not name.endswith(("_sum", "_count")) and name not in shown] == []


def test_there_is_an_alarm_for_what_a_citizen_would_notice() -> None:
    watched = {rule["alert"]: rule for rule in alerts()}
    assert {"IdcardNotReady", "IdcardStoreErrors", "IdcardSlow", "IdcardNotUnderstood"} <= watched.keys()
    assert all(rule["labels"]["severity"] in ("page", "ticket") and rule["annotations"]["summary"] for rule in watched.values())


def test_the_labels_are_words_of_the_vocabulary_only() -> None:
    assert {label for labels in own().values() for label in labels} <= {
        "channel", "result", "reading", "city", "kind", "topic", "outcome", "stage", "operation", "code", "what"}


def test_a_word_that_is_not_of_the_vocabulary_becomes_no_label() -> None:
    before = metrics.REPLIES.labels("other", "other", "other")._value.get()
    metrics.turn_ended("x-channel", "answered", "", {}, [{"kind": "x-kind", "topic": "x-topic", "city": "x-city", "outcome": "x-outcome"}])
    assert metrics.REPLIES.labels("other", "other", "other")._value.get() == before + 1
    from prometheus_client import generate_latest
    assert b"x-" not in generate_latest()


def test_the_address_of_the_example_is_the_one_that_is_scraped() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    example = next(setting for setting in settings.SETTINGS if setting.name == "IDCARD_OPERATIONS").meaning
    (job,) = scraped["scrape_configs"]
    assert job["job_name"] == "idcard" and job["static_configs"][0]["targets"][0] in example
    assert all((DEPLOY / "prometheus" / file).is_file() for file in scraped["rule_files"])


@pytest.mark.parametrize("given", ["9105", "127.0.0.1", "127.0.0.1:99999", "http://127.0.0.1:1", ":1", "a b:1"])
def test_an_address_that_is_none_stops_the_start(given: str, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_OPERATIONS", given)
    with pytest.raises(settings.SettingError, match="IDCARD_OPERATIONS"):
        settings.check()
