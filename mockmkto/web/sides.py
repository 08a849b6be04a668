"""The two sides of a server: the API, and the control API with console and metrics; each can have a port of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["ADMIN_SIDE", "APIS", "AUTHORITY", "admin_side", "api_side", "is_api", "is_probe", "is_rest", "path_of"]

ADMIN_SIDE = "mockmkto.admin_side"  # in the environ of a request that came to the port of --admin-port

AUTHORITY = "/__admin/tls/ca.pem"  # on every port: it is what a client needs before it can speak https

APIS = ("/soap/", "/rest/", "/bulk/", "/identity/")

_PROBES = (
    "/livez",
    "/livez/",
    "/readyz",
    "/readyz/",
)  # on every port: whoever asks one wants to know about the one it asks


def path_of(environ: WSGIEnvironment) -> str:
    """The path as the routes see it: however many slashes it begins with, they are one."""
    path: str = environ.get("PATH_INFO", "")
    return "/" + path.lstrip("/")


def is_api(path: str) -> bool:
    """Whether this is an address of an API itself, over SOAP or REST."""
    return path.startswith(APIS) or f"{path}/" in APIS


def is_rest(path: str) -> bool:
    """Whether this is an address of the API over REST."""
    return is_api(path) and not path.startswith("/soap")


def is_probe(path: str) -> bool:
    """Whether this is the address of a probe."""
    return path in _PROBES


def api_side(app: WSGIApplication) -> WSGIApplication:
    """The application without control API, console and metrics."""
    return _only(
        app, "The control API, the console and /metrics are at the port that --admin-port says.\n", admin=False
    )


def admin_side(app: WSGIApplication) -> WSGIApplication:
    """The application without the API."""
    return _only(app, "The API is at the port that --port says; this one is that of --admin-port.\n", admin=True)


def _only(app: WSGIApplication, elsewhere: str, *, admin: bool) -> WSGIApplication:
    def side(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = path_of(environ)
        if not is_probe(path) and path != AUTHORITY and is_api(path) == admin:
            from werkzeug.wrappers import Response  # a server starts without it

            return Response(elsewhere, 404, content_type="text/plain; charset=utf-8")(environ, start_response)
        environ[ADMIN_SIDE] = admin
        return app(environ, start_response)

    return side
