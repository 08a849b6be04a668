"""Imports into static lists, and what importToList and getImportToListStatus ask and answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

__all__ = ["ImportMode", "ImportStatus", "ImportStatusRequest", "ImportToListRequest", "ListImport"]


class ImportMode(StrEnum):
    """What an import does with its rows (captured: the published enumeration)."""

    UPSERT = "UPSERTLEADS"
    LIST_ONLY = "LISTONLY"


class ImportStatus(StrEnum):
    """How far an import is (captured: the published enumeration)."""

    PROCESSING = "PROCESSING"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class ListImport(Struct, frozen=True):
    """An import as it is stored. Header and rows are as they were sent, and are gone once the work is done."""

    id: int
    list_id: int
    mode: ImportMode
    clear_list: bool
    started_at: datetime
    due_at: datetime  # by the subscription's clock: until then nothing of it is to be seen
    status: ImportStatus
    estimated_rows: int
    program_id: int | None = None
    campaign_id: int | None = None  # whose next run takes the tokens of the rows
    ended_at: datetime | None = None
    imported: int = 0
    failed: int = 0
    ignored: int = 0
    summary: str | None = None
    header: str = ""
    rows: tuple[str, ...] = ()


class ImportToListRequest(Struct, frozen=True):
    """One importToList call, read. `rows is None` means that there was no importFileRows at all."""

    program_name: str | None = None
    header: str | None = None
    rows: tuple[str, ...] | None = None
    mode: str | None = None
    list_name: str | None = None
    clear_list: bool = False
    campaign_name: str | None = None


class ImportStatusRequest(Struct, frozen=True):
    """One getImportToListStatus call, read."""

    program_name: str | None = None
    list_name: str | None = None
