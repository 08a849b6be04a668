"""The members of a fixture's programs: which of its leads are in them, and how far they came."""

from __future__ import annotations

from collections.abc import Sequence

from mockmkto.model.programs import Channel, Program, ProgramMember
from mockmkto.store.programs import folded
from mockmkto.worlds.lists import Leads
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.program_entries import ProgramMemberEntry
from mockmkto.worlds.schema import WorldEntry, nearest
from mockmkto.worlds.values import Values

__all__ = ["check_program_members"]


def check_program_members(
    entry: WorldEntry,
    at: Location,
    programs: Sequence[Program],
    channels: Sequence[Channel],
    leads: Leads,
    values: Values,
) -> tuple[ProgramMember, ...]:
    """Every member of every program, in the order of the file; a time that is left open is `OPEN`."""
    members: dict[tuple[int, int], ProgramMember] = {}
    for index, (given, program) in enumerate(zip(entry.programs or [], programs, strict=True)):
        for place, item in enumerate(given.members or []):
            where = (*at, "programs", index, "members", place)
            lead_id = leads.find(item.lead, (*where, "lead"))
            if lead_id is None:
                continue
            if (program.id, lead_id) in members:
                values.findings.add((*where, "lead"), f"the lead {lead_id} is in the program already")
            members[program.id, lead_id] = _member(item, program, lead_id, channels, where, values)
    return tuple(members.values())


def _member(
    item: ProgramMemberEntry,
    program: Program,
    lead_id: int,
    channels: Sequence[Channel],
    at: Location,
    values: Values,
) -> ProgramMember:
    since, updated_at = values.times(item.since, item.updated_at, at)
    channel = next((known for known in channels if known.name == program.channel), None)
    statuses = channel.statuses if channel is not None else ()
    status = next((known for known in statuses if folded(known.name) == folded(item.status)), None)
    if statuses and status is None:
        names = [known.name for known in statuses]
        near = nearest(item.status, names)
        message = f"the channel has no status {show_value(item.status)}{near}; it has {', '.join(names)}"
        values.findings.add((*at, "status"), message)
    success = status.success if status is not None else False
    return ProgramMember(
        program_id=program.id,
        lead_id=lead_id,
        status=status.name if status is not None else values.name(item.status, (*at, "status")),
        since=since,
        updated_at=updated_at,
        success=success if item.success is None else item.success,
        acquired_by=bool(item.acquired_by),
    )
