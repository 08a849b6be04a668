"""The journal of a subscription: its last calls, in a database of their own beside the subscription's.

A restored snapshot of the leads must not rewrite the history of calls, and a call must not commit twice. The oldest
call goes first; how many went is known, so that every answer can say so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, bindparam, delete, func, insert, select, update

from mockmkto.clock import stopwatch
from mockmkto.model import Call
from mockmkto.model.moments import encodable
from mockmkto.settings import DEFAULT_JOURNAL_SIZE
from mockmkto.store.backend import SqlDatabase
from mockmkto.store.tables import NUMBER

__all__ = ["Journal", "journal_metadata"]

journal_metadata = MetaData()
_call = Table(
    "call",
    journal_metadata,
    Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    Column("record", LargeBinary, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("response", LargeBinary, nullable=False),
)
_counters = Table(
    "counters",
    journal_metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_sequence", NUMBER, nullable=False),
    Column("dropped", NUMBER, nullable=False),
)

_insert = insert(_call)
_last = select(_counters.c.last_sequence)
_count_up = update(_counters).values(last_sequence=bindparam("sequence"))
_list = select(_call.c.record).where(_call.c.sequence > bindparam("after")).order_by(_call.c.sequence)
_count = select(func.count()).select_from(_call)
_dropped = select(_counters.c.dropped, _count.scalar_subquery().label("kept"))
_whole = select(_call).order_by(_call.c.sequence)
_one = select(_call).where(_call.c.sequence == bindparam("sequence"))

_encoder = msgspec.msgpack.Encoder(enc_hook=encodable)
_decoder = msgspec.msgpack.Decoder(Call)

_SLACK = 64  # the oldest go by this many at once
_POLL_SECONDS = 0.05  # another server may write into the same journal


class Journal:
    """The last calls of one subscription. Safe to use from many threads."""

    def __init__(self, database: SqlDatabase, limit: int = DEFAULT_JOURNAL_SIZE) -> None:
        self.limit = limit
        self._news = threading.Condition()
        self._written = 0  # by this process: whoever waits looks again when it moved
        self._sql = database
        database.create_tables()
        with database.transaction() as connection:
            if connection.execute(_last).first() is None:
                connection.execute(insert(_counters).values(id=1, last_sequence=0, dropped=0))

    def add(self, call: Call) -> Call:
        """Store a call, and wake whoever waits for one; the call with its number."""
        with self._sql.transaction() as connection:
            sequence: int = connection.execute(_last).scalar_one() + 1
            record = _encoder.encode(replace(call, sequence=sequence, request=b"", response=b""))
            connection.execute(
                _insert,
                {"sequence": sequence, "record": record, "request": call.request, "response": call.response},
            )
            connection.execute(_count_up, {"sequence": sequence})
            if sequence % _SLACK == 0:
                gone = connection.execute(delete(_call).where(_call.c.sequence <= sequence - self.limit)).rowcount
                connection.execute(update(_counters).values(dropped=_counters.c.dropped + gone))
        with self._news:
            self._written += 1
            self._news.notify_all()
        return replace(call, sequence=sequence)

    def calls(self, after: int = 0) -> list[Call]:
        """The calls that are kept after a number, oldest first, without their raw bytes (`one` has them)."""
        rows = self._sql.read(_list, {"after": after})
        return [_decoder.decode(row.record) for row in rows[-self.limit :]]

    def count(self) -> int:
        """How many calls are kept."""
        kept: int = self._sql.read(_count)[0][0]
        return min(self.limit, kept)

    def whole(self) -> Iterator[Call]:
        """The calls that are kept, oldest first, with their raw bytes."""
        for row in self._sql.read(_whole)[-self.limit :]:
            yield replace(_decoder.decode(row.record), request=row.request, response=row.response)

    def one(self, sequence: int) -> Call | None:
        """One call with its raw bytes, `None` when it is not there (any more)."""
        for row in self._sql.read(_one, {"sequence": sequence}):
            return replace(_decoder.decode(row.record), request=row.request, response=row.response)
        return None

    @property
    def last(self) -> int:
        """The number of the last call that was written, kept or not; 0 when there was none."""
        last: int = self._sql.read(_last)[0][0]
        return last

    @property
    def dropped(self) -> int:
        """How many calls were too many, and are gone."""
        row = self._sql.read(_dropped)[0]
        dropped: int = row.dropped
        kept: int = row.kept
        return dropped + max(0, kept - self.limit)

    def clear(self) -> int:
        """Forget every call; the numbers go on. How many were forgotten."""
        with self._sql.transaction() as connection:
            forgotten: int = connection.execute(delete(_call)).rowcount
            connection.execute(update(_counters).values(dropped=0))
        return forgotten

    def delete(self, sequence: int) -> bool:
        """Forget one call; whether it was there."""
        with self._sql.transaction() as connection:
            return bool(connection.execute(delete(_call).where(_call.c.sequence == sequence)).rowcount)

    def wait_for(self, enough: Callable[[], bool], seconds: float, over: Callable[[], bool] = lambda: False) -> bool:
        """Wait until something is so, looked at whenever a call came, or all waiting is over; whether it was so."""
        deadline = stopwatch() + seconds
        while True:
            seen = self._written  # before the look: what comes during it is looked at again
            if enough():
                return True
            left = deadline - stopwatch()
            if left <= 0 or over():
                return False
            with self._news:
                self._news.wait_for(lambda seen=seen: self._written != seen, min(left, _POLL_SECONDS))  # type: ignore[misc]
