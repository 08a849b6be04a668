"""Whose turn it is with a SQLite database: one thread's at a time, and how long it waits for a file that is held.

A thread waits for the others of this process, until the deadline of its request, and for whoever else has the file,
which has an end of its own: BUSY_SECONDS, counted while the file is held and the thread wants it, in whichever of the
two queues. So a file that stays held costs every call the same time, however many wait, and a crowd costs none of them
a fault. Whoever waits stops as soon as the database is being closed; SQLite's own waiting cannot be broken off.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import Self, TypeVar

from sqlalchemy.exc import OperationalError

from mockmkto.clock import stopwatch
from mockmkto.deadlines import remaining
from mockmkto.pauses import pause
from mockmkto.store.backend import ClosedDatabaseError

__all__ = ["LOCKED", "Turns"]

T = TypeVar("T")

BUSY_SECONDS = 5.0  # how long to wait for a file that another process holds
CLOSE_SECONDS = 0.5  # how long closing waits for the thread whose turn it is
SOON = 0.05  # seconds that a thread waits for its turn as others work
LOOK = 0.02  # seconds after which a waiting thread looks whether it still should
_PAGES_AT_ONCE = 300  # are copied in some 2 ms
_PAUSES = (0.001, 0.002, 0.005, 0.01)  # between two tries to get the file, then LOOK


class _WantedError(Exception):
    """Somebody waits for a turn."""


class Turns:
    """A reentrant lock, as a context manager; `let_go` is called once, by whoever has the last turn after `close`."""

    def __init__(self, let_go: Callable[[], None]) -> None:
        self._let_go = let_go
        self._lock = threading.RLock()
        self._depth = 0  # how often the thread whose turn it is has entered
        self._waiting: set[int] = set()  # the threads that do
        self._began = 0.0  # when it came to wait for its turn
        self._held_since: float | None = None  # the file was found held, and nobody got it since
        self._closing = threading.Event()
        self._closed = False

    def __enter__(self) -> Self:
        """Wait for the turn.

        Raises:
            ClosedDatabaseError: the database is closed, or being closed.
            sqlalchemy.exc.OperationalError: another process held the file for too long, or the deadline came.
        """
        began = stopwatch()
        if not self._lock.acquire(blocking=False):
            self._wait(began)
        if not self._depth:
            self._began = began
            if self._closing.is_set():
                self._leave()
                self._raise_if_closing()
        self._depth += 1
        return self

    def _wait(self, began: float) -> None:
        waits = threading.get_ident()
        self._waiting.add(waits)
        try:
            # A turn is short as a rule: only who waits longer than that says so, and is stood in for by another thread.
            if not self._lock.acquire(timeout=remaining(SOON)):
                with pause():
                    self._wait_long(began)
        finally:
            self._waiting.discard(waits)

    def _wait_long(self, began: float) -> None:
        while not self._lock.acquire(timeout=LOOK):
            self._raise_if_closing()
            self._raise_if_held_too_long(began)
            if not remaining(LOOK):
                raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError(_TAKEN))

    @property
    def are_wanted(self) -> bool:
        """Whether another thread waits for its turn."""
        return bool(self._waiting)

    def enter_at_once(self) -> bool:
        """Enter, if it is nobody else's turn; whether that was so. A turn that was got ends as any other."""
        if not self._lock.acquire(blocking=False):
            return False
        if not self._depth:
            self._began = stopwatch()
            if self._closing.is_set():
                self._leave()
                return False
        self._depth += 1
        return True

    def __exit__(self, *_: object) -> None:
        """End the turn."""
        self._depth -= 1
        self._leave()

    def _leave(self) -> None:
        try:
            if not self._depth and self._closing.is_set() and not self._closed:
                self._closed = True
                self._let_go()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let nobody have a turn any more, and end; does not wait long: a turn that lasts lets go when it is over."""
        self._closing.set()
        if self._lock.acquire(timeout=CLOSE_SECONDS):
            self._leave()

    # -----------------------------------------------------------------------------------------------------------------
    # Within a turn

    def patiently(self, action: Callable[[], T]) -> T:
        """What the action gives, which is tried again as long as another process holds the file.

        Raises:
            ClosedDatabaseError: the database is being closed.
            sqlite3.OperationalError, sqlalchemy.exc.OperationalError: it held it for too long, or something else is
                wrong; the action's own.
        """
        tries = 0
        while True:
            try:
                result = action()
            except (sqlite3.OperationalError, OperationalError) as error:
                if not _is_busy(error):
                    raise
                self._wait_for_the_file(_PAUSES[tries] if tries < len(_PAUSES) else LOOK, error)
                tries += 1
            else:
                self._held_since = None
                return result

    def _wait_for_the_file(self, seconds: float, error: Exception) -> None:
        if self._held_since is None:
            self._held_since = stopwatch()
        if self._is_held_too_long(self._began) or not remaining(LOOK):
            raise error
        if seconds < LOOK:
            self._closing.wait(seconds)
        else:
            with pause():
                self._closing.wait(seconds)
        self._raise_if_closing()

    def copy(self, source: sqlite3.Connection, target: sqlite3.Connection) -> None:
        """SQLite's backup of the one into the other, of which one is this database.

        Raises:
            ClosedDatabaseError: the database is being closed.
            sqlite3.OperationalError: a file is held: for too long by another process, or by a transaction of this
                thread.
        """

        def look(status: int, remaining: int, total: int) -> None:  # noqa: ARG001  # as sqlite3 calls it
            if status == sqlite3.SQLITE_LOCKED:
                raise sqlite3.OperationalError(LOCKED)
            if status == sqlite3.SQLITE_BUSY:  # without an end Python would go on trying for ever
                self._wait_for_the_file(0, sqlite3.OperationalError(LOCKED))

        source.backup(target, progress=look, sleep=LOOK)
        self._held_since = None

    def copy_unless_wanted(self, source: sqlite3.Connection, target: sqlite3.Connection) -> bool:
        """The same of a database in memory, until another thread waits for its turn; whether it came to its end.

        Raises:
            ClosedDatabaseError: the database is being closed.
        """

        def look(status: int, remaining: int, total: int) -> None:  # noqa: ARG001  # as sqlite3 calls it
            self._raise_if_closing()
            if remaining and self._waiting:
                raise _WantedError

        try:
            source.backup(target, pages=_PAGES_AT_ONCE, progress=look)
        except _WantedError:
            return False
        return True

    def _is_held_too_long(self, began: float) -> bool:
        held_since = self._held_since
        return held_since is not None and stopwatch() - max(began, held_since) >= BUSY_SECONDS

    def _raise_if_held_too_long(self, began: float) -> None:
        if self._is_held_too_long(began):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError(LOCKED))

    def _raise_if_closing(self) -> None:
        if self._closing.is_set():
            raise ClosedDatabaseError("the database was closed")


LOCKED = "database is locked"  # as SQLite says it
_TAKEN = "others had it for as long as this could wait"


def _is_busy(error: sqlite3.OperationalError | OperationalError) -> bool:
    cause = error.orig if isinstance(error, OperationalError) else error
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
