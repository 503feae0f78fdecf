"""What the assistant says: each Reply is complete as plain text and carries the structured twin of design §4."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Optional, Sequence

from idcard.answers import Answer
from idcard.consult import Consultation
from idcard.facts import Facts, Value, say
from idcard.knowledge import Knowledge
from idcard.policy import Ask, Decision
from idcard.sources import cite
from idcard.stations import Match, Search

OLD_YEARS = 5  # a document older than this deserves a call before the trip


@dataclass(frozen=True)
class Reply:
    """One bot message. `buttons` are titles; what a button sends is its title."""

    text: str
    kind: str  # answer | question | decision | stations | checklist | clarify | handoff | smalltalk | apology
    topic: str = ""
    city: str = ""
    asks: str = ""
    outcome: str = ""
    cites: tuple[str, ...] = ()
    stations: tuple[Match, ...] = ()
    buttons: tuple[str, ...] = ()
    as_of: Optional[date] = None
    step: Optional[tuple[int, int]] = None  # of a question: its number in this matter, and about how many are left

    def twin(self) -> dict:
        """The custom JSON beside the text; absent keys are left out."""
        found = {"kind": self.kind, "topic": self.topic, "city": self.city, "asks": self.asks, "outcome": self.outcome,
                 "cites": list(self.cites), "stations": [_station(match) for match in self.stations],
                 "as_of": self.as_of.isoformat() if self.as_of else "",
                 "step": dict(zip(("number", "left"), self.step or ()))}
        return {key: value for key, value in found.items() if value}


def _station(match: Match) -> dict:
    station = match.station
    return {"name": station.title, "bureau": station.bureau, "address": station.address, "phone": station.phone,
            "tel": station.dial, "reason": match.reason}


def source_line(knowledge: Knowledge, cites: Sequence[str], as_of: date) -> str:
    """The sources with their dates; a hint to call first where a city's document is old."""
    line = cite(cites, knowledge.clauses)
    if not line:
        return ""
    local = [knowledge.clauses[one].document for one in cites if knowledge.clauses[one].document.scope != "全国"]
    old = any(document.start and as_of.year - document.start.year > OLD_YEARS for document in local)
    return f"{line}。" + ("文件较早，去之前最好先打电话问一下。" if old else "")


def answer(knowledge: Knowledge, city: str, found: Answer, as_of: date) -> Reply:
    """An FAQ answer: the city's rule and the national one beside it; the latter first where it answers what the city leaves open."""
    lines = [text for text in (found.text, found.national) if text]
    if found.silent:
        lines.reverse()
    lines.append(source_line(knowledge, found.all_cites, as_of) or _silence(knowledge, city, as_of))
    return Reply("\n".join(lines), "answer", found.topic, city, outcome="文件未规定" if found.silent else "",
                 cites=found.all_cites, as_of=as_of)


def _silence(knowledge: Knowledge, city: str, as_of: date) -> str:
    """Names the city's document that does not say it; nothing where none was in force."""
    return next((f"（{document.short}没有写这件事，{document.date_text}）" for document in knowledge.documents.values()
                 if document.scope == city and document.start and document.start <= as_of), "")


def question(knowledge: Knowledge, ask: Ask, step: int = 1, lead: str = "", more: Sequence[str] = ()) -> Reply:
    """The question for one fact, the `step`-th of this matter; `more` are buttons beside those of the fact."""
    fact = knowledge.model.facts[ask.fact]
    at = _step(step, ask)
    return Reply(lead + fact.question + _step_words(at), "question", ask.topic, ask.city, asks=fact.name,
                 buttons=(*(button.title for button in fact.buttons), *more), step=at)


def _step(step: int, ask: Ask) -> Optional[tuple[int, int]]:
    """Nothing for a matter of one question."""
    if ask.open > 1 or ask.ahead:
        return step, max(1, ask.ahead)
    return (step, 0) if step > 1 else None


def _step_words(at: Optional[tuple[int, int]]) -> str:
    if not at:
        return ""
    return f"（第{at[0]}步，大约还有{at[1]}步）" if at[1] else f"（第{at[0]}步，最后一步）"


def decision(knowledge: Knowledge, found: Consultation, as_of: date, lead: str = "") -> Reply:
    """The answer first, then why, then the source."""
    decided = found.decision
    lines = [lead + found.outcome.say]
    if decided.reason and decided.reason not in found.outcome.say:
        lines.append(f"原因：{decided.reason}。")
    for topic, extra in found.carried.items():
        lines.append(knowledge.tables[extra.policy, extra.city].outcomes[extra.outcome].say)
    if not worth_a_checklist(found):
        lines.append("接下来：" + "；".join(found.outcome.next) + "。" if found.outcome.next else "")
    if not decided.cites:
        lines[0] = f"{decided.reason}，我答不了，请打电话问当地公安机关。"
        del lines[1:]
    lines.append(source_line(knowledge, found.cites, as_of))
    return Reply("\n".join(line for line in lines if line), "decision", decided.topic, decided.city,
                 outcome=decided.outcome, cites=found.cites, as_of=as_of)


