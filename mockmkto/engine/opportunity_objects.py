"""Opportunities and roles as objects: how they are shown, and what happens to the leads that are in them."""

from __future__ import annotations

from mockmkto.engine import activities
from mockmkto.engine.object_fields import fields_of, shown_value
from mockmkto.model import ActivityType, NewActivity, TraceBuilder, World
from mockmkto.model.objects import Association, MObject, MObjectKind, NameValue, Opportunity, OpportunityRole
from mockmkto.store import objects as store
from mockmkto.store.database import Session

__all__ = [
    "COMPANY",
    "note_joined",
    "note_updated",
    "opportunities_after",
    "opportunity",
    "remove_opportunity",
    "remove_role",
    "role",
    "roles_after",
]

COMPANY = "Company"


def opportunity(session: Session, object_id: int) -> MObject | None:
    """The opportunity of that id."""
    found = store.opportunity_by_id(session, object_id)
    return _opportunity(session.world, found) if found is not None else None


def opportunities_after(session: Session, after: int, most: int) -> tuple[MObject, ...]:
    """Opportunities with higher ids, by id."""
    return tuple(_opportunity(session.world, item) for item in store.opportunities_after(session, after, most))


def role(session: Session, object_id: int) -> MObject | None:
    """The role of that id."""
    found = store.role_by_id(session, object_id)
    return _role(session.world, found) if found is not None else None


def roles_after(session: Session, after: int, most: int) -> tuple[MObject, ...]:
    """Roles with higher ids, by id."""
    return tuple(_role(session.world, item) for item in store.roles_after(session, after, most))


def _opportunity(world: World, item: Opportunity) -> MObject:
    company = item.company
    return MObject(
        MObjectKind.OPPORTUNITY.value,
        item.id,
        item.external_key,
        item.created_at,
        item.updated_at,
        _attributes(world, MObjectKind.OPPORTUNITY, item.values),
        associations=(Association(COMPANY, external_key=NameValue(COMPANY, company)),) if company is not None else (),
    )


def _role(world: World, item: OpportunityRole) -> MObject:
    return MObject(
        MObjectKind.ROLE.value,
        item.id,
        None,
        item.created_at,
        item.updated_at,
        _attributes(world, MObjectKind.ROLE, item.values),
        associations=(
            Association("Lead", item.lead_id),
            Association(MObjectKind.OPPORTUNITY.value, item.opportunity_id),
        ),
    )


def _attributes(world: World, kind: MObjectKind, values: object) -> tuple[NameValue, ...]:
    assert isinstance(values, dict)
    return tuple(
        NameValue(field.name, shown_value(field, values[field.name]))
        for field in fields_of(kind, world)
        if field.name in values
    )


# ---------------------------------------------------------------------------------------------------------------------
# Leads


def note_joined(session: Session, item: OpportunityRole, trace: TraceBuilder) -> None:
    """A lead has a role in an opportunity from now on (assumed: what is logged)."""
    _note(session, [item], ActivityType.ADD_TO_OPPORTUNITY, trace)


def _left(session: Session, items: list[OpportunityRole], name: str, trace: TraceBuilder) -> None:
    """Leads have no longer the roles that they had in an opportunity of that name."""
    _note(session, items, ActivityType.REMOVE_FROM_OPPORTUNITY, trace, name)


def remove_opportunity(session: Session, there: Opportunity, trace: TraceBuilder) -> int:
    """An opportunity is gone, and its roles with it (assumed); their leads are told. How many roles those were."""
    roles = list(store.roles_of_opportunity(session, there.id))
    for item in roles:
        store.remove_role(session, item.id)
    store.remove_opportunity(session, there.id)
    _left(session, roles, there.name, trace)
    trace.touch(item.lead_id for item in roles)
    return len(roles)


def remove_role(session: Session, there: OpportunityRole, trace: TraceBuilder) -> None:
    """A role is gone; its lead is told."""
    of = store.opportunity_by_id(session, there.opportunity_id)
    store.remove_role(session, there.id)
    _left(session, [there], of.name if of is not None else "", trace)


def note_updated(session: Session, item: Opportunity, trace: TraceBuilder) -> None:
    """An opportunity is another: each of its leads is told."""
    roles = store.roles_of_opportunity(session, item.id)
    first_of_each = {role.lead_id: role for role in reversed(roles)}
    _note(session, list(reversed(first_of_each.values())), ActivityType.UPDATE_OPPORTUNITY, trace, item.name)


def _note(
    session: Session, items: list[OpportunityRole], type: ActivityType, trace: TraceBuilder, name: str | None = None
) -> None:
    if not items or not session.world.behaviour.opportunity_activities:
        return
    if name is None:
        found = store.opportunity_by_id(session, items[0].opportunity_id)
        name = found.name if found is not None else ""
    activities.note_many(
        session,
        trace,
        [
            NewActivity(item.lead_id, type, name, (("Opportunity ID", str(item.opportunity_id)), ("Role", item.role)))
            for item in items
        ],
    )
