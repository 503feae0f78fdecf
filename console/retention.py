"""How long things are kept, what is held back from deletion, and deletion on a citizen's request with a receipt.

Two clocks: conversations (words, events, verdicts) and the record of what staff did. The law wants the record for half a year at
least; conversations go as soon as they are no longer needed. Counts by day stay: they name nobody.
"""
from __future__ import annotations

import hmac
import json
import time
from datetime import timedelta
from subprocess import TimeoutExpired
from typing import Any, Callable, Mapping

from django.db import connections, transaction
from django.utils import timezone

from console import assistant_scripts, audit, projector, search
from console.environment import derived_key, retention_days
from console.models import Account, AuditEntry, Conversation, Correction, DeletionRequest, Note, RasaEvent, RetentionClock, RetentionRun, Turn, Verdict
from idcard.privacy import mask

CONVERSATIONS, RECORD = "对话", "操作记录"
LEAST = {CONVERSATIONS: 1, RECORD: 180}
USUAL_FOR_RECORD = 365
LIVE = 3600  # seconds after the last message in which a session may still go on
CHUNK = 200
# Tables of the assistant's database with the column that holds the sender, as the receipt calls them.
KEPT_BY_SENDER = {"原始记录": ("events", "sender_id"), "网站副本": ("web_message", "session"), "网站会话": ("web_session", "session")}
WAITING, DELETED, SEALED = "待执行", "已删除", "已封存"


class Refused(Exception):
    """Something that must not be deleted or set so; the message says why."""


def days(what: str) -> int:
    found = RetentionClock.objects.filter(pk=what).first()
    return found.days if found else retention_days() if what == CONVERSATIONS else USUAL_FOR_RECORD


def set_days(what: str, number: int) -> None:
    if number < LEAST[what]:
        raise Refused(f"{what}至少要保存 {LEAST[what]} 天。")
    RetentionClock.objects.update_or_create(what=what, defaults={"days": number})


def preview() -> dict[str, int]:
    """What a run would delete now, and what it would leave because it is held."""
    over = _over()
    free = over.filter(held=False)
    return {"对话": free.count(), "消息": Turn.objects.filter(conversation__in=free).count(), "封存不删": over.filter(held=True).count(),
            "操作记录": _old_entries().count()}


def run(actor: str, between: Callable[[], object] = lambda: None) -> dict[str, int]:
    """Delete what is over, a few hundred conversations at a time, and call `between` after each; what was deleted."""
    done = {"对话": 0, "操作记录": 0}
    while keys := list(_over().filter(held=False).order_by("id").values_list("id", flat=True)[:CHUNK]):
        for conversation in Conversation.objects.filter(id__in=keys):
            _delete_events(conversation)
        with transaction.atomic():
            projector.forget(keys)
        done["对话"] += len(keys)
        between()
    last = _old_entries().order_by("-id").first()
    done["操作记录"] = audit.purge(last.id) if last else 0
    if any(done.values()):
        RetentionRun.objects.create(actor=actor, counts=done)
        audit.record(actor, "到期清理", detail=done)
        transaction.on_commit(lambda: search.scrub(between))
    return done


def _over() -> Any:
    return Conversation.objects.filter(ended__lt=timezone.now() - timedelta(days=days(CONVERSATIONS)))


def _old_entries() -> Any:
    return AuditEntry.objects.filter(at__lt=timezone.now() - timedelta(days=days(RECORD)))


def _delete_events(conversation: Conversation) -> None:
    """Its events in the assistant's store; whole closed sessions only. What the website replays has a shorter clock of its own."""
    RasaEvent.objects.filter(sender_id=conversation.sender, id__gte=conversation.id, id__lte=conversation.last_event).delete()


def at_source(sender: str) -> dict[str, int]:
    """How many rows of a sender the assistant's database holds."""
    source, found = connections["rasa"], {}
    there = set(source.introspection.table_names())
    with source.cursor() as cursor:
        for name, (table, column) in KEPT_BY_SENDER.items():
            if table in there:
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [sender])
                found[name] = cursor.fetchone()[0]
    return found


