"""The pages beside the protocol: the demo page of a city's site, and the chat that needs no JavaScript.

Whatever comes from a person or from the knowledge goes into a page through `escape` only.
"""
import hashlib
import re
import secrets
from html import escape
from pathlib import Path
from string import Template
from typing import Dict, List, Optional
from urllib.parse import quote

import yaml
from sanic.request import Request
from sanic.response import HTTPResponse, html, redirect

from assistant import metrics, settings
from assistant.channels.web import sessions
from assistant.channels.web.chat import RATINGS
from assistant.channels.web.errors import WebError
from assistant.channels.web.files import public_file
from assistant.channels.web.site import Site
from assistant.channels.web.store import Message

PAGES = Path(__file__).parent / "html"
WIDGET = Path(__file__).parents[3] / "widget"
COOKIE = "idcard-chat"
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
          "base-uri 'none'; frame-ancestors 'none'")
FORM_FIELDS = {"form", "client_msg_id", "text", "button", "city", "seq", "rating"}
LONGEST_DRAFT = 200  # of what a link or an ended session leaves in the field
RATED_KINDS = {"answer", "decision", "checklist", "stations"}


class Pages:
    def __init__(self, site: Site, chat) -> None:
        self.site, self.chat = site, chat
        self.demo = yaml.safe_load((PAGES / "demo.yml").read_text(encoding="utf-8"))

    def routes(self) -> tuple:
        return (("GET", "/chat", self.show), ("POST", "/chat", self.say), ("POST", "/chat/start", self.start),
                ("POST", "/chat/rate", self.rate), ("POST", "/chat/erase", self.erase),
                ("GET", "/widget/<name>", self.widget_file), ("GET", "/pages/<name>", self.page_file))

    # ---- the demo page and the files

    async def front(self, request: Request) -> Optional[HTTPResponse]:
        """The demo page, in place of Rasa's greeting with its version."""
        if request.path != "/":
            return None
        cities = list(self.demo["cities"])
        city = request.args.get("city", cities[0])
        if city not in cities:
            raise WebError("not_found")
        return _page("demo", {"city": city, "host": f"{self.site.scheme(request)}://{request.host}"}, {
            "cities": "".join(_city_link(one, one == city) for one in cities),
            "questions": "".join(_question_link(city, question) for question in self.demo["cities"][city]["questions"]),
            "services": "".join(f"<li><h3>{escape(title)}</h3><p>{escape(text)}</p></li>"
                                for title, text in self.demo["cities"][city]["services"].items())})

    async def widget_file(self, request: Request, name: str) -> HTTPResponse:
        return public_file(request, WIDGET, name)

    async def page_file(self, request: Request, name: str) -> HTTPResponse:
        return public_file(request, PAGES, name)

    @staticmethod
    def error(error: WebError) -> HTTPResponse:
        return _page("error", {"message": error.message}, {}, error.status)

    # ---- the chat without JavaScript

    async def show(self, request: Request) -> HTTPResponse:
        """The conversation, or the page that begins one; ?question= is only written into its field, never sent by a link."""
        await self.site.admit(request, "read")
        session, draft, city = await self._session(request), request.args.get("question", "")[:LONGEST_DRAFT], request.args.get("city", "")
        return await self._conversation(session, draft, city=city) if session else self._welcome(city, draft)

    async def start(self, request: Request) -> HTTPResponse:
        await self.site.admit(request, "begin")
        given = self._form(request, None)
        token, _ = await self.chat.begin(given.get("city", ""))
        question = f"?question={quote(given['text'])}" if given.get("text") else ""
        response = redirect(f"/chat{question}", status=303)
        _keep(response, token, sessions.SESSION_SECONDS)
        return response

    async def say(self, request: Request) -> HTTPResponse:
        session = await self._session(request)
        given = self._form(request, session)
        if session is None:
            return self._welcome("", given.get("text", "")[:LONGEST_DRAFT])
        try:
            await self.site.admit(request, "send", session)
            turn = await (self.chat.move(session, given.get("client_msg_id"), given["city"]) if given.get("city")
                          else self.chat.send(session, _sent(given)))
        except WebError as refused:
            metrics.REFUSED.labels("web", refused.code).inc()
            return await self._conversation(session, given.get("text", ""), refused)
        return redirect(f"/chat#m{turn[0].seq}", status=303)

    async def rate(self, request: Request) -> HTTPResponse:
        session = await self._session(request)
        if session is None:
            return self._welcome("", "")
        given = self._form(request, session)
        await self.site.admit(request, "send", session)
        seq = int(given["seq"]) if re.fullmatch("[0-9]{1,9}", given.get("seq", "")) else 0
        (thanks,) = await self.chat.rate(session, {"seq": seq, "rating": given.get("rating")})
        return redirect(f"/chat#m{thanks.seq}", status=303)

    async def erase(self, request: Request) -> HTTPResponse:
        session = await self._session(request)
        if session is None:
            return self._welcome("", "")
        self._form(request, session)
        await self.site.admit(request, "send", session)
        receipt = await self.chat.erase(session)
        response = _page("erased", {name: str(value) for name, value in receipt.items()}, {})
        _keep(response, "", 0)
        return response

    async def _session(self, request: Request) -> Optional[str]:
        session = sessions.session_of(request.cookies.get(COOKIE, ""))
        return session if session and await self.chat.city(session) is not None else None

    def _form(self, request: Request, session: Optional[str]) -> Dict[str, str]:
        """The fields of a form of ours. Raises WebError for one that another site has made."""
        self.site.origin(request)
        try:
            given = {name: values[0].replace("\r\n", "\n") for name, values in (request.form or {}).items()}
        except Exception:  # Sanic reads a form as it comes
            raise WebError("bad_request") from None
        if given.keys() - FORM_FIELDS:
            raise WebError("bad_request")
        if session and not secrets.compare_digest(given.get("form", "").encode(), sessions.form_token(session).encode()):
            raise WebError("bad_request")
        return given

    def _welcome(self, city: str, draft: str) -> HTTPResponse:
        return _page("welcome", {"city": city if city in self.demo["cities"] else "", "draft": draft, "days": str(settings.retention_days())}, {})

    async def _conversation(self, session: str, draft: str, refused: Optional[WebError] = None, city: str = "") -> HTTPResponse:
        """`city` is that of the site which the citizen comes from."""
        messages, is_busy = await self.chat.newest(session)
        if not messages:  # erased a moment ago, from another window
            return self._welcome(city, draft)
        notice = refused.message if refused else "上一句还在答，请稍等一会儿，再刷新本页。" if is_busy else ""
        said = [message for message in messages if message.custom.get("topic") not in RATINGS]  # thanks leave the question open
        last = [message for message in said if message.turn == said[-1].turn]
        form = f'<input type="hidden" name="form" value="{escape(sessions.form_token(session))}">'
        sending = form + f'<input type="hidden" name="client_msg_id" value="{secrets.token_urlsafe(12)}">'
        return _page("chat", {"draft": draft}, {
            "form": form, "sending": sending,
            "notice": (f'<p class="refused" role="alert">{escape(notice)}</p>' if notice else "")
            + (_change_over(city, sending) if city in self.demo["cities"] and city != await self.chat.city(session) else ""),
            "earlier": '<p class="earlier">前面的对话很长，这里只显示最近的。</p>' if messages[0].seq > 1 else "",
            "messages": "".join(map(_message_item, messages)),
            "choices": _choices(session, last, sending), "rating": _rating(last, form),
        }, refused.status if refused else 200)


