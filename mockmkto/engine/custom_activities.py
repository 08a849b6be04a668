"""Activities of a subscription's own types: written for a lead, at a time that whoever writes them says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from mockmkto.engine.activities import LEAD_ID
from mockmkto.engine.fields import BadValue, OverlongValue
from mockmkto.engine.plain import PlainValue, from_plain, shown_value, to_plain
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Activity, Field, FieldType, RecordStep, TraceBuilder
from mockmkto.model.activity_types import CustomActivityType, TypeAttribute
from mockmkto.store import activities, leads
from mockmkto.store.database import Counter, Session

__all__ = ["NewCustom", "add_custom", "type_by_name", "type_by_number", "value_shown"]

LONGEST_ATTRIBUTES = 65_536  # bytes of all names and values of one activity (documented)

_LINK = {"link": FieldType.URL}
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_TIME = Field("activityDate", FieldType.DATETIME)


class NewCustom(NamedTuple):
    """An activity as a request has it: nothing in it has been looked at. `attributes` are names and values."""

    lead_id: object
    at: object
    type_number: object
    primary: object
    attributes: Sequence[tuple[str, object]] = ()


def add_custom(session: Session, given: Sequence[NewCustom], trace: TraceBuilder) -> list[int | RestError]:
    """Write activities, each that can be; for each its id, or why it was skipped (documented).

    A record is refused with (which code is when: assumed, but for 1004 and 1049, which are documented) 1002 a part that
    is missing, 1001 a number that is none, 1004 no such lead, or an anonymous one, 1003 no such type, or none that is
    approved, 1003 a value of another type than its attribute, 1006 no such attribute, 1049 attributes that are too
    long. They are written whatever the switch `activity_log` says: somebody asked for them.
    """
    answered: list[int | RestError] = []
    for position, item in enumerate(given, 1):
        try:
            made = _checked(session, item)
        except RestError as error:
            answered.append(error)
            found = item.lead_id if isinstance(item.lead_id, int) else None
            there = found is not None and leads.existing_id(session, found) is not None
            trace.record(RecordStep(position, "skipped", lead_id=found if there else None, error=error.brief))
            continue
        activities.insert_many(session, [made])
        trace.activities += 1
        trace.record(RecordStep(position, "added", lead_id=made.lead_id, object_id=str(made.id), activities=1))
        answered.append(made.id)
    return answered


def type_by_number(session: Session, number: int) -> CustomActivityType | None:
    """The type of that number, if it is approved."""
    types = session.world.objects.activity_types
    return next((item for item in types if item.id == number and item.approved is not None), None)


def type_by_name(session: Session, name: str) -> CustomActivityType | None:
    """The approved type that the log knows by that name."""
    types = session.world.objects.activity_types
    return next((item for item in types if item.approved is not None and item.approved.name == name), None)


def value_shown(attribute: TypeAttribute, stored: str) -> PlainValue:
    """The value of an attribute as answers show it: of its type, `None` where it is empty."""
    return to_plain(_field(attribute), stored)


def _checked(session: Session, item: NewCustom) -> Activity:
    for name, given in (
        ("leadId", item.lead_id),
        ("activityDate", item.at),
        ("activityTypeId", item.type_number),
        ("primaryAttributeValue", item.primary),
    ):
        if given is None or given == "":
            raise RestError.missing_parameter(name)
    lead_id, number = _number(item.lead_id), _number(item.type_number)
    existing = leads.existing_id(session, lead_id)
    lead = leads.by_id(session, existing) if existing is not None else None
    if lead is None or not lead.known:
        raise RestError(RestCode.LEAD_NOT_FOUND)
    kind = type_by_number(session, number)
    if kind is None or kind.approved is None:
        raise RestError.invalid_value("activityTypeId", number)
    zone = session.world.time_zone
    at = _stored(session, _TIME, "activityDate", item.at)
    primary = kind.approved.primary or TypeAttribute("primaryAttributeValue", "primaryAttributeValue")
    asset = _stored(session, _field(primary), primary.name, item.primary)
    attributes = _attributes(session, kind, item.attributes)
    if sum(len(part.encode("utf-8", "surrogatepass")) for pair in attributes.items() for part in pair) > (
        LONGEST_ATTRIBUTES
    ):
        raise RestError(RestCode.ACTIVITY_NOT_CREATED, "Attributes array too long")
    moment = datetime.fromisoformat(at)
    said = (*attributes.items(), (LEAD_ID, str(lead.id)))
    taken = session.take_id(Counter.ACTIVITY)
    return Activity(
        taken, lead.id, moment if moment.tzinfo else moment.replace(tzinfo=zone), kind.approved.name, asset, said
    )


def _attributes(session: Session, kind: CustomActivityType, given: Sequence[tuple[str, object]]) -> Mapping[str, str]:
    """By their names, in the order of the type; each is given by either of its two."""
    known: dict[str, TypeAttribute] = {}
    for item in kind.approved.attributes if kind.approved is not None else ():
        known[item.api_name.casefold()] = known[item.name.casefold()] = item
    read: dict[str, str] = {}
    for name, value in given:
        attribute = known.get(name.strip().casefold())
        if attribute is None:
            raise RestError.field_not_found(name)
        read[attribute.name] = _stored(session, _field(attribute), name, value)
    return {item.name: read[item.name] for item in dict.fromkeys(known.values()) if item.name in read}


def _stored(session: Session, field: Field, name: str, value: object) -> str:
    try:
        stored = from_plain(field, value, session.world.time_zone)
    except (BadValue, OverlongValue):
        raise RestError.invalid_value(name, shown_value(value)) from None
    return stored


def _field(attribute: TypeAttribute) -> Field:
    kind = _LINK.get(attribute.data_type) or FieldType(attribute.data_type)
    return Field(attribute.name, kind)


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    raise RestError.invalid_type(shown_value(value), "Integer")
