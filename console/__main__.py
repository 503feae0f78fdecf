"""`python -m console`: the staff console and its chores. Without a word: serve on 127.0.0.1:8000."""
from __future__ import annotations

import argparse
import os
import sys
from typing import Optional, Sequence

from console import environment


def main(argv: Optional[Sequence[str]] = None) -> int:
    """0, or 1 with a sentence that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m console", description=__doc__)
    words = parser.add_subparsers(dest="word")
    served = words.add_parser("serve", help="serve the console, with the projector in the same process")
    for target in (parser, served):
        target.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT")
        target.add_argument("--without-projector", action="store_true", help="another process runs `python -m console project`")
    words.add_parser("project", help="follow the assistant's events into the read model")
    words.add_parser("migrate", help="bring the console's tables up to date")
    args = parser.parse_args(argv)
    try:
        set_up()
        return run(args)
    except environment.SettingError as error:
        print(error, file=sys.stderr)
        return 1


def set_up() -> None:
    """Settings from the environment, then Django."""
    environment.read_env_file()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    import django

    django.setup()


def run(args: argparse.Namespace) -> int:
    from console import serve

    serve.prepare()
    if args.word == "project":
        from console import projector

        projector.run()
    elif args.word in (None, "serve"):
        serve.serve(args.bind, not args.without_projector)
    return 0


if __name__ == "__main__":
    sys.exit(main())
