"""One SQLite database, in memory or in a file: a connection, a lock, transactions, and copies of the whole.

SQLite has one writer anyway, and a connection that threads share without a lock crashes the interpreter: so there is
one connection, and threads take turns (`turns`), a whole transaction each. Copies are SQLite's backup call, in memory
and on file alike; `deserialize` would be faster, but crashes with an open cursor and detaches a file from its database.
A large one in memory that others want meanwhile is copied in slices (`copying`).
"""

from __future__ import annotations

import atexit
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, Engine, Executable, MetaData, Row, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache

from mockmkto.store import turns
from mockmkto.store.backend import SqlDatabase, copy_rows
from mockmkto.store.ddl import tables_of
from mockmkto.store.statements import Statements
from mockmkto.store.versions import UnusableFileError, check_head, check_tables, mark, upgrade

__all__ = ["SqliteDatabase"]


@cache
def _shared_engine() -> Engine:
    """The engine whose dialect and compiled statements all databases share: 0.5 ms to a first call instead of 2.4."""
    engine = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    engine.connect().close()  # the dialect asks the first connection what this SQLite can do
    return engine


@cache
def _compiled_cache() -> LRUCache[object, object]:
    return LRUCache(500)


_templates: dict[MetaData, sqlite3.Connection] = {}
_making_template = threading.Lock()


def _template(metadata: MetaData) -> sqlite3.Connection:
    """The empty tables, made once: copying them takes a fiftieth of the time that making them takes."""
    with _making_template:
        if metadata not in _templates:
            raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            mark(raw)
            raw.executescript(f"BEGIN;{tables_of(metadata, 'sqlite://')};COMMIT")
            atexit.register(raw.close)
            _templates[metadata] = raw
        return _templates[metadata]


_URL = make_url("sqlite://")

_PAGES_AT_ONCE = 1_000  # are copied in some 4 ms
_TRIES = 3  # to copy in slices a database that others keep replacing

_LOG_NAME = "mockmkto"
logging.getLogger(f"sqlalchemy.engine.Engine.{_LOG_NAME}").setLevel(logging.WARNING)


def _engine(raw: sqlite3.Connection) -> Engine:
    """An engine on one connection. Rows and parameters hold encryption keys: it logs neither, whatever others log."""
    return Engine(
        StaticPool(lambda: cast(DBAPIConnection, raw)),
        _shared_engine().dialect,
        _URL,
        logging_name=_LOG_NAME,
        hide_parameters=True,
    )


