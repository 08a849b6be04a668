"""An HTTP server that is started and stopped, for any WSGI application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Self

from mockmkto.serving.lines import Limits
from mockmkto.serving.listening import CannotServe, TlsFiles, listen, tls_context
from mockmkto.serving.loop import Loop, Now
from mockmkto.settings import DEFAULT_MAX_CONNECTIONS
from mockmkto.signals import EndedEarlyError, EndSignals

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["HttpServer", "run_until_signal"]

START_TIMEOUT = 5.0  # seconds
STOP_TIMEOUT = 2.0  # seconds a request in work may still take when the server stops
LARGEST = 10 * 1024**2  # bytes of a body, where nothing else is said


class HttpServer:
    """An HTTP/1.1 server for a WSGI application, in threads of its own; a context manager that starts and stops it.

    Args:
        app: the application; it is called by several threads at once.
        host: a name or address of this machine, 0.0.0.0 or :: for all of them.
        port: 0 takes any free one.
        tls: serve https with these files.
        now: answers what cannot block where it arrived, without a worker; `None` of it: a worker asks the application.
        largest: how many bytes the body of a request to a path may have. Of a larger one the application gets the
            length that was announced, and no more than one byte too much.
        threads: how many requests workers normally answer at once; more are started while they wait.
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
        now: Now | None = None,
        largest: Callable[[bytes], int] = lambda _: LARGEST,
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
        self._now = now
        self._threads = threads
        self._limits = Limits(request_timeout, idle_timeout, max_connections, largest)
        self._port_setting = port_setting
        self._lock = threading.Lock()
        self._loop: Loop | None = None
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
        loop = self._loop
        return loop is not None and (loop.host.startswith("127.") or loop.host == "::1")

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._loop.connections if self._loop is not None else 0

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
            if self._loop is not None:
                return
            context = tls_context(self._tls) if self._tls else None
            listener = listen(self._host, self._asked_port, self._port_setting)
            loop = Loop(self._app, self._now, listener, tls=context, threads=self._threads, limits=self._limits)
            thread = threading.Thread(target=loop.run, name=f"mockmkto-http-{loop.port}", daemon=True)
            thread.start()
            if not loop.running.wait(START_TIMEOUT):
                loop.stop(thread, 0)
                raise CannotServe(f"the server did not begin to serve within {START_TIMEOUT:g} s")
            self._loop, self._thread, self._port = loop, thread, loop.port

    def stop(self) -> None:
        """Stops serving: requests in work are answered (2 s at most), idle connections closed; again does nothing."""
        with self._lock:
            if self._loop is not None and self._thread is not None:
                self._loop.stop(self._thread, STOP_TIMEOUT)
            self._loop = self._thread = None

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
