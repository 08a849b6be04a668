"""Quotas and rates (documented): 10,000 calls a day, 100 in 20 seconds, 10 at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from mockmkto.errors import Code, MarketoError
from mockmkto.store import limits as counted
from mockmkto.store.database import Session

__all__ = ["check_limits", "quota_day"]

QUOTA_ZONE = ZoneInfo("America/Chicago")  # "resets daily at 12:00AM CST"


def quota_day(moment: datetime) -> str:
    """The day that a call at this moment counts for: 2026-03-14."""
    return moment.astimezone(QUOTA_ZONE).date().isoformat()


def check_limits(session: Session, at_once: int) -> bool:
    """Count this call against the subscription's limits; whether there are any.

    A call that is refused does not count (assumed), or a client that goes on calling would never be let in again.
    Time is the subscription's.

    Raises:
        MarketoError: 20015 the day's quota is used up; 20023 too many in 20 seconds; 20024 too many at once, of which
            `at_once` says how many there are, this one included (documented; their order is assumed).
    """
    limits = session.world.behaviour.limits
    if limits is None:
        return False
    day = quota_day(session.now)
    if limits.per_day is not None and counted.calls_of_day(session, day) >= limits.per_day:
        raise MarketoError(Code.REQUEST_LIMIT_EXCEEDED, f"Request limit of {limits.per_day} calls a day exceeded")
    recent = counted.calls_since(session, session.now - counted.WINDOW)
    if limits.per_20_seconds is not None and recent >= limits.per_20_seconds:
        raise MarketoError(
            Code.RATE_LIMIT_EXCEEDED, f"Rate limit of {limits.per_20_seconds} calls in 20 seconds exceeded"
        )
    if limits.at_once is not None and at_once > limits.at_once:
        raise MarketoError(
            Code.CONCURRENCY_LIMIT_EXCEEDED, f"Concurrency limit of {limits.at_once} calls at once exceeded"
        )
    counted.count_call(session, day, session.now)
    return True
