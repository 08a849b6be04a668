"""getLead, and the record of a lead as answers show it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockmkto.engine.fields import listed
from mockmkto.errors import MarketoError
from mockmkto.model import (
    Attribute,
    Field,
    ForeignId,
    GetLeadResult,
    Key,
    KeyStep,
    Lead,
    LeadKey,
    LeadRecord,
    TraceBuilder,
    Verdict,
)
from mockmkto.store import leads, streams
from mockmkto.store.database import Session

__all__ = ["KEY_TYPES", "check_key", "get_lead", "key_steps", "lead_record", "lead_records", "leads_of_key"]

# The enumeration of the contract, in its order.
KEY_TYPES = (
    "IDNUM",
    "COOKIE",
    "EMAIL",
    "LEADOWNEREMAIL",
    "SFDCACCOUNTID",
    "SFDCCONTACTID",
    "SFDCLEADID",
    "SFDCLEADOWNERID",
    "SFDCOPPTYID",
)

_NUMBER = re.compile(r"[+-]?[0-9]{1,19}(\.0+)?")


def get_lead(session: Session, key: LeadKey | None, trace: TraceBuilder) -> GetLeadResult:
    """The leads that a key finds, highest Id first (captured); their fields as they are stored.

    Raises:
        MarketoError: 20101 no leadKey; 20102 a key type outside the enumeration; 20109 no keyValue; 20103 nothing
            found (documented; which of them where is assumed).
    """
    if key is None:
        raise MarketoError.lead_key_required()
    key_type, value = check_key(key)
    found = sorted(leads_of_key(session, key, trace), reverse=True)
    records = [lead_record(session, lead) for lead_id in found if (lead := leads.by_id(session, lead_id))]
    if not records:
        raise MarketoError.lead_not_found(key_type, value)
    return GetLeadResult(tuple(records))


def check_key(key: LeadKey) -> tuple[str, str]:
    """The type and the value of a key of a request.

    Raises:
        MarketoError: 20102 a key type outside the enumeration; 20109 no keyValue.
    """
    key_type = (key.key_type or "").strip()
    if key_type not in KEY_TYPES:
        raise MarketoError.lead_key_bad(key_type)
    if key.key_value is None:
        raise MarketoError.parameter_required("keyValue")
    return key_type, key.key_value


def leads_of_key(session: Session, key: LeadKey, trace: TraceBuilder) -> tuple[int, ...]:
    """The Ids of the leads that a key finds; first the one that is meant where one is, by `duplicate_email`.

    Raises:
        MarketoError: as `check_key`.
    """
    key_type, value = check_key(key)
    match key_type:
        case "IDNUM":
            text = value.strip()
            lead_id = leads.existing_id(session, int(text.split(".")[0])) if _NUMBER.fullmatch(text) else None
            return (lead_id,) if lead_id is not None else ()
        case "EMAIL":
            newest_created = session.world.behaviour.duplicate_email == "most_recently_created"
            return leads.ids_by_email(session, value, newest_created=newest_created)
        case "COOKIE":
            lead_id = leads.id_by_cookie(session, value)
            return (lead_id,) if lead_id is not None else ()
        case _:
            if key_type not in session.world.lead_keys:
                trace.warn(
                    "lead_key",
                    f"no field stands behind the key type {key_type}: a fixture's lead_keys can name one",
                    "keyType",
                )
            return leads.ids_by_lead_key(session, key_type, value)


_KEYS = {"IDNUM": Key.ID, "COOKIE": Key.COOKIE, "EMAIL": Key.EMAIL}


def key_steps(key: LeadKey, found: Sequence[int]) -> tuple[KeyStep, ...]:
    """How a key of a request was decided, for the trace; of a key that is none of a lead's own, nothing."""
    kind = _KEYS.get((key.key_type or "").strip())
    if kind is None:
        return ()
    verdict = Verdict.DECIDES if found else Verdict.FINDS_NOTHING
    reason = f"lead {found[0]} has it" if found else "no lead has it"
    if len(found) > 1:
        reason = f"{len(found)} leads have it; lead {found[0]} is taken"
    return (KeyStep(kind, key.key_value or "", tuple(found[:MOST_FOUND]), verdict, reason),)


MOST_FOUND = 20  # leads of one key that a step names


def lead_record(session: Session, lead: Lead) -> LeadRecord:
    """A lead as an answer shows it: the four members always, the fields that are not empty, sorted (captured)."""
    foreign_ids = leads.foreign_ids_of(session, lead.id)
    return _record(lead, foreign_ids[0] if foreign_ids else None, tuple(session.world.fields))


def lead_records(
    session: Session, ids: Sequence[int], fields: Sequence[Field] | None = None, *, with_email: bool = True
) -> tuple[LeadRecord, ...]:
    """Leads as an answer shows them, in the order of their Ids here; of the fields, where some are given, these."""
    foreign_ids = streams.latest_foreign_ids(session, ids)
    shown = tuple(session.world.fields) if fields is None else fields
    return tuple(
        _record(lead, foreign_ids.get(lead.id), shown, with_email=with_email) for lead in streams.many(session, ids)
    )


def _record(
    lead: Lead, foreign_id: ForeignId | None, fields: Sequence[Field], *, with_email: bool = True
) -> LeadRecord:
    return LeadRecord(
        id=lead.id,
        email=lead.email if with_email else None,
        foreign_sys_person_id=foreign_id.id if foreign_id else None,
        foreign_sys_type=foreign_id.type.value if foreign_id else None,
        attributes=tuple(
            Attribute(field.name, value, field.type.value)
            for field in fields
            if (value := lead.attributes.get(field.name)) and listed(field, value)
        ),
    )
