"""Who may see and change what is not the API itself: the admin token, read-only, and no page of a stranger's."""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockmkto.web.brake import Brake
from mockmkto.web.origins import Origins
from mockmkto.web.sides import AUTHORITY, is_api, is_probe

if TYPE_CHECKING:  # a server starts without what only its pages need
    from werkzeug.wrappers import Request, Response

__all__ = ["Guard", "changes_something", "is_guarded"]

_PUBLIC = frozenset({AUTHORITY})  # whom to trust is no secret, and nobody can be asked before it is known
_METRICS = "/metrics"
_LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
# What is POSTed and changes nothing that a call or a test could notice.
_HARMLESS = frozenset({"/__admin/calls/wait", "/__admin/dry-run", "/__admin/explain-signature"})


@dataclass(frozen=True, slots=True)
class Guard:
    """Looks at every request that is not one to the API or a probe.

    Without settings, everybody may do everything, except the web pages of others that a browser has open.
    """

    token: str | None = field(default=None, repr=False)
    read_only: bool = False
    origins: Origins = field(default_factory=Origins)
    brake: Brake = field(default_factory=Brake)

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request that may not be made, `None` to one that may.

        401 to the control API, /metrics and whatever else is not open, without the right `Authorization: Bearer`; 429
        to whoever has tried many wrong ones; 403
        to whatever would change something when nothing may be changed, and to the page of a stranger. The console does
        the first two by itself, on pages: a browser has no way to send a token with a link.
        """
        path = request.path
        objection = self.objection(request)
        if objection is not None:
            return _problem(403, objection, {})
        if is_guarded(path) and self.token is not None and request.headers.get("Authorization"):
            pause = math.ceil(self.brake.pause(request.remote_addr))
            if pause:
                return _problem(
                    429,
                    f"Too many wrong tokens came from {request.remote_addr}: try again in {pause} s.",
                    {"Retry-After": str(pause)},
                )
        if is_guarded(path) and not self.admits(request):
            return _problem(
                401,
                "This needs the server's admin token, as `Authorization: Bearer TOKEN`: the one that was given with "
                "--admin-token / MOCKMKTO_ADMIN_TOKEN.",
                {"WWW-Authenticate": 'Bearer realm="mockmkto"'},
            )
        if self.read_only and changes_something(request.method, path):
            return _problem(
                403,
                f"{request.method} {path} would change something, and this server was started with --read-only-admin.",
                {},
            )
        return None

    def objection(self, request: Request) -> str | None:
        """Why a request could be a stranger's page's, where no token tells; whom to trust and /metrics anybody may ask.

        With a token there is nothing to find out: no page of a stranger's can send it.
        """
        path = request.path
        if self.token is not None or not is_guarded(path) or f"/{path.strip('/')}" == _METRICS:
            return None
        return self.origins.objection(request)

    def admits(self, request: Request) -> bool:
        """Whether the request carries the token, where there is one. The comparison takes the same time either way."""
        if self.token is None:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        given_is_it = hmac.compare_digest(given.strip().encode(), self.token.encode())
        if given:  # nobody tries anything without
            self.brake.tried(request.remote_addr, right=given_is_it)
        return given_is_it and scheme.lower() == "bearer"


def changes_something(method: str, path: str) -> bool:
    """Whether a read-only server refuses it."""
    return method not in _LOOKS and path not in _HARMLESS


def is_guarded(path: str) -> bool:
    """Whether it takes the token, where there is one: whatever is not known to be open."""
    return not (path in _PUBLIC or is_api(path) or is_probe(path))


def _problem(status: int, detail: str, headers: dict[str, str]) -> Response:
    # Only now: a server without a token never needs it, and its start should not wait for it.
    import msgspec
    from werkzeug.wrappers import Response

    from mockmkto.web.admin.problems import ProblemError

    content = msgspec.json.encode(ProblemError(status, detail).problem)
    return Response(content, status, {**headers, "Cache-Control": "no-store"}, content_type="application/problem+json")
