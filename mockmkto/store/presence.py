"""Which calls are under way on the servers over one PostgreSQL: counted by locks, which go when a server is killed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from mockmkto.store.postgres import advisory_key, own_connection

__all__ = ["Presence"]


class Presence:
    """Each call holds a lock of this connection as long as it lasts, and all servers' locks can be counted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | None = None
        self._lock = threading.Lock()
        self._calls = itertools.count(1)

    @contextmanager
    def of_a_call(self, subscription: str) -> Iterator[int]:
        """Hold a lock for a call as long as the block lasts: how many calls the subscription has at once, with it."""
        group = advisory_key(subscription, "call") & 0x7FFFFFFF
        number = next(self._calls) & 0x7FFFFFFF
        at_once = self._say(_BEGIN_CALL.format(group=group, number=number))
        try:
            yield at_once
        finally:
            with suppress(OperationalError):  # with the connection, the lock is gone
                self._say(_END_CALL.format(group=group, number=number))

    def close(self) -> None:
        """Let go of the connection, and of every lock."""
        with self._lock:
            self._let_go()

    def _say(self, statements: str) -> int:
        """The number that the last but one of the statements finds; said once more when the connection was lost."""
        with self._lock:
            try:
                try:
                    return self._answer(statements)
                except psycopg.Error:
                    self._let_go()
                    return self._answer(statements)
            except psycopg.Error as error:
                self._let_go()
                raise OperationalError(statements, None, error) from error

    def _answer(self, statements: str) -> int:
        if self._connection is None:
            self._connection = own_connection(self._engine)
        found: int | None = None
        with self._connection.cursor() as cursor:
            cursor.execute(statements.encode())
            while cursor.nextset():
                if cursor.description and cursor.description[0].name == "calls":
                    found = cursor.fetchall()[0][0]
        return found or 0

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


# One call after the other, or two that come together would each find the other one there before it.
_BEGIN_CALL = (
    "BEGIN; SELECT pg_advisory_xact_lock({group}); SELECT pg_advisory_lock_shared({group}, {number}); "
    "SELECT count(*) AS calls FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = {group} "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()); COMMIT"
)
_END_CALL = "SELECT pg_advisory_unlock_shared({group}, {number})"
