"""syncLead: match, check, write, answer. Every fault is found before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from mockmkto.engine.activities import changed as changed_activity
from mockmkto.engine.activities import new_lead, note_many
from mockmkto.engine.fields import BadValue, OverlongValue, closest_name, read_value
from mockmkto.engine.lookup import lead_record
from mockmkto.engine.matching import RequestKeys, match
from mockmkto.engine.partitions import check_matched, named_workspace, place_new
from mockmkto.errors import MarketoError
from mockmkto.model import (
    Attribute,
    Change,
    ChangeOutcome,
    Field,
    FieldType,
    ForeignId,
    ForeignSysType,
    Key,
    KeyStep,
    Lead,
    LeadRecord,
    NewActivity,
    SyncLeadRequest,
    SyncLeadResult,
    SyncStatus,
    TraceBuilder,
    Verdict,
    Workspace,
    World,
)
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["EMAIL_FIELD", "sync_lead"]

# The e-mail is a member of the record; as an attribute it is read by the same rules as any other field.
EMAIL_FIELD: Final = Field("Email", FieldType.EMAIL, 255)


@dataclass(frozen=True, slots=True)
class _Values:
    """What a request writes, read: canonical texts by field name (empty clears), and the e-mail if it is given."""

    fields: dict[str, str]
    dropped: dict[str, str]  # fields that may not be written, with what was sent
    email: str | None = None  # None: the request does not touch it; empty: cleared

    def present(self) -> dict[str, str]:
        """The fields that have a value."""
        return {name: value for name, value in self.fields.items() if value}


def sync_lead(session: Session, request: SyncLeadRequest, trace: TraceBuilder) -> SyncLeadResult:
    """Update the lead that the request's keys find, or create one. What was decided, and why, is added to `trace`.

    The order of the faults is fixed (assumed): 20104, 20101, 20109, 20110 for ForeignSysType, 20110 for the workspace,
    20105, 20110 for a value, 20103, 20106. A fault has written nothing.

    Raises:
        MarketoError: the first fault that applies.
    """
    world = session.world
    if request.lead is None:
        raise MarketoError.lead_detail_required()
    foreign_text = request.lead.foreign_sys_person_id
    if foreign_text is not None and not foreign_text.strip():
        foreign_text = None
    keys = RequestKeys(request.lead.id, None, _cookie(request.marketo_cookie), _text(request.lead.email))
    if keys.none_given and foreign_text is None and world.behaviour.keyless_leads == "reject":
        raise MarketoError.lead_key_required()
    _require_names_and_values(request.lead)
    keys = replace(keys, foreign_id=_foreign_id(request.lead, foreign_text, trace))
    workspace = named_workspace(world, request.target_workspace)
    fields = _known_fields(world, request.lead, trace)
    values = _read_values(world, keys, fields, trace)
    if keys.email is not None:
        keys = replace(keys, email=values.email)  # as it is stored: cut, where overlong values are

    trace.keys.extend(match(session, keys))
    decided = next((step for step in trace.keys if step.verdict is Verdict.DECIDES), None)
    if any(step.verdict is Verdict.FAILS for step in trace.keys):
        raise MarketoError.lead_not_found("IDNUM", keys.id)
    if decided is None:
        lead, status = _create(session, workspace, values, trace), SyncStatus.CREATED
    else:
        lead, status = _update(session, decided, workspace, values, trace), SyncStatus.UPDATED
    _write_keys(session, lead, keys, request, trace)
    record = lead_record(session, lead) if request.return_lead else None
    return SyncLeadResult(lead.id, status, record)


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def _text(value: str | None) -> str | None:
    """The trimmed text; an empty scalar key is as if absent."""
    return (value.strip() or None) if value is not None else None


def _cookie(text: str | None) -> str | None:
    """The cookie as it was sent; without anything behind its `id:` it is as empty as an empty one."""
    return _text(text) if text is not None and leads.cookie_key(text) else None


def _require_names_and_values(record: LeadRecord) -> None:
    for position, attribute in enumerate(record.attributes, 1):
        if not attribute.name:
            raise MarketoError.parameter_required(f"attrName of attribute {position}")
        if attribute.value is None:
            raise MarketoError.parameter_required(f"attrValue of attribute {attribute.name}")


def _foreign_id(record: LeadRecord, person_id: str | None, trace: TraceBuilder) -> ForeignId | None:
    type_text = _text(record.foreign_sys_type)
    if person_id is None:
        if type_text is not None:
            trace.warn(
                "foreign_type",
                f"ForeignSysType {type_text} without a ForeignSysPersonId was ignored",
                "ForeignSysType",
            )
        return None
    if type_text is None:
        trace.warn("foreign_type", "ForeignSysType is missing: CUSTOM was assumed", "ForeignSysType")
        return ForeignId(ForeignSysType.CUSTOM, person_id)
    try:
        return ForeignId(ForeignSysType(type_text), person_id)
    except ValueError:
        raise MarketoError.bad_foreign_type(type_text) from None


def _known_fields(world: World, record: LeadRecord, trace: TraceBuilder) -> list[tuple[Field, Attribute]]:
    known: list[tuple[Field, Attribute]] = []
    unknown: dict[str, None] = {}
    for attribute in record.attributes:
        name = attribute.name or ""
        field = EMAIL_FIELD if name.casefold() == "email" else world.fields.find(name)
        if field is None:
            nearest = closest_name(name, world.fields) if not trace.full else None
            hint = f"; did you mean {nearest}?" if nearest else ""
            trace.warn("unknown_field", f"there is no field {name}{hint}", name, nearest)
            unknown[name] = None
            continue
        if field.name != name:
            trace.warn("field_case", f"attribute {name} was read as the field {field.name}", name, field.name)
        known.append((field, attribute))
    if unknown:
        raise MarketoError.unknown_fields(unknown)
    return known


def _read_values(
    world: World, keys: RequestKeys, fields: list[tuple[Field, Attribute]], trace: TraceBuilder
) -> _Values:
    """Every value in request order; of a field that is named twice the last one counts."""
    email = _read(world, EMAIL_FIELD, keys.email, trace) if keys.email is not None else None
    sent: dict[str, tuple[Field, str]] = {}
    for field, attribute in fields:
        if field.name in sent:
            trace.warn("twice", f"attribute {field.name} is there twice: the last one counts", field.name)
        sent[field.name] = (field, attribute.value or "")
    dropped = {name: text for name, (field, text) in sent.items() if not field.writable}
    for name in dropped:
        trace.warn("read_only", f"field {name} may not be written: the lead is synced, the value is not stored", name)
    read = {name: _read(world, field, text, trace) for name, (field, text) in sent.items() if field.writable}
    if EMAIL_FIELD.name in read:
        from_attribute = read.pop(EMAIL_FIELD.name).strip()
        if email is None:
            email = from_attribute
        else:
            trace.warn("twice", "Email is given as a key and as an attribute: the key counts", EMAIL_FIELD.name)
    return _Values(read, dropped, email)


def _read(world: World, field: Field, text: str, trace: TraceBuilder) -> str:
    truncate = world.behaviour.overlong_values == "truncate"
    try:
        value = read_value(field, text, world.time_zone, truncate=truncate)
    except BadValue:
        raise MarketoError.bad_value(text, field.name, field.type.value) from None
    except OverlongValue as error:
        raise MarketoError.overlong_value(text, field.name, error.limit) from None
    if truncate and len(value) < len(text) and text.startswith(value) and value:
        trace.warn("truncated", f"the value of {field.name} was cut to {len(value)} characters", field.name)
    return value


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def _create(session: Session, workspace: Workspace | None, values: _Values, trace: TraceBuilder) -> Lead:
    present = values.present()
    email = values.email or None
    _derive_website(session.world, email, present)
    trace.partition = place_new(session.world, workspace, email, present)
    order = session.next_order()
    lead = Lead(
        id=session.take_lead_id(),
        email=email,
        known=True,
        partition=trace.partition.partition,
        attributes=present,
        created_at=session.now,
        updated_at=session.now,
        created_order=order,
        updated_order=order,
    )
    leads.add(session, lead)
    note_many(session, trace, [new_lead(session, lead)])
    trace.change("lead", None, str(lead.id))
    if email:
        trace.change("Email", None, email)
    for name, value in present.items():
        trace.change(name, None, value, "" if name in values.fields else "derived from the e-mail")
    _note_dropped(values, {}, trace)
    return lead


def _derive_website(world: World, email: str | None, present: dict[str, str]) -> None:
    """Captured: a lead created with an e-mail and names alone has its e-mail's domain as Website."""
    field = world.fields.find("Website")
    if not world.behaviour.derive_website or field is None or not email or "@" not in email:
        return
    if "Company" not in present and field.name not in present:
        domain = email.rpartition("@")[2]
        if domain:
            present[field.name] = domain[: field.length]


