"""Leads: searched, read, synced, deleted, associated with a cookie, merged, moved to another partition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockmkto.engine import lead_actions, lead_search
from mockmkto.engine.lead_search import MOST_IN_PAGE, LeadSearch, ShownLeads
from mockmkto.engine.lead_views import partition_ids
from mockmkto.engine.upserting import Outcome, upsert
from mockmkto.errors import RestCode, RestError
from mockmkto.model.upserts import UpsertAction, UpsertRequest
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered, reason
from mockmkto.rest.parameters import whole_number

__all__ = [
    "associate",
    "change_partition",
    "delete",
    "find",
    "merge",
    "one",
    "outcomes",
    "partitions",
    "searched",
    "sync",
]


def find(call: RestCall) -> Answered:
    """Leads by the values of one field. Raises RestError."""
    return _answered(lead_search.search(call.session, searched(call), call.trace))


def one(call: RestCall) -> Answered:
    """The lead with the Id in the path; an empty result where there is none. Raises RestError."""
    fields = call.parameters.texts("fields")
    lead_id = call.number("id", RestError(RestCode.NOT_FOUND))
    return _answered(lead_search.lead_by_id(call.session, lead_id, fields, call.trace))


def searched(call: RestCall) -> LeadSearch:
    """What the parameters of a call that reads leads say. Raises RestError."""
    given = call.parameters
    return LeadSearch(
        given.text("filterType"),
        given.texts("filterValues"),
        given.texts("fields"),
        given.whole("batchSize", MOST_IN_PAGE, least=0) if given.text("batchSize") else None,
        given.text("nextPageToken"),
    )


def sync(call: RestCall) -> Answered:
    """What became of each record; with `asyncProcessing`, too, it is done at once (assumed). Raises RestError."""
    members = call.members()
    action = _action(members.get("action"))
    lookup = _text(members, "lookupField")
    partition = _text(members, "partitionName")
    _warn_of_members(call, members, "action", "lookupField", "partitionName", "asyncProcessing", "input")
    if members.get("asyncProcessing"):
        call.trace.warn("async", "asyncProcessing was done at once: the answer says what became of it")
    return outcomes(upsert(call.session, UpsertRequest(call.records(), action, lookup, partition), call.trace))


def delete(call: RestCall) -> Answered:
    """What became of each Id, which the query or the body names. Raises RestError."""
    return outcomes(lead_actions.delete_leads(call.session, call.ids(), call.trace))


def associate(call: RestCall) -> Answered:
    """A cookie is a lead's; an answer without a result (captured). Raises RestError."""
    lead_id = call.number("id", RestError.lead_not_found(call.pieces["id"]))
    cookie = call.parameters.text("cookie")
    call.parameters.text("id")  # a published client repeats it
    lead_actions.associate(call.session, lead_id, cookie, call.trace)
    return Answered()


def merge(call: RestCall) -> Answered:
    """Leads are one; an answer without a result (documented). A form as the body is refused (captured).

    Raises RestError.
    """
    winner = call.number("id", RestError.lead_not_found(call.pieces["id"]))
    if call.incoming.is_form:
        raise RestError(RestCode.INVALID_DATA)
    given = call.parameters
    losers = [whole_number(text) for text in (*given.texts("leadIds"), *given.texts("leadId"))]
    in_crm = given.flag("mergeInCRM")
    given.text("id")
    lead_actions.merge_by_ids(call.session, winner, losers, call.trace, in_crm=in_crm)
    return Answered()


def partitions(call: RestCall) -> Answered:
    """The partitions of the subscription (documented); their numbers are their places (assumed)."""
    return Answered(
        [{"id": number, "name": name, "description": ""} for name, number in partition_ids(call.world).items()]
    )


def change_partition(call: RestCall) -> Answered:
    """What became of each lead that is to be in another partition. Raises RestError."""
    moves = []
    for record in call.records():
        name = record.get("partitionName")
        if record.get("id") is None:
            raise RestError.not_specified("Lead ids")
        moves.append((whole_number(str(record["id"])), name if isinstance(name, str) else None))
    return outcomes(lead_actions.change_partitions(call.session, moves, call.trace))


# ---------------------------------------------------------------------------------------------------------------------


def _answered(page: ShownLeads) -> Answered:
    return Answered(page.leads, page.next_token)


def outcomes(done: Sequence[Outcome]) -> Answered:
    """What became of each record: of a refused one no Id (captured)."""
    return Answered(
        [
            {"id": item.lead_id, "status": item.status}
            if item.error is None
            else {"status": item.status, "reasons": [reason(item.error)]}
            for item in done
        ]
    )


def _action(value: Any) -> UpsertAction:
    if value is None or value == "":
        return UpsertAction.CREATE_OR_UPDATE
    found = next((item for item in UpsertAction if item.casefold() == str(value).strip().casefold()), None)
    if found is None:
        raise RestError.invalid_type(value, "SyncAction")
    return found


def _text(members: dict[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise RestError.invalid_type(value, "String")
    return value


def _warn_of_members(call: RestCall, members: dict[str, Any], *known: str) -> None:
    for name in members:
        if name not in known:
            call.trace.warn("member", f"{name} beside input was ignored; known are {', '.join(known)}", name)
