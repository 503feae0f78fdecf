"""The read model: what lists, queues and figures are made of. Written by the projector only, save for the review columns.

Keys are ids of events (the session's first one, the citizen's message), so projecting the same events again changes nothing.
Texts are masked twice: by the assistant before it stores them, and here by console.masking. The words themselves stay in `events`.
"""
from django.conf import settings
from django.db import models

REVIEW_STATES = ("待看", "在办", "已办结")


class Conversation(models.Model):
    """One session of one sender with at least one message of the citizen."""

    id = models.BigAutoField(primary_key=True)  # of its first event, never by itself; "auto" makes it the row id of SQLite
    sender = models.CharField(max_length=255)  # a keyed pseudonym
    code = models.CharField(max_length=12, db_index=True)  # what staff call it
    last_event = models.BigIntegerField()
    channel = models.CharField(max_length=40)
    city = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=40, blank=True)
    started = models.DateTimeField(db_index=True)
    ended = models.DateTimeField()
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()  # local
    messages = models.PositiveIntegerField()  # of the citizen
    least_confidence = models.FloatField()
    least_margin = models.FloatField()  # between first and second intent
    slowest = models.FloatField()  # seconds to the last message of a reply
    fell_back = models.BooleanField()  # not understood
    asked_back = models.BooleanField()  # did you mean …
    out_of_scope = models.BooleanField()
    unanswered = models.BooleanField()  # the documents say nothing, or nothing was in force
    old_source = models.BooleanField()  # rests on a document of more than five years
    result = models.CharField(max_length=10)  # console.summary.RESULTS
    outcome = models.CharField(max_length=20, blank=True)  # the last decision
    last_asked = models.CharField(max_length=20, blank=True)  # the fact asked last
    feedback = models.CharField(max_length=4, blank=True)  # 好评 | 差评
    feedback_reason = models.CharField(max_length=200, blank=True)  # masked
    opening = models.CharField(max_length=80)  # beginning of the first message
    lot = models.PositiveSmallIntegerField()  # 0 … 999, for random samples
    # Written by staff; the projector never touches what follows.
    review_state = models.CharField(max_length=6, default="待看")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    review_version = models.PositiveIntegerField(default=0)
    held = models.BooleanField(default=False)  # under legal hold: nothing of it is deleted
    hold_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["sender", "id"]),
            models.Index(fields=["day"]),
            models.Index(fields=["review_state", "id"]),
            models.Index(fields=["result", "id"]),
            models.Index(fields=["feedback", "id"]),
            models.Index(fields=["lot", "id"]),
            models.Index(fields=["city", "id"]),
            models.Index(fields=["least_confidence"]),
        ]


class HeldEvents(models.Model):
    """A copy of the events of a conversation under legal hold, should the citizen clear it (console.holds)."""

    conversation = models.OneToOneField(Conversation, primary_key=True, on_delete=models.CASCADE)
    events = models.JSONField()  # rows of console.turns.Event


class Turn(models.Model):
    """One message of the citizen and what the assistant did with it."""

    event = models.BigAutoField(primary_key=True)  # the id of the message, likewise
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    text = models.CharField(max_length=600)  # masked
    intent = models.CharField(max_length=40)
    confidence = models.FloatField()
    margin = models.FloatField()
    kind = models.CharField(max_length=20)  # the weightiest kind of message in the reply
    topics = models.JSONField(default=list)  # answered
    asks = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    cites = models.JSONField(default=list)
    city = models.CharField(max_length=20, blank=True)
    unclear = models.CharField(max_length=10, blank=True)  # 没听懂 | 反问 | 没规定
    seconds = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["intent", "event"]), models.Index(fields=["unclear", "event"])]


class Daily(models.Model):
    """How often `name` of `measure` occurred on a day, for one channel and city."""

    day = models.DateField()
    channel = models.CharField(max_length=40)
    city = models.CharField(max_length=20, blank=True)
    measure = models.CharField(max_length=20)  # console.rollup.MEASURES
    name = models.CharField(max_length=60)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "channel", "city", "measure", "name"], name="one_count")]
        indexes = [models.Index(fields=["measure", "day"])]


class Cursor(models.Model):
    """How far the projector has come; one row."""

    last_event = models.BigIntegerField(default=0)
    swept_to = models.BigIntegerField(default=0)  # erasures in `events` have been followed up to this conversation
    dirty_days = models.JSONField(default=list)  # days to be counted anew
    lag = models.FloatField(default=0)  # seconds from the newest projected event to its projection
    at = models.DateTimeField(null=True)
