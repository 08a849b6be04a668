"""Who may look: nobody is asked for anything unless there is an admin token; then a login page asks for it once."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import threading
from collections import OrderedDict

from werkzeug.wrappers import Request, Response

from mockmkto.web.brake import Brake
from mockmkto.web.console.page import Page

__all__ = ["Door", "enter", "leave", "login"]

_COOKIE = "mockmkto_admin"
_MOST_PASSES = 1000  # browsers that are let in at once; the one that came first is asked again


class Door:
    """What admits a browser, and what its forms are signed with. The secret lives as long as the server.

    A browser that was let in shows a pass of its own, which ends when it logs out, whoever has a copy of it.
    """

    def __init__(self, admin_token: str | None, brake: Brake | None = None) -> None:
        self._admin_token = admin_token
        self._brake = brake if brake is not None else Brake()
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._passes: OrderedDict[str, None] = OrderedDict()  # as they are signed: the oldest first

    @property
    def guarded(self) -> bool:
        """Whether a token is asked for."""
        return self._admin_token is not None

    def admits(self, request: Request) -> bool:
        """Whether this browser may see the console."""
        return self._admin_token is None or self._signed_pass(request) in self._passes

    def pause(self, request: Request) -> float:
        """For how many seconds no token is accepted from this address: it has sent many wrong ones."""
        return self._brake.pause(request.remote_addr)

    def opens(self, token: str, request: Request) -> bool:
        """Whether this is the admin token, which the request brings."""
        if self._admin_token is None:
            return False
        is_it = hmac.compare_digest(token.encode(), self._admin_token.encode())
        self._brake.tried(request.remote_addr, right=is_it)
        return is_it

    def let_in(self, response: Response, *, secure: bool) -> None:
        """Have the browser show from now on that it is let in. The cookie is not the token."""
        given = secrets.token_urlsafe(32)
        with self._lock:
            self._passes[self._sign(f"admin {given}")] = None
            while len(self._passes) > _MOST_PASSES:
                self._passes.popitem(last=False)
        response.set_cookie(_COOKIE, given, httponly=True, samesite="Lax", secure=secure)

    def let_out(self, request: Request, response: Response) -> None:
        """Let nobody in with that any more, and have the browser forget it."""
        with self._lock:
            self._passes.pop(self._signed_pass(request), None)
        response.delete_cookie(_COOKIE)

    def token_for(self, browser: str) -> str:
        """What every form of this browser carries: nobody else can make it."""
        return self._sign(f"form {browser}")

    def _signed_pass(self, request: Request) -> str:
        return self._sign(f"admin {request.cookies.get(_COOKIE, '')}")  # so that looking it up takes any time it likes

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def login(page: Page) -> Response:
    """`GET /login`: the page that asks for the token."""
    return page.render("login.html", to=page.request.args.get("to", ""), wrong=False)


def enter(page: Page) -> Response:
    """`POST /login`: in, and on to where the browser wanted to go."""
    to = page.sent("to")
    pause = math.ceil(page.door.pause(page.request))
    if pause:
        refused = page.problem(429, f"Too many wrong tokens came from this address: try again in {pause} s.")
        refused.headers["Retry-After"] = str(pause)
        return refused
    if not page.door.opens(page.sent("token"), page.request):
        return page.render("login.html", status=403, to=to, wrong=True)
    # Only to a page of ours: the path of a redirect must not name another host.
    response = page.to(to if to.startswith("/s/") else "/")
    page.door.let_in(response, secure=page.secure)
    return response


def leave(page: Page) -> Response:
    """`POST /logout`: the browser is as any other again."""
    response = page.to("/login")
    page.door.let_out(page.request, response)
    return response
