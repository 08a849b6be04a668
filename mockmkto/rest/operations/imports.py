"""Bulk imports: a file is sent, asked about, and what was wrong with its rows is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockmkto.engine.bulk_files import PackedFile, pack_file
from mockmkto.engine.bulk_imports import (
    FAILURES,
    WARNINGS,
    ImportFile,
    begin_import,
    file_of,
    find_import,
    message_of,
    state_of,
)
from mockmkto.errors import RestCode, RestError
from mockmkto.model.bulk import BulkImport, BulkKind
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered, FileAnswer
from mockmkto.rest.incoming import Incoming, normal_path
from mockmkto.rest.multipart import read_multipart
from mockmkto.rest.parameters import Parameters, whole_number

__all__ = ["NO_FILE", "TEXT", "Sent", "begin", "failures", "read_sent", "status", "warnings"]

TEXT = "text/csv;charset=UTF-8"
"""What a file is said to be, whatever separates its cells (assumed)."""

NO_FILE = FileAnswer(b"File not found", "text/plain;charset=UTF-8", 404)
"""Where there is no file (documented is the status, and that it is told in plain text)."""


class Sent(NamedTuple):
    """What was sent to be imported: the parts beside the file, and the file as it was read."""

    fields: Mapping[str, str]
    file: PackedFile | RestError


def read_sent(incoming: Incoming, parameters: Parameters) -> Sent | RestError:
    """What was sent, or what is wrong with it, which is said when it is its turn."""
    try:
        parts = read_multipart(incoming)
    except RestError as error:
        return error
    upload = parts.files.get("file")
    content = upload.content if upload is not None else None
    if content is None and "file" in parts.fields:
        content = parts.fields["file"].encode()
    if content is None:
        return Sent(parts.fields, RestError.missing_parameter("file"))
    try:
        return Sent(parts.fields, pack_file(content, parameters.text("format") or parts.fields.get("format")))
    except RestError as error:
        return Sent(parts.fields, error.with_traceback(None))


def begin(call: RestCall) -> Answered:
    """Take a file: a part `file`, and beside it, or in the query, what is to be done with it.

    Raises:
        RestError: 613 the body has no parts; 1002 none of them is the file; and those of the import itself.
    """
    sent = call.sent
    if not isinstance(sent, Sent):
        raise sent if isinstance(sent, RestError) else RestError(RestCode.INVALID_MULTIPART)
    kind, target = _kind(call)

    def said(name: str) -> str | None:
        return call.parameters.text(name) or sent.fields.get(name) or None

    def file() -> PackedFile:
        if isinstance(sent.file, RestError):
            raise sent.file
        return sent.file

    list_id = said("listId") if kind is BulkKind.LEADS else None
    status_name = None
    if kind is BulkKind.PROGRAM_MEMBERS:
        status_name = said("programMemberStatus")
        if status_name is None:
            raise RestError.missing_parameter("programMemberStatus")
    job = begin_import(
        call.session,
        ImportFile(
            kind,
            target,
            file,
            said("lookupField") if kind is BulkKind.LEADS else None,
            whole_number(list_id) if list_id is not None else None,
            said("partitionName") if kind is BulkKind.LEADS else None,
            call.number("program", RestError.not_found("Program")) if kind is BulkKind.PROGRAM_MEMBERS else None,
            status_name,
        ),
        call.trace,
    )
    return Answered([_head(job) | {"status": str(job.state)} | _tail(job)])


def status(call: RestCall) -> Answered:
    """How far an import is (documented; what is said of one that is not done yet is assumed)."""
    job = _job(call)
    done = "numOfObjectsProcessed" if job.kind is BulkKind.CUSTOM_OBJECTS else "numOfLeadsProcessed"
    said: dict[str, object] = _head(job)
    if job.kind is BulkKind.CUSTOM_OBJECTS:
        said["operation"] = "import"
    said["status"] = str(state_of(job, call.session.now))
    said |= _tail(job)
    said |= {done: job.imported, "numOfRowsFailed": job.failed, "numOfRowsWithWarning": job.warned}
    if job.kind is BulkKind.CUSTOM_OBJECTS and job.ended_at is not None:
        said["importTime"] = f"{(job.ended_at - job.created_at).seconds} second(s)"
    message = message_of(job)
    if message is not None:
        said["message"] = message
    return Answered([said])


def failures(call: RestCall) -> FileAnswer:
    """The rows that failed, and why."""
    return _file(call, FAILURES)


def warnings(call: RestCall) -> FileAnswer:
    """The rows that were imported, and of which there is something to be said."""
    return _file(call, WARNINGS)


def _file(call: RestCall, file: str) -> FileAnswer:
    content = file_of(call.session, _job(call), file)
    return FileAnswer(content, TEXT) if content is not None else NO_FILE


def _kind(call: RestCall) -> tuple[BulkKind, str]:
    target = call.pieces.get("api")
    if target is None:
        of_members = "/members/import" in normal_path(call.incoming.path)
        return BulkKind.PROGRAM_MEMBERS if of_members else BulkKind.LEADS, ""
    known = call.world.objects.custom_type(target)
    if known is None:
        raise RestError.not_found("Object")
    return BulkKind.CUSTOM_OBJECTS, known.name


def _job(call: RestCall) -> BulkImport:
    kind, target = _kind(call)
    return find_import(call.session, kind, target, call.number("id", RestError.not_found("Import")))


def _head(job: BulkImport) -> dict[str, object]:
    """Ids, as each kind of import shows them (documented in samples)."""
    if job.kind is BulkKind.CUSTOM_OBJECTS:
        return {"batchId": job.id}
    return {"batchId": job.id, "importId": str(job.id)}


def _tail(job: BulkImport) -> dict[str, object]:
    return {"objectApiName": job.target} if job.kind is BulkKind.CUSTOM_OBJECTS else {}
