"""Password, then the code of an authenticator app; changing the password; signing out."""
from __future__ import annotations

from base64 import b32encode
from typing import Optional

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_otp import login as login_with_code
from django_otp.plugins.otp_totp.models import TOTPDevice

from console.access import ANYONE, MENU, SIGNED_IN, note, page
from console.forms import CodeForm, LoginForm, PasswordForm
from console.models import Account

WAITING = "waiting_for_code"  # in the session: whose password was right


@page(ANYONE, action="登录：密码", methods="GET POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        known = Account.objects.filter(username=form.cleaned_data["username"]).exists()
        note(request, form.cleaned_data["username"] if known else "没有这个用户名")  # it may be a password typed into the wrong field
        account = authenticate(request, **form.cleaned_data)
        if account:
            request.session.flush()
            request.session[WAITING] = account.pk
            return redirect("code")
        form.add_error(None, "用户名或密码不对。连错五次，要等三十分钟再试。")
    return render(request, "console/login.html", {"form": form}, status=401 if form.errors else 200)


@page(ANYONE, action="登录：验证码", methods="GET POST")
def code(request: HttpRequest) -> HttpResponse:
    """The second factor. In development an account without a device gets one here; in service the administrator gives it."""
    account = Account.objects.filter(pk=request.session.get(WAITING), is_active=True).first()
    if not account:
        return redirect("login")
    note(request, account.username)
    device = _device(account)
    form = CodeForm(request.POST or None)
    if device and request.method == "POST" and form.is_valid():
        if _is_right(device, form.cleaned_data["code"]):
            return _enter(request, account, device)
        form.add_error("code", "验证码不对，或者已经过期。等下一个再试。")
    context = {"form": form, "device": device, "secret": _secret(device) if device and not device.confirmed else ""}
    return render(request, "console/code.html", context, status=401 if form.errors else 200)


def _device(account: Account) -> Optional[TOTPDevice]:
    device = TOTPDevice.objects.filter(user=account).order_by("-confirmed").first()
    if device is None and not settings.IN_SERVICE:
        device = TOTPDevice.objects.create(user=account, name="手机", confirmed=False)
    return device


def _is_right(device: TOTPDevice, code: str) -> bool:
    """Whether the code is the one of now. The row is locked, so that of two who send it at once only one gets in."""
    with transaction.atomic():
        locked = TOTPDevice.objects.select_for_update().get(pk=device.pk)
        right = locked.verify_is_allowed()[0] and locked.verify_token(code)
    device.refresh_from_db()
    return right


def _secret(device: TOTPDevice) -> str:
    return b32encode(device.bin_key).decode()


def _enter(request: HttpRequest, account: Account, device: TOTPDevice) -> HttpResponse:
    if not device.confirmed:
        device.confirmed = True
        device.save()
    return _start_session(request, account, device)


def _start_session(request: HttpRequest, account: Account, device: TOTPDevice) -> HttpResponse:
    """Any session before this one ends."""
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    login_with_code(request, device)
    request.session.pop(WAITING, None)
    request.session.save()
    account.session_key = request.session.session_key
    account.save(update_fields=["session_key"])
    return redirect("home")


@page(SIGNED_IN, action="退出", methods="POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("login")


@page(SIGNED_IN, action="改密码", methods="GET POST")
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = request.user
        account.set_password(form.cleaned_data["new"])
        account.must_change_password = False
        account.save()
        return _start_session(request, account, request.user.otp_device)
    return render(request, "console/password.html", {"form": form}, status=400 if form.errors else 200)


@page(SIGNED_IN, action="", methods="GET")
def home(request: HttpRequest) -> HttpResponse:
    """The first page that this person may open."""
    target = next((target for _, target, grants in MENU if request.user.may(*grants)), "password")
    return redirect(target)


@page(SIGNED_IN, action="改快捷键设置", methods="POST")
def shortcuts(request: HttpRequest) -> HttpResponse:
    request.user.shortcuts = "on" in request.POST
    request.user.save(update_fields=["shortcuts"])
    return redirect("password")
