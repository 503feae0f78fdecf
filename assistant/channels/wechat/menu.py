"""The menu below the conversation: three buttons with what is asked most. A click is answered like the same question typed."""
from typing import Mapping, Optional

from idcard.knowledge import Knowledge

# Name of the button -> topics below it, in the words of knowledge/topics.yml.
TOPICS = {
    "怎么办理": ("补领", "换领", "首次申领", "能否异地办理", "临时身份证"),
    "材料费用": ("所需材料", "工本费", "办理时限", "领证方式", "材料不全"),
    "去哪里办": ("哪里办", "站点信息", "市内跨区办理"),
}
# Beside the topics: title of the button -> what it says.
OTHERS = {"去哪里办": {"有事找人工": "转人工", "这个助手能做什么": "帮助"}}
GREETING_TOPICS = ("补领", "换领", "能否异地办理", "哪里办", "工本费")


def definition(knowledge: Knowledge) -> dict:
    """The menu as the platform wants it: the key of a button is what its click says."""
    return {"button": [{"name": name, "sub_button": [
        {"type": "click", "name": title, "key": said} for title, said in _entries(knowledge, name).items()]}
        for name in TOPICS]}


def said_by(knowledge: Knowledge, key: str) -> Optional[str]:
    """What a click on the button with this key says; None for a key that no button of ours has."""
    return key if any(key in _entries(knowledge, name).values() for name in TOPICS) else None


def greeting_buttons(knowledge: Knowledge) -> "list[Mapping[str, str]]":
    titles = [knowledge.topics[topic].title for topic in GREETING_TOPICS]
    return [{"title": title, "payload": title} for title in titles]


def _entries(knowledge: Knowledge, name: str) -> "dict[str, str]":
    """Title -> what it says: a topic's title says itself."""
    titles = [knowledge.topics[topic].title for topic in TOPICS[name]]
    return {**{title: title for title in titles}, **OTHERS.get(name, {})}
