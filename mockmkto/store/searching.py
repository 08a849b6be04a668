"""A search through all leads that keeps no call waiting: beside the calls where that can be, otherwise in slices.

A file and PostgreSQL are read aside, as they are at one moment. In memory there is one connection: there the leads are
looked at some thousand at a time, in the order of their Ids, and between two slices whoever waits has its turn. A lead
that changes meanwhile is found as it was or as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import bindparam, func, select

from mockmkto.clock import stopwatch
from mockmkto.giving_way import SLICE, LongWork
from mockmkto.store.database import Database
from mockmkto.store.listing import Filter, LeadPage, Order, page, shown, sorted_by
from mockmkto.store.tables import NUMBER, lead

__all__ = ["search"]

_FIRST_SLICE = 1_000  # leads
_LARGEST_SLICE = 4_000

_Found: TypeAlias = tuple[int, str | None, int]
"""What a lead is sorted by: Id, folded e-mail, when it was updated."""

_low, _high = bindparam("low", type_=NUMBER), bindparam("high", type_=NUMBER)
_end_of_slice = select(lead.c.id).where(lead.c.id > _low).order_by(lead.c.id).limit(1).offset(bindparam("leads"))


def search(
    database: Database,
    filters: Sequence[Filter] = (),
    *,
    order: Order = Order.ID,
    offset: int = 0,
    limit: int = 100,
) -> LeadPage:
    """What `listing.page` gives, without keeping calls waiting for longer than some milliseconds."""
    if any(item.reads_all or item.may_find_most for item in filters):
        with database.aside() as session:
            if session is not None:
                return page(session, filters, order=order, offset=offset, limit=limit)
        return _in_slices(database, filters, order, offset, limit)
    with database.transaction() as session:
        return page(session, filters, order=order, offset=offset, limit=limit)


def _in_slices(database: Database, filters: Sequence[Filter], order: Order, offset: int, limit: int) -> LeadPage:
    most = offset + limit
    conditions = [lead.c.id > _low, lead.c.id <= _high, *(item.condition((_low, _high)) for item in filters)]
    count = select(func.count()).select_from(lead).where(*conditions)
    matching = select(lead.c.id, lead.c.email, lead.c.updated_order).where(*conditions)
    looked_at_twice = not any(item.reads_all for item in filters)  # a look costs less than a row
    if looked_at_twice:
        matching = matching.order_by(*sorted_by(order)).limit(most)
    found: list[_Found] = []
    work = LongWork()
    total, low, leads = 0, _BEFORE_ALL, _FIRST_SLICE
    while True:
        began = stopwatch()
        with database.transaction() as session:
            end = session.first(_end_of_slice, {"low": low, "leads": leads - 1})
            high = end.id if end is not None else _BEHIND_ALL
            rows = session.rows(matching, {"low": low, "high": high})
            total += session.rows(count, {"low": low, "high": high})[0][0] if looked_at_twice else len(rows)
        found += [(row.id, row.email, row.updated_order) for row in rows]
        found.sort(key=_KEYS[order.removeprefix("-")], reverse=order.startswith("-"))
        del found[most:]
        if end is None:
            break
        low = high
        leads = max(10, min(_LARGEST_SLICE, leads * 2, int(leads * SLICE / max(stopwatch() - began, 1e-6))))
        work.end_slice()
    with database.transaction() as session:
        return LeadPage(shown(session, [item[0] for item in found[offset:]]), total)


_BEFORE_ALL, _BEHIND_ALL = -(2**63), 2**63 - 1

_KEYS: Mapping[str, Callable[[_Found], Any]] = {
    "id": lambda item: item[0],
    "email": lambda item: (item[1] is not None, item[1] or "", item[2]),  # without one first, as SQLite sorts
    "updated": lambda item: item[2],
}
