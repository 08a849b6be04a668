"""A leadRecord of a request, read: its keys and what it writes. Every fault that needs no lead is found here."""

from __future__ import annotations

from msgspec import Struct

from mockmkto.engine.catalogue import EMAIL_FIELD, closest_name
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.matching import RequestKeys
from mockmkto.errors import MarketoError
from mockmkto.model import Attribute, Field, ForeignId, ForeignSysType, LeadRecord, TraceBuilder, World
from mockmkto.store.lead_keys import cookie_key

__all__ = [
    "EMAIL_FIELD",
    "Values",
    "read_foreign_id",
    "read_keys",
    "read_record_values",
    "read_text",
    "require_names_and_values",
]


class Values(Struct, frozen=True):
    """What a record writes, read: canonical texts by field name (empty clears), and the e-mail in its two places."""

    fields: dict[str, str]
    dropped: dict[str, str]  # fields that may not be written, with what was sent
    key_email: str | None = None  # as it is compared and, where the key is written, stored
    email: str | None = None  # among the attributes; empty: cleared

    def present(self) -> dict[str, str]:
        """The fields that have a value."""
        return {name: value for name, value in self.fields.items() if value}


def read_keys(world: World, record: LeadRecord, cookie: str | None, trace: TraceBuilder) -> RequestKeys:
    """The keys of a record; the foreign key's type is not looked at yet.

    Without any key, an e-mail among the attributes makes a new lead every time (captured: clients sent the key in
    another spelling, which was ignored, and the attribute); without that, too, it is as the switch says.

    Raises:
        MarketoError: 20101 there is none.
    """
    person_id = record.foreign_sys_person_id
    if person_id is not None and not person_id.strip():
        person_id = None
    foreign_id = ForeignId(ForeignSysType.CUSTOM, person_id) if person_id is not None else None
    keys = RequestKeys(record.id, foreign_id, _cookie(cookie), _text(record.email))
    if not keys.none_given:
        return keys
    if any((item.name or "").casefold() == "email" and _text(item.value) for item in record.attributes):
        trace.warn(
            "keyless",
            "there is no key, and an Email among the attributes finds no lead: a new lead is made every time",
            "Email",
        )
    elif world.behaviour.keyless_leads == "reject":
        trace.warn(
            "keyless",
            "a lead without a key is refused here; with the switch keyless_leads=create it is made: three published "
            "clients relied on that",
        )
        raise MarketoError.lead_key_required()
    return keys


def _text(value: str | None) -> str | None:
    """The trimmed text; an empty scalar key is as if absent."""
    return (value.strip() or None) if value is not None else None


def _cookie(text: str | None) -> str | None:
    """The cookie as it was sent; without anything behind its `id:` it is as empty as an empty one."""
    return _text(text) if text is not None and cookie_key(text) else None


def require_names_and_values(record: LeadRecord) -> None:
    """Every attribute has a name and a value.

    Raises:
        MarketoError: 20109 for the first that has not.
    """
    for position, attribute in enumerate(record.attributes, 1):
        if not attribute.name:
            raise MarketoError.parameter_required(f"attrName of attribute {position}")
        if attribute.value is None:
            raise MarketoError.parameter_required(f"attrValue of attribute {attribute.name}")


def read_foreign_id(record: LeadRecord, trace: TraceBuilder) -> ForeignId | None:
    """The foreign key of a record with its type, which is CUSTOM where there is none.

    Raises:
        MarketoError: 20110 the type is none of the three.
    """
    person_id = record.foreign_sys_person_id
    type_text = _text(record.foreign_sys_type)
    if person_id is None or not person_id.strip():
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


def read_record_values(world: World, record: LeadRecord, keys: RequestKeys, trace: TraceBuilder) -> Values:
    """Every value in request order; of a field that is named twice the last one counts.

    Raises:
        MarketoError: 20105 for names that are no field's; 20110 for a value that is not of its field's type.
    """
    fields = _known_fields(world, record, trace)
    key_email = read_text(world, EMAIL_FIELD, keys.email, trace) if keys.email is not None else None
    sent: dict[str, tuple[Field, str]] = {}
    for field, attribute in fields:
        if field.name in sent:
            trace.warn("twice", f"attribute {field.name} is there twice: the last one counts", field.name)
        sent[field.name] = (field, attribute.value or "")
    dropped = {name: text for name, (field, text) in sent.items() if not field.writable}
    for name in dropped:
        trace.warn("read_only", f"field {name} may not be written: the lead is synced, the value is not stored", name)
    read = {name: read_text(world, field, text, trace) for name, (field, text) in sent.items() if field.writable}
    email = read.pop(EMAIL_FIELD.name).strip() if EMAIL_FIELD.name in read else None
    if email is not None and key_email is not None and email != key_email:
        trace.warn(
            "twice",
            "Email is given as a key and as an attribute of another value: the key finds the lead, the attribute is "
            "written",
            EMAIL_FIELD.name,
        )
    return Values(read, dropped, key_email, email)


def _known_fields(world: World, record: LeadRecord, trace: TraceBuilder) -> list[tuple[Field, Attribute]]:
    known: list[tuple[Field, Attribute]] = []
    unknown: dict[str, None] = {}
    for attribute in record.attributes:
        name = attribute.name or ""
        field = EMAIL_FIELD if name.casefold() == "email" else world.fields.find(name)
        if field is None and _repeats_the_id(record, attribute):
            trace.warn("twice", "the attribute Id repeats the key, and was ignored", name)
            continue
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


def _repeats_the_id(record: LeadRecord, attribute: Attribute) -> bool:
    """Whether it says the key once more (captured: a published client sends both)."""
    return (
        record.id is not None
        and (attribute.name or "").casefold() == "id"
        and (attribute.value or "").strip() == str(record.id)
    )


def read_text(world: World, field: Field, text: str, trace: TraceBuilder) -> str:
    """One value as it is stored, cut where the switch says so.

    Raises:
        MarketoError: 20110 it is not of the field's type, or too long.
    """
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
