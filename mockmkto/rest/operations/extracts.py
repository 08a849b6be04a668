"""Bulk extracts: a job is created, put into the queue, asked about, and its file is read, as a whole or in parts."""

from __future__ import annotations

from werkzeug.http import parse_range_header

from mockmkto.engine import extracts
from mockmkto.engine.page_tokens import page_token, read_page_token
from mockmkto.engine.plain import utc
from mockmkto.errors import RestCode, RestError
from mockmkto.model.bulk import BulkExport, BulkKind
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered, FileAnswer
from mockmkto.rest.operations.imports import NO_FILE, TEXT

__all__ = ["cancel", "create", "enqueue", "file", "jobs", "status"]

_KINDS = {"leads": BulkKind.LEADS, "activities": BulkKind.ACTIVITIES}
_PAGE = 300  # jobs (documented)
_EXPORTS = "exports"


def create(call: RestCall) -> Answered:
    """Define an extract; it answers Created."""
    kind, target = _kind(call)
    asked = call.members()
    request = extracts.ExtractRequest(
        kind,
        target,
        call.client.client_id,
        asked.get("fields"),
        asked.get("format"),
        asked.get("columnHeaderNames"),
        asked.get("filter"),
    )
    return _answered(call, extracts.create(call.session, request, call.trace))


def enqueue(call: RestCall) -> Answered:
    """Put it into the queue; it answers Queued, whatever is done already."""
    job = extracts.enqueue(call.session, _job(call), call.trace)
    return Answered([_shown(job, str(job.state))])


def status(call: RestCall) -> Answered:
    """How far it is."""
    return _answered(call, _job(call))


def cancel(call: RestCall) -> Answered:
    """Have it never be done; it answers Cancelled (documented in a sample)."""
    return _answered(call, extracts.cancel(call.session, _job(call), call.trace))


def jobs(call: RestCall) -> Answered:
    """The client's own jobs of the last seven days, the first created first (their order is assumed)."""
    kind, target = _kind(call)
    token = call.parameters.text("nextPageToken")
    after = read_page_token(_EXPORTS, token) if token is not None else (0, 0)
    if after is None:
        raise RestError.invalid_data(f"Invalid token value: [{token}]")
    found, last = extracts.list_jobs(
        call.session,
        kind,
        target,
        call.client.client_id,
        states=call.parameters.texts("status"),
        after=after[0],
        most=call.parameters.whole("batchSize", _PAGE, most=_PAGE),
    )
    now = call.session.now
    shown = [_shown(job, str(extracts.state_of(job, now))) for job in found]
    return Answered(shown, next_token=page_token(_EXPORTS, last) if last is not None else None)


def file(call: RestCall) -> FileAnswer:
    """The file, or the bytes of it that `Range` asks for (documented).

    Several ranges at once are answered by all of it (RFC 9110 allows that); one that begins behind its end is 416.
    """
    try:
        job = _job(call)
    except RestError:
        return NO_FILE
    size = extracts.file_size(job)
    if size is None:
        return NO_FILE
    asked = parse_range_header(call.incoming.range)
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return FileAnswer(extracts.read_bytes(call.session, job, 0, size - 1), TEXT, 200, (("Accept-Ranges", "bytes"),))
    span = asked.range_for_length(size)
    if span is None:
        return FileAnswer(b"", TEXT, 416, (("Content-Range", f"bytes */{size}"),))
    first, last = span[0], span[1] - 1
    headers = (("Accept-Ranges", "bytes"), ("Content-Range", f"bytes {first}-{last}/{size}"))
    return FileAnswer(extracts.read_bytes(call.session, job, first, last), TEXT, 206, headers)


def _kind(call: RestCall) -> tuple[BulkKind, str]:
    target = call.pieces.get("api")
    if target is not None:
        known = call.world.objects.custom_type(target)
        if known is None:
            raise RestError.not_found("Object")
        return BulkKind.CUSTOM_OBJECTS, known.name
    if "objects" not in call.pieces:
        return BulkKind.PROGRAM_MEMBERS, ""
    kind = _KINDS.get(call.pieces["objects"])
    if kind is None:
        raise RestError(RestCode.NOT_FOUND)
    return kind, ""


def _job(call: RestCall) -> BulkExport:
    kind, target = _kind(call)
    return extracts.find(call.session, kind, target, call.client.client_id, call.pieces["id"])


def _answered(call: RestCall, job: BulkExport) -> Answered:
    return Answered([_shown(job, str(extracts.state_of(job, call.session.now)))])


def _shown(job: BulkExport, state: str) -> dict[str, object]:
    """A job, its members in the recorded order; those of which there is nothing to be said yet are left out."""
    said: dict[str, object] = {"exportId": job.id, "format": job.format.value.upper(), "status": state}
    said["createdAt"] = utc(job.created_at)
    if job.queued_at is not None:
        said["queuedAt"] = utc(job.queued_at)
    if job.started_at is not None and state not in ("Queued", "Created"):
        said["startedAt"] = utc(job.started_at)
    if job.finished_at is not None:
        said["finishedAt"] = utc(job.finished_at)
    if job.checksum:
        said |= {"numberOfRecords": job.records, "fileSize": job.size, "fileChecksum": job.checksum}
    if job.problem:
        said["errorMsg"] = job.problem
    return said
