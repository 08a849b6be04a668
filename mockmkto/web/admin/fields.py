"""Fields of leads: each is changed as if it stood in a fixture, by the same checks, and leads' values with it."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.model import Field
from mockmkto.store import leads
from mockmkto.store.database import Session
from mockmkto.store.listing import leads_with
from mockmkto.web.admin.problems import conflict, not_found, show
from mockmkto.web.admin.resource import Body, Created, Subscription, View, also, in_path
from mockmkto.web.admin.world import checked
from mockmkto.worlds.exporting import world_entry
from mockmkto.worlds.field_entry import GIVEN
from mockmkto.worlds.field_ids import LARGEST
from mockmkto.worlds.schema import FieldEntry

__all__ = ["ChangedField", "FieldList", "NewField", "add_field", "change_field", "field", "fields", "remove_field"]

Number = Annotated[int, Meta(ge=1, le=LARGEST)]
T = TypeVar("T")


class FieldList(View, frozen=True, kw_only=True):
    """Every field, in the order in which answers list them."""

    fields: tuple[Field, ...]


class NewField(Body, frozen=True, kw_only=True):
    """A field; without a length it has the one of its type."""

    name: str
    type: str
    length: Number | None = None
    read_only: bool = False
    update_blocked: bool = False
    display_name: str | None = None
    rest_name: str | None = None
    rest_read_only: bool = False
    id: Number | None = None
    description: str | None = None
    hidden: bool = False
    html_encoded: bool = True
    sensitive: bool = False
    api_created: bool = False


class ChangedField(Body, frozen=True, kw_only=True):
    """What changes of a field; one that is not there yet needs its type."""

    name: str | UnsetType = UNSET  # as in the path, so that an answer can be sent back
    type: str | UnsetType = UNSET
    length: Number | UnsetType | None = UNSET
    read_only: bool | UnsetType = UNSET
    update_blocked: bool | UnsetType = UNSET
    display_name: str | UnsetType | None = UNSET
    rest_name: str | UnsetType | None = UNSET
    rest_read_only: bool | UnsetType = UNSET
    soap: bool | UnsetType = UNSET
    rest: bool | UnsetType = UNSET
    id: Number | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    hidden: bool | UnsetType = UNSET
    html_encoded: bool | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    api_created: bool | UnsetType = UNSET


def fields(asked: Subscription) -> FieldList:
    """Every field of the catalogue."""
    with asked.database.transaction() as session:
        return FieldList(fields=session.world.fields.every)


def field(asked: Subscription, name: str) -> Field:
    """One field, by its name in any case."""
    with asked.database.transaction() as session:
        return _field(session, name)


@also(409, "The name is taken.")
def add_field(asked: Subscription, body: NewField) -> Created[Field]:
    """Add a field to the catalogue."""
    with asked.database.transaction() as session:
        if session.world.fields.named(body.name) is not None:
            raise conflict("body.name", f"There is a field {body.name!r} already.", body.name)
        entry = FieldEntry(**{name: getattr(body, name) for name in NewField.__struct_fields__})
        made = _put_field(session, entry)
    return Created(made, asked.url(f"/fields/{in_path(made.name)}"))


@also(409, "A lead has a value that would not fit, or the body names another field.")
def change_field(asked: Subscription, name: str, body: ChangedField) -> Field:
    """Change a field, or add it; what leads have of it is read anew."""
    if body.name is not UNSET and body.name.casefold() != name.casefold():
        raise conflict("body.name", f"The path says {name!r}: a field cannot be renamed.", body.name)
    with asked.database.transaction() as session:
        there = session.world.fields.named(name)
        type_ = body.type if body.type is not UNSET else there.type.value if there else None
        keeps_length = there is not None and type_ == there.type.value
        given = {item: _given(getattr(body, item), getattr(there, item, None)) for item in GIVEN}
        entry = FieldEntry(
            name=there.name if there else name,
            type=type_,
            length=body.length if body.length is not UNSET else there.length if there and keeps_length else None,
            **given,
        )
        changed = _put_field(session, entry)
        if there is not None and (changed.type, changed.length) != (there.type, there.length):
            _read_anew(session, changed)
        return changed


def _given(value: T | UnsetType, otherwise: T | None) -> T | None:
    return otherwise if value is UNSET else value


@also(409, "A rule, a lead key or a type of custom objects needs the field.")
def remove_field(asked: Subscription, name: str) -> None:
    """Take a field away, with the values that leads have of it."""
    with asked.database.transaction() as session:
        there = _field(session, name)
        entry = world_entry(session.world)
        kept = [item for item in entry.fields or [] if item.name.casefold() != there.name.casefold()]
        standard = checked(
            msgspec.structs.replace(
                entry, fields=None, assignment_rules=None, lead_keys=None, custom_object_types=None
            ),
            (),
            "body",
        )
        if standard.fields.named(there.name) is not None:
            kept.append(FieldEntry(name=there.name, remove=True))
        session.world = checked(msgspec.structs.replace(entry, fields=kept), ("fields",), "path.name")
        for lead in leads_with(session, there.name):
            leads.save(session, replace(lead, attributes={k: v for k, v in lead.attributes.items() if k != there.name}))


def _field(session: Session, name: str) -> Field:
    found = session.world.fields.named(name)
    if found is None:
        raise not_found("path.name", "field", name)
    return found


def _put_field(session: Session, new: FieldEntry) -> Field:
    entry = world_entry(session.world)
    listed = [item for item in entry.fields or [] if item.name.casefold() != new.name.casefold()]
    world = checked(msgspec.structs.replace(entry, fields=[*listed, new]), ("fields", len(listed)), "body")
    session.world = world
    found = world.fields.named(new.name)
    assert found is not None
    return found


def _read_anew(session: Session, changed: Field) -> None:
    for lead in leads_with(session, changed.name):
        text = lead.attributes[changed.name]
        try:
            value = read_value(changed, text, session.world.time_zone)
        except (BadValue, OverlongValue):
            detail = f"The lead {lead.id} has {show(text)} as {changed.name}, which would not fit."
            raise conflict("body", detail, text) from None
        if value != text:
            leads.save(session, replace(lead, attributes={**lead.attributes, changed.name: value}))
