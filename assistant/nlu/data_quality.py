"""Checks of the training sentences that need no training: python -m assistant.nlu.data_quality, part of make validate.

Two sentences are nearly the same when nothing but punctuation, politeness, particles and the form of the question
(能不能 or 能…吗, 怎么 or 咋) tells them apart. Bounds, measured on data/nlu.yml of 2026-11: the largest group of one intent that
differs in a place name only is 5 %, the least share of distinct pairs of letters 52 %; written variation stays clear of both.
"""

from collections import defaultdict
import csv
from dataclasses import dataclass
import json
from pathlib import Path
import re
import sys
from typing import Dict, Iterable, Iterator, List, Set, Tuple

import yaml

from idcard.text import normalise

ROOT = Path(__file__).resolve().parent.parent.parent
LEAST_BUSINESS, LEAST_CONVERSATION = 40, 15  # sentences of an intent
MOST_ALIKE = 0.1  # share of an intent's sentences that may differ in a place name only …
ALIKE_ANYWAY = 4  # … but this many are always allowed
LEAST_DISTINCT = 0.35  # distinct pairs of neighbouring characters, as a share of all, in _SAMPLED sentences of an intent
_SAMPLED = 60  # the share falls with the number of sentences: it is measured on as many for every intent
_LEAST_GIST = 3  # 好的 and 好 may be two sentences: a shorter gist tells nothing, only the same letters do
_LEAST_LETTERS = 8  # from here on, one letter more, less or other does not make another sentence than the sample

_NOT_LETTERS = re.compile(r"[\W_]+")
_POLITE = re.compile(r"^(请问一下|请问|你好|您好|喂|嗯|呃|那个|就是说?|同志|老师|麻烦问一?下|我?想问一?下|我?想咨询一?下)+(?=..)")
_ENDING = re.compile(r"([吗么嘛呢吧啵不没否啊呀哈哦咧哩嘞]|没有|行不行|可不可以|好不好)+$")
_QUESTION_MARK = re.compile(r"[吗么啵不没否]")  # of the endings, those that make a question of a statement
_YES_OR_NO = [(re.compile(pattern), plain) for pattern, plain in (  # forms that ask, as the plain verb
    (r"需不需要|用不用|要不要", "要"), (r"能不能|可不可以|能否|可否|可不可", "能"), (r"有没有|有冇", "有"), (r"([行是给收])不\1", r"\1"))]
_SAME = [(re.compile(pattern), plain) for pattern, plain in (
    (r"可以", "能"), (r"需要", "要"), (r"为什么|为何|为么[斯事]", "为啥"), (r"什么|么[斯事]|啥子", "啥"), (r"哪[里儿]", "哪"),
    (r"怎么样|怎样|如何|咋[个样]?|么样|点样", "怎么"), (r"居民身份证|二代(身份)?证|身份证|证件", "证"), (r"几多钱|多少钱", "几钱"),
    (r"[俺咱]", "我"), (r"[的了滴嘅]", ""))]
_ASKS_BY_WORD = re.compile(r"怎么|啥|什么|哪|几|多少|多久|谁|何")


@dataclass(frozen=True)
class Sentence:
    """One training sentence and where it stands."""

    text: str
    intent: str
    line: int

    @property
    def letters(self) -> str:
        """The normalised text without punctuation."""
        return letters(self.text)


def problems(nlu: Path = ROOT / "data/nlu.yml", domain: Path = ROOT / "domain.yml", knowledge: Path = ROOT / "knowledge",
             cases: Path = ROOT / "tests/cases/understanding",
             samples: Path = ROOT.parent / "shared/samples") -> List[str]:
    """What is wrong with the sentences of `nlu`, in Chinese, in the order of the lines; a missing folder is not compared."""
    sentences = list(read(nlu))
    business = {topic["topic"] for topic in _yaml(knowledge / "topics.yml")["topics"]}
    found: List[Tuple[int, str]] = []
    found += _unknown(sentences, _intents(domain))
    found += _under_two_intents(sentences)
    found += _too_few(sentences, business)
    found += _too_uniform(sentences, set(_place_names(knowledge)))
    found += _in_samples(sentences, list(_sample_texts(samples)))
    found += _in_cases(sentences, list(_case_texts(cases)))
    return [f"{_shown(nlu)}:{line}: {text}" for line, text in sorted(found)]


