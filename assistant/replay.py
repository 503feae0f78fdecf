"""Leads past conversations once more with a given model: python -m assistant.replay --model FILE < conversations.json

Reads [{"slots": {name: value}, "turns": [{"event": id, "text": …, "pressed": bool}, …]}, …], the slots being those that were set before the
first message (the city of a website), and writes one JSON line for each message:
{"event": id, "intent": …, "confidence": …, "entities": [[entity, value, role], …], "twins": [the twins of the reply, …]}. Nothing is stored.
"""
import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, Dict, List

from assistant import start
from assistant.dialogue import Dialogue


async def replay(dialogue: Dialogue, conversation: Dict[str, Any], sender: str) -> None:
    from rasa.shared.core.events import SlotSet, UserUttered

    processor = dialogue.agent.processor
    tracker = await processor.fetch_tracker_and_update_session(sender)
    tracker.update_with_events([SlotSet(name, value) for name, value in conversation["slots"].items() if name in tracker.slots], processor.domain)
    await processor.save_tracker(tracker)
    for turn in conversation["turns"]:
        handle = dialogue.press if turn["pressed"] else dialogue.send
        messages = await handle(turn["text"], sender)
        # Not latest_message nor get_last_event_for(): inside a form both still give the message that began it.
        events = (await dialogue.tracker(sender)).events
        read = next(event for event in reversed(events) if isinstance(event, UserUttered))
        entities = [[one.get("entity"), one.get("value"), one.get("role")] for one in read.entities]
        print(json.dumps({"event": turn["event"], "intent": read.intent.get("name"), "confidence": read.intent.get("confidence"),
                          "entities": entities, "twins": [message["custom"] for message in messages if message.get("custom")]},
                         ensure_ascii=False), flush=True)


async def _replay_all(model: Path, conversations: List[Dict[str, Any]]) -> None:
    dialogue = await Dialogue.load(model)
    for number, conversation in enumerate(conversations):
        await replay(dialogue, conversation, f"replay {number}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m assistant.replay", description=__doc__)
    parser.add_argument("-m", "--model", default="models", help="model archive, or a folder whose newest one is taken")
    args = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    try:
        start.prepare()
        asyncio.run(_replay_all(start.model_file(args.model), json.load(sys.stdin)))
    except Exception as error:
        if not start.is_explained(error):
            raise
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
