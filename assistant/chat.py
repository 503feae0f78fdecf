"""`python -m assistant.chat`: the assistant in the terminal, with the model and the actions of the server but no HTTP.

Typed at a terminal it asks for one message after the other; messages may also be piped in, one per line.
"""
import argparse
import asyncio
import contextlib
import os
import sys
from typing import List, Optional, Sequence

from assistant import start
from assistant.dialogue import Dialogue

SENDER = "terminal"
QUIT = ("/quit", "/exit")
WELCOME = "请输入您的问题；答复下面有编号选项时，可以直接输入编号。输入 /quit 结束。"
SILENCE = "（没有答复。请换个说法再问一次。）"


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Chat until /quit or the end of the input; 1 with one message where the start is refused."""
    parser = argparse.ArgumentParser(prog="python -m assistant.chat", description=__doc__)
    parser.add_argument("-m", "--model", default="models", help="model archive, or a folder whose newest one is taken")
    parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="answer as on this day instead of today")
    args = parser.parse_args(argv)
    if args.as_of:
        os.environ["IDCARD_AS_OF"] = args.as_of  # where the actions look for it
    try:
        start.prepare()
        asyncio.run(_chat(args.model))
    except KeyboardInterrupt:
        print()
    except Exception as error:
        if not start.is_explained(error):
            raise
        print(error, file=sys.stderr)
        return 1
    return 0


async def _chat(model_path: str) -> None:
    model = start.model_file(model_path)
    is_terminal = sys.stdin.isatty()
    sys.stdin.reconfigure(errors="replace")
    if is_terminal:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  input() then edits Chinese and remembers lines; not every Python has it
        print(f"Loading {model} …", flush=True)
    with start.stoppable():
        dialogue = await Dialogue.load(model)
    if is_terminal:
        print(WELCOME)
    buttons: List[dict] = []
    while (line := _next_line(is_terminal)) is not None:
        if not is_terminal:
            print(f"> {line}")
        chosen = _chosen(line, buttons)
        messages = await (dialogue.press(chosen["payload"], SENDER) if chosen else dialogue.send(line, SENDER))
        buttons = [button for message in messages for button in message.get("buttons", ())]
        print(as_plain_text(messages) + "\n", flush=True)


def _next_line(is_terminal: bool) -> Optional[str]:
    """The next message, or None at the end; blank lines are passed over."""
    while True:
        try:
            line = input("> " if is_terminal else "").strip()
        except EOFError:
            return None
        if line in QUIT:
            return None
        if line:
            return line


def _chosen(line: str, buttons: List[dict]) -> Optional[dict]:
    """The button whose number was typed."""
    return buttons[int(line) - 1] if line.isdecimal() and 0 < int(line) <= len(buttons) else None


def as_plain_text(messages: List[dict]) -> str:
    """Messages as a terminal shows them: the text, then the buttons numbered through the whole reply."""
    lines, number = [], 0
    for message in messages:
        if message.get("text"):
            lines.append(message["text"])
        for button in message.get("buttons", ()):
            number += 1
            lines.append(f"  {number}. {button['title']}")
    return "\n".join(lines) or SILENCE


if __name__ == "__main__":
    sys.exit(main())
