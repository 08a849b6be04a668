"""A connection to PostgreSQL for locks alone: they outlast transactions, and go when the server is killed."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from mockmkto.deadlines import remaining
from mockmkto.store.connecting import LATE, own_connection
from mockmkto.store.watch import watched

__all__ = ["LockConnection"]


_GRACE = 1.0  # seconds beyond the deadline to let go of something, before it is left to whoever comes next


class LockConnection:
    """Made when it is first needed. Safe to use from many threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | None = None
        self._talking = threading.Lock()
        self._owed: deque[str] = deque()  # what lets go of locks, and could not be said yet

    def ask(self, statements: str, longest: float = threading.TIMEOUT_MAX) -> Any:
        """What the last statement finds that finds anything; asked once more where the connection had been lost.

        Args:
            statements: what is asked.
            longest: seconds that it may take; a deadline that comes before ends it, too.

        Raises:
            sqlalchemy.exc.OperationalError: a lock took too long, or PostgreSQL is not there; every lock is gone.
        """
        if not self._talking.acquire(timeout=remaining(longest)):
            raise OperationalError(statements, None, psycopg.OperationalError(LATE))
        try:
            try:
                return self._answer(statements, longest)
            except psycopg.Error:
                if self._connection is None or not self._connection.broken or not remaining(longest):
                    raise
                self._hang_up()
                return self._answer(statements, longest)
        except psycopg.Error as error:
            self._hang_up()
            raise OperationalError(statements, None, error) from error
        finally:
            self._talking.release()

    def let_go(self, statements: str, longest: float) -> None:
        """Let go of a lock: now, or where there is no time for it, before anything else is asked."""
        self._owed.append(statements)
        if self._talking.acquire(timeout=max(_GRACE, remaining(longest))):
            try:
                if self._connection is not None:
                    self._answer("SELECT 1", longest)
            except psycopg.Error:  # with the connection, the lock is gone
                self._hang_up()
            finally:
                self._talking.release()

    def close(self) -> None:
        """Let go of the connection, and of every lock."""
        with self._talking:
            self._hang_up()

    def _answer(self, statements: str, longest: float) -> Any:
        if self._connection is None:
            self._connection = own_connection(self._engine)
        owed = []
        while self._owed:
            owed.append(self._owed.popleft())
        found = None
        with watched(self._connection, remaining(longest)), self._connection.cursor() as cursor:
            cursor.execute("; ".join((*owed, statements)).encode())
            more: bool | None = True
            while more:
                if cursor.description:
                    found = cursor.fetchall()[0][0]
                more = cursor.nextset()
        return found

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._owed.clear()
