"""One database per subscription: open, transact, baseline, reset.

A transaction is a `Session`: the connection, the world and the clock as they stand, and the subscription's counters.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, delete, insert, select, update

from mockmkto.clock import Clock
from mockmkto.model import World
from mockmkto.settings import DEFAULT_JOURNAL_SIZE
from mockmkto.store import world as world_store
from mockmkto.store.backend import BASELINE, JOURNAL, SUBSCRIPTION, SqlDatabase, Storage
from mockmkto.store.journal import Journal, journal_metadata
from mockmkto.store.local import LocalStorage
from mockmkto.store.snapshots import Snapshots
from mockmkto.store.tables import (
    COUNTERS,
    cookie,
    day_count,
    fault_rule,
    foreign_id,
    lead,
    lead_key,
    recent_call,
    state,
    subscription_metadata,
)

__all__ = ["FIRST_LEAD_ID", "Counter", "Database", "Session"]

FIRST_LEAD_ID = 1001  # of an empty subscription


class Counter(StrEnum):
    """What a subscription hands out ids of."""

    LEAD = "lead"
    ACTIVITY = "activity"
    LIST = "list"
    PROGRAM = "program"
    CAMPAIGN = "campaign"
    CAMPAIGN_CALL = "campaign_call"  # a request of a campaign, or a scheduled run
    IMPORT = "import"
    OPPORTUNITY = "opportunity"
    ROLE = "role"


_FIRST_IDS: Mapping[str, int] = {
    Counter.LEAD: FIRST_LEAD_ID,
    Counter.ACTIVITY: 1,
    Counter.LIST: 1001,
    Counter.PROGRAM: 1001,
    Counter.CAMPAIGN: 1001,
    Counter.CAMPAIGN_CALL: 1,
    Counter.IMPORT: 1,
    Counter.OPPORTUNITY: 1,
    Counter.ROLE: 1,
}
"""The first id of each kind in an empty subscription (assumed)."""

_read_state = select(
    *(state.c[f"next_{name}_id"] for name in COUNTERS),
    state.c.last_order,
    state.c.world_version,
    state.c.clock_offset_us,
    state.c.clock_frozen_at,
    state.c.fault_rules,
)
_NEW_STATE = {
    "id": 1,
    **{f"next_{name}_id": first for name, first in _FIRST_IDS.items()},
    "last_order": 0,
    "world_version": "",
    "clock_offset_us": 0,
    "fault_rules": 0,
}

_write_counters = update(state).values(
    last_order=bindparam("last_order"), **{f"next_{name}_id": bindparam(f"next_{name}_id") for name in COUNTERS}
)
_forget_fault_rules = update(state).values(fault_rules=0)
_write_world_version = update(state).values(world_version=bindparam("world_version"))
_write_clock = update(state).values(
    clock_offset_us=bindparam("clock_offset_us"), clock_frozen_at=bindparam("clock_frozen_at")
)


class Session:
    """One transaction on a subscription. Whoever holds it is alone with the subscription until it ends."""

    def __init__(self, connection: Connection, cached_world: Callable[[Connection, str], World]) -> None:
        self.connection = connection
        self._cached_world = cached_world
        row = connection.execute(_read_state).one()
        self._next_ids: dict[str, int] = dict(zip(COUNTERS, row, strict=False))
        self._last_order: int = row.last_order
        self._world_version: str = row.world_version
        self._counters_read = (dict(self._next_ids), self._last_order)
        self.fault_rules: int = row.fault_rules  # how many there are
        self._clock = Clock(
            timedelta(microseconds=row.clock_offset_us),
            datetime.fromisoformat(row.clock_frozen_at) if row.clock_frozen_at is not None else None,
        )

    @cached_property
    def now(self) -> datetime:
        """The subscription's time, in UTC: one moment for the whole transaction."""
        return self._clock.now()

    @property
    def clock(self) -> Clock:
        """The subscription's clock."""
        return self._clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        frozen_at = clock.frozen_at.astimezone(UTC).isoformat() if clock.frozen_at is not None else None
        self.connection.execute(
            _write_clock,
            {"clock_offset_us": clock.offset // timedelta(microseconds=1), "clock_frozen_at": frozen_at},
        )
        self._clock = clock
        self.__dict__.pop("now", None)

    @property
    def world(self) -> World:
        """Fields, workspaces, partitions, rules and switches."""
        return self._cached_world(self.connection, self._world_version)

    @world.setter
    def world(self, world: World) -> None:
        world_store.save(self.connection, world)
        self._world_version = uuid.uuid4().hex
        self.connection.execute(_write_world_version, {"world_version": self._world_version})

    # -----------------------------------------------------------------------------------------------------------------
    # Queries: every one of a call goes through these

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows that a statement finds."""
        return self.connection.execute(statement, parameters).all()

    def first(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row that a statement finds; `None` when it finds none."""
        return self.connection.execute(statement, parameters).first()

    def run(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> int:
        """Do what a statement says; how many rows it concerned."""
        return self.connection.execute(statement, parameters).rowcount

    def run_many(self, statement: Executable, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Do what a statement says, once with each of the parameters; with none, nothing."""
        if parameters:
            self.connection.execute(statement, parameters)

    # -----------------------------------------------------------------------------------------------------------------
    # Counters

    def next_id(self, counter: Counter) -> int:
        """The id that the next new thing of that kind gets."""
        return self._next_ids[counter]

    def take_id(self, counter: Counter) -> int:
        """The next id of that kind; given back when the transaction fails."""
        taken = self._next_ids[counter]
        self._next_ids[counter] = taken + 1
        return taken

    def reserve_ids(self, counter: Counter, up_to: int) -> None:
        """Make sure that no id of that kind up to this one is handed out."""
        self._next_ids[counter] = max(self._next_ids[counter], up_to + 1)

    def count_ids_from(self, counter: Counter, next_id: int) -> None:
        """Hand out this id of that kind next: for a world that is just being made."""
        self._next_ids[counter] = next_id

    @property
    def next_lead_id(self) -> int:
        """The Id that the next new lead gets."""
        return self.next_id(Counter.LEAD)

    def take_lead_id(self) -> int:
        """The next Id of the subscription; given back when the transaction fails."""
        return self.take_id(Counter.LEAD)

    def reserve_lead_ids(self, up_to: int) -> None:
        """Make sure that no Id up to this one is handed out."""
        self.reserve_ids(Counter.LEAD, up_to)

    def count_lead_ids_from(self, next_id: int) -> None:
        """Hand out this Id next: for a world that is just being made."""
        self.count_ids_from(Counter.LEAD, next_id)

    def next_order(self) -> int:
        """The next number of the counter by which "most recently" is decided."""
        self._last_order += 1
        return self._last_order

    def empty(self) -> None:
        """Remove every lead, fault rule and count, and begin to count anew; world and clock stay."""
        for table in (foreign_id, cookie, lead_key, lead, fault_rule, day_count, recent_call):
            self.connection.execute(delete(table))
        self.connection.execute(_forget_fault_rules)
        self.fault_rules = 0
        self._next_ids, self._last_order = dict(_FIRST_IDS), 0

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block did when it raises, and keep what was written before it."""
        counters = (dict(self._next_ids), self._last_order)
        self.connection.exec_driver_sql("SAVEPOINT operation")
        try:
            yield
        except BaseException:
            self.connection.exec_driver_sql("ROLLBACK TO operation")
            self._next_ids, self._last_order = counters
            raise
        finally:
            self.connection.exec_driver_sql("RELEASE operation")

    def flush(self) -> None:
        """Write the counters, if they moved."""
        counters = (self._next_ids, self._last_order)
        if counters != self._counters_read:
            numbers = {f"next_{name}_id": number for name, number in self._next_ids.items()}
            self.run(_write_counters, {"last_order": self._last_order, **numbers})
            self._counters_read = (dict(self._next_ids), self._last_order)


class Database:
    """One subscription's database, and its baseline, to which a reset returns; in memory, or in a storage.

    Args:
        name: the subscription's.
        storage: where it lies.
        new: make it. One that other servers may delete meanwhile is not made anew by being opened.
        journal_size: how many calls are remembered.

    Raises:
        ClosedDatabaseError: it is not new, and another server has deleted it.
    """

    def __init__(
        self,
        name: str,
        storage: Storage | None = None,
        *,
        new: bool = True,
        journal_size: int = DEFAULT_JOURNAL_SIZE,
    ) -> None:
        self.name = name
        self._storage = storage if storage is not None else LocalStorage()
        self._journal_size = journal_size
        self._world: tuple[str, World] | None = None
        self._journal: Journal | None = None
        self._opening = threading.Lock()
        with ExitStack() as unless_all_can_be_used:
            unless_all_can_be_used.callback(self._storage.close)
            self._sql = self._storage.at(SUBSCRIPTION, subscription_metadata)
            self.snapshots = Snapshots(self._sql, self._storage)
            if new:
                self._sql.create_tables()
            with self._sql.transaction() as connection:
                if connection.execute(_read_state).first() is None:
                    connection.execute(insert(state).values(_NEW_STATE))
            self._baseline()  # says at once what is wrong with it, too
            unless_all_can_be_used.pop_all()

    @property
    def journal(self) -> Journal:
        """The subscription's last calls, in a database of their own."""
        with self._opening:
            if self._journal is None:
                self._journal = Journal(self._storage.at(JOURNAL, journal_metadata), self._journal_size)
            return self._journal

    @property
    def calls(self) -> int:
        """How many calls the journal has; one that nobody has written into is not even made for that."""
        if self._journal is None and self._storage.find(JOURNAL, journal_metadata) is None:
            return 0
        return self.journal.count()

    def call_under_way(self) -> AbstractContextManager[int]:
        """Count a call for as long as the block lasts: how many there are at once, this one included."""
        return self._storage.under_way()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session, alone with the subscription: when the block ends all of it is written, on an exception none."""
        with self._sql.transaction() as connection:
            session = Session(connection, self._cached_world)
            yield session
            session.flush()

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """A transaction of which nothing stays: when the block ends, all is as it was."""
        with self._sql.transaction() as connection:
            yield Session(connection, self._cached_world)
            connection.rollback()

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
            session = Session(connection, lambda connection, _: world_store.load(connection))
            yield session
            session.flush()

    def _cached_world(self, connection: Connection, version: str) -> World:
        # Read under the lock of the transaction; derived from the store, and known by the store's own token.
        if self._world is None or self._world[0] != version:
            self._world = (version, world_store.load(connection))
        return self._world[1]

    def set_baseline(self) -> None:
        """Remember the subscription as it is now: a reset returns to this."""
        self._storage.at(BASELINE, subscription_metadata).copy_from(self._sql)

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
        self.become(other)
        self.set_baseline()

    def become(self, other: Database) -> None:
        """Become what `other` is, all at once: a call sees all of the one or all of the other. The baseline stays."""
        self._sql.copy_from(other._sql)

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
