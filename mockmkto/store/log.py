"""The activity log read page by page: from a place on, of these leads, of a list's members, of these types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal_column, select, tuple_

from mockmkto.model import Activity
from mockmkto.store.activities import Place, from_row
from mockmkto.store.database import Session
from mockmkto.store.program_tables import list_member
from mockmkto.store.tables import activity, lead

__all__ = ["FINDERS", "Query", "count", "page", "skip"]

_BEGINNING = Place(-(2**62), -1)
_END = Place(2**62, 2**62)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Query:
    """Which activities are meant. Times are seconds since 1970, both included."""

    leads: tuple[int, ...] | None = None  # those of these leads alone
    list_id: int | None = None  # those of its members alone
    include: tuple[str, ...] | None = None  # types, as answers show them
    exclude: tuple[str, ...] = ()
    oldest: int | None = None
    latest: int | None = None
    created_since: str | None = None  # those of leads that were created from then on, as the leads' table writes it
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides how a query is written: everything else of it is a value."""

    by: str  # time, type, lead, list: the index that it goes through
    include: bool = False
    exclude: bool = False
    created: bool = False
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A statement's share of a query: a query of several types or leads is one statement for each."""

    shape: _Shape
    values: Mapping[str, Any]


def page(
    session: Session, query: Query, *, behind: Place | None = None, limit: int, or_at: bool = False
) -> tuple[Activity, ...]:
    """The activities behind a place in the order of the query, at most so many; `or_at`: the one there included."""
    parts = list(_parts(session, query, behind, or_at=or_at))
    found = [
        [Place(row.at, row.id) for row in session.rows(_places(part.shape), {**part.values, "limit": limit})]
        for part in parts
    ]
    ids = [place.id for place in islice(merge(*found, reverse=query.newest_first), limit)]
    rows: dict[int, Activity] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for row in session.rows(_by_ids, {"ids": ids[start : start + _AT_ONCE]}):
            rows[row.id] = from_row(row)
    return tuple(rows[number] for number in ids)


def count(session: Session, query: Query, *, behind: Place | None = None, or_at: bool = False) -> int:
    """How many activities there are behind a place."""
    total = 0
    for part in _parts(session, query, behind, or_at=or_at):
        row = session.first(_count(part.shape), part.values)
        total += int(row.activities) if row is not None else 0
    return total


def skip(session: Session, query: Query, places: int) -> Place | None:
    """The place of the so-maniest activity from the beginning; `None` when there are not so many, or for none."""
    if places <= 0:
        return None
    parts = list(_parts(session, query, None))
    found = [
        [Place(row.at, row.id) for row in session.rows(_places(part.shape), {**part.values, "limit": places})]
        for part in parts
    ]
    last = None
    for number, place in enumerate(merge(*found, reverse=query.newest_first), 1):
        last = place
        if number == places:
            return place
    return last


def _parts(session: Session, query: Query, behind: Place | None, *, or_at: bool = False) -> Iterator[_Part]:
    low, high = _bounds(query, behind, or_at=or_at)
    values: dict[str, Any] = {"low_at": low.at, "low_id": low.id, "high_at": high.at, "high_id": high.id}
    created = query.created_since is not None
    if created:
        values["created"] = query.created_since
    if query.leads is None and query.list_id is None:
        types = query.include
        if types is None and query.exclude:
            types = tuple(name for name in _types(session) if name not in query.exclude)
        if types is None:
            yield _Part(_Shape("time", created=created, newest_first=query.newest_first), values)
        else:
            shape = _Shape("type", created=created, newest_first=query.newest_first)
            yield from (_Part(shape, {**values, "type": name}) for name in dict.fromkeys(types))
        return
    shape = _Shape(
        "list" if query.list_id is not None else "lead",
        query.include is not None,
        bool(query.exclude),
        created,
        query.newest_first,
    )
    if shape.include:
        values["included"] = list(query.include or ())
    if shape.exclude:
        values["excluded"] = list(query.exclude)
    if query.list_id is not None:
        yield _Part(shape, {**values, "list_id": query.list_id})
    else:
        yield from (_Part(shape, {**values, "lead_id": lead_id}) for lead_id in dict.fromkeys(query.leads or ()))


def _bounds(query: Query, behind: Place | None, *, or_at: bool) -> tuple[Place, Place]:
    """The place above which and the place below which all of it lies: one bound on each side, for the index to use."""
    low = _BEGINNING if query.oldest is None else Place(query.oldest, -1)
    high = _END if query.latest is None else Place(query.latest, _END.id)
    if behind is None:
        return low, high
    if query.newest_first:
        return low, min(high, Place(behind.at, behind.id + 1) if or_at else behind)
    return max(low, Place(behind.at, behind.id - 1) if or_at else behind), high


def _types(session: Session) -> Sequence[str]:
    """The types that the log has, each found through the index behind the one before."""
    found: list[str] = []
    name = ""
    while (row := session.first(_next_type, {"type": name})) is not None:
        name = row.type
        found.append(name)
    return found


_by_ids = select(activity).where(activity.c.id.in_(bindparam("ids", expanding=True)))
_next_type = select(activity.c.type).where(activity.c.type > bindparam("type")).order_by(activity.c.type).limit(1)


@cache
def _places(shape: _Shape) -> Select[Any]:
    place = (activity.c.at, activity.c.id)
    order = [column.desc() for column in place] if shape.newest_first else list(place)
    return _from(shape, select(*place)).order_by(*order).limit(bindparam("limit"))


@cache
def _count(shape: _Shape) -> Select[Any]:
    return _from(shape, select(func.count().label("activities")))


def _from(shape: _Shape, selected: Select[Any]) -> Select[Any]:
    place = tuple_(activity.c.at, activity.c.id)
    conditions: list[ColumnElement[bool]] = [
        place > tuple_(bindparam("low_at"), bindparam("low_id")),
        place < tuple_(bindparam("high_at"), bindparam("high_id")),
    ]
    match shape.by:
        case "type":
            conditions.append(activity.c.type == bindparam("type"))
        case "lead":
            conditions.append(activity.c.lead_id == bindparam("lead_id"))
        case "list":
            conditions.append(list_member.c.list_id == bindparam("list_id"))
    if shape.include:
        conditions.append(activity.c.type.in_(bindparam("included", expanding=True)))
    if shape.exclude:
        conditions.append(activity.c.type.not_in(bindparam("excluded", expanding=True)))
    if shape.created:
        since = lead.c.created_at >= bindparam("created")
        conditions.append(exists(select(literal_column("1")).where(lead.c.id == activity.c.lead_id, since)))
    if shape.by == "list":
        selected = selected.select_from(list_member.join(activity, activity.c.lead_id == list_member.c.lead_id))
    else:
        selected = selected.select_from(activity)
    return selected.where(and_(*conditions))


FINDERS: Mapping[str, Select[Any]] = {
    "next type": _next_type,
    **{
        f"{what} by {by}{', newest first' if newest else ''}": made(_Shape(by, newest_first=newest))
        for by in ("time", "type", "lead")
        for newest in (False, True)
        for what, made in (("page", _places), ("count", _count))
    },
    "count of a list": _count(_Shape("list")),
    "page of leads created since": _places(_Shape("time", created=True)),
}
