"""What the REST API counts by the day: calls by user, errors by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select, update

from mockmkto.store.bulk_tables import usage_count
from mockmkto.store.session import Session

__all__ = ["CALLS", "ERRORS", "FINDERS", "count", "counts"]

CALLS, ERRORS = "calls", "errors"

_one = (
    usage_count.c.day == bindparam("on_day"),
    usage_count.c.kind == bindparam("of_kind"),
    usage_count.c.name == bindparam("of_name"),
)
_count = update(usage_count).where(*_one).values(number=usage_count.c.number + 1)
_begin = insert(usage_count)
_of_day = (
    select(usage_count.c.name, usage_count.c.number)
    .where(usage_count.c.day == bindparam("on_day"), usage_count.c.kind == bindparam("of_kind"))
    .order_by(usage_count.c.name)
)
_older = delete(usage_count).where(usage_count.c.day < bindparam("before_day"))

FINDERS: Mapping[str, Select[Any]] = {"counts of a day": _of_day}


def count(session: Session, day: str, kind: str, name: str, *, keep_from: str) -> None:
    """Count one more on this day; where it is the first, what is older than `keep_from` is forgotten."""
    if not session.run(_count, {"on_day": day, "of_kind": kind, "of_name": name}):
        session.run(_older, {"before_day": keep_from})
        session.run(_begin, {"day": day, "kind": kind, "name": name, "number": 1})


def counts(session: Session, day: str, kind: str) -> Sequence[tuple[str, int]]:
    """What was counted on a day, by name."""
    return [(row.name, row.number) for row in session.rows(_of_day, {"on_day": day, "of_kind": kind})]
