"""Cuts a connection to PostgreSQL off when its server says nothing until a deadline: stopped, or behind a dead network.

The kernel of a stopped server, and a proxy that swallows what it is sent, acknowledge everything, so nothing but time
tells. Waiting for an answer is libpq's, in whatever thread; what it waits on is shut down from another one.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from mockmkto.measuring import stopwatch

__all__ = ["Watch", "watched"]

_LOOK = 0.1  # seconds between two looks, while anything is watched
_LEAVES = 5.0  # seconds without anything to watch after which the thread ends


class Watch:
    """One connection, and until when its server may keep it waiting."""

    __slots__ = ("_raw", "at")

    def __init__(self, raw: psycopg.Connection, at: float) -> None:
        self._raw = raw
        self.at = at

    def cut_off(self) -> None:
        """Have whoever waits for the server's answer be told that there is none."""
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self._raw.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


class _Watchman:
    def __init__(self) -> None:
        self._news = threading.Condition()
        self._watches: set[Watch] = set()
        self._is_there = False

    def begin(self, watch: Watch) -> None:
        with self._news:
            self._watches.add(watch)
            if not self._is_there:
                self._is_there = True
                threading.Thread(target=self._look, name="mockmkto-watch", daemon=True).start()
            elif len(self._watches) == 1:
                self._news.notify()

    def end(self, watch: Watch) -> None:
        with self._news:  # never while it is being cut off: its number may be another file's by then
            self._watches.discard(watch)

    def _look(self) -> None:
        with self._news:
            while True:
                if not self._watches and not self._news.wait_for(lambda: self._watches, _LEAVES):
                    self._is_there = False
                    return
                now = stopwatch()
                for watch in [watch for watch in self._watches if watch.at <= now]:
                    watch.cut_off()
                    self._watches.discard(watch)
                self._news.wait(_LOOK)


_watchman = _Watchman()


@contextmanager
def watched(raw: psycopg.Connection, seconds: float) -> Iterator[Watch]:
    """A block in which a connection is cut off after so many seconds; its watch, whose time can still be changed."""
    watch = Watch(raw, stopwatch() + seconds)
    _watchman.begin(watch)
    try:
        yield watch
    finally:
        _watchman.end(watch)
