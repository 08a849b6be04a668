"""One request and its answer: cheroot's parser and WSGI gateway, reading a head at once and answering in one write."""

from __future__ import annotations

import email.utils
import io
import re
import sys
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from cheroot import wsgi
from cheroot.server import HTTPRequest

from mockmkto.serving.body import Body, ChunkedBody, SizedBody
from mockmkto.serving.wire import BadRequest, HeadTooLarge

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from mockmkto.serving.connections import Connection, Runtime

__all__ = ["Exchange"]

# An unread body of this size is read away to keep the connection; a larger one ends it.
DRAIN_LIMIT = 65536
CACHED_LINE = 256
# Headers that are lists: what stands in several lines is one value.
LISTS = frozenset(
    {
        b"Accept",
        b"Accept-Encoding",
        b"Cache-Control",
        b"Connection",
        b"Expect",
        b"Te",
        b"Trailer",
        b"Transfer-Encoding",
        b"Upgrade",
        b"Via",
        b"X-Forwarded-For",
        b"X-Forwarded-Host",
        b"X-Forwarded-Proto",
        b"Forwarded",
        b"Accept-Charset",
        b"Accept-Language",
        b"If-Match",
        b"If-None-Match",
        b"Pragma",
        b"Warning",
    }
)


class Exchange(HTTPRequest):
    """One request and its answer.

    Beside speed, these rules differ from cheroot's: `Connection` is read as the list of case-insensitive tokens that it
    is, 100 Continue is sent when the application first reads, a chunked body is never held whole, an absolute request
    target is accepted (RFC 9112, 3.2.2: so a client may have us as its proxy), and what the client cannot have sent on
    purpose is refused in plain text with `Connection: close`.
    """

    server: Runtime
    conn: Connection
    status: bytes  # type: ignore[assignment]
    inheaders: dict[bytes, bytes]
    outheaders: list[tuple[bytes, bytes]]
    method: bytes = b""
    uri: bytes = b""

    def __init__(self, server: Runtime, connection: Connection) -> None:
        super().__init__(server, connection, proxy_mode=True)
        self.body: Body = SizedBody(connection.wire, 0)
        self.complete_length: int | None = None  # the answer's, where the gateway knows it and the application is mute
        self._head = b""  # the answer's head, until it goes out together with the first of the body
        self._announced: int | None = None
        self._written = 0
        self._begun = False  # something of an answer is on its way

    # reading

    def parse_request(self) -> None:
        """Reads the head; `ready` says whether there is a request to answer.

        Raises:
            ClientGone, ClientTooSlow: the client did not send one.
        """
        try:
            head = self.conn.wire.read_head(self.server.head_limit)
            if not head:
                return
            self.rfile = io.BytesIO(head)
            try:
                self.ready = self.read_request_line() and self.read_request_headers()
            except BadRequest:
                raise
            except ValueError as error:  # urlsplit's, of a target such as "//["
                raise BadRequest(f"malformed request: {error}") from None
        except HeadTooLarge as error:
            self.simple_response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, str(error))
        except BadRequest as error:
            self.simple_response(HTTPStatus.BAD_REQUEST, str(error))

    def read_request_line(self) -> bool:
        """Reads method, target and version; False if they were refused."""
        return bool(super().read_request_line())  # type: ignore[no-untyped-call]

    def read_request_headers(self) -> bool:
        """Reads the headers, and decides how the body comes and whether the connection stays.

        Raises:
            BadRequest: the headers contradict HTTP or each other.
        """
        headers = self.inheaders = _read_headers(self.rfile.read())
        if self.authority:
            headers[b"Host"] = self.authority
        http_1_1 = self.response_protocol == "HTTP/1.1"
        wishes = _tokens(headers.get(b"Connection", b""))
        self.close_connection = b"close" in wishes if http_1_1 else b"keep-alive" not in wishes
        wire = self.conn.wire
        invite = None
        if http_1_1 and b"100-continue" in _tokens(headers.get(b"Expect", b"")):
            invite = lambda: wire.write(b"HTTP/1.1 100 Continue\r\n\r\n")  # noqa: E731
        if b"Transfer-Encoding" in headers:
            if not http_1_1:
                raise BadRequest("HTTP/1.0 knows no Transfer-Encoding")
            if _tokens(headers[b"Transfer-Encoding"]) != [b"chunked"]:
                self.simple_response(HTTPStatus.NOT_IMPLEMENTED, "of all transfer encodings only chunked is known here")
                return False
            # RFC 9112, 6.3: the encoding wins, and whoever passed both on may have seen another end than we do.
            if headers.pop(b"Content-Length", None) is not None:
                self.close_connection = True
            self.chunked_read = True
            self.body = ChunkedBody(wire, invite)
        else:
            length = headers.get(b"Content-Length", b"0")
            if not length.isdigit() or len(length) > 18:
                raise BadRequest(f"Content-Length is a number, not {length[:40]!r}")
            self.body = SizedBody(wire, int(length), invite)
        return True

    # answering

    def respond(self) -> None:
        """Calls the application and sends its answer.

        Raises:
            ClientGone: the client did not take it.
            ClientTooSlow, BadRequest: the body did not come as announced; nothing has been sent then.
            Exception: the application's own.
        """
        self.rfile = self.body
        Gateway(self).respond()
        last = self._head + (b"0\r\n\r\n" if self.chunked_write else b"")
        if last:
            self._head = b""
            self._send(last)
        if self._announced is not None and self._written != self._announced and self._has_body():
            self.close_connection = True  # otherwise the client takes the next answer for the rest of this one

    def write(self, chunk: bytes) -> None:
        """Sends a piece of the answer, the first together with the head."""
        if not self._has_body():
            return
        self._written += len(chunk)
        if self.chunked_write:
            chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        head, self._head = self._head, b""
        self._send(head + chunk)

    def _send(self, data: bytes) -> None:
        self._begun = True
        self.conn.wire.write(data)

    def ensure_headers_sent(self) -> None:
        """Composes the head of the answer, once."""
        if not self.sent_headers:
            self.send_headers()
            self.sent_headers = True

    def send_headers(self) -> None:
        """Composes the head of the answer, which goes out with the first piece of its body.

        Raises:
            ClientGone, ClientTooSlow, BadRequest: the body did not come as announced, so that whatever the application
                made of its half must not be answered.
        """
        if self.body.failure is not None:
            raise self.body.failure
        names = {name.lower(): value for name, value in self.outheaders}
        http_1_1 = self.response_protocol == "HTTP/1.1"
        if b"content-length" in names:
            self._announced = int(names[b"content-length"])
        elif self._has_body():
            if self.complete_length is not None:
                self._announced = self.complete_length
                self.outheaders.append((b"Content-Length", b"%d" % self.complete_length))
            elif http_1_1:
                self.chunked_write = True
                self.outheaders.append((b"Transfer-Encoding", b"chunked"))
            else:
                self.close_connection = True
        # A body that was not read would be taken for the next request. The little that a client has on its way anyway
        # is awaited, so that a 404 costs it no connection; more, or what it holds back, ends the connection.
        if self.body.held_back or not self.body.drain(DRAIN_LIMIT) or not self.server.ready:
            self.close_connection = True
        if names.get(b"connection", b"").lower() == b"close":
            self.close_connection = True
        elif self.close_connection:
            self.outheaders.append((b"Connection", b"close"))
        elif not http_1_1:
            self.outheaders.append((b"Connection", b"keep-alive"))
        if b"date" not in names:
            self.outheaders.append((b"Date", _date(int(time.time()))))
        if b"server" not in names:
            self.outheaders.append((b"Server", b"mockmkto"))
        lines = [b"%b: %b\r\n" % header for header in self.outheaders]
        self._head = b"HTTP/1.1 %b\r\n%b\r\n" % (self.status, b"".join(lines))

    def simple_response(self, status: HTTPStatus | str, msg: str = "") -> None:
        """Refuses in one line of plain text and ends the connection; does nothing once an answer has begun."""
        self.close_connection = True
        if self._begun:
            return
        if isinstance(status, HTTPStatus):
            status = f"{status.value} {status.phrase}"
        text = f"{msg or status}\n".encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text)}\r\n"
            f"Connection: close\r\nDate: {_date(int(time.time())).decode()}\r\nServer: mockmkto\r\n\r\n"
        )
        self._send(head.encode("latin-1") + (b"" if self.method == b"HEAD" else text))

    @property
    def begun(self) -> bool:
        """Whether an answer is on its way."""
        return self._begun

    def _has_body(self) -> bool:
        return self.method != b"HEAD" and not self.status.startswith((b"1", b"204", b"304"))


