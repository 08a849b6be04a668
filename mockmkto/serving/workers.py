"""The threads that answer requests: started when they are needed, more of them when they are all held up."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockmkto.clock import stopwatch

if TYPE_CHECKING:
    from mockmkto.serving.connections import Connection

__all__ = ["Workers"]

logger = logging.getLogger("mockmkto.serving")

HELD_UP = 0.02  # seconds without any progress after which another worker is started
MOST = 256  # the most workers there ever are
STALLED = 0.5  # seconds a client has waited for when it is cut off because every worker is held up
GRACE = 0.05  # seconds a client that keeps a worker waiting still has when the server stops


class Workers:
    """Up to `usual` threads, and beyond that one more whenever all are held up (by slow clients, by injected delays).

    Few threads are fast: they take turns on one interpreter. But a double that can be told to answer late must not
    let ten late answers delay the console.
    """

    def __init__(self, usual: int, release: Callable[[Connection], None]) -> None:
        self._usual = usual
        self._release = release
        self._queue: queue.SimpleQueue[Connection | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending = 0  # connections that wait for a worker or are with one
        self._done = 0
        self._done_before = -1
        self._looked = 0.0
        self._threads: list[threading.Thread] = []
        self._working: dict[int, Connection] = {}  # by thread

    @property
    def half_are_free(self) -> bool:
        """Whether at most half of the usual workers are at work."""
        return self._pending * 2 <= self._usual

    def put(self, connection: Connection) -> None:
        """Has a worker answer this connection. Called by one thread only."""
        with self._lock:
            self._pending += 1
            hire = len(self._threads) < min(self._pending, self._usual)
        self._queue.put(connection)
        if hire:
            self._hire()

    def relieve(self) -> float | None:
        """Starts workers if connections wait and nothing moves; returns the seconds until the next look is due, if any.

        Called by the thread that puts.
        """
        waiting = self._queue.qsize()
        if not waiting:
            self._done_before = -1
            return None
        now = stopwatch()
        if self._done_before != self._done:
            self._done_before, self._looked = self._done, now
        elif now - self._looked >= HELD_UP:
            hired = min(waiting, MOST - len(self._threads))
            for _ in range(hired):
                self._hire()
            if not hired:
                self.cut_off_stalled(waiting)
            self._looked = now
        return HELD_UP

    def _hire(self) -> None:
        # Daemons: an application that never returns must not keep the process alive.
        thread = threading.Thread(target=self._work, name=f"mockmkto-worker-{len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        me = threading.get_ident()
        while (connection := self._queue.get()) is not None:
            self._working[me] = connection
            keep = False
            try:
                keep = connection.communicate()
            except BaseException:
                logger.exception("a worker failed; it goes on")
            finally:
                with self._lock:
                    self._pending -= 1
                    self._done += 1
                del self._working[me]
                try:
                    if keep:
                        self._release(connection)
                    else:
                        connection.close()
                except Exception:
                    logger.exception("a connection could not be put back; it is lost")
            del connection

    def stop(self, timeout: float) -> int:
        """Ends the threads when they have answered what they have; returns how many are still at work after `timeout`.

        A client that keeps a worker waiting (with the rest of its request, or by not taking its answer) is cut off.
        """
        for _ in self._threads:
            self._queue.put(None)
        started = stopwatch()
        until = started + timeout
        alive = [thread for thread in self._threads if thread is not threading.current_thread()]
        while alive and (left := until - stopwatch()) > 0:
            alive[0].join(min(GRACE, left))
            alive = [thread for thread in alive if thread.is_alive()]
            if stopwatch() >= started + GRACE:
                self._cut_off(only_waiting=True)
        self._cut_off(only_waiting=False)
        return len(alive)

    def cut_off_stalled(self, most: int) -> bool:
        """In a flood of clients that send half a request: those that took the longest make room. Whether any did."""
        before = stopwatch() - STALLED
        wires = [connection.wire for connection in list(self._working.values())]
        stalled = sorted((wire for wire in wires if wire.waiting and wire.begun < before), key=lambda it: it.begun)
        for wire in stalled[:most]:
            wire.abort()
        if stalled:
            logger.warning("too many clients stall within their requests: %d were cut off", len(stalled[:most]))
        return bool(stalled)

    def _cut_off(self, *, only_waiting: bool) -> None:
        for connection in list(self._working.values()):
            if connection.wire.waiting or not only_waiting:
                connection.wire.abort()
