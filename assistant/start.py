"""Everything that must hold before the first message is answered; both the server and the terminal chat start here.

Rasa starts in spite of a missing model, store or channel class and then answers nothing; here each of them stops the start
with a sentence that says what to do.
"""
import contextlib
import logging
import os
import signal
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Iterator, Optional

from assistant import keys, logs, model_hash, settings, tensorflow_free

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

PROBE = "补领身份证多少钱"
PROBED_SENDER = "readiness"  # nobody's: channels name their senders otherwise
# Types that Rasa resolves itself; every other type must be the path of a class.
RASA_TYPES = {
    "tracker_store": ("redis", "mongod", "sql", "dynamo"),
    "lock_store": ("in_memory", "redis"),
    "event_broker": ("pika", "sql", "file", "kafka"),
    "nlg": ("callback", "response"),
}


class StartRefused(Exception):
    """The assistant must not start; the message is for the person who starts it."""


def is_explained(error: Optional[BaseException]) -> bool:
    """Whether the message of an error says all that is needed, so that no traceback should stand around it."""
    from idcard.knowledge import KnowledgeError
    from rasa.shared.exceptions import RasaException

    return isinstance(error, (StartRefused, settings.SettingError, KnowledgeError, RasaException))


def prepare() -> None:
    """Read and check what needs no Rasa: settings and knowledge."""
    settings.read_env_file()
    settings.check()
    keys.check()
    from idcard.knowledge import load

    load()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C end the process at once: while Rasa is loaded, some library swallows the KeyboardInterrupt."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def load_rasa(log_level: Optional[int] = None, logging_config_file: Optional[str] = None) -> None:
    """Import Rasa and set up its logs, on stderr, masked; without this its structured log prints every message of every citizen.

    The environment is for libraries that read it when they are imported or used; what the caller has set there wins.
    """
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one short message is too little work to share among threads
    tensorflow_free.load_rasa()
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logs.formatter())
    logging.basicConfig(handlers=[handler])
    logging.captureWarnings(settings.log_format() == "json")  # for programs every line is JSON
    # Rasa would leave out a line that is the same as the one before; two turns may well be.
    configure_logging_and_warnings(log_level, logging_config_file, filter_repeated_logs=False)
    configure_structlog(log_level)
    for own in ("assistant", "actions"):
        logging.getLogger(own).setLevel(os.environ["LOG_LEVEL"])  # as Rasa has just set it from its options
    from idcard import masked_logs

    masked_logs.install()
    from assistant import leaner_rasa

    leaner_rasa.install()


def model_file(path: str) -> Path:
    """The model archive at `path`, or the newest one where `path` is a folder; checked before anything of it is loaded."""
    found = Path(path)
    if found.is_dir():
        found = max(found.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime, default=found)
    if not found.is_file():
        raise StartRefused(f"There is no model at {path}. Train one first: make train (or: rasa train).")
    refused = model_hash.why_refused(found, is_needed=settings.in_service())
    if refused:
        raise StartRefused(refused)
    try:
        needing = tensorflow_free.components_needing_tensorflow(found)
    except (tarfile.TarError, ValueError, KeyError, OSError) as error:
        raise StartRefused(f"{found} is not a Rasa model ({error}). Train it again: make train.") from None
    if needing:
        raise StartRefused(
            f"The model {found} uses {', '.join(needing)}, which needs TensorFlow; this server runs without it. "
            "Serve the model with `rasa run`, or take the component out of config.yml and train again."
        )
    return found


def read_endpoints(path: Optional[str], remote_actions: bool) -> "AvailableEndpoints":
    """The endpoints file, with the actions in this process unless `remote_actions`."""
    from rasa.core.utils import AvailableEndpoints

    from assistant.in_process_actions import InProcessActions, RemoteActions

    endpoints = AvailableEndpoints.read_endpoints(path) if path else AvailableEndpoints()
    if endpoints.model:
        raise StartRefused(f"{path} names a model server; this server serves a local file only. Remove `models:`.")
    for section in RASA_TYPES:
        _check_type(section, getattr(endpoints, section), path)
    if remote_actions and endpoints.action is None:
        raise StartRefused(f"Remote actions are asked for, but {path or 'no endpoints file'} has no action_endpoint.")
    endpoints.action = RemoteActions(endpoints.action) if remote_actions else InProcessActions.of_package()
    return endpoints


def _check_type(section: str, endpoint: "Optional[EndpointConfig]", path: Optional[str]) -> None:
    kind = endpoint.type if endpoint else None
    if kind and kind.lower() not in RASA_TYPES[section]:
        _check_class(kind, f"{section} in {path}")


def check_channels(path: Optional[str]) -> None:
    """Each channel of the credentials file is one of Rasa's or a class that can be imported."""
    from rasa.core.channels import BUILTIN_CHANNELS
    from rasa.shared.utils.io import read_config_file

    for name in read_config_file(path) if path else ():
        if name not in BUILTIN_CHANNELS:
            _check_class(name, f"channel in {path}")


def _check_class(dotted_path: str, where: str) -> None:
    from rasa.shared.exceptions import RasaException
    from rasa.shared.utils.common import class_from_module_path

    try:
        class_from_module_path(dotted_path)
    except (ImportError, ValueError, RasaException) as error:
        raise StartRefused(f"{dotted_path} ({where}) cannot be loaded: {error}") from error


async def load_agent(model: Path, endpoints: "AvailableEndpoints") -> "Agent":
    """The agent, after one sentence has been understood with it."""
    from assistant.agent import CarefulAgent

    try:
        agent = await CarefulAgent.of(model, endpoints)
    except Exception as error:
        if is_explained(error):
            raise
        raise StartRefused(
            f"The model {model} could not be loaded ({type(error).__name__}: {error}). Train it again: make train."
        ) from error
    _check_stores(agent, endpoints)
    try:
        understood = await agent.parse_message(PROBE)
    except Exception as error:
        raise StartRefused(
            f"The model {model} was loaded but cannot understand a sentence ({type(error).__name__}: {error}). "
            "Train it again: make train."
        ) from error
    if not understood["intent"].get("name"):
        raise StartRefused(f"The model {model} finds no intent for “{PROBE}”. Look at data/nlu.yml and train it again.")
    return agent


async def is_ready(agent: "Agent") -> bool:
    """Whether a sentence is understood and the store answers; raises whatever they raise."""
    understood = await agent.parse_message(PROBE)
    await agent.tracker_store.retrieve(PROBED_SENDER)
    return bool(understood["intent"].get("name"))


def _check_stores(agent: "Agent", endpoints: "AvailableEndpoints") -> None:
    """Rasa takes an in-memory store, or no broker, where the configured class fails in its constructor."""
    from rasa.core.tracker_store import InMemoryTrackerStore

    store = agent.tracker_store
    wanted = endpoints.tracker_store.type if endpoints.tracker_store else None
    if wanted and type(store) is InMemoryTrackerStore:
        raise StartRefused(f"The tracker store {wanted} could not be set up; conversations would only be in memory.")
    if endpoints.event_broker and store.event_broker is None:
        raise StartRefused(f"The event broker {endpoints.event_broker.type} could not be set up; events would be lost.")
