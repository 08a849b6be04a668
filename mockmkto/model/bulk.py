"""Files of the bulk API: imports and extracts as jobs, each of which the subscription's clock moves on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

__all__ = ["BulkExport", "BulkFormat", "BulkImport", "BulkKind", "ExportState", "ImportState"]


class BulkFormat(StrEnum):
    """What separates the cells of a file (documented)."""

    CSV = "csv"
    TSV = "tsv"
    SSV = "ssv"

    @property
    def delimiter(self) -> str:
        """A comma, a tab, or a semicolon."""
        return {"csv": ",", "tsv": "\t", "ssv": ";"}[self.value]


class BulkKind(StrEnum):
    """What the rows of a file are."""

    LEADS = "leads"
    ACTIVITIES = "activities"
    CUSTOM_OBJECTS = "custom objects"
    PROGRAM_MEMBERS = "program members"


class ImportState(StrEnum):
    """How far an import is, as its status says it (documented)."""

    QUEUED = "Queued"
    IMPORTING = "Importing"
    COMPLETE = "Complete"
    FAILED = "Failed"


class ExportState(StrEnum):
    """How far an extract is, as its status says it (documented; a page writes `Canceled`, its samples `Cancelled`)."""

    CREATED = "Created"
    QUEUED = "Queued"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


class BulkImport(Struct, frozen=True):
    """An import as it is stored; the rows that are still to be done are stored beside it."""

    id: int
    kind: BulkKind
    target: str  # of custom objects the name of their type
    format: BulkFormat
    state: ImportState
    created_at: datetime
    started_at: datetime  # when it leaves the queue, and when it is done: by the subscription's clock
    due_at: datetime
    header: tuple[str, ...]
    lookup_field: str = ""
    list_id: int | None = None
    partition: str | None = None
    program_id: int | None = None
    program_status: str | None = None
    rows: int = 0  # that are done
    imported: int = 0
    failed: int = 0
    warned: int = 0
    ended_at: datetime | None = None
    problem: str = ""  # why all of it failed


class BulkExport(Struct, frozen=True):
    """An extract as it is stored; its file is stored beside it."""

    id: str  # a UUID
    number: int  # in the order in which they were created
    kind: BulkKind
    target: str
    format: BulkFormat
    owner: str  # the client that created it: nobody else's (documented)
    state: ExportState
    created_at: datetime
    fields: tuple[str, ...]
    header: tuple[str, ...]
    filter: Mapping[str, object] = field(default_factory=dict)  # as the engine has read it
    queued_at: datetime | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    finished_at: datetime | None = None
    place: tuple[int, ...] = ()  # behind which it goes on
    records: int = 0
    size: int = 0  # bytes
    checksum: str = ""
    problem: str = ""
