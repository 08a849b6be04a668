"""What the REST API counts by the day: calls by user, errors by code. A row a day and name is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Select, bindparam, select

from mockmkto.store.bulk_tables import usage_count
from mockmkto.store.session import Session

__all__ = ["CALLS", "ERRORS", "FINDERS", "count", "counts"]

CALLS, ERRORS = "calls", "errors"

_of_day = (
    select(usage_count.c.name, usage_count.c.number)
    .where(usage_count.c.day == bindparam("on_day"), usage_count.c.kind == bindparam("of_kind"))
    .order_by(usage_count.c.name)
)

FINDERS: Mapping[str, Select[Any]] = {"counts of a day": _of_day}


@cache
def _count(dialect: str) -> Executable:
    """An insert, or one more: in one statement, of which nobody waits for an answer."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]  # the same in another dialect
    return insert(usage_count).on_conflict_do_update(
        index_elements=["day", "kind", "name"], set_={"number": usage_count.c.number + 1}
    )


def count(session: Session, day: str, kind: str, name: str) -> None:
    """Count one more on this day."""
    session.run_many(_count(session.dialect), [{"day": day, "kind": kind, "name": name, "number": 1}])


def counts(session: Session, day: str, kind: str) -> Sequence[tuple[str, int]]:
    """What was counted on a day, by name."""
    return [(row.name, row.number) for row in session.rows(_of_day, {"on_day": day, "of_kind": kind})]
