"""The two forms of a log line: what stands in them, and that neither breaks on what it is given."""
import io
import json
import logging

import pytest

from assistant import logs, tracing
from idcard import masked_logs
from tests.planted import mobile_number


@pytest.fixture
def log(request, monkeypatch):
    """A logger of the given form and what it has written."""
    monkeypatch.setenv("IDCARD_LOG_FORMAT", request.param)
    before, written, logger = logging.getLogRecordFactory(), io.StringIO(), logging.getLogger("tests.logs")
    masked_logs.install()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter())
    logger.addHandler(handler)
    yield logger, written
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


def fail(logger: logging.Logger) -> None:
    try:
        raise ValueError(f"cannot read {mobile_number()}")
    except ValueError:
        logger.exception("two\nlines of %s", "a turn")


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_a_line_of_json_is_one_line_whatever_it_says(log) -> None:
    logger, written = log
    with tracing.turn("web"):
        fail(logger)
        trace = tracing.trace_id()
    (line,) = written.getvalue().splitlines()
    found = json.loads(line)
    assert (found["trace_id"], found["level"], found["message"]) == (trace, "ERROR", "two\nlines of a turn")
    assert "Traceback" in found["error"] and mobile_number() not in line


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_outside_of_a_turn_there_is_no_trace(log) -> None:
    logger, written = log
    logger.warning("alone")
    assert "trace_id" not in json.loads(written.getvalue())


@pytest.mark.parametrize("log", ["plain"], indirect=True)
def test_a_plain_line_names_the_trace_too(log) -> None:
    logger, written = log
    with tracing.turn("web"):
        fail(logger)
        assert f"ERROR {tracing.trace_id()} two" in written.getvalue()
    assert "Traceback" in written.getvalue() and mobile_number() not in written.getvalue()
