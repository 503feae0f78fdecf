"""The platform, the channel before it, and both kinds of shared state."""
import dataclasses
import itertools
import shutil
import socket
import subprocess
import time

import pytest

from assistant.channels.wechat.timing import Timing
from tests.assistant.channels.wechat.platform import Platform, openid
from tests.assistant.channels.wechat.served import Brain, Served, account_for

SCALE = 0.2  # of the platform's and the channel's seconds
TIMING = dataclasses.replace(Timing().times(SCALE), grace=0.4, pauses=(0.2, 0.4, 0.8))
AFTERWARDS = 0.7  # seconds in which everything would have happened that must not
SLACK = 2.0  # more seconds for a machine under load; bench/wechat.py holds the channel to the real ones


@pytest.fixture(scope="session")
def redis_url():
    """A Redis of its own, without a file."""
    if not shutil.which("redis-server"):
        pytest.fail("redis-server is missing: scripts/setup-services.sh", pytrace=False)
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


@pytest.fixture(scope="session")
def one_platform(run_async):
    platform = run_async(Platform(scale=SCALE, slack=SLACK).start())
    yield platform
    run_async(platform.stop())


@pytest.fixture
def platform(one_platform):
    """As if nothing had happened yet."""
    one_platform.reset()
    return one_platform


@pytest.fixture(params=["memory", "redis"])
def state_url(request):
    """Where the shared state is: every test that takes it runs on both."""
    return request.getfixturevalue("redis_url") if request.param == "redis" else ""


@pytest.fixture(scope="session")
def servers(one_platform, run_async):
    """One channel for each kind of state; starting it takes longer than most tests."""
    started = {}

    def serve(redis_url: str) -> Served:
        if redis_url not in started:
            account = account_for(one_platform.credentials, one_platform.api_base)
            started[redis_url] = run_async(Served(Brain(SCALE), account, TIMING, redis_url).start())
        return started[redis_url]

    yield serve
    for served in started.values():
        run_async(served.stop())


def _ready(served, platform, run_async):
    """It knows nothing of the account yet."""
    run_async(served.forget())
    platform.webhook = served.webhook
    return served


@pytest.fixture
def served(servers, platform, run_async):
    """The channel before the platform, its state in memory."""
    return _ready(servers(""), platform, run_async)


@pytest.fixture
def served_on_both(servers, platform, state_url, run_async):
    """The same, once with its state in memory and once in Redis."""
    return _ready(servers(state_url), platform, run_async)


@pytest.fixture
def brain(request):
    """What the channel asks."""
    name = "served" if "served" in request.fixturenames else "served_on_both"
    return request.getfixturevalue(name).agent


_users = itertools.count(1)


@pytest.fixture
def user():
    """A citizen who has never written before."""
    return openid(next(_users))
