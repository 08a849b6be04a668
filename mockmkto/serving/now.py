"""Calls that are answered where they arrived: straight from the bytes of a request to those of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable

from mockmkto.bounds import SMALL_REQUEST
from mockmkto.calls.headers import shown_headers
from mockmkto.serving.answers import Reply
from mockmkto.serving.requests import Request
from mockmkto.soap.server import SoapServer
from mockmkto.soap.versions import VERSIONS

__all__ = ["answers_now"]

_CALL = re.compile(rb"/soap/mktows/([0-9]_[0-9])/?")
_VERSIONS = {version.encode(): version for version in VERSIONS}


def answers_now(soap: SoapServer, is_ready: Callable[[], bool]) -> Callable[[Request, str], Reply | None]:
    """What answers a plain call without waiting for anything, and says `None` to all else: a worker may wait."""

    def answer(request: Request, remote: str) -> Reply | None:
        if request.method != b"POST" or request.length > SMALL_REQUEST:
            return None
        asked = _CALL.fullmatch(request.path)
        version = _VERSIONS.get(asked[1]) if asked is not None else None
        if version is None or b"content-encoding" in request.headers or not is_ready():
            return None
        content_type = request.headers.get(b"content-type")
        told = content_type.decode("latin-1") if content_type is not None else None
        host = request.headers.get(b"host")
        asked_host = host.decode("latin-1") if host is not None else None
        given = soap.answer_now(
            version, request.body.read(), told, remote, asked_host, shown_headers(request.headers.get)
        )
        if given is None:
            request.body.seek(0)
            return None
        return Reply(given.status, given.content_type, given.body)

    return answer
