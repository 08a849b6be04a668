"""A world made from what recorded answers show: the leads that were there before, fields, workspaces, lists and more.

What a call found without any earlier one having made it was there at the beginning. Nothing is guessed beyond that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from mockmkto.engine.catalogue import STANDARD_FIELDS
from mockmkto.model import FieldType
from mockmkto.traffic.exchange import Exchange, local, parse_xml
from mockmkto.traffic.signing import operation_of

__all__ = ["as_fixture", "learn"]

_STANDARD = {item.name.casefold() for item in STANDARD_FIELDS} | {"email", "id"}
_TYPES = frozenset(item.value for item in FieldType)
_LONG = 255


@dataclass(slots=True)
class _Learned:
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)  # by recorded id
    made: set[str] = field(default_factory=set)  # leads that a recorded call created
    emails: set[str] = field(default_factory=set)
    workspaces: dict[str, None] = field(default_factory=dict)
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    joined: set[tuple[str, str]] = field(default_factory=set)  # list and lead, by a recorded call
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    programs: dict[str, None] = field(default_factory=dict)
    object_types: dict[str, dict[str, Any]] = field(default_factory=dict)


def learn(exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """The world as a fixture's mapping: what a replay of these calls begins with."""
    learned = _Learned()
    for exchange in exchanges:
        request, answer = parse_xml(exchange.request), parse_xml(exchange.answer)
        if request is None or answer is None:
            continue
        _from_call(learned, operation_of(request) or "", _body(request), _body(answer), request)
    return _world(learned)


def as_fixture(world: dict[str, Any]) -> bytes:
    """The world as a fixture's text in YAML: `learn` gives the one."""
    import yaml

    text: str = yaml.safe_dump(world, allow_unicode=True, sort_keys=False) if world else ""
    return text.encode()


def _body(root: etree._Element) -> etree._Element:
    body = next((child for child in root if local(child) == "Body"), None)
    return body[0] if body is not None and len(body) else root


def _from_call(
    learned: _Learned, operation: str, params: etree._Element, answer: etree._Element, request: etree._Element
) -> None:
    failed = local(answer) == "Fault"
    if not failed:
        for workspace in _named(request, "targetWorkspace"):
            if text := _text(workspace):
                learned.workspaces.setdefault(text)
    match operation:
        case "syncLead" if not failed:
            sent = next(_named(params, "leadRecord"), None)
            _from_sync(learned, sent, next(_named(answer, "syncStatus"), None))
            _from_records(learned, answer, sent)
        case "syncMultipleLeads" if not failed:
            statuses = list(_named(answer, "syncStatus"))
            for sent, status in zip(_named(params, "leadRecord"), statuses, strict=False):
                _from_sync(learned, sent, status)
        case "getLead" | "getMultipleLeads" if not failed:
            _from_records(learned, answer, None)
        case "listOperation" if not failed:
            _from_list(learned, params, answer)
        case "getCampaignsForSource" if not failed:
            for item in _named(answer, "campaignRecord"):
                _campaign(learned, _child(item, "id"), _child(item, "name"), [_child(params, "source") or "MKTOWS"])
        case "requestCampaign" if not failed:
            source = _child(params, "source") or "MKTOWS"
            _campaign(learned, _child(params, "campaignId"), _child(params, "campaignName"), [source])
        case "getCustomObjects" | "syncCustomObjects" if not failed:
            _from_objects(learned, params, answer)
        case _:
            pass


# ---------------------------------------------------------------------------------------------------------------------
# Leads


def _from_sync(learned: _Learned, sent: etree._Element | None, status: etree._Element | None) -> None:
    if sent is None or status is None:
        return
    for name, type_, value in _attributes(sent):
        _field(learned, name, type_, value)
    lead_id, outcome = _child(status, "leadId"), _child(status, "status")
    if not lead_id or outcome not in ("CREATED", "UPDATED"):
        return
    email = _child(sent, "Email")
    if outcome == "CREATED":
        learned.made.add(lead_id)
    elif lead_id not in learned.made and lead_id not in learned.leads:
        lead = learned.leads[lead_id] = {"Id": int(lead_id)}
        foreign_id = _child(sent, "ForeignSysPersonId")
        if foreign_id and not _child(sent, "Id"):
            lead["foreign_ids"] = [{"type": _child(sent, "ForeignSysType") or "CUSTOM", "id": foreign_id}]
        elif email and not _child(sent, "Id"):
            lead["Email"] = email


def _from_records(learned: _Learned, answer: etree._Element, sent: etree._Element | None) -> None:
    """Leads as an answer shows them; what the request itself has written was not there before."""
    written = {name.casefold() for name, _, _ in _attributes(sent)} if sent is not None else set()
    for record in _named(answer, "leadRecord"):
        lead_id = _child(record, "Id")
        attributes = [item for item in _attributes(record) if item[0].casefold() not in written]
        for name, type_, value in _attributes(record):
            _field(learned, name, type_, value)
        if not lead_id or lead_id in learned.made:
            continue
        first = lead_id not in learned.leads
        lead = learned.leads.setdefault(lead_id, {"Id": int(lead_id)})
        email = _child(record, "Email")
        if email and "Email" not in lead and (sent is None or not _child(sent, "Email")):
            lead["Email"] = email
        foreign_id = _child(record, "ForeignSysPersonId")
        if foreign_id and "foreign_ids" not in lead and sent is None:
            lead["foreign_ids"] = [{"type": _child(record, "ForeignSysType") or "CUSTOM", "id": foreign_id}]
        known = lead.setdefault("attributes", {})
        if first or sent is not None or not known:
            for name, _, value in attributes:
                known.setdefault(name, value)


