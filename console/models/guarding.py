"""The record of what staff did, retention, and deletion on request."""
from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One deed. Its hash covers the one before, so that none can be changed or taken out unnoticed (console.audit)."""

    id = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without gaps
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)  # user name; empty: nobody signed in
    action = models.CharField(max_length=40, db_index=True)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    result = models.CharField(max_length=10)  # 成功 | 拒绝 | 失败
    address = models.CharField(max_length=45, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["actor", "id"])]


class AuditHead(models.Model):
    """Number and hash of the last entry, sealed with the key; one row, also the lock for appending."""

    entries = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    purged = models.BigIntegerField(default=0)  # entries up to this one were deleted when their time was over …
    purged_hash = models.CharField(max_length=64, blank=True)  # … and this was the hash of the last of them


class RetentionClock(models.Model):
    """For how many days something is kept."""

    what = models.CharField(max_length=10, primary_key=True)  # 对话 | 操作记录
    days = models.PositiveIntegerField()


class RetentionRun(models.Model):
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=40)  # empty: by itself
    counts = models.JSONField()


class DeletionRequest(models.Model):
    """A citizen's wish to be forgotten, from the request to the receipt."""

    number = models.CharField(max_length=20, unique=True)
    code = models.CharField(max_length=12)  # of the conversation it came from
    conversation = models.BigIntegerField()
    reason = models.CharField("申请情况", max_length=200)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=6, default="待执行")  # 待执行 | 已删除 | 已封存 | 已撤回
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    receipt = models.CharField(max_length=64, blank=True)
