"""Bulk imports: a file of leads or of custom objects that is taken now, and done a while later, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.engine import bulk_rows
from mockmkto.engine.bulk_files import FAILURE_REASON, WARNING_REASON, PackedFile, unpacked, written
from mockmkto.engine.bulk_queue import KEPT, QUEUE, turn
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Subject, TraceBuilder
from mockmkto.model.bulk import BulkImport, BulkKind, ImportState
from mockmkto.store import bulk, bulk_parts, due
from mockmkto.store.database import Counter, Session

__all__ = [
    "FAILURES",
    "WARNINGS",
    "ImportFile",
    "begin_import",
    "fail",
    "file_of",
    "find_import",
    "go_on",
    "message_of",
    "state_of",
]

FAILURES, WARNINGS = "failures", "warnings"
_ROWS = "rows"
_FIRST_PACKS = 3  # as many rows as a sync may have are done at once, as those of a sync are


class ImportFile(NamedTuple):
    """What a request to import a file says."""

    kind: BulkKind
    target: str
    file: Callable[[], PackedFile]  # as it was read; raises RestError where it could not be
    lookup_field: str | None = None
    list_id: int | None = None
    partition: str | None = None
    program_id: int | None = None
    program_status: str | None = None


def begin_import(session: Session, request: ImportFile, trace: TraceBuilder) -> BulkImport:
    """Take a file and put it into the queue; its answer says Queued always (documented).

    Its rows are done when the switch `import_duration` has passed on the clock, at once where that is nothing. The
    order of the errors is assumed.

    Raises:
        RestError: 1016 ten are in the queue; 1001 an unknown format; 1013 an unknown list, or type of custom objects;
            1006, 1008, 1011 what the rows' own checks say of columns, partition and lookup field; 1003 the file is
            empty, or no table.
    """
    waiting = bulk.waiting_imports(session)
    if len(waiting) >= QUEUE:
        raise RestError(RestCode.TOO_MANY_IMPORTS)
    file = request.file()
    bulk.forget_before(session, session.now - KEPT)
    started_at, due_at = turn(session.now, [job.due_at for job in waiting], session.world.behaviour.import_duration)
    job = BulkImport(
        id=session.take_id(Counter.IMPORT),
        kind=request.kind,
        target=request.target,
        format=file.format,
        state=ImportState.QUEUED,
        created_at=session.now,
        started_at=started_at,
        due_at=due_at,
        header=file.header,
        lookup_field=request.lookup_field or "",
        list_id=request.list_id,
        partition=request.partition,
        program_id=request.program_id,
        program_status=request.program_status,
    )
    bulk_rows.doer(session, job, trace)  # says what is wrong with columns, list, partition and lookup field
    bulk.add_import(session, job)
    bulk_parts.put_parts(session, job.id, _ROWS, file.packs)
    due.reschedule(session)
    asked = f"{file.format.value} of {', '.join(file.header)}"
    trace.subjects.append(Subject("import", asked, job.id, None, f"due at {due_at}"))
    return job


def find_import(session: Session, kind: BulkKind, target: str, batch_id: int) -> BulkImport:
    """An import of the last seven days (documented: that long its Id is known).

    Raises:
        RestError: 1013 there is none of that kind (assumed).
    """
    job = bulk.import_by_id(session, batch_id)
    if job is None or job.kind is not kind or job.target != target or job.created_at < session.now - KEPT:
        raise RestError.not_found("Import")
    return job


def state_of(job: BulkImport, now: datetime) -> ImportState:
    """How far it is: what waits for its time is said to be imported from the moment on when it left the queue."""
    if job.state is ImportState.QUEUED and now >= job.started_at:
        return ImportState.IMPORTING
    return job.state


def message_of(job: BulkImport) -> str | None:
    """What a status says of an import that is done (documented in samples, of a warning in one)."""
    if job.problem:
        return job.problem
    if job.ended_at is None:
        return None
    said = f"{job.imported} records imported ({job.imported} members)"
    if job.failed:
        return f"Import completed with errors, {said}, {job.failed} failed"
    return f"Import succeeded, {said}" + (f", {job.warned} warning." if job.warned else "")


def file_of(session: Session, job: BulkImport, file: str) -> bytes | None:
    """The rows that failed, or that had a warning, as a file; `None` where there are none."""
    content = b"".join(part.content for part in bulk_parts.parts(session, job.id, file))
    return content or None


# ---------------------------------------------------------------------------------------------------------------------
# The work


def go_on(session: Session, job: BulkImport) -> bool:
    """Do the next rows, each by itself; whether there are more."""
    try:
        do = bulk_rows.doer(session, job, TraceBuilder())
    except RestError as error:  # the world has changed since
        fail(session, job, error.text)
        return False
    for _ in range(1 if job.rows else _FIRST_PACKS):
        pack = bulk_parts.take_part(session, job.id, _ROWS)
        if pack is None:
            break
        job = _do(session, job, unpacked(pack), do)
    if bulk_parts.size_of(session, job.id, _ROWS) is None:
        bulk.save_import(session, replace(job, state=ImportState.COMPLETE, ended_at=session.now))
        return False
    # What is due from now on, by the clock and not as of the moment when this was due, has its turn before the rest.
    bulk.save_import(session, replace(job, state=ImportState.IMPORTING, due_at=session.clock.now()))
    return True


def _do(session: Session, job: BulkImport, rows: Sequence[list[str]], do: bulk_rows.Doer) -> BulkImport:
    failures: list[list[str]] = []
    warnings: list[list[str]] = []
    for cells, outcome in zip(rows, do(rows), strict=True):
        if outcome.failure:
            failures.append([*cells, outcome.failure])
        elif outcome.warning:
            warnings.append([*cells, outcome.warning])
    for file, column, found, before in (
        (FAILURES, FAILURE_REASON, failures, job.failed),
        (WARNINGS, WARNING_REASON, warnings, job.warned),
    ):
        if found:
            head = [] if before else [[*job.header, column]]
            bulk_parts.put_part(session, job.id, file, written([*head, *found], job.format))
    return replace(
        job,
        rows=job.rows + len(rows),
        imported=job.imported + len(rows) - len(failures),
        failed=job.failed + len(failures),
        warned=job.warned + len(warnings),
    )


def fail(session: Session, job: BulkImport, problem: str) -> None:
    """Have an import end as a failure of all of it; what was done of it before stays (assumed)."""
    bulk_parts.drop_file(session, job.id, _ROWS)
    bulk.save_import(session, replace(job, state=ImportState.FAILED, ended_at=session.now, problem=problem))
