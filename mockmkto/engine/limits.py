"""Quotas and rates (documented): SOAP 10,000 calls a day, REST 50,000; each 100 in 20 seconds and 10 at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from mockmkto.errors import UNCOUNTED, Code, Fault, MarketoError, RestCode, RestError
from mockmkto.model import Behaviour, Limits
from mockmkto.store.database import Session
from mockmkto.store.limits import WINDOW, Count, count_of

__all__ = ["check_limits", "counted_as", "give_back", "group_at_once", "limits_of", "quota_day"]

_NONE = Limits(None, None, None)

QUOTA_ZONE = ZoneInfo("America/Chicago")  # "resets daily at 12:00AM CST"


def quota_day(moment: datetime) -> str:
    """The day that a call at this moment counts for: 2026-03-14."""
    return moment.astimezone(QUOTA_ZONE).date().isoformat()


def limits_of(behaviour: Behaviour, api: str) -> Limits | None:
    """The limits of an API, `None` where nothing is limited."""
    return behaviour.rest_limits if api == "rest" else behaviour.limits


def counted_as(behaviour: Behaviour, api: str) -> str:
    """The API with whose calls one of this API is counted: whether both had one count is not known."""
    return "soap" if behaviour.limit_counters == "shared" else api


def group_at_once(behaviour: Behaviour, api: str) -> str | None:
    """Among which calls one of this API is under way, where their number is limited; `None` where it is not."""
    if behaviour.limits is None and behaviour.rest_limits is None:
        return None
    limits = _limits_of_all(behaviour, api)
    if any(item is not None and item.at_once is not None for item in limits):
        return counted_as(behaviour, api)
    return None


def _limits_of_all(behaviour: Behaviour, api: str) -> tuple[Limits | None, ...]:
    """The limits of every API whose calls are counted with those of this one."""
    if behaviour.limit_counters == "shared":
        return behaviour.limits, behaviour.rest_limits
    return (limits_of(behaviour, api),)


def check_limits(session: Session, at_once: int, api: str) -> bool:
    """Count this call against the limits of its API; whether there are any.

    A call that is refused does not count (assumed), or a client that goes on calling would never be let in again.
    Time is the subscription's.

    Raises:
        MarketoError, RestError: 20015 or 607, the day's quota is used up; 20023 or 606, too many in 20 seconds; 20024
            or 615, too many at once, of which `at_once` says how many there are, this one included (documented; their
            order is assumed).
    """
    behaviour = session.world.behaviour
    limits = limits_of(behaviour, api)
    if limits is None:
        if all(item is None for item in _limits_of_all(behaviour, api)):
            return False
        limits = _NONE
    day, counted = quota_day(session.now), _count(session, api)
    if limits.per_day is not None and counted.of_day(session, day) >= limits.per_day:
        raise _of_day(limits.per_day, api)
    recent = counted.since(session, session.now - WINDOW)
    if limits.per_20_seconds is not None and recent >= limits.per_20_seconds:
        raise _of_rate(limits.per_20_seconds, api)
    if limits.at_once is not None and at_once > limits.at_once:
        raise _of_those_at_once(limits.at_once, api)
    counted.add(session, day, session.now)
    return True


def give_back(session: Session, api: str, fault: Fault) -> None:
    """Have a call not counted that was answered by an error that counts neither against day nor rate (documented)."""
    if isinstance(fault, RestError) and fault.code in UNCOUNTED:
        _count(session, api).take_back(session, quota_day(session.now))


def _count(session: Session, api: str) -> Count:
    return count_of(counted_as(session.world.behaviour, api))


def _of_day(most: int, api: str) -> Fault:
    if api == "rest":
        return RestError(RestCode.DAILY_QUOTA_REACHED)
    return MarketoError(Code.REQUEST_LIMIT_EXCEEDED, f"Request limit of {most} calls a day exceeded")


def _of_rate(most: int, api: str) -> Fault:
    if api == "rest":
        return RestError.rate_limit(most)
    return MarketoError(Code.RATE_LIMIT_EXCEEDED, f"Rate limit of {most} calls in 20 seconds exceeded")


def _of_those_at_once(most: int, api: str) -> Fault:
    if api == "rest":
        return RestError.at_once(most)
    return MarketoError(Code.CONCURRENCY_LIMIT_EXCEEDED, f"Concurrency limit of {most} calls at once exceeded")
