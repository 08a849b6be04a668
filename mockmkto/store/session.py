"""A transaction on a subscription: its statements, the world and the clock as they stand, and the counters."""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Executable, Row, bindparam, delete, insert, select, update

from mockmkto.clock import Clock
from mockmkto.model import Lead, World
from mockmkto.store import bulk_tables, object_tables, program_tables
from mockmkto.store import world as world_store
from mockmkto.store.statements import Statements
from mockmkto.store.tables import (
    COUNTERS,
    activity,
    cookie,
    day_count,
    fault_rule,
    foreign_id,
    lead,
    lead_key,
    recent_call,
    rest_day_count,
    rest_recent_call,
    state,
)

__all__ = [
    "FIRST_IDS",
    "FIRST_LEAD_ID",
    "READ_STATE",
    "Counter",
    "MissingIndexError",
    "Session",
    "State",
    "begin_state",
]

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
    CUSTOM_OBJECT = "custom_object"  # a record of any type: shown to nobody
    COMPANY = "company"


FIRST_IDS: Mapping[str, int] = {
    Counter.LEAD: FIRST_LEAD_ID,
    Counter.ACTIVITY: 1,
    Counter.LIST: 1001,
    Counter.PROGRAM: 1001,
    Counter.CAMPAIGN: 1001,
    Counter.COMPANY: 1001,
    Counter.CAMPAIGN_CALL: 1,
    Counter.IMPORT: 1,
    Counter.OPPORTUNITY: 1,
    Counter.ROLE: 1,
    Counter.CUSTOM_OBJECT: 1,
}
"""The first id of each kind in an empty subscription (assumed)."""

_OF_THE_WORLD = (Counter.PROGRAM, Counter.LIST, Counter.CAMPAIGN)  # which stay where every lead goes

READ_STATE = select(
    *(state.c[f"next_{name}_id"] for name in COUNTERS),
    state.c.last_order,
    state.c.world_version,
    state.c.clock_offset_us,
    state.c.clock_frozen_at,
    state.c.fault_rules,
    state.c.due_at,
)
_NEW_STATE = {
    "id": 1,
    **{f"next_{name}_id": first for name, first in FIRST_IDS.items()},
    "last_order": 0,
    "world_version": "",
    "clock_offset_us": 0,
    "fault_rules": 0,
}

_write_counters = update(state).values(
    last_order=bindparam("last_order"), **{f"next_{name}_id": bindparam(f"next_{name}_id") for name in COUNTERS}
)
_forget_all = tuple(
    delete(table)
    for table in (
        activity,
        foreign_id,
        cookie,
        lead_key,
        *object_tables.OF_LEADS,
        *program_tables.OF_LEADS,
        *bulk_tables.OF_LEADS,
        lead,
        fault_rule,
        day_count,
        recent_call,
        rest_day_count,
        rest_recent_call,
    )
)
_forget_fault_rules = update(state).values(fault_rules=0)
_write_world_version = update(state).values(world_version=bindparam("world_version"))
_write_due_at = update(state).values(due_at=bindparam("due_at"))
_write_clock = update(state).values(
    clock_offset_us=bindparam("clock_offset_us"), clock_frozen_at=bindparam("clock_frozen_at")
)


_insert_state = insert(state)


class State(Struct, frozen=True):
    """What a transaction begins with. A database that nobody else writes remembers it from one to the next."""

    next_ids: Mapping[str, int]
    last_order: int
    world_version: str
    clock: Clock
    fault_rules: int
    due_at: datetime | None  # when something is to be done that was put off


def begin_state(connection: Connection) -> None:
    """Write the state of an empty subscription, where there is none yet."""
    statements = Statements(connection)
    if statements.first(READ_STATE) is None:
        statements.run(_insert_state, _NEW_STATE)


def _read(statements: Statements) -> State:
    row = statements.first(READ_STATE)
    if row is None:
        raise LookupError("the database has no state: it is no subscription's, or was not made to its end")
    return State(
        next_ids=dict(zip(COUNTERS, row, strict=False)),
        last_order=row.last_order,
        world_version=row.world_version,
        clock=Clock(
            timedelta(microseconds=row.clock_offset_us),
            datetime.fromisoformat(row.clock_frozen_at) if row.clock_frozen_at is not None else None,
        ),
        fault_rules=row.fault_rules,
        due_at=datetime.fromisoformat(row.due_at) if row.due_at is not None else None,
    )


