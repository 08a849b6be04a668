"""Is the server alive, is it ready: for orchestrators, health checks and `mockmkto health`."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from mockmkto.web.site import Site

__all__ = ["livez", "readyz"]

_TEXT = "text/plain; charset=utf-8"


def livez(site: Site, request: Request) -> Response:
    """200 as soon as the server accepts connections."""
    return Response("alive\n", content_type=_TEXT)


def readyz(site: Site, request: Request) -> Response:
    """200 once the fixtures are loaded and one call has been answered inside; 503 until then."""
    if site.ready.is_set():
        return Response("ready\n", content_type=_TEXT)
    return Response("loading\n", 503, {"Retry-After": "1"}, content_type=_TEXT)
