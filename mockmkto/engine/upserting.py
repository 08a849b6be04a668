"""Leads synced by the REST API: each record is looked up by one field, and then created, updated or refused.

A record is read and decided before anything of it is written, so that one that is refused leaves nothing behind, and
its neighbours are none the worse for it (captured).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockmkto.engine.activities import SOURCE, note_many
from mockmkto.engine.catalogue import EMAIL_FIELD, ID_FIELD, closest_name
from mockmkto.engine.companies import company_fields, company_of
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.lead_fields import COOKIES, lead_field, lookup_field, rest_name
from mockmkto.engine.lead_lookup import as_cookie, key_of, leads_with
from mockmkto.engine.lead_views import is_view
from mockmkto.engine.lookup import MOST_FOUND
from mockmkto.engine.partitions import named_partition, place_new
from mockmkto.engine.plain import from_plain, shown_value
from mockmkto.engine.writing import create, derived_website, log_of_change, with_values
from mockmkto.errors import RestCode, RestError
from mockmkto.model import (
    Change,
    ChangeOutcome,
    Field,
    Key,
    KeyStep,
    Lead,
    PartitionStep,
    RecordStep,
    TraceBuilder,
    Verdict,
    World,
)
from mockmkto.model.upserts import UpsertAction, UpsertRequest
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["Outcome", "Plan", "plan_upsert", "upsert", "upsert_record"]

CREATED, UPDATED, SKIPPED = "created", "updated", "skipped"


class Outcome(NamedTuple):
    """What became of one record: a refused one has an error, and no Id is answered of it (captured)."""

    status: str
    lead_id: int | None = None
    error: RestError | None = None


class Plan(NamedTuple):
    """How every record of a call is treated."""

    action: UpsertAction
    lookup: Field
    partition: str | None = None  # as it was named
    source_type: str = SOURCE  # what the log gives as the source of a lead that is created
    source_info: str = SOURCE
    checks_email: bool = True  # whether an e-mail that is no address is refused


class _Read(NamedTuple):
    """A record, read: what it writes, and the value that it is looked up by."""

    key: str
    values: dict[str, tuple[Field, str]]  # canonical texts by field name; an empty one clears
    dropped: dict[str, tuple[Field, str]]  # what may not be written, as it was sent
    email: str | None = None  # empty: cleared; None: not sent
    cookie: str | None = None


class _Refused(Exception):
    """Ends a record."""

    def __init__(self, error: RestError) -> None:
        self.error = error
        super().__init__(error.text)


def upsert(session: Session, request: UpsertRequest, trace: TraceBuilder) -> list[Outcome]:
    """What became of each record, in their order (captured).

    They are done one after the other: a later one finds what an earlier one has made (assumed).

    Raises:
        RestError: 1006 there is no such lookup field; 1011 no lead is looked up by it. Nothing was written.
    """
    plan = plan_upsert(session.world, request)
    return [upsert_record(session, plan, record, trace, position) for position, record in enumerate(request.records, 1)]


def plan_upsert(world: World, request: UpsertRequest) -> Plan:
    """How the records of a request are treated.

    Raises:
        RestError: as `upsert`.
    """
    return Plan(request.action, lookup_field(world, request.lookup_field), request.partition)


def upsert_record(
    session: Session, plan: Plan, record: Mapping[str, object], trace: TraceBuilder, position: int
) -> Outcome:
    """What became of one record; `position` is its place in the request, from 1. Nothing is raised for a bad one."""
    own = TraceBuilder(warnings=trace.warnings)
    try:
        outcome = _upsert(session, plan, record, own)
    except _Refused as refused:
        outcome = Outcome(SKIPPED, None, refused.error)
    trace.activities += own.activities
    trace.record(
        RecordStep(
            position,
            outcome.status,
            tuple(own.keys),
            own.partition,
            tuple(own.changes),
            outcome.lead_id,
            error=outcome.error.brief if outcome.error is not None else None,
            activities=own.activities,
        )
    )
    return outcome


def _upsert(session: Session, plan: Plan, record: Mapping[str, object], trace: TraceBuilder) -> Outcome:
    read = _read(session.world, plan, record, trace)
    step, error = _decided(session, plan, read)
    trace.keys.append(step)
    if error is not None:
        raise _Refused(error)
    partition = _named_partition(session.world, plan, trace)
    if step.verdict is Verdict.DECIDES:
        if plan.lookup.name == EMAIL_FIELD.name:
            read = read._replace(email=None)  # it stays as it is stored, as in SOAP (assumed)
        return Outcome(UPDATED, _update(session, step.found[0], read, partition, trace))
    return Outcome(CREATED, _create(session, plan, read, partition, trace))


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def _read(world: World, plan: Plan, record: Mapping[str, object], trace: TraceBuilder) -> _Read:
    """The record, every value of it checked; of a field that is there twice, in another case, the last one counts."""
    sent: dict[str, tuple[Field, object]] = {}
    for name, value in record.items():
        field = _field(world, name, trace)
        if field.name in sent:
            trace.warn("twice", f"field {rest_name(field)} is there twice: the last one counts", name)
        sent[field.name] = (field, value)
    by_id = plan.lookup.name == ID_FIELD.name
    creates = plan.action in (UpsertAction.CREATE_ONLY, UpsertAction.CREATE_DUPLICATE)
    _, lead_id = sent.pop(ID_FIELD.name, (ID_FIELD, None))
    if lead_id is not None and (creates or not by_id):  # documented: not with what may create
        raise _Refused(RestError.invalid_value(rest_name(ID_FIELD), shown_value(lead_id)))

    key = _key(world, plan, lead_id if by_id else sent.get(plan.lookup.name, (None, None))[1])
    _, cookie = sent.pop(COOKIES, (None, None)) if rest_name(plan.lookup) == COOKIES else (None, None)
    values: dict[str, tuple[Field, str]] = {}
    dropped: dict[str, tuple[Field, str]] = {}
    for name, (field, value) in sent.items():
        if is_view(field) or field.rest_read_only or not field.writable:
            dropped[name] = (field, shown_value(value))
            shown = rest_name(field)
            trace.warn("read_only", f"field {shown} may not be written: the lead is synced, the value is not", shown)
        else:
            values[name] = (field, _text(world, plan, field, value, trace))
    email = values.pop(EMAIL_FIELD.name)[1] if EMAIL_FIELD.name in values else None
    return _Read(key, values, dropped, email, None if cookie is None else key)


def _field(world: World, name: str, trace: TraceBuilder) -> Field:
    field = lead_field(world, name)
    if field is None:
        nearest = closest_name(name, world.fields) if not trace.full else None
        near = lead_field(world, nearest) if nearest is not None else None
        meant = rest_name(near) if near is not None else None
        trace.warn("unknown_field", f"there is no field {name}" + (f"; did you mean {meant}?" if meant else ""), name)
        raise _Refused(RestError.field_not_found(name))
    if rest_name(field) != name:
        trace.warn("field_case", f"{name} was read as the field {rest_name(field)}", name, rest_name(field))
    return field


def _key(world: World, plan: Plan, value: object) -> str:
    """What the record is looked up by; empty where it need not be, and has not got it."""
    name = rest_name(plan.lookup)
    text = shown_value(value).strip() if value is not None else ""
    if not text:
        if plan.action is UpsertAction.CREATE_DUPLICATE:
            return ""
        raise _Refused(RestError.not_specified(f"Lookup field '{name}'"))
    if name == COOKIES:
        cookie = as_cookie(text)
        if cookie is None:
            raise _Refused(RestError.invalid_cookie(text))
        return cookie
    try:
        return _plain(world, plan, plan.lookup, value).strip()
    except (BadValue, OverlongValue):
        raise _Refused(RestError.invalid_value(name, text)) from None


def _plain(world: World, plan: Plan, field: Field, value: object, *, truncate: bool = False) -> str:
    if field.name == EMAIL_FIELD.name and not plan.checks_email and isinstance(value, str):
        return read_value(field, value, world.time_zone, truncate=truncate)
    return from_plain(field, value, world.time_zone, truncate=truncate)


def _text(world: World, plan: Plan, field: Field, value: object, trace: TraceBuilder) -> str:
    """A value as it is stored: cut where the switch says so."""
    truncate = world.behaviour.overlong_values == "truncate"
    try:
        text = _plain(world, plan, field, value, truncate=truncate)
    except BadValue:
        raise _Refused(RestError.invalid_value(rest_name(field), shown_value(value))) from None
    except OverlongValue:
        raise _Refused(RestError(RestCode.OVERLONG_VALUE)) from None
    if truncate and isinstance(value, str) and len(text) < len(value) and value.startswith(text) and text:
        trace.warn("truncated", f"the value of {rest_name(field)} was cut to {len(text)} characters", rest_name(field))
    return text.strip() if field.name == EMAIL_FIELD.name else text


# ---------------------------------------------------------------------------------------------------------------------
# Deciding


def _decided(session: Session, plan: Plan, read: _Read) -> tuple[KeyStep, RestError | None]:
    """How the record's lead was looked up, and why it is refused, where it is (documented).

    That createOnly says of several leads what it says of one is assumed: the key is there.
    """
    action = plan.action
    if action is UpsertAction.CREATE_DUPLICATE:
        return _step(plan, read, (), Verdict.NOT_TRIED, "createDuplicate looks for no lead"), None
    found = _found(session, plan.lookup, read.key)
    if not found:
        never = action is UpsertAction.UPDATE_ONLY or plan.lookup.name == ID_FIELD.name
        if not never:
            return _step(plan, read, found, Verdict.FINDS_NOTHING, "no lead has it"), None
        why = "updateOnly creates none" if action is UpsertAction.UPDATE_ONLY else "an Id is never created"
        step = _step(plan, read, found, Verdict.FAILS, f"no lead has it, and {why}")
        return step, RestError(RestCode.LEAD_NOT_FOUND)
    several = f"{len(found)}{' or more' if len(found) > MOST_FOUND else ''} leads have it"
    has_it = f"lead {found[0]} has it" if len(found) == 1 else several
    if action is UpsertAction.CREATE_ONLY:
        step = _step(plan, read, found, Verdict.FAILS, f"{has_it}, and createOnly updates none")
        return step, RestError(RestCode.LEAD_EXISTS)
    if len(found) > 1:
        step = _step(plan, read, found, Verdict.FAILS, f"{several}, and the REST API picks none")
        return step, RestError(RestCode.SEVERAL_MATCH)
    return _step(plan, read, found, Verdict.DECIDES, has_it), None


def _found(session: Session, field: Field, key: str) -> tuple[int, ...]:
    if field.name == EMAIL_FIELD.name:
        return leads.ids_by_email(session, key)  # which has the lead at hand, too
    return leads_with(session, field, key, MOST_FOUND + 1)


def _step(plan: Plan, read: _Read, found: tuple[int, ...], verdict: Verdict, reason: str) -> KeyStep:
    key = key_of(plan.lookup)
    named = rest_name(plan.lookup) if key is Key.FIELD else None
    return KeyStep(key, read.key, found[:MOST_FOUND], verdict, reason, named)


def _named_partition(world: World, plan: Plan, trace: TraceBuilder) -> str | None:
    """The partition that the request names, where that counts (documented: with two of the actions).

    An empty name is 1009, one that there is not 1008 (assumed).
    """
    if plan.partition is None:
        return None
    if plan.action not in (UpsertAction.CREATE_ONLY, UpsertAction.CREATE_OR_UPDATE):
        trace.warn("partition", f"partitionName was ignored: {plan.action} takes none", "partitionName")
        return None
    if not plan.partition.strip():
        raise _Refused(RestError(RestCode.PARTITION_REQUIRED))
    found = named_partition(world, plan.partition)
    if found is None:
        raise _Refused(RestError.partition_denied(plan.partition))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def _create(session: Session, plan: Plan, read: _Read, partition: str | None, trace: TraceBuilder) -> int:
    email = read.email or None
    read = _with_company(session, None, read, trace)
    present = {name: text for name, (_, text) in read.values.items() if text}
    present |= derived_website(session.world, email, present)
    if partition is None:
        place = place_new(session.world, None, email, present)
    else:
        place = PartitionStep(partition, None, "named by the request")
    trace.partition = place
    lead = create(session, email, present, place, trace, source_type=plan.source_type, source_info=plan.source_info)
    for name, value in present.items():
        trace.change(name, None, value, "" if name in read.values else "derived from the e-mail")
    if read.cookie is not None:
        leads.give_cookie(session, lead.id, read.cookie)
        trace.change(Key.COOKIE, None, read.cookie)
    _note_dropped(read, {}, trace)
    return lead.id


def _update(session: Session, lead_id: int, read: _Read, partition: str | None, trace: TraceBuilder) -> int:
    """Where nothing is another value, nothing is written, and the time of the last update stays (captured)."""
    lead = leads.by_id(session, lead_id)
    if lead is None:  # the keys and the leads are written in one transaction
        raise AssertionError(f"a lookup finds lead {lead_id}, which is not there")
    reason = "stays in its partition"
    if partition is not None:
        if partition.casefold() != lead.partition.casefold():
            trace.partition = PartitionStep(lead.partition, None, f"it is not {partition}", accepted=False)
            raise _Refused(RestError(RestCode.PARTITION_UPDATE_NOT_ALLOWED))
        reason = "named by the request"
    trace.partition = PartitionStep(lead.partition, None, reason)
    email = lead.email
    if read.email is not None:
        email = read.email or None
        trace.change(EMAIL_FIELD.name, lead.email, email)
    read = _with_company(session, lead, read, trace)
    attributes = with_values(lead, {name: text for name, (_, text) in read.values.items()}, trace)
    _note_dropped(read, lead.attributes, trace)
    if not lead.known:
        trace.change("known", "anonymous", "known")
    elif email == lead.email and attributes == lead.attributes:
        return lead.id
    changed = Lead(
        id=lead.id,
        email=email,
        known=True,
        partition=lead.partition,
        attributes=attributes,
        created_at=lead.created_at,
        updated_at=session.now,
        created_order=lead.created_order,
        updated_order=session.next_order(),
    )
    leads.save(session, changed, lead)
    fields = (field for field, _ in read.values.values())
    note_many(session, trace, log_of_change(session, lead, changed, fields, by_rest=True))
    return lead.id


def _with_company(session: Session, lead: Lead | None, read: _Read, trace: TraceBuilder) -> _Read:
    """The record with the values of the company that the lead is linked to, if it is from now on.

    Fields of a company may not be written through its leads (documented), unless to what they are (assumed).
    """
    company, new = company_of(session, lead, {name: text for name, (_, text) in read.values.items()}, trace)
    if company is None:
        return read
    fields = company_fields(session.world)
    for name, (_, text) in read.values.items():
        if name in fields and text != company.values.get(name, ""):
            raise _Refused(RestError(RestCode.COMPANY_UPDATE_NOT_ALLOWED))
    if not new:
        return read
    inherited = {name: (field, company.values.get(name, "")) for name, field in fields.items()}
    return read._replace(values={**read.values, **inherited})


def _note_dropped(read: _Read, before: Mapping[str, str], trace: TraceBuilder) -> None:
    for name, (_, text) in read.dropped.items():
        was = before.get(name)
        trace.changes.append(Change(name, was, was, ChangeOutcome.NOT_STORED, f"may not be written; {text!r} was sent"))
