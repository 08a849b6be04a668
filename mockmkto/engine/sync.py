"""syncLead: match, check, write, answer; and the same for each record of many. Faults come before any writing."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.engine.activities import SOURCE, note_many
from mockmkto.engine.lookup import lead_record
from mockmkto.engine.matching import RequestKeys, match
from mockmkto.engine.partitions import check_matched, named_workspace, place_new
from mockmkto.engine.reading import (
    EMAIL_FIELD,
    Values,
    read_foreign_id,
    read_keys,
    read_record_values,
    require_names_and_values,
)
from mockmkto.engine.writing import create, derived_website, log_of_change, with_values
from mockmkto.errors import MarketoError
from mockmkto.model import (
    Change,
    ChangeOutcome,
    Key,
    KeyStep,
    Lead,
    LeadRecord,
    SyncLeadRequest,
    SyncLeadResult,
    SyncStatus,
    TraceBuilder,
    Verdict,
    Workspace,
)
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["EMAIL_FIELD", "Manner", "sync_lead", "sync_record"]


class Manner(Struct, frozen=True):
    """How a record is synced, apart from what it says: what a call gives beside it, and how operations differ."""

    cookie: str | None = None
    move_cookie: bool = True
    target_workspace: str | None = None
    by_email: bool = True  # whether an e-mail finds a lead
    writes_key_email: bool = True  # whether an Email key that did not find the lead is written to one that was there
    ambiguous_email_fails: bool = False
    source: str = SOURCE  # what the log gives as the source of a lead that is created


def sync_lead(session: Session, request: SyncLeadRequest, trace: TraceBuilder) -> SyncLeadResult:
    """Update the lead that the request's keys find, or create one. What was decided, and why, is added to `trace`.

    The order of the faults is fixed (assumed): 20104, 20101, 20109, 20110 for ForeignSysType, 20110 for the workspace,
    20105, 20110 for a value, 20103, 20106. A fault has written nothing.

    Raises:
        MarketoError: the first fault that applies.
    """
    if request.lead is None:
        raise MarketoError.lead_detail_required()
    manner = Manner(request.marketo_cookie, request.move_cookie, request.target_workspace)
    lead, status = sync_record(session, request.lead, manner, trace)
    return SyncLeadResult(lead.id, status, lead_record(session, lead) if request.return_lead else None)


def sync_record(session: Session, record: LeadRecord, manner: Manner, trace: TraceBuilder) -> tuple[Lead, SyncStatus]:
    """The lead of one record as it is stored now, and whether it was created or updated.

    Raises:
        MarketoError: the first fault that applies; nothing was written.
    """
    world = session.world
    keys = read_keys(world, record, manner.cookie, trace)
    require_names_and_values(record)
    keys = replace(keys, foreign_id=read_foreign_id(record, trace))
    workspace = named_workspace(world, manner.target_workspace)
    values = read_record_values(world, record, keys, trace)
    keys = replace(keys, email=values.key_email)  # as it is stored: cut, where overlong values are

    trace.keys.extend(match(session, keys, by_email=manner.by_email))
    decided = next((step for step in trace.keys if step.verdict is Verdict.DECIDES), None)
    if any(step.verdict is Verdict.FAILS for step in trace.keys):
        raise MarketoError.lead_not_found("IDNUM", keys.id)
    if decided is None:
        lead, status = _create(session, workspace, values, manner, trace), SyncStatus.CREATED
    else:
        if manner.ambiguous_email_fails and len(decided.found) > 1:
            raise MarketoError.more_than_one_lead("EMAIL", keys.email)
        lead, status = _update(session, decided, workspace, values, manner, trace), SyncStatus.UPDATED
    _write_keys(session, lead, keys, manner, trace)
    return lead, status


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def _create(session: Session, workspace: Workspace | None, values: Values, manner: Manner, trace: TraceBuilder) -> Lead:
    present = values.present()
    email = (values.key_email if values.email is None else values.email) or None
    present |= derived_website(session.world, email, present)
    trace.partition = place_new(session.world, workspace, email, present)
    lead = create(session, email, present, trace.partition, trace, source_type=manner.source, source_info=manner.source)
    for name, value in present.items():
        trace.change(name, None, value, "" if name in values.fields else "derived from the e-mail")
    _note_dropped(values, {}, trace)
    return lead


def _update(
    session: Session,
    decided: KeyStep,
    workspace: Workspace | None,
    values: Values,
    manner: Manner,
    trace: TraceBuilder,
) -> Lead:
    lead = leads.by_id(session, decided.found[0])
    if lead is None:  # the keys and the leads are written in one transaction
        raise AssertionError(f"{decided.key} finds lead {decided.found[0]}, which is not there")
    trace.partition = check_matched(session.world, workspace, lead, decided.key)
    if not trace.partition.accepted and workspace is not None:
        raise MarketoError.outside_partition(lead.id, workspace.name)
    _merge_anonymous(session, lead, trace)

    email = lead.email
    written = values.email
    if written is None and decided.key is not Key.EMAIL and manner.writes_key_email:
        written = values.key_email
    if written is not None:
        email = written or None
        trace.change("Email", lead.email, email)
    elif values.key_email is not None and decided.key is not Key.EMAIL:
        reason = f"a key beside {decided.key} is not written, unless it is among the attributes"
        trace.changes.append(Change("Email", lead.email, lead.email, ChangeOutcome.NOT_STORED, reason))
    attributes = with_values(lead, values.fields, trace)
    _note_dropped(values, lead.attributes, trace)
    if not lead.known:
        trace.change("known", "anonymous", "known")
    changed = replace(
        lead,
        email=email,
        known=True,
        attributes=attributes,
        updated_at=session.now,
        updated_order=session.next_order(),
    )
    leads.save(session, changed, lead)
    written_fields = filter(None, map(session.world.fields.named, values.fields))
    note_many(session, trace, log_of_change(session, lead, changed, written_fields))
    return changed


def _merge_anonymous(session: Session, lead: Lead, trace: TraceBuilder) -> None:
    merged = next((step.found[0] for step in trace.keys if step.verdict is Verdict.YIELDS), None)
    if merged is None:
        return
    from mockmkto.engine.absorbing import absorb  # brings every room of the store with it, and is rare

    absorb(session, loser=merged, winner=lead.id)
    reason = f"its cookies are now lead {lead.id}'s"
    trace.changes.append(Change("lead", str(merged), None, ChangeOutcome.MOVED, reason))


def _note_dropped(values: Values, before: Mapping[str, str], trace: TraceBuilder) -> None:
    for name, text in values.dropped.items():
        reason = f"may not be written; {text!r} was sent"
        trace.changes.append(Change(name, before.get(name), before.get(name), ChangeOutcome.NOT_STORED, reason))


def _write_keys(session: Session, lead: Lead, keys: RequestKeys, manner: Manner, trace: TraceBuilder) -> None:
    """Give the lead the keys of the request that did not find it (documented: "will be updated for that lead")."""
    for step in tuple(trace.keys):
        if step.verdict in (Verdict.DECIDES, Verdict.YIELDS):
            continue
        owner = step.found[0] if step.found else None
        if step.key is Key.FOREIGN_ID and keys.foreign_id is not None:
            leads.give_foreign_id(session, lead.id, keys.foreign_id)
        elif step.key is Key.COOKIE and keys.cookie is not None:
            if owner not in (None, lead.id) and not manner.move_cookie:
                reason = f"moveCookie is false: it stays lead {owner}'s"
                trace.changes.append(Change(step.key, step.value, step.value, ChangeOutcome.NOT_STORED, reason))
                continue
            leads.give_cookie(session, lead.id, keys.cookie)
        else:
            continue
        _note_key(step, lead.id, owner, trace)


def _note_key(step: KeyStep, lead_id: int, owner: int | None, trace: TraceBuilder) -> None:
    if owner in (None, lead_id):
        trace.change(step.key, step.value if owner == lead_id else None, step.value)
    else:
        reason = f"taken from lead {owner}"
        trace.changes.append(Change(step.key, None, step.value, ChangeOutcome.MOVED, reason))
