"""What the store asks of whatever keeps its tables: databases, a subscription's storage, and the whole of a sandbox.

There are two backends: SQLite, in memory or in files (`local`), and PostgreSQL (`schemas`), over which several servers
are one sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Protocol

from sqlalchemy import Connection, Executable, MetaData, Row, insert, select

__all__ = [
    "BASELINE",
    "JOURNAL",
    "SUBSCRIPTION",
    "Backend",
    "BeingMadeError",
    "ClosedDatabaseError",
    "SqlDatabase",
    "Storage",
    "UnusableDatabaseError",
    "copy_rows",
    "snapshot_part",
]

# The parts of a subscription: each is a database.
SUBSCRIPTION = "subscription"
BASELINE = "baseline"
JOURNAL = "journal"


def snapshot_part(name: str) -> str:
    """The part that a snapshot of this name is."""
    return f"snapshots/{name}"


class ClosedDatabaseError(LookupError):
    """The database was let go of while somebody still wanted it: a subscription that was deleted meanwhile."""


class UnusableDatabaseError(Exception):
    """A database that cannot be worked with: not there, not ours, or of another version. It has not been touched."""


class BeingMadeError(Exception):
    """A subscription of that name is being made by somebody else, in this server or in another one."""


class SqlDatabase(Protocol):
    """A database of its own. Safe to use from many threads."""

    @property
    def ends_with_process(self) -> bool:
        """Whether nothing of it is left when the process ends, and nobody else sees it."""

    @property
    def generation(self) -> int | None:
        """A number that moves when it becomes something else than the transactions here have left; `None`: unknown.

        That is a copy, a transaction that failed, or one of somebody else. Within a transaction it stands still.
        """

    def create_tables(self) -> None:
        """Make the tables that are not there yet."""

    def transaction(self, *readings: Executable) -> AbstractContextManager[Connection]:
        """The connection, alone with the database, until the block ends: then all of it is written, or nothing.

        `readings` are what `Statements.first` will be asked for: they come with the begin, where that saves messages.
        """

    def append(self, statement: Executable, values: Mapping[str, Any]) -> Row[Any] | None:
        """Write by one statement, alone with the database, as a transaction of its own; the row that it returns.

        In one message, where every message is a wait for its answer.
        """

    def turn_at_once(self, until: ExitStack) -> bool:
        """See to it that no transaction of this thread waits for others until that ends; whether it can be."""

    def read(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows that one statement finds; it need not be alone for that, and changes nothing."""

    def aside(self) -> AbstractContextManager[Connection | None]:
        """A connection that sees the database as it is now, for as long as the block lasts, and keeps nobody waiting.

        `None` where there can be only one connection: in memory.
        """

    def as_it_is(self) -> AbstractContextManager[SqlDatabase]:
        """What it is at one moment, for `copy_from`: a large one in memory keeps no transaction waiting for that.

        It may be the database itself, and is good for one `copy_from`, which ends before the block does.
        """

    def copy_from(self, other: SqlDatabase, then: Callable[[Connection], None] | None = None) -> None:
        """Become what `other` is: every table, every row; made first, if need be. `then` has the last word in it."""

    def close(self) -> None:
        """Let go of it."""


class Storage(Protocol):
    """Where the databases of one subscription lie."""

    @property
    def shared(self) -> bool:
        """Whether other servers work with them, too."""

    def at(self, part: str, metadata: MetaData) -> SqlDatabase:
        """The database of a part, for `create_tables` or `copy_from` to make if it is not there."""

    def find(self, part: str, metadata: MetaData) -> SqlDatabase | None:
        """The database of a part, `None` when it is not there, or was only begun."""

    def snapshots(self) -> Sequence[str]:
        """The names of the snapshots, in no order."""

    def share(self, part: str, database: SqlDatabase) -> bool:
        """Have somebody else's database as a part of this, as long as it is only read; whether that can be done."""

    def remove(self, part: str) -> None:
        """Forget a part, for good."""

    def under_way(self, group: str) -> AbstractContextManager[int]:
        """Count a call for as long as the block lasts: how many of the group are at once, on all servers, with it."""

    def close(self) -> None:
        """Let go of every part; what outlives the server stays."""


class Backend(Protocol):
    """Where everything of a sandbox lies: the registry, and a storage for each subscription."""

    @property
    def in_memory(self) -> bool:
        """Whether nothing of it waits for a disk, or for anything else outside this process."""

    @property
    def shared(self) -> bool:
        """Whether other servers work with it, too: then nothing of it may be remembered without being asked for."""

    def registry(self, metadata: MetaData) -> SqlDatabase:
        """The registry's database."""

    def storage(self, name: str) -> Storage:
        """The storage of a subscription."""

    def clear(self, name: str, unless: Callable[[], bool] | None = None) -> None:
        """Remove whatever there is of a subscription, unless that is so once nobody else works with it."""

    def check(self, there: Collection[str], broken_off: Collection[str]) -> None:
        """Look whether all is there that must be, before anything is done with it: all subscriptions of the registry.

        Raises:
            UnusableFileError, UnusableDatabaseError: something is lost, or damaged; nothing has been touched.
        """

    def refuse_unknown(self, name: str) -> None:
        """Refuse to make a subscription where something is that the registry does not know: nobody removes that.

        Raises:
            UnusableFileError, UnusableDatabaseError: there is.
        """

    def starting(self) -> AbstractContextManager[None]:
        """Wait until no other server starts or makes a subscription, and keep them waiting until the block ends."""

    def making(self, name: str | None = None) -> AbstractContextManager[None]:
        """Make or delete a subscription, while no other server starts; with a name, nobody else makes one of it.

        Raises:
            BeingMadeError: another server makes one of that name.
        """

    def close(self) -> None:
        """Let go of everything."""


def copy_rows(metadata: MetaData, source: Connection, target: Connection) -> None:
    """Every row of every table, in the place of what the target has; from one kind of database to another."""
    for table in reversed(metadata.sorted_tables):
        target.execute(table.delete())
    for table in metadata.sorted_tables:
        rows = [row._asdict() for row in source.execute(select(table))]
        if rows:
            target.execute(insert(table), rows)
