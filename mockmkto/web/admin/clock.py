"""`/clock`: what time a subscription has. Everything in it that reads a time asks this clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta

from mockmkto.clock import Clock
from mockmkto.model.moments import Moment as Plain
from mockmkto.web.admin.problems import ProblemError, Wrong, not_found, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Server, Subscription, View
from mockmkto.worlds.running import BETWEEN, FIRST, LAST, signed_duration

__all__ = [
    "Advance",
    "ClockView",
    "Freeze",
    "Moment",
    "NewClock",
    "SetTime",
    "advance",
    "change",
    "freeze",
    "moment",
    "reset",
    "resume",
    "set_time",
    "show",
]

Moment = Annotated[Plain, Meta(tz=True)]


class ClockView(View, frozen=True, kw_only=True):
    """The clock: real, so many seconds off, or frozen; and what it shows."""

    mode: Literal["real", "offset", "frozen"]
    now: Plain
    offset_seconds: float
    frozen_at: Plain | None


class NewClock(Body, frozen=True, kw_only=True):
    """A clock as an answer shows it; `now` is only there so that an answer can be sent back."""

    mode: Literal["real", "offset", "frozen"]
    offset_seconds: float = 0.0
    frozen_at: Plain | None = None
    now: Plain | None = None


class Freeze(Body, frozen=True, kw_only=True):
    """When the clock stands still; its own now when this is absent."""

    at: Moment | None = None


class Advance(Body, frozen=True, kw_only=True):
    """By how much: `15m`, `1h30m`, `-1h`."""

    by: str


class SetTime(Body, frozen=True, kw_only=True):
    """What time it is."""

    to: Moment


def show(asked: Subscription) -> ClockView:
    """The clock, and what it shows."""
    with asked.database.transaction() as session:
        return _view(session.clock)


def of_user(asked: Server, user_id: str) -> ClockView:
    """The clock of the subscription that a user id opens, whichever it is: what time to sign with."""
    credential = asked.registry.credential(user_id)
    database = asked.registry.opened_by(credential) if credential is not None else None
    if database is None:
        raise not_found("path.user_id", "credential", user_id)
    with database.transaction() as session:
        return _view(session.clock)


def change(asked: Subscription, body: NewClock) -> ClockView:
    """Make the clock real, offset or frozen."""
    if body.mode == "frozen":
        return freeze(asked, Freeze(at=body.frozen_at))
    if body.mode == "real":
        return reset(asked)
    try:
        offset = timedelta(seconds=body.offset_seconds)
    except (OverflowError, ValueError):
        raise wrong(Wrong("body.offset_seconds", "a number of seconds", shown(body.offset_seconds))) from None
    return _set(asked, lambda _: Clock(offset=offset), "body.offset_seconds", body.offset_seconds)


def freeze(asked: Subscription, body: Freeze) -> ClockView:
    """Let time stand still."""
    return _set(asked, lambda clock: clock.freeze(moment(body.at, "body.at") if body.at else None), "body.at", body.at)


def advance(asked: Subscription, body: Advance) -> ClockView:
    """Let time pass, or go back; a frozen clock stays frozen."""
    try:
        by = signed_duration(body.by)
    except ValueError as error:
        raise wrong(Wrong("body.by", f"{error}, or -1h to go back", shown(body.by))) from None
    return _set(asked, lambda clock: clock.advance(by), "body.by", body.by)


def set_time(asked: Subscription, body: SetTime) -> ClockView:
    """Set the time; it runs on from there unless it is frozen."""
    return _set(asked, lambda clock: clock.set(moment(body.to, "body.to")), "body.to", body.to)


def resume(asked: Subscription) -> ClockView:
    """Let a frozen clock run on from where it stands."""
    return _set(asked, Clock.resume, "the clock", "")


def reset(asked: Subscription) -> ClockView:
    """The machine's time again."""
    return _set(asked, lambda _: Clock(), "the clock", "")


def moment(value: datetime, where: str) -> datetime:
    """A time of a request, once it is sure that it can be counted with.

    Raises:
        ProblemError: it is too near to an end of the calendar.
    """
    try:
        in_utc = value.astimezone(UTC)
    except (OverflowError, ValueError):
        raise wrong(Wrong(where, BETWEEN, value.isoformat())) from None
    if not FIRST <= in_utc < LAST:
        raise wrong(Wrong(where, BETWEEN, value.isoformat()))
    return in_utc


def _set(asked: Subscription, change: Callable[[Clock], Clock], where: str, got: object) -> ClockView:
    with asked.database.transaction() as session:
        try:
            clock = change(session.clock)
            moment(clock.now(), where)
        except (OverflowError, ProblemError):
            raise wrong(Wrong(where, f"what leads to {BETWEEN}", shown(str(got)))) from None
        session.clock = clock
        return _view(clock)


def _view(clock: Clock) -> ClockView:
    mode: Literal["real", "offset", "frozen"] = "offset" if clock.offset else "real"
    return ClockView(
        mode="frozen" if clock.frozen_at is not None else mode,
        now=clock.now(),
        offset_seconds=clock.offset.total_seconds(),
        frozen_at=clock.frozen_at,
    )
