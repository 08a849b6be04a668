"""Calls that are answered where they arrived: straight from the bytes of a request to those of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockmkto.bounds import SMALL_REQUEST
from mockmkto.calls.headers import shown_headers
from mockmkto.serving.answers import Reply
from mockmkto.serving.requests import Request
from mockmkto.soap.server import SoapServer
from mockmkto.soap.versions import VERSIONS

if TYPE_CHECKING:
    from mockmkto.rest.incoming import Incoming
    from mockmkto.rest.server import RestServer

__all__ = ["answers_now"]

_CALL = re.compile(rb"/soap/mktows/([0-9]_[0-9])/?")
_VERSIONS = {version.encode(): version for version in VERSIONS}


_PLAIN_METHODS = (b"GET", b"POST", b"DELETE")
_REST = (b"/rest/", b"/identity/")


def answers_now(
    soap: SoapServer, rest: Callable[[], RestServer], is_ready: Callable[[], bool]
) -> Callable[[Request, str], Reply | None]:
    """What answers a plain call without waiting for anything, and says `None` to all else: a worker may wait."""

    def answer(request: Request, remote: str) -> Reply | None:
        if request.length > SMALL_REQUEST or b"content-encoding" in request.headers or not is_ready():
            return None
        asked = _CALL.fullmatch(request.path) if request.method == b"POST" else None
        version = _VERSIONS.get(asked[1]) if asked is not None else None
        if version is not None:
            given = soap.answer_now(
                version,
                request.body.read(),
                _text(request, b"content-type"),
                remote,
                _text(request, b"host"),
                shown_headers(request.headers.get),
            )
        elif request.path.startswith(_REST) and request.method in _PLAIN_METHODS:
            given = rest().answer_now(_incoming(request, remote))
        else:
            return None
        if given is None:
            request.body.seek(0)
            return None
        return Reply(given.status, given.content_type, given.body, given.headers)

    return answer


def _text(request: Request, header: bytes) -> str | None:
    value = request.headers.get(header)
    return value.decode("latin-1") if value is not None else None


def _incoming(request: Request, remote: str) -> Incoming:
    from mockmkto.rest.incoming import Incoming

    return Incoming(
        request.method.decode("latin-1"),
        request.path.decode("utf-8", "replace"),
        request.query.decode("latin-1"),
        request.body.read(),
        _text(request, b"content-type"),
        _text(request, b"authorization"),
        _text(request, b"accept-encoding"),
        _text(request, b"range"),
        remote,
        _text(request, b"host"),
        shown_headers(request.headers.get),
    )
