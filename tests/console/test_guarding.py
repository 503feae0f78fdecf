"""The record cannot be changed unseen; what is revealed, kept, held and deleted follows its rules."""
from __future__ import annotations

import random
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from console import assistant_scripts, audit, holds, projector, retention
from console.models import (AuditEntry, AuditHead, Conversation, Correction, Daily, DeletionRequest, LegalHold, Note, RasaEvent, RetentionRun,
                            Turn, Verdict)
from tests.console import made_events as made

pytestmark = pytest.mark.usefixtures("console")
DOOR = "7" + "栋" + "1102" + "室"


@pytest.fixture
def chain() -> None:
    for number in range(12):
        audit.record("wang", "看对话", f"对话 {number}", {"number": number, "为什么": "检查"})


def test_an_untouched_record_is_whole(chain) -> None:
    assert list(audit.verify()) == []
    assert list(audit.verify(audit.head())) == []


CHANGES = [{"actor": "li"}, {"action": "登录"}, {"subject": "别的"}, {"detail": {}}, {"result": "拒绝"}, {"address": "10.0.0.9"},
           {"at": timezone.now() - timedelta(days=1)}, {"previous": "0" * 64}, {"hash": "f" * 64}]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
@pytest.mark.parametrize("row", range(1, 13))
def test_every_changed_column_of_every_row_is_found(chain, row, change) -> None:
    AuditEntry.objects.filter(id=row).update(**change)
    assert list(audit.verify())


@pytest.mark.parametrize("row", range(1, 13))
def test_every_removed_row_is_found(chain, row) -> None:
    AuditEntry.objects.filter(id=row).delete()
    assert list(audit.verify())


def test_removed_ends_exchanged_rows_and_forged_rows_are_found(chain) -> None:
    AuditEntry.objects.filter(id__gt=9).delete()
    assert "现在到第 9 条" in list(audit.verify())[-1]
    AuditHead.objects.update(entries=9, hash=AuditEntry.objects.get(id=9).hash)
    assert "链头被改过" in list(audit.verify())
    forged = AuditEntry.objects.get(id=9)
    forged.id, forged.previous, forged.hash = 10, forged.hash, "a" * 64
    forged.save(force_insert=True)
    assert any("第 10 条被改过" in one for one in audit.verify())


def test_an_older_copy_of_everything_shows_against_a_noted_head(chain) -> None:
    noted = audit.head()
    AuditEntry.objects.filter(id=12).delete()
    last, head = AuditEntry.objects.get(id=11), AuditHead.objects.get()
    head.entries, head.hash = 11, last.hash
    audit._seal(head)  # as an older copy would be sealed
    assert list(audit.verify()) == [] and list(audit.verify(noted))


def test_the_chain_goes_on_after_old_entries_were_purged(chain) -> None:
    assert audit.purge(5) == 5
    audit.record("wang", "看统计")
    assert list(audit.verify()) == []
    AuditEntry.objects.filter(id=6).delete()
    assert list(audit.verify())


def test_who_audits_sees_the_record_and_its_check(staff, chain) -> None:
    client = staff("审计")
    assert "看对话" in client.get(reverse("audit"), {"actor": "wang"}).content.decode()
    assert "一条不少" in client.post(reverse("check-audit")).content.decode()
    AuditEntry.objects.filter(id=3).update(actor="li")
    assert "第 3 条被改过" in client.post(reverse("check-audit")).content.decode()


# ---- masked by default ----------------------------------------------------------------------------------

@pytest.fixture
def talk(project) -> Conversation:
    written = made.conversation("citizen")
    written.turn(f"我住{DOOR}，身份证丢了", "补领", [made.ACCEPTED], words="可以")
    project()
    return Conversation.objects.get()


def test_a_door_is_seen_only_for_a_reason_that_is_recorded(staff, talk) -> None:
    client = staff("查看", "揭示")
    page = reverse("conversation", args=[talk.id])
    assert DOOR not in client.get(page).content.decode()
    assert DOOR not in client.get(reverse("raw", args=[talk.id])).content.decode()
    refused = client.post(reverse("reveal", args=[talk.id]), {"reason": "看"})
    assert refused.status_code == 400 and DOOR not in refused.content.decode()
    assert DOOR in client.post(reverse("reveal", args=[talk.id]), {"reason": "投诉件核对地址"}).content.decode()
    entry = AuditEntry.objects.filter(action="揭示原话").last()
    assert (entry.subject, entry.detail["reason"]) == (talk.code, "投诉件核对地址")
    assert DOOR not in client.get(page).content.decode()


def test_the_read_model_holds_no_door(talk) -> None:
    assert DOOR not in Turn.objects.get().text and DOOR not in talk.opening


# ---- retention ------------------------------------------------------------------------------------------

