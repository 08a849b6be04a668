"""What the REST API says of its own use. Every client may ask (documented)."""

from __future__ import annotations

from mockmkto.engine.usage import UsageDay, errors_of_days, usage_of_days
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered

__all__ = ["errors", "errors_of_week", "usage", "usage_of_week"]

_WEEK = 7


def usage(call: RestCall) -> Answered:
    """How often each user called today."""
    return Answered([_usage(day) for day in usage_of_days(call.session, 1)])


def usage_of_week(call: RestCall) -> Answered:
    """The same of each of the last seven days."""
    return Answered([_usage(day) for day in usage_of_days(call.session, _WEEK)])


def errors(call: RestCall) -> Answered:
    """How often there was each error today."""
    return Answered([_errors(day) for day in errors_of_days(call.session, 1)])


def errors_of_week(call: RestCall) -> Answered:
    """The same of each of the last seven days."""
    return Answered([_errors(day) for day in errors_of_days(call.session, _WEEK)])


def _usage(day: UsageDay) -> dict[str, object]:
    users = [{"userId": user, "count": number} for user, number in day.counts]
    return {"date": day.day, "total": day.total, "users": users}


def _errors(day: UsageDay) -> dict[str, object]:
    codes = [{"errorCode": code, "count": number} for code, number in day.counts]
    return {"date": day.day, "total": day.total, "errors": codes}
