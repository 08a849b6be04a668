"""What the REST API says of its own use: calls by user and errors by code, of a day and of the last seven."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from mockmkto.engine.limits import quota_day
from mockmkto.errors import UNCOUNTED, RestCode
from mockmkto.store import usage
from mockmkto.store.database import Session

__all__ = ["UsageDay", "errors_of_days", "note_call", "note_error", "usage_of_days"]


class UsageDay(NamedTuple):
    """What was counted on a day: how much of it by whom, or of what."""

    day: str  # 2015-10-17
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(number for _, number in self.counts)


def note_call(session: Session, user: str) -> None:
    """Count a call of this user that was answered."""
    usage.count(session, quota_day(session.now), usage.CALLS, user)


def note_error(session: Session, user: str, code: RestCode) -> None:
    """Count a call of this user that was answered by an error: as an error, and as a call unless it is free."""
    usage.count(session, quota_day(session.now), usage.ERRORS, str(code.value))
    if code not in UNCOUNTED:
        note_call(session, user)


def usage_of_days(session: Session, days: int) -> list[UsageDay]:
    """The calls of the last days that had any, the latest first (its order is assumed); today is among them always.

    A day begins at midnight in US Central, as that of the quota (inferred).
    """
    return _of_days(session, days, usage.CALLS)


def errors_of_days(session: Session, days: int) -> list[UsageDay]:
    """The errors of the last days, as `usage_of_days` shows calls, by the number of their code."""
    return [
        UsageDay(item.day, tuple(sorted(item.counts, key=lambda count: int(count[0]))))
        for item in _of_days(session, days, usage.ERRORS)
    ]


def _of_days(session: Session, days: int, kind: str) -> list[UsageDay]:
    today = date.fromisoformat(quota_day(session.now))
    found = []
    for ago in range(days):
        day = (today - timedelta(days=ago)).isoformat()
        counts = tuple(usage.counts(session, day, kind))
        if counts or not ago:
            found.append(UsageDay(day, counts))
    return found
