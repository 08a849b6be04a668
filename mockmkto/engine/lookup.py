"""getLead, and the record of a lead as answers show it."""

from __future__ import annotations

import re

from mockmkto.engine.fields import listed
from mockmkto.errors import MarketoError
from mockmkto.model import Attribute, GetLeadResult, Lead, LeadKey, LeadRecord, TraceBuilder
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["KEY_TYPES", "get_lead", "lead_record"]

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
    key_type = (key.key_type or "").strip()
    if key_type not in KEY_TYPES:
        raise MarketoError.lead_key_bad(key_type)
    if key.key_value is None:
        raise MarketoError.parameter_required("keyValue")
    found = _find(session, key_type, key.key_value, trace)
    records = [lead_record(session, lead) for lead_id in found if (lead := leads.by_id(session, lead_id))]
    if not records:
        raise MarketoError.lead_not_found(key_type, key.key_value)
    return GetLeadResult(tuple(records))


def _find(session: Session, key_type: str, value: str, trace: TraceBuilder) -> tuple[int, ...]:
    match key_type:
        case "IDNUM":
            text = value.strip()
            lead_id = leads.existing_id(session, int(text.split(".")[0])) if _NUMBER.fullmatch(text) else None
            return (lead_id,) if lead_id is not None else ()
        case "EMAIL":
            return tuple(sorted(leads.ids_by_email(session, value), reverse=True))
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


def lead_record(session: Session, lead: Lead) -> LeadRecord:
    """A lead as an answer shows it: the four members always, the fields that are not empty, sorted (captured)."""
    foreign_ids = leads.foreign_ids_of(session, lead.id)
    latest = foreign_ids[0] if foreign_ids else None
    return LeadRecord(
        id=lead.id,
        email=lead.email,
        foreign_sys_person_id=latest.id if latest else None,
        foreign_sys_type=latest.type.value if latest else None,
        attributes=tuple(
            Attribute(field.name, value, field.type.value)
            for field in session.world.fields
            if (value := lead.attributes.get(field.name)) and listed(field, value)
        ),
    )
