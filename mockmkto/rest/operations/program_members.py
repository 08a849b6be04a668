"""Members of programs: shown with their leads, brought to a status, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockmkto.engine.lead_fields import asked_fields
from mockmkto.engine.lead_views import shown_leads
from mockmkto.engine.plain import utc
from mockmkto.engine.program_membership import (
    MembershipOutcome,
    members_after,
    remove_members,
    set_status,
    the_program,
)
from mockmkto.errors import RestError
from mockmkto.model.programs import Program, ProgramMember
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered, reason
from mockmkto.rest.paging import read_page
from mockmkto.rest.parameters import whole_number
from mockmkto.store import streams

__all__ = ["change_status", "delete", "leads"]


def leads(call: RestCall) -> Answered:
    """The leads in a program, by rising Id, each with what it is there (captured). Raises RestError."""
    program = _program(call)
    page = read_page(call, f"program {program.id}")
    fields = asked_fields(call.world, call.parameters.texts("fields"))
    found, more = members_after(call.session, program, page.after, page.most, call.trace)
    rows = shown_leads(call.session, streams.many(call.session, [item.lead_id for item in found]), fields)
    for row, item in zip(rows, found, strict=True):
        row["membership"] = _membership(item)  # type: ignore[assignment]
    return Answered(rows, page.token(found[-1].lead_id) if more else None)


def change_status(call: RestCall) -> Answered:
    """Bring leads to a status of a program. Raises RestError."""
    program, name = _program(call), call.members().get("statusName")
    if not isinstance(name, str) or not name.strip():
        raise RestError.missing_parameter("statusName")
    return _outcomes(set_status(call.session, program, name, _lead_ids(call), call.trace))


def delete(call: RestCall) -> Answered:
    """Take leads out of a program. Raises RestError."""
    program = _program(call)
    return _outcomes(remove_members(call.session, program, _lead_ids(call), call.trace))


def _program(call: RestCall) -> Program:
    return the_program(call.session, call.number("id", RestError.not_found("Program")), call.trace)


def _lead_ids(call: RestCall) -> list[int]:
    return [whole_number(str(record.get("leadId"))) for record in call.records()]


def _outcomes(outcomes: Sequence[MembershipOutcome]) -> Answered:
    """What became of each, numbered from 0; without an Id where it was refused (documented)."""
    result: list[dict[str, Any]] = []
    for seq, item in enumerate(outcomes):
        said: dict[str, Any] = {"seq": seq, "status": item.status}
        result.append(said | ({"leadId": item.lead_id} if item.error is None else {"reasons": [reason(item.error)]}))
    return Answered(result)


def _membership(item: ProgramMember) -> dict[str, Any]:
    return {
        "progressionStatus": item.status,
        "isExhausted": False,
        "acquiredBy": item.acquired_by,
        "reachedSuccess": item.success,
        "membershipDate": utc(item.since),
    }
