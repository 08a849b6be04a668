"""One database per subscription: open, transact, baseline, reset."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from sqlalchemy import Connection, Executable, delete

from mockmkto.model import World
from mockmkto.settings import DEFAULT_JOURNAL_BYTES, DEFAULT_JOURNAL_SIZE
from mockmkto.store import due
from mockmkto.store import world as world_store
from mockmkto.store.backend import BASELINE, JOURNAL, SUBSCRIPTION, SqlDatabase, Storage
from mockmkto.store.journal import Journal, journal_metadata
from mockmkto.store.local import LocalStorage
from mockmkto.store.rest_of_work import Rest
from mockmkto.store.session import FIRST_IDS, FIRST_LEAD_ID, READ_STATE, Counter, Session, State, begin_state
from mockmkto.store.snapshots import Snapshots
from mockmkto.store.tables import subscription_metadata, token

__all__ = ["FIRST_IDS", "FIRST_LEAD_ID", "Counter", "Database", "Session"]


class _Undone(Exception):  # no error: what was rehearsed is not to stay
    """Ends a rehearsal."""


class Database:
    """One subscription's database, and its baseline, to which a reset returns; in memory, or in a storage.

    Args:
        name: the subscription's.
        storage: where it lies.
        new: make it. One that other servers may delete meanwhile is not made anew by being opened.
        callers: what finds the token of who may call, where other servers may write that meanwhile.
        journal_size: how many calls are remembered.
        journal_bytes: of how many bytes at most.

    Raises:
        ClosedDatabaseError: it is not new, and another server has deleted it.
    """

    def __init__(
        self,
        name: str,
        storage: Storage | None = None,
        *,
        new: bool = True,
        callers: Executable | None = None,
        journal_size: int = DEFAULT_JOURNAL_SIZE,
        journal_bytes: int = DEFAULT_JOURNAL_BYTES,
    ) -> None:
        self.name = name
        self._storage = storage if storage is not None else LocalStorage()
        self._callers = callers
        self._readings = (READ_STATE,) if callers is None else (READ_STATE, callers)
        self._journal_limits = (journal_size, journal_bytes)
        self._world: tuple[str, World] | None = None
        self._state: tuple[int, State] | None = None  # of that generation of the database
        self._journal: Journal | None = None
        self._rest = Rest(self.transaction)
        self._opening = threading.Lock()
        with ExitStack() as unless_all_can_be_used:
            unless_all_can_be_used.callback(self._storage.close)
            self._sql = self._storage.at(SUBSCRIPTION, subscription_metadata)
            self.snapshots = Snapshots(self._sql, self._storage)
            if new:
                self._sql.create_tables()
            with self._sql.transaction() as connection:
                begin_state(connection)
            self._baseline()  # says at once what is wrong with it, too
            unless_all_can_be_used.pop_all()

    @property
    def journal(self) -> Journal:
        """The subscription's last calls, in a database of their own."""
        with self._opening:
            if self._journal is None:
                self._journal = Journal(self._storage.at(JOURNAL, journal_metadata), *self._journal_limits)
            return self._journal

    @property
    def calls(self) -> int:
        """How many calls the journal has; one that nobody has written into is not even made for that."""
        if self._journal is None and self._storage.find(JOURNAL, journal_metadata) is None:
            return 0
        return self.journal.count()

    def call_under_way(self, group: str = "soap") -> AbstractContextManager[int]:
        """Count a call for as long as the block lasts: how many of the group there are at once, this one included."""
        return self._storage.under_way(group)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session, alone with the subscription: when the block ends all of it is written, on an exception none."""
        with self._sql.transaction(*self._readings) as connection:
            generation = self._sql.generation
            session = Session(connection, self._cached_world, self._known(generation), self._callers)
            left = due.catch_up(session, files=not self._rest.is_at_it)
            yield session
            state = session.finish()
            if generation is not None:  # a commit that fails begins another, and so does somebody else's
                self._state = (generation, state)
        self._rest.is_left = left
        if left:
            self._rest.carry_on()

    def _known(self, generation: int | None) -> State | None:
        """The state as the last transaction left it, if nobody else can have changed it since."""
        known = self._state
        return known[1] if known is not None and known[0] == generation else None

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """A transaction of which nothing stays: when the block ends, all is as it was."""
        with suppress(_Undone), self._sql.transaction(*self._readings) as connection:
            session = Session(connection, self._cached_world, callers=self._callers)
            due.catch_up(session)
            yield session
            raise _Undone

    def turns_at_once(self, until: ExitStack) -> bool:
        """See to it that neither a transaction nor an entry in the journal waits until that ends; whether it can be."""
        return self._sql.turn_at_once(until) and self.journal.turn_at_once(until)

    @contextmanager
    def aside(self) -> Iterator[Session | None]:
        """A session that sees one moment and keeps no call waiting, to read much; in memory there is none: `None`."""
        with self.transaction():  # what is due by now is done first
            pass
        with self._sql.aside() as connection:
            yield Session(connection, _load) if connection is not None else None

    @property
    def world_as_last_read(self) -> World | None:
        """The world of the last transaction here, perhaps not as it is by now: a guess that costs nothing."""
        return self._world[1] if self._world is not None else None

    @property
    def has_baseline(self) -> bool:
        """Whether there is something that a reset returns to."""
        return self._baseline() is not None

    @contextmanager
    def baseline_transaction(self) -> Iterator[Session]:
        """A session on what a reset returns to, alone with it, as `transaction` is on the subscription as it stands.

        Raises:
            LookupError: there is no baseline.
        """
        with self._there_must_be_a_baseline().transaction() as connection:
            session = Session(connection, _load)
            yield session
            session.finish()

    def _cached_world(self, connection: Connection, version: str) -> World:
        # Read under the lock of the transaction; derived from the store, and known by the store's own token.
        if self._world is None or self._world[0] != version:
            self._world = (version, world_store.load(connection))
        return self._world[1]

    def set_baseline(self) -> None:
        """Remember the subscription as it is now, but for the tokens of its clients: a reset returns to this."""
        with self._sql.as_it_is() as now:
            self._storage.at(BASELINE, subscription_metadata).copy_from(now, _forget_tokens)

    def reset(self) -> None:
        """Return to the baseline: leads, world, clock and counters, so that Ids repeat."""
        self._sql.copy_from(self._there_must_be_a_baseline())

    def _baseline(self) -> SqlDatabase | None:
        return self._storage.find(BASELINE, subscription_metadata)

    def _there_must_be_a_baseline(self) -> SqlDatabase:
        baseline = self._baseline()
        if baseline is None:
            raise LookupError(f"subscription {self.name} has no baseline")
        return baseline

    def copy_from(self, other: Database) -> None:
        """Become what `other` is, its baseline included."""
        self._sql.copy_from(other._sql)
        self.set_baseline()

    def become(self, other: Database) -> None:
        """Become what `other` is, all at once: a call sees all of the one or all of the other. The baseline stays."""
        with other._sql.as_it_is() as now:
            self._sql.copy_from(now)

    def begin_as(self, template: Database) -> None:
        """Become what `template` is, and have it as the baseline.

        In memory the template itself is the baseline, of however many subscriptions: it must not change any more, nor
        be closed before them.
        """
        self._sql.copy_from(template._sql)
        if not self._storage.share(BASELINE, template._sql):
            self.set_baseline()

    def close(self) -> None:
        """Let go of the database; what outlives the server stays."""
        self._storage.close()


def _forget_tokens(connection: Connection) -> None:
    connection.execute(delete(token))


def _load(connection: Connection, version: str) -> World:  # noqa: ARG001
    return world_store.load(connection)
