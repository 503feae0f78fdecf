"""Accounts: make one, change its roles, give it a new password or authenticator."""
from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from console.access import note, page
from console.accounts import create, renew
from console.forms import AccountForm, GrantsForm
from console.models import Account


@page("安全管理", action="账号", methods="GET POST")
def accounts(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account, password, secret = create(**form.cleaned_data)
        note(request, account.username, grants=account.grants)
        return render(request, "console/account_made.html", {"account": account, "password": password, "secret": secret})
    return render(request, "console/accounts.html", {"accounts": Account.objects.order_by("username"), "form": form},
                  status=400 if form.errors else 200)


@page("安全管理", action="改账号", methods="GET POST")
def account(request: HttpRequest, key: int) -> HttpResponse:
    found = get_object_or_404(Account, pk=key)
    form = GrantsForm(request.POST or None, initial={"name": found.name, "grants": found.grants, "is_active": found.is_active})
    note(request, found.username)
    if request.method == "POST" and form.is_valid():
        if found == request.user and ({*form.cleaned_data["grants"]} != {*found.grants} or not form.cleaned_data["is_active"]):
            form.add_error("grants", "不能改自己的角色，请另一位安全管理员来改。")
        else:
            note(request, found.username, before=found.grants, after=form.cleaned_data["grants"], active=form.cleaned_data["is_active"])
            for name in ("name", "grants", "is_active"):
                setattr(found, name, form.cleaned_data[name])
            found.session_key = found.session_key if found == request.user else ""  # the new roles count at once
            found.save()
            messages.success(request, f"“{found.name}”已保存。")
            return redirect("accounts")
    return render(request, "console/account.html", {"account": found, "form": form}, status=400 if form.errors else 200)


@page("安全管理", action="重置登录", methods="POST")
def reset(request: HttpRequest, key: int) -> HttpResponse:
    """A new password and a new authenticator for who has lost one."""
    found = get_object_or_404(Account, pk=key)
    note(request, found.username)
    password, secret = renew(found)
    return render(request, "console/account_made.html", {"account": found, "password": password, "secret": secret})
