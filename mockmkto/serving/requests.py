"""Bytes to requests: llhttp reads HTTP (by httptools), and here stands what it leaves to a server to decide."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, cast
from urllib.parse import unquote_to_bytes

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from msgspec import Struct

__all__ = ["Parser", "Refusal", "Request"]

HEAD_LIMIT = 65536
HEADERS_LIMIT = 500
TRAILERS_LIMIT = 100
SLICE = 4096  # bytes that are parsed at once: of requests that come in a row, few are held ready
IN_MEMORY = (
    64 * 1024,
    1024**2,
)  # at least, at most: bytes of a body; what is longer is kept in a file until it is whole

# Headers that are lists: what stands in several lines is one value. Of others the last one counts.
LISTS = frozenset(
    b"accept accept-charset accept-encoding accept-language cache-control connection expect forwarded if-match "
    b"if-none-match pragma te trailer transfer-encoding upgrade via warning x-forwarded-for x-forwarded-host "
    b"x-forwarded-proto".split()
)

_ABSOLUTE = re.compile(rb"https?://([^/?#@]+)(.*)", re.IGNORECASE | re.DOTALL)
_SLASHES = re.compile(rb"%2f", re.IGNORECASE)


class Request(Struct, frozen=True):
    """A request that came whole; or with a body that is larger than it may be, of which only the beginning is there."""

    method: bytes
    target: bytes
    path: bytes
    query: bytes
    version: str  # of HTTP: 1.0, 1.1
    headers: dict[bytes, bytes]  # by their names in lower case
    body: IO[bytes]
    length: int  # of the body as far as it is there
    keep_alive: bool
    too_large: bool = False


class Bounds(Struct, frozen=True):
    """How long a body may be: at all, by the target of its request; and in memory, by how many clients there are."""

    largest: Callable[[bytes], int]
    in_memory: Callable[[], int]


class Refusal(Struct, frozen=True):
    """What cannot be read as a request is answered so, and the connection ends."""

    status: HTTPStatus
    text: str


class _Refused(Exception):
    """Makes the parser stop; what is to be answered has been noted."""


class Parser:
    """Reads one connection: `feed` it, `take` the `requests` in their order; `refusal` comes after them.

    A body is read whole, up to its bounds. llhttp in its strict mode refuses whatever somebody
    in between could read in another way: folded lines, spaces and control characters where none belong, bare CR or LF,
    chunk sizes with anything around them, two lengths. What it leaves to its user is refused in `on_headers_complete`.

    Args:
        bounds: of bodies.
        invite: sends 100 Continue.
    """

    def __init__(self, bounds: Bounds, invite: Callable[[], None]) -> None:
        self.requests: deque[Request] = deque()
        self.refusal: Refusal | None = None
        self.finished = False  # nothing more is read: the last request asked for the end, or cannot be read to its end
        self.under_way = False  # a request has begun that is not whole
        self._bounds = bounds
        self._invite = invite
        self._rest = b""  # was read, and is not parsed yet
        self._parser = HttpRequestParser(self)
        self._begin()

    def _begin(self) -> None:
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._hosts = 0
        self._count = 0  # of headers
        self._head = 0  # bytes of its headers so far
        self._unfinished = 0  # bytes that were read while it was not whole
        self._in_head = True
        self._expects = False  # the client holds its body back until it is invited
        self._trailers = 0
        self._body: bytearray | IO[bytes] = bytearray()
        self._length = 0
        self._limit = 0

    def feed(self, data: bytes) -> None:
        """Reads on. What comes after the end of a connection's last request is thrown away."""
        self._rest = self._rest + data if self._rest else data
        self._advance()

    def take(self) -> Request:
        """The next request; one must be there."""
        request = self.requests.popleft()
        self._advance()
        return request

    def _advance(self) -> None:
        """Parses what was read, until there is a request."""
        while self._rest and not self.requests and not self.finished:
            data, self._rest = self._rest[:SLICE], self._rest[SLICE:]
            self._parse(data)
        if self.finished:
            self._rest = b""
        if self._expects and self.under_way and not self._length:
            self._expects = False
            self._invite()

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])
        except HttpParserError as error:
            if not self.finished:  # it is of what was sent behind the last request, or our own word for it
                self._refuse(HTTPStatus.BAD_REQUEST, f"malformed request: {error}")
        else:
            if self.under_way and self._in_head:
                self._unfinished += len(data)
                if self._unfinished > HEAD_LIMIT + SLICE:  # the first slice may have begun with something else
                    self._refuse_head()

    def _stay(self, rest: bytes) -> None:
        """Who offers another protocol (Java's client: h2c) is answered in this one; its body was not read yet."""
        method, url, headers = self._parser.get_method(), self._url, self._headers
        version = self._parser.get_http_version()
        self._parser = HttpRequestParser(self)
        lines = [b"%b: %b\r\n" % item for item in headers.items() if item[0] not in (b"upgrade", b"http2-settings")]
        self._parse(b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version.encode(), b"".join(lines)) + rest)

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self.finished = True
        self.under_way = False
        self.refusal = Refusal(status, text)

    def _refuse_head(self) -> None:
        text = f"request line and headers are longer than {HEAD_LIMIT} bytes"
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)

    # what llhttp calls

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begin()
        self.under_way = True

    def on_url(self, url: bytes) -> None:
        """A piece of its target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        if not self._in_head:  # a trailer: read and thrown away
            self._trailers += 1
            if self._trailers > TRAILERS_LIMIT:
                self._refuse(HTTPStatus.BAD_REQUEST, f"a chunked body has more than {TRAILERS_LIMIT} trailers")
                raise _Refused
            return
        self._head += len(name) + len(value) + 4
        self._count += 1
        if self._count > HEADERS_LIMIT:
            text = f"a request has more than {HEADERS_LIMIT} headers"
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)
            raise _Refused
        name, value = name.lower(), value.strip(b" \t")
        headers = self._headers
        if name in headers and name in LISTS:
            value = b"%b, %b" % (headers[name], value)
        elif name == b"host":
            self._hosts += 1
        headers[name] = value

    def on_headers_complete(self) -> None:
        """Whether there is a request to read on, and how long its body may be."""
        self._in_head = False
        if self._head + len(self._url) > HEAD_LIMIT:
            self._refuse_head()
        else:
            self._check_head()
        if self.refusal is not None:
            raise _Refused
        if self._parser.should_upgrade():
            return
        headers = self._headers
        self._limit = self._bounds.largest(self._url)
        expected = int(headers.get(b"content-length", b"0"))
        if expected > self._limit:
            self._complete(too_large=True)
            raise _Refused
        if b"expect" in headers and b"100-continue" in _tokens(headers[b"expect"]) and self._version == "1.1":
            self._expects = True

    def _check_head(self) -> None:
        version = self._version = self._parser.get_http_version()
        headers = self._headers
        if version not in ("1.0", "1.1"):
            self._refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        elif self._hosts > 1:
            self._refuse(HTTPStatus.BAD_REQUEST, "two Host headers")
        elif not self._hosts and version == "1.1":
            self._refuse(HTTPStatus.BAD_REQUEST, "HTTP/1.1 requires a Host header")
        elif b"transfer-encoding" in headers and version == "1.0":
            self._refuse(HTTPStatus.BAD_REQUEST, "HTTP/1.0 knows no Transfer-Encoding")
        elif b"transfer-encoding" in headers and headers[b"transfer-encoding"].lower() != b"chunked":
            text = "of all transfer encodings only chunked is known here"
            self._refuse(HTTPStatus.NOT_IMPLEMENTED, text)
        elif self._parser.get_method() == b"CONNECT":
            self._refuse(HTTPStatus.NOT_IMPLEMENTED, "no connection is made for others here")
        elif not self._read_target():
            self._refuse(HTTPStatus.BAD_REQUEST, f"malformed request: {self._url[:40]!r} is no path of this server")

    def _read_target(self) -> bool:
        """Path and query. An absolute target is accepted (RFC 9112, 3.2.2): a client may have us as its proxy."""
        target = self._url
        if not target.startswith(b"/"):
            found = _ABSOLUTE.fullmatch(target)
            if found is not None:
                self._headers[b"host"], target = found[1], found[2] or b"/"
                target = target if target.startswith(b"/") else b"/" + target
            elif not (target == b"*" and self._parser.get_method() == b"OPTIONS"):
                return False
        path, _, self._query = target.partition(b"?")
        if b"%" in path:  # a slash that is escaped is not one between two segments
            path = b"%2F".join(map(unquote_to_bytes, _SLASHES.split(path)))
        self._path = path
        return b"#" not in target

    def on_body(self, piece: bytes) -> None:
        """A piece of the body, of one chunk at most."""
        self._length += len(piece)
        if self._length > self._limit:  # only chunks can
            surplus = self._length - self._limit - 1
            self._length -= surplus
            self._add(piece[: len(piece) - surplus])
            self._complete(too_large=True)
            raise _Refused
        self._add(piece)

    def _add(self, piece: bytes) -> None:
        """Adds to the body; a long one goes into a file: a hundred clients that send such fill the disk, not memory."""
        try:
            if not isinstance(self._body, bytearray):
                self._body.write(piece)
            elif self._length <= IN_MEMORY[0] or self._length <= min(IN_MEMORY[1], self._bounds.in_memory()):
                self._body += piece
            else:
                file = _temporary_file()
                file.write(self._body)
                self._body = file
                file.write(piece)
        except OSError as error:
            text = f"the request is too long to be kept in memory, and cannot be kept on disk: {error.strerror}"
            self._refuse(HTTPStatus.INSUFFICIENT_STORAGE, text)
            raise _Refused from None

    def on_message_complete(self) -> None:
        """It is whole."""
        if not self._parser.should_upgrade():
            self._complete()

    def _complete(self, *, too_large: bool = False) -> None:
        body = self._body
        if isinstance(body, bytearray):
            body = BytesIO(body)
        else:
            body.seek(0)  # writes out what is still in its buffer, too
        keep_alive = not too_large and self._parser.should_keep_alive()
        self.under_way = False
        self.finished = self.finished or not keep_alive
        self.requests.append(
            Request(
                self._parser.get_method(),
                self._url,
                self._path,
                self._query,
                self._version,
                self._headers,
                body,
                self._length,
                keep_alive,
                too_large,
            )
        )

    def close(self) -> None:
        """Lets go of what was read and not answered."""
        for request in self.requests:
            request.body.close()
        self.requests.clear()
        if not isinstance(self._body, bytearray):
            self._body.close()


def _temporary_file() -> IO[bytes]:
    try:
        return cast("IO[bytes]", TemporaryFile())  # it is the request's, and closed with it
    except FileNotFoundError:  # no folder for such files can be written
        return BytesIO()


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip() for token in value.lower().split(b",")]
