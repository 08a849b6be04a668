"""Static lists: found by id or name, their members shown, put on and taken off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockmkto.engine.asset_search import Found, InWorkspace, Wanted, find_lists, in_workspaces, workspace_ids
from mockmkto.engine.lead_fields import asked_fields
from mockmkto.engine.lead_views import shown_leads
from mockmkto.engine.list_members import MemberOutcome, members_after, operate, the_list
from mockmkto.engine.plain import utc
from mockmkto.errors import RestError
from mockmkto.model import World
from mockmkto.model.lists import ListOperation, StaticList
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered, reason
from mockmkto.rest.paging import Page, read_page
from mockmkto.rest.parameters import whole_number
from mockmkto.store import streams

__all__ = ["add", "find", "ismember", "members", "next_token", "one", "remove", "wanted"]


def find(call: RestCall) -> Answered:
    """The lists that are asked for, by id. Raises RestError."""
    page = read_page(call, "lists")
    found = find_lists(call.session, wanted(call, page))
    return Answered([_shown(item, call.world) for item in found.items], next_token(page, found))


def one(call: RestCall) -> Answered:
    """The list with the id in the path. Raises RestError."""
    (found,) = in_workspaces(call.session, [_list(call)])
    return Answered([_shown(found, call.world)])


def members(call: RestCall) -> Answered:
    """The leads on a list, by rising Id (captured), shown as every read of leads shows them. Raises RestError."""
    static_list = _list(call)
    call.parameters.text("listId")  # published clients repeat it (captured)
    page = read_page(call, f"list {static_list.id}")
    fields = asked_fields(call.world, call.parameters.texts("fields"))
    lead_ids, more = members_after(call.session, static_list, page.after, page.most, call.trace)
    rows = shown_leads(call.session, streams.many(call.session, lead_ids), fields)
    return Answered(rows, page.token(lead_ids[-1]) if more else None)


def add(call: RestCall) -> Answered:
    """Put leads on a list; what became of each. Raises RestError."""
    return _operated(call, ListOperation.ADD)


def remove(call: RestCall) -> Answered:
    """Take leads off a list; what became of each. Raises RestError."""
    return _operated(call, ListOperation.REMOVE)


def ismember(call: RestCall) -> Answered:
    """Of each lead whether it is on the list. Raises RestError."""
    return _operated(call, ListOperation.IS_MEMBER)


def wanted(call: RestCall, page: Page) -> Wanted:
    """Which lists or campaigns the parameters ask for. Raises RestError."""
    given = call.parameters
    return Wanted(
        tuple(map(whole_number, given.texts("id"))),
        given.texts("name"),
        given.texts("programName"),
        given.texts("workspaceName"),
        page.after,
        page.most,
    )


def next_token(page: Page, found: Found[Any]) -> str | None:
    """The token of the next page, `None` on the last one: a client reads until there is none (captured)."""
    return page.token(found.items[-1].item.id) if found.total > len(found.items) else None


# ---------------------------------------------------------------------------------------------------------------------


def _list(call: RestCall) -> StaticList:
    return the_list(call.session, call.number("id", RestError.not_found("Static list")), call.trace)


def _operated(call: RestCall, operation: ListOperation) -> Answered:
    static_list = _list(call)
    return _outcomes(operate(call.session, static_list, operation, call.ids(), call.trace))


def _outcomes(outcomes: Sequence[MemberOutcome]) -> Answered:
    """What became of each lead, with its Id also where it was refused (captured)."""
    return Answered(
        [
            {"id": item.lead_id, "status": item.status}
            | ({"reasons": [reason(item.error)]} if item.error is not None else {})
            for item in outcomes
        ]
    )


def _shown(found: InWorkspace[StaticList], world: World) -> dict[str, Any]:
    item = found.item
    said: dict[str, Any] = {"id": item.id, "name": item.name}
    if item.description is not None:
        said["description"] = item.description
    if item.program_name is not None:
        said["programName"] = item.program_name
    return said | {
        "workspaceId": workspace_ids(world).get(found.workspace, 1),
        "workspaceName": found.workspace,
        "createdAt": utc(item.created_at),
        "updatedAt": utc(item.updated_at),
    }
