"""What every test may use: the trained model, one loaded assistant for the whole run, one event loop."""
import asyncio
import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Coroutine, Iterator

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODEL = "models/idcard.tar.gz"
_DATABASES = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--model", metavar="FILE", help=f"test this model as it is, instead of an up-to-date {MODEL}")
    parser.addoption("--all-over-wechat", action="store_true", help="play every conversation over WeChat, not three of each kind")
    parser.addoption("--cluster-rounds", type=int, default=1, help="how often tests/deploy/test_cluster.py goes through all its faults")
    parser.addoption("--kills", type=int, default=10, help="how often tests/faults kills the server (make faults: 200)")


@pytest.fixture(scope="session", autouse=True)
def own_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Conversations of a test run, also those of servers it starts, go to a database of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDCARD_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('database')}/idcard.db")
        patch.delenv("IDCARD_REDIS_URL", raising=False)
        yield


@pytest.fixture(scope="session")
def model_path(pytestconfig: pytest.Config) -> Path:
    """The trained model; `make` knows whether it is stale and trains it then (a minute or two)."""
    given = pytestconfig.getoption("--model")
    if given:
        return Path(given).resolve()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    made = subprocess.run(["make", "--no-print-directory", MODEL], cwd=ROOT, env=clean, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        pytest.fail(f"The model could not be trained:\n{made.stdout}", pytrace=False)
    return ROOT / MODEL


@pytest.fixture(scope="session")
def run_async() -> Iterator[Callable[[Coroutine], Any]]:
    """Runs a coroutine to its end; all of them on one loop, because what Rasa has loaded belongs to its loop."""
    loop = asyncio.new_event_loop()
    yield loop.run_until_complete
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator["Postgres"]:  # noqa: F821
    """A PostgreSQL server of this run's own, started; whoever stops it starts it again."""
    from tests.services import Postgres, temporary_folder

    folder = temporary_folder()
    server = Postgres(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Redis"]:  # noqa: F821
    """A Redis server of this run's own, started; whoever stops it starts it again."""
    from tests.services import Redis

    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def dialogue(model_path: Path, run_async: Callable[[Coroutine], Any]) -> "Dialogue":  # noqa: F821
    """The assistant with its real actions, conversations in memory. Loaded once: it takes some seconds."""
    from assistant.dialogue import Dialogue

    return run_async(Dialogue.load(model_path))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database_url(request, tmp_path, monkeypatch) -> str:
    """An empty database, once of each kind; the settings name it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/idcard.db"
    else:
        url = request.getfixturevalue("postgres").new_database(f"test{next(_DATABASES)}")
    monkeypatch.setenv("IDCARD_DATABASE_URL", url)
    return url


@pytest.fixture
def sqlite_url(tmp_path, monkeypatch) -> str:
    url = f"sqlite:///{tmp_path}/idcard.db"
    monkeypatch.setenv("IDCARD_DATABASE_URL", url)
    return url


@pytest.fixture
def restart(dialogue, monkeypatch):
    """Gives the assistant a new tracker store and lock store, as a process has that has just started."""
    from assistant.lock_store import ConversationLockStore
    from assistant.tracker_store import EventTrackerStore

    def start():
        store = EventTrackerStore(dialogue.agent.domain)
        use(store)
        monkeypatch.setattr(dialogue.agent, "lock_store", ConversationLockStore())
        return store

    def use(store) -> None:
        monkeypatch.setattr(dialogue.agent, "tracker_store", store)
        monkeypatch.setattr(dialogue.agent.processor, "tracker_store", store)

    start.use = use
    return start
