"""Companies, found by number, by external id and by name.

Every query that finds one goes through an index; a test reads SQLite's plan of each (`FINDERS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update

from mockmkto.model.companies import Company
from mockmkto.store.object_tables import company
from mockmkto.store.session import Counter, Session

__all__ = [
    "FINDERS",
    "add_companies",
    "companies_after",
    "company_by_external_id",
    "company_by_id",
    "count_companies",
    "ids_by_name",
    "remove_company",
    "save_company",
]

_by_id = select(company).where(company.c.id == bindparam("company_id"))
_by_external_id = select(company).where(company.c.external_id == bindparam("external_id")).order_by(company.c.id)
_by_name = select(company.c.id).where(company.c.folded_name == bindparam("name")).order_by(company.c.id)
_after = select(company).where(company.c.id > bindparam("after")).order_by(company.c.id).limit(bindparam("most"))
_count = select(func.count().label("number")).select_from(company)

FINDERS: Mapping[str, Select[Any]] = {
    "company by id": _by_id,
    "company by external id": _by_external_id,
    "companies by name": _by_name,
    "companies after an id": _after,
}

_COLUMNS = ("external_id", "folded_name", "attributes", "updated_at")
_insert = insert(company)
_update = (
    update(company)
    .where(company.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_delete = delete(company).where(company.c.id == bindparam("of_id"))


def company_by_id(session: Session, company_id: int) -> Company | None:
    """The company with that number."""
    row = session.first(_by_id, {"company_id": company_id})
    return _company(row) if row is not None else None


def company_by_external_id(session: Session, external_id: str) -> Company | None:
    """The company that another system calls so."""
    row = session.first(_by_external_id, {"external_id": external_id.strip()})
    return _company(row) if row is not None else None


def ids_by_name(session: Session, name: str) -> tuple[int, ...]:
    """The numbers of the companies of that name, in any case, rising."""
    return tuple(row.id for row in session.rows(_by_name, {"name": _folded(name)}))


def companies_after(session: Session, after: int, most: int) -> tuple[Company, ...]:
    """Companies with higher numbers, by number."""
    return tuple(map(_company, session.rows(_after, {"after": after, "most": most})))


def count_companies(session: Session) -> int:
    """How many there are."""
    row = session.first(_count)
    return int(row.number) if row is not None else 0


def add_companies(session: Session, batch: Iterable[Company]) -> None:
    """Store companies that were not there."""
    rows = []
    for new in batch:
        session.reserve_ids(Counter.COMPANY, new.id)
        rows.append({"id": new.id, "created_at": new.created_at.isoformat(), **_values(new)})
    session.run_many(_insert, rows)


def save_company(session: Session, changed: Company) -> None:
    """Store a company that was there."""
    session.run(_update, {"of_id": changed.id, **{f"new_{name}": value for name, value in _values(changed).items()}})


def remove_company(session: Session, company_id: int) -> None:
    """Take a company away."""
    session.run(_delete, {"of_id": company_id})


def _values(item: Company) -> dict[str, Any]:
    return {
        "external_id": item.external_id.strip(),
        "folded_name": _folded(item.values.get("Company", "")),
        "attributes": dict(item.values),
        "updated_at": item.updated_at.isoformat(),
    }


def _folded(text: str) -> str:
    return text.strip().casefold()


def _company(row: Row[Any]) -> Company:
    return Company(
        row.id,
        row.external_id,
        row.attributes,
        datetime.fromisoformat(row.created_at),
        datetime.fromisoformat(row.updated_at),
    )
