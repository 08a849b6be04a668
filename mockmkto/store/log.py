"""The activity log read page by page: from a place on, of these leads, of a list's members, of these types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import islice
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, literal_column, select

from mockmkto.model import Activity
from mockmkto.store.activities import Place, from_row
from mockmkto.store.database import Counter, Session
from mockmkto.store.program_tables import list_member
from mockmkto.store.tables import activity, lead

__all__ = ["FINDERS", "Query", "anonymous", "count", "page", "skip"]

_FIRST, _LAST = -(2**62), 2**62  # no time is earlier or later
_AT_ONCE = 500


class Query(Struct, frozen=True):
    """Which activities are meant. Times are seconds since 1970, both included."""

    leads: tuple[int, ...] | None = None  # those of these leads alone
    list_id: int | None = None  # those of its members alone
    include: tuple[str, ...] | None = None  # types, as answers show them
    exclude: tuple[str, ...] = ()
    oldest: int | None = None
    latest: int | None = None
    created_since: datetime | None = None  # those of leads that were created from then on
    newest_first: bool = False


class _Shape(Struct, frozen=True):
    """What decides how a query is written: everything else of it is a value."""

    by: str  # time, type, lead, list: the index that it goes through
    include: bool = False
    exclude: bool = False
    created: bool = False
    newest_first: bool = False
    within: bool = False  # one second: behind an id in it; otherwise whole seconds


_Step: TypeAlias = tuple[_Shape, Mapping[str, Any]]
"""A statement and its values."""

_Part: TypeAlias = tuple[_Step, ...]
"""The statements of a query, or where it has several types or leads, of one of those: their rows follow each other.

