"""Custom objects: their records, and what the three operations on them ask and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from mockmkto.model.records import Attribute

__all__ = [
    "CustomObject",
    "CustomObjectRecord",
    "CustomObjectStatus",
    "CustomStatus",
    "DeleteCustomObjectsRequest",
    "GetCustomObjectsRequest",
    "GetCustomObjectsResult",
    "SyncCustomObjectsRequest",
    "SyncCustomObjectsResult",
]


class CustomObject(Struct, frozen=True):
    """A record as it is stored. Values are canonical text by the field's own name, keys too; empty ones are absent."""

    id: int
    type: str
    values: Mapping[str, str]
    lead_id: int | None
    created_at: datetime
    updated_at: datetime


class CustomStatus(StrEnum):
    """What became of a record. The published enumeration has the first four alone; the page names the others, too."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"
    FAILED = "FAILED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"


class CustomObjectRecord(Struct, frozen=True):
    """A record on the wire: its keys, and its other fields. `None` is a list that was not there."""

    keys: tuple[Attribute, ...] | None
    attributes: tuple[Attribute, ...] | None = None


class CustomObjectStatus(Struct, frozen=True):
    """What became of one record of a request: its keys as they were sent."""

    type: str
    keys: tuple[Attribute, ...]
    status: CustomStatus
    error: str | None = None


class GetCustomObjectsRequest(Struct, frozen=True):
    """One getCustomObjects call, read."""

    type: str | None
    keys: tuple[Attribute, ...] = ()
    include: tuple[str, ...] = ()
    position: str | None = None
    batch_size: int | float | None = None


class GetCustomObjectsResult(Struct, frozen=True):
    """One page of records: how many are left behind it, and where the next one begins."""

    type: str
    records: tuple[CustomObjectRecord, ...]
    remaining: int
    position: str


class SyncCustomObjectsRequest(Struct, frozen=True):
    """One syncCustomObjects call, read. `records is None` means that there was no list at all."""

    type: str | None
    records: tuple[CustomObjectRecord, ...] | None
    operation: str | None = None


class DeleteCustomObjectsRequest(Struct, frozen=True):
    """One deleteCustomObjects call, read. `keys is None` means that there was no list at all."""

    type: str | None
    keys: tuple[tuple[Attribute, ...], ...] | None


class SyncCustomObjectsResult(Struct, frozen=True):
    """What syncCustomObjects and deleteCustomObjects answer: a status for each record, in the order of the request."""

    statuses: tuple[CustomObjectStatus, ...]
