"""Stands before every view: second factor, role, method, one session per person; and writes the record behind it."""
from __future__ import annotations

from typing import Any, Callable, Optional

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from console import audit
from console.access import ANYONE, Access
from console.addresses import client_address


class GuardMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.audit_subject, request.audit_detail, request.access = "", {}, None
        actor = request.user.get_username() if request.user.is_authenticated else ""
        response = self.get_response(request)
        access: Optional[Access] = request.access
        if access and access.action:
            _write(request, response, access, actor or (request.user.get_username() if request.user.is_authenticated else ""))
        if request.resolver_match:
            response.headers["Cache-Control"] = "no-store"
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: Any, kwargs: Any) -> Optional[HttpResponse]:
        access: Optional[Access] = getattr(view, "access", None)
        if access is None:
            raise Http404
        if request.method not in access.methods and not (request.method == "HEAD" and "GET" in access.methods):
            return HttpResponseNotAllowed(access.methods)
        if _has_null(request):
            return HttpResponseBadRequest()
        if access.grants == (ANYONE,):
            request.access = access if request.method == "POST" else None  # or strangers would fill the record by looking
            return None
        if _superseded(request):
            logout(request)
        if not request.user.is_authenticated or not request.user.is_verified():
            return redirect("login")
        if request.user.must_change_password and request.resolver_match.url_name not in ("password", "logout"):
            return redirect("password")
        request.access = access
        if not access.allows(request.user):
            return render(request, "console/refused.html", {"needed": access.needed}, status=403)
        return None


def _superseded(request: HttpRequest) -> bool:
    """Whether the person has signed in somewhere else since."""
    return request.user.is_authenticated and request.user.session_key != request.session.session_key


def _has_null(request: HttpRequest) -> bool:
    """No browser sends U+0000, and PostgreSQL takes no text with it."""
    return any("\0" in value for sent in (request.GET, request.POST) for values in sent.lists() for value in values[1])


def _write(request: HttpRequest, response: HttpResponse, access: Access, actor: str) -> None:
    result = audit.DONE if response.status_code < 400 else audit.REFUSED if response.status_code < 500 else audit.FAILED
    subject = request.audit_subject or " ".join(str(value) for value in request.resolver_match.kwargs.values())
    detail = {**request.audit_detail, **({"method": request.method} if len(access.methods) > 1 else {})}
    audit.record(actor, access.action, subject, detail, result, client_address(request))
