"""getCustomObjects: records of a type by their keys, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockmkto.engine.custom_positions import Position, read_position
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.numbers import whole
from mockmkto.engine.paging import batch_size
from mockmkto.errors import MarketoError
from mockmkto.model import (
    Attribute,
    CustomObjectType,
    PageStep,
    Subject,
    TraceBuilder,
)
from mockmkto.model.custom_objects import (
    CustomObject,
    CustomObjectRecord,
    GetCustomObjectsRequest,
    GetCustomObjectsResult,
)
from mockmkto.store import custom_objects as store
from mockmkto.store.database import Session

__all__ = ["MOST_RECORDS", "get_custom_objects", "kind_named"]

MOST_RECORDS = 100  # of one call (documented)


# ---------------------------------------------------------------------------------------------------------------------
# getCustomObjects


def get_custom_objects(
    session: Session, request: GetCustomObjectsRequest, trace: TraceBuilder
) -> GetCustomObjectsResult:
    """The records of a type whose keys are as asked, in the order of their keys, at most 100 of them (documented).

    Two values of one key are alternatives (captured); none asks for all records (assumed). Keys show among the other
    fields only if they are asked for (assumed).

    Raises:
        MarketoError: 20109 no objTypeName, a key without name or value; 20110 unknown type (captured), a name that is
            no key; 20122 a position that is none.
    """
    kind = kind_named(session, request.type, trace)
    keys = _asked_keys(session, kind, request.keys)
    came = request.position.strip() if request.position else ""
    position = read_position(kind, came) if came else Position({}, 0)
    if came and keys and not position.is_plain_about(keys):
        agreed = position.keys == keys
        if not agreed and session.world.behaviour.position_conflict == "fault":
            raise MarketoError.bad_stream_position(came)
        if not agreed:
            trace.warn("position_conflict", "the keys are not those of the position: the position counts")
    asked = position.keys if came and position.keys else keys
    most = batch_size(request.batch_size, MOST_RECORDS, MOST_RECORDS, trace)
    after = position.after
    skip = position.shown if after is None else 0
    total = store.remaining(session, kind, asked, None)
    found = store.page(session, kind, asked, after, most, skip)
    shown = position.shown + len(found)
    left = 0
    if found:
        last = found[-1]
        behind = store.Place(store.place_of(kind, last.values), last.id)
        left = store.remaining(session, kind, asked, behind)
        after = behind
    following = Position(asked, shown, after if left else None)
    shown_fields = _included(kind, request.include, trace)
    trace.touch(item.lead_id for item in found if item.lead_id is not None)
    answered = following.text(kind)
    trace.page = PageStep(
        selector=_selector(kind, asked),
        total=total,
        first=position.shown + 1 if found else 0,
        last=shown if found else 0,
        batch_asked=whole(request.batch_size),
        batch_used=most,
        ended="" if left else "these were the last ones" if found else "there are none",
        came=came or None,
        next=answered,
    )
    records = tuple(_shown(kind, item, shown_fields) for item in found)
    return GetCustomObjectsResult(kind.name, records, left, answered)


def _asked_keys(session: Session, kind: CustomObjectType, given: Sequence[Attribute]) -> dict[str, tuple[str, ...]]:
    """The values that each key may have, by the key's own name."""
    keys: dict[str, tuple[str, ...]] = {}
    _require_names_and_values(given, "customObjKeyList")
    for attribute in given:
        field = kind.fields.find((attribute.name or "").strip())
        if field is None or field.name not in kind.keys:
            raise MarketoError.bad_parameter("customObjKeyList", attribute.name or "")
        try:
            value = read_value(field, attribute.value or "", session.world.time_zone)
        except (BadValue, OverlongValue):
            raise MarketoError.bad_value(attribute.value or "", field.name, field.type.value) from None
        known = keys.get(field.name, ())
        if value not in known:
            keys[field.name] = (*known, value)
    return keys


def _selector(kind: CustomObjectType, keys: Mapping[str, Sequence[str]]) -> str:
    said = " and ".join(f"{name} = {' or '.join(values)}" for name, values in keys.items())
    return f"{kind.name} with {said}" if said else f"all of {kind.name}"


def _included(kind: CustomObjectType, names: Sequence[str], trace: TraceBuilder) -> tuple[str, ...]:
    """The fields to show, by name: those asked for, or all but the keys."""
    given = [name.strip() for name in names if name.strip()]
    if not given:
        return tuple(field.name for field in kind.fields if field.name not in kind.keys)
    wanted = set()
    for name in given:
        field = kind.fields.find(name)
        if field is None:
            trace.warn("unknown_field", f"{kind.name} has no field {name}: it was ignored", name)
        else:
            wanted.add(field.name)
    return tuple(field.name for field in kind.fields if field.name in wanted)


def _shown(kind: CustomObjectType, item: CustomObject, fields: Sequence[str]) -> CustomObjectRecord:
    return CustomObjectRecord(
        tuple(Attribute(name, item.values.get(name, "")) for name in kind.keys),
        tuple(Attribute(name, item.values[name]) for name in fields if name in item.values),
    )


def kind_named(session: Session, name: str | None, trace: TraceBuilder) -> CustomObjectType:
    """The type of that name, in any case (captured).

    Raises:
        MarketoError: 20109 no name; 20110 there is none (captured).
    """
    if name is None or not name.strip():
        raise MarketoError.parameter_required("objTypeName")
    kind = session.world.objects.custom_type(name)
    trace.subjects.append(
        Subject("object type", f"objTypeName = {name}", kind.name if kind else None, kind.name if kind else None)
    )
    if kind is None:
        raise MarketoError.bad_object_name()
    return kind


def _require_names_and_values(given: Sequence[Attribute], element: str) -> None:
    for attribute in given:
        if not attribute.name:
            raise MarketoError.parameter_required(f"attrName of {element}")
        if attribute.value is None:
            raise MarketoError.parameter_required(f"attrValue of {attribute.name}")
