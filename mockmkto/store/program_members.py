"""Which leads are in which programs, and how far they came there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Row, Select, bindparam, delete, exists, func, insert, literal_column, select, update

from mockmkto.model.programs import ProgramMember
from mockmkto.store.program_tables import program_member
from mockmkto.store.session import Session
from mockmkto.store.tables import lead

__all__ = [
    "FINDERS",
    "add_many",
    "all_members",
    "known_count",
    "member",
    "members",
    "move",
    "of_lead",
    "put",
    "remove",
    "remove_all",
]

_all = select(program_member).order_by(program_member.c.program_id, program_member.c.lead_id)
_one = select(program_member).where(
    program_member.c.program_id == bindparam("program_id"), program_member.c.lead_id == bindparam("lead_id")
)
_known_above = (
    program_member.c.program_id == bindparam("program_id"),
    program_member.c.lead_id > bindparam("after"),
    exists(select(literal_column("1")).where(lead.c.id == program_member.c.lead_id, lead.c.known)),
)
_above = select(program_member).where(*_known_above).order_by(program_member.c.lead_id).limit(bindparam("most"))
_known_count = select(func.count().label("members")).select_from(program_member).where(*_known_above)
_of_lead = (
    select(program_member).where(program_member.c.lead_id == bindparam("lead_id")).order_by(program_member.c.program_id)
)

FINDERS: Mapping[str, Select[Any]] = {
    "a member of a program": _one,
    "known members of a program": _above,
    "number of known members of a program": _known_count,
    "programs of a lead": _of_lead,
}

_insert = insert(program_member)
_update = (
    update(program_member)
    .where(program_member.c.program_id == bindparam("of_program"), program_member.c.lead_id == bindparam("of_lead"))
    .values({name: bindparam(f"new_{name}") for name in ("status", "success", "acquired_by", "since", "updated_at")})
)
_remove = delete(program_member).where(
    program_member.c.program_id == bindparam("of_program"), program_member.c.lead_id == bindparam("of_lead")
)
_remove_all = delete(program_member).where(program_member.c.program_id == bindparam("of_program"))


def all_members(session: Session) -> tuple[ProgramMember, ...]:
    """Every member of every program, by the Ids of the program and the lead."""
    return tuple(map(_read, session.rows(_all)))


def member(session: Session, program_id: int, lead_id: int) -> ProgramMember | None:
    """What a lead is in a program, `None` where it is not in it."""
    row = session.first(_one, {"program_id": program_id, "lead_id": lead_id})
    return _read(row) if row is not None else None


def members(session: Session, program_id: int, *, after: int = 0, most: int) -> tuple[ProgramMember, ...]:
    """The known leads in a program whose Ids are above one Id, rising, at most so many."""
    return tuple(map(_read, session.rows(_above, {"program_id": program_id, "after": after, "most": most})))


def known_count(session: Session, program_id: int, *, after: int = 0) -> int:
    """How many known leads are in a program, of those whose Ids are above one Id."""
    row = session.first(_known_count, {"program_id": program_id, "after": after})
    return int(row.members) if row is not None else 0


def of_lead(session: Session, lead_id: int) -> tuple[ProgramMember, ...]:
    """What a lead is in each of its programs, by their Ids."""
    return tuple(map(_read, session.rows(_of_lead, {"lead_id": lead_id})))


def put(session: Session, new: ProgramMember) -> bool:
    """Have a lead in a program as this; whether it was in it already."""
    values = {f"new_{name}": value for name, value in _values(new).items()}
    if session.run(_update, {"of_program": new.program_id, "of_lead": new.lead_id, **values}):
        return True
    add_many(session, (new,))
    return False


def add_many(session: Session, batch: Iterable[ProgramMember]) -> None:
    """Have leads in programs in which they were not."""
    session.run_many(_insert, [{"program_id": new.program_id, "lead_id": new.lead_id, **_values(new)} for new in batch])


def remove(session: Session, program_id: int, lead_id: int) -> bool:
    """Take a lead out of a program; whether it was in it."""
    return bool(session.run(_remove, {"of_program": program_id, "of_lead": lead_id}))


def remove_all(session: Session, program_id: int) -> None:
    """Take every lead out of a program: it is about to be deleted."""
    session.run(_remove_all, {"of_program": program_id})


def move(session: Session, *, from_lead: int, to_lead: int) -> int:
    """Have one lead in every program in which another is, which leaves them; how many are new to it.

    In a program that both are in it stays what it is.
    """
    moved = 0
    for item in of_lead(session, from_lead):
        remove(session, item.program_id, from_lead)
        if member(session, item.program_id, to_lead) is None:
            add_many(session, (replace(item, lead_id=to_lead),))
            moved += 1
    return moved


def _values(item: ProgramMember) -> dict[str, Any]:
    return {
        "status": item.status,
        "success": item.success,
        "acquired_by": item.acquired_by,
        "since": item.since.astimezone(UTC).isoformat(),
        "updated_at": item.updated_at.astimezone(UTC).isoformat(),
    }


def _read(row: Row[Any]) -> ProgramMember:
    return ProgramMember(
        program_id=row.program_id,
        lead_id=row.lead_id,
        status=row.status,
        since=datetime.fromisoformat(row.since),
        updated_at=datetime.fromisoformat(row.updated_at),
        success=row.success,
        acquired_by=row.acquired_by,
    )
