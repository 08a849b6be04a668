"""A connection to PostgreSQL for locks alone: they outlast transactions, and go when the server is killed."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from mockmkto.store.postgres import own_connection

__all__ = ["LockConnection"]


class LockConnection:
    """Made when it is first needed. Safe to use from many threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | None = None
        self._talking = threading.Lock()

    def ask(self, statements: str) -> Any:
        """What the last statement finds that finds anything; asked once more where the connection had been lost.

        Raises:
            sqlalchemy.exc.OperationalError: a lock took too long, or PostgreSQL is not there; every lock is gone.
        """
        with self._talking:
            try:
                try:
                    return self._answer(statements)
                except psycopg.Error:
                    if self._connection is None or not self._connection.broken:
                        raise
                    self._hang_up()
                    return self._answer(statements)
            except psycopg.Error as error:
                self._hang_up()
                raise OperationalError(statements, None, error) from error

    def close(self) -> None:
        """Let go of the connection, and of every lock."""
        with self._talking:
            self._hang_up()

    def _answer(self, statements: str) -> Any:
        if self._connection is None:
            self._connection = own_connection(self._engine)
        found = None
        with self._connection.cursor() as cursor:
            cursor.execute(statements.encode())
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
