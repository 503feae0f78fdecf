"""Tables of the assistant's database: `events`, which it writes and which is only read here save for deletions; `holds`, which is written here."""
from django.db import models


class RasaEvent(models.Model):
    id = models.BigIntegerField(primary_key=True)  # the order of events; timestamps may tie or step back
    sender_id = models.CharField(max_length=255)
    type_name = models.CharField(max_length=255)
    timestamp = models.FloatField()  # seconds since 1970
    intent_name = models.CharField(max_length=255, null=True)
    action_name = models.CharField(max_length=255, null=True)
    data = models.TextField()  # JSON

    class Meta:
        managed = False
        db_table = "events"


class LegalHold(models.Model):
    """A conversation that the assistant's own purge must spare."""

    first_event = models.BigIntegerField(primary_key=True)
    last_event = models.BigIntegerField()
    sender_id = models.CharField(max_length=255)

    class Meta:
        managed = False
        db_table = "holds"
