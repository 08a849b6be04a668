"""Static lists as the REST API changes them: lead by lead, each with what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from mockmkto.engine.lists import join, leave
from mockmkto.errors import RestCode, RestError
from mockmkto.model import PageStep, RecordStep, Subject, TraceBuilder
from mockmkto.model.lists import ListOperation, StaticList
from mockmkto.store import leads, lists
from mockmkto.store.database import Session

__all__ = ["MemberOutcome", "members_after", "operate", "the_list"]


class MemberOutcome(NamedTuple):
    """What became of one lead, or is true of it; the Id is answered of a refused one, too (captured)."""

    lead_id: int
    status: str  # added, removed, memberof, notmemberof, skipped
    error: RestError | None = None


def the_list(session: Session, list_id: int, trace: TraceBuilder) -> StaticList:
    """The list with that id.

    Raises:
        RestError: 1013, there is none (documented; the text is that of a connector's own mock).
    """
    found = lists.by_id(session, list_id)
    if found is None:
        trace.subjects.append(Subject("list", f"id = {list_id}", reason="no list has it"))
        raise RestError.not_found("Static list")
    trace.subjects.append(Subject("list", f"id = {list_id}", found.id, found.shown, "found by its id"))
    return found


def operate(
    session: Session,
    static_list: StaticList,
    operation: ListOperation,
    lead_ids: Sequence[int],
    trace: TraceBuilder,
) -> list[MemberOutcome]:
    """Put leads on a list, take them off it, or say whether they are on it; one outcome for each Id, in their order.

    A lead that is not there is skipped with 1004, one that leaves a list on which it is not with 1015 (captured), and
    the others are none the worse for it. The log has an activity for each lead that joins or leaves, as listOperation
    writes it.
    """
    there = {lead_id: None for lead_id in lead_ids if leads.existing_id(session, lead_id) is not None}
    moved = set(_move(session, static_list, operation, tuple(there), trace))
    asked = there if operation is ListOperation.IS_MEMBER else ()
    members = {lead_id for lead_id in asked if lists.is_member(session, static_list.id, lead_id)}
    outcomes = []
    for position, lead_id in enumerate(lead_ids, 1):
        outcome = _outcome(operation, lead_id, there, moved, members)
        outcomes.append(outcome)
        trace.record(
            RecordStep(
                position,
                outcome.status,
                lead_id=lead_id if lead_id in there else None,
                error=outcome.error.brief if outcome.error is not None else None,
                reason="is on the list already" if outcome.status == "added" and lead_id not in moved else "",
                activities=int(lead_id in moved and session.world.behaviour.activity_log),
            )
        )
        moved.discard(lead_id)
    return outcomes


def _move(
    session: Session,
    static_list: StaticList,
    operation: ListOperation,
    lead_ids: Sequence[int],
    trace: TraceBuilder,
) -> tuple[int, ...]:
    """Those that joined or left."""
    if operation is ListOperation.IS_MEMBER:
        return ()
    return (join if operation is ListOperation.ADD else leave)(session, trace, static_list, lead_ids)


def _outcome(
    operation: ListOperation,
    lead_id: int,
    there: Collection[int],
    moved: Collection[int],
    members: Collection[int],
) -> MemberOutcome:
    if lead_id not in there:
        return MemberOutcome(lead_id, "skipped", RestError(RestCode.LEAD_NOT_FOUND))
    if operation is ListOperation.IS_MEMBER:
        return MemberOutcome(lead_id, "memberof" if lead_id in members else "notmemberof")
    if operation is ListOperation.ADD:
        return MemberOutcome(lead_id, "added")  # who is on it already, too (captured)
    if lead_id in moved:
        return MemberOutcome(lead_id, "removed")
    return MemberOutcome(lead_id, "skipped", RestError(RestCode.NOT_IN_LIST))


def members_after(
    session: Session, static_list: StaticList, after: int, most: int, trace: TraceBuilder
) -> tuple[tuple[int, ...], bool]:
    """The known leads on a list above one Id, by Id (captured), at most so many; and whether there are more."""
    found = lists.known_members(session, static_list.id, after=after, limit=most + 1)
    shown = found[:most]
    total = lists.known_count(session, static_list.id)
    before = total - lists.known_count(session, static_list.id, after=after)
    trace.page = PageStep(
        f"list {static_list.shown} ({static_list.id})",
        total,
        before + 1 if shown else 0,
        before + len(shown),
        None,
        most,
        "" if len(found) > most else "all are shown",
    )
    trace.touch(shown)
    return shown, len(found) > most
