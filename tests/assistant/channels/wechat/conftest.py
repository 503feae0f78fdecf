"""The platform, the channel before it, and both kinds of shared state."""
import shutil
import socket
import subprocess
import time

import pytest

from assistant.channels.wechat.timing import Timing
from tests.assistant.channels.wechat.platform import Platform
from tests.assistant.channels.wechat.served import Brain, Served, account_for

SCALE = 0.1  # of the platform's and the channel's seconds


@pytest.fixture(scope="session")
def redis_url():
    """A Redis of its own, without a file."""
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server on this machine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                               stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()


@pytest.fixture
def platform(run_async):
    platform = run_async(Platform(scale=SCALE).start())
    yield platform
    run_async(platform.stop())


@pytest.fixture
def brain():
    return Brain(SCALE)


@pytest.fixture(params=["memory", "redis"])
def state_url(request):
    """Where the shared state is: every test that takes it runs on both."""
    return request.getfixturevalue("redis_url") if request.param == "redis" else ""


def _serve(platform, brain, run_async, redis_url=""):
    served = run_async(Served(brain, account_for(platform.credentials, platform.api_base), Timing().times(SCALE), redis_url).start())
    platform.webhook = served.webhook
    return served


@pytest.fixture
def served(platform, brain, run_async):
    """The channel with its state in memory."""
    served = _serve(platform, brain, run_async)
    yield served
    run_async(served.stop())


@pytest.fixture
def served_on_both(platform, brain, run_async, state_url):
    """The channel, once with its state in memory and once in Redis."""
    served = _serve(platform, brain, run_async, state_url)
    yield served
    run_async(served.stop())
