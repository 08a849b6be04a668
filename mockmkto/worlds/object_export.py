"""Opportunities, roles and custom objects as entries of a fixture that loads again to the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from mockmkto.engine.catalogue import default_length
from mockmkto.model import CustomObjectType, Field, ObjectDefinitions
from mockmkto.model.objects import Opportunity, OpportunityRole
from mockmkto.store import custom_objects, objects
from mockmkto.store.database import Session
from mockmkto.worlds.activity_entry import ActivityTypeEntry
from mockmkto.worlds.companies import company_entries
from mockmkto.worlds.field_entry import FieldEntry
from mockmkto.worlds.object_entries import CustomObjectTypeEntry, LinkEntry, OpportunityEntry, RoleEntry
from mockmkto.worlds.schema import WorldEntry

__all__ = [
    "all_opportunities",
    "all_roles",
    "field_entry",
    "opportunity_entry",
    "role_entry",
    "type_entry",
    "with_definitions",
    "with_objects",
]

_SLICE = 1000


def with_definitions(entry: WorldEntry, given: ObjectDefinitions) -> WorldEntry:
    """The entry of a world with what it says of objects."""
    return msgspec.structs.replace(
        entry,
        opportunity_fields=[field_entry(item) for item in given.opportunity_fields] or None,
        role_fields=[field_entry(item) for item in given.role_fields] or None,
        custom_object_types=[type_entry(item) for item in given.custom_types] or None,
        activity_types=_activity_types(given) if given.activity_types else None,
    )


def _activity_types(given: ObjectDefinitions) -> list[ActivityTypeEntry]:
    from mockmkto.worlds.activity_types import activity_type_entry

    return [activity_type_entry(item) for item in given.activity_types]


def with_objects(entry: WorldEntry, session: Session) -> WorldEntry:
    """The entry of a world with its objects."""
    return msgspec.structs.replace(
        entry,
        companies=list(company_entries(session)) or None,
        opportunities=[opportunity_entry(item) for item in all_opportunities(session)] or None,
        opportunity_roles=[role_entry(item) for item in all_roles(session)] or None,
        custom_object_types=[type_entry(item, session) for item in session.world.objects.custom_types] or None,
    )


def all_opportunities(session: Session) -> Iterator[Opportunity]:
    """Every opportunity, by id, some of them in memory at a time."""
    after = 0
    while found := objects.opportunities_after(session, after, _SLICE):
        yield from found
        after = found[-1].id


def all_roles(session: Session) -> Iterator[OpportunityRole]:
    """Every role, by id, some of them in memory at a time."""
    after = 0
    while found := objects.roles_after(session, after, _SLICE):
        yield from found
        after = found[-1].id


def field_entry(item: Field) -> FieldEntry:
    """A field as a fixture has it."""
    return FieldEntry(
        name=item.name,
        type=item.type.value,
        length=item.length if item.length != default_length(item.type) else None,
        read_only=item.read_only or None,
        update_blocked=item.update_blocked or None,
        display_name=item.display_name,
    )


def type_entry(item: CustomObjectType, session: Session | None = None) -> CustomObjectTypeEntry:
    """A type of custom objects as a fixture has it, with its records where a session is given."""
    records = custom_objects.all_of(session, item) if session is not None else ()
    return CustomObjectTypeEntry(
        name=item.name,
        keys=list(item.keys),
        link=LinkEntry(field=item.link.field, to=item.link.to) if item.link is not None else None,
        fields=[field_entry(field) for field in item.fields],
        records=[dict(record.values) for record in records] or None,
    )


def opportunity_entry(item: Opportunity) -> OpportunityEntry:
    """An opportunity as a fixture has it."""
    key = item.external_key
    return OpportunityEntry(
        id=item.id,
        external={key.name or "": key.value} if key is not None else None,
        attributes=dict(item.values) or None,
        company=item.company,
        created_at=_moment(item.created_at),
        updated_at=_moment(item.updated_at),
    )


def role_entry(item: OpportunityRole) -> RoleEntry:
    """A role as a fixture has it."""
    return RoleEntry(
        id=item.id,
        opportunity=item.opportunity_id,
        lead=item.lead_id,
        attributes=dict(item.values) or None,
        created_at=_moment(item.created_at),
        updated_at=_moment(item.updated_at),
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
