"""Connections to PostgreSQL: a pool of them and single ones, none of which keeps a request beyond its deadline."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import msgspec
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from mockmkto.deadlines import remaining
from mockmkto.store.watch import watched

__all__ = ["LATE", "LOCK_SECONDS", "LONG_SECONDS", "connect", "own_connection", "raw", "with_a_fresh_connection"]

LOCK_SECONDS = 10.0  # how long to wait for what another server holds
LONG_SECONDS = 300.0  # how long what has begun may take, where it may take its time: a whole world is copied

_CONNECT: dict[str, Any] = {
    "connect_timeout": 5,  # seconds, if there are so many
    "application_name": "mockmkto",
    "client_encoding": "utf8",
    "keepalives_idle": 30,
}
_LONGEST_CONNECT = 75  # seconds, where whoever gave the address wants no limit
LATE = "nothing came back from it for as long as this could wait"

Found = TypeVar("Found")


class _Pool(QueuePool):
    """A pool in which a request waits for a connection as long as its deadline lets it."""

    @property
    def _timeout(self) -> float:
        return remaining(self._longest)

    @_timeout.setter
    def _timeout(self, seconds: float) -> None:
        self._longest = seconds


def connect(url: URL, *, pool_size: int, overflow: int = 0) -> Engine:
    """An engine of its own pool. Rows and parameters hold encryption keys: it logs neither, whatever others log."""
    engine = create_engine(
        url,
        poolclass=_Pool,
        isolation_level="AUTOCOMMIT",  # BEGIN goes out together with what makes the transaction ours
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=LOCK_SECONDS,
        connect_args={name: value for name, value in _CONNECT.items() if name not in url.query},
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        hide_parameters=True,
        logging_name="mockmkto",
    )
    event.listen(engine, "do_connect", lambda _dialect, _record, _args, address: _hurry(address))
    return engine


def own_connection(engine: Engine) -> psycopg.Connection:
    """A connection beside the pool, for locks that outlast transactions."""
    _, address = engine.dialect.create_connect_args(engine.url)
    address = {**_CONNECT, **address}
    _hurry(address)
    return psycopg.connect(**address, autocommit=True)


def _hurry(address: dict[str, Any]) -> None:
    """Have connecting end with the deadline; libpq counts in seconds, and in two at least.

    Raises:
        psycopg.OperationalError: there is no time for it.
    """
    longest = int(address.get("connect_timeout") or 0) or _LONGEST_CONNECT
    seconds = remaining(float(longest))
    if seconds < 1:
        raise psycopg.OperationalError(LATE)
    address["connect_timeout"] = max(2, math.floor(seconds))


def with_a_fresh_connection(engine: Engine, first: Callable[[Connection], Found]) -> tuple[Connection, Found]:
    """A connection with which something could be done: one that PostgreSQL has closed meanwhile is replaced."""
    for is_last in (False, True):
        connection = engine.connect()
        try:
            with watched(raw(connection), remaining(LONG_SECONDS)):
                return connection, first(connection)
        except BaseException as error:
            with suppress(DBAPIError):
                connection.close()
            lost = isinstance(error, DBAPIError) and error.connection_invalidated
            if is_last or not lost or not remaining(LOCK_SECONDS):
                raise
    raise AssertionError("it is returned or raised")


def raw(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection."""
    return cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
