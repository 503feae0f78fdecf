"""How long things are kept, what is held back from deletion, and deletion on a citizen's request with a receipt.

Two clocks: conversations (words, events, verdicts) and the record of what staff did. The law wants the record for half a year at
least; conversations go as soon as they are no longer needed. Counts by day stay: they name nobody.
"""
from __future__ import annotations

import hmac
import json
import time
from datetime import timedelta
from typing import Any, Mapping

from django.db import connections, transaction
from django.utils import timezone

from console import audit, projector
from console.environment import derived_key, retention_days
from console.models import (Account, AuditEntry, Conversation, Correction, DeletionRequest, HeldEvents, Note, RasaEvent,
                            RetentionClock, RetentionRun, Turn, Verdict)

CONVERSATIONS, RECORD = "对话", "操作记录"
LEAST = {CONVERSATIONS: 1, RECORD: 180}
USUAL_FOR_RECORD = 365
LIVE = 3600  # seconds after the last message in which a session may still go on
CHUNK = 500
# Tables of the assistant's database with the column that holds the sender: Rasa's events, and what the web channel replays.
KEPT_BY_SENDER = (("events", "sender_id"), ("web_message", "session"), ("web_session", "session"))
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


def run(actor: str) -> dict[str, int]:
    """Delete what is over, a few hundred conversations at a time; what was deleted."""
    done = {"对话": 0, "操作记录": 0}
    while keys := list(_over().filter(held=False).order_by("id").values_list("id", flat=True)[:CHUNK]):
        for conversation in Conversation.objects.filter(id__in=keys):
            _delete_events(conversation)
        with transaction.atomic():
            projector.forget(keys)
        done["对话"] += len(keys)
    last = _old_entries().order_by("-id").first()
    done["操作记录"] = audit.purge(last.id) if last else 0
    if any(done.values()):
        RetentionRun.objects.create(actor=actor, counts=done)
        audit.record(actor, "到期清理", detail=done)
    return done


def _over() -> Any:
    return Conversation.objects.filter(ended__lt=timezone.now() - timedelta(days=days(CONVERSATIONS)))


def _old_entries() -> Any:
    return AuditEntry.objects.filter(at__lt=timezone.now() - timedelta(days=days(RECORD)))


def _delete_events(conversation: Conversation) -> None:
    """Its events in the assistant's store; whole closed sessions only. With the last of them goes what the channels keep of the sender."""
    RasaEvent.objects.filter(sender_id=conversation.sender, id__gte=conversation.id, id__lte=conversation.last_event).delete()
    if not RasaEvent.objects.filter(sender_id=conversation.sender, type_name="user").exists():
        erase_at_source(conversation.sender)


def erase_at_source(sender: str) -> int:
    """Delete what the assistant's database holds of a sender, in whichever of KEPT_BY_SENDER there is; how many rows."""
    source, deleted = connections["rasa"], 0
    there = set(source.introspection.table_names())
    with transaction.atomic(using="rasa"), source.cursor() as cursor:
        for table, column in KEPT_BY_SENDER:
            if table in there:
                cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [sender])
                deleted += cursor.rowcount
    return deleted


def hold(conversation: Conversation, reason: str) -> None:
    """Keep a conversation, with a copy of its events, from every deletion."""
    HeldEvents.objects.update_or_create(pk=conversation.pk, defaults={"events": projector.events_of(conversation)})
    Conversation.objects.filter(pk=conversation.pk).update(held=True, hold_reason=reason)


def release(conversation: Conversation) -> None:
    HeldEvents.objects.filter(pk=conversation.pk).delete()
    Conversation.objects.filter(pk=conversation.pk).update(held=False, hold_reason="")


def ask_deletion(conversation: Conversation, by: Account, reason: str) -> DeletionRequest:
    with transaction.atomic():
        number = f"S{timezone.localdate():%Y%m%d}-{DeletionRequest.objects.select_for_update().count() + 1:04}"
        return DeletionRequest.objects.create(number=number, code=conversation.code, conversation=conversation.id, reason=reason[:200],
                                              requested_by=by)


def of_request(request: DeletionRequest) -> Any:
    """All conversations of the same sender, or none any more."""
    origin = Conversation.objects.filter(pk=request.conversation, code=request.code).first()
    return Conversation.objects.filter(sender=origin.sender) if origin else Conversation.objects.none()


def what_goes(request: DeletionRequest) -> dict[str, int]:
    """What carrying out the request deletes."""
    found = of_request(request)
    keys = list(found.values_list("id", flat=True))
    senders = list(found.values_list("sender", flat=True)[:1])
    turns = Turn.objects.filter(conversation__in=keys)
    return {"对话": len(keys), "消息": turns.count(), "原始记录": RasaEvent.objects.filter(sender_id__in=senders).count(),
            "评判": Verdict.objects.filter(turn__in=turns).count(), "备注": Note.objects.filter(conversation__in=keys).count(),
            "改正": Correction.objects.filter(turn__in=turns).count(), "封存": found.filter(held=True).count()}


def carry_out(request: DeletionRequest, by: Account) -> DeletionRequest:
    """Delete everything of this sender and issue the receipt. Raises Refused while something is held or still going on.

    Rasa's events go first: were the console stopped in between, the sweep of the projector forgets the rest.
    """
    found, counts = of_request(request), what_goes(request)
    if request.state == DELETED:
        raise Refused("这个申请已经办过了。")
    if counts["封存"]:
        DeletionRequest.objects.filter(pk=request.pk).update(state=SEALED, done_by=by, done=timezone.now(), counts=counts)
        raise Refused("有对话依法封存，不能删除；申请已转为“已封存”，解除后再办。")
    sender = found.values_list("sender", flat=True).first()
    newest = RasaEvent.objects.filter(sender_id=sender).order_by("-id").first() if sender else None
    if newest and time.time() - newest.timestamp < LIVE:
        raise Refused("这个人一小时内还在用，对话可能没有结束。过一个小时再执行。")
    keys = list(found.values_list("id", flat=True))
    if sender:
        erase_at_source(sender)
    with transaction.atomic():
        Correction.objects.filter(turn__conversation__in=keys).delete()
        projector.forget(keys)
        request.state, request.done_by, request.done, request.counts = DELETED, by, timezone.now(), counts
        request.receipt = seal(request)
        request.save()
    return request


def seal(request: DeletionRequest) -> str:
    """The receipt's check value: only this console can make it, over number, time and counts."""
    content: Mapping[str, Any] = {"number": request.number, "done": request.done.isoformat(), "counts": request.counts}
    return hmac.digest(derived_key("receipt"), json.dumps(content, ensure_ascii=False, sort_keys=True).encode(), "sha256").hex()[:32]
