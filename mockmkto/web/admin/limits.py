"""`/limits`: how often each API may be called, and how often it was."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from mockmkto.engine.limits import counted_as, limits_of, quota_day
from mockmkto.settings import SettingError, behaviour_from, behaviour_texts
from mockmkto.store.database import Session
from mockmkto.store.limits import WINDOW, Count, count_of
from mockmkto.web.admin.problems import Wrong, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Query, Subscription, View

__all__ = ["LimitsQuery", "LimitsView", "NewLimits", "change", "forget", "show"]


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


class LimitsQuery(Query, frozen=True, kw_only=True):
    """Of which API."""

    api: Literal["soap", "rest"] = "soap"


_OF_SOAP = LimitsQuery()


def show(asked: Subscription, query: LimitsQuery = _OF_SOAP) -> LimitsView:
    """The limits of an API, and what was counted so far."""
    with asked.database.transaction() as session:
        return _view(session, query.api)


def change(asked: Subscription, query: LimitsQuery, body: NewLimits) -> LimitsView:
    """Set the limits of an API; what was counted stays."""
    with asked.database.transaction() as session:
        try:
            behaviour = behaviour_from({_switch(query.api): body.limits}, session.world.behaviour)
        except SettingError as error:
            raise wrong(Wrong("body.limits", error.expected, shown(body.limits))) from None
        session.world = replace(session.world, behaviour=behaviour)
        return _view(session, query.api)


def forget(asked: Subscription, query: LimitsQuery) -> None:
    """Begin to count the calls of an API anew."""
    with asked.database.transaction() as session:
        _count(session, query.api).forget(session)


def _switch(api: str) -> str:
    return "rest_limits" if api == "rest" else "limits"


def _count(session: Session, api: str) -> Count:
    return count_of(counted_as(session.world.behaviour, api))


def _view(session: Session, api: str) -> LimitsView:
    behaviour = session.world.behaviour
    limits, counted = limits_of(behaviour, api), _count(session, api)
    return LimitsView(
        limits=behaviour_texts(behaviour)[_switch(api)],
        per_day=limits.per_day if limits else None,
        per_20_seconds=limits.per_20_seconds if limits else None,
        at_once=limits.at_once if limits else None,
        calls_today=counted.of_day(session, quota_day(session.now)),
        calls_in_20_seconds=counted.since(session, session.now - WINDOW),
    )
