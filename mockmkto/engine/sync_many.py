"""syncMultipleLeads: each record as syncLead does it, by its own rules of matching."""

from __future__ import annotations

from mockmkto.engine.sync import Manner, sync_record
from mockmkto.errors import MarketoError
from mockmkto.model import LeadRecord, RecordStep, SyncStatus, TraceBuilder
from mockmkto.model.reads import RecordStatus, SyncMultipleLeadsRequest
from mockmkto.store.database import Session

__all__ = ["RECOMMENDED", "sync_multiple_leads"]

RECOMMENDED = 300  # records of one call (documented); more are done


def sync_multiple_leads(
    session: Session, request: SyncMultipleLeadsRequest, trace: TraceBuilder
) -> tuple[RecordStatus, ...]:
    """A status for each record, in request order (captured). The records are done one after another (assumed).

    Matched by Id, then ForeignSysPersonId, then, unless dedupEnabled is false, by e-mail; no cookie, no workspace
    (documented). An Email key is not written to a lead that another key found, unless it is among the attributes
    (documented). A record that cannot be used fails by itself, with the message of syncLead's fault (inferred: the
    status has a value and a member for it).

    Raises:
        MarketoError: 20104 there is no list of records; and, where the switch `multi_sync_errors` is fault, whatever
            syncLead refuses the first bad record with: then nothing was written.
    """
    behaviour = session.world.behaviour
    if request.leads is None:
        raise MarketoError.lead_list_required()
    if len(request.leads) > RECOMMENDED:
        trace.warn(
            "many", f"{len(request.leads)} records came: more than {RECOMMENDED} are not recommended", "leadRecordList"
        )
    manner = Manner(
        by_email=behaviour.dedup_default if request.dedup is None else request.dedup,
        writes_key_email=False,
        ambiguous_email_fails=behaviour.duplicate_email_many == "failed",
    )
    refuses_all = behaviour.multi_sync_errors == "fault"
    return tuple(
        _sync(session, position, record, manner, trace, refuses_all=refuses_all)
        for position, record in enumerate(request.leads, 1)
    )


def _sync(
    session: Session,
    position: int,
    record: LeadRecord,
    manner: Manner,
    trace: TraceBuilder,
    *,
    refuses_all: bool,
) -> RecordStatus:
    own = TraceBuilder(warnings=trace.warnings)
    try:
        lead, status = sync_record(session, record, manner, own)
        done = RecordStatus(lead.id, status)
    except MarketoError as error:
        done = RecordStatus(0, SyncStatus.FAILED, error.message)
        trace.record(_step(position, done, own, error))
        if refuses_all:
            raise
        return done
    trace.activities += own.activities
    trace.record(_step(position, done, own))
    return done


def _step(position: int, done: RecordStatus, own: TraceBuilder, error: MarketoError | None = None) -> RecordStep:
    return RecordStep(
        position,
        done.status.value,
        tuple(own.keys),
        own.partition,
        tuple(own.changes),
        done.lead_id or None,
        error=error.brief if error is not None else None,
        activities=own.activities,
    )
