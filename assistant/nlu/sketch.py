"""A message as its kind rather than its letter: places replaced by what they are, known words marked by what they mean.

光谷哪里办 and 曲阜哪里办 are one sentence to the classifier, and a word of knowledge/words.yml, topics.yml or out_of_scope.yml
counts as its meaning, however it is spelt. Marks are private-use characters: they cannot occur in a text, and their order
follows the names of the knowledge, so that the same knowledge always gives the same marks.
"""

from collections import Counter
import re
from typing import Dict, Iterable, List, Set, Tuple

from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, LANDMARK, PROVINCE
from idcard.reading import Mention

STATION = "站点"
LOCAL, OWN_RULE = "本地", "另有规定"
HOME_PROVINCE, HOME_CITY = "户籍省份", "户籍城市"
_PLACES = (PROVINCE, CITY, DISTRICT, LANDMARK, STATION)
_FIRST = 0xE000
# A number of a card or a phone, with what introduces it: says nothing of what is asked.
_NUMBER = re.compile(r"((我的?)?(身份证|证件|手机|电话)?号?码?(是|为|:)?)?[0-9*]{6,}x?")


class Sketcher:
    """Sketches texts with one Knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        topic_words = [(word, f"题{topic.name}") for topic in knowledge.topics.values() for word in topic.words]
        other_words = [(word, f"外{entry.kind}") for entry in knowledge.out_of_scope for word in entry.words]
        meanings = [f"{word.entity}{word.value}{role}" for word in knowledge.reader.words for role in ("", "没有")]
        places = [f"{level}{kind}" for level in _PLACES for kind in ("", LOCAL, OWN_RULE)]
        self._own_rule = _with_rules_of_their_own(knowledge)
        self._marks = _marks(places + meanings + [name for _, name in topic_words + other_words])
        self._words: List[Tuple[str, str]] = [(word, self._marks[name]) for word, name in topic_words + other_words]

    def __call__(self, text: str) -> str:
        """The sketch of normalised `text`: its letters with places replaced, then the marks of what else it says."""
        text = _NUMBER.sub(lambda number: " " * len(number.group()), text)
        letters: List[str] = []
        marks: List[str] = []
        at = 0
        for mention in self._knowledge.reader.find_mentions(text):
            if mention.entity in _PLACES and mention.start >= at:
                letters += [text[at:mention.start], self._marks[f"{mention.entity}{self._kind(mention)}"]]
                at = mention.end
            else:
                marks.append(self._marks.get(f"{mention.entity}{mention.value}{mention.role}", ""))
        letters.append(text[at:])
        marks += [mark for word, mark in self._words if word in text]
        return "".join(letters) + "".join(dict.fromkeys(marks))

    def _kind(self, mention: Mention) -> str:
        if mention.city in self._knowledge.cities or mention.entity == STATION:
            return LOCAL
        return OWN_RULE if (mention.entity, mention.value) in self._own_rule else ""


def _with_rules_of_their_own(knowledge: Knowledge) -> Set[Tuple[str, str]]:
    """Places that the rules treat otherwise than most: prefectures that rows name, provinces that no household can be in."""
    named = [row.when[HOME_CITY] for table in knowledge.tables.values() for row in table.rows if HOME_CITY in row.when]
    cities = knowledge.gazetteer.of_level(CITY)
    usual = Counter(tuple(city in values for values in named) for city in cities).most_common(1)
    own = {(CITY, city) for city in cities if usual and tuple(city in values for values in named) != usual[0][0]}
    provinces = knowledge.gazetteer.of_level(PROVINCE)
    return own | {(PROVINCE, name) for name in provinces if name not in knowledge.model.facts[HOME_PROVINCE].values}


def _marks(names: Iterable[str]) -> Dict[str, str]:
    return {name: chr(_FIRST + number) for number, name in enumerate(sorted(set(names)))}
