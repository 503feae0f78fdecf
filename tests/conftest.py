"""What every test may use: the trained model, one loaded assistant for the whole run, one event loop."""
import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any, Callable, Coroutine, Iterator

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODEL = "models/idcard.tar.gz"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--model", metavar="FILE", help=f"test this model as it is, instead of an up-to-date {MODEL}")
    parser.addoption("--all-over-wechat", action="store_true", help="play every conversation over WeChat, not three of each kind")


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
def dialogue(model_path: Path, run_async: Callable[[Coroutine], Any]) -> "Dialogue":  # noqa: F821
    """The assistant with its real actions, conversations in memory. Loaded once: it takes some seconds."""
    from assistant.dialogue import Dialogue

    return run_async(Dialogue.load(model_path))
