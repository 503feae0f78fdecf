"""Making better data: correct a reading, turn a conversation into a case, approve, export; and the replay of a new model."""
from __future__ import annotations

from typing import Any, Mapping

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from console import improving, projector, replaying
from console.access import note, page
from console.masking import hide
from console.models import Conversation, Correction, Replay, ReplayDifference, Turn, Verdict
from console.models.reviews import CORRECTION_STATES, PURPOSES
from idcard.knowledge import load

ENTITIES = ("省份", "城市", "区县", "地标", "站点", "证件", "办理类型", "办理原因", "日期")
ROLES = ("", "户籍", "所在", "不是", "没有")
CONVERSATIONAL = ("问候", "告别", "感谢", "身份询问", "帮助", "肯定", "否定", "不清楚", "更正", "为什么", "假设", "重新开始", "取消", "转人工",
                  "好评", "差评", "告知所在地", "告知户籍", "告知凭证", "超出范围", "闲聊", "辱骂")
SPARE_ROWS = 2
MOST_DIFFERENCES = 500  # listed; the figures count all


@page("训练", action="改正理解", methods="GET POST")
def correct(request: HttpRequest, key: int, event: int) -> HttpResponse:
    turn = get_object_or_404(Turn, pk=event, conversation=key)
    note(request, turn.conversation.code, event=event)
    given = _given(request.POST) if request.method == "POST" else _read(turn)
    problem = ""
    if request.method == "POST":
        try:
            made = improving.propose(request.user, turn, given["purpose"], given["text"], given["intents"], given["entities"])
            note(request, turn.conversation.code, event=event, correction=made.pk, purpose=made.purpose)
            messages.success(request, f"已提出{PURPOSES[made.purpose]}“{made.text}”，等另一个人批准。")
            return redirect("corrections")
        except improving.Refused as refused:
            problem = str(refused)
    rows = [*given["entities"], *([{}] * SPARE_ROWS)]
    return render(request, "console/correct.html", {
        "turn": turn, "given": given, "rows": rows, "problem": problem, "entities": ENTITIES, "roles": ROLES,
        "purposes": [(name, PURPOSES[name]) for name in improving.SENTENCES], "topics": list(load().topics),
        "conversational": CONVERSATIONAL, "three": range(3)}, status=400 if problem else 200)


def _read(turn: Turn) -> dict[str, Any]:
    """The sentence with what the assistant read in it, to start from."""
    session = projector.transcript(turn.conversation)
    said = next((one for one in session.turns if one.event == turn.event), None) if session else None
    entities = [{"entity": one.get("entity"), "value": one.get("value"), "role": one.get("role") or ""} for one in (said.entities if said else ())]
    return {"text": hide(said.text) if said else turn.text, "intents": [turn.intent], "entities": entities, "purpose": "训练"}


def _given(post: Mapping[str, Any]) -> dict[str, Any]:
    purpose = post.get("purpose", "训练")
    rows = zip(post.getlist("entity"), post.getlist("value"), post.getlist("role"))
    entities = [{"entity": entity, "value": value.strip(), **({"role": role} if role in ROLES[1:] else {})}
                for entity, value, role in rows if entity in ENTITIES and value.strip()]
    return {"text": post.get("text", "").strip(), "intents": [name for name in post.getlist("intent") if name], "entities": entities,
            "purpose": purpose if purpose in improving.SENTENCES else "训练"}


@page("训练", action="做对话用例", methods="GET POST")
def correct_conversation(request: HttpRequest, key: int) -> HttpResponse:
    """The conversation as a case: what the assistant answered stands as what is expected and can be put right."""
    found = get_object_or_404(Conversation, pk=key)
    session = projector.transcript(found)
    if session is None:
        raise Http404
    note(request, found.code)
    turns, problem = improving.case_turns(session), ""
    if request.method == "POST":
        turns = [_put_right(turn, request.POST, number) for number, turn in enumerate(turns)]
        try:
            made = improving.propose_conversation(request.user, Turn.objects.get(pk=session.turns[0].event), request.POST.get("name", ""), turns)
            note(request, found.code, correction=made.pk)
            messages.success(request, f"已提出对话用例“{made.text}”，等另一个人批准。")
            return redirect("corrections")
        except improving.Refused as refused:
            problem = str(refused)
    knowledge = load()
    outcomes = dict.fromkeys(outcome for table in knowledge.tables.values() for outcome in table.outcomes)
    return render(request, "console/case.html", {"conversation": found, "turns": turns, "problem": problem, "topics": list(knowledge.topics),
                                                 "facts": list(knowledge.model.facts), "outcomes": list(outcomes)},
                  status=400 if problem else 200)


