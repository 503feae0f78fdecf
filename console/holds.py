"""Legal holds: what is held outlives every clock and every request.

The assistant's purge spares what its table `holds` names. A citizen may still clear the conversation out of the assistant's sight; so
the console keeps a copy of its events, which follows the conversation while it goes on.
"""
from __future__ import annotations

from django.db import DatabaseError, transaction

from console import projector
from console.models import Conversation, HeldEvents, LegalHold, RasaEvent


class Refused(Exception):
    """A hold that cannot be put; the message says why."""


def hold(conversation: Conversation, reason: str) -> None:
    try:
        with transaction.atomic(), transaction.atomic(using="rasa"):
            _keep(conversation)
            Conversation.objects.filter(pk=conversation.pk).update(held=True, hold_reason=reason)
    except DatabaseError:
        raise Refused("没有封存：机器人的对话库写不进去。先启动一次新版的机器人，或者请维护人员给控制台开 holds 表的写权限。") from None


def release(conversation: Conversation) -> None:
    with transaction.atomic(), transaction.atomic(using="rasa"):
        LegalHold.objects.filter(pk=conversation.pk).delete()
        HeldEvents.objects.filter(pk=conversation.pk).delete()
        Conversation.objects.filter(pk=conversation.pk).update(held=False, hold_reason="")


def follow() -> None:
    """Take into the copies what has been said since. Asked every second: it begins with the few copies, not with all conversations."""
    kept = list(HeldEvents.objects.values_list("pk", flat=True))
    ends = dict(LegalHold.objects.filter(pk__in=kept).values_list("pk", "last_event")) if kept else {}
    for conversation in Conversation.objects.filter(pk__in=kept):
        if ends.get(conversation.pk) != conversation.last_event and RasaEvent.objects.filter(pk=conversation.last_event).exists():
            with transaction.atomic(), transaction.atomic(using="rasa"):
                _keep(conversation)


def _keep(conversation: Conversation) -> None:
    HeldEvents.objects.update_or_create(pk=conversation.pk, defaults={"events": projector.events_of(conversation)})
    LegalHold.objects.update_or_create(pk=conversation.pk, defaults={"last_event": conversation.last_event, "sender_id": conversation.sender})
