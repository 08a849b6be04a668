"""What all operations on objects beside leads share: how they are described, asked for, synced and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockmkto.engine.object_kinds import KindField, ObjectKind
from mockmkto.engine.object_queries import MOST_IN_PAGE, ObjectQuery, search
from mockmkto.engine.object_records import ObjectOutcome, SyncAction, delete_objects, sync_objects
from mockmkto.errors import RestError
from mockmkto.model import Field, FieldType
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered, reason

__all__ = ["delete", "describe", "find", "summary", "sync"]

_WITH_LENGTH = frozenset({FieldType.STRING, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.TEXT})
_MADE = "2010-01-01T00:00:00Z"  # when the standard objects were (captured of SOAP's descriptions)


def summary(kind: ObjectKind[Any]) -> dict[str, Any]:
    """What a list of kinds says of one (documented)."""
    said: dict[str, Any] = {
        "name": kind.name,
        "displayName": kind.label,
        "description": kind.description,
        "createdAt": _MADE,
        "updatedAt": _MADE,
        "idField": kind.id_field,
        "dedupeFields": list(kind.dedupe_fields),
        "searchableFields": [list(kind.dedupe_fields), [kind.id_field], *([name] for name in kind.searchable)],
    }
    if kind.relationships:
        said["relationships"] = list(kind.relationships)
    return said


def describe(kind: ObjectKind[Any]) -> Answered:
    """Its keys and its fields (documented)."""
    return Answered([summary(kind) | {"fields": [_field(item) for item in kind.fields]}])


def _field(item: KindField) -> dict[str, Any]:
    field: Field = item.field
    said: dict[str, Any] = {"name": item.name, "displayName": item.label, "dataType": field.type.value}
    if field.type in _WITH_LENGTH and field.length is not None:
        said["length"] = field.length
    return said | {"updateable": item.updateable}


def find(call: RestCall, kind: ObjectKind[Any]) -> Answered:
    """Objects by the values of one field, which a query says, or a form; or by whole keys, which a body says."""
    given = call.parameters
    filter_type = given.text("filterType")
    fields: Sequence[str] = given.texts("fields")
    keys = None
    values = given.texts("filterValues")
    if call.incoming.body and not call.incoming.is_form:
        members = call.members()
        filter_type = _text(members, "filterType") or filter_type
        fields = _list(members, "fields") or fields
        values = _list(members, "filterValues") or values
        keys = call.records() if members.get("input") is not None else None
    size = given.whole("batchSize", MOST_IN_PAGE, least=0) if given.text("batchSize") else None
    query = ObjectQuery(filter_type, values, keys, fields, size, given.text("nextPageToken"))
    page = search(call.session, kind, query, call.trace)
    return Answered(page.objects, page.next_token)


def sync(call: RestCall, kind: ObjectKind[Any]) -> Answered:
    """What became of each record; `createOrUpdate` by the dedupe fields, unless the body says otherwise."""
    members = call.members()
    action = _one_of(members, "action", tuple(SyncAction), SyncAction.CREATE_OR_UPDATE, "SyncAction")
    by_id = _by_id(members, "dedupeBy")
    outcomes = sync_objects(call.session, kind, call.records(), SyncAction(action), call.trace, by_id=by_id)
    return _outcomes(kind, outcomes)


def delete(call: RestCall, kind: ObjectKind[Any]) -> Answered:
    """What became of each record, which the dedupe fields find, or the id field."""
    members = call.members()
    by_id = _by_id(members, "deleteBy")
    return _outcomes(kind, delete_objects(call.session, kind, call.records(), call.trace, by_id=by_id))


def _outcomes(kind: ObjectKind[Any], outcomes: Sequence[ObjectOutcome]) -> Answered:
    return Answered([_outcome(kind, number, item) for number, item in enumerate(outcomes)])


def _outcome(kind: ObjectKind[Any], number: int, item: ObjectOutcome) -> dict[str, Any]:
    said: dict[str, Any] = {"seq": number, "status": item.status}
    if item.shown_id is not None:
        said[kind.id_field] = item.shown_id
    if item.error is not None:
        said["reasons"] = [reason(item.error)]
    return said


def _by_id(members: Mapping[str, Any], name: str) -> bool:
    return _one_of(members, name, ("dedupeFields", "idField"), "dedupeFields", "DedupeBy") == "idField"


def _one_of(members: Mapping[str, Any], name: str, known: Sequence[str], otherwise: str, type: str) -> str:
    value = members.get(name)
    if value is None or value == "":
        return otherwise
    found = next((item for item in known if item.casefold() == str(value).strip().casefold()), None)
    if found is None:
        raise RestError.invalid_type(value, type)
    return found


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is None or isinstance(value, str):
        return value
    raise RestError.invalid_type(value, "String")


def _list(members: Mapping[str, Any], name: str) -> list[str]:
    """Names or values, as a list or with commas."""
    value = members.get(name)
    if value is None:
        return []
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        raise RestError.invalid_type(value, "List")
    return [str(item).strip() for item in value]
