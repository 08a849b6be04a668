"""A relay on loopback: a forward proxy for the vendor's hosts, and those hosts themselves, with TLS and without.

Each connection carries one request: its head is read, told that it came over https where it did, and marked as the
last of its connection; what follows is passed on as it comes, both ways.
"""

from __future__ import annotations

import logging
import re
import selectors
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from mockmkto.intercept.hosts import VENDOR_DOMAINS, host_and_port
from mockmkto.serving import TlsFiles, tls_context

__all__ = ["Relay", "server_at"]

_log = logging.getLogger("mockmkto.intercept")

_MOST_HEAD = 64 * 1024  # bytes of a request's head
_PIECE = 64 * 1024
_PATIENCE = 75.0  # seconds a connection may be silent
_REQUEST_LINE = re.compile(rb"(?P<method>[A-Z]+) (?P<target>\S+) HTTP/1\.[01]")
_OF_THE_CONNECTION = re.compile(
    rb"(?:proxy-connection|connection|keep-alive|proxy-authorization|x-forwarded-proto):", re.IGNORECASE
)


def server_at(url: str, tls: ssl.SSLContext | None = None) -> Callable[[], socket.socket]:
    """What opens a connection to the server at this address; over https, with `tls` where it is given."""
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)

    def connect() -> socket.socket:
        plain = socket.create_connection((host, port), timeout=_PATIENCE)
        if not secure:
            return plain
        return (tls or ssl.create_default_context()).wrap_socket(plain, server_hostname=host)

    return connect


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a request as it came."""

    method: str
    target: str
    lines: tuple[bytes, ...]  # without the first, and without those that speak of the connection
    rest: bytes  # what came behind it


class _Refused(Exception):
    """A request that goes nowhere; the text says why."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(slots=True)
