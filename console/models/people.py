"""Staff accounts with their roles, and the searches they keep."""
from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models

ROLES = {
    "查看": "看对话列表和经过",
    "审核": "评判对话、写备注、分派和办结",
    "训练": "提出和批准训练句、检验句、对话用例，查看新模型的差别",
    "统计": "看统计",
    "安全管理": "管理账号、保存期限、封存、按申请删除",
    "审计": "查看操作记录，检验记录有没有被改过",
}
EXTRA_RIGHTS = {"揭示": "写明理由后看对话原话", "导出": "导出表格"}
GRANTS = {**ROLES, **EXTRA_RIGHTS}


def check_grants(grants: list[str]) -> None:
    """Raise ValidationError for rights that do not exist or that one person may not hold together."""
    unknown = set(grants) - set(GRANTS)
    if unknown:
        raise ValidationError(f"没有这个角色：{'、'.join(sorted(unknown))}")
    if "审计" in grants and "安全管理" in grants:
        raise ValidationError("审计和安全管理不能是同一个人")


class Account(AbstractBaseUser):
    username = models.CharField("用户名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    grants = models.JSONField("角色", default=list)
    is_active = models.BooleanField("在用", default=True)
    must_change_password = models.BooleanField(default=True)
    shortcuts = models.BooleanField("用字母键翻看消息", default=True)
    session_key = models.CharField(max_length=40, blank=True)  # the one session that counts
    created = models.DateTimeField(auto_now_add=True)

    objects = BaseUserManager()
    USERNAME_FIELD = "username"

    def may(self, *grants: str) -> bool:
        """Whether one of these roles or rights is held."""
        return bool(set(grants) & set(self.grants))

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A search under a name. The query holds filters only, never words of a citizen's message that name somebody."""

    owner = models.ForeignKey(Account, on_delete=models.CASCADE)
    name = models.CharField("名称", max_length=40)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField("大家都能用", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_per_name")]