def _put_right(turn: Mapping[str, Any], post: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The expectations that staff chose; an empty topic or outcome is not expected, an empty question means that nothing is asked."""
    expect: dict[str, Any] = {"asks": post.get(f"asks-{number}") or None}
    for name in ("topic", "outcome"):
        if post.get(f"{name}-{number}"):
            expect[name] = post[f"{name}-{number}"]
    if expect.get("outcome") == turn["expect"].get("outcome") and turn["expect"].get("cites"):
        expect["cites"] = turn["expect"]["cites"]
    return {**{key: turn[key] for key in ("say", "press") if key in turn}, "expect": expect}


@page("训练", action="看改正", methods="GET")
def corrections(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", improving.PENDING)
    rows = Correction.objects.filter(state=state).select_related("author", "approver", "turn").order_by("-id")[:200]
    ready = dict(Correction.objects.filter(state=improving.APPROVED).values_list("purpose").annotate(Count("id")))
    return render(request, "console/corrections.html", {
        "rows": rows, "state": state, "states": CORRECTION_STATES, "problem": request.session.pop("export_problem", ""),
        "ready": [(name, title, ready.get(name, 0)) for name, title in PURPOSES.items()]})


@page("训练", action="批准或退回改正", methods="POST")
def decide(request: HttpRequest, key: int) -> HttpResponse:
    found, approve = get_object_or_404(Correction, pk=key), "approve" in request.POST
    note(request, f"改正 {key}", approve=approve)
    try:
        improving.decide(found, request.user, approve, request.POST.get("reason", ""))
        messages.success(request, f"“{found.text}”{'已批准' if approve else '已退回'}。")
    except improving.Refused as refused:
        messages.error(request, str(refused))
    return redirect("corrections")


@page("训练", action="导出改正", methods="POST")
def export(request: HttpRequest, purpose: str) -> HttpResponse:
    if purpose not in PURPOSES:
        raise Http404
    note(request, PURPOSES[purpose])
    try:
        text = improving.export(purpose)
    except improving.Refused as refused:
        messages.error(request, f"没有导出：{refused}")
        return redirect("corrections")
    name = {"训练": "nlu", "检验": "understanding", "对话": "conversations"}[purpose]
    file = f"{name}-{timezone.localdate():%Y%m%d}.yml"
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{file}"'})


@page("训练", action="重放", methods="GET POST")
def replays(request: HttpRequest) -> HttpResponse:
    """Start a replay with one or two of the models there are; the earlier ones."""
    models = replaying.models()
    model, baseline, limit = (request.POST.get(name, "") for name in ("model", "baseline", "limit"))
    if request.method == "POST" and model in models and baseline in ("", *models):
        wanted = min(max(int(limit) if limit.isdecimal() else 100, 1), 2000)
        run = Replay.objects.create(model=model, baseline=baseline, author=request.user, limit=wanted)
        note(request, run.model, baseline=baseline, limit=wanted)
        replaying.start(run)
        return redirect("replay", run.pk)
    runs = Replay.objects.select_related("author").order_by("-id")[:50]
    return render(request, "console/replays.html", {"models": models, "runs": runs})


@page("训练", action="看重放", methods="GET")
def replay(request: HttpRequest, key: int) -> HttpResponse:
    """The figures, then the differences; where a person has judged the old answer, the verdict stands beside it."""
    run = get_object_or_404(Replay, pk=key)
    rows = list(ReplayDifference.objects.filter(replay=run).select_related("turn").order_by("what", "id")[:MOST_DIFFERENCES])
    verdicts = dict(Verdict.objects.filter(current=True, turn__in=[row.turn_id for row in rows]).order_by("round").values_list("turn", "verdict"))
    return render(request, "console/replay.html", {"run": run, "rows": [(row, verdicts.get(row.turn_id, "")) for row in rows]})
