"""What became of each object of a request: done one by one, and one that fails fails by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from mockmkto.errors import Code, MarketoError
from mockmkto.model import Change, RecordStep, TraceBuilder
from mockmkto.model.objects import MObject, MObjectStatus, MObjectSyncStatus
from mockmkto.store.database import Session

__all__ = ["DoneObject", "FailedObjectError", "each"]


class FailedObjectError(Exception):
    """One object cannot be stored: the text is what its status says."""


class DoneObject(Struct, frozen=True):
    """What became of one object, and how."""

    status: MObjectSyncStatus
    id: int | None = None
    changes: tuple[Change, ...] = ()
    error: str | None = None
    reason: str = ""
    lead_id: int | None = None


def each(
    session: Session, objects: Iterable[MObject], run: Callable[[MObject], DoneObject], trace: TraceBuilder
) -> tuple[MObjectStatus, ...]:
    """A status for each object, in the order of the request; the trace says how each came about.

    Raises:
        MarketoError: 20110 one failed, and the switch `mobject_errors` says that nothing is to be done then.
    """
    statuses = []
    for position, item in enumerate(objects, 1):
        written = trace.activities
        try:
            done = run(item)
        except FailedObjectError as failed:
            if session.world.behaviour.mobject_errors == "fault":
                raise MarketoError(Code.BAD_PARAMETER, str(failed)) from None
            done = DoneObject(MObjectSyncStatus.FAILED, error=str(failed))
        trace.record(
            RecordStep(
                position,
                done.status.value,
                changes=done.changes,
                lead_id=done.lead_id,
                object_id=f"{item.type} {done.id}" if done.id is not None else item.type,
                error=done.error,
                reason=done.reason,
                activities=trace.activities - written,
            )
        )
        statuses.append(MObjectStatus(done.status, done.id, item.external_key, done.error))
    return tuple(statuses)
