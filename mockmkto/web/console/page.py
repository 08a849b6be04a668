"""What every view is handed: the request, the subscription, the forms' token, and how a page is answered."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from werkzeug.wrappers import Request, Response

from mockmkto import __version__
from mockmkto.clock import Clock
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.reading import read_body
from mockmkto.web.admin.resource import Server, Subscription, route
from mockmkto.web.console.rendering import Renderer, Told
from mockmkto.web.site import Site

__all__ = ["Page"]

_T = TypeVar("_T")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_BROWSER = "mockmkto_browser"
_SAID = "mockmkto_said"
_THEME = "mockmkto_theme"
_MOST_SAID = 1500  # characters: a cookie holds 4 kB

_OF_REQUEST = re.compile(r"\b(body|query|path)\.")  # a person has filled a form

TOKEN = "token_of_form"  # noqa: S105  # the name of the form's field


class Door(Protocol):
    """What lets browsers in (`access`), and signs their forms."""

    def pause(self, request: Request) -> float:
        """For how many seconds no token is accepted from where it comes."""

    def opens(self, token: str, request: Request) -> bool:
        """Whether this is the admin token, which the request brings."""

    def let_in(self, response: Response, *, secure: bool) -> None:
        """Have the browser show from now on that it is let in."""

    def let_out(self, request: Request, response: Response) -> None:
        """Let nobody in with that any more."""

    def token_for(self, browser: str) -> str:
        """What every form of this browser carries."""


@dataclass
class Page:
    """One request to the console, and the ways to answer it."""

    site: Site
    request: Request
    renderer: Renderer
    door: Door
    asked: Subscription | None = None
    _told: Told | None = field(default=None, init=False)
    _rejected: bool = field(default=False, init=False)

    # -----------------------------------------------------------------------------------------------------------------
    # Where

    @property
    def subscription(self) -> Subscription:
        """The subscription of the address."""
        assert self.asked is not None, "the route names no subscription"
        return self.asked

    @cached_property
    def address(self) -> str:
        """By what address the browser asked."""
        return self.site.address(self.request)

    @property
    def api_address(self) -> str:
        """Where clients find the API: the same, unless the console has a port of its own."""
        return self.site.api_address(self.request)

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed here."""
        return self.site.guard.read_only

    @property
    def secure(self) -> bool:
        """Whether the browser asked over https."""
        return self.address.startswith("https://")

    def root(self, path: str, **query: object) -> str:
        """An address of the console; those that are empty or `None` are left out of the query."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        prefix = urlsplit(self.address).path
        return f"{prefix}{quote(path)}" + (f"?{urlencode(given)}" if given else "")

    def url(self, path: str = "", **query: object) -> str:
        """An address of the console, for this subscription."""
        return self.root(f"/s/{self.subscription.name}/{path}", **query)

    # -----------------------------------------------------------------------------------------------------------------
    # Forms

    @cached_property
    def browser(self) -> str:
        """By what this browser is known; new ones get a name."""
        return self.request.cookies.get(_BROWSER) or secrets.token_hex(16)

    @property
    def token(self) -> str:
        """What a form of this browser must carry."""
        return self.door.token_for(self.browser)

    def form_is_ours(self) -> bool:
        """Whether what was posted carries the token of the browser that posts it."""
        given = self.request.form.get(TOKEN) or self.request.headers.get("X-Form-Token", "")
        known = self.request.cookies.get(_BROWSER)
        return known is not None and hmac.compare_digest(given.encode(), self.door.token_for(known).encode())

    def sent(self, name: str) -> str:
        """A text of the form, as it was typed: browsers end lines with CR LF, whatever was there."""
        return self.request.form.get(name, "").replace("\r\n", "\n")

    def control(self, handler: Callable[..., _T], body: Mapping[str, object] | None = None, **arguments: object) -> _T:
        """What a function of the control API answers; its body is checked as if it had come over HTTP.

        Raises:
            ProblemError: as the function says.
        """
        kind = route("POST", "", handler).body
        if kind is not None:
            arguments["body"] = read_body(msgspec.json.encode(dict(body or {})), kind)
        return handler(self.subscription, **arguments)

    def control_server(self, handler: Callable[..., _T], body: Mapping[str, object]) -> _T:
        """The same for a function that is of no subscription."""
        kind = route("POST", "", handler).body
        assert kind is not None
        return handler(Server(self.site, self.request), body=read_body(msgspec.json.encode(dict(body)), kind))

    # -----------------------------------------------------------------------------------------------------------------
    # Answers

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page of HTML."""
        html = self.renderer.render(template, page=self, **values)
        return Response(html, status, content_type="text/html; charset=utf-8")

    def to(self, path: str) -> Response:
        """Send the browser on to another page of the console."""
        return self._see(self.root(path))

    def done(self, sentence: str, path: str) -> Response:
        """Send the browser to a page of the subscription, which says what was done."""
        return self.tell(sentence, "done", path)

    def tell(self, sentence: str, kind: Literal["done", "wrong"], path: str) -> Response:
        """Send the browser to a page of the subscription, which shows this sentence once."""
        target, hash_, place = path.partition("#")
        return self._telling(sentence, kind, self.url(target) + hash_ + place)

    def told_at(self, sentence: str, path: str) -> Response:
        """Send the browser to a page of no subscription, which says what was done."""
        return self._telling(sentence, "done", self.root(path))

    def _telling(self, sentence: str, kind: Literal["done", "wrong"], address: str) -> Response:
        response = self._see(address)
        said = msgspec.json.encode(Told(kind, sentence[:_MOST_SAID]))
        response.set_cookie(
            _SAID, base64.urlsafe_b64encode(said).decode(), max_age=60, httponly=True, samesite="Strict"
        )
        return response

    def _see(self, address: str) -> Response:
        return Response(status=303, headers={"Location": address})

    def problem(self, status: int, sentence: str) -> Response:
        """A page that says what is wrong."""
        return self.render("problem.html", status=status, code=status, sentence=sentence)

    def to_login(self) -> Response:
        """Ask for the admin token, and remember where the browser wanted to go."""
        if self.request.method != "GET":
            return self.problem(403, "This console asks for the admin token first.")
        return self._see(self.root("/login", to=self.request.path))

    def refused(self, error: ProblemError) -> Told:
        """What the control API had against a form, for the page that shows the form again."""
        self._rejected = True
        self._told = Told("wrong", _OF_REQUEST.sub("", error.problem.detail))
        return self._told

    @property
    def rejected(self) -> bool:
        """Whether this page shows a form again that was refused."""
        return self._rejected

    @cached_property
    def told(self) -> Told | None:
        """What the page before had to say; it is said once."""
        if self._told is not None:
            return self._told
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(self.request.cookies.get(_SAID, "")), type=Told)
        except ValueError:
            return None

    def sealed(self, response: Response) -> Response:
        """The response with what keeps a browser from doing anything with it but showing it."""
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")  # with none, forms would say they come from nowhere
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-store")
        if "immutable" in headers["Cache-Control"]:
            return response
        if _BROWSER not in self.request.cookies:
            response.set_cookie(_BROWSER, self.browser, httponly=True, samesite="Strict", secure=self.secure)
        if _SAID in self.request.cookies and "told" in self.__dict__:
            response.delete_cookie(_SAID)
        return response

    # -----------------------------------------------------------------------------------------------------------------
    # What the frame around every page shows

    @property
    def release(self) -> str:
        """The version of mockmkto."""
        return __version__

    @property
    def theme(self) -> str:
        """`light` or `dark` as it was chosen, otherwise as the system says."""
        chosen = self.request.cookies.get(_THEME, "")
        return chosen if chosen in ("light", "dark") else "system"

    @cached_property
    def subscriptions(self) -> tuple[str, ...]:
        """Every subscription's name."""
        return self.site.registry.names()

    @cached_property
    def clock(self) -> Clock:
        """The subscription's clock."""
        with self.subscription.database.transaction() as session:
            return session.clock

    @cached_property
    def zone(self) -> ZoneInfo:
        """The subscription's time zone, in which the console shows every time."""
        with self.subscription.database.transaction() as session:
            return session.world.time_zone
