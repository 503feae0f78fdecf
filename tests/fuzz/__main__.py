"""python -m tests.fuzz --inputs 100000: odd texts through every parser that faces the public, and through whole turns."""
from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import logging
import random
import sys
import time
from pathlib import Path
from typing import Callable

from tests.fuzz.odd import odd_texts, seeds
from tests.fuzz.parsers import PARSERS
from tests.fuzz.run import WholeTurn

TURNS = 30  # one input in so many is a whole turn of the trained assistant


def main() -> int:
    """0 when nothing broke; each broken parser is named with the text that breaks it, a line for seeds.jsonl."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--inputs", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=random.randrange(10**9), help="repeats a run")
    options.add_argument("--model", type=Path, default=Path("models/idcard.tar.gz"))
    options.add_argument("--only", choices=[*PARSERS, "dialogue"])
    given = options.parse_args()
    logging.disable(logging.WARNING)
    parsers = dict(PARSERS)
    if given.only in (None, "dialogue"):
        parsers["dialogue"] = _whole_turn(given.model)
    if given.only:
        parsers = {given.only: parsers[given.only]}
    turns = given.inputs // TURNS if len(parsers) > 1 else given.inputs
    share = -(-(given.inputs - turns) // max(1, len(parsers) - 1))
    print(f"seed {given.seed}")
    broken = [name for name, parser in parsers.items()
              if not _holds(name, parser, turns if name == "dialogue" else share or given.inputs, given.seed)]
    print(f"{len(broken)} of {len(parsers)} broken" if broken else f"nothing broke in {turns + share * (len(parsers) - 1)} inputs")
    return len(broken)


def _holds(name: str, parser: Callable[[str], None], inputs: int, seed_number: int) -> bool:
    start = time.perf_counter()
    for text in itertools.chain(seeds(), odd_texts(inputs, seed_number)):
        try:
            parser(text)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", json.dumps(text), sep="\n")
            return False
    print(f"{name}: {inputs} inputs in {time.perf_counter() - start:.0f} s", flush=True)
    return True


def _whole_turn(model: Path) -> WholeTurn:
    from assistant.dialogue import Dialogue

    loop = asyncio.new_event_loop()
    return WholeTurn(loop.run_until_complete(Dialogue.load(model)), loop.run_until_complete)


if __name__ == "__main__":
    sys.exit(main())
