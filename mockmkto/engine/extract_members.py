"""The rows of an extract of members of programs: what each is there, and what is asked for of its lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockmkto.engine.extract_filters import UPDATED, ends_of, read_span
from mockmkto.engine.lead_fields import lead_field, rest_name
from mockmkto.engine.lead_views import shown_leads
from mockmkto.engine.plain import PlainValue, utc
from mockmkto.errors import RestError
from mockmkto.model.bulk import BulkExport
from mockmkto.model.programs import Program, ProgramMember
from mockmkto.store import program_members, programs, streams
from mockmkto.store.database import Session
from mockmkto.store.programs import folded

__all__ = ["PROGRAM_ID", "next_members", "of_several", "read_member_filter", "spelled_member_field"]

PROGRAM_ID = "programId"
MOST_PROGRAMS = 10  # of one extract (documented)

# What a member has beside the fields of its lead (documented). Nothing here knows those without a value.
_VALUED = (
    *("acquiredBy", "createdAt", "isExhausted", "leadId", "membershipDate", "program", PROGRAM_ID),
    *("reachedSuccess", "statusName", "updatedAt"),
)
_FIELDS = (
    *_VALUED,
    *("attendanceLikelihood", "nurtureCadence", "reachedSuccessDate", "registrationCode", "registrationLikelihood"),
    *("statusReason", "trackName", "waitlistPriority", "webinarUrl"),
)
_ONE, _SEVERAL, _STATUSES, _EXHAUSTED, _CADENCE = (
    PROGRAM_ID,
    "programIds",
    "statusNames",
    "isExhausted",
    "nurtureCadence",
)


def spelled_member_field(session: Session, name: str) -> str | None:
    """A field as the API spells it, of a member or of its lead; `None` where it is none."""
    folded_name = name.strip().casefold()
    own = next((field for field in _FIELDS if field.casefold() == folded_name), None)
    field = lead_field(session.world, name) if own is None else None
    return own or (rest_name(field) if field is not None else None)


def read_member_filter(session: Session, asked: object) -> dict[str, object]:
    """Which members are meant: those of a program or of some, further filters narrow them down (documented).

    Raises:
        RestError: 1003 no program, both ways to say them, more than ten, a status that none of them has (documented),
            a filter that is none; 1013 an unknown program (assumed).
    """
    if not isinstance(asked, Mapping) or not (_ONE in asked or _SEVERAL in asked):
        raise RestError.not_specified(f"filter '{_ONE}'")
    if _ONE in asked and _SEVERAL in asked:
        raise RestError.invalid_data(f"Only one filter type may be specified: {_ONE}, {_SEVERAL}")
    several = asked.get(_SEVERAL, [asked.get(_ONE)])
    if not isinstance(several, list) or not several or not all(type(number) is int for number in several):
        raise RestError.invalid_data(f"Invalid filter '{_SEVERAL if _SEVERAL in asked else _ONE}': expected integers")
    if len(several) > MOST_PROGRAMS:
        raise RestError.invalid_data(f"Invalid filter '{_SEVERAL}': {MOST_PROGRAMS} are the most")
    found = [_program(session, number) for number in dict.fromkeys(several)]
    chosen: dict[str, object] = {_SEVERAL if _SEVERAL in asked else _ONE: [program.id for program in found]}
    for name, value in asked.items():
        if name == UPDATED:
            chosen[name] = read_span(name, value)
        elif name == _STATUSES:
            chosen[name] = _statuses(session, found, value)
        elif (name == _EXHAUSTED and isinstance(value, bool)) or (name == _CADENCE and isinstance(value, str)):
            chosen[name] = value
        elif name not in (_ONE, _SEVERAL):
            raise RestError.invalid_data(f"Invalid filter type '{name}'")
    return chosen


def _program(session: Session, program_id: int) -> Program:
    found = programs.by_id(session, program_id)
    if found is None:
        raise RestError.not_found("Program")
    return found


def _statuses(session: Session, found: Sequence[Program], value: object) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise RestError.invalid_data(f"Invalid filter '{_STATUSES}': expected a list of names")
    channels = {program.channel for program in found}
    known = {
        folded(status.name) for item in programs.channels(session) if item.name in channels for status in item.statuses
    }
    for name in value:
        if folded(name) not in known:
            raise RestError.invalid_data(f"Invalid filter '{_STATUSES}': no program has the status '{name}'")
    return [folded(name) for name in value]


def of_several(chosen: Mapping[str, object]) -> bool:
    """Whether a filter names several programs: then the file says of each row which one (documented)."""
    return _SEVERAL in chosen


def next_members(session: Session, job: BulkExport, most: int) -> tuple[list[list[PlainValue]], tuple[int, ...] | None]:
    """The values of the next rows, program by program, by rising Ids; behind which it goes on, `None` at the end.

    Raises:
        RestError: 1013 a program is gone.
    """
    asked = job.filter.get(_SEVERAL) or job.filter.get(_ONE)
    numbers = asked if isinstance(asked, list) else []
    number, after = (job.place[0], job.place[1]) if job.place else (0, 0)
    if number >= len(numbers):
        return [], None
    program = _program(session, numbers[number])
    found = program_members.members(session, program.id, after=after, most=most)
    fields = [field for name in job.fields if name not in _FIELDS and (field := lead_field(session.world, name))]
    leads = streams.many(session, [item.lead_id for item in found])
    shown = {lead.id: row for lead, row in zip(leads, shown_leads(session, leads, fields), strict=True)}
    rows = [
        [(_of_member(program, item) | shown.get(item.lead_id, {})).get(name) for name in job.fields]
        for item in found
        if _is_meant(job.filter, item)
    ]
    if len(found) == most:
        return rows, (number, found[-1].lead_id)
    return rows, (number + 1, 0) if number + 1 < len(numbers) else None


def _is_meant(chosen: Mapping[str, object], item: ProgramMember) -> bool:
    statuses, span = chosen.get(_STATUSES), ends_of(chosen)
    if isinstance(statuses, list) and folded(item.status) not in statuses:
        return False
    if chosen.get(_EXHAUSTED) or _CADENCE in chosen:  # nobody here is exhausted, or has a cadence
        return False
    return span is None or span[1] <= item.updated_at.replace(microsecond=0) <= span[2]


def _of_member(program: Program, item: ProgramMember) -> dict[str, PlainValue]:
    return {
        "acquiredBy": item.acquired_by,
        "createdAt": utc(item.since),
        "isExhausted": False,
        "leadId": item.lead_id,
        "membershipDate": utc(item.since),
        "program": program.name,
        PROGRAM_ID: program.id,
        "reachedSuccess": item.success,
        "statusName": item.status,
        "updatedAt": utc(item.updated_at),
    }
