"""The twins of the operations on lists, imports, campaigns, channels and tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.catalogue import EMAIL_FIELD, ID_FIELD, display_name
from mockmkto.engine.lead_fields import rest_name
from mockmkto.engine.lists import list_by_name
from mockmkto.model import TraceBuilder
from mockmkto.model.programs import token_name, token_reference
from mockmkto.rest.forms.twin import Given, RestRequestForm, Twin, TwinOf, lead_ids_of, nothing
from mockmkto.store import campaigns, programs
from mockmkto.store.database import Session

__all__ = ["TWINS"]

_ASSETS = "/rest/asset/v1"
_BOUNDARY = "mockmkto-file"


def _list_id(session: Session, name: str | None) -> str:
    found = list_by_name(session, name, TraceBuilder()) if name else None
    return str(found.id) if found is not None else "{listId}"


def _list(session: Session, given: Given) -> Twin:
    if given.get("clear"):
        return Twin((), ("Nothing clears a list: its members are read, and taken off by their Ids.",))
    notes = ["A list is named by its id: lists.json?name= says which it is. Each lead has an outcome of its own."]
    ids = lead_ids_of(session, given, notes)
    path = f"/rest/v1/lists/{_list_id(session, given.get('list'))}/leads"
    if given.get("ask"):
        return Twin((RestRequestForm("GET", f"{path}/ismember.json", {"id": ",".join(map(str, ids))}),), tuple(notes))
    if given.get("strict"):
        notes.append("There is no strict: the leads that can be moved are moved.")
    method = "DELETE" if given.get("remove") else "POST"
    body = {"input": [{"id": number} for number in ids]}
    return Twin((RestRequestForm(method, f"{path}.json", {}, body),), tuple(notes))


def _import(session: Session, given: Given) -> Twin:
    name = f"{given.get('program')}.{given.get('list')}" if given.get("program") else given.get("list")
    fields = (*session.world.fields.rest, ID_FIELD, EMAIL_FIELD)
    by_label = {name.casefold(): field for field in fields for name in (field.name, display_name(field))}
    labels = [label.strip() for label in (given.get("header") or "").split(",")]
    found = [by_label.get(label.casefold()) for label in labels]
    header = ",".join(
        rest_name(field) if field is not None else text for field, text in zip(found, labels, strict=True)
    )
    rows = "\r\n".join([header, *(given.get("row") or ()), ""])
    part = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\n'
    body = f"{part}Content-Type: text/csv\r\n\r\n{rows}\r\n--{_BOUNDARY}--\r\n".encode("utf-8", "replace")
    query = {"format": "csv", "listId": _list_id(session, name)}
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    notes = [
        "The columns have the REST names of fields. There are no tokens of rows, and nothing clears the list first."
    ]
    if given.get("campaign"):
        notes.append("A campaign is triggered in a call of its own.")
    return Twin((RestRequestForm("POST", "/bulk/v1/leads.json", query, body, kind),), tuple(notes))


def _campaigns(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    query = {"isTriggerable": "true"} | ({"name": given["name"]} if given.get("name") else {})
    notes = ["A name is the whole own name of a campaign, without its program's."] if given.get("name") else []
    if given.get("source") == "SALES":
        notes.append("There is nothing like the source SALES.")
    return Twin((RestRequestForm("GET", "/rest/v1/campaigns.json", query),), tuple(notes))


def _campaign_id(session: Session, given: Given) -> str:
    if given.get("campaign_id"):
        return str(given["campaign_id"])
    program = programs.by_name(session, given.get("program") or "")
    found = campaigns.named(session, given.get("campaign") or "")
    own = next((item for item in found if program is not None and item.program_id == program.id), None)
    return str(own.id) if own is not None else "{campaignId}"


def _tokens(given: Given) -> dict[str, Any]:
    given_tokens = given.get("token") or ()
    if not given_tokens:
        return {}
    return {"tokens": [{"name": token_reference(token_name(name)), "value": value} for name, value in given_tokens]}


_BY_ID = "A campaign is named by its id: campaigns.json?name= says which it is."


def _request(session: Session, given: Given) -> Twin:
    notes = [_BY_ID, "One lead that is not there refuses the whole call with 1004."]
    body = {"input": {"leads": [{"id": number} for number in lead_ids_of(session, given, notes)], **_tokens(given)}}
    path = f"/rest/v1/campaigns/{_campaign_id(session, given)}/trigger.json"
    return Twin((RestRequestForm("POST", path, {}, body),), tuple(notes))


def _schedule(session: Session, given: Given) -> Twin:
    members = {"runAt": given.get("run_at"), "cloneToProgramName": given.get("clone_to")}
    body = {"input": {**{name: value for name, value in members.items() if value}, **_tokens(given)}}
    path = f"/rest/v1/campaigns/{_campaign_id(session, given)}/schedule.json"
    return Twin((RestRequestForm("POST", path, {}, body),), (_BY_ID, "It runs five minutes from now at the earliest."))


def _named(several: str, one: str, argument: str) -> TwinOf:
    def twin(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
        names = given.get(argument) or ()
        if not names:
            return Twin((RestRequestForm("GET", f"{_ASSETS}/{several}.json", {"maxReturn": "200"}),))
        return Twin(tuple(RestRequestForm("GET", f"{_ASSETS}/{one}/byName.json", {"name": name}) for name in names))

    return twin


TWINS: Mapping[str, TwinOf] = {
    "listOperation": _list,
    "importToList": _import,
    "getImportToListStatus": nothing("An import is asked for by the batchId that its beginning answered."),
    "getCampaignsForSource": _campaigns,
    "requestCampaign": _request,
    "scheduleCampaign": _schedule,
    "getChannels": _named("channels", "channel", "channel"),
    "getTags": _named("tagTypes", "tagType", "tag"),
}
