"""What may stand in a fixture about the activity log."""

from __future__ import annotations

from mockmkto.worlds.entry import Entry
from mockmkto.worlds.program_entries import MemberEntry

__all__ = ["ActivityEntry"]


class ActivityEntry(Entry, frozen=True, kw_only=True):
    """`{id: 5, lead: 1001, type: Visit Webpage, asset: /pricing, at: 2014-03-26T10:00:00Z, attributes: {...}}`."""

    id: int | None = None
    lead: int | MemberEntry
    type: str
    asset: str | None = None
    campaign: str | None = None
    at: str | None = None
    attributes: dict[str, object] | None = None
