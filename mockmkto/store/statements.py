"""Core statements on the driver's own cursor: compiled to SQL once for each dialect, bound values in, named rows out.

What Core does around a statement (its context, its result, its events) costs more than most statements do. So what a
call runs is a constant of its module with `bindparam`s in it; one that is made on the spot is compiled every time.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Dialect, Executable, Row
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

__all__ = ["Statements", "Values"]

Values: TypeAlias = Mapping[str, Any]
"""What is bound: by the names of the `bindparam`s, or of the columns that an INSERT writes."""

_FEW = 20  # that wait for a message: more are one of their own
_COMMIT = ("COMMIT", ())
_AT_HAND = "at hand"  # of a connection: what was read with its BEGIN

_caches: WeakKeyDictionary[Dialect, WeakKeyDictionary[Executable, dict[tuple[str, ...], _Prepared]]]
_caches = WeakKeyDictionary()


class Statements:
    """Runs statements on a connection, within the transaction that it is in.

    Where every message to the database is a wait for its answer (PostgreSQL), what nobody asks an answer of waits for
    the next message, and goes out together with it: whoever makes one of these calls `finish` at the end.

    Every method raises what Core raises: `sqlalchemy.exc.OperationalError`, `IntegrityError` and their kin.
    """

    __slots__ = ("_at_hand", "_cache", "_connection", "_dialect", "_driver", "_waiting")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._driver: Any = connection.connection.dbapi_connection
        self._cache = _caches.setdefault(self._dialect, WeakKeyDictionary())
        self._waiting: list[tuple[_Prepared, Any]] = []
        self._at_hand: dict[Executable, Sequence[Any]] | None = None
        if self._dialect.name == "postgresql":
            self._at_hand = connection.info.pop(_AT_HAND, None)

    def rows(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        """The rows that a statement finds, in its order."""
        prepared = self._prepared(statement, values)
        if prepared.is_written_anew:
            self.send()
            return self._connection.execute(statement, values).all()
        return prepared.named(self._execute(prepared, values).fetchall())

    def first(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        """The first row that a statement finds, `None` when it finds nothing."""
        prepared = self._prepared(statement, values)
        if prepared.is_written_anew:
            self.send()
            return self._connection.execute(statement, values).first()
        if self._at_hand and statement in self._at_hand:
            found = self._at_hand.pop(statement)
            return prepared.named(found[:1])[0] if found else None
        cursor = self._execute(prepared, values)
        row = cursor.fetchone()
        cursor.close()
        return prepared.named((row,))[0] if row is not None else None

    def numbers(self, statement: Executable, values: Values | None = None) -> array[int]:
        """The whole numbers of the only column that a statement finds, in eight bytes each."""
        return array("q", (number for (number,) in self._execute(self._prepared(statement, values), values)))

    def begin(self, commands: str, readings: Sequence[Executable] = ()) -> None:
        """Begin a transaction by these commands, and have at hand what `first` will be asked for, all in one message.

        Nothing can be bound in it.
        """
        several = [self._prepared(reading, None) for reading in readings]
        message = ";".join((commands, *(prepared.sql for prepared in several)))
        self._connection.begin()
        self._connection.info.pop(_AT_HAND, None)  # of an earlier transaction, which did not ask for it
        try:
            cursor = self._driver.execute(message)
            found = [cursor.fetchall() if cursor.description else []]
            while cursor.nextset():
                found.append(cursor.fetchall() if cursor.description else [])
            if readings:
                self._connection.info[_AT_HAND] = dict(zip(readings, found[-len(readings) :], strict=True))
        except self._dialect.loaded_dbapi.Error as error:
            raise self._as_core_raises(error, message) from error

    def run(self, statement: Executable, values: Values | None = None) -> int:
        """Change something; how many rows were changed."""
        prepared = self._prepared(statement, values)
        if prepared.is_written_anew:
            self.send()
            return self._connection.execute(statement, values).rowcount
        count: int = self._execute(prepared, values).rowcount
        return count

    def run_many(self, statement: Executable, several: Sequence[Values]) -> None:
        """Change something once for each of several sets of values, which all have the same names."""
        if not several:
            return
        prepared = self._prepared(statement, several[0])
        bound = [prepared.bound(values) for values in several]
        if len(bound) <= _FEW and self._dialect.name == "postgresql":
            self._waiting += [(prepared, values) for values in bound]
            return
        self.send()
        cursor = self._driver.cursor()
        try:
            cursor.executemany(prepared.sql, bound)
        except self._dialect.loaded_dbapi.Error as error:
            raise self._as_core_raises(error, prepared.sql) from error
        finally:
            cursor.close()

    def send(self) -> None:
        """Send what waits, for somebody who goes on without these methods."""
        if self._waiting:
            self._together()

    def forget(self) -> None:
        """Send nothing of what waits: it is undone."""
        self._waiting = []

    def finish(self) -> None:
        """End the transaction in the message with what waits; where nothing does, whoever began it ends it."""
        if self._waiting:
            self._together(_COMMIT)

    def _execute(self, prepared: _Prepared, values: Values | None) -> Any:
        bound = prepared.bound(values or {})
        if self._waiting:
            return self._together((prepared.sql, bound))
        try:
            return self._driver.execute(prepared.sql, bound)
        except self._dialect.loaded_dbapi.Error as error:
            raise self._as_core_raises(error, prepared.sql) from error

    def _together(self, last: tuple[str, Any] | None = None) -> Any:
        """Send what waits, and one more statement behind it, in one message; the cursor of that one."""
        waiting, self._waiting = self._waiting, []
        sent = waiting[0][0]
        try:
            with self._driver.pipeline():
                for sent, bound in waiting:
                    self._driver.execute(sent.sql, bound)
                return self._driver.execute(*last) if last is not None else None
        except self._dialect.loaded_dbapi.Error as error:
            raise self._as_core_raises(error, sent.sql) from error

    def _prepared(self, statement: Executable, values: Values | None) -> _Prepared:
        variants = self._cache.get(statement)
        if variants is None:
            variants = self._cache[statement] = {}
        names = tuple(values) if values else ()
        prepared = variants.get(names)
        if prepared is None:
            prepared = variants[names] = _Prepared(statement, self._dialect, names)
        return prepared

    def _as_core_raises(self, error: Exception, sql: str) -> BaseException:
        """The driver's error as Core's; a connection that is lost leaves its pool, and so does what is as old."""
        lost = self._dialect.is_disconnect(error, self._driver, None)  # type: ignore[arg-type]  # the driver's own
        if lost:
            with suppress(DBAPIError):
                self._connection.exec_driver_sql("SELECT 1")  # Core finds it lost, and knows what to do about the pool
            if not self._connection.invalidated:
                self._connection.invalidate(error)
        return DBAPIError.instance(
            sql,
            None,  # values hold encryption keys
            error,
            self._dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=self._dialect,
        )


class _Prepared:
    """One statement in one dialect. Holds nothing of the statement itself, which may be forgotten."""

    __slots__ = (
        "_by_name",
        "_missing",
        "_own",
        "_parameters",
        "_processes",
        "_processors",
        "_row",
        "_take",
        "is_written_anew",
        "sql",
    )

    def __init__(self, statement: Executable, dialect: Dialect, names: tuple[str, ...]) -> None:
        element: object = statement
        if not isinstance(element, ClauseElement):
            raise TypeError(f"{statement!r} cannot be compiled")
        columns: list[ColumnElement[Any]] = []
        how: dict[str, Any] = {}
        if isinstance(element, ReturnsRows | UpdateBase):
            columns = list(element.exported_columns)
        if isinstance(element, UpdateBase):
            # As Core does it: an INSERT writes the columns that it is given values for, and asks for no key of its own.
            how = {"column_keys": list(names), "for_executemany": not columns}
        compiled = element.compile(dialect=dialect, **how)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{statement!r} does not work on rows")
        self.is_written_anew = bool(compiled.post_compile_params)  # a list (`in_`): other SQL for each length
        self.sql = str(compiled)
        self._by_name = compiled.positiontup is None
        binds = compiled.binds
        self._parameters = tuple(compiled.positiontup or binds)
        self._take = _taker(self._parameters)
        # What the statement has itself is taken where whoever runs it gives nothing of that name.
        self._own = {name: binds[name].effective_value for name in self._parameters if name not in names}
        self._missing = next((name for name in self._own if binds[name].required), None)
        processes = [_implemented(binds[name].type, dialect).bind_processor(dialect) for name in self._parameters]
        self._processes = tuple((place, process) for place, process in enumerate(processes) if process is not None)
        self._row = result_tuple([str(column.key) for column in columns])
        processors = [_implemented(column.type, dialect).result_processor(dialect, None) for column in columns]
        self._processors = tuple(processors) if any(processors) else ()

    def bound(self, values: Values) -> Any:
        """The values as the driver takes them: by name, or in the order of the SQL's marks."""
        if self._missing is not None:
            raise StatementError(f"no value for {self._missing}", self.sql, None, None, hide_parameters=True)
        taken: Sequence[Any] = self._take({**self._own, **values} if self._own else values)
        if self._processes:
            taken = list(taken)
            for place, process in self._processes:
                taken[place] = process(taken[place])
        return dict(zip(self._parameters, taken, strict=True)) if self._by_name else taken

    def named(self, rows: Sequence[Any]) -> Sequence[Row[Any]]:
        """Rows of the driver's as rows with names, and the values as the columns' types have them."""
        if self._processors:
            rows = [
                [
                    value if process is None else process(value)
                    for process, value in zip(self._processors, row, strict=True)
                ]
                for row in rows
            ]
        return list(map(self._row, rows))


def _taker(names: Sequence[str]) -> Callable[[Values], tuple[Any, ...]]:
    """What takes these values out of a mapping; several at once without a step of Python's for each."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _implemented(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
