"""`python -m assistant.storage`: look at, delete, save and bring back the conversations of IDCARD_DATABASE_URL."""
import argparse
import json
import sys
import time
from pathlib import Path
from typing import Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from assistant import settings
from assistant.storage import backup, database, retention
from assistant.storage.database import EVENTS


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Do one thing and print what was done as JSON; 1 with one sentence where it cannot be done."""
    args = _arguments(argv)
    try:
        settings.read_env_file()
        settings.check()
        engine = database.connect(settings.database_url())
        database.create_tables(engine)
        print(json.dumps(args.run(engine, args), ensure_ascii=False, indent=1))
    except (settings.SettingError, backup.BackupError) as error:
        print(error, file=sys.stderr)
        return 1
    except (SQLAlchemyError, OSError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def _arguments(argv: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m assistant.storage", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, meaning: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=meaning, description=meaning)
        added.set_defaults(run=run)
        return added

    command("stats", _stats, "how much there is")
    command("erase", _erase, "delete everything of one sender; prints the receipt").add_argument("sender", metavar="SENDER")
    purge = command("purge", _purge, "delete what is too old; prints the receipt")
    purge.add_argument("--older-than", type=float, metavar="DAYS", help="default: IDCARD_RETENTION_DAYS")
    purge.add_argument("--dry-run", action="store_true", help="only say how much that would be")
    command("receipts", _receipts, "all receipts, and whether any has been changed")
    command("backup", _backup, "copy everything to FILE while the service runs").add_argument("file", type=Path, metavar="FILE")
    command("restore", _restore, "fill an empty database from FILE").add_argument("file", type=Path, metavar="FILE")
    return parser.parse_args(argv)


def _stats(engine: Engine, _args: argparse.Namespace) -> dict:
    messages = sa.func.sum(sa.case((EVENTS.c.type_name == "user", 1), else_=0))
    size = "page_count * page_size from pragma_page_count(), pragma_page_size()" if engine.dialect.name == "sqlite" \
        else "pg_database_size(current_database())"
    with engine.connect() as connection:
        conversations, events, messages, first, last = connection.execute(sa.select(
            sa.func.count(EVENTS.c.sender_id.distinct()), sa.func.count(), messages, sa.func.min(EVENTS.c.timestamp),
            sa.func.max(EVENTS.c.timestamp))).one()
        return {"conversations": conversations, "messages": messages or 0, "events": events, "first": _day(first),
                "last": _day(last), "bytes": connection.scalar(sa.text(f"select {size}"))}


def _day(timestamp: Optional[float]) -> Optional[str]:
    return timestamp and time.strftime("%Y-%m-%d", time.localtime(timestamp))


def _erase(engine: Engine, args: argparse.Namespace) -> dict:
    return retention.erase(engine, args.sender)._asdict()


def _purge(engine: Engine, args: argparse.Namespace) -> dict:
    days = settings.retention_days() if args.older_than is None else args.older_than
    if args.dry_run:
        conversations, events = retention.would_purge(engine, days, time.time())
        return {"action": "dry run", "conversations": conversations, "events": events}
    return retention.purge(engine, days, time.time())._asdict()


def _receipts(engine: Engine, _args: argparse.Namespace) -> dict:
    chain = retention.receipts(engine)
    broken = retention.first_broken(chain)
    return {"receipts": [receipt._asdict() for receipt in chain], "broken_at": broken and broken.id}


def _backup(engine: Engine, args: argparse.Namespace) -> dict:
    return {"file": str(args.file), **backup.backup(engine, args.file)._asdict()}


def _restore(engine: Engine, args: argparse.Namespace) -> dict:
    return {"file": str(args.file), **backup.restore(engine, args.file)._asdict()}


if __name__ == "__main__":
    sys.exit(main())