def read(nlu: Path) -> Iterator[Sentence]:
    """The sentences of a Rasa NLU file with their lines; YAML itself tells no line inside a block of examples."""
    intent = ""
    for number, line in enumerate(nlu.read_text(encoding="utf-8").splitlines(), start=1):
        head = re.match(r"\s*- (intent|regex|lookup|synonym):\s*(.*?)\s*$", line)
        example = re.match(r"\s+- (.+?)\s*$", line)
        if head:
            intent = head.group(2) if head.group(1) == "intent" else ""
        elif example and intent:
            yield Sentence(re.sub(r"\[(.+?)\](\(.+?\)|\{.+?\})", r"\1", example.group(1)), intent, number)


def letters(text: str) -> str:
    """`text` normalised, without spaces and punctuation."""
    return _NOT_LETTERS.sub("", normalise(text))


def gist(text: str) -> str:
    """What is left of `text` without what makes no difference; ends in ? when the form says that it is a question.

    Too short a rest says nothing: then the letters as they are.
    """
    whole = letters(text)
    plain = _POLITE.sub("", whole)
    stem = _ENDING.sub("", plain)
    asked = bool(_QUESTION_MARK.search(plain[len(stem):]))
    plain = stem if len(stem) >= 2 else plain
    for pattern, verb in _YES_OR_NO:
        plain, times = pattern.subn(verb, plain)
        asked = asked or bool(times)
    for pattern, same in _SAME:
        plain = pattern.sub(same, plain)
    if len(plain) < _LEAST_GIST:
        return whole
    return f"{plain}?" if asked and not _ASKS_BY_WORD.search(plain) else plain


def _unknown(sentences: Iterable[Sentence], known: Set[str]) -> Iterator[Tuple[int, str]]:
    first: Dict[str, int] = {}
    for one in sentences:
        first.setdefault(one.intent, one.line)
    for intent, line in first.items():
        if intent not in known:
            yield line, f"意图“{intent}”没有写进 domain.yml。改成词汇表里的意图名，或者先在 domain.yml 里加上它"


def _under_two_intents(sentences: Iterable[Sentence]) -> Iterator[Tuple[int, str]]:
    groups: Dict[str, List[Sentence]] = defaultdict(list)
    for one in sentences:
        groups[gist(one.text)].append(one)
    for group in groups.values():
        first = group[0]
        for other in group[1:]:
            if other.intent != first.intent:
                how = "一样" if other.letters == first.letters else "几乎一样"
                yield other.line, (f"“{other.text}”（{other.intent}）和第 {first.line} 行的“{first.text}”（{first.intent}）{how}。"
                                   "想清楚群众要的是哪件事，只在那一个意图下留一句；没有上下文就分不清的，两句都删掉")


def _too_few(sentences: Iterable[Sentence], business: Set[str]) -> Iterator[Tuple[int, str]]:
    for intent, group in _by_intent(sentences).items():
        least = LEAST_BUSINESS if intent in business else LEAST_CONVERSATION
        if len(group) < least:
            yield group[0].line, f"意图“{intent}”只有 {len(group)} 句，至少要 {least} 句。再写 {least - len(group)} 句群众会用的不同说法"


def _too_uniform(sentences: Iterable[Sentence], names: Set[str]) -> Iterator[Tuple[int, str]]:
    for intent, group in _by_intent(sentences).items():
        alike: Dict[str, List[Sentence]] = defaultdict(list)
        for one in group:
            bare = without_places(one.letters, names)
            if bare.strip("〇"):  # a bare place name is a full answer, and no pattern
                alike[bare].append(one)
        most = max(ALIKE_ANYWAY, int(MOST_ALIKE * len(group)))
        for same in alike.values():
            if len(same) > most:
                yield same[most].line, (f"“{same[most].text}”和同一意图（{intent}）里的另外 {len(same) - 1} 句只差一个地名，最多 {most} 句。"
                                        f"第一句在第 {same[0].line} 行；换几种问法，或者删掉一些")
        share = distinct_share([one.letters for one in group])
        if share < LEAST_DISTINCT:
            yield group[0].line, (f"意图“{intent}”的句子太像：不同的相邻两字只占 {share:.0%}，至少要 {LEAST_DISTINCT:.0%}。"
                                  "补一些用词和长短都不同的说法")


