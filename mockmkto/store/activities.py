"""The activity log: what is written into it, and how it is read: by lead, by time, by type.

Every query here goes through an index and reads no more than it answers, counts aside; a test reads SQLite's plan of
each (`FINDERS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, Select, bindparam, delete, insert, select, tuple_, update

from mockmkto.model import Activity, NewActivity
from mockmkto.store.database import Counter, Session
from mockmkto.store.tables import activity

__all__ = [
    "FINDERS",
    "Place",
    "add",
    "all_activities",
    "at_or_before",
    "by_id",
    "delete_of_lead",
    "highest_id",
    "insert_many",
    "last_times",
    "move",
    "one_by_one",
    "place_of",
    "remove",
    "seconds",
]

_MOST_AT_ONCE = 200
_BEFORE_ALL = -(2**63)

_insert = insert(activity)
_by_id = select(activity).where(activity.c.id == bindparam("id"))
_place_of = select(activity.c.at, activity.c.id).where(activity.c.id == bindparam("id"))
_last_id_before = (
    select(activity.c.at, activity.c.id).where(activity.c.id < bindparam("id")).order_by(activity.c.id.desc()).limit(1)
)
_highest_id = select(activity.c.id).order_by(activity.c.id.desc()).limit(1)
_of_type = (
    select(activity.c.asset, activity.c.at)
    .where(activity.c.lead_id == bindparam("lead_id"), activity.c.type == bindparam("type"))
    .order_by(activity.c.at, activity.c.id)
)
_slice = (
    select(activity)
    .where(tuple_(activity.c.at, activity.c.id) > tuple_(bindparam("at"), bindparam("id")))
    .order_by(activity.c.at, activity.c.id)
    .limit(bindparam("most"))
)
_move = update(activity).where(activity.c.lead_id == bindparam("from_lead")).values(lead_id=bindparam("to_lead"))
_delete_of_lead = delete(activity).where(activity.c.lead_id == bindparam("of_lead"))
_delete = delete(activity).where(activity.c.id == bindparam("activity_id"))

FINDERS: Mapping[str, Select[Any]] = {
    "activity by id": _by_id,
    "place of an activity": _place_of,
    "place before an activity": _last_id_before,
    "activities of a type of a lead": _of_type,
    "activities, some at a time": _slice,
}


class Place(Struct, frozen=True, order=True):
    """A place in the order of the log."""

    at: int  # seconds since 1970
    id: int


def seconds(moment: datetime) -> int:
    """A moment as the log keeps it: in whole seconds since 1970, what is more is cut off."""
    return int(moment.timestamp() // 1)


def add(session: Session, new: Sequence[NewActivity]) -> None:
    """Write what happened now, in this order."""
    at = seconds(session.now)
    session.run_many(
        _insert,
        [
            {
                "id": session.take_id(Counter.ACTIVITY),
                "lead_id": item.lead_id,
                "at": at,
                "type": str(item.type),
                "asset": item.asset,
                "campaign": item.campaign,
                "attributes": [list(pair) for pair in item.attributes],
            }
            for item in new
        ],
    )


def insert_many(session: Session, there: Iterable[Activity]) -> None:
    """Write what happened at some time or other; the ids that are handed out later are above theirs."""
    rows = []
    for item in there:
        session.reserve_ids(Counter.ACTIVITY, item.id)
        rows.append(
            {
                "id": item.id,
                "lead_id": item.lead_id,
                "at": seconds(item.at),
                "type": item.type,
                "asset": item.asset,
                "campaign": item.campaign,
                "attributes": [list(pair) for pair in item.attributes],
            }
        )
    session.run_many(_insert, rows)


def by_id(session: Session, activity_id: int) -> Activity | None:
    """The activity of that id."""
    row = session.first(_by_id, {"id": activity_id})
    return from_row(row) if row is not None else None


def place_of(session: Session, activity_id: int) -> Place | None:
    """Where the activity of that id is in the log."""
    row = session.first(_place_of, {"id": activity_id})
    return Place(row.at, row.id) if row is not None else None


def last_times(session: Session, lead_id: int, type: str) -> dict[str, datetime]:
    """When something of that type last happened to a lead, by what it was about."""
    rows = session.rows(_of_type, {"lead_id": lead_id, "type": type})
    return {row.asset: datetime.fromtimestamp(row.at, UTC) for row in rows}


def at_or_before(session: Session, activity_id: int) -> Place | None:
    """Where that activity is in the log, and if it is gone, the one of the next smaller id."""
    place = place_of(session, activity_id)
    if place is not None:
        return place
    row = session.first(_last_id_before, {"id": activity_id})
    return Place(row.at, row.id) if row is not None else None


def move(session: Session, *, from_lead: int, to_lead: int) -> int:
    """Everything that one lead did, another did; how much that is."""
    return session.run(_move, {"from_lead": from_lead, "to_lead": to_lead})


def delete_of_lead(session: Session, lead_id: int) -> None:
    """Forget what a lead did."""
    session.run(_delete_of_lead, {"of_lead": lead_id})


def remove(session: Session, activity_id: int) -> bool:
    """Forget one activity; whether there was one."""
    return session.run(_delete, {"activity_id": activity_id}) > 0


def all_activities(session: Session) -> tuple[Activity, ...]:
    """The whole log, in its order."""
    return tuple(one_by_one(session))


def highest_id(session: Session) -> int | None:
    """Of the log; `None` where there is none."""
    row = session.first(_highest_id)
    return row.id if row is not None else None


def one_by_one(session: Session) -> Iterator[Activity]:
    """The same, some of them in memory at a time. Within one transaction."""
    after = {"at": _BEFORE_ALL, "id": 0}
    while rows := session.rows(_slice, {**after, "most": _MOST_AT_ONCE}):
        yield from map(from_row, rows)
        after = {"at": rows[-1].at, "id": rows[-1].id}


def from_row(row: Row[Any]) -> Activity:
    """The activity of a row of the table."""
    return Activity(
        id=row.id,
        lead_id=row.lead_id,
        at=datetime.fromtimestamp(row.at, UTC),
        type=row.type,
        asset=row.asset,
        attributes=tuple((name, value) for name, value in row.attributes),
        campaign=row.campaign,
    )
