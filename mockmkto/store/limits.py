"""What the limits count: the calls of the day, and those of the last 20 seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select, update

from mockmkto.store.session import Session
from mockmkto.store.tables import day_count, recent_call

__all__ = ["WINDOW", "calls_of_day", "calls_since", "count_call", "counts", "forget", "put_counts"]

WINDOW = timedelta(seconds=20)

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

_of_day = select(day_count.c.calls).where(day_count.c.day == bindparam("day"))
_since = select(func.count()).select_from(recent_call).where(recent_call.c.at_us > bindparam("since"))
_older = delete(recent_call).where(recent_call.c.at_us <= bindparam("since"))
_count_recent = insert(recent_call).values(
    id=select(func.coalesce(func.max(recent_call.c.id), 0) + 1).scalar_subquery(), at_us=bindparam("at_us")
)
_count_day = update(day_count).where(day_count.c.day == bindparam("on_day")).values(calls=day_count.c.calls + 1)
_begin_day = insert(day_count).values(day=bindparam("on_day"), calls=1)
_days = select(day_count).order_by(day_count.c.day)
_recent = select(recent_call.c.at_us).order_by(recent_call.c.id)
_put_days = insert(day_count)
_put_recent = insert(recent_call)
_forget_days = delete(day_count)
_forget_recent = delete(recent_call)


def calls_of_day(session: Session, day: str) -> int:
    """How many calls have been counted on this day."""
    row = session.first(_of_day, {"day": day})
    return row.calls if row is not None else 0


def calls_since(session: Session, moment: datetime) -> int:
    """How many calls have been counted after this moment."""
    counted: int = session.rows(_since, {"since": _microseconds(moment)})[0][0]
    return counted


def count_call(session: Session, day: str, at: datetime) -> None:
    """Count one call, and forget those that no window reaches any more."""
    session.run(_older, {"since": _microseconds(at - WINDOW)})
    session.run(_count_recent, {"at_us": _microseconds(at)})
    if not session.run(_count_day, {"on_day": day}):
        session.run(_begin_day, {"on_day": day})


def counts(session: Session) -> tuple[dict[str, int], tuple[datetime, ...]]:
    """What was counted: the calls of each day, and when the recent ones were."""
    days = {row.day: row.calls for row in session.rows(_days)}
    return days, tuple(_EPOCH + timedelta(microseconds=row.at_us) for row in session.rows(_recent))


def put_counts(session: Session, days: Mapping[str, int], recent: Iterable[datetime]) -> None:
    """Have these counts, in a subscription that has none."""
    session.run_many(_put_days, [{"day": day, "calls": calls} for day, calls in days.items()])
    session.run_many(_put_recent, [{"id": place, "at_us": _microseconds(at)} for place, at in enumerate(recent, 1)])


def forget(session: Session) -> None:
    """Begin to count anew."""
    session.run(_forget_recent)
    session.run(_forget_days)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
