"""The activity log as operations write it: one call of `note` for each thing that happened to a lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mockmkto.engine.catalogue import display_name
from mockmkto.model import ActivityType, Field, FieldType, Lead, NewActivity, TraceBuilder
from mockmkto.store import activities
from mockmkto.store.database import Session

__all__ = ["LEAD_ID", "SOURCE", "changed", "name_of", "new_lead", "note", "note_many"]

LEAD_ID = "Lead ID"
SOURCE = "Web service API"
"""What an activity of an operation gives as its source (captured)."""


def note(
    session: Session,
    trace: TraceBuilder,
    lead_id: int,
    type: str,
    asset: str = "",
    attributes: Mapping[str, str] | None = None,
    campaign: str | None = None,
) -> None:
    """Write into the log what happened to a lead; nothing where the switch `activity_log` is off.

    It is written in the transaction of the call: a fault takes it back. `Lead ID` is added behind the other attributes,
    unless it is among them (captured: every activity has it).

    Args:
        session: the call's.
        trace: counts what was written.
        lead_id: whose activity it is.
        type: as answers show it, one of `ActivityType` or any other.
        asset: what it was about: a list, a field, a campaign, as answers show it.
        attributes: in the order in which they are answered.
        campaign: the name of the campaign that did it.
    """
    note_many(session, trace, (NewActivity(lead_id, type, asset, tuple((attributes or {}).items()), campaign),))


def note_many(session: Session, trace: TraceBuilder, happened: Iterable[NewActivity]) -> None:
    """Write several at once, in this order: as `note` does each, and cheaper."""
    if not session.world.behaviour.activity_log:
        return
    new = [_with_lead_id(item) for item in happened]
    activities.add(session, new)
    trace.activities += len(new)


def new_lead(session: Session, lead: Lead, source_type: str = SOURCE, source_info: str = SOURCE) -> NewActivity:
    """A lead was created, or became known (captured: the attributes and their order)."""
    day = session.now.astimezone(session.world.time_zone).date().isoformat()
    said = (("Source Type", source_type), ("Source Info", source_info), ("Created Date", day))
    return NewActivity(lead.id, ActivityType.NEW_LEAD, name_of(lead), said)


def changed(
    session: Session, lead_id: int, field: Field, before: str, after: str, *, by_rest: bool = False
) -> NewActivity:
    """A field of a lead has another value (captured for data values; of scores assumed).

    The texts are as getLead shows them, except that a false boolean, which it leaves out, is 0. The REST API says that
    it was the reason and the source, whatever the SOAP API says of itself (captured).
    """
    behaviour = session.world.behaviour
    shown = display_name(field)
    said = {"Attribute Name": shown, "Old Value": before, "New Value": after}
    kind = ActivityType.CHANGE_DATA_VALUE
    if _is_score(field) and behaviour.score_activity == "change_score":
        kind = ActivityType.CHANGE_SCORE
        said["Change Value"] = f"{int(after or 0) - int(before or 0):+d}"
    if behaviour.change_reason == "soap_api" and not by_rest:
        said["Reason"] = "SOAP API"
    else:
        said |= {"Reason": SOURCE, "Source": SOURCE}
    return NewActivity(lead_id, kind, shown, tuple(said.items()))


def name_of(lead: Lead) -> str:
    """The name of a person, as an activity shows it: empty where there is none."""
    return " ".join(filter(None, (lead.attributes.get("FirstName"), lead.attributes.get("LastName"))))


def _is_score(field: Field) -> bool:
    return field.type is FieldType.SCORE or field.name == "LeadScore"


def _with_lead_id(item: NewActivity) -> NewActivity:
    if any(name == LEAD_ID for name, _ in item.attributes):
        return item
    attributes = (*item.attributes, (LEAD_ID, str(item.lead_id)))
    return NewActivity(item.lead_id, item.type, item.asset, attributes, item.campaign)
