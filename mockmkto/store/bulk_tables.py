"""The tables of the bulk API, of its files, and of what the REST API counts by the day."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from mockmkto.store.tables import NUMBER, TEXT, subscription_metadata

__all__ = ["OF_LEADS", "bulk_export", "bulk_import", "bulk_part", "usage_count"]

bulk_import = Table(
    "bulk_import",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", TEXT, nullable=False),
    Column("target", TEXT, nullable=False),
    Column("format", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("waiting", Boolean, nullable=False),  # whether there is something to be done yet
    Column("created_at", TEXT, nullable=False),
    Column("started_at", TEXT, nullable=False),
    Column("due_at", TEXT, nullable=False),
    Column("ended_at", TEXT),
    Column("header", JSON, nullable=False),
    Column("lookup_field", TEXT, nullable=False),
    Column("list_id", NUMBER),
    Column("partition", TEXT),
    Column("program_id", NUMBER),
    Column("program_status", TEXT),
    Column("rows", NUMBER, nullable=False),
    Column("imported", NUMBER, nullable=False),
    Column("failed", NUMBER, nullable=False),
    Column("warned", NUMBER, nullable=False),
    Column("problem", TEXT, nullable=False),
)
Index("bulk_import_by_time", bulk_import.c.waiting, bulk_import.c.due_at, bulk_import.c.id)
Index("bulk_import_by_age", bulk_import.c.created_at)

bulk_export = Table(
    "bulk_export",
    subscription_metadata,
    Column("id", TEXT, primary_key=True),
    Column("number", NUMBER, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("target", TEXT, nullable=False),
    Column("format", TEXT, nullable=False),
    Column("owner", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("waiting", Boolean, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("queued_at", TEXT),
    Column("started_at", TEXT),
    Column("due_at", TEXT),
    Column("finished_at", TEXT),
    Column("fields", JSON, nullable=False),
    Column("header", JSON, nullable=False),
    Column("filter", JSON, nullable=False),
    Column("place", JSON, nullable=False),
    Column("records", NUMBER, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checksum", TEXT, nullable=False),
    Column("problem", TEXT, nullable=False),
)
Index("bulk_export_by_time", bulk_export.c.waiting, bulk_export.c.due_at, bulk_export.c.number)
Index("bulk_export_by_age", bulk_export.c.created_at)
Index("bulk_export_by_end", bulk_export.c.finished_at)
Index("bulk_export_by_owner", bulk_export.c.owner, bulk_export.c.kind, bulk_export.c.target, bulk_export.c.number)

# Files in parts of a bounded size: what is still to be imported, what failed, what had a warning, what was extracted.
bulk_part = Table(
    "bulk_part",
    subscription_metadata,
    Column("job", TEXT, nullable=False),  # the Id of an import or of an extract
    Column("file", TEXT, nullable=False),
    Column("position", NUMBER, nullable=False),
    Column("start", BigInteger, nullable=False),  # how many bytes the parts before it have
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("job", "file", "position"),
)
Index("bulk_part_by_place", bulk_part.c.job, bulk_part.c.file, bulk_part.c.start)

# Calls by user and errors by code, of each day of the last week.
usage_count = Table(
    "usage_count",
    subscription_metadata,
    Column("day", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("number", NUMBER, nullable=False),
    PrimaryKeyConstraint("day", "kind", "name"),
    sqlite_with_rowid=False,
)

OF_LEADS = (bulk_part, bulk_import, bulk_export, usage_count)
"""What goes when every lead goes."""
