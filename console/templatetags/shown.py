"""How values are written on a page."""
from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django import template

register = template.Library()
CHANNELS = {"web": "网页", "wechat": "微信", "rest": "接口", "terminal": "终端", "cmdline": "终端"}


@register.filter
def channel(name: str) -> str:
    return CHANNELS.get(name, name)


@register.filter
def percent(share: float) -> str:
    return f"{share:.0%}"


@register.filter
def seconds(value: float) -> str:
    return f"{value:.2f} 秒"


@register.filter
def said(value: Any) -> str:
    """A value of a fact as a person says it."""
    return {True: "是", False: "否", None: "—"}.get(value, value) if isinstance(value, (bool, type(None))) else str(value)


@register.filter
def pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.filter
def joined(values: Any) -> str:
    return "、".join(map(str, values))


@register.filter
def of(mapping: dict, key: Any) -> Any:
    return mapping.get(key, "")


@register.simple_tag(takes_context=True)
def link(context: dict, **changes: Any) -> str:
    """The query of this page with some of its values changed; None takes one out."""
    values = {**context["request"].GET.dict(), **changes}
    return "?" + urlencode({name: value for name, value in values.items() if value not in (None, "")})


@register.filter
def may(user: Any, grant: str) -> bool:
    return user.may(grant)


@register.filter
def at(values: list, index: int) -> Any:
    return values[index] if index < len(values) else ""
