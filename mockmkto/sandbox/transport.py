"""The control API over HTTP: connections that stay open, JSON both ways, and errors that are sentences.

The handle speaks only to the control API, so it is the same for a server in this process and for one far away.
"""

from __future__ import annotations

import http.client
import os
import re
import ssl
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from mockmkto.clock import stopwatch
from mockmkto.model.moments import encodable

__all__ = ["Control", "ControlError", "Finding", "Transport", "UnreachableError", "as_text", "segment"]

__tracebackhide__ = True  # a test's traceback ends in the test

T = TypeVar("T")

_USER_INFO = re.compile(r"(?<=//)[^/?#]*@|^[^/?#]*@")  # a name and a password, which nobody repeats

TIMEOUT = 60.0  # seconds, of each wait for the server
_FRESH = 3.0  # seconds after which an idle connection is not trusted any more: the server may be closing it

_UNSCOPED = ("/subscriptions", "/health", "/proofs")  # what concerns the server, and no subscription

_BROKEN = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class UnreachableError(ConnectionError):
    """Nobody answers at the address, or it is no mockmkto."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was wrong with a request to the control API: where, what was expected, what came."""

    where: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.got}"


class ControlError(RuntimeError):
    """The control API refused a request; the text says what was wrong and what was expected.

    Attributes:
        status: the HTTP status, 404 for what is not there, 409 for a name that is taken.
        findings: each thing that was wrong, and where.
    """

    def __init__(self, status: int, detail: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class _Problem:
    """A problem document (RFC 9457), as far as it is read."""

    title: str = ""
    detail: str = ""
    errors: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Idle:
    connection: http.client.HTTPConnection
    since: float
    process: int


class Transport:
    """Requests to one server, from any number of threads; each request takes an idle connection, or makes one.

    Args:
        url: the server's address, or its endpoint's, or its WSDL's.
        tls: which certificates to accept over https; by default those that this machine trusts.
        token: the server's admin token, if it asks for one.

    Raises:
        ValueError: this is no address.
    """

    def __init__(self, url: str, tls: ssl.SSLContext | None = None, token: str | None = None) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
            shown = _USER_INFO.sub("", url)
            raise ValueError(f"expected an address such as http://127.0.0.1:6586, got {shown!r}")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._secure else 80)
        self.tls = tls
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._prefix = parts.path.partition("/soap/mktows")[0].rstrip("/")
        self.url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._prefix}"
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []
        # A handle that nobody closed must not end in a ResourceWarning about its sockets.
        weakref.finalize(self, _close_all, self._idle)

    def ask(
        self, method: str, path: str, body: bytes | None = None, content_type: str = "", timeout: float = TIMEOUT
    ) -> bytes:
        """The body of a 2xx answer. `path` is what stands behind `/__admin`, its query included.

        Raises:
            ControlError: any other answer.
            UnreachableError: there is no answer.
        """
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = content_type or "application/json"
        target = f"{self._prefix}/__admin{path}"
        while True:
            connection, used_before = self._take(timeout)
            try:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if used_before and isinstance(error, _BROKEN):
                    continue  # the server had closed it while it was idle
                why = "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
                raise UnreachableError(
                    f"no mockmkto answers at {self.url} ({why}): is it still running, and is this its address?"
                ) from error
            except BaseException:
                connection.close()
                raise
            self._give_back(connection, will_close=response.will_close)
            if 200 <= response.status < 300:
                return content
            raise self._refused(response, content)

    def close(self) -> None:
        """Close the idle connections; a later request makes new ones."""
        with self._lock:
            _close_all(self._idle)

    def _take(self, timeout: float) -> tuple[http.client.HTTPConnection, bool]:
        with self._lock:
            while self._idle:
                idle = self._idle.pop()
                if stopwatch() - idle.since < _FRESH and idle.process == os.getpid():
                    idle.connection.timeout = timeout
                    if idle.connection.sock is not None:
                        idle.connection.sock.settimeout(timeout)
                    return idle.connection, True
                idle.connection.close()
        if self._secure:
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self.tls), False
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout), False

    def _give_back(self, connection: http.client.HTTPConnection, *, will_close: bool) -> None:
        if will_close:
            connection.close()
            return
        with self._lock:
            self._idle.append(_Idle(connection, stopwatch(), os.getpid()))

    def _refused(self, response: http.client.HTTPResponse, content: bytes) -> Exception:
        if "json" not in (response.getheader("Content-Type") or ""):
            return UnreachableError(f"{self.url} answered HTTP {response.status}, but not as a mockmkto does")
        problem = msgspec.json.decode(content, type=_Problem)
        findings = "".join(f"\n  {finding}" for finding in problem.errors if str(finding.where) not in problem.detail)
        return ControlError(response.status, (problem.detail or problem.title) + findings, problem.errors)


def _close_all(idle: list[_Idle]) -> None:
    while idle:
        idle.pop().connection.close()


class Control:
    """The control API of one subscription: paths relative to `/__admin`, values in and out instead of bytes."""

    def __init__(self, transport: Transport, subscription: str) -> None:
        self.transport = transport
        self.subscription = subscription

    def get(self, path: str, into: type[T], *query: tuple[str, object], timeout: float = TIMEOUT) -> T:
        """What is there."""
        answer = self.transport.ask("GET", self._path(path, query), timeout=timeout)
        return msgspec.json.decode(answer, type=into)

    def text(self, path: str, *query: tuple[str, object]) -> str:
        """What is there, as it came."""
        return self.transport.ask("GET", self._path(path, query)).decode()

    def send(self, method: str, path: str, body: object, into: type[T], *, timeout: float = TIMEOUT) -> T:
        """What comes back for a body of JSON."""
        answer = self.transport.ask(method, self._path(path, ()), _json(body), timeout=timeout)
        return msgspec.json.decode(answer, type=into)

    def tell(self, method: str, path: str, body: object = None, *query: tuple[str, object]) -> None:
        """Sends a body of JSON, or none, and asks for nothing back."""
        content = _json(body) if body is not None else None
        self.transport.ask(method, self._path(path, query), content)

    def put_raw(self, path: str, body: bytes, content_type: str, *query: tuple[str, object]) -> None:
        """Sends a body as it is."""
        self.transport.ask("PUT", self._path(path, query), body, content_type)

    def _path(self, path: str, query: Sequence[tuple[str, object]]) -> str:
        scope = [] if path.startswith(_UNSCOPED) else [("subscription", self.subscription)]
        return f"{path}?{urlencode([*scope, *query])}"


def _json(body: object) -> bytes:
    return msgspec.json.encode(body, enc_hook=encodable)


def segment(name: object) -> str:
    """A name, as one part of a path."""
    return quote(str(name), safe="")


def as_text(value: object) -> str:
    """A value as Marketo's texts have it: `true`, `5`, `2026-03-14T09:26:53+00:00`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date
