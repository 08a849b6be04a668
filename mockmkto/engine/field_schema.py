"""The schema of leads: fields that a client adds to it, and what it changes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from mockmkto.engine.catalogue import FIRST_CUSTOM_ID, default_length
from mockmkto.engine.lead_fields import is_custom, lead_field
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Field, FieldCatalogue, FieldType
from mockmkto.store.database import Session

__all__ = ["MOST_NEW_FIELDS", "add_field", "change_field"]

MOST_NEW_FIELDS = 100
"""Fields that one call may add (documented)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")
_MEMBERS = frozenset({"id", "email", "foreignsyspersonid", "foreignsystype"})
_TYPES = {item.value: item for item in FieldType if item is not FieldType.REFERENCE} | {"textarea": FieldType.TEXT}

# What a client says of a field, and what we call it.
_FLAGS = {"isHidden": "hidden", "isHtmlEncodingInEmail": "html_encoded", "isSensitive": "sensitive"}
_OF_STANDARD = frozenset({"description", "isHtmlEncodingInEmail", "isSensitive"})  # documented


def add_field(session: Session, given: Mapping[str, Any]) -> Field:
    """Add a field, which both APIs call as it is given (captured of custom fields).

    Raises:
        RestError: 1002 its label, its name or its type is missing; 1001 it is no type; 1003 it is no name; 1017 there
            is one of that name (documented are the members; the codes are assumed).
    """
    for member in ("displayName", "name", "dataType"):
        if given.get(member) in (None, ""):
            raise RestError.missing_parameter(member)
    name, type_ = str(given["name"]), _TYPES.get(str(given["dataType"]).casefold())
    if type_ is None:
        raise RestError.invalid_type(given["dataType"], "LeadFieldDataType")
    if not _NAME.fullmatch(name):
        raise RestError.invalid_value("name", name)
    fields = session.world.fields
    if name.casefold() in _MEMBERS or lead_field(session.world, name) or fields.named(name):
        raise RestError(RestCode.OBJECT_EXISTS, f"Field '{name}' already exists")
    highest = max((field.id or 0 for field in fields.every), default=0)
    number = max(highest + 1, FIRST_CUSTOM_ID)
    made = _changed(Field(name, type_, default_length(type_), id=number, api_created=True), given)
    _put(session, (*fields.every, made))
    return made


def change_field(session: Session, name: str, given: Mapping[str, Any]) -> Field:
    """Change what is said of a field: of a standard one only description, encoding and sensitivity (documented).

    Raises:
        RestError: 1006 there is no such field; 1011 of a standard field something else is to be changed (assumed).
    """
    field = session.world.fields.by_rest_name(name.strip())
    if field is None:
        raise RestError.field_not_found(name)
    if not is_custom(field):
        for member in ("displayName", *_FLAGS):
            if member in given and member not in _OF_STANDARD:
                raise RestError.field_not_supported(member)
    changed = _changed(field, given)
    _put(session, tuple(changed if item is field else item for item in session.world.fields.every))
    return changed


def _changed(field: Field, given: Mapping[str, Any]) -> Field:
    said: dict[str, Any] = {}
    for member, ours in {"displayName": "display_name", "description": "description"}.items():
        value = given.get(member)
        if value is None:
            continue
        if not isinstance(value, str):
            raise RestError.invalid_type(value, "String")
        said[ours] = value
    for member, ours in _FLAGS.items():
        value = given.get(member)
        if value is None:
            continue
        if not isinstance(value, bool):
            raise RestError.invalid_type(value, "Boolean")
        said[ours] = value
    return replace(field, **said)


def _put(session: Session, fields: tuple[Field, ...]) -> None:
    session.world = replace(session.world, fields=FieldCatalogue(fields))