def _update(
    session: Session, decided: KeyStep, workspace: Workspace | None, values: _Values, trace: TraceBuilder
) -> Lead:
    lead = leads.by_id(session, decided.found[0])
    if lead is None:  # the keys and the leads are written in one transaction
        raise AssertionError(f"{decided.key} finds lead {decided.found[0]}, which is not there")
    trace.partition = check_matched(session.world, workspace, lead, decided.key)
    if not trace.partition.accepted and workspace is not None:
        raise MarketoError.outside_partition(lead.id, workspace.name)
    _merge_anonymous(session, lead, trace)

    email = lead.email
    if values.email is not None and decided.key is not Key.EMAIL:
        email = values.email or None
        trace.change("Email", lead.email, email)
    attributes = dict(lead.attributes)
    for name, value in values.fields.items():
        before = attributes.pop(name, None)
        if value:
            attributes[name] = value
        trace.change(name, before, value or None)
    _note_dropped(values, lead.attributes, trace)
    if not lead.known:
        trace.change("known", "anonymous", "known")
    changed = replace(
        lead,
        email=email,
        known=True,
        attributes=attributes,
        updated_at=session.now,
        updated_order=session.next_order(),
    )
    leads.save(session, changed)
    note_many(session, trace, _what_happened(session, lead, changed, values))
    return changed


