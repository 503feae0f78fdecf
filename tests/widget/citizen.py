"""A citizen in front of the widget, in real Chromium."""
from __future__ import annotations

import json

from playwright.sync_api import BrowserContext, Locator, Page

SETTINGS_KEY = "idcard-chat settings"


class Citizen:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def find(self, selector: str) -> Locator:
        return self.page.locator(f"idcard-chat {selector}")

    def button(self, name: str) -> Locator:
        return self.page.locator("idcard-chat").get_by_role("button", name=name)

    def opens(self) -> "Citizen":
        self.find(".launcher").click()
        self.find(".option").first.wait_for()
        return self

    def settled(self) -> "Citizen":
        """Waits until everything has been answered."""
        self.find(":is(.waiting, .thinking)").first.wait_for(state="detached")
        return self

    def types(self, text: str) -> "Citizen":
        self.find("textarea").fill(text)
        self.find("textarea").press("Enter")
        return self

    def says(self, *texts: str) -> "Citizen":
        for text in texts:
            self.types(text).settled()
        return self

    def reloads(self) -> "Citizen":
        self.page.reload()
        self.find(".from").first.wait_for()
        return self

    def prefers(self, **settings: object) -> "Citizen":
        """As if chosen in another tab: settings keep in step by this very event."""
        self.page.evaluate("""([key, value]) => {
            localStorage.setItem(key, value);
            window.dispatchEvent(new StorageEvent('storage', {key, newValue: value}));
        }""", [SETTINGS_KEY, json.dumps(settings)])
        return self

    def shown(self, selector: str = ".from") -> list[str]:
        """The texts of the conversation without what only screen readers get."""
        return self.find(selector).evaluate_all("""all => all.map(one => {
            const copy = one.cloneNode(true);
            copy.querySelectorAll('.unseen').forEach(part => part.remove());
            return copy.textContent.trim();
        })""")

    def own(self) -> list[str]:
        return self.shown(".me .bubble")

    def told(self) -> list[str]:
        """What a screen reader has been told."""
        return self.find("[aria-live=polite] p").all_text_contents()
