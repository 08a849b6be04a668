"""The WSGI application of a server whose parts are imported with the first request that is no plain call."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from mockmkto.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["app_of"]


def app_of(site: Site) -> WSGIApplication:
    """The application of a server, made when it is first asked: werkzeug and the routes take a tenth of a start."""
    made: list[WSGIApplication] = []
    making = Lock()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not made:
            with making:
                if not made:
                    from mockmkto.web.app import create_app

                    made.append(create_app(site))
        return made[0](environ, start_response)

    return app