@pytest.fixture
def old_and_new(project) -> None:
    made.conversation("old", at=time.time() - 200 * 86400).turn("很久以前问的", "工本费", [made.FEE])
    made.conversation("held", at=time.time() - 200 * 86400).turn("要留着的", "投诉")
    made.conversation("new").turn("刚问的", "工本费", [made.FEE])
    project()
    holds.hold(Conversation.objects.get(sender="held"), "复议案件材料")


def test_what_is_over_goes_and_the_rest_stays(old_and_new) -> None:
    counted = Daily.objects.count()
    assert retention.preview() == {"对话": 1, "消息": 1, "封存不删": 1, "操作记录": 0}
    assert retention.run("wang")["对话"] == 1
    assert set(Conversation.objects.values_list("sender", flat=True)) == {"held", "new"}
    assert set(RasaEvent.objects.values_list("sender_id", flat=True)) == {"held", "new"}
    assert Daily.objects.count() == counted and RetentionRun.objects.get().counts["对话"] == 1
    assert retention.run("wang")["对话"] == 0


def test_what_is_said_while_much_is_deleted_is_seen_meanwhile(old_and_new, monkeypatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 1)
    Conversation.objects.filter(sender="new").update(ended=timezone.now() - timedelta(days=300))
    left = []
    retention.run("", lambda: left.append(Conversation.objects.count()))
    assert left == [2, 1]


def test_a_clock_may_not_be_set_below_the_law(staff) -> None:
    client = staff("安全管理")
    client.post(reverse("set-clock"), {"what": "操作记录", "days": "30"})
    assert retention.days("操作记录") == 365
    client.post(reverse("set-clock"), {"what": "操作记录", "days": "200"})
    assert retention.days("操作记录") == 200
    assert AuditEntry.objects.last().detail == {"before": 365, "after": 200}


def test_what_is_held_outlives_the_deletion_at_its_source(old_and_new, staff) -> None:
    held = Conversation.objects.get(sender="held")
    RasaEvent.objects.filter(sender_id="held").delete()
    assert projector.sweep() == 0
    assert "要留着的" in staff("查看").get(reverse("conversation", args=[held.id])).content.decode()
    holds.release(held)
    assert projector.sweep() == 1 and not LegalHold.objects.exists()


def test_a_hold_follows_the_conversation_while_it_goes_on(project) -> None:
    talk = made.conversation("held")
    talk.turn("第一句", "投诉")
    project()
    holds.hold(Conversation.objects.get(), "复议案件材料")
    talk.turn("后来又说的", "投诉")
    project()
    holds.follow()
    assert LegalHold.objects.get().last_event == Conversation.objects.get().last_event == RasaEvent.objects.last().id
    RasaEvent.objects.all().delete()
    assert [turn.text for turn in projector.transcript(Conversation.objects.get()).turns] == ["第一句", "后来又说的"]


def test_a_hold_that_the_assistant_would_not_see_is_refused_aloud(staff, talk) -> None:
    with connections["rasa"].cursor() as cursor:
        cursor.execute("DROP TABLE holds")
    answer = staff("查看", "安全管理").post(reverse("hold", args=[talk.id]), {"reason": "复议案件材料"}, follow=True)
    assert "没有封存" in answer.content.decode() and not Conversation.objects.get().held


# ---- deletion on request --------------------------------------------------------------------------------

@pytest.fixture
def erased(monkeypatch) -> list[tuple[str, str]]:
    """Stands for the assistant's own command, which cannot see what this test has not committed; whom it was asked to erase."""
    asked = []

    def erase(sender: str, channel: str) -> dict:
        asked.append((sender, channel))
        RasaEvent.objects.filter(sender_id=sender).delete()
        return {"id": "receipt-1", "seconds": 48 * 3600 if channel == "wechat" else 0}
    monkeypatch.setattr(assistant_scripts, "erase", erase)
    return asked


def ask(client, conversation: Conversation) -> DeletionRequest:
    client.post(reverse("ask-deletion", args=[conversation.id]), {"reason": "本人到窗口申请"})
    return DeletionRequest.objects.get()


