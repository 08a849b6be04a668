"""Jobs of the bulk API: how far each is, and which are due.

Every query that a call waits for goes through an index; a test reads SQLite's plan of each (`FINDERS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update

from mockmkto.model.bulk import BulkExport, BulkFormat, BulkImport, BulkKind, ExportState, ImportState
from mockmkto.store.bulk_tables import bulk_export, bulk_import, bulk_part
from mockmkto.store.session import Counter, Session

__all__ = [
    "FINDERS",
    "add_export",
    "add_import",
    "due_export",
    "due_import",
    "export_by_id",
    "exports_of",
    "forget_before",
    "import_by_id",
    "next_due_at",
    "next_number",
    "save_export",
    "save_import",
    "size_since",
    "waiting_exports",
    "waiting_imports",
]

_import_by_id = select(bulk_import).where(bulk_import.c.id == bindparam("import_id"))
_is_waiting = {table: table.c.waiting == bindparam("waiting") for table in (bulk_import, bulk_export)}
_waiting_imports = select(bulk_import).where(_is_waiting[bulk_import]).order_by(bulk_import.c.due_at, bulk_import.c.id)
_due_import = _waiting_imports.where(bulk_import.c.due_at <= bindparam("now")).limit(1)
_export_by_id = select(bulk_export).where(bulk_export.c.id == bindparam("export_id"))
_waiting_exports = (
    select(bulk_export).where(_is_waiting[bulk_export]).order_by(bulk_export.c.due_at, bulk_export.c.number)
)
_due_export = _waiting_exports.where(bulk_export.c.due_at <= bindparam("now")).limit(1)
_next_import = select(bulk_import.c.due_at).where(_is_waiting[bulk_import]).order_by(bulk_import.c.due_at).limit(1)
_next_export = select(bulk_export.c.due_at).where(_is_waiting[bulk_export]).order_by(bulk_export.c.due_at).limit(1)
_exports_of = (
    select(bulk_export)
    .where(
        bulk_export.c.owner == bindparam("owner"),
        bulk_export.c.kind == bindparam("kind"),
        bulk_export.c.target == bindparam("target"),
        bulk_export.c.number > bindparam("after"),
    )
    .order_by(bulk_export.c.number)
)
_size_since = select(func.coalesce(func.sum(bulk_export.c.size), 0).label("bytes")).where(
    bulk_export.c.finished_at >= bindparam("since")
)
_last_number = select(func.coalesce(func.max(bulk_export.c.number), 0).label("number"))
_old_imports = select(bulk_import.c.id).where(bulk_import.c.created_at < bindparam("moment"))
_old_exports = select(bulk_export.c.id).where(bulk_export.c.created_at < bindparam("moment"))

FINDERS: Mapping[str, Select[Any]] = {
    "a bulk import": _import_by_id,
    "bulk imports that wait": _waiting_imports,
    "the bulk import that is due": _due_import,
    "when the next bulk import is due": _next_import,
    "an extract": _export_by_id,
    "extracts that wait": _waiting_exports,
    "the extract that is due": _due_export,
    "when the next extract is due": _next_export,
    "extracts of a client": _exports_of,
    "bytes that were extracted": _size_since,
    "old bulk imports": _old_imports,
    "old extracts": _old_exports,
}

_IMPORT_MOVES = ("state", "waiting", "due_at", "ended_at", "rows", "imported", "failed", "warned", "problem")
_EXPORT_MOVES = (
    "state",
    "waiting",
    "queued_at",
    "started_at",
    "due_at",
    "finished_at",
    "place",
    "records",
    "size",
    "checksum",
    "problem",
)

_insert_import = insert(bulk_import)
_update_import = (
    update(bulk_import)
    .where(bulk_import.c.id == bindparam("import_id"))
    .values({name: bindparam(f"new_{name}") for name in _IMPORT_MOVES})
)
_insert_export = insert(bulk_export)
_update_export = (
    update(bulk_export)
    .where(bulk_export.c.id == bindparam("export_id"))
    .values({name: bindparam(f"new_{name}") for name in _EXPORT_MOVES})
)
_delete_parts = delete(bulk_part).where(bulk_part.c.job == bindparam("of_job"))
_delete_import = delete(bulk_import).where(bulk_import.c.id == bindparam("import_id"))
_delete_export = delete(bulk_export).where(bulk_export.c.id == bindparam("export_id"))


# ---------------------------------------------------------------------------------------------------------------------
# Imports


def import_by_id(session: Session, import_id: int) -> BulkImport | None:
    """The import with that Id."""
    row = session.first(_import_by_id, {"import_id": import_id})
    return _import(row) if row is not None else None


def waiting_imports(session: Session) -> tuple[BulkImport, ...]:
    """The imports that are not done, in the order in which they will be."""
    return tuple(map(_import, session.rows(_waiting_imports, {"waiting": True})))


def due_import(session: Session) -> BulkImport | None:
    """Of the imports whose time has come and that are not done, the first."""
    row = session.first(_due_import, {"waiting": True, "now": _text(session.now)})
    return _import(row) if row is not None else None


def add_import(session: Session, new: BulkImport) -> None:
    """Store an import that was not there; the Ids that are handed out later start above its."""
    session.reserve_ids(Counter.IMPORT, new.id)
    session.run(_insert_import, {"id": new.id, **_import_values(new)})


def save_import(session: Session, changed: BulkImport) -> None:
    """Store how far an import is now."""
    values = _import_values(changed)
    session.run(_update_import, {"import_id": changed.id, **{f"new_{name}": values[name] for name in _IMPORT_MOVES}})


# ---------------------------------------------------------------------------------------------------------------------
# Extracts


def export_by_id(session: Session, export_id: str) -> BulkExport | None:
    """The extract with that Id."""
    row = session.first(_export_by_id, {"export_id": export_id})
    return _export(row) if row is not None else None


def exports_of(session: Session, owner: str, kind: BulkKind, target: str, after: int) -> tuple[BulkExport, ...]:
    """The extracts of one kind that a client has created after one of that number, in the order of their creation."""
    asked = {"owner": owner, "kind": kind.value, "target": target, "after": after}
    return tuple(map(_export, session.rows(_exports_of, asked)))


def waiting_exports(session: Session) -> tuple[BulkExport, ...]:
    """The extracts in the queue and under way, in the order in which they will be done."""
    return tuple(map(_export, session.rows(_waiting_exports, {"waiting": True})))


def due_export(session: Session) -> BulkExport | None:
    """Of the extracts whose time has come and that are not done, the first."""
    row = session.first(_due_export, {"waiting": True, "now": _text(session.now)})
    return _export(row) if row is not None else None


def size_since(session: Session, moment: datetime) -> int:
    """How many bytes were extracted since then."""
    return int(session.rows(_size_since, {"since": _text(moment)})[0].bytes)


def next_number(session: Session) -> int:
    """The number of the next extract."""
    return int(session.rows(_last_number)[0].number) + 1


def add_export(session: Session, new: BulkExport) -> None:
    """Store an extract that was not there."""
    session.run(_insert_export, {"id": new.id, **_export_values(new)})


def save_export(session: Session, changed: BulkExport) -> None:
    """Store how far an extract is now."""
    values = _export_values(changed)
    session.run(_update_export, {"export_id": changed.id, **{f"new_{name}": values[name] for name in _EXPORT_MOVES}})


# ---------------------------------------------------------------------------------------------------------------------
# Both


def next_due_at(session: Session) -> datetime | None:
    """When the next job is due that is not done, `None` when none waits."""
    rows = [session.first(statement, {"waiting": True}) for statement in (_next_import, _next_export)]
    return min((datetime.fromisoformat(row.due_at) for row in rows if row is not None), default=None)


def forget_before(session: Session, moment: datetime) -> None:
    """Forget the jobs that were created before then, and their files."""
    asked = {"moment": _text(moment)}
    for old, forgetting, name in (
        (_old_imports, _delete_import, "import_id"),
        (_old_exports, _delete_export, "export_id"),
    ):
        for row in session.rows(old, asked):
            session.run(_delete_parts, {"of_job": str(row.id)})
            session.run(forgetting, {name: row.id})


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def _import_values(item: BulkImport) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "target": item.target,
        "format": item.format.value,
        "state": item.state.value,
        "waiting": item.state in (ImportState.QUEUED, ImportState.IMPORTING),
        "created_at": _text(item.created_at),
        "started_at": _text(item.started_at),
        "due_at": _text(item.due_at),
        "ended_at": _text(item.ended_at),
        "header": list(item.header),
        "lookup_field": item.lookup_field,
        "list_id": item.list_id,
        "partition": item.partition,
        "program_id": item.program_id,
        "program_status": item.program_status,
        "rows": item.rows,
        "imported": item.imported,
        "failed": item.failed,
        "warned": item.warned,
        "problem": item.problem,
    }


def _import(row: Row[Any]) -> BulkImport:
    return BulkImport(
        id=row.id,
        kind=BulkKind(row.kind),
        target=row.target,
        format=BulkFormat(row.format),
        state=ImportState(row.state),
        created_at=datetime.fromisoformat(row.created_at),
        started_at=datetime.fromisoformat(row.started_at),
        due_at=datetime.fromisoformat(row.due_at),
        header=tuple(row.header),
        lookup_field=row.lookup_field,
        list_id=row.list_id,
        partition=row.partition,
        program_id=row.program_id,
        program_status=row.program_status,
        rows=row.rows,
        imported=row.imported,
        failed=row.failed,
        warned=row.warned,
        ended_at=_moment(row.ended_at),
        problem=row.problem,
    )


def _export_values(item: BulkExport) -> dict[str, Any]:
    return {
        "number": item.number,
        "kind": item.kind.value,
        "target": item.target,
        "format": item.format.value,
        "owner": item.owner,
        "state": item.state.value,
        "waiting": item.state in (ExportState.QUEUED, ExportState.PROCESSING),
        "created_at": _text(item.created_at),
        "queued_at": _text(item.queued_at),
        "started_at": _text(item.started_at),
        "due_at": _text(item.due_at),
        "finished_at": _text(item.finished_at),
        "fields": list(item.fields),
        "header": list(item.header),
        "filter": dict(item.filter),
        "place": list(item.place),
        "records": item.records,
        "size": item.size,
        "checksum": item.checksum,
        "problem": item.problem,
    }


def _export(row: Row[Any]) -> BulkExport:
    return BulkExport(
        id=row.id,
        number=row.number,
        kind=BulkKind(row.kind),
        target=row.target,
        format=BulkFormat(row.format),
        owner=row.owner,
        state=ExportState(row.state),
        created_at=datetime.fromisoformat(row.created_at),
        fields=tuple(row.fields),
        header=tuple(row.header),
        filter=row.filter,
        queued_at=_moment(row.queued_at),
        started_at=_moment(row.started_at),
        due_at=_moment(row.due_at),
        finished_at=_moment(row.finished_at),
        place=tuple(row.place),
        records=row.records,
        size=row.size,
        checksum=row.checksum,
        problem=row.problem,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _text(moment: datetime | None) -> str | None:
    """A time as a text that sorts as the time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment is not None else None
