"""The fields of leads: described, listed, added and changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockmkto.engine.catalogue import EMAIL_FIELD, ID_FIELD, display_name
from mockmkto.engine.field_schema import MOST_NEW_FIELDS, add_field, change_field
from mockmkto.engine.lead_fields import is_custom, rest_name, searchable
from mockmkto.engine.page_tokens import page_token, read_page_token
from mockmkto.errors import RestError
from mockmkto.model import Field, FieldType, World
from mockmkto.rest.call import MOST_RECORDS, RestCall
from mockmkto.rest.envelope import Answered, reason

__all__ = ["add", "change", "describe", "describe_for_search", "find", "one"]

# Captured: describe says a length of these, and not of long texts and references.
_WITH_LENGTH = frozenset({FieldType.STRING, FieldType.EMAIL, FieldType.PHONE, FieldType.URL})
_PAGES = "fields"


def describe(call: RestCall) -> Answered:
    """Every field, by both of its names, in the order of ids (captured)."""
    return Answered([_described(field) for field in _fields(call.world)])


def describe_for_search(call: RestCall) -> Answered:
    """Every field by its REST name, and by which of them leads are searched (documented)."""
    fields = [
        {
            "name": rest_name(field),
            "displayName": display_name(field),
            "dataType": _type(field),
            **_length(field),
            "updateable": not field.rest_read_only,
            "crmManaged": False,
        }
        for field in _fields(call.world)
    ]
    return Answered(
        [{"name": "API Lead", "searchableFields": [[name] for name in searchable(call.world)], "fields": fields}]
    )


def find(call: RestCall) -> Answered:
    """What the schema says of every field, in pages of 300 by id (documented)."""
    size = call.parameters.whole("batchSize", MOST_RECORDS, most=MOST_RECORDS)
    after = 0
    token = call.parameters.text("nextPageToken")
    if token is not None:
        place = read_page_token(_PAGES, token)
        if place is None:
            raise RestError.invalid_data(f"Invalid token value: {token}")
        after = place[0]
    fields = [field for field in _fields(call.world) if (field.id or 0) > after]
    more = len(fields) > size
    shown = fields[:size]
    return Answered([_of_schema(field) for field in shown], page_token(_PAGES, shown[-1].id or 0) if more else None)


def one(call: RestCall) -> Answered:
    """What the schema says of one field; 1006 where there is none (assumed)."""
    name = call.pieces["name"]
    field = next((item for item in _fields(call.world) if rest_name(item).casefold() == name.casefold()), None)
    if field is None:
        raise RestError.field_not_found(name)
    return Answered([_of_schema(field)])


def add(call: RestCall) -> Answered:
    """Add fields, each for itself."""
    return _each(call, lambda given: add_field(call.session, given), "created")


def change(call: RestCall) -> Answered:
    """Change what the schema says of one field."""
    name = call.pieces["name"]
    return _each(call, lambda given: change_field(call.session, name, given), "updated", most=1)


def _each(call: RestCall, act: Callable[[dict[str, Any]], Field], done: str, most: int = MOST_NEW_FIELDS) -> Answered:
    outcomes: list[dict[str, Any]] = []
    for position, given in enumerate(call.records(most), 1):
        try:
            field = act(given)
        except RestError as error:
            call.note_record(position, "skipped", error=error)
            outcomes.append({"status": "skipped", "reasons": [reason(error)]})
        else:
            call.note_record(position, done, object_id=field.name)
            outcomes.append({"name": rest_name(field), "status": done})
    return Answered(outcomes)


# ---------------------------------------------------------------------------------------------------------------------


def _fields(world: World) -> list[Field]:
    return sorted((*world.fields.rest, ID_FIELD, EMAIL_FIELD), key=lambda field: field.id or 0)


def _type(field: Field) -> str:
    """Captured: a field that was made as a score is described as an integer."""
    return (FieldType.INTEGER if field.type is FieldType.SCORE else field.type).value


def _length(field: Field) -> dict[str, int]:
    return {"length": field.length} if field.type in _WITH_LENGTH and field.length is not None else {}


def _described(field: Field) -> dict[str, Any]:
    said = {
        "id": field.id,
        "displayName": display_name(field),
        "dataType": _type(field),
        **_length(field),
        "rest": {"name": rest_name(field), "readOnly": field.rest_read_only},
    }
    if field.soap:
        said["soap"] = {"name": field.name, "readOnly": field.read_only}
    return said


def _of_schema(field: Field) -> dict[str, Any]:
    return {
        "displayName": display_name(field),
        "name": rest_name(field),
        "description": field.description,
        "dataType": _type(field),
        **_length(field),
        "isHidden": field.hidden,
        "isHtmlEncodingInEmail": field.html_encoded,
        "isSensitive": field.sensitive,
        "isCustom": is_custom(field),
        "isApiCreated": field.api_created,
    }
