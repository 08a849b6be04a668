"""Leads of a span of time, window by window in the order of their Ids: so many are looked at at a time, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select

from mockmkto.model import Lead
from mockmkto.store.leads import from_row
from mockmkto.store.session import Session
from mockmkto.store.tables import MOMENT, lead

__all__ = ["FINDERS", "within"]

_end = select(lead.c.id).where(lead.c.id > bindparam("after")).order_by(lead.c.id).limit(1).offset(bindparam("skipped"))
_last = select(lead.c.id).order_by(lead.c.id.desc()).limit(1)
_in_span = {
    name: select(lead)
    .where(
        lead.c.id > bindparam("after"),
        lead.c.id <= bindparam("last"),
        lead.c.known,
        column + literal_column("0") >= bindparam("since", type_=MOMENT),  # an expression: the Id is what is gone by
        column + literal_column("0") < bindparam("until", type_=MOMENT),
    )
    .order_by(lead.c.id)
    for name, column in (("created", lead.c.created_at), ("updated", lead.c.updated_at))
}

FINDERS: Mapping[str, Select[Any]] = {
    "the end of a window of leads": _end,
    "leads of a window that were created": _in_span["created"],
    "leads of a window that were updated": _in_span["updated"],
}


def within(
    session: Session, by: str, since: datetime, until: datetime, *, after: int, window: int
) -> tuple[tuple[Lead, ...], int | None]:
    """Of the next leads above an Id those that were `created` or `updated` from a moment on and before another.

    Args:
        session: the call's.
        by: which time counts.
        since: the first moment.
        until: the first moment that is too late.
        after: the Id.
        window: how many leads are looked at.

    Returns:
        The known ones among them, rising, and the Id of the last that was looked at: `None` where no more follow.
    """
    end = session.first(_end, {"after": after, "skipped": window - 1})
    last = session.first(_last) if end is None else end
    if last is None:
        return (), None
    span = {"after": after, "last": last.id, "since": since, "until": until}
    found = tuple(from_row(row) for row in session.rows(_in_span[by], span))
    return found, end.id if end is not None else None
