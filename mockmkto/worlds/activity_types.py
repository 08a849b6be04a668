"""A subscription's own types of activities in a fixture: read, checked, written again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from mockmkto.model import TYPE_IDS, World
from mockmkto.model.activity_types import (
    ATTRIBUTE_TYPES,
    FIRST_CUSTOM_ID,
    CustomActivityType,
    TypeAttribute,
    TypeVersion,
)
from mockmkto.worlds.activity_entry import ActivityTypeEntry, TypeAttributeEntry, TypeDraftEntry
from mockmkto.worlds.checking import check_name, no_two
from mockmkto.worlds.findings import Findings
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.values import OPEN, Values, counted_on
from mockmkto.worlds.words import nearest

__all__ = ["activity_type_entry", "check_activity_types", "dated"]


def check_activity_types(
    given: Sequence[ActivityTypeEntry], at: Location, world: World, findings: Findings
) -> tuple[CustomActivityType, ...]:
    """The types, in the order of the file; what is wrong goes to the findings. A time that is left open is `OPEN`."""
    place = (*at, "activity_types")
    no_two(given, lambda item: item.api_name, place, "api_name", findings)
    no_two(given, lambda item: item.name or item.api_name, place, "name", findings)
    values = Values(world, findings)
    ids = counted_on([item.id for item in given], place, findings, FIRST_CUSTOM_ID)
    checked = []
    for index, item in enumerate(given):
        where = (*place, index)
        number = next(ids)
        if number < FIRST_CUSTOM_ID:
            findings.add((*where, "id"), f"expected at least {FIRST_CUSTOM_ID}, got {number}: below are the vendor's")
        _check_api_name(item.api_name, (*where, "api_name"), findings)
        name = item.name or item.api_name
        if name in TYPE_IDS:
            findings.add((*where, "name"), f"{show_value(name)} is a type of the vendor's")
        said = TypeDraftEntry(
            name=name,
            trigger_name=item.trigger_name or name,
            filter_name=item.filter_name or name,
            description=item.description,
            primary=item.primary,
            attributes=item.attributes,
        )
        version: TypeVersion | None = _version(said, where, findings)
        draft = _version(item.draft, (*where, "draft"), findings) if item.draft is not None else None
        if item.approved is False:
            if draft is not None:
                findings.add((*where, "draft"), "expected none: what is not approved is a draft itself")
            version, draft = None, version
        times = values.times(item.created_at, item.updated_at, where)
        checked.append(CustomActivityType(number, item.api_name, *times, approved=version, draft=draft))
    return tuple(checked)


def dated(world: World, now: datetime) -> World:
    """The world with the types of activities that were made at a time that is left open made now."""
    types = world.objects.activity_types
    if all(item.created_at != OPEN for item in types):
        return world
    made = tuple(replace(item, created_at=now, updated_at=now) if item.created_at == OPEN else item for item in types)
    return replace(world, objects=replace(world.objects, activity_types=made))


def activity_type_entry(item: CustomActivityType) -> ActivityTypeEntry:
    """A type as a fixture has it."""
    said = item.approved or item.latest
    draft = item.draft if item.approved is not None else None
    return ActivityTypeEntry(
        id=item.id,
        api_name=item.api_name,
        name=said.name,
        trigger_name=said.trigger_name,
        filter_name=said.filter_name,
        description=said.description,
        primary=_attribute_entry(said.primary) if said.primary is not None else None,
        attributes=[_attribute_entry(one) for one in said.attributes] or None,
        approved=False if item.approved is None else None,
        draft=_draft_entry(draft) if draft is not None else None,
        created_at=_text(item.created_at),
        updated_at=_text(item.updated_at),
    )


def _draft_entry(draft: TypeVersion) -> TypeDraftEntry:
    return TypeDraftEntry(
        name=draft.name,
        trigger_name=draft.trigger_name,
        filter_name=draft.filter_name,
        description=draft.description,
        primary=_attribute_entry(draft.primary) if draft.primary is not None else None,
        attributes=[_attribute_entry(one) for one in draft.attributes] or None,
    )


def _version(said: TypeDraftEntry, at: Location, findings: Findings) -> TypeVersion:
    check_name(said.name, (*at, "name"), findings)
    given = said.attributes or []
    no_two(given, lambda item: item.api_name, (*at, "attributes"), "api_name", findings)
    return TypeVersion(
        said.name,
        said.trigger_name,
        said.filter_name,
        said.description,
        _attribute(said.primary, (*at, "primary"), findings) if said.primary is not None else None,
        tuple(_attribute(item, (*at, "attributes", index), findings) for index, item in enumerate(given)),
    )


def _attribute(entry: TypeAttributeEntry, at: Location, findings: Findings) -> TypeAttribute:
    _check_api_name(entry.api_name, (*at, "api_name"), findings)
    kind = entry.data_type or "string"
    if kind not in ATTRIBUTE_TYPES:
        shown = f"{show_value(kind)}{nearest(kind, ATTRIBUTE_TYPES)}"
        findings.add((*at, "data_type"), f"expected one of {', '.join(ATTRIBUTE_TYPES)}, got {shown}")
    return TypeAttribute(entry.api_name, entry.name or entry.api_name, kind, entry.description)


def _attribute_entry(item: TypeAttribute) -> TypeAttributeEntry:
    return TypeAttributeEntry(
        api_name=item.api_name, name=item.name, data_type=item.data_type, description=item.description
    )


def _check_api_name(name: str, at: Location, findings: Findings) -> None:
    if not name.isascii() or not name.replace("_", "").isalnum() or len(name) > 255:
        findings.add(at, f"expected letters and digits, 255 at most, got {show_value(name)}")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
