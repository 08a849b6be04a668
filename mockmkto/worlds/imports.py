"""The imports of a fixture: how long one takes, and those there were."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from mockmkto.model.campaigns import Campaign
from mockmkto.model.imports import ImportMode, ImportStatus, ListImport
from mockmkto.model.programs import Program
from mockmkto.worlds.lists import find_list
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.program_entries import ImportEntry
from mockmkto.worlds.programs import find_program
from mockmkto.worlds.schema import WorldEntry, nearest
from mockmkto.worlds.values import Values, counted_on
from mockmkto.worlds.world import FixtureList

__all__ = ["check_imports"]

_T = TypeVar("_T", bound=StrEnum)


def check_imports(
    entry: WorldEntry,
    at: Location,
    programs: Sequence[Program],
    lists: Sequence[FixtureList],
    campaigns: Sequence[Campaign],
    values: Values,
) -> tuple[ListImport, ...]:
    """Every import, in the order of the file."""
    given = (entry.imports.jobs if entry.imports is not None else None) or []
    place = (*at, "imports", "jobs")
    ids = counted_on([item.id for item in given], place, values.findings, 1)
    known = {item.id for item in campaigns}
    found = []
    for index, item in enumerate(given):
        where = (*place, index)
        if item.campaign is not None and item.campaign not in known:
            values.findings.add((*where, "campaign"), f"there is no campaign with the id {item.campaign}")
        program = find_program(item.program, (*where, "program"), programs, values)
        list_import = _import(item, next(ids), where, program, lists, values)
        if list_import is not None:
            found.append(list_import)
    return tuple(found)


def _import(
    entry: ImportEntry,
    import_id: int,
    at: Location,
    program: Program | None,
    lists: Sequence[FixtureList],
    values: Values,
) -> ListImport | None:
    list_id = find_list(entry.list_, (*at, "list"), lists, values)
    mode = _one_of(ImportMode, entry.mode or ImportMode.UPSERT.value, (*at, "mode"), values)
    status = _one_of(ImportStatus, entry.status, (*at, "status"), values)
    started_at = values.moment(entry.started_at, (*at, "started_at"))
    due_at = values.moment(entry.due_at, (*at, "due_at")) or started_at
    ended_at = values.moment(entry.ended_at, (*at, "ended_at"))
    imported, failed, ignored = (
        values.number(getattr(entry, name), (*at, name)) for name in ("imported", "failed", "ignored")
    )
    if status is ImportStatus.PROCESSING and not entry.header:
        values.findings.add(at, "expected the key `header`: an import that is PROCESSING has its work still to do")
    if list_id is None or mode is None or status is None or started_at is None or due_at is None:
        return None
    return ListImport(
        id=import_id,
        list_id=list_id,
        mode=mode,
        clear_list=bool(entry.clear_list),
        started_at=started_at,
        due_at=due_at,
        status=status,
        estimated_rows=values.number(entry.estimated_rows, (*at, "estimated_rows"), imported + failed + ignored),
        program_id=program.id if program is not None else None,
        campaign_id=entry.campaign,
        ended_at=ended_at,
        imported=imported,
        failed=failed,
        ignored=ignored,
        summary=entry.summary,
        header=entry.header or "",
        rows=tuple(entry.rows or ()),
    )


def _one_of(kind: type[_T], text: str, at: Location, values: Values) -> _T | None:
    known = [item.value for item in kind]
    if text not in known:
        values.findings.add(at, f"expected one of {', '.join(known)}, got {show_value(text)}{nearest(text, known)}")
        return None
    return kind(text)