def _in_samples(sentences: Iterable[Sentence], samples: List[str]) -> Iterator[Tuple[int, str]]:
    near: Dict[str, str] = {}
    for text in samples:
        for form in _with_one_letter_less(letters(text)):
            near.setdefault(form, text)
    exact = {form: text for text in samples for form in (letters(text), gist(text))}
    for one in sentences:
        plain = one.letters
        same = exact.get(plain) or exact.get(gist(one.text))
        same = same or next((near[form] for form in _with_one_letter_less(plain) if form in near), None)
        if same:
            yield one.line, f"“{one.text}”和样例里的“{same}”一样或者几乎一样。样例只用来检验，不能拿来训练：删掉，换一句自己的话"


def _in_cases(sentences: Iterable[Sentence], cases: List[Tuple[str, str]]) -> Iterator[Tuple[int, str]]:
    held_out = {letters(text): where for text, where in cases}
    for one in sentences:
        where = held_out.get(one.letters)
        if where:
            yield one.line, f"“{one.text}”也在 {where} 里。检验用的句子不能拿来训练：两处删掉一处"


def _with_one_letter_less(plain: str) -> List[str]:
    """`plain` and what is left when one letter falls out: two texts that share one of these differ in one letter at most."""
    if len(plain) < _LEAST_LETTERS:
        return []
    return [plain, *(plain[:i] + plain[i + 1:] for i in range(len(plain)))]


def without_places(plain: str, names: Set[str]) -> str:
    """`plain` with every name replaced by 〇, the longest first."""
    longest = 12
    parts: List[str] = []
    at = 0
    while at < len(plain):
        end = next((end for end in range(min(len(plain), at + longest), at + 1, -1) if plain[at:end] in names), 0)
        parts.append("〇" if end else plain[at])
        at = end or at + 1
    return "".join(parts)


def distinct_share(texts: List[str]) -> float:
    """Distinct pairs of neighbouring characters as a share of all pairs, in evenly picked _SAMPLED texts."""
    step = max(1, len(texts) // _SAMPLED)
    pairs = [text[i:i + 2] for text in texts[::step][:_SAMPLED] for i in range(len(text) - 1)]
    return len(set(pairs)) / len(pairs) if pairs else 1.0


def _by_intent(sentences: Iterable[Sentence]) -> Dict[str, List[Sentence]]:
    groups: Dict[str, List[Sentence]] = defaultdict(list)
    for one in sentences:
        groups[one.intent].append(one)
    return groups


def _intents(domain: Path) -> Set[str]:
    return {name for entry in _yaml(domain)["intents"] for name in (entry if isinstance(entry, dict) else [entry])}


def _place_names(knowledge: Path) -> Iterator[str]:
    """Names of two letters and more in regions.csv and places.yml."""
    with (knowledge / "regions.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield from (name for name in (row["名称"], row["简称"], *row["别名"].split("|")) if len(name) > 1)
    for entries in _yaml(knowledge / "places.yml").values():
        for entry in entries or []:
            yield from (name for name in (entry["name"], *(entry.get("aliases") or [])) if len(name) > 1)


def _sample_texts(samples: Path) -> Iterator[str]:
    for file in sorted(samples.glob("*.jsonl")) if samples.is_dir() else []:
        yield from (json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines() if line.strip())


def _case_texts(cases: Path) -> Iterator[Tuple[str, str]]:
    for file in sorted(cases.glob("*.yml")) if cases.is_dir() else []:
        yield from ((case["text"], file.name) for case in _yaml(file) or [])


def _yaml(file: Path) -> object:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _shown(file: Path) -> str:
    return str(file.relative_to(ROOT)) if ROOT in file.parents else str(file)


def main() -> int:
    """Prints the problems; 1 when there are any."""
    found = problems()
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
