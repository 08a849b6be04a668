"""importToList and getImportToListStatus: leads from rows onto a program's static list, now or a while later."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable

from msgspec.structs import replace

from mockmkto.engine.campaigns import text_or_none
from mockmkto.engine.import_files import Columns, Row, read_columns, read_rows
from mockmkto.engine.lists import join, leave, list_by_name
from mockmkto.engine.lookup import leads_of_key
from mockmkto.engine.sync import Manner, sync_record
from mockmkto.errors import MarketoError
from mockmkto.model import LeadKey, LeadRecord, RecordStep, Subject, TraceBuilder
from mockmkto.model.campaigns import Campaign, LeadTokens
from mockmkto.model.imports import ImportMode, ImportStatus, ImportStatusRequest, ImportToListRequest, ListImport
from mockmkto.model.lists import StaticList
from mockmkto.model.programs import Program
from mockmkto.store import campaigns, due, imports, lists, programs
from mockmkto.store.database import Counter, Session

__all__ = ["cancel_import", "finish_due_imports", "get_import_to_list_status", "import_to_list"]

SOURCE = "List import"
"""What the log gives as the source of a lead that an import created (assumed)."""

MOST_FAILURES = 20  # rows whose failure a summary tells


def import_to_list(session: Session, request: ImportToListRequest, trace: TraceBuilder) -> ListImport:
    """Begin an import. Its work is done at once, or when the switch `import_duration` has passed on the clock.

    The answer is PROCESSING always (captured). The list must be the program's own; one of no program is taken with a
    warning (assumed). The order of the faults is fixed (assumed): 20109, 20110 for the mode, 20110 for the program,
    20111, 20113, then what the header earns. A fault has written nothing.

    Raises:
        MarketoError: the first fault that applies.
    """
    behaviour = session.world.behaviour
    header, mode = _check(request)
    program = _program(session, request.program_name, trace)
    static_list = _list(session, program, request.list_name or "", trace)
    campaign = _campaign(session, program, text_or_none(request.campaign_name), trace)
    columns = read_columns(
        header, session.world.fields, trace, unknown_faults=behaviour.import_unknown_column == "fault"
    )
    if columns.tokens and campaign is None:
        trace.warn("token", "there are tokens, but no campaignName: they were not kept", "campaignName")
    if static_list is None:
        static_list = _new_list(session, program, request.list_name or "", trace)
    texts = request.rows or ()
    begun = ListImport(
        id=session.take_id(Counter.IMPORT),
        list_id=static_list.id,
        mode=mode,
        clear_list=request.clear_list,
        started_at=session.now,
        due_at=session.now + behaviour.import_duration,
        status=ImportStatus.PROCESSING,
        estimated_rows=sum(1 for _ in read_rows(texts, columns, keep_empty=True)),
        program_id=program.id,
        campaign_id=campaign.id if campaign is not None else None,
        header=header,
        rows=texts,
    )
    if begun.due_at <= session.now:
        imports.add(session, _done(session, trace, begun, static_list, columns))
    else:
        imports.add(session, begun)
        due.reschedule(session)
        trace.subjects.append(
            Subject("import", f"importFileRows, {begun.estimated_rows} rows", begun.id, None, f"due at {begun.due_at}")
        )
    return begun


def _check(request: ImportToListRequest) -> tuple[str, ImportMode]:
    header, mode = text_or_none(request.header), text_or_none(request.mode)
    for name, value in (
        ("programName", text_or_none(request.program_name)),
        ("importFileHeader", header),
        ("importFileRows", request.rows),
        ("importListMode", mode),
        ("listName", text_or_none(request.list_name)),
    ):
        if value is None:
            raise MarketoError.parameter_required(name)
    if mode not in list(ImportMode):
        raise MarketoError.bad_parameter("importListMode", mode)
    return header or "", ImportMode(mode or "")


# ---------------------------------------------------------------------------------------------------------------------
# Program, list, campaign


def _program(session: Session, name: str | None, trace: TraceBuilder) -> Program:
    program = programs.by_name(session, name or "")
    asked = f"programName = {name}"
    if program is None:
        trace.subjects.append(Subject("program", asked, reason="there is none"))
        raise MarketoError.bad_parameter("programName", name)
    trace.subjects.append(Subject("program", asked, program.id, program.name, "found by its name"))
    return program


def _list(session: Session, program: Program, name: str, trace: TraceBuilder) -> StaticList | None:
    """The list of the program; `None` where there is none, and one is to be made."""
    asked = f"listName = {name}"
    found = next((item for item in lists.named(session, name) if item.program_id == program.id), None)
    if found is None:
        ignored = TraceBuilder()  # that a program's list is one is no news here
        other = list_by_name(session, name, ignored)
        found = other if other is not None and other.program_id in (None, program.id) else None
        if found is not None and found.program_id is None:
            trace.warn("list", f"{found.shown} is a list of no program, not of {program.name}", "listName")
    if found is None:
        trace.subjects.append(Subject("list", asked, reason="the program has none of that name"))
        if session.world.behaviour.missing_list == "fault":
            raise MarketoError.list_not_found("listName", name)
        return None
    trace.subjects.append(Subject("list", asked, found.id, found.shown, "found by its name"))
    return found


def _new_list(session: Session, program: Program, name: str, trace: TraceBuilder) -> StaticList:
    list_id = session.take_id(Counter.LIST)
    new = StaticList(list_id, name.strip(), session.now, session.now, program.id, program.name)
    lists.add(session, new)
    trace.subjects.append(Subject("list", f"listName = {name}", new.id, new.shown, "was made"))
    return new


def _campaign(session: Session, program: Program, name: str | None, trace: TraceBuilder) -> Campaign | None:
    if name is None:
        return None
    found = next((item for item in campaigns.named(session, name) if item.program_id == program.id), None)
    asked = f"campaignName = {name}"
    if found is None:
        trace.subjects.append(Subject("campaign", asked, reason="the program has none of that name"))
        raise MarketoError.campaign_not_found(f"{program.name}.{name}")
    trace.subjects.append(Subject("campaign", asked, found.id, found.shown, "takes the tokens of the rows"))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# The work


def finish_due_imports(session: Session) -> None:
    """Do the work of every import whose time has come."""
    for begun in imports.due(session, session.now):
        imports.save(session, _done_later(session, begun))


def _done_later(session: Session, begun: ListImport) -> ListImport:
    static_list = lists.by_id(session, begun.list_id)
    trace = TraceBuilder()
    if static_list is None:
        return _ended(session, begun, ImportStatus.FAILED, Tally(), ["the list is gone"])
    try:
        columns = read_columns(begun.header, session.world.fields, trace, unknown_faults=False)
    except MarketoError as error:  # the world has changed since
        return _ended(session, begun, ImportStatus.FAILED, Tally(), [error.message])
    return _done(session, trace, begun, static_list, columns)


def _done(
    session: Session, trace: TraceBuilder, begun: ListImport, static_list: StaticList, columns: Columns
) -> ListImport:
    """The import once its rows are done, one after another; a row that cannot be used fails by itself (assumed)."""
    if begun.clear_list:
        leave(session, trace, static_list, lists.members(session, static_list.id))
    keep_empty = session.world.behaviour.import_empty == "keep"
    tally, failures = Tally[str](), list[str]()
    for row in read_rows(begun.rows, columns, keep_empty=keep_empty):
        step = _row(session, trace, begun, static_list, row)
        trace.record(step)
        outcome = {"failed": "failed", "ignored": "ignored"}.get(step.status, "imported")
        tally[outcome] += 1
        if step.error is not None and len(failures) < MOST_FAILURES:
            failures.append(f"row {row.number}: {step.error}")
    all_failed = tally["failed"] == tally.total() > 0
    status = ImportStatus.FAILED if all_failed else ImportStatus.COMPLETE
    return _ended(session, begun, status, tally, failures)


def _row(session: Session, trace: TraceBuilder, begun: ListImport, static_list: StaticList, row: Row) -> RecordStep:
    if row.problem:
        return RecordStep(row.number, "failed", error=row.problem)
    own = TraceBuilder(warnings=trace.warnings)
    if begun.mode is ImportMode.LIST_ONLY:
        found = leads_of_key(session, LeadKey("EMAIL", row.email), own)
        if not found:
            return RecordStep(row.number, "ignored", reason=f"no lead has the e-mail {row.email}")
        step = RecordStep(row.number, "found", lead_id=found[0], reason=f"by the e-mail {row.email}")
    else:
        try:
            lead, status = sync_record(
                session, LeadRecord(email=row.email, attributes=row.attributes), Manner(source=SOURCE), own
            )
        except MarketoError as error:
            return RecordStep(row.number, "failed", tuple(own.keys), error=error.message)
        step = RecordStep(row.number, status.value.lower(), tuple(own.keys), own.partition, tuple(own.changes), lead.id)
    lead_id = step.lead_id or 0
    joined = join(session, own, static_list, (lead_id,))
    if row.tokens and begun.campaign_id is not None:
        campaigns.put_lead_tokens(session, LeadTokens(begun.campaign_id, lead_id, dict(row.tokens)))
    trace.activities += own.activities
    step = replace(step, activities=own.activities)
    return step if joined else replace(step, reason=f"{step.reason}; already a member".removeprefix("; "))


def _ended(
    session: Session, begun: ListImport, status: ImportStatus, tally: Tally[str], failures: Iterable[str]
) -> ListImport:
    said = [f"{tally['imported']} of {begun.estimated_rows} rows imported"]
    said += [f"{tally[outcome]} {outcome}" for outcome in ("failed", "ignored") if tally[outcome]]
    return replace(
        begun,
        status=status,
        ended_at=session.now,
        imported=tally["imported"],
        failed=tally["failed"],
        ignored=tally["ignored"],
        summary="; ".join([", ".join(said), *failures]),
        header="",
        rows=(),
    )


def cancel_import(session: Session, begun: ListImport) -> ListImport:
    """Have an import that is PROCESSING end without its work: nothing of it is ever to be seen."""
    canceled = _ended(session, begun, ImportStatus.CANCELED, Tally(), ["canceled"])
    imports.save(session, canceled)
    due.reschedule(session)
    return canceled


# ---------------------------------------------------------------------------------------------------------------------
# getImportToListStatus


def get_import_to_list_status(session: Session, request: ImportStatusRequest, trace: TraceBuilder) -> ListImport:
    """The last import into a list.

    Raises:
        MarketoError: 20109 no name; 20110 an unknown program, or nothing was ever imported into the list; 20111 an
            unknown list (assumed).
    """
    for name, value in (("programName", request.program_name), ("listName", request.list_name)):
        if text_or_none(value) is None:
            raise MarketoError.parameter_required(name)
    program = _program(session, request.program_name, trace)
    static_list = _list(session, program, request.list_name or "", trace)
    found = imports.last_of_list(session, static_list.id) if static_list is not None else None
    if found is None:
        raise MarketoError.bad_parameter("listName", f"nothing was imported into {request.list_name}")
    trace.subjects.append(
        Subject("import", "the last one", found.id, None, f"{found.status}, begun at {found.started_at}")
    )
    return found
