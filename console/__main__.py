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
    words.add_parser("purge", help="delete what is older than its retention allows")
    audits = words.add_parser("audit", help="check the record of what staff did")
    audits.add_argument("what", choices=["verify"])
    audits.add_argument("--expect", metavar="N:HASH", help="a head noted earlier, which the record must still contain")
    reset = words.add_parser("reset", help="a new password and authenticator for an account, where no administrator can get in")
    reset.add_argument("username", metavar="USER")
    replayed = words.add_parser("replay", help="lead past conversations once more with another model")
    replayed.add_argument("model", metavar="FILE")
    replayed.add_argument("--against", default="", metavar="FILE", help="compare with this model instead of with what was answered then")
    replayed.add_argument("--last", type=int, default=100, metavar="N", help="how many conversations, the newest first")
    replayed.add_argument("--as", dest="username", required=True, metavar="USER", help="in whose name it is recorded")
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
    if args.word in (None, "serve"):
        serve.serve(args.bind, not args.without_projector)
    return CHORES[args.word](args) if args.word in CHORES else 0


def _project(_: argparse.Namespace) -> int:
    from console import worker

    worker.run()
    return 0


def _purge(_: argparse.Namespace) -> int:
    from console import retention

    print("，".join(f"{what} {count}" for what, count in retention.run("").items()))
    return 0


def _audit(args: argparse.Namespace) -> int:
    """1 and a line for each fault when the record was tampered with."""
    from console import audit

    problems = list(audit.verify(args.expect or ""))
    for problem in problems:
        print(problem)
    if not problems:
        print(f"操作记录完整。链头：{audit.head()}")
    return 1 if problems else 0


def _replay(args: argparse.Namespace) -> int:
    from console import audit, replaying
    from console.models import Account, Replay

    author = Account.objects.filter(username=args.username).first()
    if author is None:
        print(f"没有这个账号：{args.username}", file=sys.stderr)
        return 1
    audit.record(author.username, "重放", args.model, {"baseline": args.against, "limit": args.last})
    run = Replay.objects.create(model=args.model, baseline=args.against, author=author, limit=args.last)
    replaying.lead(run)
    run.refresh_from_db()
    figures = [f"{name} {count}" for part in ("by", "reviewed") for name, count in run.summary.get(part, {}).items()]
    print(f"{run.state}：{run.messages} 句，{run.summary.get('differ', 0)} 句不一样。{'，'.join(figures)}{run.problem}")
    return 1 if run.problem else 0


def _reset(args: argparse.Namespace) -> int:
    from console import accounts, audit
    from console.models import Account

    account = Account.objects.filter(username=args.username).first()
    if account is None:
        print(f"没有这个账号：{args.username}", file=sys.stderr)
        return 1
    password, secret = accounts.renew(account)
    audit.record("", "重置登录", account.username, {"via": "command line"})
    print(f"{account.username} 初始密码 {password} 验证器密钥 {secret}")
    return 0


CHORES = {"project": _project, "purge": _purge, "audit": _audit, "replay": _replay, "reset": _reset}


if __name__ == "__main__":
    sys.exit(main())
