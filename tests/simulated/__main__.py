"""`python -m tests.simulated`: simulated citizens talk to the trained assistant; prints the figures, and what went wrong."""
import argparse
import asyncio
import logging
import os
import sys
import time
from pathlib import Path
from typing import Optional, Sequence

from assistant.dialogue import Dialogue
from idcard.knowledge import load
from tests.simulated.citizens import TODAY, citizens
from tests.simulated.play import Outcome, play


def main(argv: Optional[Sequence[str]] = None) -> int:
    """0 when every dialogue is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulated", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/idcard.tar.gz"))
    parser.add_argument("--dialogues", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3, help="how many dialogues that went wrong are printed")
    args = parser.parse_args(argv)
    os.environ["IDCARD_AS_OF"] = TODAY.isoformat()
    logging.disable(logging.WARNING)
    failed: list[Outcome] = []

    async def run() -> str:
        dialogue = await Dialogue.load(args.model)
        start = time.monotonic()
        figures = await play(dialogue, load(), citizens(load(), args.dialogues, args.seed), failed.append)
        return f"{figures} ({time.monotonic() - start:.0f} s)"

    figures = asyncio.run(run())
    for outcome in failed[:args.show]:
        print("\n".join([*outcome.transcript, *(f"! {fault}" for fault in outcome.faults),
                         *(f"! asked again: {fact}" for fact in outcome.repeated), *(["! dead end"] * outcome.dead_end), ""]))
    print(figures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
