"""Finding conversations: the list with its filters, saved views, and the queues of what needs somebody's attention."""
from __future__ import annotations

from typing import Any, Optional
from urllib.parse import urlencode

from django.contrib import messages
from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from console import filters
from console.access import note, page
from console.models import Conversation, Cursor, RasaEvent, SavedView
from idcard.knowledge import load
from idcard.privacy import mask


@page("查看", "审核", action="查对话", methods="GET")
def conversations(request: HttpRequest) -> HttpResponse:
    form = filters.Filters(request.GET)
    if not form.is_valid():
        note(request, filters=dict(form.chosen()))
        return render(request, "console/conversations.html", {"form": form, "page": filters.Page([], None, None)}, status=400)
    found = filters.page(filters.matching(form.cleaned_data), _key(request, "before"), _key(request, "after"))
    chosen = form.chosen()
    note(request, filters=dict(chosen), found=len(found.rows))
    views = SavedView.objects.filter(Q(owner=request.user) | Q(shared=True)).order_by("name")
    return render(request, "console/conversations.html", {"form": form, "page": found, "chosen": chosen, "views": views,
                                                          "query": query_of(request.GET), "lag": lag()})


def _key(request: HttpRequest, name: str) -> Optional[int]:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None


def query_of(sent: QueryDict) -> str:
    """The filters that were sent as an address has them, without empty ones and without the place in the list."""
    return urlencode({name: value for name, value in sent.items() if value and name in filters.Filters.base_fields})


def lag() -> dict[str, Any]:
    """How far the read model is behind the events, in events and in seconds at the last projection."""
    cursor = Cursor.objects.filter(pk=1).first()
    try:
        newest = RasaEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    except DatabaseError:  # away, or not made yet: what has been projected can be read all the same
        return {"away": True}
    return {"events": max(0, newest - cursor.last_event) if cursor else newest, "seconds": cursor.lag if cursor else 0.0,
            "at": cursor.at if cursor else None}


@page("查看", "审核", action="存查询", methods="POST")
def save_view(request: HttpRequest) -> HttpResponse:
    name, query = mask(request.POST.get("name", "").strip())[:40], query_of(QueryDict(request.POST.get("query", "")[:1000]))
    if name:
        SavedView.objects.update_or_create(owner=request.user, name=name, defaults={"query": query, "shared": "shared" in request.POST})
        messages.success(request, f"已存为“{name}”。")
    return redirect(f"{reverse('conversations')}?{query}")


@page("查看", "审核", action="删查询", methods="POST")
def drop_view(request: HttpRequest, key: int) -> HttpResponse:
    get_object_or_404(SavedView, pk=key, owner=request.user).delete()
    return redirect("conversations")


# Title, what it is for, and the filters that make it.
QUEUES = (
    ("差评", "说没帮上的，先看", {"feedback": "差评", "review": "待看"}),
    ("没听懂", "机器人没听懂的", {"fell_back": "on", "review": "待看"}),
    ("把握低", "最低把握不到 0.5", {"confidence_to": "0.5", "review": "待看"}),
    ("要找人工", "转人工或给了电话的", {"result": "转人工", "review": "待看"}),
    ("中途离开", "问到一半没有再答的", {"result": "中途离开", "review": "待看"}),
    ("依据较旧", "答复依据超过五年的", {"old_source": "on", "review": "待看"}),
    ("随机抽查", "每百个抽两个", {"sample": "on", "review": "待看"}),
)


@page("查看", "审核", action="看待办", methods="GET")
def queues(request: HttpRequest) -> HttpResponse:
    """Each queue with its size, up to a thousand; the unanswered ones by city."""
    shown = [(title, why, query) for title, why, query in QUEUES]
    shown += [(f"{city}没有规定", f"{city}的文件没写的", {"unanswered": "on", "city": city, "review": "待看"}) for city in load().cities]
    shown += [("我的", "分派给我、还没办结的", {"assignee": str(request.user.pk), "review": "在办"})]
    rows = [{"title": title, "why": why, "count": _size(query), "query": urlencode(query)} for title, why, query in shown]
    return render(request, "console/queues.html", {"queues": rows, "lag": lag(), "all": Conversation.objects.exists()})


MOST_COUNTED = 1000


def _size(query: dict[str, str]) -> int:
    form = filters.Filters(query)
    return filters.matching(form.cleaned_data)[:MOST_COUNTED].count() if form.is_valid() else 0
