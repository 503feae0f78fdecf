"""Forms of accounts and of what staff say."""
from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from console.models.people import GRANTS, Account, check_grants


class LoginForm(forms.Form):
    username = forms.CharField(label="用户名", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}))
    password = forms.CharField(label="密码", max_length=200, strip=False,
                               widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class CodeForm(forms.Form):
    code = forms.RegexField(r"^[0-9]{6}$", label="六位验证码", error_messages={"invalid": "验证码是六位数字。"}, widget=forms.TextInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}))


class PasswordForm(forms.Form):
    old = forms.CharField(label="现在的密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    new = forms.CharField(label="新密码", strip=False, help_text="至少 12 个字符，不要只用数字，也不要用别处用过的密码。",
                          widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    again = forms.CharField(label="再输一次新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def __init__(self, account: Account, *args: object) -> None:
        super().__init__(*args)
        self.account = account

    def clean_old(self) -> str:
        if not self.account.check_password(self.cleaned_data["old"]):
            raise ValidationError("现在的密码不对。")
        return self.cleaned_data["old"]

    def clean(self) -> dict:
        found = super().clean()
        if found.get("new") != found.get("again"):
            raise ValidationError("两次输入的新密码不一样。")
        if found.get("new") and found["new"] == found.get("old"):
            raise ValidationError("新密码要和现在的不一样。")
        if found.get("new"):
            validate_password(found["new"], self.account)
        return found


class AccountForm(forms.Form):
    username = forms.RegexField(r"^[A-Za-z][A-Za-z0-9_.-]{2,39}$", label="用户名", max_length=40, help_text="字母开头，三个字符以上。",
                                error_messages={"invalid": "用户名用字母开头，只能有字母、数字、点、横线，三个字符以上。"})
    name = forms.CharField(label="姓名", max_length=40)
    grants = forms.MultipleChoiceField(label="角色", choices=[(name, f"{name}：{meaning}") for name, meaning in GRANTS.items()],
                                       widget=forms.CheckboxSelectMultiple)

    def clean_username(self) -> str:
        if Account.objects.filter(username=self.cleaned_data["username"]).exists():
            raise ValidationError("已经有这个用户名了。")
        return self.cleaned_data["username"]

    def clean_grants(self) -> list[str]:
        check_grants(self.cleaned_data["grants"])
        return self.cleaned_data["grants"]


class GrantsForm(AccountForm):
    """The same for an account that is there already."""

    username = None
    is_active = forms.BooleanField(label="可以登录", required=False)
