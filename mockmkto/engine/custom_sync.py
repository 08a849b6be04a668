"""syncCustomObjects and deleteCustomObjects: each record by itself, in the order of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.engine import activities
from mockmkto.engine.custom_objects import MOST_RECORDS, kind_named
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.references import leads_with_value
from mockmkto.errors import MarketoError
from mockmkto.model import (
    ActivityType,
    Attribute,
    Change,
    CustomObjectType,
    Field,
    RecordStep,
    TraceBuilder,
)
from mockmkto.model.custom_objects import (
    CustomObject,
    CustomObjectRecord,
    CustomObjectStatus,
    CustomStatus,
    DeleteCustomObjectsRequest,
    SyncCustomObjectsRequest,
    SyncCustomObjectsResult,
)
from mockmkto.model.objects import SyncOperation
from mockmkto.store import custom_objects as store
from mockmkto.store.database import Counter, Session

__all__ = [
    "DoneRecord",
    "FailedRecordError",
    "delete_custom_objects",
    "remove_record",
    "sync_custom_objects",
    "write_record",
]


class FailedRecordError(Exception):
    """One record cannot be stored: the text is what its status says."""


# ---------------------------------------------------------------------------------------------------------------------
# syncCustomObjects


def sync_custom_objects(
    session: Session, request: SyncCustomObjectsRequest, trace: TraceBuilder
) -> SyncCustomObjectsResult:
    """Each record stored by itself, in the order of the request: what is wrong with one fails that one (documented).

    Raises:
        MarketoError: 20109 no objTypeName or no list; 20110 unknown type (captured), unknown operation, more than 100
            records (documented as the most).
    """
    if request.type is None or not request.type.strip():
        raise MarketoError.parameter_required("objTypeName")
    if request.records is None:
        raise MarketoError.parameter_required("customObjList")
    kind = kind_named(session, request.type, trace)
    operation = _operation(request.operation)
    _check_size("customObjList", len(request.records))
    return SyncCustomObjectsResult(
        tuple(
            _one_by_one(session, kind, record.keys or (), position, trace, _Sync(operation, record).run)
            for position, record in enumerate(request.records, 1)
        )
    )


class DoneRecord(Struct, frozen=True):
    """What became of one record, and how."""

    status: CustomStatus
    record: CustomObject | None = None
    changes: tuple[Change, ...] = ()
    error: str | None = None
    reason: str = ""


class _Sync(Struct, frozen=True):
    """One record of a sync."""

    operation: SyncOperation
    record: CustomObjectRecord

    def run(self, session: Session, kind: CustomObjectType, trace: TraceBuilder) -> DoneRecord:
        """Store it, or raise `FailedRecordError`."""
        keys = _all_keys(session, kind, self.record.keys or ())
        values = self._values(session, kind, keys, trace)
        there = store.by_keys(session, kind, keys)
        behaviour = session.world.behaviour
        skipped = self._skipped(there)
        if skipped is not None:
            if behaviour.custom_skipped == "skipped":
                return DoneRecord(CustomStatus.SKIPPED, there, reason=skipped)
            raise FailedRecordError(skipped)
        return write_record(session, kind, there, {**keys, **values}, trace)

    def _skipped(self, there: CustomObject | None) -> str | None:
        if there is not None and self.operation is SyncOperation.INSERT:
            return "Object already exists"
        if there is None and self.operation is SyncOperation.UPDATE:
            return "Object does not exist"
        return None

    def _values(
        self, session: Session, kind: CustomObjectType, keys: Mapping[str, str], trace: TraceBuilder
    ) -> dict[str, str]:
        """The fields that are no keys, as they are stored; of one that is named twice the last counts."""
        given = self.record.attributes or ()
        unknown: dict[str, None] = {}
        read: dict[str, str] = {}
        for attribute in given:
            name = (attribute.name or "").strip()
            field = kind.fields.find(name)
            if field is None:
                unknown[name] = None
                continue
            if field.name != name:
                trace.warn("field_case", f"attribute {name} was read as the field {field.name}", name, field.name)
            value = _value(session, field, attribute.value)
            if field.name not in kind.keys:
                read[field.name] = value
            elif value != keys[field.name]:
                raise FailedRecordError(f"{field.name} is a key: its value cannot be another among the attributes")
        if unknown:
            raise FailedRecordError(f"Unknown name attribute list: {', '.join(unknown)}")
        return read


def write_record(
    session: Session,
    kind: CustomObjectType,
    there: CustomObject | None,
    values: Mapping[str, str],
    trace: TraceBuilder,
) -> DoneRecord:
    """Store a record of which these values are given, keys among them: a new one, or the one that is there.

    Raises:
        FailedRecordError: what its link says finds several leads; or none, and that is not to be stored.
    """
    behaviour = session.world.behaviour
    before = there.values if there is not None else {}
    stored = dict(before)
    for name, value in values.items():
        stored.pop(name, None)
        if value:
            stored[name] = value
    lead_id = _linked(session, kind, stored, trace)
    changes = tuple(
        Change.of(name, before.get(name), value or None) for name, value in values.items() if name not in kind.keys
    )
    if there is None:
        new = CustomObject(session.take_id(Counter.CUSTOM_OBJECT), kind.name, stored, lead_id, session.now, session.now)
        store.add(session, kind, new)
        _note(session, kind, new, "Created", trace)
        return DoneRecord(CustomStatus.CREATED, new, changes)
    if stored == dict(there.values) and lead_id == there.lead_id and behaviour.custom_unchanged == "unchanged":
        return DoneRecord(CustomStatus.UNCHANGED, there, changes)
    changed = replace(there, values=stored, lead_id=lead_id, updated_at=session.now)
    store.save(session, kind, changed)
    if stored != dict(there.values):
        _note(session, kind, changed, "Updated", trace)
    return DoneRecord(CustomStatus.UPDATED, changed, changes)


def _linked(session: Session, kind: CustomObjectType, stored: Mapping[str, str], trace: TraceBuilder) -> int | None:
    """The lead that the record is linked to."""
    link = kind.link
    value = stored.get(link.field, "") if link is not None else ""
    if link is None or not value:
        return None
    found = leads_with_value(session, link.to, value) or ()
    if len(found) > 1:
        raise FailedRecordError(f"Found more than one lead with {link.to} = {value}")
    if not found:
        text = f"No lead found with {link.to} = {value}"
        if session.world.behaviour.custom_link_missing == "failed":
            raise FailedRecordError(text)
        trace.warn("unlinked", f"{text}: the {kind.name} is stored, and nobody's", link.field)
        return None
    return found[0]


# ---------------------------------------------------------------------------------------------------------------------
# deleteCustomObjects


def delete_custom_objects(
    session: Session, request: DeleteCustomObjectsRequest, trace: TraceBuilder
) -> SyncCustomObjectsResult:
    """Each record that all of its keys find is deleted; what is not there fails by itself (assumed).

    Raises:
        MarketoError: 20109 no objTypeName or no list; 20110 unknown type, more than 100 records, a record that is named
            by a part of its keys.
    """
    if request.type is None or not request.type.strip():
        raise MarketoError.parameter_required("objTypeName")
    if request.keys is None:
        raise MarketoError.parameter_required("customObjKeyLists")
    kind = kind_named(session, request.type, trace)
    _check_size("customObjKeyLists", len(request.keys))
    named = []
    for keys in request.keys:
        try:
            named.append(_all_keys(session, kind, keys))
        except FailedRecordError as error:
            raise MarketoError.bad_parameter("customObjKeyLists", str(error)) from None
    return SyncCustomObjectsResult(
        tuple(
            _one_by_one(session, kind, given, position, trace, _Delete(keys).run)
            for position, (given, keys) in enumerate(zip(request.keys, named, strict=True), 1)
        )
    )


class _Delete(Struct, frozen=True):
    """One record that is to go."""

    keys: Mapping[str, str]

    def run(self, session: Session, kind: CustomObjectType, trace: TraceBuilder) -> DoneRecord:
        """Take it away, or raise `FailedRecordError`."""
        there = store.by_keys(session, kind, self.keys)
        if there is None:
            if session.world.behaviour.custom_unchanged == "unchanged":
                return DoneRecord(CustomStatus.UNCHANGED, reason="it is not there")
            raise FailedRecordError("Not found")
        remove_record(session, kind, there, trace)
        return DoneRecord(CustomStatus.DELETED, there)


def remove_record(session: Session, kind: CustomObjectType, there: CustomObject, trace: TraceBuilder) -> None:
    """Take a record away."""
    store.remove(session, there.id)
    _note(session, kind, there, "Deleted", trace)


# ---------------------------------------------------------------------------------------------------------------------
# Shared


def _operation(text: str | None) -> SyncOperation:
    if text is None or not text.strip():
        return SyncOperation.UPSERT
    try:
        return SyncOperation(text.strip())
    except ValueError:
        raise MarketoError.bad_parameter("operation", text) from None


def _check_size(element: str, size: int) -> None:
    if size > MOST_RECORDS:
        raise MarketoError.bad_parameter(element, f"{size} records, and no more than {MOST_RECORDS} are taken")


def _one_by_one(
    session: Session,
    kind: CustomObjectType,
    keys: Sequence[Attribute],
    position: int,
    trace: TraceBuilder,
    run: Callable[[Session, CustomObjectType, TraceBuilder], DoneRecord],
) -> CustomObjectStatus:
    """One record's status; the trace says how it came about."""
    written = trace.activities
    try:
        done = run(session, kind, trace)
    except FailedRecordError as failed:
        done = DoneRecord(CustomStatus.FAILED, error=str(failed))
    trace.record(
        RecordStep(
            position,
            done.status.value,
            changes=done.changes,
            lead_id=done.record.lead_id if done.record is not None else None,
            object_id=", ".join(f"{key.name} = {key.value}" for key in keys),
            error=done.error,
            reason=done.reason,
            activities=trace.activities - written,
        )
    )
    return CustomObjectStatus(kind.name, tuple(keys), done.status, done.error)


