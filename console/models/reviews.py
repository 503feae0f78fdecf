"""What staff say about conversations, and the better data that comes of it. Nothing here is overwritten silently."""
from django.conf import settings
from django.db import models

from console.models.conversations import Conversation, Turn

VERDICTS = ("正确", "部分正确", "错误", "答非所问", "应当不答")
CAUSES = ("意图认错", "实体认错", "缺规则", "依据过旧", "话术不好", "其他")
SEVERITIES = ("轻", "中", "重")
PURPOSES = {"训练": "训练句", "检验": "检验句", "对话": "对话用例"}
CORRECTION_STATES = ("待批准", "已批准", "已退回", "已导出")


class Verdict(models.Model):
    """One person's judgement of one answer. A change is a new row that names the one it replaces."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    round = models.PositiveSmallIntegerField()  # 1 first, 2 blind second, 3 settles a disagreement
    verdict = models.CharField("评判", max_length=10)
    cause = models.CharField("原因", max_length=10, blank=True)
    severity = models.CharField("轻重", max_length=2, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replaced_by")
    current = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn", "round"], condition=models.Q(current=True), name="one_current_verdict")]
        indexes = [models.Index(fields=["verdict", "turn"])]


class Note(models.Model):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    text = models.CharField("备注", max_length=500)
    at = models.DateTimeField(auto_now_add=True)


class Correction(models.Model):
    """A sentence with its right reading, or a conversation with its right answers, on its way into the data files."""

    turn = models.ForeignKey(Turn, null=True, on_delete=models.SET_NULL)
    purpose = models.CharField("用途", max_length=4)
    text = models.CharField("句子", max_length=600)
    intents = models.JSONField("意图", default=list)
    entities = models.JSONField("实体", default=list)  # {entity, value, role}
    case = models.JSONField(null=True)  # of a conversation: name and turns as in tests/conversations
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="corrections")
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=6, default="待批准")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="approvals")
    decided = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)


class Replay(models.Model):
    """Past conversations led once more by another model, or by two of them."""

    model = models.CharField(max_length=200)
    baseline = models.CharField(max_length=200, blank=True)  # the model it is compared with; empty: what was answered then
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    limit = models.PositiveIntegerField()
    state = models.CharField(max_length=6, default="排队")  # 排队 | 进行 | 完成 | 失败
    messages = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    summary = models.JSONField(default=dict)  # console.replaying.summary


class ReplayDifference(models.Model):
    """A message that the other model would read or answer differently. before and after: readings of console.replaying."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE)
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE)
    what = models.CharField(max_length=10)  # 意图 | 答复
    before = models.JSONField()
    after = models.JSONField()
