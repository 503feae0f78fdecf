"""Retention, holds, deletion on request, and the record with its check."""
from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from console import audit, exporting, holds, retention
from console.access import note, page
from console.models import AuditEntry, AuditHead, Conversation, DeletionRequest, RetentionRun
from idcard.privacy import mask

PAGE = 100


@page("安全管理", action="看保存", methods="GET")
def kept(request: HttpRequest) -> HttpResponse:
    clocks = [(what, retention.days(what), retention.LEAST[what]) for what in retention.LEAST]
    return render(request, "console/retention.html", {
        "clocks": clocks, "preview": retention.preview(), "runs": RetentionRun.objects.order_by("-id")[:20],
        "held": Conversation.objects.filter(held=True).order_by("-id")[:100], "requests": DeletionRequest.objects.order_by("-id")[:100]})


@page("安全管理", action="改保存期限", methods="POST")
def set_clock(request: HttpRequest) -> HttpResponse:
    what, given = request.POST.get("what", ""), request.POST.get("days", "")
    if what in retention.LEAST and given.isdecimal() and len(given) < 6:
        note(request, what, before=retention.days(what), after=int(given))
        try:
            retention.set_days(what, int(given))
            messages.success(request, f"{what}保存 {given} 天。")
        except retention.Refused as refused:
            messages.error(request, str(refused))
    return redirect("retention")


@page("安全管理", action="执行到期清理", methods="POST")
def clean(request: HttpRequest) -> HttpResponse:
    done = retention.run(request.user.username)
    note(request, **done)
    messages.success(request, f"清理了 {done['对话']} 个对话、{done['操作记录']} 条操作记录。")
    return redirect("retention")


@page("安全管理", action="封存或解除", methods="POST")
def hold(request: HttpRequest, key: int) -> HttpResponse:
    found, reason = get_object_or_404(Conversation, pk=key), mask(request.POST.get("reason", "").strip())[:200]
    note(request, found.code, reason=reason, held=not found.held)
    try:
        if found.held:
            holds.release(found)
            messages.success(request, "已解除封存。")
        elif len(reason) >= 4:
            holds.hold(found, reason)
            messages.success(request, "已封存，到期清理和删除申请都不会删它。")
        else:
            messages.error(request, "请写明封存的理由。")
    except holds.Refused as refused:
        messages.error(request, str(refused))
    return redirect("conversation", key) if request.user.may("查看", "审核") else redirect("retention")


@page("审核", "安全管理", action="登记删除申请", methods="POST")
def ask_deletion(request: HttpRequest, key: int) -> HttpResponse:
    found, reason = get_object_or_404(Conversation, pk=key), request.POST.get("reason", "").strip()
    note(request, found.code)
    if len(reason) < 4:
        messages.error(request, "请写明是谁、怎么申请的（不要写号码）。")
        return redirect("conversation", key)
    made = retention.ask_deletion(found, request.user, reason)
    note(request, made.number, code=found.code)
    messages.success(request, f"已登记删除申请 {made.number}，等安全管理员执行。")
    return redirect("deletion", made.number) if request.user.may("安全管理") else redirect("conversation", key)


@page("安全管理", action="删除申请", methods="GET POST")
def deletion(request: HttpRequest, number: str) -> HttpResponse:
    """The preview of what goes; carrying it out; then the receipt, to be printed."""
    found = get_object_or_404(DeletionRequest, number=number)
    note(request, number)
    if request.method == "POST":
        try:
            retention.carry_out(found, request.user)
            note(request, number, **found.counts)
        except retention.Refused as refused:
            messages.error(request, str(refused))
        return redirect("deletion", number)
    preview = retention.what_goes(found) if found.state != retention.DELETED else found.counts
    genuine = found.state == retention.DELETED and found.receipt == retention.seal(found)
    return render(request, "console/deletion.html", {"request_": found, "counts": preview, "genuine": genuine})


@page("审计", action="看操作记录", methods="GET")
def record(request: HttpRequest) -> HttpResponse:
    actor, action, before = (request.GET.get(name, "").strip() for name in ("actor", "action", "before"))
    found = AuditEntry.objects.order_by("-id")
    found = found.filter(actor=actor) if actor else found
    found = found.filter(action=action) if action else found
    found = found.filter(id__lt=int(before)) if before.isdecimal() else found
    rows = list(found[:PAGE + 1])
    note(request, actor=actor, action=action)
    actions = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
    return render(request, "console/audit.html", {"rows": rows[:PAGE], "older": rows[PAGE - 1].id if len(rows) > PAGE else None,
                                                  "actor": actor, "action": action, "actions": actions, "head": AuditHead.objects.first()})


@page("审计", action="检验操作记录", methods="POST")
def check_record(request: HttpRequest) -> HttpResponse:
    problems = list(audit.verify())
    note(request, problems=len(problems))
    return render(request, "console/audit_check.html", {"problems": problems[:100], "count": len(problems), "head": AuditHead.objects.first()})


@page("审计", action="导出操作记录", methods="POST", also="导出")
def record_csv(request: HttpRequest) -> HttpResponse:
    rows = AuditEntry.objects.order_by("-id")[:exporting.MOST_ROWS]
    note(request, rows=len(rows))
    shown = [(row.id, row.at.isoformat(), row.actor, row.action, row.subject, row.result, str(row.detail), row.hash) for row in rows]
    return exporting.download("audit", ("序号", "时间", "谁", "做什么", "对象", "结果", "详情", "校验值"), shown)
