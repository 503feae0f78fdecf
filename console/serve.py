"""Starts the console: tables, the first account, the projector and the web server, all in one process."""
from __future__ import annotations

import sys
import threading
from typing import Any

from django.conf import settings
from django.core.management import call_command

DEVELOPMENT_GRANTS = ("查看", "审核", "训练", "统计", "安全管理", "揭示", "导出")
SERVICE_GRANTS = ("安全管理",)
FIRST = "admin"


def prepare() -> None:
    """Bring the tables up to date and make the first account where there is none, printing its password once."""
    call_command("migrate", verbosity=0, interactive=False)
    from console import accounts
    from console.models import Account

    if Account.objects.exists():
        return
    grants = SERVICE_GRANTS if settings.IN_SERVICE else DEVELOPMENT_GRANTS
    account, password, secret = accounts.create(FIRST, "管理员", grants)
    print(f"控制台的第一个账号（只显示这一次）：用户名 {FIRST}，密码 {password}", file=sys.stderr)
    if settings.IN_SERVICE:
        print(f"验证器密钥：{secret}", file=sys.stderr)
    else:
        account.totpdevice_set.all().delete()  # set up at the first login
        print("第一次登录时会让您用手机上的验证器扫入密钥。", file=sys.stderr)


def serve(address: str, with_projector: bool = True) -> None:
    """Serve on HOST:PORT until stopped: one process with a few threads."""
    from gunicorn.app.base import BaseApplication

    from console.wsgi import application

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in {"bind": address, "workers": 1, "threads": 4, "worker_class": "gthread", "loglevel": "warning",
                                "post_worker_init": _start_chores if with_projector else _nothing}.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return application

    print(f"控制台：http://{address}/", file=sys.stderr, flush=True)
    Server().run()


def _start_chores(worker: Any) -> None:
    from console import replaying, worker as chores

    replaying.mark_interrupted()
    threading.Thread(target=chores.run, name="projector", daemon=True).start()


def _nothing(worker: Any) -> None:
    pass
