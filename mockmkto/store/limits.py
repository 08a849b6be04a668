"""What the limits count: the calls of the day, and those of the last 20 seconds, of each API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from mockmkto.store.session import Session
from mockmkto.store.tables import day_count, recent_call, rest_day_count, rest_recent_call

__all__ = ["REST", "SOAP", "WINDOW", "Count", "count_of"]

WINDOW = timedelta(seconds=20)

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Count:
    """One count of calls.

    Args:
        days: the table of the calls of each day.
        recent: the table of the calls of the last 20 seconds.
    """

    def __init__(self, days: Table, recent: Table) -> None:
        self._of_day = select(days.c.calls).where(days.c.day == bindparam("day"))
        self._since = select(func.count()).select_from(recent).where(recent.c.at_us > bindparam("since"))
        self._older = delete(recent).where(recent.c.at_us <= bindparam("since"))
        self._count_recent = insert(recent).values(
            id=select(func.coalesce(func.max(recent.c.id), 0) + 1).scalar_subquery(), at_us=bindparam("at_us")
        )
        self._count_day = update(days).where(days.c.day == bindparam("on_day"))
        self._count_day = self._count_day.values(calls=days.c.calls + bindparam("more"))
        self._begin_day = insert(days).values(day=bindparam("on_day"), calls=1)
        self._days = select(days).order_by(days.c.day)
        self._recent = select(recent.c.at_us).order_by(recent.c.id)
        self._put_days = insert(days)
        self._put_recent = insert(recent)
        self._forget_last = delete(recent).where(recent.c.id == select(func.max(recent.c.id)).scalar_subquery())
        self._forget = (delete(recent), delete(days))

    def of_day(self, session: Session, day: str) -> int:
        """How many calls have been counted on this day."""
        row = session.first(self._of_day, {"day": day})
        return row.calls if row is not None else 0

    def since(self, session: Session, moment: datetime) -> int:
        """How many calls have been counted after this moment."""
        counted: int = session.rows(self._since, {"since": _microseconds(moment)})[0][0]
        return counted

    def add(self, session: Session, day: str, at: datetime) -> None:
        """Count one call, and forget those that no window reaches any more."""
        session.run(self._older, {"since": _microseconds(at - WINDOW)})
        session.run(self._count_recent, {"at_us": _microseconds(at)})
        if not session.run(self._count_day, {"on_day": day, "more": 1}):
            session.run(self._begin_day, {"on_day": day})

    def take_back(self, session: Session, day: str) -> None:
        """Have the call not counted that was counted last, in this very transaction."""
        session.run(self._forget_last)
        session.run(self._count_day, {"on_day": day, "more": -1})

    def all(self, session: Session) -> tuple[dict[str, int], tuple[datetime, ...]]:
        """What was counted: the calls of each day, and when the recent ones were."""
        days = {row.day: row.calls for row in session.rows(self._days)}
        return days, tuple(_EPOCH + timedelta(microseconds=row.at_us) for row in session.rows(self._recent))

    def put(self, session: Session, days: Mapping[str, int], recent: Iterable[datetime]) -> None:
        """Have these counts, in a subscription that has none."""
        session.run_many(self._put_days, [{"day": day, "calls": calls} for day, calls in days.items()])
        session.run_many(
            self._put_recent, [{"id": place, "at_us": _microseconds(at)} for place, at in enumerate(recent, 1)]
        )

    def forget(self, session: Session) -> None:
        """Begin to count anew."""
        for forgetting in self._forget:
            session.run(forgetting)


SOAP = Count(day_count, recent_call)
REST = Count(rest_day_count, rest_recent_call)


def count_of(api: str) -> Count:
    """The count of an API's own."""
    return REST if api == "rest" else SOAP


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
