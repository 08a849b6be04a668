"""The HTTP server: start, ready, stop, for any WSGI application, with one to hundreds of clients that stay connected.

cheroot parses the requests and speaks WSGI; accepting, waiting, threads, deadlines and TLS are here, because those of
cheroot let one silent client delay the others and the end (`wire`, `exchange`, `connections`, `workers`).
"""

from __future__ import annotations

import errno
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mockmkto.serving.connections import Runtime
from mockmkto.settings import DEFAULT_MAX_CONNECTIONS
from mockmkto.signals import EndedEarlyError, EndSignals

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["CannotServe", "HttpServer", "TlsFiles", "run_until_signal", "tls_context"]

START_TIMEOUT = 5.0  # seconds
STOP_TIMEOUT = 2.0  # seconds a request in work may still take when the server stops
BACKLOG = 1024


class CannotServe(OSError):
    """The server cannot start; the text names the setting to change. `errno` is the system's, if it has one."""

    def __init__(self, text: str, number: int | None = None) -> None:
        super().__init__(text)
        self.errno = number


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate (with its chain, if it has one) and its private key, both PEM files."""

    certificate: Path
    private_key: Path


class HttpServer:
    """An HTTP/1.1 server for a WSGI application, in threads of its own; a context manager that starts and stops it.

    Args:
        app: the application; it is called by several threads at once.
        host: a name or address of this machine, 0.0.0.0 or :: for all of them.
        port: 0 takes any free one.
        tls: serve https with these files.
        threads: how many requests are normally answered at once; more threads are started while all are held up.
        request_timeout: seconds a client may keep the server waiting within one request (handshake, head and body; or
            taking the answer), after which it is cut off, however it spreads its bytes.
        idle_timeout: seconds a connection may be silent between two requests.
        max_connections: how many connections are kept; beyond that the one that has been idle the longest is closed,
            and when none is idle the new one is refused.
        port_setting: what to change when the port cannot be had.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: TlsFiles | None = None,
        threads: int = 10,
        request_timeout: float = 10.0,
        idle_timeout: float = 75.0,
        max_connections: int = DEFAULT_MAX_CONNECTIONS,
        port_setting: str = "--port / MOCKMKTO_PORT",
    ) -> None:
        self._app = app
        self._host = host
        self._asked_port = port
        self._tls = tls
        self._threads = threads
        self._request_timeout = request_timeout
        self._idle_timeout = idle_timeout
        self._max_connections = max_connections
        self._port_setting = port_setting
        self._lock = threading.Lock()
        self._runtime: Runtime | None = None
        self._thread: threading.Thread | None = None
        self._port = port

    @property
    def host(self) -> str:
        """The host it was asked to listen on."""
        return self._host

    @property
    def port(self) -> int:
        """The port it listens on; before the first start the one that was asked for, afterwards the last one."""
        return self._port

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it; known once it serves."""
        runtime = self._runtime
        return runtime is not None and (runtime.server_name.startswith("127.") or runtime.server_name == "::1")

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._runtime.connections) if self._runtime is not None else 0

    @property
    def url(self) -> str:
        """Where a client on this machine finds it, without a slash at the end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        return f"{'https' if self._tls else 'http'}://{f'[{host}]' if ':' in host else host}:{self._port}"

    def start(self) -> None:
        """Starts serving and returns when connections are accepted; does nothing if it is already serving.

        Raises:
            CannotServe: the address is taken or not ours, or a TLS file is unusable; the text says what to change.
        """
        with self._lock:
            if self._runtime is not None:
                return
            context = tls_context(self._tls) if self._tls else None
            listener = _listen(self._host, self._asked_port, self._port_setting)
            runtime = Runtime(
                self._app,
                listener,
                tls_context=context,
                threads=self._threads,
                request_timeout=self._request_timeout,
                idle_timeout=self._idle_timeout,
                max_connections=self._max_connections,
            )
            thread = threading.Thread(target=runtime.run, name=f"mockmkto-http-{runtime.bind_addr[1]}", daemon=True)
            thread.start()
            if not runtime.room.running.wait(START_TIMEOUT):
                runtime.stop(thread, 0)
                raise CannotServe(f"the server did not begin to serve within {START_TIMEOUT:g} s")
            self._runtime, self._thread, self._port = runtime, thread, runtime.bind_addr[1]

    def stop(self) -> None:
        """Stops serving: requests in work are answered (2 s at most), idle connections closed; again does nothing."""
        with self._lock:
            if self._runtime is not None and self._thread is not None:
                self._runtime.stop(self._thread, STOP_TIMEOUT)
            self._runtime = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def run_until_signal(
    server: AbstractContextManager[object], ready: Callable[[], None] | None = None, signals: EndSignals | None = None
) -> int:
    """Starts the server, calls `ready`, and serves until SIGTERM or SIGINT; then stops it and returns 0, an exit code.

    `server` is an HttpServer, or anything else that starts when it is entered and stops when it is left. A signal that
    comes while it starts breaks the start off. `signals` are those that are caught already.

    For the main thread of a process that ends afterwards: the signals stay caught, so that an impatient second one
    does not break off the stopping.

    Raises:
        CannotServe: see HttpServer.start.
    """
    try:
        signals = signals or EndSignals()
        with server:
            if ready is not None:
                ready()
            signals.wait()
    except EndedEarlyError:
        pass
    return 0


