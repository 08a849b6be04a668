"""The subscription's own types of activities: listed, described, made, changed, approved, deleted."""

from __future__ import annotations

from typing import Any

from mockmkto.engine import activity_types as own
from mockmkto.engine.activity_types import AttributeChange, TypeChange
from mockmkto.engine.plain import utc
from mockmkto.errors import RestError
from mockmkto.model import Subject
from mockmkto.model.activity_types import CustomActivityType, TypeAttribute, TypeVersion
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered

__all__ = [
    "add_attributes",
    "approve",
    "change",
    "change_attributes",
    "create",
    "delete",
    "describe",
    "discard_draft",
    "remove_attributes",
    "types",
]


def types(call: RestCall) -> Answered:
    """Every type of the subscription's own, drafts as well, without its attributes (documented)."""
    return Answered([_head(item, item.approved or item.latest) for item in call.world.objects.activity_types])


def describe(call: RestCall) -> Answered:
    """One type with its attributes: as it is approved, or with `draft=true` as its draft has it (documented).

    What is missing of the two is shown as the other (assumed).
    """
    found = own.find_type(call.session, call.pieces["name"])
    _note(call, found)
    version = found.latest if call.parameters.flag("draft") else found.approved or found.latest
    return Answered([_whole(found, version)])


def create(call: RestCall) -> Answered:
    """A new type, as a draft."""
    said = call.members()
    name = said.get("apiName")
    if not name:
        raise RestError.missing_parameter("apiName")
    return _answered(call, own.create_type(call.session, _text(name, "apiName"), _change(said)))


def change(call: RestCall) -> Answered:
    """What is said of a type becomes its draft."""
    return _answered(call, own.change_type(call.session, call.pieces["name"], _change(call.members())))


def approve(call: RestCall) -> Answered:
    """The draft of a type counts from now on."""
    return _answered(call, own.approve(call.session, call.pieces["name"]))


def discard_draft(call: RestCall) -> Answered:
    """The draft of a type is gone."""
    return _answered(call, own.discard_draft(call.session, call.pieces["name"]))


def delete(call: RestCall) -> Answered:
    """A type is gone that nothing in the log is of; it is answered as it was (assumed)."""
    return _answered(call, own.delete_type(call.session, call.pieces["name"]))


def add_attributes(call: RestCall) -> Answered:
    """The draft of a type has more attributes."""
    return _answered(call, own.add_attributes(call.session, call.pieces["name"], _attributes(call)))


def change_attributes(call: RestCall) -> Answered:
    """The draft of a type has other attributes under the same API names."""
    return _answered(call, own.change_attributes(call.session, call.pieces["name"], _attributes(call)))


def remove_attributes(call: RestCall) -> Answered:
    """The draft of a type has fewer attributes."""
    names = [item.api_name for item in _attributes(call)]
    return _answered(call, own.remove_attributes(call.session, call.pieces["name"], names))


# ---------------------------------------------------------------------------------------------------------------------
# What was asked


def _change(said: dict[str, Any]) -> TypeChange:
    primary = said.get("primaryAttribute")
    if primary is not None and not isinstance(primary, dict):
        raise RestError.invalid_type(str(primary), "Object")
    return TypeChange(
        _text(said.get("name"), "name"),
        _text(said.get("triggerName"), "triggerName"),
        _text(said.get("filterName"), "filterName"),
        _text(said.get("description"), "description"),
        _attribute(primary) if primary else None,
    )


def _attributes(call: RestCall) -> list[AttributeChange]:
    given = call.members().get("attributes")
    if given is None or given == []:
        raise RestError.missing_parameter("attributes")
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise RestError.invalid_type("attributes", "List")
    return [_attribute(item) for item in given]


def _attribute(given: dict[str, Any]) -> AttributeChange:
    name = _text(given.get("apiName"), "apiName")
    if not name:
        raise RestError.missing_parameter("apiName")
    primary = given.get("isPrimary")
    if primary is not None and not isinstance(primary, bool):
        raise RestError.invalid_type(primary, "Boolean")
    return AttributeChange(
        name,
        _text(given.get("name"), "name"),
        _text(given.get("dataType"), "dataType"),
        _text(given.get("description"), "description"),
        primary,
    )


def _text(value: Any, name: str) -> Any:
    if value is not None and not isinstance(value, str):
        raise RestError.invalid_value(name, value)
    return value


# ---------------------------------------------------------------------------------------------------------------------
# What is answered


def _answered(call: RestCall, item: CustomActivityType) -> Answered:
    _note(call, item)
    return Answered([_whole(item, item.latest)])


def _note(call: RestCall, item: CustomActivityType) -> None:
    call.trace.subjects.append(Subject("activity type", item.api_name, item.id, item.latest.name, item.status))


def _head(item: CustomActivityType, version: TypeVersion) -> dict[str, Any]:
    """What is said of a type; one that was never approved has no id and no times yet (as in the vendor's samples)."""
    said: dict[str, Any] = {} if item.approved is None else {"id": item.id}
    said |= {"apiName": item.api_name, "name": version.name}
    if version.description is not None:
        said["description"] = version.description
    said |= {"triggerName": version.trigger_name, "filterName": version.filter_name}
    if item.approved is not None:
        said |= {"createdAt": utc(item.created_at), "updatedAt": utc(item.updated_at)}
    return said | {"status": item.status}


def _whole(item: CustomActivityType, version: TypeVersion) -> dict[str, Any]:
    said = _head(item, version)
    if version.primary is not None:
        said["primaryAttribute"] = _described(version.primary)
    if version.attributes:
        said["attributes"] = [_described(one) for one in version.attributes]
    return said


def _described(item: TypeAttribute) -> dict[str, str]:
    said = {"apiName": item.api_name, "name": item.name}
    if item.description is not None:
        said["description"] = item.description
    return said | {"dataType": item.data_type}