def test_after_a_deletion_nothing_is_left_and_the_receipt_proves_it(staff, talk, project, erased) -> None:
    again = made.Written("citizen", at=time.time() - 2 * 3600)
    again.start()
    again.turn("再问一次我的事", "帮助")
    project()
    client = staff("查看", "审核", "安全管理", "统计")
    turn = Turn.objects.filter(conversation=talk).get()
    Verdict.objects.create(turn=turn, reviewer=client.account, round=1, verdict="错误")
    Note.objects.create(conversation=talk, author=client.account, text="备注")
    Correction.objects.create(turn=turn, purpose="训练", text=turn.text, intents=["补领"], author=client.account)
    request = ask(client, talk)
    counts = client.get(reverse("deletion", args=[request.number])).context["counts"]
    assert (counts["对话"], counts["消息"], counts["评判"], counts["备注"], counts["改正"]) == (2, 2, 1, 1, 1)
    page = client.post(reverse("deletion", args=[request.number]), follow=True)
    request.refresh_from_db()
    assert request.state == "已删除" and request.receipt in page.content.decode() and page.context["genuine"]
    assert erased == [("citizen", "web")] and "receipt-1" in page.content.decode()
    assert not Conversation.objects.exists() and not Turn.objects.exists() and not RasaEvent.objects.filter(sender_id="citizen").exists()
    assert not Correction.objects.exists() and not Verdict.objects.exists() and not Note.objects.exists()
    assert not client.get(reverse("conversations"), {"words": "身份证丢了"}).context["page"].rows
    assert client.get(reverse("conversation", args=[talk.id])).status_code == 404
    assert AuditEntry.objects.filter(subject=request.number, action__in=("开始删除", "删除申请")).values("action").distinct().count() == 2


def test_a_deletion_that_leaves_something_is_refused_and_says_what(staff, talk, erased) -> None:
    with connections["rasa"].cursor() as cursor:
        cursor.execute("CREATE TABLE web_message (session varchar(64), text varchar(50))")
        cursor.execute("INSERT INTO web_message VALUES ('citizen', '身份证丢了'), ('another', '多少钱')")
    client = staff("审核", "安全管理")
    answer = client.post(reverse("deletion", args=[ask(client, talk).number]), follow=True)
    assert "还有网站副本 1 条" in answer.content.decode() and Conversation.objects.exists()
    assert DeletionRequest.objects.get().state == "待执行"


def test_a_deletion_that_the_assistant_fails_at_changes_nothing(staff, talk, monkeypatch) -> None:
    monkeypatch.setattr(assistant_scripts, "_asked", lambda *_: (_ for _ in ()).throw(assistant_scripts.ScriptFailed("disk full")))
    client = staff("审核", "安全管理")
    answer = client.post(reverse("deletion", args=[ask(client, talk).number]), follow=True)
    assert "没有删成（disk full）" in answer.content.decode() and Conversation.objects.exists() and RasaEvent.objects.exists()


def test_the_receipt_tells_what_of_wechat_is_left_in_memory(staff, project, erased) -> None:
    made.conversation("wechat-citizen", channel="wechat").turn("多少钱", "工本费", [made.FEE])
    project()
    client = staff("审核", "安全管理")
    page = client.post(reverse("deletion", args=[ask(client, Conversation.objects.get()).number]), follow=True)
    assert "只在内存里" in page.content.decode() and erased == [("wechat-citizen", "wechat")]


def test_what_was_written_about_a_request_is_masked(staff, talk) -> None:
    number = "1" + "38" + "00138000"
    client = staff("查看", "审核", "安全管理")
    client.post(reverse("ask-deletion", args=[talk.id]), {"reason": f"本人来电{number}"})
    client.post(reverse("hold", args=[talk.id]), {"reason": f"本人来电{number}"})
    assert number not in DeletionRequest.objects.get().reason and number not in Conversation.objects.get().hold_reason
    assert not AuditEntry.objects.filter(detail__icontains=number).exists()


def test_a_changed_receipt_is_not_genuine(staff, talk, erased) -> None:
    client = staff("审核", "安全管理")
    request = ask(client, talk)
    client.post(reverse("deletion", args=[request.number]))
    DeletionRequest.objects.update(counts={"对话": 99})
    assert not client.get(reverse("deletion", args=[request.number])).context["genuine"]


def test_a_hold_blocks_the_deletion(staff, talk) -> None:
    client = staff("审核", "安全管理")
    request = ask(client, talk)
    client.post(reverse("hold", args=[talk.id]), {"reason": "复议案件材料"})
    answer = client.post(reverse("deletion", args=[request.number]), follow=True)
    assert "封存" in answer.content.decode() and Conversation.objects.exists()
    assert DeletionRequest.objects.get().state == "已封存"


def test_who_is_still_talking_is_not_deleted_yet(staff, project) -> None:
    made.Written("talking", at=time.time() - 60).turn("正在问", "工本费")
    project()
    client = staff("审核", "安全管理")
    request = ask(client, Conversation.objects.get())
    answer = client.post(reverse("deletion", args=[request.number]), follow=True)
    assert "一小时" in answer.content.decode() and Conversation.objects.exists()


def test_a_random_walk_of_deeds_leaves_a_whole_record(staff, talk) -> None:
    chance, client = random.Random(3), staff("查看", "审核", "统计", "安全管理", "训练")
    pages = [reverse(name) for name in ("queues", "conversations", "measures", "knowledge", "retention", "accounts", "corrections")]
    before = AuditEntry.objects.count()
    for _ in range(25):
        client.get(chance.choice(pages))
    assert AuditEntry.objects.count() == before + 25 and list(audit.verify()) == []
