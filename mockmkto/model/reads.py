"""What calls on many leads and on the activity log say, and what they are answered."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from mockmkto.model.activities import Activity
from mockmkto.model.records import Attribute, LeadKey, LeadRecord, SyncStatus

__all__ = [
    "ActivityFilter",
    "ActivityPage",
    "EmptySelector",
    "GetLeadActivityRequest",
    "GetLeadChangesRequest",
    "GetMultipleLeadsRequest",
    "LastUpdateAtSelector",
    "LeadKeySelector",
    "LeadPage",
    "LeadSelector",
    "MergeLeadsRequest",
    "MergeLeadsResult",
    "RecordStatus",
    "StaticListSelector",
    "StreamPosition",
    "SyncMultipleLeadsRequest",
]

# ---------------------------------------------------------------------------------------------------------------------
# Which leads


class LeadKeySelector(Struct, frozen=True):
    """The leads that keys of one type find. `guessed`: no xsi:type said that it is this one."""

    key_type: str | None
    values: tuple[str, ...] | None
    guessed: bool = False


class StaticListSelector(Struct, frozen=True):
    """The members of a static list."""

    name: str | None
    id: int | float | None
    guessed: bool = False


class LastUpdateAtSelector(Struct, frozen=True):
    """The leads that were updated, or did something, in a span of time. The times are as they were sent."""

    oldest: str | None
    latest: str | None
    guessed: bool = False


class EmptySelector(Struct, frozen=True):
    """A selector of which not even its children tell which it is."""

    guessed: bool = True


LeadSelector: TypeAlias = LeadKeySelector | StaticListSelector | LastUpdateAtSelector | EmptySelector


class GetMultipleLeadsRequest(Struct, frozen=True):
    """One getMultipleLeads call, read; texts as they were sent."""

    selector: LeadSelector | None = None
    last_updated_at: str | None = None
    stream_position: str | None = None
    batch_size: int | float | None = None
    include_attributes: tuple[str, ...] = ()


class LeadPage(Struct, frozen=True):
    """One page of leads: how many are left behind it, and where to read on."""

    leads: tuple[LeadRecord, ...]
    remaining: int
    position: str


# ---------------------------------------------------------------------------------------------------------------------
# Writing many


class SyncMultipleLeadsRequest(Struct, frozen=True):
    """One syncMultipleLeads call, read. `leads is None` means that it had no list at all."""

    leads: tuple[LeadRecord, ...] | None
    dedup: bool | None = None


class RecordStatus(Struct, frozen=True):
    """What became of one record: FAILED has the lead 0 and an error."""

    lead_id: int
    status: SyncStatus
    error: str | None = None


class MergeLeadsRequest(Struct, frozen=True):
    """One mergeLeads call, read: key lists, each of which names one lead. `None` is an element that was not there."""

    winner: tuple[Attribute, ...] | None
    losers: tuple[tuple[Attribute, ...], ...] | None
    in_sales: bool | None = None


class MergeLeadsResult(Struct, frozen=True):
    """What became of a merge; with an error its status is FAILED."""

    winner_id: int | None
    loser_ids: tuple[int, ...]
    error: str | None = None


# ---------------------------------------------------------------------------------------------------------------------
# The activity log


class StreamPosition(Struct, frozen=True):
    """Where a reader of the log stands; times are texts, as they were sent or are shown."""

    latest: str | None = None
    oldest: str | None = None
    activity: str | None = None
    offset: str | None = None


class ActivityFilter(Struct, frozen=True):
    """Which types of activities are asked for: these, or all but those."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class GetLeadActivityRequest(Struct, frozen=True):
    """One getLeadActivity call, read."""

    key: LeadKey | None
    filter: ActivityFilter = ActivityFilter()
    start: StreamPosition = StreamPosition()
    batch_size: int | float | None = None


class GetLeadChangesRequest(Struct, frozen=True):
    """One getLeadChanges call, read. `start is None` means that it had no startPosition."""

    start: StreamPosition | None
    filter: ActivityFilter = ActivityFilter()
    names: tuple[str, ...] = ()
    batch_size: int | float | None = None
    selector: LeadSelector | None = None


class ActivityPage(Struct, frozen=True):
    """One page of the log: how many activities are left behind it, and where to read on."""

    activities: tuple[Activity, ...]
    remaining: int
    position: StreamPosition
