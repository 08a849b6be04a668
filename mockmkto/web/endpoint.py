"""The API's own address: calls, the WSDL, and a word to whoever looks at it in a browser."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from http.client import responses
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from mockmkto.calls.headers import shown_headers
from mockmkto.calls.pending import Answer
from mockmkto.clock import sleep
from mockmkto.soap import wsdl
from mockmkto.soap.versions import VERSIONS
from mockmkto.web.bodies import limit_body
from mockmkto.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["call", "describe", "no_version", "plain_call", "rest_call"]

_CALL = re.compile("/soap/mktows/([0-9]_[0-9])/?")
_TEXT = "text/plain; charset=utf-8"


def plain_call(site: Site, environ: WSGIEnvironment, path: str) -> WSGIApplication | None:
    """What answers a call that needs nothing of a web framework, as almost all do; `None` for `call` to answer it."""
    asked = _CALL.fullmatch(path)
    if asked is None or asked[1] not in VERSIONS or environ["REQUEST_METHOD"] != "POST" or not site.ready.is_set():
        return None
    length = environ.get("CONTENT_LENGTH", "")
    if not (length.isascii() and length.isdigit() and int(length) <= site.max_body):
        return None
    if "HTTP_CONTENT_ENCODING" in environ or "HTTP_TRANSFER_ENCODING" in environ:
        return None

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(length))
        answer = site.soap.answer(
            asked[1],
            body,
            environ.get("CONTENT_TYPE"),
            environ.get("REMOTE_ADDR"),
            environ.get("HTTP_HOST"),
            _shown(Request(environ)),
        )
        if answer.reset_after is not None or answer.bytes_per_second is not None:
            return _disturbed(answer, Request(environ))(environ, start_response)
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {responses.get(answer.status, 'Unknown')}", headers)
        return [answer.body]

    return app


def call(site: Site, request: Request, version: str) -> Response:
    """`POST`: one call, answered as the vendor did."""
    if version not in VERSIONS:
        return _unknown_version(version)
    if not site.ready.is_set():
        return Response("The server is still loading its fixtures: see /readyz.\n", 503, content_type=_TEXT)
    body = _body(request, site.max_body)
    if body is None:
        text = f"The request is larger than {site.max_body} bytes, the limit that --max-body sets.\n"
        return Response(text, 413, content_type=_TEXT)
    answer = site.soap.answer(
        version,
        body,
        request.headers.get("Content-Type"),
        request.remote_addr,
        request.headers.get("Host"),
        _shown(request),
    )
    if answer.reset_after is None and answer.bytes_per_second is None:
        return Response(answer.body, answer.status, content_type=answer.content_type)
    return _disturbed(answer, request)


def rest_call(site: Site, environ: WSGIEnvironment) -> Response:
    """One call of the REST API, at any of its addresses and with any method."""
    from mockmkto.rest.incoming import Incoming

    request = Request(environ)
    if not site.ready.is_set():
        return Response("The server is still loading its fixtures: see /readyz.\n", 503, content_type=_TEXT)
    try:
        body = _body(request, site.max_body)
    except BadRequest:
        return Response("400 Bad Request\n", 400, content_type=_TEXT)
    if body is None:
        text = f"The request is larger than {site.max_body} bytes, the limit that --max-body sets.\n"
        return Response(text, 413, content_type=_TEXT)
    answer = site.rest.answer(
        Incoming(
            request.method,
            environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
            environ.get("QUERY_STRING", ""),
            body,
            request.headers.get("Content-Type"),
            request.headers.get("Authorization"),
            request.headers.get("Accept-Encoding"),
            request.headers.get("Range"),
            request.remote_addr,
            request.headers.get("Host"),
            _shown(request),
        )
    )
    if answer.reset_after is None and answer.bytes_per_second is None:
        return Response(answer.body, answer.status, list(answer.headers), content_type=answer.content_type)
    return _disturbed(answer, request)


def _shown(request: Request) -> dict[str, str]:
    def value_of(name: bytes) -> bytes | None:
        value = request.headers.get(name.decode())
        return value.encode("latin-1", "replace") if value is not None else None

    return shown_headers(value_of)


def describe(site: Site, request: Request, version: str) -> Response:
    """`GET`: the WSDL for `?WSDL` in any case, otherwise what this address is."""
    if version not in VERSIONS:
        return _unknown_version(version)
    address = f"{site.address(request)}/soap/mktows/{version}"
    if any(name.lower() == "wsdl" for name in request.args):
        return Response(wsdl.document(version, address), content_type="text/xml; charset=utf-8")
    text = (
        f"This is the Marketo SOAP API {version}, as mockmkto answers it.\n\n"
        f"Calls are POSTed to {address}\n"
        f"The WSDL is at        {address}?WSDL\n\n"
        "A first call:  mockmkto call syncLead --email ann@example.com FirstName=Ann\n"
    )
    return Response(text, content_type=_TEXT)


_STEP = 0.1  # seconds between two pieces of a trickle


def _disturbed(answer: Answer, request: Request) -> Response:
    """An answer as an injected fault has it delivered: broken off by a reset, or a few bytes at a time."""

    def reset() -> None:
        request.environ.get("mockmkto.reset", _cannot_reset)()

    def pieces() -> Iterator[bytes]:
        if answer.reset_after is not None:
            yield answer.body[: answer.reset_after]
            reset()
        size = max(1, int((answer.bytes_per_second or 1) * _STEP))
        for start in range(0, len(answer.body), size):
            yield answer.body[start : start + size]
            sleep(size / (answer.bytes_per_second or 1))

    if answer.reset_after == 0:
        reset()
    headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
    return Response(pieces(), answer.status, headers, content_type=answer.content_type)


def _cannot_reset() -> None:
    raise ConnectionResetError("an injected fault resets this connection")


def no_version(site: Site, request: Request) -> Response:
    """The path without a version."""
    return _unknown_version("")


def _unknown_version(version: str) -> Response:
    known = ", ".join(VERSIONS)
    asked = f"There is no version {version!r}" if version else "The path names no version"
    return Response(f"{asked}. The versions are {known}: /soap/mktows/{VERSIONS[-1]}\n", 404, content_type=_TEXT)


def _body(request: Request, limit: int) -> bytes | None:
    """The body, unpacked where it was compressed; `None` when it is larger than the limit."""
    try:
        limit_body(request, limit)
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None
    except ValueError:  # chunks that are none
        raise BadRequest from None
    if request.headers.get("Content-Encoding", "").lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: gzip or zlib, as the head of the data says
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error:
        return b""  # not what it says it is: the stack's Bad Request
    if len(unpacked) > limit:
        return None
    return unpacked if unpacker.eof else b""  # cut off, perhaps in its checksum alone
