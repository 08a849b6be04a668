"""What may stand in a fixture, as msgspec structures: which keys there are, and what kind of value each takes.

A key without a value (`leads:`) is as if it were not there. What a value means is checked afterwards.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from mockmkto.worlds.activity_entry import ActivityEntry, ActivityTypeEntry
from mockmkto.worlds.converting import convert
from mockmkto.worlds.entry import Entry
from mockmkto.worlds.field_entry import FieldEntry
from mockmkto.worlds.findings import Findings
from mockmkto.worlds.object_entries import CompanyEntry, CustomObjectTypeEntry, OpportunityEntry, RoleEntry
from mockmkto.worlds.problems import Location
from mockmkto.worlds.program_entries import CampaignEntry, ChannelEntry, ImportsEntry, ListEntry, ProgramEntry
from mockmkto.worlds.reading import Document
from mockmkto.worlds.words import nearest

__all__ = [
    "AnonymousLeadEntry",
    "AssignmentRuleEntry",
    "ClientEntry",
    "ClockEntry",
    "ConditionEntry",
    "CountedEntry",
    "CredentialEntry",
    "FaultEntry",
    "FieldEntry",
    "ForeignIdEntry",
    "LeadEntry",
    "LimitsEntry",
    "WorkspaceEntry",
    "WorldEntry",
    "nearest",
    "read_entries",
]


_E = TypeVar("_E", bound=Entry)


class CredentialEntry(Entry, frozen=True, kw_only=True):
    """`{user_id: mockmkto, encryption_keys: [...], blocked: false}`."""

    user_id: str
    encryption_keys: list[str]
    blocked: bool | None = None


class ClientEntry(Entry, frozen=True, kw_only=True):
    """`{client_id: mockmkto-client, client_secrets: [...], permissions: [Read-Write Lead]}`."""

    client_id: str
    client_secrets: list[str]
    user: str | None = None
    permissions: list[str] | None = None
    blocked: bool | None = None


class WorkspaceEntry(Entry, frozen=True, kw_only=True):
    """`{name: EMEA, primary_partition: Europe}`."""

    name: str
    primary_partition: str | None = None


Operands = Annotated[list[str], msgspec.Meta(extra_json_schema={"minItems": 1})]  # who checks it says it better


class ConditionEntry(Entry, frozen=True, kw_only=True):
    """`{field: Country, is: Germany}`: a field and one operator."""

    field: str
    is_: str | None = msgspec.field(name="is", default=None)
    is_not: str | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    contains: str | None = None
    in_: Operands | None = msgspec.field(name="in", default=None)
    is_empty: bool | None = None
    is_not_empty: bool | None = None


class AssignmentRuleEntry(Entry, frozen=True, kw_only=True):
    """`{name: Germans to Asia, when: [...], partition: Asia}`."""

    name: str
    when: list[ConditionEntry] | None = None
    partition: str


class ForeignIdEntry(Entry, frozen=True, kw_only=True):
    """`{type: CUSTOM, id: A-1}`."""

    type: str | None = None
    id: str


class AnonymousLeadEntry(Entry, frozen=True, kw_only=True):
    """`{Id: 1002, cookies: [...], partition: Default, attributes: {AnonymousIP: 10.1.2.3}}`."""

    Id: int | None = None
    partition: str | None = None
    cookies: list[str] | None = None
    attributes: dict[str, object] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    created_order: int | None = None
    updated_order: int | None = None


class LeadEntry(AnonymousLeadEntry, frozen=True, kw_only=True):
    """`{Id: 1001, Email: ann@example.com, foreign_ids: [...], attributes: {FirstName: Ann}}`."""

    Email: str | None = None
    foreign_ids: list[ForeignIdEntry] | None = None


class LimitsEntry(Entry, frozen=True, kw_only=True):
    """`{per_day: 500, per_20_seconds: 20, at_once: -}`: what is absent is as documented, `-` is no limit."""

    per_day: str | None = None
    per_20_seconds: str | None = None
    at_once: str | None = None


class FaultEntry(Entry, frozen=True, kw_only=True):
    """`{effect: fault, code: 20015, match: "op:syncLead", times: 1}`: the keys of the control API."""

    name: str | None = None
    effect: str
    match: str | None = None
    nth: int | None = None
    after: int | None = None
    times: int | None = None
    share: float | None = None
    seed: int | None = None
    code: int | None = None
    status: int | None = None
    delay: str | None = None
    bytes_per_second: int | None = None
    seen: int | None = None
    fired: int | None = None


class ClockEntry(Entry, frozen=True, kw_only=True):
    """`{frozen: 2026-03-14T09:26:53Z}`, or `{offset: -5m}`."""

    frozen: str | None = None
    offset: str | None = None


class CountedEntry(Entry, frozen=True, kw_only=True):
    """`{days: {2026-03-14: 9998}, recent: [2026-03-14T09:26:50Z]}`: what counts against the limits already."""

    days: dict[str, int] | None = None
    recent: list[str] | None = None


class WorldEntry(Entry, frozen=True, kw_only=True):
    """One world: a subscription and what is in it."""

    subscription: str | None = None
    credentials: list[CredentialEntry] | None = None
    clients: list[ClientEntry] | None = None
    hosts: list[str] | None = None
    time_zone: str | None = None
    behaviour: dict[str, object] | None = None
    limits: str | LimitsEntry | None = None
    clock: ClockEntry | None = None
    workspaces: list[WorkspaceEntry] | None = None
    partitions: list[str] | None = None
    assignment_rules: list[AssignmentRuleEntry] | None = None
    fields: list[FieldEntry] | None = None
    lead_keys: dict[str, object] | None = None
    next_id: int | None = None
    leads: list[LeadEntry] | None = None
    anonymous_leads: list[AnonymousLeadEntry] | None = None
    channels: dict[str, ChannelEntry] | None = None
    tags: dict[str, list[str]] | None = None
    programs: list[ProgramEntry] | None = None
    lists: list[ListEntry] | None = None
    campaigns: list[CampaignEntry] | None = None
    imports: ImportsEntry | None = None
    activity_types: list[ActivityTypeEntry] | None = None
    activities: list[ActivityEntry] | None = None
    opportunity_fields: list[FieldEntry] | None = None
    role_fields: list[FieldEntry] | None = None
    companies: list[CompanyEntry] | None = None
    opportunities: list[OpportunityEntry] | None = None
    opportunity_roles: list[RoleEntry] | None = None
    custom_object_types: list[CustomObjectTypeEntry] | None = None
    next_ids: dict[str, int] | None = None
    faults: list[FaultEntry] | None = None
    counted: CountedEntry | None = None
    rest_counted: CountedEntry | None = None


class _FileEntry(Entry, frozen=True, kw_only=True):
    subscriptions: list[WorldEntry]


def read_entries(document: Document, findings: Findings) -> list[tuple[Location, WorldEntry]]:
    """Every world of a document, with its place in it, as far as it can be read: what cannot, goes to the findings.

    Raises:
        FixtureError: a key that is not known, one that is missing, or a value of another kind, after which nothing
            else can be judged.
    """
    plain = document.plain
    if isinstance(plain, dict) and "subscriptions" in plain:
        worlds = convert(document, plain, _FileEntry, findings).subscriptions
        if not worlds:
            raise document.error(("subscriptions",), "expected at least one subscription")
        return [(("subscriptions", index), world) for index, world in enumerate(worlds)]
    return [((), convert(document, {} if plain is None else plain, WorldEntry, findings))]