def _all_keys(session: Session, kind: CustomObjectType, given: Sequence[Attribute]) -> dict[str, str]:
    """The values of all keys by their own names; `FailedRecordError` where they are others, or not all (documented)."""
    values: dict[str, str] = {}
    unknown = []
    for attribute in given:
        field = kind.fields.find((attribute.name or "").strip())
        if field is None or field.name not in kind.keys:
            unknown.append(attribute.name or "")
        else:
            values[field.name] = _value(session, field, attribute.value)
    if unknown:
        raise FailedRecordError(f"Unknown name key list: {', '.join(unknown)}")
    missing = [name for name in kind.keys if not values.get(name)]
    if missing:
        raise FailedRecordError(f"Missing key: {', '.join(missing)}")
    return values


def _value(session: Session, field: Field, text: str | None) -> str:
    if text is None:
        raise FailedRecordError(f"Value of {field.name} is missing")
    try:
        return read_value(field, text, session.world.time_zone)
    except (BadValue, OverlongValue) as error:
        raise FailedRecordError(str(error)) from None


def _note(session: Session, kind: CustomObjectType, item: CustomObject, what: str, trace: TraceBuilder) -> None:
    if not session.world.behaviour.custom_activities or item.lead_id is None:
        return
    keys = ", ".join(f"{name} = {item.values.get(name, '')}" for name in kind.keys)
    said = {"Object Name": kind.name, "Object Key": keys, "Operation": what}
    activities.note(session, trace, item.lead_id, ActivityType.CHANGE_CUSTOM_OBJECT, kind.name, said)