class MissingIndexError(Exception):
    """A lookup needs the index of a field, which is to be made before whoever looks begins anew."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class Session:
    """One transaction on a subscription. Whoever holds it is alone with the subscription until it ends."""

    def __init__(
        self,
        connection: Connection,
        cached_world: Callable[[Connection, str], World],
        known: State | None = None,
        callers: Executable | None = None,
    ) -> None:
        self._connection = connection
        self._cached_world = cached_world
        self._world: World | None = None  # once it was asked for
        self._statements = Statements(connection)
        stored = known if known is not None else _read(self._statements)
        self._stored = stored
        self._next_ids = dict(stored.next_ids)
        self._last_order = stored.last_order
        self._world_version = stored.world_version
        self.fault_rules = stored.fault_rules  # how many there are
        self.makes_indexes = True  # within its transaction, where a lookup needs one
        self.found: Lead | None = None  # the lead that was read last, as long as nothing is written
        self._clock = stored.clock
        self._due_at = stored.due_at
        row = self._statements.first(callers) if callers is not None else None
        self.callers: str | None = row.callers if row is not None else None  # the token of who may call, if it is asked

    @property
    def connection(self) -> Connection:
        """For what is no query of a call; it sees what was written before."""
        self._statements.send()
        return self._connection

    @property
    def dialect(self) -> str:
        """What kind of database it is: `sqlite`, `postgresql`."""
        return self._connection.dialect.name

    @cached_property
    def now(self) -> datetime:
        """The subscription's time, in UTC: one moment for the whole transaction."""
        return self._clock.now()

    @contextmanager
    def as_of(self, moment: datetime) -> Iterator[None]:
        """Have it be this moment while the block lasts: for what was due then and is done now."""
        now = self.now
        self.__dict__["now"] = moment
        try:
            yield
        finally:
            self.__dict__["now"] = now

    @property
    def due_at(self) -> datetime | None:
        """When something is to be done that was put off, `None` where there is nothing."""
        return self._due_at

    @due_at.setter
    def due_at(self, moment: datetime | None) -> None:
        if moment != self._due_at:
            self.run(_write_due_at, {"due_at": moment.astimezone(UTC).isoformat() if moment is not None else None})
            self._due_at = moment

    @property
    def is_due(self) -> bool:
        """Whether there is something to be done whose time has come."""
        return self._due_at is not None and self._due_at <= self.now

    @property
    def clock(self) -> Clock:
        """The subscription's clock."""
        return self._clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        frozen_at = clock.frozen_at.astimezone(UTC) if clock.frozen_at is not None else None
        self.run(
            _write_clock,
            {
                "clock_offset_us": clock.offset // timedelta(microseconds=1),
                "clock_frozen_at": frozen_at.isoformat() if frozen_at is not None else None,
            },
        )
        self._clock = replace(clock, frozen_at=frozen_at)
        self.__dict__.pop("now", None)

    @property
    def world(self) -> World:
        """Fields, workspaces, partitions, rules and switches."""
        if self._world is None:
            self._world = self._cached_world(self._connection, self._world_version)
        return self._world

    @world.setter
    def world(self, world: World) -> None:
        world_store.save(self.connection, world)
        self.world_changed()

    def world_changed(self) -> None:
        """Have whoever remembers the world read it anew."""
        self._world_version, self._world = uuid.uuid4().hex, None
        self.run(_write_world_version, {"world_version": self._world_version})

    # -----------------------------------------------------------------------------------------------------------------
    # Queries: every one of a call goes through these

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows that a statement finds."""
        return self._statements.rows(statement, parameters)

    def numbers(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> array[int]:
        """The whole numbers of the only column that a statement finds, none of them NULL."""
        return self._statements.numbers(statement, parameters)

    def first(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row that a statement finds; `None` when it finds none."""
        return self._statements.first(statement, parameters)

    def run(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> int:
        """Do what a statement says; how many rows it concerned."""
        self.found = None
        return self._statements.run(statement, parameters)

    def run_many(self, statement: Executable, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Do what a statement says, once with each of the parameters; with none, nothing."""
        self.found = None
        self._statements.run_many(statement, parameters)

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
        """Remove every lead, what was done with leads, fault rules and counts, and count anew; world and clock stay."""
        for forgetting in _forget_all:
            self.run(forgetting)
        self.run(_forget_fault_rules)
        self.fault_rules = 0
        self.due_at = None
        self._next_ids.update({name: first for name, first in FIRST_IDS.items() if name not in _OF_THE_WORLD})
        self._last_order = 0

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block did when it raises, and keep what was written before it."""
        counters = (dict(self._next_ids), self._last_order)
        self.connection.exec_driver_sql("SAVEPOINT operation")
        try:
            yield
        except BaseException:
            self._statements.forget()
            self.connection.exec_driver_sql("ROLLBACK TO operation")
            self._next_ids, self._last_order = counters
            raise
        finally:
            self.connection.exec_driver_sql("RELEASE operation")

    def flush(self) -> State:
        """Write the counters, if they moved; the state as the transaction leaves it."""
        stored = self._stored
        if self._last_order != stored.last_order or self._next_ids != stored.next_ids:
            numbers = {f"next_{name}_id": number for name, number in self._next_ids.items()}
            self.run_many(_write_counters, [{"last_order": self._last_order, **numbers}])
        self._stored = State(
            dict(self._next_ids), self._last_order, self._world_version, self._clock, self.fault_rules, self._due_at
        )
        return self._stored

    def finish(self) -> State:
        """The same, as the last that is done: with it, the transaction may have ended already."""
        left = self.flush()
        self._statements.finish()
        return left