def _what_happened(session: Session, before: Lead, after: Lead, values: _Values) -> list[NewActivity]:
    """What the log says of an update: that the lead became known, and each value that is another one now."""
    happened: list[NewActivity] = []
    if not before.known and session.world.behaviour.known_lead_activity == "new_lead":
        happened.append(new_lead(session, after))
    if before.email != after.email:
        happened.append(changed_activity(session, after.id, EMAIL_FIELD, before.email or "", after.email or ""))
    for name in values.fields:
        field = session.world.fields.find(name)
        old, new = before.attributes.get(name, ""), after.attributes.get(name, "")
        if field is not None and old != new:
            happened.append(changed_activity(session, after.id, field, old, new))
    return happened


def _merge_anonymous(session: Session, lead: Lead, trace: TraceBuilder) -> None:
    merged = next((step.found[0] for step in trace.keys if step.verdict is Verdict.YIELDS), None)
    if merged is None:
        return
    leads.move_keys(session, from_lead=merged, to_lead=lead.id)
    leads.delete_lead(session, merged)
    reason = f"its cookies are now lead {lead.id}'s"
    trace.changes.append(Change("lead", str(merged), None, ChangeOutcome.MOVED, reason))


def _note_dropped(values: _Values, before: Mapping[str, str], trace: TraceBuilder) -> None:
    for name, text in values.dropped.items():
        reason = f"may not be written; {text!r} was sent"
        trace.changes.append(Change(name, before.get(name), before.get(name), ChangeOutcome.NOT_STORED, reason))


def _write_keys(session: Session, lead: Lead, keys: RequestKeys, request: SyncLeadRequest, trace: TraceBuilder) -> None:
    """Give the lead the keys of the request that did not find it (documented: "will be updated for that lead")."""
    for step in tuple(trace.keys):
        if step.verdict in (Verdict.DECIDES, Verdict.YIELDS):
            continue
        owner = step.found[0] if step.found else None
        if step.key is Key.FOREIGN_ID and keys.foreign_id is not None:
            leads.give_foreign_id(session, lead.id, keys.foreign_id)
        elif step.key is Key.COOKIE and keys.cookie is not None:
            if owner not in (None, lead.id) and not request.move_cookie:
                reason = f"moveCookie is false: it stays lead {owner}'s"
                trace.changes.append(Change(step.key, step.value, step.value, ChangeOutcome.NOT_STORED, reason))
                continue
            leads.give_cookie(session, lead.id, keys.cookie)
        else:
            continue
        _note_key(step, lead.id, owner, trace)


def _note_key(step: KeyStep, lead_id: int, owner: int | None, trace: TraceBuilder) -> None:
    if owner in (None, lead_id):
        trace.change(step.key, step.value if owner == lead_id else None, step.value)
    else:
        reason = f"taken from lead {owner}"
        trace.changes.append(Change(step.key, None, step.value, ChangeOutcome.MOVED, reason))
