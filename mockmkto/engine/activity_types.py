"""A subscription's own types of activities: made as a draft, changed, approved, described, deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.errors import RestCode, RestError
from mockmkto.model import TYPE_IDS
from mockmkto.model.activity_types import (
    ATTRIBUTE_TYPES,
    FIRST_CUSTOM_ID,
    CustomActivityType,
    TypeAttribute,
    TypeVersion,
)
from mockmkto.store import log
from mockmkto.store.database import Session

__all__ = [
    "AttributeChange",
    "TypeChange",
    "add_attributes",
    "approve",
    "change_attributes",
    "change_type",
    "create_type",
    "delete_type",
    "discard_draft",
    "find_type",
    "remove_attributes",
]

MOST_TYPES = 10  # of a subscription (documented)
MOST_ATTRIBUTES = 20  # of a type, its primary one aside (documented)

_API_NAME = re.compile(r"[A-Za-z0-9_]{1,255}")  # documented; the underscore is assumed
_NAME = re.compile(r"(?=.*[A-Za-z])[\w ]+")  # documented
_LONGEST = 255


class AttributeChange(NamedTuple):
    """An attribute as a request has it; `None` says nothing."""

    api_name: str
    name: str | None = None
    data_type: str | None = None
    description: str | None = None
    is_primary: bool | None = None


class TypeChange(NamedTuple):
    """What a request says of a type; `None` says nothing."""

    name: str | None = None
    trigger_name: str | None = None
    filter_name: str | None = None
    description: str | None = None
    primary: AttributeChange | None = None


def find_type(session: Session, api_name: str) -> CustomActivityType:
    """The type of that name in any case.

    Raises:
        RestError: 1013 there is none.
    """
    wanted = api_name.strip().casefold()
    for item in session.world.objects.activity_types:
        if item.api_name.casefold() == wanted:
            return item
    raise RestError.not_found("Activity type")


def create_type(session: Session, api_name: str, said: TypeChange) -> CustomActivityType:
    """A new type as a draft, which has to be approved before anything can be written of it (documented).

    Raises:
        RestError: 1002 a part that every type has is missing, 1003 a name that none can be, 1017 one that another type
            has, 1027 there are ten types (documented; which code the names have is assumed).
    """
    there = session.world.objects.activity_types
    if not _API_NAME.fullmatch(api_name):
        raise RestError.invalid_value("apiName", api_name)
    for part, given in (
        ("name", said.name),
        ("triggerName", said.trigger_name),
        ("filterName", said.filter_name),
        ("primaryAttribute", said.primary),
    ):
        if not given:
            raise RestError.missing_parameter(part)
    if any(item.api_name.casefold() == api_name.casefold() for item in there):
        raise RestError(RestCode.OBJECT_EXISTS)
    if len(there) >= MOST_TYPES:
        raise RestError(RestCode.TOO_MANY_ACTIVITY_TYPES, "Max Activity Type Limit Reached")
    version = _with_said(TypeVersion("", "", ""), said)
    _check_names(session, version, None)
    number = max((item.id for item in there), default=FIRST_CUSTOM_ID - 1) + 1
    made = CustomActivityType(number, api_name, session.now, session.now, draft=version)
    _save(session, (*there, made))
    return made


def change_type(session: Session, api_name: str, said: TypeChange) -> CustomActivityType:
    """Another draft of a type; what is approved stays as it is until that is (documented).

    Raises:
        RestError: 1013 there is no such type; 1022 its names and its primary attribute, once it is approved and
            something of it is in the log (documented, but for the code); 1003 and 1017 as of a new type.
    """
    found = find_type(session, api_name)
    version = _with_said(found.latest, said)
    if found.approved is not None and _kept(version) != _kept(found.approved) and _is_in_use(session, found):
        raise RestError(RestCode.OBJECT_IN_USE)
    _check_names(session, version, found)
    return _drafted(session, found, version)


def approve(session: Session, api_name: str) -> CustomActivityType:
    """The draft of a type is what counts from now on.

    Raises:
        RestError: 1013 there is no such type; 709 it has no draft (documented for assets).
    """
    found = find_type(session, api_name)
    if found.draft is None:
        raise RestError(RestCode.RULE_VIOLATION, f"Activity type '{found.api_name}' has no draft to approve")
    return _changed(session, replace(found, approved=found.draft, draft=None, updated_at=session.now))


def discard_draft(session: Session, api_name: str) -> CustomActivityType:
    """The draft of a type is gone, what is approved stays.

    Raises:
        RestError: 1013 there is no such type; 709 it has no draft, or is nothing else (assumed).
    """
    found = find_type(session, api_name)
    if found.draft is None or found.approved is None:
        what = "has no draft to discard" if found.draft is None else "is a draft: delete it"
        raise RestError(RestCode.RULE_VIOLATION, f"Activity type '{found.api_name}' {what}")
    return _changed(session, replace(found, draft=None, updated_at=session.now))


def delete_type(session: Session, api_name: str) -> CustomActivityType:
    """The type is gone; what it was.

    Raises:
        RestError: 1013 there is no such type; 1022 something of it is in the log (assumed).
    """
    found = find_type(session, api_name)
    if _is_in_use(session, found):
        raise RestError(RestCode.OBJECT_IN_USE)
    _save(session, tuple(item for item in session.world.objects.activity_types if item.id != found.id))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Attributes


def add_attributes(session: Session, api_name: str, given: Sequence[AttributeChange]) -> CustomActivityType:
    """A draft of the type with more attributes.

    Raises:
        RestError: 1013 there is no such type; 1002 an attribute without name or type; 1001 a type that none has; 1017
            an attribute that is there; 1028 more than 20 of them (documented); 1003 a second primary one.
    """
    found = find_type(session, api_name)
    version = found.latest
    for item in given:
        if not _API_NAME.fullmatch(item.api_name):
            raise RestError.invalid_value("apiName", item.api_name)
        if not item.name:
            raise RestError.missing_parameter("name")
        if not item.data_type:
            raise RestError.missing_parameter("dataType")
        if _named(version, item.api_name) is not None:
            raise RestError(RestCode.OBJECT_EXISTS, f"Attribute '{item.api_name}' already exists")
        made = TypeAttribute(item.api_name, item.name, _data_type(item.data_type), item.description)
        if item.is_primary:
            version = _with_primary(version, made)
        else:
            version = replace(version, attributes=(*version.attributes, made))
    return _drafted(session, found, _not_too_many(version))


def change_attributes(session: Session, api_name: str, given: Sequence[AttributeChange]) -> CustomActivityType:
    """A draft of the type with attributes that are other ones under the same API names.

    Raises:
        RestError: 1013 there is no such type; 1006 no such attribute (assumed); 1001 a type that none has; 1003 a
            second primary one: the one that there is has to be made none first (documented).
    """
    found = find_type(session, api_name)
    version = found.latest
    for item in given:
        before = _named(version, item.api_name)
        if before is None:
            raise RestError.field_not_found(item.api_name)
        after = TypeAttribute(
            before.api_name,
            item.name or before.name,
            _data_type(item.data_type) if item.data_type else before.data_type,
            before.description if item.description is None else item.description,
        )
        is_primary = before == version.primary
        version = _without(version, before) if item.is_primary not in (None, is_primary) else version
        if item.is_primary not in (None, is_primary):
            version = (
                _with_primary(version, after)
                if item.is_primary
                else replace(version, attributes=(*version.attributes, after))
            )
        elif is_primary:
            version = replace(version, primary=after)
        else:
            others = tuple(after if one == before else one for one in version.attributes)
            version = replace(version, attributes=others)
    return _drafted(session, found, _not_too_many(version))


def remove_attributes(session: Session, api_name: str, names: Sequence[str]) -> CustomActivityType:
    """A draft of the type without some attributes.

    Raises:
        RestError: 1013 there is no such type; 1006 no such attribute (assumed); 1003 the primary one, which every type
            has (assumed).
    """
    found = find_type(session, api_name)
    version = found.latest
    for name in names:
        there = _named(version, name)
        if there is None:
            raise RestError.field_not_found(name)
        if there == version.primary:
            raise RestError.invalid_data(f"Attribute '{there.api_name}' is primary and cannot be deleted")
        version = _without(version, there)
    return _drafted(session, found, version)


def _named(version: TypeVersion, api_name: str) -> TypeAttribute | None:
    wanted = api_name.casefold()
    every = (*((version.primary,) if version.primary is not None else ()), *version.attributes)
    return next((item for item in every if item.api_name.casefold() == wanted), None)


def _without(version: TypeVersion, gone: TypeAttribute) -> TypeVersion:
    others = tuple(item for item in version.attributes if item != gone)
    return replace(version, primary=None if version.primary == gone else version.primary, attributes=others)


def _with_primary(version: TypeVersion, item: TypeAttribute) -> TypeVersion:
    if version.primary is not None:
        raise RestError.invalid_data(f"Attribute '{version.primary.api_name}' is primary already")
    return replace(version, primary=item)


def _not_too_many(version: TypeVersion) -> TypeVersion:
    if len(version.attributes) > MOST_ATTRIBUTES:
        raise RestError(RestCode.TOO_MANY_FIELDS, "Max field limit reached")
    return version


def _data_type(text: str) -> str:
    known = text.strip().casefold()
    if known not in ATTRIBUTE_TYPES:
        raise RestError.invalid_type(text, "dataType")
    return known


# ---------------------------------------------------------------------------------------------------------------------
# What all of them do


def _with_said(version: TypeVersion, said: TypeChange) -> TypeVersion:
    primary = version.primary
    if said.primary is not None:
        given = said.primary
        if not _API_NAME.fullmatch(given.api_name):
            raise RestError.invalid_value("apiName", given.api_name)
        primary = TypeAttribute(
            given.api_name,
            given.name or given.api_name,
            _data_type(given.data_type or "string"),
            given.description,
        )
    return replace(
        version,
        name=said.name or version.name,
        trigger_name=said.trigger_name or version.trigger_name,
        filter_name=said.filter_name or version.filter_name,
        description=version.description if said.description is None else said.description,
        primary=primary,
    )


def _kept(version: TypeVersion) -> tuple[object, ...]:
    """What a type keeps once something of it is in the log."""
    return version.name, version.trigger_name, version.filter_name, version.primary


def _check_names(session: Session, version: TypeVersion, owner: CustomActivityType | None) -> None:
    parts = {"name": "name", "triggerName": "trigger_name", "filterName": "filter_name"}
    for shown, part in parts.items():
        text: str = getattr(version, part)
        if len(text) > _LONGEST or (part == "name" and not _NAME.fullmatch(text)):
            raise RestError.invalid_value(shown, text)
        others = {
            getattr(one, part).casefold()
            for item in session.world.objects.activity_types
            if owner is None or item.id != owner.id
            for one in (item.approved, item.draft)
            if one is not None
        }
        if part == "name":
            others |= {name.casefold() for name in TYPE_IDS}
        if text.casefold() in others:
            raise RestError(RestCode.OBJECT_EXISTS, f"Activity type with {shown} '{text}' already exists")


def _is_in_use(session: Session, item: CustomActivityType) -> bool:
    if item.approved is None:
        return False
    return bool(log.page(session, log.Query(include=(item.approved.name,)), limit=1))


def _drafted(session: Session, found: CustomActivityType, version: TypeVersion) -> CustomActivityType:
    return _changed(session, replace(found, draft=version, updated_at=session.now))


def _changed(session: Session, changed: CustomActivityType) -> CustomActivityType:
    types = session.world.objects.activity_types
    _save(session, tuple(changed if item.id == changed.id else item for item in types))
    return changed


def _save(session: Session, types: tuple[CustomActivityType, ...]) -> None:
    world = session.world
    session.world = replace(world, objects=replace(world.objects, activity_types=types))
