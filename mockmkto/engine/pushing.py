"""Leads that come to a program: pushed by another system, or by a form that somebody has filled out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from mockmkto.engine.activities import note
from mockmkto.engine.lead_actions import associate
from mockmkto.engine.lead_lookup import as_cookie
from mockmkto.engine.plain import shown_value
from mockmkto.engine.program_membership import NOT_IN_PROGRAM, check_status, set_status
from mockmkto.engine.upserting import SKIPPED, Outcome, Plan, plan_upsert, upsert_record
from mockmkto.errors import RestCode, RestError
from mockmkto.model import ActivityType, RecordStep, Subject, TraceBuilder
from mockmkto.model.programs import Program, ProgressionStatus
from mockmkto.model.upserts import UpsertAction, UpsertRequest
from mockmkto.store import leads, programs
from mockmkto.store.database import Session
from mockmkto.store.programs import folded

__all__ = ["FilledForm", "Push", "push", "submit_form"]

MKT_TOKEN = "mktToken"  # noqa: S105  # the field of a record that has one
_VISITOR = {  # what a visit says, and what the log calls it (assumed)
    "leadClientIpAddress": "Client IP Address",
    "queryString": "Query Parameters",
    "pageURL": "Referrer URL",
    "userAgentString": "User Agent",
}


class Push(NamedTuple):
    """Leads that are pushed into a program."""

    program_name: str
    records: Sequence[Mapping[str, object]]
    lookup_field: str | None = None
    source: str | None = None
    reason: str | None = None
    status: str | None = None  # of the program
    partition: str | None = None


class FilledForm(NamedTuple):
    """A form as somebody has filled it out."""

    form_id: int
    fields: Mapping[str, object]
    visitor: Mapping[str, object]
    cookie: str | None = None
    program_id: int | None = None


def push(session: Session, request: Push, trace: TraceBuilder) -> list[Outcome]:
    """What became of each record: it is upserted (documented), its lead enters the program, and the log says so.

    Without a status a lead gets the first one of the program's channel (assumed); whoever is as far already stays.
    An `mktToken` is in no e-mail of this double's: the lead of one is not found.

    Raises:
        RestError: 1013 an unknown program (assumed); 1025 it has no such status; 1006, 1011 as of a sync.
    """
    program = programs.by_name(session, request.program_name)
    asked = f"programName = {request.program_name}"
    if program is None:
        trace.subjects.append(Subject("program", asked, reason="there is none"))
        raise RestError.not_found("Program")
    trace.subjects.append(Subject("program", asked, program.id, program.name, "found by its name"))
    status = _status(session, program, request.status, trace)
    by_token = (request.lookup_field or "").casefold() == MKT_TOKEN.casefold()
    plan = _plan(session, None if by_token else request.lookup_field, request.partition)
    outcomes = []
    for position, record in enumerate(request.records, 1):
        if by_token:
            error = RestError(RestCode.LEAD_NOT_FOUND)
            trace.record(RecordStep(position, SKIPPED, error=error.brief, reason="no e-mail has this mktToken"))
            outcomes.append(Outcome(SKIPPED, None, error))
            continue
        outcome = upsert_record(session, plan, record, trace, position)
        if outcome.lead_id is not None:
            said = {"Program ID": str(program.id)}
            said |= {"Source": request.source or "", "Reason": request.reason or ""}
            note(session, trace, outcome.lead_id, ActivityType.PUSH_LEAD, program.name, said)
            _enter(session, program, status, outcome.lead_id, trace)
        outcomes.append(outcome)
    return outcomes


def submit_form(session: Session, form: FilledForm, trace: TraceBuilder) -> Outcome:
    """What became of the lead: upserted by its e-mail, with `Fill Out Form` in its log, and its cookie (documented).

    No forms are stored: each Id is one, and each field of a lead is in it (assumed). With a program the lead enters it
    with the first status of its channel (assumed).

    Raises:
        RestError: 1013 an unknown program; 1012 a cookie that is none (assumed): nothing was written.
    """
    trace.warn("form", f"no forms are kept here: {form.form_id} is taken as one that has every field", "formId")
    program = None
    if form.program_id is not None:
        program = programs.by_id(session, form.program_id)
        if program is None:
            raise RestError.not_found("Program")
    if form.cookie is not None and as_cookie(form.cookie) is None:
        raise RestError.invalid_cookie(form.cookie)
    outcome = upsert_record(session, _plan(session, None, None), form.fields, trace, 1)
    if outcome.lead_id is None:
        return outcome
    if form.cookie is not None:
        _associate(session, outcome.lead_id, form.cookie, trace)
    said = {"Webform ID": str(form.form_id), "Form Fields": msgspec.json.encode(form.fields).decode()}
    said |= {
        shown: shown_value(form.visitor[name])
        for name, shown in _VISITOR.items()
        if form.visitor.get(name) not in (None, "")
    }
    note(session, trace, outcome.lead_id, ActivityType.FILL_OUT_FORM, str(form.form_id), said)
    if program is not None:
        _enter(session, program, _status(session, program, None, trace), outcome.lead_id, trace)
    return outcome


def _plan(session: Session, lookup: str | None, partition: str | None) -> Plan:
    return plan_upsert(session.world, UpsertRequest((), UpsertAction.CREATE_OR_UPDATE, lookup, partition))


def _associate(session: Session, lead_id: int, cookie: str, trace: TraceBuilder) -> None:
    """The cookie is the lead's, unless another known lead has it: then what was done stays there (documented)."""
    own = TraceBuilder(warnings=trace.warnings)
    associate(session, lead_id, cookie, own)
    trace.activities += own.activities
    trace.changes += own.changes


def _status(session: Session, program: Program, name: str | None, trace: TraceBuilder) -> ProgressionStatus | None:
    """The status of the program's channel by name, or the first one; `None` where it has none at all."""
    if name is not None and name.strip():
        return check_status(session, program, name)[1]
    channel = next((item for item in programs.channels(session) if item.name == program.channel), None)
    statuses = channel.statuses if channel is not None else ()
    others = [item for item in statuses if folded(item.name) != folded(NOT_IN_PROGRAM)]
    if not others:
        trace.warn("program_status", f"the channel of {program.name} has no status: nobody enters it", "programName")
        return None
    return min(others, key=lambda item: item.step)


def _enter(
    session: Session, program: Program, status: ProgressionStatus | None, lead_id: int, trace: TraceBuilder
) -> None:
    if status is None or leads.existing_id(session, lead_id) is None:
        return
    own = TraceBuilder(warnings=trace.warnings)
    set_status(session, program, status.name, (lead_id,), own)
    trace.activities += own.activities