What is behind a place are the others of the same second, then the other seconds: an index leads to either at once,
which it does not where one condition is to say both.
"""


def page(
    session: Session, query: Query, *, behind: Place | None = None, limit: int, or_at: bool = False
) -> tuple[Activity, ...]:
    """The activities behind a place in the order of the query, at most so many; `or_at`: the one there included."""
    parts = list(_parts(session, query, behind, or_at=or_at))
    at_once = limit if len(parts) == 1 else min(limit, max(2 * limit // len(parts), 8)) if parts else limit
    found = [_places_of(session, part, at_once) for part in parts]
    ids = [place.id for place in islice(merge(*found, reverse=query.newest_first), limit)]
    rows: dict[int, Activity] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for row in session.rows(_by_ids, {"ids": ids[start : start + _AT_ONCE]}):
            rows[row.id] = from_row(row)
    return tuple(rows[number] for number in ids)


def anonymous(session: Session, lead_ids: Iterable[int]) -> frozenset[int]:
    """Those of the leads that are anonymous; one that is gone is not."""
    ids = list(lead_ids)
    found: set[int] = set()
    for start in range(0, len(ids), _AT_ONCE):
        found.update(row.id for row in session.rows(_anonymous, {"ids": ids[start : start + _AT_ONCE]}))
    return frozenset(found)


def count(session: Session, query: Query, *, behind: Place | None = None, or_at: bool = False) -> int:
    """How many activities there are behind a place."""
    if behind is not None and not or_at and query == Query(oldest=query.oldest):
        return _count_behind(session, behind)
    total = 0
    for part in _parts(session, query, behind, or_at=or_at):
        for shape, values in part:
            row = session.first(_count(shape), values)
            total += int(row.activities) if row is not None else 0
    return total


def _count_behind(session: Session, behind: Place) -> int:
    """How many there are behind a place in the whole log, counted from the end of it that is nearer."""
    first, last = (session.first(end) for end in (_earliest, _latest))
    if first is None or last is None:
        return 0
    # By time, and within one second (under a clock that stands still) by id.
    before, after = behind.at - first.at, last.at - behind.at
    up_to = before < after or (before == after and 2 * behind.id < session.next_id(Counter.ACTIVITY))
    values = {"at": behind.at, "edge": behind.id + 1 if up_to else behind.id}
    within = session.first(_count(_Shape("time", newest_first=up_to, within=True)), values)
    low, high = (_FIRST, behind.at - 1) if up_to else (behind.at + 1, _LAST)
    others = session.first(_count(_Shape("time")), {"low": low, "high": high})
    counted = sum(int(row.activities) for row in (within, others) if row is not None)
    if not up_to:
        return counted
    total = session.first(_count_all)
    return (int(total.activities) if total is not None else 0) - counted


def skip(session: Session, query: Query, places: int) -> Place | None:
    """The place of the so-maniest activity from the beginning; `None` when there are not so many, or for none."""
    if places <= 0:
        return None
    found = [_places_of(session, part, min(places, _AT_ONCE)) for part in _parts(session, query, None)]
    last = None
    for number, place in enumerate(merge(*found, reverse=query.newest_first), 1):
        last = place
        if number == places:
            return place
    return last


def _places_of(session: Session, part: _Part, at_once: int) -> Iterator[Place]:
    """The places of a part in their order, read so many at once: of many parts hardly one is needed to its end."""
    for shape, values in part:
        steps: _Part = ((shape, values),)
        while steps:
            (first, given), *others = steps
            rows = session.rows(_places(first), {**given, "limit": at_once})
            for row in rows:
                yield Place(row.at, row.id)
            if len(rows) == at_once:
                steps = (*_behind(first, given, Place(rows[-1].at, rows[-1].id)), *others)
            else:
                steps = tuple(others)


def _behind(shape: _Shape, values: Mapping[str, Any], place: Place) -> _Part:
    """What is left of a step behind a place in it."""
    if shape.within:
        return ((shape, {**values, "edge": place.id}),)
    bound = {"high": place.at - 1} if shape.newest_first else {"low": place.at + 1}
    same = (replace(shape, within=True), {**values, "at": place.at, "edge": place.id})
    return same, (shape, {**values, **bound})


def _parts(session: Session, query: Query, behind: Place | None, *, or_at: bool = False) -> Iterator[_Part]:
    shape = _Shape("time", created=query.created_since is not None, newest_first=query.newest_first)
    values: dict[str, Any] = {"created": query.created_since} if shape.created else {}
    if query.leads is None and query.list_id is None:
        types = query.include
        if types is None and query.exclude:
            types = tuple(name for name in _types(session) if name not in query.exclude)
        if types is None:
            yield _steps(shape, values, query, behind, or_at=or_at)
            return
        for name in dict.fromkeys(types):
            yield _steps(replace(shape, by="type"), {**values, "type": name}, query, behind, or_at=or_at)
        return
    shape = replace(shape, include=query.include is not None, exclude=bool(query.exclude))
    if shape.include:
        values["included"] = list(query.include or ())
    if shape.exclude:
        values["excluded"] = list(query.exclude)
    if query.list_id is not None:
        yield _steps(replace(shape, by="list"), {**values, "list_id": query.list_id}, query, behind, or_at=or_at)
    for lead_id in dict.fromkeys(query.leads or ()):
        yield _steps(replace(shape, by="lead"), {**values, "lead_id": lead_id}, query, behind, or_at=or_at)


def _steps(shape: _Shape, values: Mapping[str, Any], query: Query, behind: Place | None, *, or_at: bool) -> _Part:
    """The second of the place, as far as it is behind it, and the seconds behind that one."""
    low = _FIRST if query.oldest is None else query.oldest
    high = _LAST if query.latest is None else query.latest
    if behind is None:
        return ((shape, {**values, "low": low, "high": high}),)
    if query.newest_first:
        others = {**values, "low": low, "high": min(high, behind.at - 1)}
        edge = behind.id + or_at
    else:
        others = {**values, "low": max(low, behind.at + 1), "high": high}
        edge = behind.id - or_at
    if not low <= behind.at <= high:
        return ((shape, others),)
    return (replace(shape, within=True), {**values, "at": behind.at, "edge": edge}), (shape, others)


def _types(session: Session) -> Sequence[str]:
    """The types that the log has, each found through the index behind the one before."""
    found: list[str] = []
    name = ""
    while (row := session.first(_next_type, {"type": name})) is not None:
        name = row.type
        found.append(name)
    return found


_count_all = select(func.count().label("activities")).select_from(activity)
_earliest = select(activity.c.at).order_by(activity.c.at).limit(1)
_latest = select(activity.c.at).order_by(activity.c.at.desc()).limit(1)
_by_ids = select(activity).where(activity.c.id.in_(bindparam("ids", expanding=True)))
_anonymous = select(lead.c.id).where(lead.c.id.in_(bindparam("ids", expanding=True)), lead.c.known.is_(False))
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
    conditions: list[ColumnElement[bool]] = [activity.c.at >= bindparam("low"), activity.c.at <= bindparam("high")]
    if shape.within:
        edge: BindParameter[int] = bindparam("edge")
        behind = activity.c.id < edge if shape.newest_first else activity.c.id > edge
        conditions = [activity.c.at == bindparam("at"), behind]
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
    "next type of activities": _next_type,
    **{
        f"{what} of activities by {by}{', newest first' * newest}{', within a second' * within}": made(
            _Shape(by, newest_first=newest, within=within)
        )
        for by in ("time", "type", "lead")
        for newest in (False, True)
        for within in (False, True)
        for what, made in (("page", _places), ("count", _count))
    },
    "count of activities of a list": _count(_Shape("list")),
    "page of activities of leads created since": _places(_Shape("time", created=True)),
}
