"""A copy of a large SQLite database in memory, of one moment, that keeps no call waiting for longer than a slice.

There is one connection, and SQLite's backup keeps everybody from it until all is copied; in steps it would begin anew
with every commit. So rows are copied some hundred at a time, each time in a turn of its own, while triggers note the
key of whatever changes meanwhile. What was noted is copied again, until a turn leaves nothing: that is the moment of
the copy, which has all of each transaction before it and nothing of one behind it. Triggers and notes are the
connection's own (TEMP), so they are in no copy, and what a transaction takes back is noted no more.

Rows go from the one driver to the other as they are: by the SQL of Core's statements, without its types.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import count
from typing import Any, Protocol, TypeAlias

from sqlalchemy import (
    ClauseElement,
    Column,
    ColumnElement,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    column,
    delete,
    insert,
    literal_column,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable, DropTable

from mockmkto.clock import sleep, stopwatch
from mockmkto.deadlines import put_off
from mockmkto.giving_way import PAUSE, SLICE
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.ddl import tables_and_indexes_of
from mockmkto.store.versions import mark

__all__ = ["Source", "copy_in_slices"]

_FIRST_SLICE = 200  # rows
_LARGEST_SLICE = 4_000
_PAUSES = 10  # at most, between two turns
# After so many turns one may take twice as long, three times, ...: what changes fast is caught up, too.
_PATIENCE = 100

_Key: TypeAlias = tuple[Any, ...]
_Row: TypeAlias = tuple[Any, ...]

_dialect = sqlite.dialect()
_NONE: ColumnElement[int] = literal_column("0")
_names = (f"changes_{number}" for number in count(1))


class Source(Protocol):
    """What is copied: a database in memory."""

    @property
    def times_replaced(self) -> int:
        """A number that moves when it becomes what another database is: no trigger notes that."""

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a turn."""

    def turn(self) -> AbstractContextManager[sqlite3.Connection]:
        """Its connection, alone with it until the block ends.

        Raises:
            ClosedDatabaseError: it was closed.
            OperationalError: the deadline came.
        """


def copy_in_slices(source: Source, metadata: MetaData, target: sqlite3.Connection) -> bool:
    """Make an empty database in memory, which nobody else has, what the source is at the end of one of its turns.

    Whether that could be: not when the source has become another database meanwhile. Then, and on an exception, the
    target is of no use. The source is never left with triggers.

    Raises:
        ClosedDatabaseError: the source was closed.
        OperationalError: others had the source until the deadline; the time of the work itself is no waiting.
    """
    tables, indexes = tables_and_indexes_of(metadata, "sqlite://")
    mark(target)
    target.execute("PRAGMA temp_store = MEMORY")  # what sorts for an index: there may be no folder for files
    target.executescript(f"BEGIN;{tables};COMMIT")
    try:
        _Copying(source, _tables(metadata), target).run()
    except _ReplacedError:
        return False
    began = stopwatch()
    target.executescript(f"BEGIN;{indexes};COMMIT")  # sorted once: in half the time, and in full pages
    put_off(stopwatch() - began)
    return True


class _ReplacedError(Exception):
    """The source is another database now."""


