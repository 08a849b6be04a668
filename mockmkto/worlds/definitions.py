"""What a fixture says of objects: types of custom objects, fields of its own of opportunities and roles."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mockmkto.engine.object_fields import OPPORTUNITY_FIELDS, ROLE_FIELDS, ROLE_PARTS
from mockmkto.model import (
    Credential,
    CustomObjectLink,
    CustomObjectType,
    Field,
    FieldCatalogue,
    ObjectDefinitions,
    World,
)
from mockmkto.worlds.checking import Findings, check_name, check_world, checked_field, known_field, no_two
from mockmkto.worlds.field_entry import FieldEntry
from mockmkto.worlds.object_entries import CustomObjectTypeEntry
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.schema import WorldEntry, nearest

__all__ = ["check_definitions", "check_whole_world"]

MAX_FIELDS = 50  # of a type of custom objects (documented)


def check_whole_world(entry: WorldEntry, at: Location, findings: Findings) -> tuple[str, tuple[Credential, ...], World]:
    """The subscription's name, its credentials and its world, objects and all; what is wrong goes to the findings."""
    subscription, credentials, world = check_world(entry, at, findings)
    objects = check_definitions(entry, at, world.fields, findings)
    if entry.activity_types:
        from mockmkto.worlds.activity_types import check_activity_types

        own = check_activity_types(entry.activity_types, at, world, findings)
        objects = replace(objects, activity_types=own)
    return subscription, credentials, replace(world, objects=objects)


def check_definitions(
    entry: WorldEntry, at: Location, lead_fields: FieldCatalogue, findings: Findings
) -> ObjectDefinitions:
    """The types and fields, in the order of the file; what is wrong goes to the findings."""
    types = entry.custom_object_types or []
    no_two(types, lambda item: item.name, (*at, "custom_object_types"), "name", findings)
    return ObjectDefinitions(
        custom_types=tuple(
            _custom_type(item, (*at, "custom_object_types", index), lead_fields, findings)
            for index, item in enumerate(types)
        ),
        opportunity_fields=_fields(
            entry.opportunity_fields or [], OPPORTUNITY_FIELDS, (*at, "opportunity_fields"), findings
        ),
        role_fields=_fields(entry.role_fields or [], ROLE_FIELDS, (*at, "role_fields"), findings),
    )


def _fields(
    given: Sequence[FieldEntry], standard: Sequence[Field], at: Location, findings: Findings
) -> tuple[Field, ...]:
    known = {item.name.casefold(): item for item in standard}
    no_two(given, lambda item: item.name, at, "name", findings)
    fields = []
    for index, entry in enumerate(given):
        where = (*at, index)
        check_name(entry.name, (*where, "name"), findings)
        if entry.name in ROLE_PARTS and standard is ROLE_FIELDS:
            findings.add((*where, "name"), f"{entry.name} is a part of every role: it cannot be another")
        elif entry.remove:
            findings.add((*where, "remove"), "only a field of leads can be removed")
        else:
            field = checked_field(entry, known.get(entry.name.casefold()), where, findings)
            if field is not None:
                fields.append(field)
    return tuple(fields)


def _custom_type(
    entry: CustomObjectTypeEntry, at: Location, lead_fields: FieldCatalogue, findings: Findings
) -> CustomObjectType:
    check_name(entry.name, (*at, "name"), findings)
    fields = FieldCatalogue(_fields(entry.fields, (), (*at, "fields"), findings))
    if len(entry.fields) > MAX_FIELDS:
        findings.add((*at, "fields"), f"expected no more than {MAX_FIELDS} fields, got {len(entry.fields)}")
    if not entry.keys:
        findings.add((*at, "keys"), "expected at least one field by which two records are told apart")
    no_two(entry.keys, str, (*at, "keys"), None, findings)
    keys = []
    for index, name in enumerate(entry.keys):
        found = _own_field(name, (*at, "keys", index), fields, findings)
        if found is not None:
            keys.append(found)
    return CustomObjectType(entry.name, fields, tuple(keys), _link(entry, at, fields, lead_fields, findings))


def _link(
    entry: CustomObjectTypeEntry, at: Location, fields: FieldCatalogue, lead_fields: FieldCatalogue, findings: Findings
) -> CustomObjectLink | None:
    if entry.link is None:
        return None
    where = (*at, "link")
    field = _own_field(entry.link.field, (*where, "field"), fields, findings)
    to: str | None = next((name for name in ("Id", "Email") if name.casefold() == entry.link.to.casefold()), None)
    if to is None:
        of_lead = known_field(entry.link.to, lead_fields)
        if isinstance(of_lead, str):
            findings.add((*where, "to"), f"{of_lead}: expected Id, Email or a field of leads")
            return None
        to = of_lead.name
    return CustomObjectLink(field, to) if field is not None else None


def _own_field(name: str, at: Location, fields: FieldCatalogue, findings: Findings) -> str | None:
    field = fields.find(name)
    if field is None:
        names = [item.name for item in fields]
        findings.add(at, f"there is no field {show_value(name)}{nearest(name, names)}; known here: {', '.join(names)}")
        return None
    return field.name
