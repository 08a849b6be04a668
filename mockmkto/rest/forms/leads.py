"""The twins of the operations on leads and their activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.lists import list_by_name
from mockmkto.model import ACTIVITY_TYPES, TYPE_IDS, TraceBuilder
from mockmkto.rest.forms.twin import (
    NEXT_TOKEN,
    Given,
    RestRequestForm,
    Twin,
    TwinOf,
    field_name,
    keys_of,
    lead_id_of,
    lead_ids_of,
    partition_of,
)
from mockmkto.store.database import Session

__all__ = ["TWINS"]

_LEADS = "/rest/v1/leads.json"
_FILTERS = {
    "EMAIL": "email",
    "COOKIE": "cookies",
    "SFDCLEADID": "sfdcLeadId",
    "SFDCCONTACTID": "sfdcContactId",
    "SFDCACCOUNTID": "sfdcAccountId",
    "SFDCLEADOWNERID": "sfdcLeadOwnerId",
    "SFDCOPPTYID": "sfdcOpptyId",
}
_SHOWN_TYPES = (12, 13, 24, 25, 32, 47)  # where no types are named: activities.json needs some
_ONE_VALUE = "An e-mail that several leads have is refused with 1007, where SOAP updates the latest."


def _sync_lead(session: Session, given: Given) -> Twin:
    world, notes = session.world, list[str]()
    record: dict[str, Any] = {}
    if given.get("id"):
        record["id"] = _as_number(given["id"])
    if given.get("email"):
        record["email"] = given["email"]
    record |= {field_name(world, name): value for name, value in (given.get("attributes") or {}).items()}
    lookup = "id" if given.get("id") else "email"
    body: dict[str, Any] = {"action": "updateOnly" if lookup == "id" else "createOrUpdate", "lookupField": lookup}
    if given.get("workspace") and lookup == "email":
        body["partitionName"] = partition_of(world, given["workspace"])
        notes.append("The workspace is a partition here; a lead that is in another one is refused with 1010.")
    if given.get("foreign_id"):
        notes.append("ForeignSysPersonId has no place in REST: keep it in a field of your own, and look up by that.")
    if lookup == "email" and given.get("email"):
        notes.append(_ONE_VALUE)
    requests = [RestRequestForm("POST", _LEADS, {}, body | {"input": [record]})]
    if given.get("cookie"):
        number = lead_id_of(session, str(given.get("id") or given.get("email") or ""))
        path = f"/rest/v1/leads/{number if number is not None else '{id}'}/associate.json"
        requests.append(RestRequestForm("POST", path, {"cookie": given["cookie"]}))
        notes.append("The cookie is no key here: it is associated afterwards, in a call of its own.")
    if given.get("return_lead", True):
        notes.append("The answer has the Id alone: what is stored is read afterwards.")
    return Twin(tuple(requests), tuple(notes))


def _sync_many(session: Session, given: Given) -> Twin:
    records = []
    for text in given.get("lead") or ():
        pairs = [part.partition("=") for part in text.split(",")]
        records.append({field_name(session.world, name): _plain(name, value) for name, mark, value in pairs if mark})
    by_id = bool(records) and all("id" in record for record in records)
    action = "createDuplicate" if given.get("no_dedup") else "updateOnly" if by_id else "createOrUpdate"
    notes = ["All records of a call are looked up by one field: those with other keys need a call of their own."]
    body = {"action": action, "lookupField": "id" if by_id else "email", "input": records}
    return Twin((RestRequestForm("POST", _LEADS, {}, body),), (*notes, *(() if by_id else (_ONE_VALUE,))))


def _get_lead(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    keys = keys_of(given)
    if not keys:
        return Twin((), ("Name a key.",))
    notes = ("Fields must be asked for by fields; a lead that is not there is an empty result.",)
    return Twin((_search(keys[0][0], [value for kind, value in keys if kind == keys[0][0]], {}),), notes)


def _search(kind: str, values: list[str], fields: Mapping[str, str]) -> RestRequestForm:
    if kind == "IDNUM" and len(values) == 1:
        return RestRequestForm("GET", f"/rest/v1/lead/{values[0]}.json", fields)
    name = "id" if kind == "IDNUM" else _FILTERS.get(kind, kind)
    return RestRequestForm("GET", _LEADS, {"filterType": name, "filterValues": ",".join(values), **fields})


def _get_multiple(session: Session, given: Given) -> Twin:
    names = [field_name(session.world, name) for name in given.get("field") or ()]
    fields = {"fields": ",".join(names)} if names else {}
    if given.get("batch"):
        fields["batchSize"] = str(given["batch"])
    keys = keys_of(given)
    if keys:
        request = _search(keys[0][0], [value for _, value in keys], fields)
        return Twin((request,), ("By rising Id; pages go on by nextPageToken, and nothing counts what is left.",))
    if given.get("list") or given.get("list_id"):
        found = list_by_name(session, given["list"], TraceBuilder()) if given.get("list") else None
        number = given.get("list_id") or (found.id if found is not None else "{listId}")
        notes = ("A list is named by its id: lists.json?name= says which it is.",)
        return Twin((RestRequestForm("GET", f"/rest/v1/lists/{number}/leads.json", fields),), notes)
    return Twin((), ("Nothing reads the leads of a span of time at once: use a bulk extract by updatedAt.",))


def _merge(session: Session, given: Given) -> Twin:
    winner = lead_id_of(session, given.get("winner") or "")
    losers = [lead_id_of(session, text) for text in given.get("loser") or ()]
    known = ",".join(str(number) for number in losers if number is not None)
    path = f"/rest/v1/leads/{winner if winner is not None else '{id}'}/merge.json"
    return Twin((RestRequestForm("POST", path, {"leadIds": known}),), ("By Ids alone, and at most 25 losing leads.",))


def _types(given: Given) -> str:
    named = [TYPE_IDS.get(ACTIVITY_TYPES.get(name, name)) for name in given.get("include") or ()]
    return ",".join(str(number) for number in (named if any(named) else _SHOWN_TYPES) if number is not None)


def _since(given: Given) -> RestRequestForm:
    since = given.get("since") or "2000-01-01T00:00:00Z"
    return RestRequestForm("GET", "/rest/v1/activities/pagingtoken.json", {"sinceDatetime": since})


def _activity(session: Session, given: Given) -> Twin:
    notes = ["The log is read forward from a moment, oldest first; up to ten types must be named, by their numbers."]
    ids = ",".join(map(str, lead_ids_of(session, given, notes)))
    query = {"nextPageToken": NEXT_TOKEN, "activityTypeIds": _types(given), "leadIds": ids}
    return Twin((_since(given), RestRequestForm("GET", "/rest/v1/activities.json", query)), tuple(notes))


def _changes(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    notes = ("Values that changed are read by the names of fields; other activities with activities.json.",)
    query = {"nextPageToken": NEXT_TOKEN, "fields": "firstName,lastName,email,company,leadStatus,leadScore"}
    return Twin((_since(given), RestRequestForm("GET", "/rest/v1/activities/leadchanges.json", query)), notes)


def _as_number(text: str) -> int | str:
    return int(text) if text.strip().isascii() and text.strip().isdigit() else text


def _plain(name: str, value: str) -> int | str:
    return _as_number(value) if name.strip().casefold() == "id" else value


TWINS: Mapping[str, TwinOf] = {
    "syncLead": _sync_lead,
    "syncMultipleLeads": _sync_many,
    "getLead": _get_lead,
    "getMultipleLeads": _get_multiple,
    "mergeLeads": _merge,
    "getLeadActivity": _activity,
    "getLeadChanges": _changes,
}
