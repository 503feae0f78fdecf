"""No log line shows a number of a citizen, whoever writes it."""
import io
import json
import logging

import pytest

from assistant import start
from idcard import masked_logs
from tests.planted import NAME

IDENTITY, MOBILE = "420106" + "19000101" + "0019", "138" + "0" * 8


@pytest.fixture
def log():
    """What a handler with a formatter of its own writes, at every level."""
    before = logging.getLogRecordFactory()
    masked_logs.install()
    written, logger = io.StringIO(), logging.getLogger("tests.masked_logs")
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger, written
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


def test_messages_and_their_arguments_are_masked(log) -> None:
    logger, written = log
    logger.warning("Message %s of %s", f"身份证{IDENTITY}", MOBILE)
    logger.debug(f"我叫张三，电话{MOBILE}")
    assert "WARNING Message 身份证***" in written.getvalue()
    assert not any(private in written.getvalue() for private in (IDENTITY, MOBILE, "张三"))


def test_errors_and_their_tracebacks_are_masked(log) -> None:
    logger, written = log
    try:
        raise ValueError(f"cannot read {IDENTITY}")
    except ValueError:
        logger.exception("turn failed")
    assert "Traceback" in written.getvalue() and "ValueError: cannot read ***" in written.getvalue()
    assert IDENTITY not in written.getvalue()


def test_what_stands_in_json_is_masked_as_well(log) -> None:
    """Rasa's structured log escapes Chinese: 卡 before a number would be \\u5361 and become a part of it."""
    logger, written = log
    logger.warning(json.dumps({"text": f"我叫{NAME}，银行卡{IDENTITY}，\U0001f600身份证{IDENTITY}", "at": "\x07"}))
    assert not any(private in written.getvalue() for private in (IDENTITY, NAME, json.dumps(NAME)[1:-1]))
    assert "\U0001f600" in written.getvalue() and "\x07" not in written.getvalue()


def test_arguments_that_do_not_fit_break_nothing(log) -> None:
    logger, written = log
    logger.warning("two %s %s", MOBILE)
    assert "two" in written.getvalue() and MOBILE not in written.getvalue()


def test_structured_logs_of_rasa_are_masked_whatever_their_level(capsys) -> None:
    import structlog

    before = logging.getLogRecordFactory()
    try:
        start.load_rasa(logging.DEBUG)
        structlog.get_logger("rasa.tests").warning("processor.message", text=f"电话{MOBILE}", sender_id="x")
    finally:
        logging.setLogRecordFactory(before)
        start.load_rasa(logging.WARNING)
    output = capsys.readouterr()
    assert MOBILE not in output.err + output.out


def test_installing_twice_masks_once() -> None:
    before = logging.getLogRecordFactory()
    try:
        masked_logs.install()
        once = logging.getLogRecordFactory()
        masked_logs.install()
        assert logging.getLogRecordFactory() is once
    finally:
        logging.setLogRecordFactory(before)