def _field(learned: _Learned, name: str, type_: str | None, value: str) -> None:
    if name.casefold() in _STANDARD:
        return
    entry = learned.fields.setdefault(name, {"name": name, "type": "string"})
    if type_ in _TYPES:
        entry["type"] = type_
    if len(value) > _LONG and entry["type"] == "string":
        entry["type"] = "text"


# ---------------------------------------------------------------------------------------------------------------------
# Lists, campaigns, objects


def _from_list(learned: _Learned, params: etree._Element, answer: etree._Element) -> None:
    key = next(_named(params, "listKey"), None)
    if key is None or _child(key, "keyType") not in (None, "MKTOLISTNAME"):
        return
    name = _child(key, "keyValue") or ""
    if "." in name:
        learned.programs.setdefault(name.partition(".")[0])
    known = learned.lists.setdefault(name, {"name": name, "members": []})
    done = _child(params, "listOperation")
    failed = {
        _child(status, "keyValue") or _child(next(_named(status, "leadKey"), status), "keyValue")
        for status in _named(answer, "leadStatus")
        if (_child(status, "status") or "").lower() in ("false", "0")
    }
    for member in (item for parent in _named(params, "listMemberList") for item in _named(parent, "leadKey")):
        kind, value = _child(member, "keyType"), _child(member, "keyValue") or ""
        if value in failed or kind not in ("IDNUM", "EMAIL"):
            continue
        if kind == "IDNUM" and value.isdigit() and value not in learned.made:
            learned.leads.setdefault(value, {"Id": int(value)})
        if done == "ADDTOLIST":
            learned.joined.add((name, value))
        elif (name, value) not in learned.joined:
            reference: Any = int(value) if kind == "IDNUM" and value.isdigit() else {"email": value}
            if reference not in known["members"] and value not in learned.made:
                known["members"].append(reference)


def _campaign(learned: _Learned, campaign_id: str | None, name: str | None, sources: list[str]) -> None:
    if not campaign_id or not campaign_id.isdigit():
        return
    entry = learned.campaigns.setdefault(
        campaign_id, {"id": int(campaign_id), "name": f"Campaign {campaign_id}", "type": "trigger", "sources": []}
    )
    entry["sources"] = sorted({*entry["sources"], *sources})
    if name:
        program, dot, bare = name.partition(".")
        entry["name"] = bare if dot else name
        if dot:
            learned.programs.setdefault(program)
            entry["program"] = program


def _from_objects(learned: _Learned, params: etree._Element, answer: etree._Element) -> None:
    name = _child(params, "objTypeName")
    if not name:
        return
    shown = next((text for item in _named(answer, "objTypeName") if (text := _text(item))), name)
    entry = learned.object_types.setdefault(shown, {"name": shown, "keys": [], "fields": {}, "records": []})
    unknown = {text for item in _named(answer, "error") for text in (_text(item) or "").partition(": ")[2].split(", ")}
    for parent in (params, answer):
        for keys in _named(parent, "customObjKeyList"):
            for key, _, _ in _attributes(keys):
                entry["fields"].setdefault(key, "string")
                if parent is answer and key not in entry["keys"]:
                    entry["keys"].append(key)
        for values in _named(parent, "customObjAttributeList"):
            for key, _, _ in _attributes(values):
                if key not in unknown:
                    entry["fields"].setdefault(key, "string")
    for item in _named(answer, "customObj"):
        record = {key: value for key, _, value in _attributes(item)}
        if record and record not in entry["records"]:
            entry["records"].append(record)


# ---------------------------------------------------------------------------------------------------------------------


def _world(learned: _Learned) -> dict[str, Any]:
    world: dict[str, Any] = {}
    if learned.workspaces and any(name.casefold() != "default" for name in learned.workspaces):
        world["workspaces"] = [{"name": name, "primary_partition": "Default"} for name in learned.workspaces]
    if learned.fields:
        world["fields"] = list(learned.fields.values())
    leads = [lead for lead_id, lead in learned.leads.items() if lead_id not in learned.made]
    if leads:
        world["leads"] = sorted(leads, key=lambda lead: lead["Id"])
    if learned.programs:
        world["programs"] = [{"name": name} for name in learned.programs]
    if learned.lists:
        world["lists"] = [_list(item) for item in learned.lists.values()]
    if learned.campaigns:
        world["campaigns"] = list(learned.campaigns.values())
    types = [item for item in learned.object_types.values() if item["keys"]]
    if types:
        world["custom_object_types"] = [
            {**item, "fields": [{"name": name, "type": type_} for name, type_ in item["fields"].items()]}
            for item in types
        ]
    return world


def _list(entry: dict[str, Any]) -> dict[str, Any]:
    program, dot, name = entry["name"].partition(".")
    members = {"members": entry["members"]} if entry["members"] else {}
    return {"name": name, "program": program, **members} if dot else {"name": entry["name"], **members}


def _named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (item for item in parent.iter(etree.Element) if local(item) == name)


def _child(parent: etree._Element, name: str) -> str | None:
    return next((_text(item) for item in parent if isinstance(item.tag, str) and local(item) == name), None)


def _text(element: etree._Element) -> str | None:
    return (element.text or "").strip() or None


def _attributes(parent: etree._Element) -> list[tuple[str, str | None, str]]:
    """Name, type and value of each attribute below an element."""
    return [
        (name, _child(item, "attrType"), _child(item, "attrValue") or "")
        for item in _named(parent, "attribute")
        if (name := _child(item, "attrName"))
    ]
