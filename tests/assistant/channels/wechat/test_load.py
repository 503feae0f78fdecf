"""Criterion 9, in small and on a fast clock: many citizens, repetitions, faults, a restart. bench/wechat.py does it in full."""
import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.assistant.channels.wechat.conftest import SCALE, TIMING
from tests.assistant.channels.wechat.load import Load, brain_texts
from tests.assistant.channels.wechat.platform import openid
from tests.assistant.channels.wechat.served import Brain, Served, account_for

ROOT = Path(__file__).resolve().parents[4]
PER_SECOND = 25.0


def _load(first_user: int) -> Load:
    texts = brain_texts([openid(first_user + number) for number in range(12)], 6)
    return Load(texts, lambda user: [f"答：{text}" for text in texts[user]], PER_SECOND)


def _is_faultless(outcome, platform) -> None:
    seen = "\n".join(f"{user}: {platform.screen[user]}" for user in outcome.wrong)
    assert (outcome.prompts, outcome.wrong) == (0, []), f"{outcome}\n{seen}"


def test_nothing_is_lost_doubled_or_out_of_order(platform, served_on_both, run_async) -> None:
    outcome = run_async(_load(3000000).run(platform, seconds_after=20))
    _is_faultless(outcome, platform)
    assert outcome.sent > 0 and outcome.repeated > 0


def test_a_restart_loses_nothing(platform, run_async) -> None:
    """An ordinary stop, state in memory: what is under way is finished, what arrives meanwhile comes again."""
    brain, account = Brain(SCALE), account_for(platform.credentials, platform.api_base)
    servers = [run_async(Served(brain, account, TIMING).start())]
    platform.webhook = servers[0].webhook

    async def restart() -> None:
        await servers[0].stop()
        servers.append(await Served(brain, account, TIMING).start(servers[0].port))

    outcome = run_async(_load(4000000).run(platform, seconds_after=20, midway=restart))
    run_async(servers[-1].stop())
    _is_faultless(outcome, platform)


@pytest.fixture
def two_processes(platform, redis_url):
    """Two processes of the channel that share a Redis."""
    command = [sys.executable, "-m", "tests.assistant.channels.wechat.served", platform.api_base, redis_url, str(SCALE)]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    platform.webhook = " ".join(process.stdout.readline().strip() for process in processes)
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def test_a_process_that_is_killed_is_stood_in_for_by_the_other(platform, two_processes, run_async) -> None:
    async def kill() -> None:
        two_processes[0].kill()
        await asyncio.sleep(0)

    outcome = run_async(_load(5000000).run(platform, seconds_after=10, midway=kill, closing="好了吗"))
    _is_faultless(outcome, platform)
    assert outcome.repeated > 0
