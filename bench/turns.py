"""`python -m bench.turns`: what a turn costs early and late in a conversation, with the stores of endpoints.yml.

Every conversation says the same ten messages over and over, so that only its length differs. Figures are milliseconds per turn:
processor time of the whole process, and the time the citizen waits.
"""
import argparse
import asyncio
import statistics
import time
from pathlib import Path
from typing import Dict, List, NamedTuple

MESSAGES = ("我河南的，身份证丢了，能在武汉补吗", "都没有", "没有居住证，有租房合同", "登记过", "上个月", "我在光谷", "要带什么材料",
            "多少钱", "为什么", "谢谢")
AROUND = {5: range(1, 11), 50: range(46, 56), 100: range(96, 106)}  # each message once around each turn
TURNS = 105


class Cost(NamedTuple):
    processor: float  # ms
    wall: float  # ms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/idcard.tar.gz"))
    parser.add_argument("--endpoints", default="endpoints.yml", help="empty: Rasa's own stores in memory")
    parser.add_argument("--conversations", type=int, default=5)
    args = parser.parse_args()
    costs = asyncio.run(measure(args.model, args.endpoints, args.conversations))
    for turn, around in AROUND.items():
        print(f"turn {turn:3}: {_median(costs, around, 'processor'):6.2f} ms processor, {_median(costs, around, 'wall'):6.2f} ms wall")
    for kind in Cost._fields:
        print(f"turn 100 / turn 5, {kind}: {_median(costs, AROUND[100], kind) / _median(costs, AROUND[5], kind):.2f}")


async def measure(model: Path, endpoints_path: str, conversations: int) -> Dict[int, List[Cost]]:
    """Turn number (from 1) -> its cost in each conversation."""
    from assistant import start
    from assistant.dialogue import Dialogue

    start.load_rasa()
    dialogue = await Dialogue.load(model, start.read_endpoints(endpoints_path or None, remote_actions=False))
    await _talk(dialogue, "warm-up", 10)
    costs: Dict[int, List[Cost]] = {turn: [] for turn in range(1, TURNS + 1)}
    for number in range(conversations):
        for turn, cost in enumerate(await _talk(dialogue, f"bench-{time.time_ns()}-{number}", TURNS), 1):
            costs[turn].append(cost)
    return costs


async def _talk(dialogue, sender: str, turns: int) -> List[Cost]:
    costs = []
    for number in range(turns):
        wall, processor = time.perf_counter(), time.process_time()
        await dialogue.send(MESSAGES[number % len(MESSAGES)], sender)
        costs.append(Cost(1000 * (time.process_time() - processor), 1000 * (time.perf_counter() - wall)))
    return costs


def _median(costs: Dict[int, List[Cost]], turns: range, kind: str) -> float:
    """The mean over the messages of each one's median over the conversations."""
    return statistics.mean(statistics.median(getattr(cost, kind) for cost in costs[turn]) for turn in turns)


if __name__ == "__main__":
    main()