class _Copying:
    """One copy under way."""

    def __init__(self, source: Source, tables: Sequence[_Copied], target: sqlite3.Connection) -> None:
        self._source = source
        self._times_replaced = source.times_replaced
        self._tables = tables
        self._target = target
        self._notes = _Notes(next(_names), tables)
        self._began = 0.0  # the last turn
        self._took = 0.0

    def run(self) -> None:
        """Copy every row, and whatever changes until a turn leaves nothing."""
        try:
            self._watch()
            for copied in self._tables:
                self._copy(copied)
            self._catch_up()
        finally:
            self._stop_watching()

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        with self._source.turn() as raw:
            self._began = stopwatch()
            if self._source.times_replaced != self._times_replaced:
                raise _ReplacedError
            yield raw
            self._took = stopwatch() - self._began

    def _between_turns(self) -> None:
        put_off(stopwatch() - self._began)
        self._pause()

    def _pause(self) -> None:
        """Let whoever waits have a turn, though it may be slow to wake up where processors are scarce."""
        for _ in range(_PAUSES):
            sleep(PAUSE)
            if not self._source.is_wanted:
                return

    def _watch(self) -> None:
        left = iter(self._notes.begin)
        more = True
        while more:
            with self._turn() as raw:
                raw.execute("PRAGMA temp_store = MEMORY")
                raw.execute("PRAGMA recursive_triggers = ON")  # also tells of a row whose place another one takes
                more = _some_of(left, raw)
            self._between_turns()

    def _stop_watching(self) -> None:
        left = iter(self._notes.end)
        more = True
        while more:
            try:
                with self._source.turn() as raw:
                    more = _some_of(left, raw)
            except ClosedDatabaseError:
                return  # with all there was
            except OperationalError:
                pass  # the deadline of who asked for a copy is none for this
            self._pause()

    def _copy(self, copied: _Copied) -> None:
        after: _Key = ()
        rows_at_once = _FIRST_SLICE
        while True:
            with self._turn() as raw:
                rows = raw.execute(copied.next if after else copied.first, (*after, rows_at_once)).fetchall()
            self._write([(copied.put, rows)])
            if len(rows) < rows_at_once:
                return
            after = copied.key_of(rows[-1])
            rows_at_once = _as_many_as_take(SLICE, rows_at_once, self._took)

    def _catch_up(self) -> None:
        most = _FIRST_SLICE
        for turns in count(1):
            with self._turn() as raw:
                noted = self._notes.take(raw, most)
                now = [(copied, key, raw.execute(copied.one, key).fetchone()) for copied, key in dict.fromkeys(noted)]
            gone = [(copied.remove, [key]) for copied, key, row in now if row is None]
            self._write([*gone, *((copied.put, [row]) for copied, _, row in now if row is not None)])
            if len(noted) < most:
                return
            most = _as_many_as_take(SLICE * (1 + turns // _PATIENCE), most, self._took)

    def _write(self, changes: Iterable[tuple[str, Sequence[_Row]]]) -> None:
        self._target.execute("BEGIN")
        for statement, rows in changes:
            self._target.executemany(statement, rows)
        self._target.execute("COMMIT")
        self._between_turns()


def _as_many_as_take(seconds: float, number: int, took: float) -> int:
    return max(1, min(_LARGEST_SLICE, number * 2, int(number * seconds / max(took, 1e-6))))


def _some_of(statements: Iterator[str], raw: sqlite3.Connection) -> bool:
    """Run as many statements as a turn has time for; whether there may be more."""
    began = stopwatch()
    for statement in statements:
        raw.execute(statement)
        if stopwatch() - began >= SLICE:
            return True
    return False


class _Copied:
    """A table as its rows are copied: what they are found by, and the SQL of it.

    In the copy, a row may have a value by now that is another's in the source (of a unique column), and the other way
    round. So a row takes the place of whatever is in its way there: that has changed since it was copied, or it would
    be in the way in the source as well, and is noted.
    """

    __slots__ = ("_places", "first", "key", "name", "next", "one", "put", "remove", "triggers")

    def __init__(self, of: Table, number: int) -> None:
        self.name = of.name
        names = [item.name for item in of.columns]
        self.key = tuple(item.name for item in of.primary_key)
        if of.dialect_options["sqlite"]["with_rowid"] and not _is_rowid(of):
            self.key = ("rowid",)
            names = ["rowid", *names]
        self._places = [names.index(name) for name in self.key]
        rows = table(of.name, *(column(name) for name in names))
        key = [rows.c[name] for name in self.key]
        given: list[ColumnElement[Any]] = [bindparam(f"key_{name}") for name in self.key]
        of_key = [item == value for item, value in zip(key, given, strict=True)]
        all_rows = select(*rows.c).order_by(*key).limit(bindparam("rows")).offset(_NONE)
        self.first = _sql(all_rows)
        self.next = _sql(all_rows.where(tuple_(*key) > tuple_(*given) if len(key) > 1 else key[0] > given[0]))
        self.one = _sql(select(*rows.c).where(*of_key))
        self.put = _sql(insert(rows).prefix_with("OR REPLACE"))
        self.remove = _sql(delete(rows).where(*of_key))
        self.triggers = self._noting(number)

    def key_of(self, row: _Row) -> _Key:
        """What the row is found by."""
        return tuple(row[place] for place in self._places)

    def _noting(self, number: int) -> Sequence[tuple[str, str]]:
        """Names of triggers, and what makes them, for notes of the name _NOTES."""
        notes = table(_NOTES, column("of"), *(column(f"key_{place}") for place in range(len(self.key))))
        old, new = ([_of(row, name) for name in self.key] for row in ("old", "new"))
        of: ColumnElement[int] = literal_column(str(number))
        before = _sql(insert(notes).from_select([*notes.c], select(of, *old)))
        after = _sql(insert(notes).from_select([*notes.c], select(of, *new)))
        moved = select(of, *new).where(tuple_(*new).is_distinct_from(tuple_(*old)))
        noted = {
            "INSERT": after,
            "DELETE": before,
            "UPDATE": f"{before};{_sql(insert(notes).from_select([*notes.c], moved))}",
        }
        quoted = _dialect.identifier_preparer.quote(self.name)
        return [
            (
                name := f"{_NOTES}_{number}_{event.lower()}",
                f"CREATE TEMPORARY TRIGGER {name} AFTER {event} ON main.{quoted} BEGIN {note}; END",
            )
            for event, note in noted.items()
        ]


_NOTES = "notes_of_changes"  # each copy has a name of its own in its place


def _is_rowid(of: Table) -> bool:
    """Whether the primary key is SQLite's own number of a row: a single column, and of this very type."""
    return [item.type.compile(_dialect) for item in of.primary_key] == ["INTEGER"]


@cache
def _tables(metadata: MetaData) -> tuple[_Copied, ...]:
    made = []
    for number, of in enumerate(metadata.sorted_tables):
        made.append(_Copied(of, number))
        sleep(PAUSE)  # that much of Python at a time: whoever calls needs the interpreter several times
    return tuple(made)


class _Notes:
    """Of what rows there are that have changed: a table of their keys, and the triggers that write it.

    Args:
        name: its name, which no other table has.
        tables: whose rows.
    """

    def __init__(self, name: str, tables: Sequence[_Copied]) -> None:
        self._tables = tables
        keys = [Column(f"key_{place}", LargeBinary) for place in range(max(len(item.key) for item in tables))]
        notes = Table(
            name,
            MetaData(),
            Column("id", Integer, primary_key=True),
            Column("of", Integer, nullable=False),
            *keys,  # as blobs are: SQLite changes no value on its way
            prefixes=["TEMPORARY"],
        )
        self._some = _sql(select(notes).order_by(notes.c.id).limit(bindparam("most")).offset(_NONE))
        self._forget = _sql(delete(notes).where(notes.c.id <= bindparam("last")))
        triggers = [[text.replace(_NOTES, name) for text in trigger] for item in tables for trigger in item.triggers]
        self.begin = [_sql(CreateTable(notes)), *(making for _, making in triggers)]
        self.end = [f"DROP TRIGGER IF EXISTS temp.{trigger}" for trigger, _ in triggers]
        self.end.append(_sql(DropTable(notes, if_exists=True)))

    def take(self, raw: sqlite3.Connection, most: int) -> list[tuple[_Copied, _Key]]:
        """The next of them, in their order, and perhaps some twice; they are noted no more."""
        taken = raw.execute(self._some, (most,)).fetchall()
        if taken:
            raw.execute(self._forget, (taken[-1][0],))
        return [((copied := self._tables[of]), tuple(key[: len(copied.key)])) for _, of, *key in taken]


def _of(row: str, name: str) -> ColumnElement[Any]:
    return literal_column(f"{row}.{_dialect.identifier_preparer.quote(name)}")


def _sql(statement: Executable | ClauseElement) -> str:
    if not isinstance(statement, ClauseElement):
        raise TypeError(f"{statement!r} cannot be compiled")
    return str(statement.compile(dialect=_dialect))
