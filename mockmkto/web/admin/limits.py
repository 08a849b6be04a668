"""`/limits`: how often may be called, and how often was."""

from __future__ import annotations

from msgspec.structs import replace

from mockmkto.engine.limits import quota_day
from mockmkto.settings import SettingError, behaviour_from, behaviour_texts
from mockmkto.store import limits as counted
from mockmkto.store.database import Session
from mockmkto.web.admin.problems import Wrong, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Subscription, View

__all__ = ["LimitsView", "NewLimits", "change", "forget", "show"]


class LimitsView(View, frozen=True, kw_only=True):
    """The limits as their switch says them and one by one (null: no limit), and the calls that count against them."""

    limits: str
    per_day: int | None
    per_20_seconds: int | None
    at_once: int | None
    calls_today: int
    calls_in_20_seconds: int


class NewLimits(Body, frozen=True, kw_only=True):
    """`on`, `off`, or `500/20/2`: a day, in 20 seconds, at once; `-` is no limit."""

    limits: str


def show(asked: Subscription) -> LimitsView:
    """The limits, and what was counted so far."""
    with asked.database.transaction() as session:
        return _view(session)


def change(asked: Subscription, body: NewLimits) -> LimitsView:
    """Set the limits; what was counted stays."""
    with asked.database.transaction() as session:
        try:
            behaviour = behaviour_from({"limits": body.limits}, session.world.behaviour)
        except SettingError as error:
            raise wrong(Wrong("body.limits", error.expected, shown(body.limits))) from None
        session.world = replace(session.world, behaviour=behaviour)
        return _view(session)


def forget(asked: Subscription) -> None:
    """Begin to count anew."""
    with asked.database.transaction() as session:
        counted.forget(session)


def _view(session: Session) -> LimitsView:
    behaviour = session.world.behaviour
    limits = behaviour.limits
    return LimitsView(
        limits=behaviour_texts(behaviour)["limits"],
        per_day=limits.per_day if limits else None,
        per_20_seconds=limits.per_20_seconds if limits else None,
        at_once=limits.at_once if limits else None,
        calls_today=counted.calls_of_day(session, quota_day(session.now)),
        calls_in_20_seconds=counted.calls_since(session, session.now - counted.WINDOW),
    )
