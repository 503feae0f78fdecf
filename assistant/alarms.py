"""What an operator must hear of, without a word of what a citizen wrote."""
import logging
import traceback

from sqlalchemy.exc import OperationalError

from assistant import metrics

logger = logging.getLogger(__name__)

MOST_PLACES = 4


def alarm(what: str, error: BaseException) -> None:
    """Log at the highest level that `what` has failed, and why. `what` is one of a few fixed sentences: it is counted by them."""
    metrics.ALARMS.labels(what).inc()
    logger.critical("ALARM: %s: %s", what, _reason(error) + kind_and_place(error))


def _reason(error: BaseException) -> str:
    """What the database says of a fault of its own (disk full, locked, not there): its first line quotes no data."""
    return f"{str(error.orig).splitlines()[0]}: " if isinstance(error, OperationalError) else ""


def kind_and_place(error: BaseException) -> str:
    """Kind and innermost places of an error without its message, which may quote what the citizen wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return " <- ".join([type(error).__name__, *places[:-MOST_PLACES - 1:-1]])
