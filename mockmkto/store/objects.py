"""Opportunities and the roles of leads in them.

Every query that finds one goes through an index; a test reads SQLite's plan of each (`FINDERS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update

from mockmkto.model.objects import NameValue, Opportunity, OpportunityRole
from mockmkto.store.object_tables import opportunity, opportunity_key, role
from mockmkto.store.session import Counter, Session

__all__ = [
    "EXTERNAL_ID",
    "FINDERS",
    "add_opportunities",
    "add_roles",
    "count_opportunities",
    "count_roles",
    "ids_by_company",
    "ids_by_external_key",
    "opportunities_after",
    "opportunity_by_id",
    "remove_opportunity",
    "remove_role",
    "role_by_id",
    "role_of",
    "roles_after",
    "roles_of_lead",
    "roles_of_opportunity",
    "save_opportunity",
    "save_role",
]

_opportunity = select(opportunity).where(opportunity.c.id == bindparam("opportunity_id"))
_opportunities_after = (
    select(opportunity).where(opportunity.c.id > bindparam("after")).order_by(opportunity.c.id).limit(bindparam("most"))
)
_by_external_key = (
    select(opportunity_key.c.opportunity_id)
    .where(opportunity_key.c.name == bindparam("name"), opportunity_key.c.value == bindparam("value"))
    .order_by(opportunity_key.c.opportunity_id.desc())
)
_by_company = (
    select(opportunity.c.id).where(opportunity.c.folded_company == bindparam("company")).order_by(opportunity.c.id)
)
_role = select(role).where(role.c.id == bindparam("role_id"))
_roles_after = select(role).where(role.c.id > bindparam("after")).order_by(role.c.id).limit(bindparam("most"))
_roles_of_lead = select(role).where(role.c.lead_id == bindparam("lead_id")).order_by(role.c.id)
_roles_of_opportunity = (
    select(role).where(role.c.opportunity_id == bindparam("opportunity_id")).order_by(role.c.lead_id, role.c.id)
)
_role_of = select(role).where(
    role.c.opportunity_id == bindparam("opportunity_id"),
    role.c.lead_id == bindparam("lead_id"),
    role.c.folded_role == bindparam("folded_role"),
)
_count_opportunities = select(func.count().label("number")).select_from(opportunity)
_count_roles = select(func.count().label("number")).select_from(role)

FINDERS: Mapping[str, Select[Any]] = {
    "opportunity by id": _opportunity,
    "opportunities after an id": _opportunities_after,
    "opportunity by external key": _by_external_key,
    "opportunities of a company": _by_company,
    "role by id": _role,
    "roles after an id": _roles_after,
    "roles of a lead": _roles_of_lead,
    "roles of an opportunity": _roles_of_opportunity,
    "role by its three parts": _role_of,
}

_insert_opportunity = insert(opportunity)
_insert_key = insert(opportunity_key)
_insert_role = insert(role)
_OPPORTUNITY_COLUMNS = (
    "external_name",
    "external_value",
    "company",
    "folded_company",
    "attributes",
    "updated_at",
)
_update_opportunity = (
    update(opportunity)
    .where(opportunity.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _OPPORTUNITY_COLUMNS})
)
_ROLE_COLUMNS = ("opportunity_id", "lead_id", "folded_role", "attributes", "updated_at")
_update_role = (
    update(role)
    .where(role.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _ROLE_COLUMNS})
)
_delete_opportunity = delete(opportunity).where(opportunity.c.id == bindparam("of_id"))
_delete_keys = delete(opportunity_key).where(opportunity_key.c.opportunity_id == bindparam("of_id"))
_delete_role = delete(role).where(role.c.id == bindparam("of_id"))


EXTERNAL_ID = "externalOpportunityId"
"""What the REST API calls the external key of an opportunity, whatever its name is: that finds it, too."""


def _folded(text: str) -> str:
    return text.strip().casefold()


# ---------------------------------------------------------------------------------------------------------------------
# Opportunities


def opportunity_by_id(session: Session, opportunity_id: int) -> Opportunity | None:
    """The opportunity with that id."""
    row = session.first(_opportunity, {"opportunity_id": opportunity_id})
    return _opportunity_of(row) if row is not None else None


def opportunities_after(session: Session, after: int, most: int) -> tuple[Opportunity, ...]:
    """Opportunities with higher ids, by id."""
    return tuple(map(_opportunity_of, session.rows(_opportunities_after, {"after": after, "most": most})))


def ids_by_external_key(session: Session, key: NameValue) -> tuple[int, ...]:
    """The ids of the opportunities that have this key, the most recently added first."""
    bound = {"name": _folded(key.name or ""), "value": (key.value or "").strip()}
    return tuple(row.opportunity_id for row in session.rows(_by_external_key, bound))


def ids_by_company(session: Session, name: str) -> tuple[int, ...]:
    """The ids of the opportunities with a company of that name in any case, rising."""
    return tuple(row.id for row in session.rows(_by_company, {"company": _folded(name)}))


def count_opportunities(session: Session) -> int:
    """How many opportunities there are."""
    row = session.first(_count_opportunities)
    return int(row.number) if row is not None else 0


def add_opportunities(session: Session, batch: Iterable[Opportunity], keys: frozenset[str] = frozenset()) -> None:
    """Store opportunities that were not there. `keys` are the fields whose values find them, too."""
    rows, key_rows = [], []
    for new in batch:
        session.reserve_ids(Counter.OPPORTUNITY, new.id)
        rows.append({"id": new.id, "created_at": new.created_at.isoformat(), **_opportunity_values(new)})
        key_rows += _key_rows(new, keys)
    session.run_many(_insert_opportunity, rows)
    session.run_many(_insert_key, key_rows)


def save_opportunity(session: Session, changed: Opportunity, keys: frozenset[str] = frozenset()) -> None:
    """Store an opportunity that was there."""
    values = {f"new_{name}": value for name, value in _opportunity_values(changed).items()}
    session.run(_update_opportunity, {"of_id": changed.id, **values})
    session.run(_delete_keys, {"of_id": changed.id})
    session.run_many(_insert_key, _key_rows(changed, keys))


def remove_opportunity(session: Session, opportunity_id: int) -> None:
    """Take an opportunity away; its roles are the caller's to take away."""
    session.run(_delete_keys, {"of_id": opportunity_id})
    session.run(_delete_opportunity, {"of_id": opportunity_id})


