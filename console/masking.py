"""What staff see of a citizen's words unless they reveal them: stored texts are masked already, this hides more.

Besides numbers and names (idcard.privacy): long runs of letters and digits, and the part of an address that leads to a door.
"""
import re

from idcard.privacy import STAR, mask

_DOOR = re.compile(r"[A-Za-z0-9_.@-]{6,}|[0-9]{5,}|[0-9一二三四五六七八九十百零]+(?=号楼|栋|幢|座|单元|室|号院|弄|门牌)")


def hide(text: str) -> str:
    """`text` with stars, same length."""
    return _DOOR.sub(lambda found: STAR * len(found.group()), mask(text))
