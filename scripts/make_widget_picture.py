"""Takes docs/pictures/widget.png, the README's picture of the widget, from a running assistant (`make`).

    .venv/bin/python scripts/make_widget_picture.py [--at http://127.0.0.1:5005]

It leads the README's conversation on the demo page, in the system's Chromium, up to the decision.
"""
from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "widget.png"
SIZE = {"width": 1200, "height": 630}  # what sites show of a link
LARGEST = 200 * 1024  # bytes
CONVERSATION = ["我河南的，身份证丢了，能在武汉补吗", "都没有", "没有居住证，有租房合同", "登记过", "上个月"]


def take(address: str, browser_path: str) -> bytes:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        page.goto(address)
        page.locator("idcard-chat .launcher").click()
        for at, words in enumerate(CONVERSATION):
            page.locator("idcard-chat .option").first.wait_for()
            page.locator("idcard-chat textarea").fill(words)
            page.keyboard.press("Enter")
            page.locator("idcard-chat .me:not(.waiting)").nth(at).wait_for()
            page.locator("idcard-chat .thinking").wait_for(state="detached")
        page.locator("idcard-chat .decision").wait_for()
        picture = page.screenshot()
        browser.close()
    return picture


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--at", default="http://127.0.0.1:5005", metavar="URL", help="where the assistant answers (default: %(default)s)")
    address = parser.parse_args().at
    browser_path = shutil.which("chromium")
    if browser_path is None:
        print("Chromium is missing. scripts/setup-browser.sh says how to get it.", file=sys.stderr)
        return 1
    picture = take(address, browser_path)
    if len(picture) > LARGEST:
        print(f"The picture has {len(picture)} bytes; the README takes up to {LARGEST}.", file=sys.stderr)
        return 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_bytes(picture)
    print(f"{PICTURE}: {len(picture)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