class Gateway(wsgi.Gateway):
    """An exchange as WSGI."""

    req: Exchange

    def get_environ(self) -> WSGIEnvironment:  # type: ignore[override]
        """The environ of PEP 3333; `wsgi.input` ends by itself, whichever way its length came.

        `mockmkto.reset` is a function that resets the connection: an application may call it and yield no more.
        """
        request = self.req
        connection, server = request.conn, request.server
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": request.method.decode("latin-1"),
            "SCRIPT_NAME": "",
            "PATH_INFO": request.path.decode("latin-1"),
            "QUERY_STRING": request.qs.decode("latin-1"),
            "REQUEST_URI": request.uri.decode("latin-1"),
            "SERVER_NAME": server.server_name,
            "SERVER_PORT": server.server_port,
            "SERVER_PROTOCOL": request.request_protocol.decode("latin-1"),
            "SERVER_SOFTWARE": server.software,
            "REMOTE_ADDR": connection.remote_addr,
            "REMOTE_PORT": connection.remote_port,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if connection.secure else "http",
            "wsgi.input": request.body,
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "mockmkto.reset": connection.wire.reset,
        }
        for name, value in request.inheaders.items():
            environ[_environ_key(name)] = value.decode("latin-1")
        return environ

    def respond(self) -> None:
        """Calls the application and writes what it yields; a list goes out as one piece."""
        pieces: Iterable[bytes] = self.req.server.wsgi_app(self.env, self.start_response)
        try:
            if isinstance(pieces, (list, tuple)):
                pieces = (b"".join(pieces),)
                self.req.complete_length = len(pieces[0])
            for piece in pieces:
                if piece:
                    self.write(piece)
            if not self.started_response:
                raise RuntimeError("the WSGI application did not call start_response")
            self.req.ensure_headers_sent()
        finally:
            close: Callable[[], Any] | None = getattr(pieces, "close", None)
            if close is not None:
                close()

    def write(self, chunk: bytes) -> None:
        """Writes a piece of the body."""
        if not self.started_response:
            raise RuntimeError("the WSGI application did not call start_response before its first bytes")
        self.req.ensure_headers_sent()
        self.req.write(chunk)

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """WSGI's start_response; called again with an exception it replaces the first call."""
        if exc_info:
            self.req.outheaders = []
        return super().start_response(status, headers, exc_info)


