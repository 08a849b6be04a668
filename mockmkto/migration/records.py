"""What a world has beside its leads, as records with a name and values: opportunities, custom objects, lists ..."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from mockmkto.engine.object_fields import fields_of
from mockmkto.model import FieldCatalogue, FieldType
from mockmkto.model.campaigns import CampaignCallKind
from mockmkto.model.objects import MObjectKind
from mockmkto.store import campaigns, custom_objects
from mockmkto.store.database import Session
from mockmkto.worlds.asset_export import with_assets
from mockmkto.worlds.companies import company_entries
from mockmkto.worlds.exporting import world_entry
from mockmkto.worlds.object_export import all_opportunities, all_roles
from mockmkto.worlds.schema import WorldEntry

__all__ = ["Record", "read_records"]


class Record(NamedTuple):
    """One thing that is no lead. What it is called says nothing of its id, which is another on each side."""

    kind: str
    label: str
    id: int | None
    values: Mapping[str, str]
    types: Mapping[str, FieldType]


_NO_TYPES: Mapping[str, FieldType] = {}

# Of these sections a record is called by its name; `imports` is not among them: what they did is in the leads.
_NAMED = {
    "fields": "field",
    "workspaces": "workspace",
    "programs": "program",
    "lists": "list",
    "campaigns": "campaign",
    "activity_types": "activity type",
}
_UNSEEN = ("id", "created_at", "updated_at", "members", "requests", "runs", "lead_tokens")


def read_records(session: Session, leads: Mapping[int, str]) -> tuple[Record, ...]:
    """Everything beside the leads; `leads` says what each of them is called, by Id."""
    return (
        *_companies(session),
        *_opportunities(session, leads),
        *_custom(session, leads),
        *_runs(session, leads),
        *_entries(with_assets(world_entry(session.world), session)),
    )


def _companies(session: Session) -> Iterator[Record]:
    for item in company_entries(session):
        values = {name: str(text) for name, text in (item.attributes or {}).items()}
        yield Record("company", item.external_id, item.id, values, _NO_TYPES)


def _opportunities(session: Session, leads: Mapping[int, str]) -> Iterator[Record]:
    types = _types(fields_of(MObjectKind.OPPORTUNITY, session.world))
    called: dict[int, str] = {}
    for item in all_opportunities(session):
        key = item.external_key
        label = (key.value if key is not None else None) or item.name or "an opportunity without name"
        called[item.id] = label
        values = {**item.values}
        if item.company:
            values["company"] = item.company
        if key is not None and key.value:
            if values.get(key.name or "") == key.value:  # SOAP keeps the key as the value of a field, too
                del values[key.name or ""]
            values["external key"] = key.value
        yield Record("opportunity", label, item.id, values, types)
    of_roles = _types(fields_of(MObjectKind.ROLE, session.world))
    for role in all_roles(session):
        lead = leads.get(role.lead_id, "a lead that is gone")
        label = f"{lead} in {called.get(role.opportunity_id, '?')}" + (f" as {role.role}" if role.role else "")
        shown = {name: text for name, text in role.values.items() if name not in ("OpportunityId", "PersonId")}
        yield Record("role", label, role.id, shown, of_roles)


def _custom(session: Session, leads: Mapping[int, str]) -> Iterator[Record]:
    for kind in session.world.objects.custom_types:
        types = _types(kind.fields)
        by_id = kind.link is not None and kind.link.to.casefold() in ("id", "idnum")
        for item in custom_objects.all_of(session, kind):
            values = dict(item.values)
            lead = leads.get(item.lead_id, "a lead that is gone") if item.lead_id is not None else None
            if lead is not None:
                values[kind.link.field if by_id and kind.link is not None else "linked lead"] = lead
            keys = ", ".join(f"{name} {values.get(name, '')}" for name in kind.keys)
            yield Record("custom object", f"{kind.name} {keys}", item.id, values, types)


def _runs(session: Session, leads: Mapping[int, str]) -> Iterator[Record]:
    named = {item.id: item.shown for item in campaigns.all_campaigns(session)}
    for call in campaigns.all_calls(session):
        if call.kind is CampaignCallKind.RUN:
            values = {"run at": call.run_at.isoformat(), "done": "1" if call.done else "0"}
            values |= {f"token {name}": text for name, text in call.tokens.items()}
            values["leads"] = ", ".join(sorted(leads.get(item, "a lead that is gone") for item in call.leads))
            types = {"run at": FieldType.DATETIME, "done": FieldType.BOOLEAN}
            yield Record("run", f"of {named.get(call.campaign_id, '?')}", call.id, values, types)


def _entries(entry: WorldEntry) -> Iterator[Record]:
    for section, kind in _NAMED.items():
        for item in getattr(entry, section) or ():
            own = item.api_name if section == "activity_types" else item.name
            name = ".".join(filter(None, (getattr(item, "program", None), own)))
            yield Record(kind, name, getattr(item, "id", None), _flat(item), _NO_TYPES)
    for name, channel in (entry.channels or {}).items():
        yield Record("channel", name, None, _flat(channel), _NO_TYPES)
    for name, values in (entry.tags or {}).items():
        yield Record("tag type", name, None, {"values": ", ".join(values)}, _NO_TYPES)
    for name in entry.partitions or ():
        yield Record("partition", name, None, {}, _NO_TYPES)


def _flat(item: msgspec.Struct) -> dict[str, str]:
    """What an entry of a fixture says, without what is another on each side or is compared elsewhere."""
    plain = msgspec.to_builtins(item)
    found: dict[str, str] = {}
    for name, value in plain.items():
        if name not in _UNSEEN:
            _put(found, name, value)
    return found


def _put(found: dict[str, str], name: str, value: object) -> None:
    if isinstance(value, dict):
        for inner, item in value.items():
            _put(found, f"{name} {inner}", item)
    elif isinstance(value, list):
        for place, item in enumerate(value, 1):
            _put(found, f"{name} {place}", item)
    elif value is not None:
        found[name] = str(value)


def _types(fields: FieldCatalogue) -> dict[str, FieldType]:
    return {item.name: item.type for item in fields.every}
