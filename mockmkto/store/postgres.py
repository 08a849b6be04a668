"""One database in PostgreSQL: a schema, transactions that are alone with it on every server, and copies of the whole.

A transaction holds an advisory lock of its schema from its first statement to its end, so that what SQLite's one writer
gives to the threads of a process is given to every server that works with the schema: a call reads nothing that
another one is about to change. Statements name no schema; the search path of the transaction does, and so all schemas
share their compiled statements.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from select import select as select_readable
from typing import Any, TypeVar

import psycopg
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Executable,
    Index,
    MetaData,
    Row,
    bindparam,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from mockmkto.deadlines import is_patient, remaining
from mockmkto.measuring import stopwatch
from mockmkto.pauses import pause
from mockmkto.store.backend import ClosedDatabaseError, SqlDatabase, copy_rows
from mockmkto.store.connecting import LOCK_SECONDS, LONG_SECONDS, raw, with_a_fresh_connection
from mockmkto.store.ddl import tables_of
from mockmkto.store.statements import Statements
from mockmkto.store.tables import BY_HASH
from mockmkto.store.watch import watched

__all__ = ["PostgresDatabase", "advisory_key", "execute_all", "identifier", "quoted"]

IDLE_SECONDS = 60.0  # how long a transaction may stand still: its server has lost the network, or its life

_SEVERAL = {"no_parameters": True}  # several statements in one message: only where nothing has to be put into them
_LONGEST_IDENTIFIER = 63  # bytes

Found = TypeVar("Found")


def identifier(name: str, longest: int = _LONGEST_IDENTIFIER) -> str:
    """A name as PostgreSQL can have it: a long one is cut, and told from others by a hash of the whole."""
    if len(name.encode()) <= longest:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name[: longest - 17]}~{digest}"  # a tilde is in no name of ours


def quoted(name: str) -> str:
    """An identifier as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def advisory_key(*parts: str) -> int:
    """The number by which PostgreSQL knows a lock of ours."""
    digest = hashlib.sha256("/".join(("mockmkto", *parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def execute_all(connection: Connection, statements: str) -> None:
    """Send several statements in one message."""
    connection.exec_driver_sql(statements, execution_options=_SEVERAL)


@cache
def _tables(metadata: MetaData) -> str:
    """What makes the tables and their indexes, in one message."""
    for column in (column for table in metadata.tables.values() for column in table.c if BY_HASH in column.info):
        Index(column.info[BY_HASH], column, postgresql_using="hash").ddl_if(dialect="postgresql")
    return tables_of(metadata, "postgresql+psycopg://")


class PostgresDatabase:
    """A schema with the tables of a kind. Safe to use from many threads and many servers.

    Args:
        engine: where its connections come from.
        schema: its name; the schema is made with the tables.
        metadata: its tables.
        path: further schemas that are looked into, for functions.
        comment: what is written beside the schema.
        owner: without it this one is not made.
    """

    def __init__(
        self,
        engine: Engine,
        schema: str,
        metadata: MetaData,
        path: Sequence[str] = (),
        comment: str = "",
        owner: PostgresDatabase | None = None,
    ) -> None:
        self.schema = schema
        self._comment = comment
        self._owner = owner
        self._engine = engine
        self._metadata = metadata
        # Asked of the catalogue itself: to_regclass may say what was so before a lock was waited for.
        self._where = (
            "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            f"WHERE n.nspname = '{schema}' AND c.relname = '{min(metadata.tables, default='')}'"
        )
        self._search_path = ", ".join(map(quoted, (schema, *path)))
        self.key = advisory_key(schema)
        self._lock = threading.Lock()
        self._holder: int | None = None  # the thread that is in a transaction
        self._closed = False

    @property
    def ends_with_process(self) -> bool:
        """It does not, and other servers see it."""
        return False

    @property
    def generation(self) -> None:
        """Unknown: to ask would cost as much as to read anew."""
        return

    def create_tables(self) -> None:
        """Make the schema and the tables, if they are not there yet."""
        if self.is_there:
            return
        with self.transaction() as connection:
            self._create_if_missing(connection)

    @property
    def is_there(self) -> bool:
        """Whether the tables are there."""
        found = self._reading(lambda connection: connection.exec_driver_sql(self._where).scalar())
        return found is not None

    def _create_if_missing(self, connection: Connection) -> None:
        if connection.exec_driver_sql(self._where).scalar() is None:
            if self._owner is not None and connection.exec_driver_sql(self._owner._where).scalar() is None:
                raise ClosedDatabaseError("the subscription is gone: another server has deleted it")
            self._make(connection)

    def _make(self, connection: Connection) -> None:
        schema = quoted(self.schema)
        comment = f"COMMENT ON SCHEMA {schema} IS '{self._comment}'"
        execute_all(connection, f"CREATE SCHEMA IF NOT EXISTS {schema};{comment};{_tables(self._metadata)}")

    @contextmanager
    def transaction(self, *readings: Executable) -> Iterator[Connection]:
        """A connection, alone with the database, until the block ends: then all of it is written, or nothing.

        Raises:
            ClosedDatabaseError: the database was closed, or is gone.
            sqlalchemy.exc.OperationalError: another server held it for too long, or PostgreSQL is not there.
        """
        with self._transaction(readings=readings) as connection:
            yield connection

    def append(self, statement: Executable, values: Mapping[str, Any]) -> Row[Any] | None:
        """Write by one statement as a transaction of its own, in one message; the row that it returns.

        Raises:
            ClosedDatabaseError, sqlalchemy.exc.OperationalError: as of a transaction; it may have been written if the
                connection broke meanwhile.
        """
        with self._alone_in_this_process(), _gone_is_closed():
            connection, _ = with_a_fresh_connection(self._engine, _be_there)
            try:
                # Whoever sends a pipeline and no BEGIN has all of it as one transaction, committed at its end.
                statements = Statements(connection)
                longest = f"{max(1, int(remaining(LOCK_SECONDS) * 1000))}ms"
                statements.run_many(_LOOK_HERE, [{"path": self._search_path, "longest": longest}])
                statements.run_many(_BE_ALONE, [{"key": self.key}])
                with watched(raw(connection), remaining(LONG_SECONDS)):
                    return statements.first(statement, values)
            finally:
                with suppress(DBAPIError):
                    connection.close()

    def turn_at_once(self, until: ExitStack) -> bool:  # noqa: ARG002  # as SQLite's
        """Never: every statement waits for the server."""
        return False

    def read(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows that one statement finds, as they were last committed."""
        return self._reading(lambda connection: Statements(connection).rows(statement, parameters))

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """A connection that sees the database as it is now, for as long as the block lasts; it locks nothing."""
        self._raise_if_closed()
        begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;SET LOCAL search_path TO {self._search_path}"
        with _gone_is_closed():
            connection, _ = with_a_fresh_connection(self._engine, lambda connection: execute_all(connection, begin))
            try:
                yield connection
            finally:
                with suppress(DBAPIError):
                    connection.rollback()
                with suppress(DBAPIError):
                    connection.close()

    @contextmanager
    def as_it_is(self) -> Iterator[PostgresDatabase]:
        """The database itself: the server copies it, and only a table that is being written into waits."""
        yield self

    def copy_from(self, other: SqlDatabase, then: Callable[[Connection], None] | None = None) -> None:
        """Become what `other` is, all at once: every table, every row, and what `then` does with it.

        Raises:
            ClosedDatabaseError: one of them was closed, or is gone.
        """
        if isinstance(other, PostgresDatabase):
            with self._transaction(other) as connection:
                self._create_if_missing(connection)
                execute_all(connection, self._copying(other))
                if then is not None:
                    then(connection)
        else:
            with other.transaction() as source, self._transaction() as connection:
                self._create_if_missing(connection)
                copy_rows(self._metadata, source, connection)
                if then is not None:
                    then(connection)

    def _copying(self, other: PostgresDatabase) -> str:
        source, target = quoted(other.schema), quoted(self.schema)
        tables = self._metadata.sorted_tables
        statements = [f"DELETE FROM {target}.{quoted(table.name)}" for table in reversed(tables)]
        for table in tables:
            name, columns = quoted(table.name), ", ".join(quoted(column.name) for column in table.columns)
            statements.append(f"INSERT INTO {target}.{name} ({columns}) SELECT {columns} FROM {source}.{name}")
        return ";".join(statements)

    def drop(self, unless: Callable[[], bool] | None = None) -> None:
        """Remove the schema and all that is in it, unless that is so once nobody else works with it."""
        with self._transaction() as connection:
            if unless is None or not unless():
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {quoted(self.schema)} CASCADE")

    def close(self) -> None:
        """Let go of it: whoever still wants it is told so."""
        self._closed = True

    # -----------------------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, *others: PostgresDatabase, readings: Sequence[Executable] = ()) -> Iterator[Connection]:
        databases = sorted({self, *others}, key=lambda database: database.key)  # one order everywhere: no deadlock
        with ExitStack() as held, _gone_is_closed():
            for database in databases:
                held.enter_context(database._alone_in_this_process())
            connection = self._begun([database.key for database in databases], readings)
            longest = LONG_SECONDS if is_patient() else remaining(LONG_SECONDS)
            with watched(raw(connection), longest) as watch:
                try:
                    yield connection
                    _raise_if_failed(connection)
                    connection.commit()
                except BaseException:
                    watch.at = min(watch.at, stopwatch() + LOCK_SECONDS)
                    with suppress(DBAPIError):  # the connection may be what failed
                        connection.rollback()
                    raise
                finally:
                    with suppress(DBAPIError):
                        connection.close()

    @contextmanager
    def _alone_in_this_process(self) -> Iterator[None]:
        """Threads of one process wait here, without a connection each, and each until its own deadline."""
        if self._holder == threading.get_ident():
            raise RuntimeError(f"{self.schema}: a transaction within a transaction would wait for itself")
        if not self._lock.acquire(blocking=False):
            with pause():
                if not self._lock.acquire(timeout=remaining(threading.TIMEOUT_MAX)):
                    raise OperationalError("BEGIN", None, psycopg.errors.LockNotAvailable(_TAKEN))
        try:
            self._raise_if_closed()
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._holder = None
        finally:
            self._lock.release()

    def _begun(self, keys: Sequence[int], readings: Sequence[Executable]) -> Connection:
        """A connection in a transaction that holds the locks, and what is read first; all of it in one message."""
        begin = ";".join(
            (
                "BEGIN",
                f"SET LOCAL search_path TO {self._search_path}",
                f"SET LOCAL lock_timeout TO {max(1, int(remaining(LOCK_SECONDS) * 1000))}",  # 0 is without an end
                f"SET LOCAL idle_in_transaction_session_timeout TO {int(IDLE_SECONDS * 1000)}",
                *(f"SELECT pg_advisory_xact_lock({key})" for key in keys),
            )
        )
        return with_a_fresh_connection(self._engine, lambda connection: Statements(connection).begin(begin, readings))[
            0
        ]

    def _reading(self, look: Callable[[Connection], Found]) -> Found:
        self._raise_if_closed()

        def from_here(connection: Connection) -> Found:
            if connection.info.get("search_path") != self._search_path:  # of the session, which others use as well
                connection.exec_driver_sql(f"SET search_path TO {self._search_path}")
                connection.info["search_path"] = self._search_path
            return look(connection)

        with _gone_is_closed():
            connection, found = with_a_fresh_connection(self._engine, from_here)
            connection.close()
            return found

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise ClosedDatabaseError("the database was closed")


_LOOK_HERE = select(
    func.set_config("search_path", bindparam("path"), True), func.set_config("lock_timeout", bindparam("longest"), True)
)
_BE_ALONE = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))


def _be_there(connection: Connection) -> None:
    """Find out whether PostgreSQL has closed it: only then does it say something that nobody asked."""
    if select_readable([raw(connection).fileno()], [], [], 0)[0]:
        connection.exec_driver_sql("SELECT 1")


_TAKEN = "others had it for as long as this could wait"


def _raise_if_failed(connection: Connection) -> None:
    if raw(connection).info.transaction_status is psycopg.pq.TransactionStatus.INERROR:
        raise AssertionError("an error within the transaction was passed over: COMMIT would undo all of it")


@contextmanager
def _gone_is_closed() -> Iterator[None]:
    """Tables that are not there any more: another server has deleted the subscription."""
    try:
        yield
    except ProgrammingError as error:
        if isinstance(error.orig, (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)):
            raise ClosedDatabaseError("the database is gone: another server has deleted it") from error
        raise
