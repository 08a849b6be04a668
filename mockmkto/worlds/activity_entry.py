"""What may stand in a fixture about the activity log."""

from __future__ import annotations

from mockmkto.worlds.entry import Entry
from mockmkto.worlds.program_entries import MemberEntry

__all__ = ["ActivityEntry", "ActivityTypeEntry", "TypeAttributeEntry", "TypeDraftEntry"]


class ActivityEntry(Entry, frozen=True, kw_only=True):
    """`{id: 5, lead: 1001, type: Visit Webpage, asset: /pricing, at: 2014-03-26T10:00:00Z, attributes: {...}}`."""

    id: int | None = None
    lead: int | MemberEntry
    type: str
    asset: str | None = None
    campaign: str | None = None
    at: str | None = None
    attributes: dict[str, object] | None = None


class TypeAttributeEntry(Entry, frozen=True, kw_only=True):
    """`{api_name: conferenceDate, name: Conference Date, data_type: date}`."""

    api_name: str
    name: str | None = None
    data_type: str | None = None
    description: str | None = None


class TypeDraftEntry(Entry, frozen=True, kw_only=True):
    """What is to be of a type when it is approved: all of it, or nothing, which is what is approved."""

    name: str
    trigger_name: str
    filter_name: str
    description: str | None = None
    primary: TypeAttributeEntry | None = None
    attributes: list[TypeAttributeEntry] | None = None


class ActivityTypeEntry(Entry, frozen=True, kw_only=True):
    """`{api_name: attendConference, name: Attend Conference, primary: {api_name: conference}, attributes: [...]}`."""

    id: int | None = None
    api_name: str
    name: str | None = None
    trigger_name: str | None = None
    filter_name: str | None = None
    description: str | None = None
    primary: TypeAttributeEntry | None = None
    attributes: list[TypeAttributeEntry] | None = None
    approved: bool | None = None
    draft: TypeDraftEntry | None = None
    created_at: str | None = None
    updated_at: str | None = None
