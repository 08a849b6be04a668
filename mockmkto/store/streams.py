"""Many leads at once: whole ones by their Ids, and those that were updated or did something in a span of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, literal_column, or_, select

from mockmkto.model import ForeignId, ForeignSysType, Lead
from mockmkto.store.database import Session
from mockmkto.store.leads import from_row
from mockmkto.store.tables import activity, foreign_id, lead

__all__ = ["FINDERS", "active_between", "known_of", "latest_foreign_ids", "many"]

_AT_ONCE = 500  # values in one list: every database takes so many

_known = select(lead.c.id).where(lead.c.id.in_(bindparam("ids", expanding=True)), lead.c.known).order_by(lead.c.id)
_many = select(lead).where(lead.c.id.in_(bindparam("ids", expanding=True)))
_foreign_ids = (
    select(foreign_id.c.lead_id, foreign_id.c.type, foreign_id.c.person_id)
    .where(foreign_id.c.lead_id.in_(bindparam("ids", expanding=True)))
    .order_by(foreign_id.c.lead_id, foreign_id.c.written_order)
)
_active = (
    select(lead.c.id)
    .where(
        lead.c.updated_at >= bindparam("since"),
        lead.c.updated_at < bindparam("until"),
        lead.c.known,
        lead.c.id > bindparam("after"),
    )
    .union(
        select(activity.c.lead_id)
        .join(lead, lead.c.id == activity.c.lead_id)
        .where(
            activity.c.at >= bindparam("first"),
            activity.c.at <= bindparam("last"),
            activity.c.lead_id > bindparam("after"),
            lead.c.known,
        )
    )
    .subquery()
)
_active_between = select(_active.c.id).order_by(_active.c.id).limit(bindparam("limit"))
_count_active_between = select(func.count().label("leads")).select_from(_active)

_updated = (
    lead.c.updated_at >= bindparam("since"),
    lead.c.updated_at < bindparam("until"),
)
_acted = exists(
    select(literal_column("1")).where(
        activity.c.lead_id == lead.c.id, activity.c.at >= bindparam("first"), activity.c.at <= bindparam("last")
    )
)
_walk = (
    select(lead.c.id)
    .where(lead.c.id > bindparam("after"), lead.c.known, or_(and_(*_updated), _acted))
    .order_by(lead.c.id)
    .limit(bindparam("limit"))
)
_count_updated = (
    select(func.count().label("leads")).where(*_updated, lead.c.known, lead.c.id > bindparam("after")).select_from(lead)
)
# With the Id as the value of an expression, so that it is the time whose index is gone through.
_count_acted_earlier, _count_acted_later = (
    select(func.count().label("leads"))
    .select_from(lead)
    .where(outside, lead.c.known, lead.c.id + 0 > bindparam("after"), _acted)
    for outside in (lead.c.updated_at < bindparam("since"), lead.c.updated_at >= bindparam("until"))
)
_activity_behind = (
    select(activity.c.id)
    .where(activity.c.at >= bindparam("first"), activity.c.at <= bindparam("last"))
    .limit(1)
    .offset(bindparam("number"))
)
_count_outside = (
    select(func.count().label("leads"))
    .select_from(lead)
    .where(or_(lead.c.updated_at < bindparam("since"), lead.c.updated_at >= bindparam("until")))
)

FINDERS: Mapping[str, Select[Any]] = {
    "active in a span": _active_between,
    "number active in a span": _count_active_between,
    "leads one by one": _walk,
    "number updated in a span": _count_updated,
    "number that acted in a span, and were updated before": _count_acted_earlier,
    "number that acted in a span, and were updated behind": _count_acted_later,
    "whether a span has so many activities": _activity_behind,
    "number not updated in a span": _count_outside,
}


def many(session: Session, ids: Sequence[int]) -> tuple[Lead, ...]:
    """The leads with these Ids, in this order; an Id that no lead has is left out."""
    found: dict[int, Lead] = {}
    for start in range(0, len(ids), _AT_ONCE):
        found |= {row.id: from_row(row) for row in session.rows(_many, {"ids": ids[start : start + _AT_ONCE]})}
    return tuple(found[lead_id] for lead_id in ids if lead_id in found)


def known_of(session: Session, ids: Sequence[int]) -> tuple[int, ...]:
    """Those of these Ids, rising, that are no anonymous lead's."""
    known: list[int] = []
    for start in range(0, len(ids), _AT_ONCE):
        known += (row.id for row in session.rows(_known, {"ids": ids[start : start + _AT_ONCE]}))
    return tuple(known)


def latest_foreign_ids(session: Session, ids: Sequence[int]) -> dict[int, ForeignId]:
    """The foreign key that was written last, of each of these leads that has one."""
    latest: dict[int, ForeignId] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for row in session.rows(_foreign_ids, {"ids": ids[start : start + _AT_ONCE]}):
            latest[row.lead_id] = ForeignId(ForeignSysType(row.type), row.person_id)
    return latest


def active_between(session: Session, first: int, last: int, *, after: int, limit: int) -> tuple[tuple[int, ...], int]:
    """The Ids of known leads that were updated, or did something, in a span of seconds since 1970, both included.

    Those above one Id, rising, at most so many; and how many are left behind those. Where most of the leads are in the
    span, one after another is looked at; where few are, they are what the span has.
    """
    span = _span(first, last, after)
    wide = _is_wide(session, span)
    rows = session.rows(_walk if wide else _active_between, {**span, "limit": limit})
    ids = tuple(row.id for row in rows)
    if len(ids) < limit:
        return ids, 0
    counts = (_count_updated, _count_acted_earlier, _count_acted_later) if wide else (_count_active_between,)
    return ids, sum(_number(session, count, {**span, "after": ids[-1]}) for count in counts)


def _is_wide(session: Session, span: Mapping[str, Any]) -> bool:
    """Whether a span has more activities than there are leads outside of it."""
    outside = _number(session, _count_outside, span)
    return session.first(_activity_behind, {**span, "number": outside}) is not None


def _number(session: Session, statement: Select[Any], span: Mapping[str, Any]) -> int:
    row = session.first(statement, span)
    return int(row[0]) if row is not None else 0


_FARTHEST = 250_000_000_000  # seconds since 1970: the year 9892; no time that is kept is later


def _span(first: int, last: int, after: int) -> dict[str, Any]:
    return {"since": _moment(first), "until": _moment(last + 1), "first": first, "last": last, "after": after}


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(max(min(at, _FARTHEST), -_FARTHEST // 10), UTC)
