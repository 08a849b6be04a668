"""The running server: one thread that accepts, reads, answers what cannot block, and hands the rest to workers.

It never waits for a client: sockets are non-blocking, and each connection stands in one of four lines, by what it is
waited for. All in a line may wait equally long, so the first of a line is always the next whose time is over: deadlines
cost nothing, and neither does it to find who has been idle the longest.
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
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from mockmkto import deadlines
from mockmkto.clock import stopwatch
from mockmkto.serving.answers import TOO_MANY, Exchange, Reply, Site, broken, refuse, reply
from mockmkto.serving.connection import ClientGone, Connection
from mockmkto.serving.lines import Limits, Lines
from mockmkto.serving.requests import Bounds, Refusal, Request
from mockmkto.serving.waker import Waker
from mockmkto.serving.workers import Job, Workers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Loop", "Now"]

logger = logging.getLogger("mockmkto.serving")

Now = Callable[[Request, str], Reply | None]

DWELL = 0.002  # seconds a worker stays with a client that may go on at once
GRACE = 0.05  # seconds a client within its request still has when the server stops
LONGEST = 60.0  # seconds the loop sleeps at most
HEAVY = 1024**2  # bytes of a body that costs so much memory to read that few are read at once
MEMORY = 32 * 1024**2  # bytes that all bodies together may have in memory while they come, roughly

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Loop:
    """What lives from start to stop: `run` in a thread of its own, `stop` from another.

    Args:
        app: the application: called by workers.
        now: answers a request at once, where it arrived, or says `None`: a worker shall ask `app`. It never blocks.
        listener: a listening socket.
        tls: for https.
        threads: how many workers there usually are.
        limits: what clients may do.
    """

    def __init__(
        self,
        app: WSGIApplication,
        now: Now | None,
        listener: socket.socket,
        *,
        tls: ssl.SSLContext | None,
        threads: int,
        limits: Limits,
    ) -> None:
        address = listener.getsockname()[:2]
        self.host, self.port = address[0], address[1]
        self.running = threading.Event()
        self._site = Site(app, self.host, str(self.port), lambda: self._ending)
        self._now = now
        self._listener = listener
        self._tls = tls
        self._threads = threads
        self._limits = limits
        self._most = limits.most
        self.workers = Workers(threads)
        self._connections: set[Connection] = set()
        self._lines = Lines(limits.request_timeout, limits.idle_timeout)
        self._answered: deque[Connection] = deque()  # by workers, who put them here
        self._more: dict[Connection, None] = {}  # with a request that was read together with the one before
        self._at_work = 0  # connections that a worker has
        self._ending = False
        self._ended = False
        self._asleep = False  # waits in its selector
        self._timeout = 0.0
        self._selector = selectors.DefaultSelector()
        self._waker = Waker()
        self._selector.register(listener, _READ)
        self._selector.register(self._waker, _READ)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def run(self) -> None:
        """Serves until `stop`."""
        self.running.set()
        while not self._ending:
            self._turn()
        self._wind_up()

    def stop(self, thread: threading.Thread, timeout: float) -> None:
        """Stops serving; requests in work are answered first, if that ends within `timeout` seconds."""
        self._timeout = timeout
        self._ending = True
        self._waker.wake()
        if thread is not threading.current_thread():
            thread.join()

    def _turn(self) -> None:
        try:
            self._asleep = True
            ready = self._selector.select(0 if self._more or self._answered else self._sleep())
            self._asleep = False
            for key, _ in ready:
                if isinstance(key.data, Connection):
                    self._guarded(self._go_on, key.data)
                elif key.fileobj is self._listener:
                    self._accept()
                else:
                    self._waker.is_awake()
            while self._answered:
                self._guarded(self._take_back, self._answered.popleft())
            more, self._more = self._more, {}
            for connection in more:
                self._guarded(self._serve, connection)
            self._expire(stopwatch())
        except Exception:
            logger.exception("the server's own loop failed; it goes on")

    def _sleep(self) -> float:
        now = stopwatch()
        until = self._lines.until
        longest = min(self.workers.relieve() or LONGEST, GRACE if self._ending else LONGEST)
        return longest if until is None else max(0.0, min(until - now, longest))

    def _guarded(self, action: Callable[[Connection], None], connection: Connection) -> None:
        """What goes wrong with one client is none of the others' business."""
        try:
            if connection in self._connections:  # closed meanwhile, to make room
                action(connection)
        except ClientGone as error:
            logger.debug("client %s:%s: %s", connection.remote_addr, connection.remote_port, error)
            self._close(connection)
        except Exception:
            logger.exception("the connection of %s failed", connection.remote_addr)
            self._close(connection)

    # connections come

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self._listener.accept()
            except BlockingIOError:
                return  # those were all
            except OSError as error:
                if error.errno not in {errno.EMFILE, errno.ENFILE}:
                    logger.debug("accept: %s", error)
                    return
                if not self._make_room():
                    logger.warning("no more file descriptors for new connections: raise the limit (ulimit -n)")
                    time.sleep(0.01)  # the listener stays readable: without a pause this would spin
                    return
                continue
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            bounds = Bounds(self._limits.largest, lambda: MEMORY // len(self._connections))
            connection = Connection(sock, address[:2], bounds, self._limits.request_timeout)
            self._connections.add(connection)
            if self._is_crowded and not self._make_room() and len(self._connections) > self._most + self._threads:
                # A few more than are kept are let in: those that are just answered are idle soon.
                self._connections.discard(connection)
                connection.refuse(TOO_MANY if self._tls is None else b"")
                continue
            connection.begun = stopwatch()
            self._selector.register(connection, _READ, connection)
            (self._lines.greeting if self._tls is not None else self._lines.idle).add(connection, connection.begun)

    @property
    def _is_crowded(self) -> bool:
        return len(self._connections) > self._most

    def _make_room(self) -> bool:
        """Closes the one that can best be done without; False if there is none."""
        spare = self._lines.spare(stopwatch())
        if spare is None:
            return False
        if spare in self._lines.slow or spare in self._lines.greeting:
            logger.warning("too many clients stall within their requests: one was cut off")
        self._close(spare)
        return True

    # and say something

    def _go_on(self, connection: Connection) -> None:
        if connection in self._more:
            return  # what it says is read when what it has said is answered
        if connection in self._lines.greeting:
            self._greet(connection)
        elif connection in self._lines.leaving:
            if not connection.throw_away():
                self._close(connection)
        elif connection.is_sending:
            if connection.send_rest():
                self._selector.modify(connection, _READ, connection)
                self._lines.slow.leave(connection)
                self._settle(connection)
        elif connection.receive():
            self._serve(connection)

    def _greet(self, connection: Connection) -> None:
        assert self._tls is not None
        events = _READ
        try:
            made = connection.shake_hands(self._tls)
        except ssl.SSLWantWriteError:
            made, events = None, _WRITE
        self._selector.modify(connection, events, connection)  # wrapping has not changed the descriptor
        if made is None:
            return
        self._lines.greeting.leave(connection)
        if made:
            self._lines.idle.add(connection, stopwatch())
        else:
            text = "this port speaks HTTPS: ask it with an https:// address"
            refuse(connection, Refusal(HTTPStatus.BAD_REQUEST, text))
            self._settle(connection)

    def _serve(self, connection: Connection) -> None:
        """Answers the first request that is whole: at once, or by a worker."""
        parser = connection.parser
        if not parser.requests:
            self._settle(connection)
            return
        request = parser.take()
        self._lines.leave(connection)
        if self._now is not None and not request.too_large and self._answer_now(connection, request):
            self._settle(connection)
            return
        self._selector.unregister(connection)
        self._at_work += 1
        self.workers.put(self._job(connection, request))

    def _answer_now(self, connection: Connection, request: Request) -> bool:
        assert self._now is not None
        try:
            answer = self._now(request, connection.remote_addr)
            if answer is None:
                return False
            reply(connection, request, answer, last=self._ending)
        except ClientGone:
            raise
        except Exception:  # noqa: BLE001  # `broken` logs it
            broken(connection, request)
        request.body.close()
        return True

    def _job(self, connection: Connection, request: Request) -> Job:
        came = stopwatch()

        def run() -> None:
            try:
                self._stay(connection, request, came)
            except ClientGone as error:
                logger.debug("client %s:%s: %s", connection.remote_addr, connection.remote_port, error)
                connection.close()
            finally:
                self._answered.append(connection)
                if self._asleep:  # both sides look only after they have written: nothing is missed
                    self._waker.wake()
                if self._ended:
                    connection.close()

        return Job(run, connection.abort, heavy=request.length > HEAVY)

    def _stay(self, connection: Connection, request: Request, came: float) -> None:
        """A worker answers the request, and those that follow at once: it saves two changes of thread for each."""
        with deadlines.started(came):
            Exchange(self._site, connection, request).run()
        requests = connection.parser.requests
        while not (connection.ends or connection.is_sending or self._ending) and self.workers.have_time:
            if not requests and not (connection.await_more(DWELL) and requests):
                return
            if requests[0].too_large or requests[0].length > HEAVY:
                return
            request = connection.parser.take()
            if self._now is not None and self._answer_now(connection, request):
                return  # the loop answers such without a worker
            with deadlines.started():
                Exchange(self._site, connection, request).run()

    def _take_back(self, connection: Connection) -> None:
        self._at_work -= 1
        if connection.fileno() < 0:
            self._close(connection)
            return
        self._selector.register(connection, _READ, connection)
        self._settle(connection)
        if self._is_crowded:
            self._make_room()

    def _settle(self, connection: Connection) -> None:
        """Has a connection wait for what comes next: its client takes the answer, sends a request, or it ends."""
        now = stopwatch()
        parser = connection.parser
        if connection.is_sending:
            connection.begun = now
            self._lines.idle.leave(connection)
            self._lines.slow.add(connection, now)
            self._selector.modify(connection, _WRITE, connection)
        elif connection.ends:
            self._part(connection, now)
        elif parser.requests:
            self._more[connection] = None
        elif parser.refusal is not None:
            refusal, parser.refusal = parser.refusal, None
            self._lines.leave(connection)
            refuse(connection, refusal)
            self._settle(connection)
        elif parser.under_way:
            if connection not in self._lines.slow:
                connection.begun = now
                self._lines.idle.leave(connection)
                self._lines.slow.add(connection, now)
        elif self._ending:
            self._close(connection)
        else:
            connection.begun = now
            self._lines.idle.add(connection, now)

    def _part(self, connection: Connection, now: float) -> None:
        """Closes; where the client may still be sending it is given the time to read its answer first."""
        self._lines.leave(connection)
        if self._ending:
            self._close(connection)
            return
        connection.end_sending()
        self._lines.leaving.add(connection, now)

    # and go

    def _expire(self, now: float) -> None:
        for line, connection in self._lines.overdue(now):
            if line is self._lines.slow and not connection.is_sending:
                self._guarded(self._give_up, connection)
            else:
                self._close(connection)

    def _give_up(self, connection: Connection) -> None:
        text = f"the request was not complete after {self._limits.request_timeout:g} s of waiting for it"
        logger.debug("client %s:%s: %s", connection.remote_addr, connection.remote_port, text)
        refuse(connection, Refusal(HTTPStatus.REQUEST_TIMEOUT, text))
        self._settle(connection)

    def _close(self, connection: Connection) -> None:
        self._lines.leave(connection)
        if connection in self._connections:
            self._connections.discard(connection)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(connection)
            connection.close()

    def _wind_up(self) -> None:
        """Answers what was asked, closes everything, sends the workers home."""
        self._selector.unregister(self._listener)
        self._listener.close()
        for line in (self._lines.greeting, self._lines.idle, self._lines.leaving):
            for connection in line.all():
                self._close(connection)
        began = now = stopwatch()
        while (self._at_work or self._more or len(self._lines.slow)) and now < began + self._timeout:
            if now >= began + GRACE:
                for connection in self._lines.slow.all():
                    self._close(connection)
            self._turn()
            now = stopwatch()
        if self._at_work:
            self.workers.abort()
            logger.warning(
                "%d requests were still in work %g s after the server was asked to stop", self._at_work, self._timeout
            )
        self._ended = True  # from here on a worker closes what it still has
        for connection in self._lines.all():
            self._close(connection)
        self.workers.stop(wait=not self._at_work)
        while self._answered:
            self._answered.popleft().close()
        self._selector.close()
        self._waker.close()
