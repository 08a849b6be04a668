"""Bulk extracts: a job that is created, put into the queue, and done a while later: leads or activities as a file."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.engine import extract_rows
from mockmkto.engine.bulk_files import read_format, written
from mockmkto.engine.bulk_queue import KEPT, QUEUE, turn
from mockmkto.engine.extract_filters import read_filter
from mockmkto.engine.extract_members import PROGRAM_ID, of_several, read_member_filter
from mockmkto.engine.limits import QUOTA_ZONE
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Subject, TraceBuilder
from mockmkto.model.bulk import BulkExport, BulkKind, ExportState
from mockmkto.store import bulk, bulk_parts, due
from mockmkto.store.database import Session

__all__ = [
    "ExtractRequest",
    "cancel",
    "create",
    "enqueue",
    "fail",
    "file_size",
    "find",
    "go_on",
    "list_jobs",
    "read_bytes",
    "state_of",
]

DAILY_BYTES = 500 * 1024 * 1024  # documented: what may be extracted in a day, which begins at midnight in US Central
_FILE = "file"
_FIRST_ROWS, _ROWS = 1000, 500  # of the first slice, and of each other


class ExtractRequest(NamedTuple):
    """What a request to create an extract says. Members are as they came: they are checked here."""

    kind: BulkKind
    target: str
    owner: str  # the client that asks
    fields: object = None
    format: object = None
    header_names: object = None
    filter: object = None


def create(session: Session, request: ExtractRequest, trace: TraceBuilder) -> BulkExport:
    """Define an extract. It does nothing yet.

    The order of the errors is assumed.

    Raises:
        RestError: 1029 the day's bytes are used up; 1001 an unknown format; 1003 a field or a filter that cannot be;
            1013 an unknown list; 1035 a filter that this subscription does not have.
    """
    _check_bytes(session)
    if request.format is not None and not isinstance(request.format, str):
        raise RestError.invalid_type(request.format, "CSV, TSV, SSV")
    format = read_format(request.format)
    fields = extract_rows.read_fields(session, request.kind, request.target, request.fields)
    if request.kind is BulkKind.PROGRAM_MEMBERS:
        chosen = read_member_filter(session, request.filter)
        if of_several(chosen):
            fields = (PROGRAM_ID, *(name for name in fields if name != PROGRAM_ID))
    else:
        chosen = read_filter(session, request.kind, request.filter)
    header = _header(fields, request.header_names)
    bulk.forget_before(session, session.now - KEPT)
    job = BulkExport(
        id=str(uuid.uuid4()),
        number=bulk.next_number(session),
        kind=request.kind,
        target=request.target,
        format=format,
        owner=request.owner,
        state=ExportState.CREATED,
        created_at=session.now,
        fields=fields,
        header=header,
        filter=chosen,
    )
    bulk.add_export(session, job)
    _note(trace, job)
    return job


def _header(fields: Sequence[str], names: object) -> tuple[str, ...]:
    """What the columns are called: a name for a field that is not asked for is ignored (assumed)."""
    if names is None:
        return tuple(fields)
    if not isinstance(names, Mapping) or not all(isinstance(name, str) for name in names.values()):
        raise RestError.invalid_data("Invalid columnHeaderNames: expected names of columns by names of fields")
    given = {str(field).casefold(): name for field, name in names.items()}
    return tuple(given.get(field.casefold(), field) for field in fields)


def find(session: Session, kind: BulkKind, target: str, owner: str, export_id: str) -> BulkExport:
    """An extract of the last seven days, for the client that created it (documented).

    Raises:
        RestError: 1013 there is none, or it is somebody else's (assumed).
    """
    job = bulk.export_by_id(session, export_id)
    if job is None or (job.kind, job.target, job.owner) != (kind, target, owner) or job.created_at < session.now - KEPT:
        raise RestError.not_found("Export job")
    return job


def list_jobs(
    session: Session, kind: BulkKind, target: str, owner: str, *, states: Sequence[str], after: int, most: int
) -> tuple[tuple[BulkExport, ...], int | None]:
    """Jobs of the last seven days of one client, in the order of their creation; behind which the next page begins.

    Args:
        session: the call's.
        kind: of which kind.
        target: of custom objects of which type.
        owner: whose jobs.
        states: which states are wanted, in any case; none for all.
        after: the number of the job behind which the page begins.
        most: how many there may be.
    """
    wanted = {state.strip().casefold().replace("canceled", "cancelled") for state in states}
    young = [
        job
        for job in bulk.exports_of(session, owner, kind, target, after)
        if job.created_at >= session.now - KEPT and (not wanted or state_of(job, session.now).casefold() in wanted)
    ]
    return tuple(young[:most]), young[most - 1].number if len(young) > most else None


def enqueue(session: Session, job: BulkExport, trace: TraceBuilder) -> BulkExport:
    """Put an extract into the queue; its answer says Queued always (documented).

    Raises:
        RestError: 1029 it is in the queue already or was in it (documented as a text, when is assumed), ten others are,
            or the day's bytes are used up.
    """
    if job.state is not ExportState.CREATED:
        raise RestError(RestCode.TOO_MANY_JOBS, "Job already queued")
    waiting = bulk.waiting_exports(session)
    if len(waiting) >= QUEUE:
        raise RestError(RestCode.TOO_MANY_JOBS)
    _check_bytes(session)
    ends = [other.due_at for other in waiting if other.due_at is not None]
    started_at, due_at = turn(session.now, ends, session.world.behaviour.export_duration)
    job = replace(job, state=ExportState.QUEUED, queued_at=session.now, started_at=started_at, due_at=due_at)
    bulk.save_export(session, job)
    due.reschedule(session)
    _note(trace, job)
    return job


def cancel(session: Session, job: BulkExport, trace: TraceBuilder) -> BulkExport:
    """Have an extract never be done.

    Raises:
        RestError: 1003 it is done, or will not be (assumed).
    """
    if job.state not in (ExportState.CREATED, ExportState.QUEUED, ExportState.PROCESSING):
        raise RestError.invalid_data(f"Export job is {job.state}, and cannot be canceled")
    bulk_parts.drop_file(session, job.id, _FILE)
    job = replace(job, state=ExportState.CANCELLED, finished_at=None, started_at=None, due_at=None)
    bulk.save_export(session, job)
    due.reschedule(session)
    _note(trace, job)
    return job


def state_of(job: BulkExport, now: datetime) -> ExportState:
    """How far it is: what waits for its time is said to be processed from the moment on when it left the queue."""
    if job.state is ExportState.QUEUED and job.started_at is not None and now >= job.started_at:
        return ExportState.PROCESSING
    return job.state


def file_size(job: BulkExport) -> int | None:
    """How many bytes its file has; `None` where there is no file (documented: never a part of one)."""
    return job.size if job.state is ExportState.COMPLETED else None


def read_bytes(session: Session, job: BulkExport, first: int, last: int) -> bytes:
    """The bytes of its file from one to another, both included."""
    found = [
        part.content[max(first - part.start, 0) : last + 1 - part.start]
        for part in bulk_parts.parts(session, job.id, _FILE, first=first, last=last)
    ]
    return b"".join(found)


def _check_bytes(session: Session) -> None:
    midnight = session.now.astimezone(QUOTA_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    if bulk.size_since(session, midnight) >= DAILY_BYTES:
        most = DAILY_BYTES // 1024 // 1024
        raise RestError(RestCode.TOO_MANY_JOBS, f"Export daily quota {most}MB exceeded")


def _note(trace: TraceBuilder, job: BulkExport) -> None:
    asked = f"{job.kind} as {job.format.value}: {', '.join(job.fields)}"
    trace.subjects.append(Subject("extract", asked, job.id, None, str(job.state)))


# ---------------------------------------------------------------------------------------------------------------------
# The work


def go_on(session: Session, job: BulkExport) -> bool:
    """Write the next rows into the file; whether there are more."""
    begins = job.state is ExportState.QUEUED
    try:
        rows, place = extract_rows.next_rows(session, job, _FIRST_ROWS if begins else _ROWS)
    except RestError as error:  # the world has changed since: a list or a field is gone
        fail(session, job, error.text)
        return False
    size = job.size
    if begins or rows:
        size = bulk_parts.put_part(session, job.id, _FILE, written([job.header, *rows] if begins else rows, job.format))
    job = replace(job, records=job.records + len(rows), size=size)
    if place is None:
        checksum = hashlib.sha256()
        for part in bulk_parts.parts(session, job.id, _FILE):
            checksum.update(part.content)
        bulk.save_export(
            session,
            replace(
                job,
                state=ExportState.COMPLETED,
                finished_at=max(session.now, job.started_at or session.now),
                checksum=f"sha256:{checksum.hexdigest()}",
            ),
        )
        return False
    # What is due from now on, by the clock and not as of the moment when this was due, has its turn before the rest.
    later = replace(job, state=ExportState.PROCESSING, place=place, due_at=session.clock.now())
    bulk.save_export(session, later)
    return True


def fail(session: Session, job: BulkExport, problem: str) -> None:
    """Have an extract end without a file."""
    bulk_parts.drop_file(session, job.id, _FILE)
    bulk.save_export(
        session, replace(job, state=ExportState.FAILED, finished_at=session.now, size=0, records=0, problem=problem)
    )