def ask_deletion(conversation: Conversation, by: Account, reason: str) -> DeletionRequest:
    with transaction.atomic():
        number = f"S{timezone.localdate():%Y%m%d}-{DeletionRequest.objects.select_for_update().count() + 1:04}"
        return DeletionRequest.objects.create(number=number, code=conversation.code, conversation=conversation.id, reason=mask(reason)[:200],
                                              requested_by=by)


def of_request(request: DeletionRequest) -> Any:
    """All conversations of the same sender, or none any more."""
    origin = Conversation.objects.filter(pk=request.conversation, code=request.code).first()
    return Conversation.objects.filter(sender=origin.sender) if origin else Conversation.objects.none()


def what_goes(request: DeletionRequest) -> dict[str, Any]:
    """What carrying out the request deletes."""
    found = of_request(request)
    keys = list(found.values_list("id", flat=True))
    sender = found.values_list("sender", flat=True).first()
    turns = Turn.objects.filter(conversation__in=keys)
    return {"对话": len(keys), "消息": turns.count(), **(at_source(sender) if sender else {}),
            "评判": Verdict.objects.filter(turn__in=turns).count(), "备注": Note.objects.filter(conversation__in=keys).count(),
            "改正": Correction.objects.filter(turn__in=turns).count(), "封存": found.filter(held=True).count()}


def carry_out(request: DeletionRequest, by: Account) -> DeletionRequest:
    """Delete everything of this sender and issue the receipt. Raises Refused while something is held, still going on or cannot be deleted.

    The assistant's part goes first: were the console stopped in between, the sweep of the projector forgets the rest.
    """
    found, counts = of_request(request), what_goes(request)
    if request.state == DELETED:
        raise Refused("这个申请已经办过了。")
    if counts["封存"]:
        DeletionRequest.objects.filter(pk=request.pk).update(state=SEALED, done_by=by, done=timezone.now(), counts=counts)
        raise Refused("有对话依法封存，不能删除；申请已转为“已封存”，解除后再办。")
    keys, origin = list(found.values_list("id", flat=True)), found.order_by("-id").first()
    newest = RasaEvent.objects.filter(sender_id=origin.sender).order_by("-id").first() if origin else None
    if newest and time.time() - newest.timestamp < LIVE:
        raise Refused("这个人一小时内还在用，对话可能没有结束。过一个小时再执行。")
    audit.record(by.username, "开始删除", request.number)  # should the record fail afterwards, it says at least this
    if origin:
        counts.update(_erase_at_source(origin))
    with transaction.atomic():
        Correction.objects.filter(turn__conversation__in=keys).delete()
        projector.forget(keys)
        request.state, request.done_by, request.done, request.counts = DELETED, by, timezone.now(), counts
        request.receipt = seal(request)
        request.save()
        transaction.on_commit(search.scrub)
    return request


def _erase_at_source(origin: Conversation) -> dict[str, str]:
    """Lets the assistant delete all it keeps of the sender; what the receipt says of it. Raises Refused where something is left."""
    try:
        done = assistant_scripts.erase(origin.sender, origin.channel)
    except (assistant_scripts.ScriptFailed, TimeoutExpired, OSError) as error:
        raise Refused(f"机器人那边没有删成（{error}）。这里的也没有动，请维护人员看过再办。") from None
    left = [f"{name} {count} 条" for name, count in at_source(origin.sender).items() if count]
    if left:
        raise Refused(f"没有删完：机器人的对话库里还有{'、'.join(left)}。申请没有办结，请维护人员看过再办。")
    receipt = {"机器人的回执": done["id"]}
    if done["seconds"]:
        ends = timezone.localtime(origin.ended + timedelta(seconds=done["seconds"]))
        receipt["微信账号标识"] = f"只在内存里，最晚{ends.month}月{ends.day}日{ends:%H:%M}消失"
    return receipt


def seal(request: DeletionRequest) -> str:
    """The receipt's check value: only this console can make it, over number, time and counts."""
    content: Mapping[str, Any] = {"number": request.number, "done": request.done.isoformat(), "counts": request.counts}
    return hmac.digest(derived_key("receipt"), json.dumps(content, ensure_ascii=False, sort_keys=True).encode(), "sha256").hex()[:32]
