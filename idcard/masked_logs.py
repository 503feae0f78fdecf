"""Nothing private in any log: every log record of the process is masked when it is made, whoever logs it and wherever it goes.

At its default level the log holds no text of citizens anyway. This is for the day on which somebody raises the level, or a library
quotes a message in an error.
"""
import logging
import re
from typing import Any, Callable

from idcard.privacy import mask, mask_json

_TRACEBACKS = logging.Formatter()
_ESCAPED = re.compile(r"\\u(?!00[0-7])([0-9a-f]{4})")  # how JSON may write Chinese; a mask reads neither it nor a number right behind it


def install() -> None:
    """Mask from now on; installing it again changes nothing."""
    make = logging.getLogRecordFactory()
    if not isinstance(make, _Masking):
        logging.setLogRecordFactory(_Masking(make))


class _Masking:
    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self.make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self.make(*args, **kwargs)
        record.msg, record.args = _masked_message(record), None
        if record.exc_info and record.exc_info[0]:
            record.exc_text = mask(_TRACEBACKS.formatException(record.exc_info))  # formatters take it instead of their own
        return record


def _unescaped(text: str) -> str:
    if "\\u" not in text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _masked_message(record: logging.LogRecord) -> Any:
    if isinstance(record.msg, dict):  # structlog, before it is rendered
        return mask_json(record.msg)
    try:
        return mask(_unescaped(record.getMessage()))
    except (TypeError, ValueError):  # arguments that do not fit
        return mask(f"{record.msg} {record.args}")
