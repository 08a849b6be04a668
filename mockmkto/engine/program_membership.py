"""Who is in a program: statuses of members as the REST API sets them, and pages of members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.engine.activities import SOURCE, note
from mockmkto.errors import RestCode, RestError
from mockmkto.model import ActivityType, PageStep, RecordStep, Subject, TraceBuilder
from mockmkto.model.programs import Program, ProgramMember, ProgressionStatus
from mockmkto.store import leads, program_members, programs
from mockmkto.store.database import Session
from mockmkto.store.programs import folded

__all__ = [
    "NOT_IN_PROGRAM",
    "MembershipOutcome",
    "check_status",
    "members_after",
    "remove_members",
    "set_status",
    "the_program",
]

NOT_IN_PROGRAM = "Not in Program"


class MembershipOutcome(NamedTuple):
    """What became of one lead; the Id of a refused one is not answered (documented)."""

    status: str  # created, updated, deleted, skipped
    lead_id: int | None = None
    error: RestError | None = None


def the_program(session: Session, program_id: int, trace: TraceBuilder) -> Program:
    """The program with that id.

    Raises:
        RestError: 1013 `Program not found` (its text is assumed), there is none.
    """
    found = programs.by_id(session, program_id)
    asked = f"id = {program_id}"
    if found is None:
        trace.subjects.append(Subject("program", asked, reason="there is none"))
        raise RestError.not_found("Program")
    trace.subjects.append(Subject("program", asked, found.id, found.name, "found by its id"))
    return found


def set_status(
    session: Session, program: Program, status_name: str, lead_ids: Sequence[int], trace: TraceBuilder
) -> list[MembershipOutcome]:
    """Have leads come to a status of a program; who is not in it yet, enters it (documented).

    A lead that has come as far already is skipped with 1037 (documented), one that is not there with 1004. The log has
    a `Change Status in Progression` for each that is changed; its attributes are assumed.

    Raises:
        RestError: 1025, the program's channel has no such status, or it is that of nobody (its text is assumed).
    """
    statuses, wanted = check_status(session, program, status_name)
    outcomes = []
    for position, lead_id in enumerate(lead_ids, 1):
        before = program_members.member(session, program.id, lead_id)
        had = _status(statuses, before.status) if before is not None else None
        if leads.existing_id(session, lead_id) is None:
            outcome = MembershipOutcome("skipped", None, RestError(RestCode.LEAD_NOT_FOUND))
        elif had is not None and had.step >= wanted.step:
            text = "Lead skipped because it is already in or past this status"
            outcome = MembershipOutcome("skipped", None, RestError(RestCode.LEAD_SKIPPED, text))
        else:
            _enter(session, program, wanted, before, lead_id, trace)
            outcome = MembershipOutcome("created" if before is None else "updated", lead_id)
        outcomes.append(outcome)
        _note(position, lead_id, outcome, before, trace, activities=int(session.world.behaviour.activity_log))
    return outcomes


def check_status(
    session: Session, program: Program, name: str
) -> tuple[Sequence[ProgressionStatus], ProgressionStatus]:
    """The statuses of the program's channel, and the one of that name.

    Raises:
        RestError: 1025, there is none of that name, or it is that of nobody (its text is assumed).
    """
    channel = next((item for item in programs.channels(session) if item.name == program.channel), None)
    statuses = channel.statuses if channel is not None else ()
    wanted = _status(statuses, name)
    if wanted is None or folded(name) == folded(NOT_IN_PROGRAM):
        raise RestError(RestCode.PROGRAM_STATUS_NOT_FOUND)
    return statuses, wanted


def remove_members(
    session: Session, program: Program, lead_ids: Sequence[int], trace: TraceBuilder
) -> list[MembershipOutcome]:
    """Take leads out of a program; who is not in it is skipped with 1037 (documented). Nothing is logged (assumed)."""
    outcomes = []
    for position, lead_id in enumerate(lead_ids, 1):
        before = program_members.member(session, program.id, lead_id)
        if program_members.remove(session, program.id, lead_id):
            outcome = MembershipOutcome("deleted", lead_id)
        else:
            outcome = MembershipOutcome("skipped", None, RestError(RestCode.LEAD_SKIPPED, "Lead not in program"))
        outcomes.append(outcome)
        _note(position, lead_id, outcome, before, trace, activities=0)
    return outcomes


def members_after(
    session: Session, program: Program, after: int, most: int, trace: TraceBuilder
) -> tuple[tuple[ProgramMember, ...], bool]:
    """The known leads in a program above one Id, by Id (captured), at most so many; and whether there are more."""
    found = program_members.members(session, program.id, after=after, most=most + 1)
    shown = found[:most]
    total, before = (program_members.known_count(session, program.id, after=above) for above in (0, after))
    trace.page = PageStep(
        f"program {program.name} ({program.id})",
        total,
        total - before + 1 if shown else 0,
        total - before + len(shown),
        None,
        most,
        "" if len(found) > most else "all are shown",
    )
    trace.touch(item.lead_id for item in shown)
    return shown, len(found) > most


def _status(statuses: Sequence[ProgressionStatus], name: str) -> ProgressionStatus | None:
    return next((item for item in statuses if folded(item.name) == folded(name)), None)


def _enter(
    session: Session,
    program: Program,
    status: ProgressionStatus,
    before: ProgramMember | None,
    lead_id: int,
    trace: TraceBuilder,
) -> None:
    now = session.now
    item = before if before is not None else ProgramMember(program.id, lead_id, status.name, now, now)
    after = replace(item, status=status.name, success=item.success or status.success, updated_at=now)
    program_members.put(session, after)
    said = {
        "Program ID": str(program.id),
        "Old Status": before.status if before is not None else NOT_IN_PROGRAM,
        "New Status": status.name,
        "Success": "true" if after.success else "false",
        "Source": SOURCE,
    }
    note(session, trace, lead_id, ActivityType.CHANGE_STATUS, program.name, said)


def _note(
    position: int,
    lead_id: int,
    outcome: MembershipOutcome,
    before: ProgramMember | None,
    trace: TraceBuilder,
    *,
    activities: int,
) -> None:
    done = outcome.error is None
    trace.record(
        RecordStep(
            position,
            outcome.status,
            lead_id=lead_id if done or before is not None else None,
            error=outcome.error.brief if outcome.error is not None else None,
            activities=activities if done else 0,
        )
    )
