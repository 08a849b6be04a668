"""What may stand in a fixture about programs, channels, tags, static lists, campaigns and imports."""

from __future__ import annotations

import msgspec

from mockmkto.worlds.entry import Entry

__all__ = [
    "ActivityEffectEntry",
    "CampaignEntry",
    "CampaignRequestEntry",
    "CampaignRunEntry",
    "ChannelEntry",
    "CostEntry",
    "EffectEntry",
    "ImportEntry",
    "ImportsEntry",
    "ListEntry",
    "MemberEntry",
    "ProgramEntry",
    "ProgramMemberEntry",
    "StatusEntry",
]


class StatusEntry(Entry, frozen=True, kw_only=True):
    """`{name: Attended, step: 30, success: true, check_in: Attended}`."""

    name: str
    step: int
    success: bool | None = None
    check_in: str | None = None
    webinar: str | None = None


class ChannelEntry(Entry, frozen=True, kw_only=True):
    """`{statuses: [...]}`: a channel, under its name."""

    statuses: list[StatusEntry] | None = None


class CostEntry(Entry, frozen=True, kw_only=True):
    """`{month: 2014-03, amount: 500, note: hall}`."""

    id: int | None = None
    month: str
    amount: str
    note: str | None = None


class MemberEntry(Entry, frozen=True, kw_only=True):
    """`{email: ann@example.com}`: a lead that has no Id in the file."""

    email: str


class ProgramMemberEntry(Entry, frozen=True, kw_only=True):
    """`{lead: 1001, status: Registered, since: 2026-03-14T09:26:53Z}`, or `{lead: {email: ann@example.com}, ...}`."""

    lead: int | MemberEntry
    status: str
    success: bool | None = None
    acquired_by: bool | None = None
    since: str | None = None
    updated_at: str | None = None


class ProgramEntry(Entry, frozen=True, kw_only=True):
    """`{id: 1003, name: ER Demo, type: Marketing Event, channel: Roadshow, tags: {Region: West}}`."""

    id: int | None = None
    name: str
    type: str | None = None
    channel: str | None = None
    workspace: str | None = None
    folder: str | None = None
    tags: dict[str, object] | None = None
    tokens: dict[str, object] | None = None
    costs: list[CostEntry] | None = None
    start: str | None = None
    end: str | None = None
    archived: bool | None = None
    crm_id: str | None = None
    cloned_on: str | None = None
    description: str | None = None
    members: list[ProgramMemberEntry] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class ListEntry(Entry, frozen=True, kw_only=True):
    """`{id: 1001, name: Newsletter, members: [1001, {email: ann@example.com}]}`: members in order of joining."""

    id: int | None = None
    name: str
    program: str | None = None
    description: str | None = None
    folder: int | None = None
    members: list[int | MemberEntry] | None = None
    owner_keys: dict[str, object] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class ActivityEffectEntry(Entry, frozen=True, kw_only=True):
    """`{type: Send Email, asset: Welcome, attributes: {Campaign Run ID: 7}}`."""

    type: str
    asset: str | None = None
    attributes: dict[str, object] | None = None


class EffectEntry(Entry, frozen=True, kw_only=True):
    """`{set: {LeadStatus: Contacted}}`, or another one: what a campaign does to a lead."""

    set_: dict[str, object] | None = msgspec.field(name="set", default=None)
    add_to_list: str | None = None
    remove_from_list: str | None = None
    activity: ActivityEffectEntry | None = None


class CampaignRequestEntry(Entry, frozen=True, kw_only=True):
    """`{id: 1, at: 2026-03-14T09:26:53Z, source: MKTOWS, leads: [1001], tokens: {"{{my.message}}": Hi}}`."""

    id: int | None = None
    at: str
    source: str | None = None
    leads: list[int]
    tokens: dict[str, object] | None = None


class CampaignRunEntry(Entry, frozen=True, kw_only=True):
    """`{id: 2, asked_at: 2026-03-14T09:26:53Z, at: 2026-03-15T00:00:00Z, done: false}`."""

    id: int | None = None
    asked_at: str | None = None
    at: str
    done: bool | None = None
    leads: list[int] | None = None
    tokens: dict[str, object] | None = None


class CampaignEntry(Entry, frozen=True, kw_only=True):
    """`{id: 2001, name: Send Welcome, program: ER Demo, type: trigger, sources: [MKTOWS], effects: [...]}`."""

    id: int | None = None
    name: str
    program: str | None = None
    type: str | None = None
    sources: list[str] | None = None
    active: bool | None = None
    description: str | None = None
    audience: str | None = None
    effects: list[EffectEntry] | None = None
    requests: list[CampaignRequestEntry] | None = None
    runs: list[CampaignRunEntry] | None = None
    lead_tokens: dict[str, dict[str, str]] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class ImportEntry(Entry, frozen=True, kw_only=True):
    """`{list: ER Demo.Attendees, mode: UPSERTLEADS, status: COMPLETE, started_at: ..., imported: 2}`."""

    id: int | None = None
    list_: str = msgspec.field(name="list")
    program: str | None = None
    campaign: int | None = None
    mode: str | None = None
    clear_list: bool | None = None
    status: str
    started_at: str
    due_at: str | None = None
    ended_at: str | None = None
    estimated_rows: int | None = None
    imported: int | None = None
    failed: int | None = None
    ignored: int | None = None
    summary: str | None = None
    header: str | None = None
    rows: list[str] | None = None


class ImportsEntry(Entry, frozen=True, kw_only=True):
    """`{duration: 60s}`: how long an import stays PROCESSING; and the imports there were."""

    duration: str | None = None
    jobs: list[ImportEntry] | None = None
