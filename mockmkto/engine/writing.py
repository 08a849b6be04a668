"""A lead is written: a new one, or other values of one that is there. What can be refused has been refused before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mockmkto.engine.activities import SOURCE, changed, new_lead, note_many
from mockmkto.engine.catalogue import EMAIL_FIELD
from mockmkto.model import Field, Lead, NewActivity, PartitionStep, TraceBuilder, World
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["create", "derived_website", "log_of_change", "with_values"]


def create(
    session: Session,
    email: str | None,
    values: Mapping[str, str],
    place: PartitionStep,
    trace: TraceBuilder,
    *,
    source_type: str = SOURCE,
    source_info: str = SOURCE,
) -> Lead:
    """A new known lead, and its place in the log.

    Args:
        session: the call's.
        email: its e-mail; `None` for none.
        values: by field name, none of them empty.
        place: its partition.
        trace: where it is told.
        source_type: what the log gives as the type of its source.
        source_info: and more about that.
    """
    order = session.next_order()
    lead = Lead(
        id=session.take_lead_id(),
        email=email,
        known=True,
        partition=place.partition,
        attributes=values,
        created_at=session.now,
        updated_at=session.now,
        created_order=order,
        updated_order=order,
    )
    leads.add(session, lead)
    note_many(session, trace, [new_lead(session, lead, source_type, source_info)])
    trace.change("lead", None, str(lead.id))
    if email:
        trace.change(EMAIL_FIELD.name, None, email)
    return lead


def derived_website(world: World, email: str | None, values: Mapping[str, str]) -> dict[str, str]:
    """Captured: a lead created with an e-mail and names alone has its e-mail's domain as Website."""
    field = world.fields.find("Website")
    if not world.behaviour.derive_website or field is None or not email or "@" not in email:
        return {}
    domain = email.rpartition("@")[2]
    if not domain or "Company" in values or field.name in values:
        return {}
    return {field.name: domain[: field.length]}


def with_values(lead: Lead, values: Mapping[str, str], trace: TraceBuilder) -> dict[str, str]:
    """The lead's attributes with these ones: an empty one clears its field."""
    attributes = dict(lead.attributes)
    for name, value in values.items():
        before = attributes.pop(name, None)
        if value:
            attributes[name] = value
        trace.change(name, before, value or None)
    return attributes


def log_of_change(
    session: Session, before: Lead, after: Lead, fields: Iterable[Field], *, by_rest: bool = False
) -> list[NewActivity]:
    """What the log says of an update: that the lead became known, and each value that is another one now."""
    happened: list[NewActivity] = []
    if not before.known and after.known and session.world.behaviour.known_lead_activity == "new_lead":
        happened.append(new_lead(session, after))
    if before.email != after.email:
        old, new = before.email or "", after.email or ""
        happened.append(changed(session, after.id, EMAIL_FIELD, old, new, by_rest=by_rest))
    for field in fields:
        old, new = before.attributes.get(field.name, ""), after.attributes.get(field.name, "")
        if old != new:
            happened.append(changed(session, after.id, field, old, new, by_rest=by_rest))
    return happened
