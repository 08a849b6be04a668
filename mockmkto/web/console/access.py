"""Who may look: nobody is asked for anything unless there is an admin token; then a login page asks for it once."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from werkzeug.wrappers import Request, Response

from mockmkto.web.console.page import Page

__all__ = ["Door", "enter", "leave", "login"]

_COOKIE = "mockmkto_admin"


class Door:
    """What admits a browser, and what its forms are signed with. The secret lives as long as the server."""

    def __init__(self, admin_token: str | None) -> None:
        self._admin_token = admin_token
        self._secret = secrets.token_bytes(32)

    @property
    def guarded(self) -> bool:
        """Whether a token is asked for."""
        return self._admin_token is not None

    def admits(self, request: Request) -> bool:
        """Whether this browser may see the console."""
        return self._admin_token is None or hmac.compare_digest(
            request.cookies.get(_COOKIE, "").encode(), self._pass.encode()
        )

    def opens(self, token: str) -> bool:
        """Whether this is the admin token."""
        return self._admin_token is not None and hmac.compare_digest(token.encode(), self._admin_token.encode())

    def let_in(self, response: Response, *, secure: bool) -> None:
        """Have the browser show from now on that it is let in. The cookie is not the token."""
        response.set_cookie(_COOKIE, self._pass, httponly=True, samesite="Lax", secure=secure)

    def let_out(self, response: Response) -> None:
        """Forget it again."""
        response.delete_cookie(_COOKIE)

    def token_for(self, browser: str) -> str:
        """What every form of this browser carries: nobody else can make it."""
        return self._sign(f"form {browser}")

    @property
    def _pass(self) -> str:
        return self._sign(f"admin {self._admin_token}")

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def login(page: Page) -> Response:
    """`GET /login`: the page that asks for the token."""
    return page.render("login.html", to=page.request.args.get("to", ""), wrong=False)


def enter(page: Page) -> Response:
    """`POST /login`: in, and on to where the browser wanted to go."""
    to = page.sent("to")
    if not page.door.opens(page.sent("token")):
        return page.render("login.html", status=403, to=to, wrong=True)
    # Only to a page of ours: the path of a redirect must not name another host.
    response = page.to(to if to.startswith("/s/") else "/")
    page.door.let_in(response, secure=page.secure)
    return response


def leave(page: Page) -> Response:
    """`POST /logout`: the browser is as any other again."""
    response = page.to("/login")
    page.door.let_out(response)
    return response
