"""Making accounts. A first password and the secret of an authenticator are shown once and never again."""
from __future__ import annotations

import secrets
from base64 import b32encode
from typing import Sequence

from axes.utils import reset as unlock
from django_otp.plugins.otp_totp.models import TOTPDevice

from console.models import Account
from console.models.people import check_grants


def create(username: str, name: str, grants: Sequence[str]) -> tuple[Account, str, str]:
    """(account, first password, secret of its authenticator). Raises ValidationError for rights that exclude each other."""
    check_grants(list(grants))
    account = Account(username=username, name=name, grants=list(grants))
    return account, *renew(account)


def renew(account: Account) -> tuple[str, str]:
    """A new first password and a new authenticator; sessions and a lock after wrong passwords end."""
    password = secrets.token_urlsafe(12)
    account.set_password(password)
    account.must_change_password, account.session_key = True, ""
    account.save()
    unlock(username=account.username)
    TOTPDevice.objects.filter(user=account).delete()
    device = TOTPDevice.objects.create(user=account, name="手机", confirmed=True)
    return password, b32encode(device.bin_key).decode()
