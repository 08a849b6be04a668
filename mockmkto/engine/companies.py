"""Leads and their companies: a lead that names the externalCompanyId of one has its values (documented).

The values are written to the lead, so that both APIs read them there: when the lead is linked, and whenever the company
is another one.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from mockmkto.engine.activities import note_many
from mockmkto.engine.catalogue import COMPANY_FIELDS
from mockmkto.engine.catalogue import COMPANY_LINK as LINK
from mockmkto.engine.writing import log_of_change
from mockmkto.model import Field, Lead, NewActivity, TraceBuilder, World
from mockmkto.model.companies import Company
from mockmkto.store import companies, lead_values, leads
from mockmkto.store.database import Session

__all__ = ["company_fields", "company_of", "spread"]

_MOST_LEADS = 1_000_000


def company_fields(world: World) -> dict[str, Field]:
    """Those of them that this world has, by name."""
    found = (world.fields.find(name) for name in COMPANY_FIELDS)
    return {field.name: field for field in found if field is not None}


def company_of(
    session: Session, lead: Lead | None, values: Mapping[str, str], trace: TraceBuilder
) -> tuple[Company | None, bool]:
    """The company that a lead is linked to once these values are written, and whether it was not before."""
    if LINK not in values and (lead is None or LINK not in lead.attributes):
        return None, False
    before = lead.attributes.get(LINK, "") if lead is not None else ""
    key = values.get(LINK, before).strip()
    if not key:
        return None, False
    found = companies.company_by_external_id(session, key)
    if found is None and LINK in values:
        trace.warn("company", f"there is no company with the {LINK} {key}: the lead is linked once there is", LINK)
    return found, key != before.strip()


def spread(session: Session, company: Company, trace: TraceBuilder) -> int:
    """Write the values of a company to every lead that is linked to it; how many were others."""
    if not company.external_id:
        return 0
    fields = company_fields(session.world)
    changed = 0
    happened: list[NewActivity] = []
    for lead_id in lead_values.ids_with_value(session, LINK, company.external_id, _MOST_LEADS):
        lead = leads.by_id(session, lead_id)
        if lead is None or lead.attributes.get(LINK, "").strip() != company.external_id:
            continue  # it has it in another case
        kept = {name: text for name, text in lead.attributes.items() if name not in fields}
        attributes = kept | {name: text for name, text in company.values.items() if name in fields}
        if attributes == dict(lead.attributes):
            continue
        after = replace(lead, attributes=attributes, updated_at=session.now, updated_order=session.next_order())
        leads.save(session, after)
        happened += log_of_change(session, lead, after, fields.values(), by_rest=True)
        trace.touch([lead_id])
        changed += 1
    note_many(session, trace, happened)
    return changed