def _sent(given: Dict[str, str]) -> Dict[str, str]:
    """The message of a form. Its id holds what it says: the form sent twice is one message, filled in anew it is another."""
    said = {key: given[key] for key in ("text", "button") if key in given}
    content = hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:16]
    return {**said, "client_msg_id": f"{given.get('client_msg_id', '')}-{content}"}


def _page(name: str, texts: Dict[str, str], markup: Dict[str, str], status: int = 200) -> HTTPResponse:
    """A page of html/: `texts` are escaped here, `markup` has been."""
    template = Template((PAGES / f"{name}.html").read_text(encoding="utf-8"))
    filled = template.substitute({key: escape(text) for key, text in texts.items()}, **markup)
    return html(filled, status, headers={"Content-Security-Policy": POLICY})


def _keep(response: HTTPResponse, token: str, seconds: int) -> None:
    secure = "; Secure" if settings.in_service() else ""
    response.headers["Set-Cookie"] = f"{COOKIE}={token}; Path=/chat; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def _city_link(city: str, is_shown: bool) -> str:
    here = ' aria-current="page"' if is_shown else ""
    return f'<li><a href="/?city={quote(city)}"{here}>{escape(city)}</a></li>'


def _question_link(city: str, question: str) -> str:
    return (f'<li><a href="/chat?city={quote(city)}&amp;question={quote(question)}" data-ask="{escape(question)}">'
            f"{escape(question)}</a></li>")


def _message_item(message: Message) -> str:
    who = "您" if message.author == "user" else "助手"
    phones = "".join(f'<li><a href="tel:{re.sub("[^0-9+,-]", "", station["tel"])}">{escape(station["name"])} {escape(station["phone"])}</a></li>'
                     for station in message.custom.get("stations", ()) if station.get("tel"))
    return (f'<li class="{message.author}" id="m{message.seq}"><p class="who">{who} <time>{escape(message.at[11:16])}</time></p>'
            f'<p class="text">{escape(message.text)}</p>' + (f'<ul class="phones" aria-label="点号码拨打">{phones}</ul>' if phones else "") + "</li>")


def _change_over(city: str, fields: str) -> str:
    """Offers the city of the site to one whose conversation began on another."""
    return _form_to("/chat", f'{fields}<p class="notice">前面的对话还在，您可以接着问。 <button name="city" value="{escape(city)}">'
                    f"改问{escape(city)}</button></p>")


def _choices(session: str, messages: List[Message], fields: str) -> str:
    """The form of the buttons; "" where there are none."""
    buttons = "".join(f'<button name="button" value="{escape(sessions.button_token(session, message.seq, index))}">'
                      f'{escape(button["title"])}</button>'
                      for message in messages for index, button in enumerate(message.buttons))
    return buttons and _form_to("/chat", f'{fields}<div role="group" aria-label="可以直接选">{buttons}</div>')


def _rating(messages: List[Message], fields: str) -> str:
    """The form of the thumbs; "" where there is no answer to judge."""
    answers = [message for message in messages if message.custom.get("kind") in RATED_KINDS]
    if not answers:
        return ""
    return _form_to("/chat/rate", fields + f'<input type="hidden" name="seq" value="{answers[-1].seq}"><p>刚才的回答有用吗？ '
                    '<button name="rating" value="好评">有用</button> <button name="rating" value="差评">没用</button></p>')


def _form_to(action: str, content: str) -> str:
    return f'<form method="post" action="{action}" enctype="multipart/form-data">{content}</form>'
