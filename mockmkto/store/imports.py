"""Imports into static lists: how far each is, and what it has still to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update

from mockmkto.model.imports import ImportMode, ImportStatus, ListImport
from mockmkto.store.program_tables import list_import
from mockmkto.store.session import Counter, Session

__all__ = ["FINDERS", "add", "all_imports", "by_id", "due", "last_of_list", "next_due_at", "remove_of_list", "save"]

_all = select(list_import).order_by(list_import.c.id)
_by_id = select(list_import).where(list_import.c.id == bindparam("import_id"))
_last_of_list = (
    select(list_import).where(list_import.c.list_id == bindparam("list_id")).order_by(list_import.c.id.desc()).limit(1)
)
_waiting = (
    select(list_import)
    .where(list_import.c.status == ImportStatus.PROCESSING.value)
    .order_by(list_import.c.due_at)
    .limit(1)
)
_due = (
    select(list_import)
    .where(list_import.c.status == ImportStatus.PROCESSING.value, list_import.c.due_at <= bindparam("now"))
    .order_by(list_import.c.due_at, list_import.c.id)
)

FINDERS: Mapping[str, Select[Any]] = {
    "an import": _by_id,
    "last import into a list": _last_of_list,
    "imports that are due": _due,
    "the import that is due next": _waiting,
}

_insert = insert(list_import)
_update = (
    update(list_import)
    .where(list_import.c.id == bindparam("import_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("status", "ended_at", "imported", "failed", "ignored", "summary", "header", "file_rows")
        }
    )
)
_delete_of_list = delete(list_import).where(list_import.c.list_id == bindparam("of_list"))


def all_imports(session: Session) -> tuple[ListImport, ...]:
    """Every import, in the order in which they began."""
    return tuple(map(_import, session.rows(_all)))


def by_id(session: Session, import_id: int) -> ListImport | None:
    """The import with that Id."""
    row = session.first(_by_id, {"import_id": import_id})
    return _import(row) if row is not None else None


def last_of_list(session: Session, list_id: int) -> ListImport | None:
    """The import into a list that began last."""
    row = session.first(_last_of_list, {"list_id": list_id})
    return _import(row) if row is not None else None


def due(session: Session, now: datetime) -> tuple[ListImport, ...]:
    """The imports whose time has come and that are not done, in the order of their times."""
    return tuple(map(_import, session.rows(_due, {"now": _text(now)})))


def next_due_at(session: Session) -> datetime | None:
    """When the next import that is not done will be, `None` when none is waiting."""
    row = session.first(_waiting)
    return datetime.fromisoformat(row.due_at) if row is not None else None


def add(session: Session, new: ListImport) -> None:
    """Store an import that was not there; the Ids that are handed out later start above its."""
    session.reserve_ids(Counter.IMPORT, new.id)
    session.run(
        _insert,
        {
            "id": new.id,
            "list_id": new.list_id,
            "program_id": new.program_id,
            "campaign_id": new.campaign_id,
            "mode": new.mode.value,
            "clear_list": new.clear_list,
            "started_at": _text(new.started_at),
            "due_at": _text(new.due_at),
            "estimated_rows": new.estimated_rows,
            **_values(new),
        },
    )


def save(session: Session, changed: ListImport) -> None:
    """Store how far an import is now."""
    values = {f"new_{name}": value for name, value in _values(changed).items()}
    session.run(_update, {"import_id": changed.id, **values})


def remove_of_list(session: Session, list_id: int) -> None:
    """Forget every import into a list: it is about to be taken away."""
    session.run(_delete_of_list, {"of_list": list_id})


def _values(item: ListImport) -> dict[str, Any]:
    return {
        "status": item.status.value,
        "ended_at": _text(item.ended_at) if item.ended_at is not None else None,
        "imported": item.imported,
        "failed": item.failed,
        "ignored": item.ignored,
        "summary": item.summary,
        "header": item.header,
        "file_rows": list(item.rows),
    }


def _import(row: Row[Any]) -> ListImport:
    return ListImport(
        id=row.id,
        list_id=row.list_id,
        mode=ImportMode(row.mode),
        clear_list=row.clear_list,
        started_at=datetime.fromisoformat(row.started_at),
        due_at=datetime.fromisoformat(row.due_at),
        status=ImportStatus(row.status),
        estimated_rows=row.estimated_rows,
        program_id=row.program_id,
        campaign_id=row.campaign_id,
        ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at is not None else None,
        imported=row.imported,
        failed=row.failed,
        ignored=row.ignored,
        summary=row.summary,
        header=row.header,
        rows=tuple(row.file_rows),
    )


def _text(moment: datetime) -> str:
    """A time as a text that sorts as the time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
