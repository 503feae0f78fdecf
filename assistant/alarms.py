"""What an operator must hear of, without a word of what a citizen wrote."""
import logging
import traceback

logger = logging.getLogger(__name__)

MOST_PLACES = 4


def alarm(what: str, error: BaseException) -> None:
    """Log at the highest level that `what` has failed, and why."""
    logger.critical("ALARM: %s: %s", what, kind_and_place(error))


def kind_and_place(error: BaseException) -> str:
    """Kind and innermost places of an error without its message, which may quote what the citizen wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return " <- ".join([type(error).__name__, *places[:-MOST_PLACES - 1:-1]])
