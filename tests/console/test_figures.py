"""Figures are counted rightly, drawn without script, and leave as tables that no spreadsheet runs."""
from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone

from console import charts, exporting, health, measuring, monthly, rollup
from console.models import AuditEntry, Conversation, Daily, Turn, Verdict
from tests.console import made_events as made

pytestmark = pytest.mark.usefixtures("console")


@pytest.fixture
def three(project):
    made.conversation("one").turn("多少钱", "工本费", [made.FEE])
    made.conversation("two", channel="wechat").turn("在武汉能补吗", "能否异地办理", [made.ASKS_REFUSAL])
    three = made.conversation("three")
    three.turn("在武汉能补吗", "能否异地办理", [made.ACCEPTED])
    three.turn("要多久？", "办理时限", [made.NOT_SAID])
    project()


def span(**other: str) -> measuring.Span:
    today = timezone.localdate()
    return measuring.Span(today - timedelta(days=6), today, **other)


def test_volumes_and_results_are_counted_by_day_channel_and_city(three) -> None:
    assert sum(row[1] for row in measuring.volume(span()).rows) == 3 and sum(row[2] for row in measuring.volume(span()).rows) == 4
    assert measuring.counts(span(), "结果") == {"已答复": 1, "中途离开": 1, "没答上": 1}
    assert measuring.counts(span(channel="wechat"), "结果") == {"中途离开": 1}
    assert measuring.counts(span(city="济宁"), "话题") == {"工本费": 1}
    assert sum(row[1] for row in measuring.volume(measuring.Span(date(2020, 1, 1), date(2020, 1, 7))).rows) == 0


def test_the_daily_counts_are_those_of_the_rows_themselves(three) -> None:
    assert sum(Daily.objects.filter(measure="对话").values_list("count", flat=True)) == Conversation.objects.count()
    for measure in ("消息", "意图", "用时", "把握"):
        assert sum(Daily.objects.filter(measure=measure).values_list("count", flat=True)) == Turn.objects.count()


def test_only_measures_that_have_a_name_are_counted(three) -> None:
    assert set(Daily.objects.values_list("measure", flat=True)) <= set(rollup.MEASURES)


def test_the_step_at_which_people_leave_is_named(three) -> None:
    assert list(measuring.drop_off(span()).rows) == [("不予受理情形", 1, 1, "100%")]


@pytest.mark.parametrize("counts, half, most", [({"0.1": 95, "2": 5}, "0.1", "0.1"), ({"0.1": 90, "2": 10}, "0.1", "2"), ({}, "", "")])
def test_reply_times_are_given_by_the_class_that_reaches_the_share(counts, half, most) -> None:
    names = ("0.1", "0.2", "2", "更久")
    found = measuring.Counter(counts)
    assert (measuring.percentile(found, names, 0.5), measuring.percentile(found, names, 0.95)) == (half, most)


def test_accuracy_stands_with_interval_and_number(three, staff) -> None:
    client = staff("统计")
    for turn, verdict in zip(Turn.objects.all(), ("正确", "正确", "正确", "错误")):
        Verdict.objects.create(turn=turn, reviewer=client.account, round=1, verdict=verdict)
    assert "评过 4 句，正确 75%（95% 区间 30% 到 95%）" in client.get(reverse("measures")).content.decode()


@pytest.mark.parametrize("address", [{"since": "x", "until": "2026-13-01"}, {"since": "1900-01-01", "until": "2999-01-01"}, {"city": "<script>"}])
def test_an_odd_range_is_answered_with_a_page(staff, three, address) -> None:
    answer = staff("统计").get(reverse("measures"), address)
    assert answer.status_code == 200 and b"<script>&" not in answer.content


@pytest.mark.parametrize("draw", [charts.bars, charts.line])
@pytest.mark.parametrize("rows", [[], [("一", 0)], [("一", 1), ("\"><b>&'", 3)], [(str(number), number) for number in range(400)]])
def test_a_chart_is_sound_xml_with_a_description_and_no_style(draw, rows) -> None:
    drawn = draw("标题 <x>", rows)
    root = ElementTree.fromstring(drawn)
    assert root.find("title").text == "标题 <x>" and root.find("desc").text
    assert "style" not in drawn and "script" not in drawn