def _listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket, non-blocking."""
    if not 0 <= port <= 65535:
        raise CannotServe(f"{port} is no port: choose one from 0 to 65535 with {setting}")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)  # localhost is both
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise CannotServe(_why_not_here(host, error), getattr(error, "errno", None)) from error
    try:
        # Without this a port cannot be reused for a minute; on Windows it means that two servers may share one. And an
        # ephemeral port asked for with it may be one that somebody else has bound but not yet listens on.
        if port and sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and host == "::":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise CannotServe(_why_not(host, port, setting, error), error.errno) from error
    return listener


def _why_not(host: str, port: int, setting: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        flag = setting.partition(" ")[0]
        return f"port {port} on {host} is in use: choose another with {setting}, or {flag} 0 for any free one"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {port} on {host} is not allowed: choose one above 1023 with {setting}"
    return _why_not_here(host, error)


def _why_not_here(host: str, error: Exception) -> str:
    return (
        f"cannot listen on {host!r} ({error}): choose an address of this machine with --host / MOCKMKTO_HOST,"
        " such as 127.0.0.1, or 0.0.0.0 for all of them"
    )


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """What serves https with these files.

    Raises:
        CannotServe: one of them cannot be read, the key is encrypted, or they are no certificate and its key.
    """

    def encrypted() -> str:  # asked for the pass phrase; without it, whoever has the terminal would be
        raise CannotServe(
            f"{files.private_key} is encrypted: give one without a pass phrase with --tls-key / MOCKMKTO_TLS_KEY"
        )

    for path, setting in (
        (files.certificate, "--tls-cert / MOCKMKTO_TLS_CERT"),
        (files.private_key, "--tls-key / MOCKMKTO_TLS_KEY"),
    ):
        try:
            path.read_bytes()
        except OSError as error:
            raise CannotServe(f"{path} cannot be read ({error.strerror}): see {setting}", error.errno) from error
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(files.certificate, files.private_key, encrypted)
    except CannotServe:
        raise
    except ssl.SSLError as error:
        raise CannotServe(
            f"{files.certificate} and {files.private_key} are no PEM certificate and its private key"
            f" ({error.reason or error}): see --tls-cert and --tls-key"
        ) from error
    except (OSError, ValueError) as error:
        raise CannotServe(
            f"{files.certificate} and {files.private_key} cannot be used ({error}): see --tls-cert and --tls-key"
        ) from error
    return context
