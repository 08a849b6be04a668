"""What a lead is a member of: its lists, programs and smart campaigns, in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mockmkto.engine.lead_memberships import Membership, in_campaigns, in_lists, in_programs
from mockmkto.engine.plain import utc
from mockmkto.errors import RestError
from mockmkto.model import PageStep
from mockmkto.model.programs import ProgramMember
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered
from mockmkto.rest.paging import read_page
from mockmkto.rest.parameters import whole_number

__all__ = ["campaigns", "lists", "programs"]

Item = TypeVar("Item")


def lists(call: RestCall) -> Answered:
    """The static lists that a lead is on (documented). Raises RestError."""
    return _page(call, "list", in_lists(call.session, _lead_id(call)), _id, lambda item: _shown("listId", item))


def programs(call: RestCall) -> Answered:
    """The programs that a lead is in, those alone that `filterValues` names, if any (documented). Raises RestError."""
    found = in_programs(call.session, _lead_id(call))
    if call.parameters.text("filterType") is not None:
        wanted = {whole_number(text) for text in call.parameters.texts("filterValues")}
        found = [item for item in found if item.program_id in wanted]
    return _page(call, "program", found, lambda item: item.program_id, _shown_program)


def campaigns(call: RestCall) -> Answered:
    """The smart campaigns that a lead was in (documented). Raises RestError."""
    found = in_campaigns(call.session, _lead_id(call))
    return _page(call, "campaign", found, _id, lambda item: _shown("smartCampaignId", item))


def _page(
    call: RestCall,
    kind: str,
    found: Sequence[Item],
    id_of: Callable[[Item], int],
    shown: Callable[[Item], dict[str, Any]],
) -> Answered:
    """A page by rising id; whether there are more is always said (documented)."""
    lead_id = _lead_id(call)
    page = read_page(call, f"{kind} {lead_id}")
    left = [item for item in found if id_of(item) > page.after]
    here, more = left[: page.most], len(left) > page.most
    first = len(found) - len(left) + 1 if here else 0
    said = f"{kind}s of lead {lead_id}"
    last = first + len(here) - 1 if here else 0
    call.trace.page = PageStep(said, len(found), first, last, page.most, page.most, "" if more else "all are shown")
    call.trace.touch((lead_id,))
    return Answered([shown(item) for item in here], page.token(id_of(here[-1])) if more else None, more)


def _lead_id(call: RestCall) -> int:
    return call.number("id", RestError.lead_not_found(call.pieces["id"]))


def _id(item: Membership) -> int:
    return item.id


def _shown(name: str, item: Membership) -> dict[str, Any]:
    return {name: item.id, "createdAt": utc(item.created_at), "updatedAt": utc(item.updated_at)}


def _shown_program(item: ProgramMember) -> dict[str, Any]:
    return {
        "id": item.program_id,
        "progressionStatus": item.status,
        "isExhausted": False,
        "acquiredBy": item.acquired_by,
        "reachedSuccess": item.success,
        "membershipDate": utc(item.since),
        "updatedAt": utc(item.updated_at),
    }
