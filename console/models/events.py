"""Rasa's table `events`: written by the assistant, only read here, save for a deletion on request."""
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
