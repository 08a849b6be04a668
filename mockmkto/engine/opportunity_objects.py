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
    "note_left",
    "note_updated",
    "opportunities_after",
    "opportunity",
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


def note_left(session: Session, items: list[OpportunityRole], name: str, trace: TraceBuilder) -> None:
    """Leads have no longer the roles that they had in an opportunity of that name."""
    _note(session, items, ActivityType.REMOVE_FROM_OPPORTUNITY, trace, name)


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
