"""The running server: a selector where connections wait until their client says something, and workers who answer.

A connection is either in the waiting room, where it costs a file descriptor, or with one worker, who holds it for one
request. So silent and idle clients, however many, occupy no worker and delay nobody, and a stop does not wait for them.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import selectors
import socket
import ssl
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from mockmkto.clock import stopwatch
from mockmkto.serving.exchange import Exchange
from mockmkto.serving.wire import BadRequest, ClientGone, ClientTooSlow, Wire
from mockmkto.serving.workers import Workers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Connection", "Runtime", "WaitingRoom"]

logger = logging.getLogger("mockmkto.serving")

EXPIRY_TICK = 1.0  # seconds between two looks for connections that have been idle too long
DWELL = 0.002  # seconds a worker stays with a client that may go on at once: it saves two changes of thread
LINGER = 2.0  # seconds a refused client may go on sending

_TOO_MANY_TEXT = b"too many connections: the limit is what --max-connections says\n"
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Retry-After: 1\r\nConnection: close\r\nServer: mockmkto\r\n\r\n%b" % (len(_TOO_MANY_TEXT), _TOO_MANY_TEXT)
)


class Connection:
    """A client's connection: TLS if there is a context, then one exchange after the other."""

    def __init__(self, runtime: Runtime, sock: socket.socket, address: tuple[str, int]) -> None:
        self.runtime = runtime
        self.wire = Wire(sock, runtime.request_timeout)
        self.remote_addr, self.remote_port = address[0], str(address[1])
        self.secure = False
        self.last_used = stopwatch()

    def communicate(self) -> bool:
        """Answers what the client asks; True if the connection then goes back to the waiting room. Raises nothing."""
        try:
            if self.runtime.tls_context is not None and not self.secure and not self._secure(self.runtime.tls_context):
                return False
            while self._answer():
                if not (self.wire.has_data or (self.runtime.has_time and self.wire.await_next(DWELL))):
                    return True
        except (ClientGone, ClientTooSlow) as error:
            logger.debug("client %s:%s: %s", self.remote_addr, self.remote_port, error)
        return False

    def _secure(self, context: ssl.SSLContext) -> bool:
        """Makes the TLS handshake; False if the client speaks plain HTTP, which it is then told."""
        self.wire.begin()
        self.secure = self.wire.secure(context)
        if not self.secure:
            Exchange(self.runtime, self).simple_response(
                HTTPStatus.BAD_REQUEST, "this port speaks HTTPS: ask it with an https:// address"
            )
            self.wire.linger(LINGER)
        return self.secure

    def _answer(self) -> bool:
        """Answers one request; True if the connection stays open."""
        self.wire.begin()
        exchange = Exchange(self.runtime, self)
        try:
            exchange.parse_request()
            if exchange.ready:
                exchange.respond()
                if not exchange.close_connection:
                    return True
        except ClientTooSlow as error:
            logger.debug("client %s:%s: %s", self.remote_addr, self.remote_port, error)
            exchange.simple_response(HTTPStatus.REQUEST_TIMEOUT, str(error))
        except BadRequest as error:
            exchange.simple_response(HTTPStatus.BAD_REQUEST, str(error))
        except ClientGone:
            raise
        except (Exception, SystemExit):
            logger.exception(
                "the application failed at %s %s", exchange.method.decode("latin-1"), exchange.uri.decode("latin-1")
            )
            exchange.simple_response(HTTPStatus.INTERNAL_SERVER_ERROR, "the application failed; the log says how")
        if exchange.begun and not (exchange.ready and exchange.body.finished):
            self.wire.linger(LINGER if self.runtime.ready else 0)
        return False

    def refuse(self) -> None:
        """Closes a connection that is one too many; over plain HTTP it is told so."""
        self.runtime.connections.discard(self)
        self.wire.refuse(_TOO_MANY if self.runtime.tls_context is None else b"")

    def close(self) -> None:
        """Closes the connection; closing again does nothing."""
        self.runtime.connections.discard(self)
        self.wire.close()