def worth_a_checklist(found: Consultation) -> bool:
    """Whether there is more to prepare than a sentence of the decision can say."""
    return found.accepted or len(found.outcome.next) > 2 or bool(found.papers)


def checklist(knowledge: Knowledge, found: Consultation, as_of: date) -> Reply:
    """What to bring, what it costs, the steps, and when not to come."""
    decided, lines, cites = found.decision, ["办理清单"], [*found.decision.cites, *found.outcome.cites]
    if found.papers and found.papers.bring:
        lines.append(f"要带：{'；'.join(found.papers.bring)}")
        cites += found.papers.cites
    if found.accepted and found.fees:
        told = (f"{_CASES.get(reason, '')}{'，' if reason else ''}{fee_words(fee)}" for reason, fee in found.fees)
        lines.append(f"工本费：{'；'.join(told)}")
        cites += [cite for _, fee in found.fees for cite in fee.cites]
    lines += [f"{number}. {step}" for number, step in enumerate(found.outcome.next, 1)]
    lines.append(source_line(knowledge, tuple(dict.fromkeys(cites)), as_of))
    return Reply("\n".join(lines), "checklist", decided.topic, decided.city, outcome=decided.outcome,
                 cites=tuple(dict.fromkeys(cites)), as_of=as_of)


def fee_words(fee: Decision) -> str:
    """每证40元, or what the nation says where the city's document is silent."""
    if fee.outcome != "文件未规定":
        return f"每证{fee.outcome}"
    if not fee.national:
        return f"{fee.city}的文件没有写，以窗口为准"
    if fee.national == "免费":
        return f"国家规定免收；{fee.city}的文件没有写，以窗口为准"
    return f"{fee.city}的文件没有写；国家标准是每证{fee.national}，以窗口为准"


_CASES = {"有效期满": "到期换证", "损坏": "损坏换证", "丢失": "丢失补证"}


def fee(knowledge: Knowledge, found: Decision, facts: Facts, as_of: date) -> Reply:
    """The fee for this citizen's case."""
    known = knowledge.model.complete(facts)
    case = _CASES.get(str(known.get("办理原因", "")), "第一次申领")
    if not found.cites and not found.national:
        return Reply(f"{found.reason}，我答不了，请打电话问当地公安机关。", "answer", "工本费", found.city, outcome=found.outcome,
                     as_of=as_of)
    lines = [f"{case}的工本费，{fee_words(found)}。", source_line(knowledge, found.cites, as_of)]
    return Reply("\n".join(lines), "answer", "工本费", found.city, outcome=found.outcome, cites=found.cites, as_of=as_of)


def stations(knowledge: Knowledge, found: Search, city: str, topic: str, as_of: date) -> Reply:
    """A list of stations, best first, each with address, phone and why it is offered."""
    matches = found.matches
    head = f"{found.place}：" if found.named else f"{found.place}可以去这里："
    if len(matches) > 1 and not found.named:
        head = f"{found.place}有{len(matches)}个可以去："
    lines = [head]
    for number, match in enumerate(matches, 1):
        station = match.station
        bureau = "" if station.title.startswith(station.bureau) else f"（{station.bureau}）"
        lines.append(f"{number}. {station.title}{bureau} {station.address} 电话 {station.phone}")
        if match.reason and not found.named and match.reason != f"在{found.place}":
            lines[-1] += f"（{match.reason}）"
    area_codes = {code for match in matches if (code := match.station.area_code)}
    if area_codes:
        lines.append(f"用手机或在外地拨打，前面加区号{'、'.join(sorted(area_codes))}。")
    lines.append(knowledge.station_notes.get(city, "") if not found.named else "")
    cites = tuple(dict.fromkeys(match.station.cite for match in matches))
    lines.append(source_line(knowledge, cites, as_of))
    return Reply("\n".join(line for line in lines if line), "stations", topic, city, cites=cites, stations=matches,
                 as_of=as_of)


_MORE_EXACT = {"户籍省份": "户籍城市", "户籍城市": "户籍区县", "所在城市": "所在区县", "办理类型": "办理原因",
               "是否登记流动人口": "是否当天登记"}


def facts_words(knowledge: Knowledge, facts: Facts) -> str:
    """The known facts as a person would tell them: 户口在湖南，身份证丢了或者被偷，没有居住证."""
    known = {name: value for name in knowledge.model.facts if (value := facts.get(name)) is not None}
    return "，".join(dict.fromkeys(_fact_words(knowledge, name, value) for name, value in known.items()
                                  if not _said_by_another(name, known)))


def _said_by_another(name: str, known: Facts) -> bool:
    """Whether another fact says it more exactly: 恩施 says 湖北, 丢失 says 补领, 今天登记的 says 登记过."""
    return _MORE_EXACT.get(name) in known


def _fact_words(knowledge: Knowledge, name: str, value: Value) -> str:
    if value == "无":
        return f"没有{name}"
    fact = knowledge.model.facts[name]
    return fact.told.format(next((button.title for button in fact.buttons if button.value == value), say(value)))
