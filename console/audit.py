"""The record of what staff did: every entry carries the hash of the one before, keyed with the console's secret.

Who changes, adds or removes a row without the key is found by verify(). The seal on the head covers the last row too; only putting
back an older copy of all tables escapes it, and that shows against a head noted elsewhere (`audit verify --expect N:HASH`).
"""
from __future__ import annotations

import hmac
import json
from datetime import timezone as zones
from typing import Any, Iterator, Mapping, Optional

from django.db import transaction
from django.utils import timezone

from console.environment import derived_key
from console.models import AuditEntry, AuditHead
from idcard.privacy import mask, mask_json

DONE, REFUSED, FAILED = "成功", "拒绝", "失败"
_FIELDS = ("id", "at", "actor", "action", "subject", "detail", "result", "address", "previous")


def record(actor: str, action: str, subject: str = "", detail: Optional[Mapping[str, Any]] = None, result: str = DONE,
           address: str = "") -> AuditEntry:
    """Append one entry, masked: staff may have searched for a number. Raises what the database raises."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get_or_create(pk=1)[0]
        entry = AuditEntry(id=head.entries + 1, at=timezone.now(), actor=actor, action=action, subject=mask(subject)[:200],
                           detail=mask_json(dict(detail or {})), result=result, address=address, previous=head.hash)
        entry.hash = _hash(entry)
        entry.save(force_insert=True)
        head.entries, head.hash = entry.id, entry.hash
        _seal(head)
    return entry


def head() -> str:
    """Number and hash of the last entry, to be noted elsewhere."""
    found = AuditHead.objects.filter(pk=1).first() or AuditHead()
    return f"{found.entries}:{found.hash}"


def verify(noted: str = "") -> Iterator[str]:
    """What is wrong with the record, in Chinese; nothing when it is whole. `noted` is a head() of earlier."""
    if noted:
        yield from _verify_noted(noted)
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    if head.entries and not hmac.compare_digest(head.seal, _sealed(head)):
        yield "链头被改过"
    expected, previous = head.purged, head.purged_hash
    for entry in AuditEntry.objects.order_by("id").iterator(2000):
        if entry.id != expected + 1:
            yield f"缺第 {expected + 1} 条到第 {entry.id - 1} 条"
        elif entry.previous != previous:
            yield f"第 {entry.id} 条和前一条接不上"
        if not hmac.compare_digest(entry.hash, _hash(entry)):
            yield f"第 {entry.id} 条被改过"
        expected, previous = entry.id, entry.hash
    if (expected, previous) != (head.entries, head.hash):
        yield f"最后应当是第 {head.entries} 条，现在到第 {expected} 条，或者最后一条被换过"


def _verify_noted(noted: str) -> Iterator[str]:
    """Finds an older copy of the whole record that somebody has put back."""
    number, _, value = noted.partition(":")
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    if not number.isdecimal() or head.entries < int(number):
        yield f"抄下的链头是第 {number} 条，现在只有 {head.entries} 条"
    elif int(number) > head.purged and not AuditEntry.objects.filter(id=int(number), hash=value).exists():
        yield f"第 {number} 条和抄下的校验值对不上"


def purge(through: int) -> int:
    """Delete the entries up to this one, whose time is over; the chain then begins behind them. How many."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get(pk=1)
        last = AuditEntry.objects.filter(id__lte=through).order_by("-id").first()
        if last is None:
            return 0
        head.purged, head.purged_hash = last.id, last.hash
        _seal(head)
        return AuditEntry.objects.filter(id__lte=last.id).delete()[0]


def _hash(entry: AuditEntry) -> str:
    values = {name: getattr(entry, name) for name in _FIELDS}
    values["at"] = entry.at.astimezone(zones.utc).isoformat(timespec="microseconds")
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hmac.digest(derived_key("audit"), text.encode(), "sha256").hex()


def _sealed(head: AuditHead) -> str:
    text = f"{head.entries} {head.hash} {head.purged} {head.purged_hash}"
    return hmac.digest(derived_key("audit head"), text.encode(), "sha256").hex()


def _seal(head: AuditHead) -> None:
    head.seal = _sealed(head)
    head.save()
