"""What else the REST API does with leads that are there: deletes, associates, merges them, moves them elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from mockmkto.engine.absorbing import absorb, forget
from mockmkto.engine.activities import note
from mockmkto.engine.lead_lookup import as_cookie
from mockmkto.engine.merging import merge_leads
from mockmkto.engine.partitions import named_partition
from mockmkto.engine.upserting import SKIPPED, UPDATED, Outcome
from mockmkto.errors import RestCode, RestError
from mockmkto.model import (
    ActivityType,
    Attribute,
    Change,
    ChangeOutcome,
    Key,
    KeyStep,
    Lead,
    RecordStep,
    TraceBuilder,
    Verdict,
)
from mockmkto.model.reads import MergeLeadsRequest
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["DELETED", "associate", "change_partitions", "delete_leads", "merge_by_ids"]

DELETED = "deleted"
MOST_TO_MERGE = 25  # documented


def delete_leads(session: Session, ids: Sequence[int], trace: TraceBuilder) -> list[Outcome]:
    """What became of each Id: `deleted`, or 1004 (captured). The log keeps that it was."""
    done: list[Outcome] = []
    for position, asked in enumerate(ids, 1):
        lead_id = leads.existing_id(session, asked)
        if lead_id is None:
            done.append(_refused(position, asked, RestError(RestCode.LEAD_NOT_FOUND), trace))
            continue
        own = TraceBuilder()
        forget(session, lead_id, own)
        trace.activities += own.activities
        trace.record(RecordStep(position, DELETED, _by_id(lead_id), lead_id=lead_id, activities=own.activities))
        done.append(Outcome(DELETED, lead_id))
    return done


def associate(session: Session, lead_id: int, cookie: str | None, trace: TraceBuilder) -> None:
    """The cookie is this lead's, and so is what the anonymous lead that had it has done (documented).

    Of another known lead that had it, what was done stays where it is; what comes is this lead's (documented). A lead
    that is anonymous itself stays so (assumed).

    Raises:
        RestError: 1004 there is no such lead (captured); 1003 no cookie; 1012 one that is none.
    """
    found = leads.existing_id(session, lead_id)
    if found is None:
        trace.keys.append(KeyStep(Key.ID, str(lead_id), (), Verdict.FAILS, "no lead has this Id"))
        raise RestError.lead_not_found(lead_id)
    trace.keys.extend(_by_id(found))
    if cookie is None or not cookie.strip():
        raise RestError.not_specified("cookie")
    owner = leads.id_by_cookie(session, as_cookie(cookie) or cookie)
    value = as_cookie(cookie) or (cookie if owner is not None else None)
    if value is None:
        if "token:" not in cookie:
            trace.warn("cookie", "the cookie has no token: a raw & in its value ends it, %26 is meant", "cookie")
        raise RestError.invalid_cookie(cookie)
    trace.touch((found,))
    if owner == found:
        trace.change(Key.COOKIE, value, value)
        return
    before = leads.by_id(session, owner) if owner is not None else None
    reason = f"taken from lead {owner}" if before is not None else ""
    if before is not None and not before.known:
        had = ", ".join(absorb(session, loser=before.id, winner=found))
        reason = f"with {had} of the anonymous lead {owner}, which is gone"
    leads.give_cookie(session, found, value)
    outcome = ChangeOutcome.MOVED if before is not None else ChangeOutcome.WRITTEN
    trace.changes.append(Change(Key.COOKIE, None, value, outcome, reason))


def merge_by_ids(
    session: Session, winner: int, losers: Sequence[int], trace: TraceBuilder, *, in_crm: bool = False
) -> None:
    """The losers go, and the winner gets what they had and it lacks, as mergeLeads does it.

    Raises:
        RestError: in this order (assumed): 1003 no loser; 1080 more than 25 (documented); 1004 a lead that there is
            not, the winner first (captured); 1003 a winner among its losers.
    """
    if not losers:
        raise RestError.not_specified("Lead ids")
    if len(losers) > MOST_TO_MERGE:
        raise RestError(RestCode.TOO_MANY_TO_MERGE, f"{len(losers)} leads to merge: {MOST_TO_MERGE} are the most")
    for lead_id in (winner, *losers):
        if leads.existing_id(session, lead_id) is None:
            raise RestError.lead_not_found(lead_id)
    if winner in losers:
        raise RestError.invalid_data(f"Lead {winner} cannot be merged into itself")
    request = MergeLeadsRequest(_key(winner), tuple(_key(lead_id) for lead_id in losers), in_crm or None)
    merge_leads(session, request, trace)


def change_partitions(session: Session, moves: Sequence[tuple[int, str | None]], trace: TraceBuilder) -> list[Outcome]:
    """What became of each lead that is to be in another partition: `updated`, or 1004, 1009, 1008 (assumed).

    One that is there already is updated, too, and nothing is written of it.
    """
    done: list[Outcome] = []
    for position, (asked, name) in enumerate(moves, 1):
        lead_id = leads.existing_id(session, asked)
        lead = leads.by_id(session, lead_id) if lead_id is not None else None
        if lead is None:
            done.append(_refused(position, asked, RestError(RestCode.LEAD_NOT_FOUND), trace))
            continue
        if name is None or not name.strip():
            done.append(_refused(position, asked, RestError(RestCode.PARTITION_REQUIRED), trace, lead))
            continue
        partition = named_partition(session.world, name)
        if partition is None:
            done.append(_refused(position, asked, RestError.partition_denied(name), trace, lead))
            continue
        own = TraceBuilder()
        if partition != lead.partition:
            _move(session, lead, partition, own)
        trace.activities += own.activities
        own.change("partition", lead.partition, partition)
        step = RecordStep(
            position, UPDATED, _by_id(lead.id), None, tuple(own.changes), lead.id, activities=own.activities
        )
        trace.record(step)
        done.append(Outcome(UPDATED, lead.id))
    return done


def _move(session: Session, lead: Lead, partition: str, trace: TraceBuilder) -> None:
    moved = Lead(
        id=lead.id,
        email=lead.email,
        known=lead.known,
        partition=partition,
        attributes=lead.attributes,
        created_at=lead.created_at,
        updated_at=session.now,
        created_order=lead.created_order,
        updated_order=session.next_order(),
    )
    leads.save(session, moved)
    note(session, trace, lead.id, ActivityType.CHANGE_PARTITION, partition, {"Old Partition": lead.partition})


def _key(lead_id: int) -> tuple[Attribute, ...]:
    return (Attribute("IDNUM", str(lead_id)),)


def _by_id(lead_id: int) -> tuple[KeyStep, ...]:
    return (KeyStep(Key.ID, str(lead_id), (lead_id,), Verdict.DECIDES, f"lead {lead_id} has it"),)


def _refused(position: int, asked: int, error: RestError, trace: TraceBuilder, lead: Lead | None = None) -> Outcome:
    missing = (KeyStep(Key.ID, str(asked), (), Verdict.FAILS, "no lead has this Id"),)
    keys = _by_id(lead.id) if lead is not None else missing
    trace.record(RecordStep(position, SKIPPED, keys, error=error.brief))
    return Outcome(SKIPPED, None, error)
