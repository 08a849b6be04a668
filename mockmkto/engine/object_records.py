"""Objects beside leads, synced and deleted: each record by itself, in the order of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from mockmkto.engine.object_kinds import ObjectKind, Stored
from mockmkto.engine.object_queries import whole_key
from mockmkto.engine.plain import PlainValue
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Change, RecordStep, TraceBuilder
from mockmkto.store.database import Session

__all__ = ["ObjectOutcome", "SyncAction", "delete_objects", "sync_objects"]

CREATED, UPDATED, DELETED, SKIPPED = "created", "updated", "deleted", "skipped"


class SyncAction(StrEnum):
    """What a sync does with what is there, and with what is not (documented)."""

    CREATE_ONLY = "createOnly"
    UPDATE_ONLY = "updateOnly"
    CREATE_OR_UPDATE = "createOrUpdate"


class ObjectOutcome(NamedTuple):
    """What became of one record: what stands for its number where there is one, and why it was refused."""

    status: str
    shown_id: PlainValue = None
    error: RestError | None = None


def sync_objects(
    session: Session,
    kind: ObjectKind[Any],
    records: Sequence[Mapping[str, Any]],
    action: SyncAction,
    trace: TraceBuilder,
    *,
    by_id: bool = False,
) -> list[ObjectOutcome]:
    """What became of each record. One of a key that an earlier record of the call had is a duplicate (documented).

    Args:
        session: the call's.
        kind: of the objects.
        records: values by REST name.
        action: what is done with those that are there, and those that are not.
        trace: where it is told.
        by_id: whether an object is found by its id field instead of its dedupe fields.

    Raises:
        RestError: 1003 an object that is found by its id can only be updated (documented).
    """
    if by_id and action is not SyncAction.UPDATE_ONLY:
        raise RestError.invalid_data("dedupeBy idField is for updateOnly alone")
    seen: set[object] = set()
    outcomes = []
    for position, record in enumerate(records, 1):
        changes: list[Change] = []
        written = trace.activities
        item: Stored | None = None
        try:
            item, status = _sync(session, kind, record, action, by_id, seen, changes, trace)
            outcome = ObjectOutcome(status, kind.shown_id(item))
        except RestError as error:
            outcome, changes = ObjectOutcome(SKIPPED, None, error), []
        _tell(kind, position, outcome, item, tuple(changes), trace.activities - written, trace)
        outcomes.append(outcome)
    return outcomes


def _sync(
    session: Session,
    kind: ObjectKind[Any],
    record: Mapping[str, Any],
    action: SyncAction,
    by_id: bool,
    seen: set[object],
    changes: list[Change],
    trace: TraceBuilder,
) -> tuple[Stored, str]:
    values = _values(session, kind, record, trace)
    there: Stored | None
    key: object
    if by_id:
        given = _given_id(kind, record)
        there = kind.by_shown_id(session, given)
        key = str(given)
    else:
        whole = whole_key(session, kind, record)
        there = kind.by_key(session, whole)
        key = tuple(text.casefold() for text in whole.values())
    if key in seen:
        raise RestError(RestCode.DUPLICATE_IN_INPUT)
    seen.add(key)
    if there is None and action is SyncAction.UPDATE_ONLY:
        raise RestError(RestCode.OBJECT_NOT_FOUND)
    if there is not None and action is SyncAction.CREATE_ONLY:
        raise RestError(RestCode.OBJECT_EXISTS)
    before = {name: kind.stored(there, name) or "" if there is not None else "" for name in values}
    if there is None:
        done: Stored = kind.create(session, values, trace)
    elif before == values:
        done = there  # as of a lead (captured): it is `updated`, and stays as it is
    else:
        if by_id:
            _refuse_key_of_another(session, kind, there, values)
        done = kind.change(session, there, values, trace)
    changes += [Change.of(name, before[name] or None, value or None) for name, value in values.items()]
    return done, CREATED if there is None else UPDATED


def _values(session: Session, kind: ObjectKind[Any], record: Mapping[str, Any], trace: TraceBuilder) -> dict[str, str]:
    """What a record writes, by REST name."""
    values = {}
    for name, value in record.items():
        field = kind.field(name)
        if field is None:
            raise RestError.field_not_found(name)
        if field.updateable:
            values[field.name] = kind.text(session, field, value)
        elif field.name != kind.id_field:
            trace.warn("read_only", f"field {field.name} may not be written: what was sent is not stored", name)
    return values


def _refuse_key_of_another(session: Session, kind: ObjectKind[Any], there: Stored, values: Mapping[str, str]) -> None:
    key = {name: values.get(name, kind.stored(there, name) or "") for name in kind.dedupe_fields}
    empty = next((name for name, text in key.items() if not text), None)
    if empty is not None:
        raise RestError.missing_parameter(empty)
    other = kind.by_key(session, key)
    if other is not None and other.id != there.id:
        raise RestError(RestCode.OBJECT_EXISTS)


def delete_objects(
    session: Session,
    kind: ObjectKind[Any],
    records: Sequence[Mapping[str, Any]],
    trace: TraceBuilder,
    *,
    by_id: bool = False,
) -> list[ObjectOutcome]:
    """What became of each record: it is deleted, or skipped where it is not there (documented)."""
    outcomes = []
    for position, record in enumerate(records, 1):
        written = trace.activities
        item: Stored | None = None
        try:
            item = _delete(session, kind, record, by_id, trace)
            outcome = ObjectOutcome(DELETED, kind.shown_id(item))
        except RestError as error:
            outcome = ObjectOutcome(SKIPPED, None, error)
        _tell(kind, position, outcome, item, (), trace.activities - written, trace)
        outcomes.append(outcome)
    return outcomes


def _delete(
    session: Session, kind: ObjectKind[Any], record: Mapping[str, Any], by_id: bool, trace: TraceBuilder
) -> Stored:
    there: Stored | None
    if by_id:
        there = kind.by_shown_id(session, _given_id(kind, record))
    else:
        there = kind.by_key(session, whole_key(session, kind, record))
    if there is None:
        raise RestError(RestCode.OBJECT_NOT_FOUND)
    found: Stored = there
    kind.remove(session, found, trace)
    return found


def _given_id(kind: ObjectKind[Any], record: Mapping[str, Any]) -> object:
    given: object = {name.strip().casefold(): value for name, value in record.items()}.get(kind.id_field.casefold())
    if given is None or given == "":
        raise RestError.missing_parameter(kind.id_field)
    return given


def _tell(
    kind: ObjectKind[Any],
    position: int,
    outcome: ObjectOutcome,
    item: Stored | None,
    changes: tuple[Change, ...],
    activities: int,
    trace: TraceBuilder,
) -> None:
    trace.record(
        RecordStep(
            position,
            outcome.status,
            changes=changes,
            lead_id=kind.lead_of(item) if item is not None else None,
            object_id=f"{kind.name} {outcome.shown_id}" if outcome.shown_id is not None else None,
            error=outcome.error.brief if outcome.error is not None else None,
            activities=activities,
        )
    )
