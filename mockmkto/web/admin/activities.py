"""`/activities`: the activity log. What is put there or taken away is no call: it is there, or it is not."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from mockmkto.model import Activity, display_type
from mockmkto.model.moments import Moment
from mockmkto.store import activities, leads, log
from mockmkto.store.database import Counter
from mockmkto.web.admin.pieces import Id, checked_piece
from mockmkto.web.admin.problems import Wrong, conflict, not_found, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, View, also
from mockmkto.worlds.activities import check_activity
from mockmkto.worlds.activity_entry import ActivityEntry
from mockmkto.worlds.values import OPEN

__all__ = ["add", "one", "remove", "show"]


class ActivityAttribute(View, frozen=True, kw_only=True):
    """A name and its value."""

    name: str
    value: str


class LoggedView(View, frozen=True, kw_only=True):
    """An activity as it is stored; `at` is in whole seconds. The attributes stand in the order of answers."""

    id: int
    lead: int
    at: Moment
    type: str
    asset: str
    campaign: str | None
    attributes: tuple[ActivityAttribute, ...]


class ActivityQuery(Query, frozen=True, kw_only=True):
    """Which activities: those of a lead, of a type by either name; in which order; behind which id in it, how many."""

    lead: Id | None = None
    type: str | None = None
    order: Literal["newest", "oldest"] = "newest"
    behind: Id | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class LoggedList(View, frozen=True, kw_only=True):
    """A page of activities; how many there are on all pages; and the next page."""

    activities: tuple[LoggedView, ...]
    total: int
    next: str | None


class NewLogged(Body, frozen=True, kw_only=True):
    """An activity; without an id it gets the next one, without a time it happens now. `type` is either of its names."""

    id: Id | None = None
    lead: Id
    type: str
    asset: str = ""
    campaign: str | None = None
    at: str | None = None
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


def show(asked: Subscription, query: ActivityQuery) -> LoggedList:
    """The activity log."""
    kind = (display_type(query.type) or query.type.strip(),) if query.type is not None else None
    wanted = log.Query(
        (query.lead,) if query.lead is not None else None, include=kind, newest_first=query.order == "newest"
    )
    with asked.database.transaction() as session:
        behind = activities.place_of(session, query.behind) if query.behind is not None else None
        if query.behind is not None and behind is None:
            raise not_found("query.behind", "activity", str(query.behind))
        found = log.page(session, wanted, behind=behind, limit=query.limit)
        total = log.count(session, wanted)
        last = activities.Place(activities.seconds(found[-1].at), found[-1].id) if found else None
        more = last is not None and log.page(session, wanted, behind=last, limit=1)
    following = None
    if more and last is not None:
        given: dict[str, str | int] = {"order": query.order, "behind": last.id, "limit": query.limit}
        if query.lead is not None:
            given["lead"] = query.lead
        if query.type is not None:
            given["type"] = query.type
        following = asked.url("/activities", **given)
    return LoggedList(activities=tuple(map(_view, found)), total=total, next=following)


@also(409, "The id is another activity's.")
def add(asked: Subscription, body: NewLogged) -> Created[LoggedView]:
    """Have something in the activity log."""
    with asked.database.transaction() as session:
        if leads.by_id(session, body.lead) is None:
            raise wrong(Wrong("body.lead", "the Id of a lead", shown(body.lead)))
        if body.id is not None and activities.by_id(session, body.id) is not None:
            raise conflict("body.id", f"There is an activity {body.id} already.", body.id)
        entry = ActivityEntry(
            lead=body.lead,
            type=body.type,
            asset=body.asset,
            campaign=body.campaign,
            at=body.at,
            attributes=dict(body.attributes),
        )
        checked = checked_piece(session.world, (), lambda values: check_activity(entry, (), body.lead, values))
        made = replace(
            checked,
            id=body.id if body.id is not None else session.take_id(Counter.ACTIVITY),
            at=session.now.replace(microsecond=0) if checked.at == OPEN else checked.at,
        )
        activities.insert_many(session, [made])
    return Created(_view(made), asked.url(f"/activities/{made.id}"))


def one(asked: Subscription, id: int) -> LoggedView:
    """One activity."""
    with asked.database.transaction() as session:
        found = activities.by_id(session, id)
    if found is None:
        raise not_found("path.id", "activity", str(id))
    return _view(found)


def remove(asked: Subscription, id: int) -> None:
    """Have something not in the activity log any more."""
    with asked.database.transaction() as session:
        if not activities.remove(session, id):
            raise not_found("path.id", "activity", str(id))


def _view(item: Activity) -> LoggedView:
    return LoggedView(
        id=item.id,
        lead=item.lead_id,
        at=item.at,
        type=item.type,
        asset=item.asset,
        campaign=item.campaign,
        attributes=tuple(ActivityAttribute(name=name, value=value) for name, value in item.attributes),
    )
