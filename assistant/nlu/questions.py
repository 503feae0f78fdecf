"""Several questions in one message: 要带啥，多少钱，能邮寄不 is cut into its questions, each to be classified by itself."""

import re
from typing import List

# Where a new clause begins: punctuation and spaces, words that add a question, and after what ends one.
_BREAK = re.compile(r"[\s，。,.；;、！!？?\n~]+|(?:还有|另外|顺便|再问(?:下|一下)?|以及|然后|同时)")
_AFTER = re.compile(r"(?:多少钱|几多钱|吗|呢|要不要钱|怎么办理?|哪里办|哪些材料|什么材料|(?:带啥|带什么)(?![材资证东手去时])|"
                    r"(?:多久|几天)(?![能可会才就拿到办好下出内]))(?=[^的了吗呢啊呀嘛吧钱]{2})")
_ASKS = re.compile(r"吗|呢|多少|哪|怎|什么|啥|谁|几[天个多时点样]|能不能|可不可以|要不要|行不行|有没有|多久|咋|如何|么[样事斯]|要钱|收费|费用|"
                   r"[能可要收行给得].{0,8}[不没么]$|[了过]没有?$|流程|材料|时间|地址|电话|条件|投诉")


def clauses(text: str) -> List[str]:
    """The clauses of normalised `text` that ask something, in order."""
    parts = [part for piece in _BREAK.split(text) if piece for part in _cut(piece)]
    return [part for part in parts if len(part) >= 2 and _ASKS.search(part)]


def _cut(piece: str) -> List[str]:
    cuts = [0, *(match.end() for match in _AFTER.finditer(piece)), len(piece)]
    return [piece[start:end] for start, end in zip(cuts, cuts[1:]) if start < end]
