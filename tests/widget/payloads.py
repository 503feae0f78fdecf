"""A hundred attempts to be taken for markup, script, a link or a template."""
from __future__ import annotations

from itertools import product

_CODE = "alert(1)"
_TAGS = [
    "<script>{}</script>", "<img src=x onerror={}>", "<svg onload={}>", "<svg><script>{}</script></svg>", "<body onload={}>",
    "<iframe src=javascript:{}></iframe>", "<iframe srcdoc='<script>{}</script>'></iframe>", "<a href=javascript:{}>点这里</a>",
    "<details open ontoggle={}>", "<video><source onerror={}></video>", "<input autofocus onfocus={}>", "<marquee onstart={}>x</marquee>",
    "<object data=javascript:{}></object>", "<embed src=javascript:{}>", "<form action=javascript:{}><button>发送</button></form>",
    "<math><mtext><img src=x onerror={}></mtext></math>", "<template><img src=x onerror={}></template>", "<style>@import 'javascript:{}'</style>",
    "<link rel=stylesheet href=javascript:{}>", "<meta http-equiv=refresh content='0;url=javascript:{}'>", "<base href=javascript:{}//>",
    "<button popovertarget=x onclick={}>x</button>", "<xss onpointerenter={} style=position:fixed;inset:0>", "<slot onslotchange={}></slot>",
]
_BREAKOUTS = ["\">{}", "'>{}", "</textarea>{}", "</script>{}"]
_LINKS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
    "https://evil.example/?javascript:alert(1)", "//evil.example", "tel:12345;javascript:alert(1)", "tel:<img src=x onerror=alert(1)>",
    "[点这里](javascript:alert(1))", "![](x\"onerror=\"alert(1))", "blob:https://evil.example/1", "file:///etc/passwd", "sms:10086",
]
_OTHERS = [
    "{{constructor.constructor('alert(1)')()}}", "${alert(1)}", "<%= alert(1) %>", "#{alert(1)}", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;", "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e", "%3Cscript%3Ealert(1)%3C/script%3E",
    "＜script＞alert(1)＜/script＞", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<IMG SRC=\"jav\tascript:alert(1)\">", "<!--><img src=x onerror=alert(1)>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>", "__proto__", "constructor", "toString", "-1 OR 1=1 --", "'; DROP TABLE messages; --",
    "\"><svg/onload=alert(1)>//", "依据：<img src=x onerror=alert(1)>", "1. <img src=x onerror=alert(1)>", "要带：<b onmouseover=alert(1)>材料</b>",
]

PAYLOADS = [*(tag.format(_CODE) for tag in _TAGS), *_LINKS, *_OTHERS]
PAYLOADS += [breakout.format(tag.format(_CODE)) for breakout, tag in product(_BREAKOUTS, _TAGS)][:100 - len(PAYLOADS)]
