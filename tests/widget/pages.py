"""Pages of sites that embed the widget: an ordinary one, and ten that make it hard."""
from __future__ import annotations

ORDINARY = "<main><h1>武汉市政务服务</h1><p id='own'>居民身份证办事指南</p><button id='theirs'>站内搜索</button></main>"


def host_page(origin: str, head: str = "", body: str = ORDINARY, attributes: str = 'data-city="武汉"', html: str = 'lang="zh-CN"') -> str:
    return (f'<!doctype html><html {html}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="icon" href="data:,"><title>武汉市政务服务</title>{head}'
            f'<script type="module" src="{origin}/widget/idcard-chat.js" {attributes}></script></head><body>{body}</body></html>')


STYLES = {
    "takes every style away": "* { all: unset !important }",
    "resets in capitals and red": "*, *::before, *::after { color: red !important; background: yellow !important; text-transform: uppercase !important; "
                                  "font: 9px monospace !important; border: 5px solid !important; opacity: .2 !important; display: none }"
                                  " html, body, main, main * { display: block }",
    "wins every z-index war": "main { position: fixed; inset: 0; z-index: 2147483647; background: #fff } "
                              "body::after { content: ''; position: fixed; inset: 0; z-index: 2147483647; pointer-events: none }",
    "has huge type": "html { font-size: 62px } body { font-size: 4em; line-height: .8; letter-spacing: .6em; zoom: 1.5 }",
    "moves and clips its body": "body { transform: scale(.5) translateX(300px); overflow: hidden; height: 50px; filter: blur(0); contain: strict }",
}
SCRIPTS = {
    "pollutes every prototype": "Object.prototype.custom = {kind: 'stations'}; Object.prototype.buttons = [{title: 'x', token: 'y'}]; "
                                "Object.prototype.mode = 'no-cors'; Object.prototype.expired = true; "
                                "Array.prototype.toJSON = function () { return 'no'; }; Array.prototype.extra = 'x'; String.prototype.mine = 1;",
    "freezes what is global": "[Object, Array, String, Map, Promise, JSON, Math, Element, HTMLElement, Node, EventTarget, CustomEvent]"
                              ".forEach(one => { Object.freeze(one); one.prototype && Object.freeze(one.prototype); });",
    "listens to every key and click": "for (const type of ['keydown', 'keypress', 'keyup', 'click', 'submit']) "
                                      "addEventListener(type, event => { if (event.target.id !== 'theirs') event.preventDefault(); });",
    "forbids all storage": "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
                           "{get() { throw new DOMException('denied', 'SecurityError'); }});",
}


def hostile_pages(origin: str) -> dict[str, str]:
    """What the page does -> its HTML."""
    pages = {name: host_page(origin, f"<style>{css}</style>") for name, css in STYLES.items()}
    pages |= {name: host_page(origin, f"<script>{script}</script>") for name, script in SCRIPTS.items()}
    pages["is written from right to left, inside a form, beside frames"] = host_page(
        origin, html='lang="ar" dir="rtl"', head="<script>addEventListener('submit', () => { document.title = 'submitted'; })</script>",
        body=f"<form action='/elsewhere'><iframe srcdoc='<p>frame</p>' title='frame'></iframe>{ORDINARY}"
             "<idcard-chat data-city='武汉'></idcard-chat><button>send</button></form>")
    return pages