class Relay:
    """Starts when it is entered, stops when it is left. Safe to use from many threads.

    Args:
        server: opens a connection to the server that answers, in plain HTTP.
        certificate: for the hosts, signed by an authority that the program trusts.
        accepts: whether a host is one of those that are answered here.
    """

    server: Callable[[], socket.socket]
    certificate: TlsFiles
    accepts: Callable[[str], bool]
    refused: Counter[str] = field(default_factory=Counter)
    """The other hosts that were asked for, `host:port`, and how often."""
    _listeners: dict[str, socket.socket] = field(default_factory=dict)
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    @property
    def proxy_port(self) -> int:
        """Where it is a forward proxy, on 127.0.0.1."""
        return self._port("proxy")

    @property
    def http_port(self) -> int:
        """Where it is one of the hosts, in plain HTTP, on 127.0.0.1."""
        return self._port("http")

    @property
    def tls_port(self) -> int:
        """Where it is one of the hosts, over TLS, on 127.0.0.1."""
        return self._port("tls")

    def _port(self, name: str) -> int:
        port: int = self._listeners[name].getsockname()[1]
        return port

    def __enter__(self) -> Self:
        context = tls_context(self.certificate)

        def as_proxy(client: socket.socket) -> None:
            self._proxy(client, context)

        def as_host(client: socket.socket) -> None:
            self._over_tls(client, context)

        for name, serve in (("proxy", as_proxy), ("tls", as_host), ("http", self._over_http)):
            listener = socket.create_server(("127.0.0.1", 0), backlog=256)
            self._listeners[name] = listener
            threading.Thread(
                target=self._accept, args=(listener, serve), name=f"mockmkto-intercept-{name}", daemon=True
            ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._stopped = True
            still_open = [*self._listeners.values(), *self._open]
        for item in still_open:
            with suppress(OSError):
                item.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it
            item.close()

    def _accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                if self._stopped:
                    return
                continue  # no file left for it, or it went away
            threading.Thread(
                target=self._serve, args=(client, serve), name="mockmkto-intercept-connection", daemon=True
            ).start()

    def _serve(self, client: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        client.settimeout(_PATIENCE)
        try:
            self._keep(client)
            serve(client)
        except _Refused as refusal:
            _answer(client, refusal)
        except OSError as error:  # a client that went away, or does not trust the authority; a server that stops
            _log.debug("a connection ended: %s", error)
        finally:
            self._let_go(client)

    def _keep(self, item: socket.socket) -> None:
        with self._lock:
            if self._stopped:
                item.close()
                raise OSError("the relay has stopped")
            self._open.add(item)

    def _let_go(self, item: socket.socket) -> None:
        with self._lock:
            self._open.discard(item)
        item.close()

    # -----------------------------------------------------------------------------------------------------------------
    # A connection

    def _proxy(self, client: socket.socket, context: ssl.SSLContext) -> None:
        head = _read_head(client)
        if head is None:
            return
        if head.method == "CONNECT":
            self._check(head.target, 443)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._over_tls(client, context)
            return
        parts = urlsplit(head.target)
        if parts.scheme.lower() != "http" or not parts.netloc:
            raise _Refused(
                "400 Bad Request",
                "This is a forward proxy for the vendor's hosts: it takes CONNECT and http:// targets alone.",
            )
        self._check(parts.netloc.rpartition("@")[2], 80)
        target = parts._replace(scheme="", netloc="").geturl() or "/"
        self._pass_on(client, head, target, "http")

    def _over_http(self, client: socket.socket) -> None:
        head = _read_head(client)
        if head is not None:
            self._pass_on(client, head, head.target, "http")

    def _over_tls(self, client: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(client, server_side=True) as secure:
            self._keep(secure)
            try:
                head = _read_head(secure)
                if head is not None:
                    self._pass_on(secure, head, head.target, "https")
                    secure.settimeout(_PATIENCE)
                    secure.unwrap()  # says goodbye: a client may take silence for an answer that was cut off
            except _Refused as refusal:
                _answer(secure, refusal)
            finally:
                self._let_go(secure)

    def _check(self, authority: str, default_port: int) -> None:
        try:
            host, port = host_and_port(authority, default_port)
        except ValueError:
            raise _Refused("400 Bad Request", f"{authority!r} is no host and port.") from None
        if not self.accepts(host):
            self.refused[f"{host}:{port}"] += 1
            domains = ", ".join(f"*.{domain}" for domain in VENDOR_DOMAINS)
            raise _Refused(
                "403 Forbidden",
                f"mockmkto answers the vendor's hosts alone ({domains}) and lets nothing out to {host}. What is to be "
                "reached directly belongs into NO_PROXY.",
            )

    def _pass_on(self, client: socket.socket, head: _Head, target: str, scheme: str) -> None:
        try:
            server = self.server()
        except OSError as error:
            raise _Refused("502 Bad Gateway", f"The server of mockmkto cannot be reached: {error}.") from error
        try:
            self._keep(server)
            first = f"{head.method} {target} HTTP/1.1".encode("latin-1")
            told = (b"Connection: close", f"X-Forwarded-Proto: {scheme}".encode())
            server.sendall(b"\r\n".join((first, *head.lines, *told, b"", b"")) + head.rest)
            _exchange(client, server)
        finally:
            self._let_go(server)


def _read_head(client: socket.socket) -> _Head | None:
    """The head of the next request; `None` when there is none."""
    came = b""
    while b"\r\n\r\n" not in came:
        piece = client.recv(_PIECE)
        if not piece:
            return None
        came += piece
        if len(came) > _MOST_HEAD and b"\r\n\r\n" not in came:
            raise _Refused("431 Request Header Fields Too Large", f"The head is larger than {_MOST_HEAD} bytes.")
    text, _, rest = came.partition(b"\r\n\r\n")
    first, *lines = text.split(b"\r\n")
    match = _REQUEST_LINE.fullmatch(first)
    if match is None:
        raise _Refused("400 Bad Request", "This is no HTTP/1.1 request.")
    kept = tuple(line for line in lines if not _OF_THE_CONNECTION.match(line))
    return _Head(match["method"].decode(), match["target"].decode("latin-1"), kept, rest)


def _exchange(client: socket.socket, server: socket.socket) -> None:
    """Pass on what comes, both ways, until the server has said all. In one thread: TLS is not to be used by two."""
    client.setblocking(False)
    server.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, client)
        while True:
            ready = [key for key, _ in selector.select(_PATIENCE)]
            if not ready:
                raise TimeoutError("neither client nor server said anything")
            for key in ready:
                source = client if key.data is server else server
                if _pass(source, key.data):
                    continue
                if source is server:
                    return
                selector.unregister(client)  # it has said all, and waits for the answer


def _pass(source: socket.socket, target: socket.socket) -> bool:
    """Pass on all that has come; whether more may come."""
    while True:
        try:
            piece = source.recv(_PIECE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        if not piece:
            return False
        _send(target, piece)


def _send(target: socket.socket, content: bytes) -> None:
    left = memoryview(content)
    while left:
        try:
            left = left[target.send(left) :]
        except (BlockingIOError, ssl.SSLWantWriteError):
            with selectors.DefaultSelector() as selector:
                selector.register(target, selectors.EVENT_WRITE)
                if not selector.select(_PATIENCE):
                    raise TimeoutError("nobody takes what is sent") from None


def _answer(client: socket.socket, refusal: _Refused) -> None:
    body = f"{refusal}\n".encode()
    head = (
        f"HTTP/1.1 {refusal.status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError):
        client.sendall(head.encode() + body)