class SqliteDatabase:
    """A database of its own: `None` for the path keeps it in memory.

    Raises:
        UnusableFileError: the file is empty, another program's, a newer mockmkto's, or too old; it has not been
            touched.
        sqlite3.DatabaseError: the file is no database, or another process holds it.
        OSError: the file cannot be read.
    """

    def __init__(self, metadata: MetaData, path: Path | None = None) -> None:
        self.path = path
        self._generation = 0
        self._times_replaced = 0
        self._passes = False  # made to become another one
        self._metadata = metadata
        self._turns = turns.Turns(self._let_go)
        if path:
            _be_there(path)
        self._raw = sqlite3.connect(
            str(path) if path else ":memory:", timeout=turns.BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # SQLite folds ASCII alone.
        self._raw.create_function("folded", 1, _folded, deterministic=True)
        was_older = False
        if path:
            try:
                # A call that was answered survives the process (the log) and the machine (FULL).
                self._raw.execute("PRAGMA journal_mode=WAL")
                self._raw.execute("PRAGMA synchronous=FULL")
                was_older = upgrade(self._raw, path)
                check_tables(self._raw, metadata, path)
            except BaseException:  # no database, another process's, another program's
                self._raw.close()
                raise
            self._raw.execute("PRAGMA busy_timeout = 0")  # from here on the waiting is ours
        self._connection = _engine(self._raw).connect().execution_options(compiled_cache=_compiled_cache())
        if was_older and not self.is_empty:
            self.create_tables()

    @property
    def ends_with_process(self) -> bool:
        """Whether it is in memory."""
        return self.path is None

    @property
    def generation(self) -> int:
        """A number that moves with a copy, a transaction that failed, and with what another process writes."""
        if self.path is None:
            return self._generation
        with self._turns:
            version: int = self._turns.patiently(lambda: self._raw.execute("PRAGMA data_version").fetchone()[0])
            return self._generation << 32 | version

    @property
    def times_replaced(self) -> int:
        """A number that moves when it becomes what another database is."""
        return self._times_replaced

    @property
    def is_empty(self) -> bool:
        """Whether it has no tables: it was made, and then the process was killed."""
        with self._turns:
            count = self._turns.patiently(lambda: self._raw.execute("SELECT count(*) FROM sqlite_master").fetchone())
            return not count[0]

    def create_tables(self) -> None:
        """Make the tables that are not there yet."""
        template = _template(self._metadata)
        with self._turns:
            if self.is_empty:
                with _making_template:  # a connection that two threads use at once crashes
                    self._turns.copy(template, self._raw)
                return
        with self.transaction() as connection:
            self._metadata.create_all(connection)

    @contextmanager
    def transaction(self, *readings: Executable) -> Iterator[Connection]:  # noqa: ARG002  # costs nothing here
        """The connection, alone with it, until the block ends: then all of it is written, or on an exception none.

        Raises:
            ClosedDatabaseError: the database was closed.
            OperationalError: another process held the file for too long, or the disk refuses.
        """
        with self._turns:
            connection = self._connection
            try:
                self._say("BEGIN IMMEDIATE")
                yield connection
                self._say("COMMIT")
            except BaseException:
                self._generation += 1
                if self._raw.in_transaction:
                    self._raw.rollback()
                raise
            finally:
                connection.rollback()  # Core's own idea of the transaction, if it has begun to have one

    def append(self, statement: Executable, values: Mapping[str, Any]) -> Row[Any] | None:
        """Write by one statement, as a transaction of its own; the row that it returns."""
        with self.transaction() as connection:
            return Statements(connection).first(statement, values)

    def _say(self, sql: str) -> None:
        """Begin or end a transaction: without Core, which is slow over it."""
        try:
            self._turns.patiently(lambda: self._raw.execute(sql))
        except sqlite3.OperationalError as error:
            raise OperationalError(sql, None, error) from error

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a turn."""
        return self._turns.are_wanted

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """SQLite's own connection, alone with it until the block ends.

        Raises:
            ClosedDatabaseError: the database was closed.
            OperationalError: the deadline came.
        """
        with self._turns:
            yield self._raw

    def turn_at_once(self, until: ExitStack) -> bool:
        """Have the database as this thread's until that ends, if nobody else's turn it is now; whether that is so."""
        if not self._turns.enter_at_once():
            return False
        until.push(self._turns)
        return True

    def read(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows that one statement finds."""
        with self._turns:
            return self._turns.patiently(lambda: Statements(self._connection).rows(statement, parameters))

    @contextmanager
    def aside(self) -> Iterator[Connection | None]:
        """A connection that sees the file as it is now, for as long as the block lasts; `None` in memory.

        Raises:
            ClosedDatabaseError: the database was closed.
            OperationalError: another process held the file for too long.
        """
        if self.path is None:
            yield None
            return
        with self._turns:  # it is not closed, and its log is there
            raw = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=turns.BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            raw.create_function("folded", 1, _folded, deterministic=True)
        try:
            raw.execute("BEGIN")
            with _engine(raw).connect().execution_options(compiled_cache=_compiled_cache()) as connection:
                yield connection
        finally:
            raw.close()

    @contextmanager
    def as_it_is(self) -> Iterator[SqliteDatabase]:
        """What it is now, to copy it: a large one in memory at once if nobody else wants it, otherwise in slices.

        Raises:
            ClosedDatabaseError: the database was closed.
            OperationalError: others had it until the deadline.
        """
        ways = (self._copied_unless_wanted, *[self._copied_in_slices] * _TRIES) if self._is_large() else ()
        for copied_by in ways:
            with self._passing() as passing:
                if copied_by(passing._raw):
                    yield passing
                    return
        yield self

    @contextmanager
    def _passing(self) -> Iterator[SqliteDatabase]:
        """One in memory that is made to become another one, or ends with the block."""
        passing = SqliteDatabase(self._metadata)
        passing._passes = True
        try:
            yield passing
        finally:
            passing.close()

    @contextmanager
    def _copied_at_once(self) -> Iterator[SqliteDatabase]:
        with self._passing() as passing:
            with self._turns:
                self._turns.copy(self._raw, passing._raw)
            yield passing

    def _copied_unless_wanted(self, target: sqlite3.Connection) -> bool:
        with self._turns:
            return self._turns.copy_unless_wanted(self._raw, target)

    def _copied_in_slices(self, target: sqlite3.Connection) -> bool:
        from mockmkto.store.copying import copy_in_slices  # few have so much

        return copy_in_slices(self, self._metadata, target)

    def _is_large(self) -> bool:
        """Whether others would wait for a copy of it, for longer than some milliseconds, and can have turns at all."""
        if self.path is not None:
            return False
        with self._turns:
            if self._raw.in_transaction:
                return False
            pages: int = self._raw.execute("PRAGMA page_count").fetchone()[0]
            return pages > _PAGES_AT_ONCE

    def copy_from(self, other: SqlDatabase, then: Callable[[Connection], None] | None = None) -> None:
        """Become what `other` is: every table, every row; `then` has the last word. All of it is written, or nothing.

        Raises:
            ClosedDatabaseError: one of them was closed.
            sqlite3.OperationalError, OperationalError: the file is held, by another process or by a transaction of this
                thread.
        """
        if isinstance(other, SqliteDatabase):
            if self.path is None and not other._passes and other._is_large():
                with other._copied_at_once() as passing:  # whoever wants this one need not wait for that
                    self.copy_from(passing, then)
                return
            first, second = sorted((self, other), key=id)  # one order, whoever copies from whom: no deadlock
            with first._turns, second._turns:
                self._generation += 1
                self._times_replaced += 1
                if other._passes and self.path is None:
                    self._take_over(other, then)
                    return
                if then is not None and self.path is not None:
                    self._copy_with(other, then)
                    return
                self._turns.copy(other._raw, self._raw)
                if then is not None:
                    with self.transaction() as connection:
                        then(connection)
            return
        self.create_tables()
        with other.transaction() as source, self.transaction() as target:
            copy_rows(self._metadata, source, target)
            if then is not None:
                then(target)

    def _take_over(self, other: SqliteDatabase, then: Callable[[Connection], None] | None) -> None:
        """Have the connection of one that passes, and leave it one's own, with which it ends."""
        if self._raw.in_transaction:
            raise sqlite3.OperationalError(turns.LOCKED)
        if then is not None:
            with other.transaction() as connection:
                then(connection)
        self._raw, other._raw = other._raw, self._raw
        self._connection, other._connection = other._connection, self._connection

    def _copy_with(self, other: SqliteDatabase, then: Callable[[Connection], None]) -> None:
        """By way of a third database, which nobody else sees: who is killed in between has what was there before."""
        between = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        try:
            self._turns.copy(other._raw, between)
            with _engine(between).connect() as connection:
                then(connection)
                connection.commit()
            self._turns.copy(between, self._raw)
        finally:
            between.close()

    def close(self) -> None:
        """Let go of the connection; a file stays, what was in memory is gone. A long transaction ends by itself."""
        self._turns.close()

    def _let_go(self) -> None:
        self._connection.close()
        self._raw.close()


def _be_there(path: Path) -> None:
    """Make the file if it is not there: whole, in one step. Whoever is killed meanwhile leaves nothing in its place."""
    if path.exists():
        check_head(path)
        return
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise UnusableFileError(f"{path} is not there, and its log {log.name} is. Put a copy of it in its place")
    begun = path.with_name(f"{path.name}.new")
    begun.unlink(missing_ok=True)
    raw = sqlite3.connect(str(begun), isolation_level=None)
    try:
        mark(raw)
    finally:
        raw.close()
    begun.replace(path)
    if sys.platform != "win32":  # which has no way to write a folder's entries to the disk
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _folded(text: object) -> str | None:
    return None if text is None else str(text).casefold()