class WaitingRoom:
    """Accepts connections and keeps those whose client says nothing; any thread may `put`, one `run`s."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        # Elsewhere (select, poll) a running select does not notice what is registered meanwhile.
        self._must_wake = type(self._selector).__name__ not in {"EpollSelector", "KqueueSelector"}
        self._wake_end, self._waker = socket.socketpair()
        self._wake_end.setblocking(False)
        self._waker.setblocking(False)
        self._closing = False
        self.running = threading.Event()
        self._selector.register(runtime.listener, selectors.EVENT_READ)
        self._selector.register(self._wake_end, selectors.EVENT_READ)

    def put(self, connection: Connection) -> None:
        """Lets the connection wait until its client says something; closes it when the server is stopping."""
        with self._lock:
            stopped = self._closing
            if not stopped:
                connection.last_used = stopwatch()
                self._selector.register(connection.wire, selectors.EVENT_READ, connection)
        if stopped:
            connection.close()
        elif self._must_wake:
            self.wake()

    def wake(self) -> None:
        """Makes the running select return."""
        with contextlib.suppress(BlockingIOError):  # then it has more than enough to wake up for
            self._waker.send(b"\0")

    def run(self) -> None:
        """Hands each connection whose client says something to a worker, until the runtime is no longer ready."""
        last_look = stopwatch()
        tick = min(EXPIRY_TICK, self._runtime.idle_timeout)
        self.running.set()
        workers = self._runtime.workers
        while self._runtime.ready:
            for key, _ in self._selector.select(workers.relieve() or tick):
                if isinstance(key.data, Connection):
                    if self._leaves(key.data):
                        workers.put(key.data)
                elif key.fileobj is self._wake_end:
                    self._wake_end.recv(4096)
                else:
                    self._accept()
            now = stopwatch()
            if now - last_look >= tick:
                last_look = now
                self._expire(now - self._runtime.idle_timeout)

    def _leaves(self, connection: Connection) -> bool:
        """Takes a connection out; False if it was closed to make room for another that came at the same moment."""
        with self._lock:
            try:
                self._selector.unregister(connection.wire)
            except (KeyError, ValueError):
                return False
            return True

    def _accept(self) -> None:
        try:
            while True:
                sock, address = self._runtime.listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = Connection(self._runtime, sock, address[:2])
                self._runtime.connections.add(connection)
                if self._runtime.is_crowded and not self.make_room() and self._runtime.is_full:
                    connection.refuse()
                else:
                    self.put(connection)
        except BlockingIOError:
            pass  # those were all
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                logger.warning("no more file descriptors for new connections: raise the limit (ulimit -n)")
                time.sleep(0.05)  # the listener stays readable: without a pause this would spin
            else:
                logger.debug("accept: %s", error)

    def make_room(self) -> bool:
        """Closes the connection that has been idle the longest, or one that stalls; False if all are being answered."""
        with self._lock:
            waiting = [] if self._closing else self._connections()
            idle = min(waiting, key=lambda it: it.wire.begun, default=None)
            if idle is not None:
                self._selector.unregister(idle.wire)
        if idle is not None:
            idle.close()
            return True
        return self._runtime.workers.cut_off_stalled(1)

    def _connections(self) -> list[Connection]:
        return [key.data for key in self._selector.get_map().values() if isinstance(key.data, Connection)]

    def _expire(self, before: float) -> None:
        with self._lock:
            expired = [connection for connection in self._connections() if connection.last_used < before]
            for connection in expired:
                self._selector.unregister(connection.wire)
        for connection in expired:
            connection.close()

    def close(self) -> None:
        """Closes every waiting connection; to be called when `run` has ended."""
        with self._lock:
            self._closing = True
            connections = self._connections()
            self._selector.close()
        for connection in connections:
            connection.close()
        self._wake_end.close()
        self._waker.close()


class Runtime:
    """What lives from start to stop. Its attributes are also what cheroot's request and gateway ask of their server."""

    protocol = "HTTP/1.1"
    ssl_adapter = None  # TLS is the connection's: cheroot would make the handshake where it accepts
    software = "mockmkto"
    head_limit = 65536

    def __init__(
        self,
        app: WSGIApplication,
        listener: socket.socket,
        *,
        tls_context: ssl.SSLContext | None,
        threads: int,
        request_timeout: float,
        idle_timeout: float,
        max_connections: int,
    ) -> None:
        self.wsgi_app = app
        self.listener = listener
        self.bind_addr: tuple[str, int] = listener.getsockname()[:2]
        self.server_name, self.server_port = self.bind_addr[0], str(self.bind_addr[1])
        self.tls_context = tls_context
        self.request_timeout = request_timeout
        self.idle_timeout = idle_timeout
        self.max_connections = max_connections
        self.connections: set[Connection] = set()
        self.ready = True
        self._threads = threads
        self.workers = Workers(threads, self.release)
        self.room = WaitingRoom(self)

    @property
    def has_time(self) -> bool:
        """Whether a worker may stay with its client for a moment without making anybody wait."""
        return self.ready and self.workers.half_are_free

    @property
    def is_crowded(self) -> bool:
        """Whether there are more connections than are kept."""
        return len(self.connections) > self.max_connections

    @property
    def is_full(self) -> bool:
        """Whether no new one is let in: a few more than are kept, for those that are just answered are idle soon."""
        return len(self.connections) > self.max_connections + self._threads

    def release(self, connection: Connection) -> None:
        """Takes back a connection that a worker has answered."""
        self.room.put(connection)
        if self.is_crowded:
            self.room.make_room()

    def run(self) -> None:
        """Serves until `stop`."""
        while self.ready:
            try:
                self.room.run()
            except Exception:
                logger.exception("the server's own loop failed; it goes on")

    def stop(self, thread: threading.Thread, timeout: float) -> None:
        """Stops serving; requests in work are answered first, if they end within `timeout` seconds."""
        self.ready = False
        self.room.wake()
        if thread is not threading.current_thread():
            thread.join()
        self.listener.close()
        self.room.close()
        left = self.workers.stop(timeout)
        if left:
            logger.warning("%d requests were still in work %g s after the server was asked to stop", left, timeout)
