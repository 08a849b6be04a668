"""The journal of a subscription: its last calls, in a database of their own beside the subscription's.

A restored snapshot of the leads must not rewrite the history of calls, and a call must not commit twice. The oldest
call goes first, by number and by bytes; how many went is known, so that every answer can say so.

Where the journal outlives the process, or others write it too, a call is in it before it is answered. In memory nothing
would be gained by that: calls are written many at once, and before anybody reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import (
    Column,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import OperationalError

from mockmkto.clock import stopwatch
from mockmkto.deadlines import put_off
from mockmkto.model import Call
from mockmkto.model.moments import encodable
from mockmkto.pauses import pause
from mockmkto.settings import DEFAULT_JOURNAL_BYTES, DEFAULT_JOURNAL_SIZE
from mockmkto.store.backend import SqlDatabase
from mockmkto.store.statements import Statements, Values
from mockmkto.store.tables import NUMBER

__all__ = ["LONGEST_BODY", "Journal", "journal_metadata"]

LONGEST_BODY = 256 * 1024  # bytes of a request, and of an answer: a longer one is kept cut

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
_size = func.length(_call.c.record) + func.length(_call.c.request) + func.length(_call.c.response)
_sizes = select(_call.c.sequence, func.sum(_size).over(order_by=_call.c.sequence.desc()).label("so_far")).subquery()

# The last number is that of the last call, or where that is gone, the one that was noted before it went.
_highest = select(func.max(_call.c.sequence)).scalar_subquery()
_last_sequence = case((_highest > _counters.c.last_sequence, _highest), else_=_counters.c.last_sequence)
_last = select(_last_sequence.label("last_sequence")).select_from(_counters)
_insert = insert(_call)
_append = insert(_call).values(sequence=select(_last_sequence + 1).scalar_subquery()).returning(_call.c.sequence)
_begin = insert(_counters)
_note_last = update(_counters).values(last_sequence=_last_sequence)
_list = select(_call.c.sequence, _call.c.record).where(_call.c.sequence > bindparam("after")).order_by(_call.c.sequence)
_count = select(func.count()).select_from(_call)
_dropped = select(_counters.c.dropped, _count.scalar_subquery().label("kept"))
_whole = select(_call).order_by(_call.c.sequence)
_one = select(_call).where(_call.c.sequence == bindparam("sequence"))
_bytes = select(func.coalesce(func.sum(_size), 0))
_too_many_bytes = select(func.max(_sizes.c.sequence)).where(_sizes.c.so_far > bindparam("most"))
_drop = delete(_call).where(_call.c.sequence <= bindparam("up_to"))
_count_dropped = update(_counters).values(dropped=_counters.c.dropped + bindparam("gone"))
_forget_dropped = update(_counters).values(dropped=0)
_clear = delete(_call)
_delete = delete(_call).where(_call.c.sequence == bindparam("sequence"))

_encoder = msgspec.msgpack.Encoder(enc_hook=encodable)
_decoder = msgspec.msgpack.Decoder(Call)

_SLACK = 64  # so many calls are written at once, where they may be, and the oldest go by this many
_SLACK_BYTES = 1024**2
_ROOM = 16  # the oldest go until so much less than the most is left: a sixteenth
_POLL_SECONDS = 0.05  # another server may write into the same journal


class Journal:
    """The last calls of one subscription. Safe to use from many threads.

    Args:
        database: where they are kept.
        limit: how many at most.
        most_bytes: of how many bytes at most, bodies and records together.
    """

    def __init__(
        self, database: SqlDatabase, limit: int = DEFAULT_JOURNAL_SIZE, most_bytes: int = DEFAULT_JOURNAL_BYTES
    ) -> None:
        self.limit = limit
        self._most_bytes = most_bytes
        self._news = threading.Condition()
        self._written = 0  # by this process: whoever waits looks again when it moved
        self._sql = database
        self._writing = threading.RLock()
        self._pending: list[Values] = []
        self._pending_bytes = 0
        self._bytes = 0  # that are kept, as far as is known here
        self._counted_at = 0  # the call at which they were counted
        database.create_tables()
        with database.transaction() as connection:
            statements = Statements(connection)
            if statements.first(_last) is None:
                statements.run(_begin, {"id": 1, "last_sequence": 0, "dropped": 0})
            self._at_once = not database.ends_with_process
            self._last: int = statements.rows(_last)[0][0]
            self._bytes = int(statements.rows(_bytes)[0][0])
            self._counted_at = self._last

    # -----------------------------------------------------------------------------------------------------------------
    # Writing

    def add(self, call: Call) -> Call:
        """Store a call, its bodies cut where they are very long, and wake whoever waits for one; it with its number."""
        if self._at_once:
            row = _row(call)
            sequence = _number(self._sql.append(_append, row))
            with self._writing:
                self._bytes += _bytes_of(row)
                if self._is_time_to_look(sequence, 1):
                    with suppress(OperationalError), self._sql.transaction() as connection:  # it will be time again
                        self._drop_the_oldest(Statements(connection), sequence, 1)
        else:
            with self._writing:
                sequence = self._last + 1
                row = _row(call, sequence)
                self._last = sequence
                self._pending.append(row)
                self._pending_bytes += _bytes_of(row)
                if len(self._pending) >= _SLACK or self._pending_bytes >= _SLACK_BYTES:
                    self._write_pending()
        with self._news:
            self._written += 1
            self._news.notify_all()
        return call.numbered(sequence)

    def turn_at_once(self, until: ExitStack) -> bool:
        """See to it that this thread need not wait to add a call until that ends; whether it can be."""
        if not self._writing.acquire(blocking=False):
            return False
        until.push(self._writing)
        return self._sql.turn_at_once(until)

    def _write_pending(self) -> None:
        """Write what is not written yet. What cannot be written is dropped, or it would grow without an end."""
        pending, size = self._pending, self._pending_bytes
        if not pending:
            return
        self._pending, self._pending_bytes = [], 0
        with self._sql.transaction() as connection:
            statements = Statements(connection)
            statements.run_many(_insert, pending)
            self._bytes += size
            self._drop_the_oldest(statements, self._last, len(pending))

    def _drop_the_oldest(self, statements: Statements, last: int, added: int) -> None:
        """Drop what is too much; looked at now and then: what is read is counted off from the newest anyway."""
        gone = 0
        if _passed_a_mark(last, added):
            gone += statements.run(_drop, {"up_to": last - self.limit})
        if self._may_be_too_long(last):
            self._bytes = int(statements.rows(_bytes)[0][0])
            self._counted_at = last
            if self._bytes > self._most_bytes:
                most = self._most_bytes - self._most_bytes // _ROOM
                up_to = statements.rows(_too_many_bytes, {"most": most})[0][0]
                statements.run(_note_last)
                gone += statements.run(_drop, {"up_to": up_to})
                self._bytes = most
        if gone:
            statements.run(_count_dropped, {"gone": gone})

    def _is_time_to_look(self, last: int, added: int) -> bool:
        return _passed_a_mark(last, added) or self._may_be_too_long(last)

    def _may_be_too_long(self, last: int) -> bool:
        # Others add bytes that are not known here, but calls that are.
        unknown = self._at_once and last - self._counted_at >= min(self.limit, _SLACK * 8)
        return unknown or self._bytes > self._most_bytes

    def clear(self) -> int:
        """Forget every call; the numbers go on. How many were forgotten."""
        with self._writing:
            self._write_pending()
            with self._sql.transaction() as connection:
                statements = Statements(connection)
                statements.run(_note_last)
                forgotten = statements.run(_clear)
                statements.run(_forget_dropped)
                self._bytes = 0
        return forgotten

    def delete(self, sequence: int) -> bool:
        """Forget one call; whether it was there."""
        with self._writing:
            self._write_pending()
            with self._sql.transaction() as connection:
                statements = Statements(connection)
                statements.run(_note_last)
                return bool(statements.run(_delete, {"sequence": sequence}))

    # -----------------------------------------------------------------------------------------------------------------
    # Reading

    def _read(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        if not self._at_once:
            with self._writing:  # also if nothing waits: somebody may be about to write it
                self._write_pending()
        return self._sql.read(statement, values)

    def calls(self, after: int = 0) -> list[Call]:
        """The calls that are kept after a number, oldest first, without their raw bytes (`one` has them)."""
        rows = self._read(_list, {"after": after})
        return [_record_of(row) for row in rows[-self.limit :]]

    def count(self) -> int:
        """How many calls are kept."""
        kept: int = self._read(_count)[0][0]
        return min(self.limit, kept)

    def whole(self) -> Iterator[Call]:
        """The calls that are kept, oldest first, with their raw bytes."""
        for row in self._read(_whole)[-self.limit :]:
            yield _call_of(row)

    def one(self, sequence: int) -> Call | None:
        """One call with its raw bytes, `None` when it is not there (any more)."""
        for row in self._read(_one, {"sequence": sequence}):
            return _call_of(row)
        return None

    @property
    def last(self) -> int:
        """The number of the last call that was written, kept or not; 0 when there was none."""
        last: int = self._read(_last)[0][0]
        return last

    @property
    def dropped(self) -> int:
        """How many calls were too many, or too long, and are gone."""
        row = self._read(_dropped)[0]
        dropped: int = row.dropped
        kept: int = row.kept
        return dropped + max(0, kept - self.limit)

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
            began = stopwatch()
            with pause(), self._news:
                self._news.wait_for(lambda seen=seen: self._written != seen, min(left, _POLL_SECONDS))  # type: ignore[misc]
            put_off(stopwatch() - began)


def _row(call: Call, sequence: int | None = None) -> dict[str, Any]:
    """What is stored of a call: the record, and beside it the bodies, which few who look for a call want to see.

    Without a number, that is still to be given to it, and stands beside the record alone.
    """
    request, response = call.request[:LONGEST_BODY], call.response[:LONGEST_BODY]
    record = call.without_bodies(
        sequence or 0,
        request_bytes=len(call.request) if len(call.request) > LONGEST_BODY else None,
        response_bytes=len(call.response) if len(call.response) > LONGEST_BODY else None,
    )
    row = {"record": _encoder.encode(record), "request": request, "response": response}
    return row if sequence is None else {"sequence": sequence, **row}


def _passed_a_mark(last: int, added: int) -> bool:
    """Whether it is time, by the numbers of the calls that were added, to drop those above the limit."""
    return last // _SLACK != (last - added) // _SLACK


def _number(row: Row[Any] | None) -> int:
    if row is None:
        raise LookupError("the journal has no counters: it was not made to its end")
    number: int = row[0]
    return number


def _bytes_of(row: Values) -> int:
    return len(row["record"]) + len(row["request"]) + len(row["response"])


def _record_of(row: Row[Any]) -> Call:
    record = _decoder.decode(row.record)
    return record if record.sequence else record.numbered(row.sequence)


def _call_of(row: Row[Any]) -> Call:
    return replace(_decoder.decode(row.record), sequence=row.sequence, request=row.request, response=row.response)