@pytest.mark.parametrize("value, written", [("=1+1", "'=1+1"), ("+86", "'+86"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"), (" =1", "' =1"),
                                            ("\t=1", "'\t=1"), ("多少钱", "多少钱"), (3, 3)])
def test_no_cell_is_a_formula(value, written) -> None:
    assert exporting.cell(value) == written


def test_an_export_is_masked_opens_in_excel_and_is_recorded(staff, project) -> None:
    number = "1" + "37" + "11112222"
    made.conversation().turn(f"=cmd 我的电话{number}", "闲聊")
    project()
    client = staff("查看", "导出")
    refused = client.post(reverse("export-conversations"), {"reason": "短", "words": "电话"})
    assert refused["Location"] == reverse("conversations") + "?words=%E7%94%B5%E8%AF%9D"
    answer = client.post(reverse("export-conversations"), {"reason": "季度抽查", "words": "电话"})
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff") and number not in text
    head, row = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    assert row[head.index("第一句话")].startswith("'=")
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.detail["reason"], entry.detail["rows"]) == ("导出对话", "季度抽查", 1)


def test_an_export_by_lines_has_every_message_with_its_verdict(staff, three) -> None:
    client = staff("查看", "导出")
    Verdict.objects.create(turn=Turn.objects.get(number=2), reviewer=client.account, round=1, verdict="正确")
    answer = client.post(reverse("export-conversations"), {"reason": "季度抽查", "format": "jsonl", "city": "武汉"})
    lines = [json.loads(line) for line in answer.content.decode().splitlines()]
    assert [line["result"] for line in lines] == ["没答上", "中途离开"]
    assert [(said["text"], said["verdict"]) for said in lines[0]["messages"]] == [("在武汉能补吗", ""), ("要多久？", "正确")]
    assert lines[0]["started"].endswith("+08:00") and "sender" not in lines[0]
    assert AuditEntry.objects.last().detail["format"] == "jsonl"


def test_no_export_is_longer_than_its_limit(staff, three, monkeypatch) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 2)
    client = staff("查看", "导出", "审计")
    for sent in ({"reason": "季度抽查"}, {"reason": "季度抽查", "format": "jsonl"}):
        answer = client.post(reverse("export-conversations"), sent)
        assert len(answer.content.decode().splitlines()) == (2 if "format" in sent else 3)
    assert len(client.post(reverse("audit-csv")).content.decode().splitlines()) == 3


def test_a_months_report_stands_beside_the_month_before(staff, three) -> None:
    today = timezone.localdate()
    Conversation.objects.filter(sender="one").update(day=today.replace(day=1) - timedelta(days=1))
    Daily.objects.all().delete()
    for day in Conversation.objects.values_list("day", flat=True).distinct():
        rollup.replace(day, rollup.counted(day))
    sums = {what: (value, then) for what, value, then in monthly.report(today.replace(day=1), today).sums}
    assert sums["对话"] == ("2", "1") and sums["中途离开"] == ("50%", "0%") and sums["已答复"] == ("0%", "100%")
    page = staff("统计").get(reverse("month")).content.decode()
    assert f"{today.year}年{today.month}月月报" in page and "要多久" in page


@pytest.mark.parametrize("month", ["2020-02", "1999-12", "2199-01", "x", "2026-13", ""])
def test_a_month_without_data_or_sense_is_a_page_too(staff, month) -> None:
    answer = staff("统计").get(reverse("month"), {"month": month})
    assert answer.status_code == 200 and ("2020年2月" in answer.content.decode()) == (month == "2020-02")


def test_a_figure_is_exported_as_it_stands(staff, three) -> None:
    answer = staff("统计", "导出").get(reverse("measure-csv", args=["results"]))
    assert "已答复,1,33%" in answer.content.decode() and AuditEntry.objects.last().action == "导出统计"


# ---- knowledge ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("written, today, years", [("2016-09-29", date(2026, 9, 28), 9), ("2016-09-29", date(2026, 9, 29), 10),
                                                    ("2020", date(2026, 1, 1), 6)])
def test_the_age_of_a_document(written, today, years) -> None:
    assert health.age(written, today) == years


def test_what_is_asked_without_an_answer_is_grouped_and_counted(three, project) -> None:
    for sender in ("four", "five"):
        made.conversation(sender).turn("要多久", "办理时限", [made.NOT_SAID])
    project()
    first = health.unanswered(timezone.localdate())[0]
    assert (first.count, first.city, first.why) == (3, "武汉", "没规定")
    assert health.unanswered(timezone.localdate(), "济宁") == []


def test_a_clause_shows_its_use_and_its_trouble(three, staff) -> None:
    turn = Turn.objects.get(intent="工本费")
    Verdict.objects.create(turn=turn, reviewer=staff("审核").account, round=1, verdict="错误")
    Conversation.objects.filter(pk=turn.conversation_id).update(feedback="差评")
    first = health.clauses(timezone.localdate())[0]
    assert (first.clause.id, first.used, first.wrong, first.disliked, first.old) == ("济宁2020/七", 1, 1, 1, True)


def test_the_stations_tell_how_old_their_list_is() -> None:
    (city, document, count, years), = health.stations(date(2026, 11, 21))
    assert (city, document.id, count, years) == ("武汉", "武汉2016", 31, 10)
