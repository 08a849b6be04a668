"""Answers as HTTP: a whole one, a refusal, and those of a WSGI application (PEP 3333)."""

from __future__ import annotations

import email.utils
import logging
import sys
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mockmkto.serving.connection import ClientGone, Connection
from mockmkto.serving.requests import Refusal, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

__all__ = ["TOO_MANY", "Exchange", "Reply", "Site", "broken", "refuse", "reply"]

logger = logging.getLogger("mockmkto.serving")

SOFTWARE = "mockmkto"

_TOO_MANY_TEXT = b"too many connections: the limit is what --max-connections says\n"
TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Retry-After: 1\r\nConnection: close\r\nServer: mockmkto\r\n\r\n%b" % (len(_TOO_MANY_TEXT), _TOO_MANY_TEXT)
)


class Reply(Struct, frozen=True):
    """A whole answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Site(Struct, frozen=True):
    """What all exchanges of a server have in common."""

    app: WSGIApplication
    name: str  # the address it listens on
    port: str
    is_ending: Callable[[], bool]  # whether the server stops: then every answer is the last of its connection


def reply(connection: Connection, request: Request, answer: Reply, *, last: bool) -> None:
    """Sends a whole answer to a request; `last`: the connection ends with it whatever the client wishes.

    Raises:
        ClientGone: the client is not there.
    """
    ends = last or not request.keep_alive
    kept = b"" if request.version == "1.1" else b"Connection: keep-alive\r\n"
    more = "".join([f"{name}: {value}\r\n" for name, value in answer.headers]) if answer.headers else ""
    head = b"%bContent-Type: %b\r\nContent-Length: %d\r\n%b%bDate: %b\r\nServer: mockmkto\r\n\r\n" % (
        _status_line(answer.status),
        answer.content_type.encode("latin-1"),
        len(answer.body),
        more.encode("latin-1"),
        b"Connection: close\r\n" if ends else kept,
        _date(int(time.time())),
    )
    connection.ends = connection.ends or ends
    connection.send(head if request.method == b"HEAD" else head + answer.body)


def refuse(connection: Connection, refusal: Refusal, *, head_only: bool = False) -> None:
    """Refuses in one line of plain text, after which the connection ends.

    Raises:
        ClientGone: the client is not there.
    """
    text = f"{refusal.text}\n".encode()
    head = (
        f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(text)}\r\nConnection: close\r\nDate: {_date(int(time.time())).decode()}\r\n"
        f"Server: {SOFTWARE}\r\n\r\n"
    )
    connection.ends = True
    connection.send(head.encode("latin-1") + (b"" if head_only else text))


def broken(connection: Connection, request: Request) -> None:
    """For an exception's handler: logs that the application failed, and answers so.

    Raises:
        ClientGone: the client is not there.
    """
    where = request.method.decode("latin-1"), request.target.decode("latin-1")
    logger.exception("the application failed at %s %s", *where)
    text = "the application failed; the log says how"
    refuse(connection, Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, text), head_only=request.method == b"HEAD")


class Exchange:
    """One request to a WSGI application, and its answer: sent in one piece where the application gives a list."""

    def __init__(self, site: Site, connection: Connection, request: Request) -> None:
        self.connection = connection
        self.request = request
        self._site = site
        self._status = b""
        self._headers: list[tuple[str, str]] = []
        self._head: bytes | None = None  # composed, and not sent: it goes out together with the first of the body
        self._begun = False  # something of the answer is on its way
        self._chunked = False
        self._whole_length: int | None = None  # the answer's, where it is known and the application is mute
        self._announced: int | None = None
        self._written = 0

    def run(self) -> None:
        """Has the application answer, and sends it; whatever is left to send, the connection keeps.

        Raises:
            ClientGone: the client is not there, or did not take its answer.
        """
        try:
            self._respond()
        except ClientGone:
            raise
        except (Exception, SystemExit):
            if not self._begun:
                broken(self.connection, self.request)
            else:  # nothing can tell the client, but an end too early
                logger.exception("the application failed within its answer to %r", self.request.target)
            self.connection.ends = True
        finally:
            self.request.body.close()

    def _respond(self) -> None:
        pieces: Iterable[bytes] = self._site.app(self._environ(), self._start_response)
        try:
            whole = isinstance(pieces, (list, tuple))
            if isinstance(pieces, (list, tuple)):
                pieces = (b"".join(pieces),)
                self._whole_length = len(pieces[0])
            for piece in pieces:
                if piece:
                    self._write(piece, wait=not whole)
            if not self._status:
                raise RuntimeError("the WSGI application did not call start_response")
            last = self._take_head() + (b"0\r\n\r\n" if self._chunked else b"")
            if last:
                self._send(last, wait=False)
        finally:
            close: Callable[[], Any] | None = getattr(pieces, "close", None)
            if close is not None:
                close()
        if self._announced is not None and self._written != self._announced and self._has_body:
            self.connection.ends = True  # otherwise the client takes the next answer for the rest of this one

    def _environ(self) -> WSGIEnvironment:
        """The environ of PEP 3333; `wsgi.input` ends by itself, whichever way its length came.

        `mockmkto.reset` is a function that resets the connection: an application may call it and yield no more.
        """
        request, connection = self.request, self.connection
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": request.method.decode("latin-1"),
            "SCRIPT_NAME": "",
            "PATH_INFO": request.path.decode("latin-1"),
            "QUERY_STRING": request.query.decode("latin-1"),
            "REQUEST_URI": request.target.decode("latin-1"),
            "SERVER_NAME": self._site.name,
            "SERVER_PORT": self._site.port,
            "SERVER_PROTOCOL": f"HTTP/{request.version}",
            "SERVER_SOFTWARE": SOFTWARE,
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
            "mockmkto.reset": connection.reset,
        }
        for name, value in request.headers.items():
            if b"_" not in name:  # it would look like the one with hyphens, past every proxy that takes that away
                environ[_environ_key(name)] = value.decode("latin-1")
        return environ

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """WSGI's start_response; called again with an exception it replaces the first call.

        Raises:
            RuntimeError: it was called before, without an exception.
        """
        if self._status and not exc_info:
            raise RuntimeError("start_response was called twice")
        if exc_info and self._begun:
            try:
                raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        self._status, self._headers, self._head = status.encode("latin-1"), list(headers), None
        return self._write

    def _write(self, piece: bytes, *, wait: bool = True) -> None:
        if not self._status:
            raise RuntimeError("the WSGI application did not call start_response before its first bytes")
        head = self._take_head()
        if self._has_body:
            self._written += len(piece)
            if self._chunked:
                piece = b"%x\r\n%b\r\n" % (len(piece), piece)
            self._send(head + piece if head else piece, wait=wait)
        elif head:
            self._send(head, wait=wait)

    def _send(self, data: bytes, *, wait: bool) -> None:
        self._begun = True
        if wait:
            self.connection.send_all(data)
        else:
            self.connection.send(data)

    @property
    def _has_body(self) -> bool:
        return self.request.method != b"HEAD" and not self._status.startswith((b"1", b"204", b"304"))

    def _take_head(self) -> bytes:
        """The head of the answer; nothing once it was taken."""
        if self._begun:
            return b""
        names = {name.lower(): value for name, value in self._headers}
        headers = self._headers
        ends = not self.request.keep_alive or self._site.is_ending()
        http_1_1 = self.request.version == "1.1"
        if "content-length" in names:
            self._announced = int(names["content-length"])
        elif self._has_body:
            if self._whole_length is not None:
                self._announced = self._whole_length
                headers.append(("Content-Length", str(self._whole_length)))
            elif http_1_1:
                self._chunked = True
                headers.append(("Transfer-Encoding", "chunked"))
            else:
                ends = True
        if names.get("connection", "").lower() == "close":
            ends = True
        elif ends:
            headers.append(("Connection", "close"))
        elif not http_1_1:
            headers.append(("Connection", "keep-alive"))
        if "date" not in names:
            headers.append(("Date", _date(int(time.time())).decode()))
        if "server" not in names:
            headers.append(("Server", SOFTWARE))
        self.connection.ends = self.connection.ends or ends
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        return b"HTTP/1.1 %b\r\n%b\r\n" % (self._status, lines.encode("latin-1"))


@lru_cache(maxsize=512)
def _environ_key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


@lru_cache
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


_date_now = (0, b"")


def _date(now: int) -> bytes:
    """The Date header's value for a time in seconds, made once a second."""
    global _date_now
    known = _date_now
    if known[0] != now:
        known = _date_now = (now, email.utils.formatdate(now, usegmt=True).encode("ascii"))
    return known[1]