def _read_headers(block: bytes) -> dict[bytes, bytes]:
    """The headers by their title-cased names; repeated lists are joined with commas, else the last wins.

    Raises:
        BadRequest: a line is no header, two lengths contradict each other, or there are two hosts.
    """
    headers: dict[bytes, bytes] = {}
    for line in block.split(b"\r\n"):
        if not line:
            continue
        name, value = _header(line) if len(line) < CACHED_LINE else _header.__wrapped__(line)
        if name in headers:
            if name in LISTS:
                value = headers[name] + b", " + value
            elif name == b"Content-Length" and value != headers[name]:
                raise BadRequest("two different Content-Length headers")
            elif name == b"Host":
                raise BadRequest("two Host headers")
        headers[name] = value
    return headers


_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)")


# A client repeats its headers with every request: most lines have been read before.
@lru_cache(maxsize=512)
def _header(line: bytes) -> tuple[bytes, bytes]:
    """A header line's title-cased name and its value.

    Raises:
        BadRequest: RFC 9112, 5 does not allow it. Whoever stands between may read such a line in another way than we
            would: a space before the colon, a line that goes on (obs-fold), a bare CR, LF or NUL.
    """
    found = _HEADER.fullmatch(line)
    if found is None:
        raise BadRequest(f"illegal header line {line[:40]!r}")
    return found[1].title(), found[2].strip(b" \t")


@lru_cache(maxsize=512)
def _environ_key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip() for token in value.lower().split(b",")] if value else []


_date_now = (0, b"")


def _date(now: int) -> bytes:
    """The Date header's value for a time in seconds, made once a second."""
    global _date_now
    known = _date_now
    if known[0] != now:
        known = _date_now = (now, email.utils.formatdate(now, usegmt=True).encode("ascii"))
    return known[1]