# ---------------------------------------------------------------------------------------------------------------------
# Roles


def role_by_id(session: Session, role_id: int) -> OpportunityRole | None:
    """The role with that id."""
    row = session.first(_role, {"role_id": role_id})
    return _role_from(row) if row is not None else None


def role_of(session: Session, opportunity_id: int, lead_id: int, name: str) -> OpportunityRole | None:
    """The role of that name, in any case, of a lead in an opportunity."""
    parts = {"opportunity_id": opportunity_id, "lead_id": lead_id, "folded_role": _folded(name)}
    row = session.first(_role_of, parts)
    return _role_from(row) if row is not None else None


def roles_after(session: Session, after: int, most: int) -> tuple[OpportunityRole, ...]:
    """Roles with higher ids, by id."""
    return tuple(map(_role_from, session.rows(_roles_after, {"after": after, "most": most})))


def roles_of_lead(session: Session, lead_id: int) -> tuple[OpportunityRole, ...]:
    """The roles of a lead, by id."""
    return tuple(map(_role_from, session.rows(_roles_of_lead, {"lead_id": lead_id})))


def roles_of_opportunity(session: Session, opportunity_id: int) -> tuple[OpportunityRole, ...]:
    """The roles in an opportunity, by lead."""
    return tuple(map(_role_from, session.rows(_roles_of_opportunity, {"opportunity_id": opportunity_id})))


def count_roles(session: Session) -> int:
    """How many roles there are."""
    row = session.first(_count_roles)
    return int(row.number) if row is not None else 0


def add_roles(session: Session, batch: Iterable[OpportunityRole]) -> None:
    """Store roles that were not there."""
    rows = []
    for new in batch:
        session.reserve_ids(Counter.ROLE, new.id)
        rows.append({"id": new.id, "created_at": new.created_at.isoformat(), **_role_values(new)})
    session.run_many(_insert_role, rows)


def save_role(session: Session, changed: OpportunityRole) -> None:
    """Store a role that was there."""
    values = {f"new_{name}": value for name, value in _role_values(changed).items()}
    session.run(_update_role, {"of_id": changed.id, **values})


def remove_role(session: Session, role_id: int) -> None:
    """Take a role away."""
    session.run(_delete_role, {"of_id": role_id})


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def _opportunity_values(item: Opportunity) -> dict[str, Any]:
    key = item.external_key
    return {
        "external_name": key.name if key is not None else None,
        "external_value": key.value if key is not None else None,
        "company": item.company,
        "folded_company": _folded(item.company) if item.company is not None else None,
        "attributes": dict(item.values),
        "updated_at": item.updated_at.isoformat(),
    }


def _key_rows(item: Opportunity, keys: frozenset[str]) -> list[dict[str, Any]]:
    pairs = {(_folded(name), value) for name, value in item.values.items() if name in keys}
    if item.external_key is not None:
        value = (item.external_key.value or "").strip()
        pairs |= {(_folded(item.external_key.name or ""), value), (_folded(EXTERNAL_ID), value)}
    return [{"name": name, "value": value, "opportunity_id": item.id} for name, value in sorted(pairs)]


def _opportunity_of(row: Row[Any]) -> Opportunity:
    return Opportunity(
        id=row.id,
        values=row.attributes,
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
        external_key=NameValue(row.external_name, row.external_value) if row.external_name is not None else None,
        company=row.company,
    )


def _role_values(item: OpportunityRole) -> dict[str, Any]:
    return {
        "opportunity_id": item.opportunity_id,
        "lead_id": item.lead_id,
        "folded_role": _folded(item.role),
        "attributes": dict(item.values),
        "updated_at": item.updated_at.isoformat(),
    }


def _role_from(row: Row[Any]) -> OpportunityRole:
    return OpportunityRole(
        id=row.id,
        opportunity_id=row.opportunity_id,
        lead_id=row.lead_id,
        values=row.attributes,
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
    )
