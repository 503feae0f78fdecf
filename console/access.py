"""Who may open which page, and under which name the record mentions it. A view without @page is not reachable (console.middleware)."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping

from django.http import HttpRequest
from django.urls import reverse

ANYONE = "ANYONE"  # signed in or not
SIGNED_IN = "SIGNED_IN"  # any role


@dataclass(frozen=True)
class Access:
    grants: tuple[str, ...]  # one of these; or ANYONE, SIGNED_IN
    action: str  # its name in the record; empty: not recorded
    methods: tuple[str, ...] = ("GET",)
    also: str = ""  # and this right besides

    def allows(self, user: Any) -> bool:
        return (self.grants == (SIGNED_IN,) or user.may(*self.grants)) and (not self.also or user.may(self.also))

    @property
    def needed(self) -> str:
        """For the person who lacks it."""
        return "或".join(self.grants) + (f"，还要有“{self.also}”" if self.also else "")


def page(*grants: str, action: str, methods: str = "GET", also: str = "") -> Callable[[Callable], Callable]:
    """Declare a view: who may open it, what the record calls it, and the methods it takes ("GET POST")."""

    def declare(view: Callable) -> Callable:
        view.access = Access(grants, action, tuple(methods.split()), also)
        return view

    return declare


def note(request: HttpRequest, subject: object = "", **detail: Any) -> None:
    """What the record shall say of this request besides its name."""
    request.audit_subject = str(subject)
    request.audit_detail = detail


# Main menu: title, name of the URL, and who sees it.
MENU = (
    ("待办", "queues", ("查看", "审核")),
    ("对话", "conversations", ("查看", "审核")),
    ("新说法", "wordings", ("审核", "训练")),
    ("复核", "second-reviews", ("审核",)),
    ("改进", "corrections", ("训练",)),
    ("重放", "replays", ("训练",)),
    ("知识", "knowledge", ("审核", "训练", "统计")),
    ("统计", "measures", ("统计",)),
    ("保存", "retention", ("安全管理",)),
    ("账号", "accounts", ("安全管理",)),
    ("记录", "audit", ("审计",)),
)


def menu(request: HttpRequest) -> Mapping[str, Any]:
    """For every template: the entries of the menu that this person may open."""
    user = getattr(request, "user", None)
    if not user or not user.is_authenticated or not user.is_verified():
        return {"menu": ()}
    return {"menu": [(title, reverse(target), request.path.startswith(reverse(target))) for title, target, grants in MENU
                     if user.may(*grants)]}
