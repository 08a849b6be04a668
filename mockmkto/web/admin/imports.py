"""`/imports`: how far imports into lists are; one that is under way can be canceled."""

from __future__ import annotations

from typing import Literal

from mockmkto.engine.imports import cancel_import
from mockmkto.model.imports import ImportStatus, ListImport
from mockmkto.model.moments import Moment
from mockmkto.store import imports, lists
from mockmkto.store.database import Session
from mockmkto.web.admin.pieces import Id
from mockmkto.web.admin.problems import conflict, not_found
from mockmkto.web.admin.resource import Query, Subscription, View, also

__all__ = ["ImportView", "cancel", "one", "show"]


class ImportView(View, frozen=True, kw_only=True):
    """An import. While it is PROCESSING nothing of it is done; it is at `due_at`, by the subscription's clock."""

    id: int
    list_id: int
    list: str
    mode: Literal["UPSERTLEADS", "LISTONLY"]
    clear_list: bool
    status: Literal["PROCESSING", "COMPLETE", "FAILED", "CANCELED"]
    started_at: Moment
    due_at: Moment
    ended_at: Moment | None
    estimated_rows: int
    imported: int
    failed: int
    ignored: int
    summary: str | None


class ImportList(View, frozen=True, kw_only=True):
    """Imports, in the order in which they began."""

    imports: tuple[ImportView, ...]


class ImportQuery(Query, frozen=True, kw_only=True):
    """Which imports: those into this list."""

    list: Id | None = None


def show(asked: Subscription, query: ImportQuery) -> ImportList:
    """The imports."""
    with asked.database.transaction() as session:
        found = [item for item in imports.all_imports(session) if query.list in (None, item.list_id)]
        return ImportList(imports=tuple(_view(session, item) for item in found))


def one(asked: Subscription, id: int) -> ImportView:
    """One import."""
    with asked.database.transaction() as session:
        return _view(session, _existing(session, id))


@also(409, "The import has ended already.")
def cancel(asked: Subscription, id: int) -> ImportView:
    """Cancel an import that is under way: nothing of it is ever done."""
    with asked.database.transaction() as session:
        begun = _existing(session, id)
        if begun.status is not ImportStatus.PROCESSING:
            raise conflict("path.id", f"The import {id} is {begun.status} already.", id)
        return _view(session, cancel_import(session, begun))


def _existing(session: Session, import_id: int) -> ListImport:
    found = imports.by_id(session, import_id)
    if found is None:
        raise not_found("path.id", "import", import_id)
    return found


def _view(session: Session, item: ListImport) -> ImportView:
    static_list = lists.by_id(session, item.list_id)
    return ImportView(
        id=item.id,
        list_id=item.list_id,
        list=static_list.shown if static_list is not None else "",
        mode=item.mode.value,
        clear_list=item.clear_list,
        status=item.status.value,
        started_at=item.started_at,
        due_at=item.due_at,
        ended_at=item.ended_at,
        estimated_rows=item.estimated_rows,
        imported=item.imported,
        failed=item.failed,
        ignored=item.ignored,
        summary=item.summary,
    )
