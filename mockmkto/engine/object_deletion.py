"""deleteMObjects: opportunities and roles, by id."""

from __future__ import annotations

from mockmkto.engine.numbers import as_id
from mockmkto.engine.object_statuses import DoneObject, FailedObjectError, each
from mockmkto.engine.objects import kind_of
from mockmkto.engine.opportunity_objects import remove_opportunity, remove_role
from mockmkto.errors import MarketoError
from mockmkto.model import TraceBuilder
from mockmkto.model.objects import (
    DeleteMObjectsRequest,
    MObject,
    MObjectKind,
    MObjectSyncStatus,
    SyncMObjectsResult,
)
from mockmkto.store import objects as store
from mockmkto.store.database import Session

__all__ = ["delete_mobjects"]


def delete_mobjects(session: Session, request: DeleteMObjectsRequest, trace: TraceBuilder) -> SyncMObjectsResult:
    """A status for each object: an opportunity that goes takes its roles along (assumed).

    Raises:
        MarketoError: 20109 no list.
    """
    if request.objects is None:
        raise MarketoError.parameter_required("mObjectList")
    return SyncMObjectsResult(each(session, request.objects, lambda item: _delete(session, item, trace), trace))


def _delete(session: Session, item: MObject, trace: TraceBuilder) -> DoneObject:
    kind = kind_of(item.type)
    if kind is None or kind is MObjectKind.PROGRAM:
        raise FailedObjectError(
            f"Objects of this type cannot be deleted: {item.type}" if item.type else "type is required"
        )
    object_id = as_id(item.id) if item.id is not None else _by_external_key(session, kind, item, trace)
    if object_id is None:
        raise FailedObjectError("id is required")
    if kind is MObjectKind.ROLE:
        role = store.role_by_id(session, object_id)
        if role is None:
            return DoneObject(MObjectSyncStatus.UNCHANGED, max(object_id, 0), reason="it is not there")
        remove_role(session, role, trace)
        return DoneObject(MObjectSyncStatus.DELETED, role.id, lead_id=role.lead_id)
    there = store.opportunity_by_id(session, object_id)
    if there is None:
        return DoneObject(MObjectSyncStatus.UNCHANGED, max(object_id, 0), reason="it is not there")
    roles = remove_opportunity(session, there, trace)
    return DoneObject(MObjectSyncStatus.DELETED, there.id, reason=f"{roles} roles went with it" if roles else "")


def _by_external_key(session: Session, kind: MObjectKind, item: MObject, trace: TraceBuilder) -> int | None:
    """The id of an opportunity that is named by its key, as the page does not say that it can be."""
    key = item.external_key
    if kind is not MObjectKind.OPPORTUNITY or key is None or not key.name or not key.value:
        return None
    trace.warn("external_key", "an object is deleted by its id: this one was found by its externalKey", "externalKey")
    found = store.ids_by_external_key(session, key)
    if not found:
        raise FailedObjectError(f"No opportunity found with {key.name} = {key.value}")
    return found[0]
