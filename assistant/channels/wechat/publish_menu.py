"""`python -m assistant.channels.wechat.publish_menu` (`make wechat-menu`): gives the platform the menu of menu.py."""
import asyncio
import sys

import aiohttp

from assistant import settings
from assistant.channels.wechat import menu
from assistant.channels.wechat.account import Account
from assistant.channels.wechat.api import Api, ApiError
from assistant.channels.wechat.state import MemoryState
from idcard.knowledge import load

TIMEOUT_SECONDS = 15.0


def main() -> int:
    """0 when the platform has taken the menu, else 1 and one sentence that says why."""
    try:
        settings.read_env_file()
        account = Account.from_environment()
        if account is None:
            raise settings.SettingError("No WeChat account is set: see docs/tasks/connect-wechat.md.")
        asyncio.run(_publish(account))
    except settings.SettingError as error:
        print(error, file=sys.stderr)
        return 1
    except (ApiError, aiohttp.ClientError, asyncio.TimeoutError) as error:
        print(f"The platform did not take the menu: {error or 'no answer'}. See docs/tasks/connect-wechat.md.", file=sys.stderr)
        return 1
    print("The menu is published; phones show it within five minutes.")
    return 0


async def _publish(account: Account) -> None:
    api = Api(account, MemoryState(), TIMEOUT_SECONDS)
    try:
        await api.create_menu(menu.definition(load()))
    finally:
        await api.close()


if __name__ == "__main__":
    sys.exit(main())
