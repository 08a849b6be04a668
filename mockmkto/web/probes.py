"""Is the server alive, is it ready: for orchestrators, health checks and `mockmkto health`."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from mockmkto import deadlines
from mockmkto.store.troubles import trouble_of
from mockmkto.web.site import Site

__all__ = ["livez", "readyz"]

PATIENCE = 2.5  # seconds for the database to answer: enough to connect anew
_TEXT = "text/plain; charset=utf-8"


def livez(site: Site, request: Request) -> Response:
    """200 as soon as the server accepts connections."""
    return Response("alive\n", content_type=_TEXT)


def readyz(site: Site, request: Request) -> Response:
    """200 once the fixtures are loaded and one call has been answered inside; 503 until then, and without its data."""
    if not site.ready.is_set():
        return Response("loading\n", 503, {"Retry-After": "1"}, content_type=_TEXT)
    try:
        with deadlines.no_longer_than(PATIENCE):
            site.registry.look()
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        return Response(f"the data: {trouble.text}\n", 503, {"Retry-After": "1"}, content_type=_TEXT)
    return Response("ready\n", content_type=_TEXT)
