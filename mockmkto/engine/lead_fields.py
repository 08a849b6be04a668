"""The fields of a lead by the names of the REST API, and which of them a lead can be looked up or searched by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from mockmkto.engine.catalogue import EMAIL_FIELD, ID_FIELD, STANDARD_FIELDS
from mockmkto.errors import RestError
from mockmkto.model import Field, FieldType, TraceBuilder, World

__all__ = [
    "COOKIES",
    "DEFAULT_FIELDS",
    "PARTITION_ID",
    "asked_fields",
    "filter_field",
    "is_custom",
    "lead_field",
    "lookup_field",
    "rest_name",
    "searchable",
]

DEFAULT_FIELDS = ("id", "firstName", "lastName", "email", "updatedAt", "createdAt")
"""What an answer shows where no fields are asked for, in this order (captured in 2021)."""

COOKIES, PARTITION_ID = "cookies", "leadPartitionId"

# Standard fields by which a lead can be looked up (documented), id and email aside.
_SOCIAL = ("facebookId", "linkedInId", "twitterId")
_SALESFORCE = {
    "sfdcAccountId": "SFDCACCOUNTID",
    "sfdcContactId": "SFDCCONTACTID",
    "sfdcLeadId": "SFDCLEADID",
    "sfdcLeadOwnerId": "SFDCLEADOWNERID",
    "sfdcOpptyId": "SFDCOPPTYID",
}
_CUSTOM_TYPES = frozenset({FieldType.STRING, FieldType.EMAIL, FieldType.INTEGER})


def rest_name(field: Field) -> str:
    """What the REST API calls a field."""
    return field.rest_name or field.name


def lead_field(world: World, name: str) -> Field | None:
    """The field that the REST API calls so, in any case (inferred: a connector in wide use sends SOAP's spelling)."""
    folded = name.strip().casefold()
    if folded == "email":
        return EMAIL_FIELD
    if folded == "id":
        return ID_FIELD
    return world.fields.by_rest_name(folded)


def is_custom(field: Field) -> bool:
    """Whether a subscription has added the field."""
    return field.name.casefold() not in _standard_names()


def asked_fields(world: World, names: Iterable[str]) -> tuple[Field, ...]:
    """The fields that an answer shows: the Id, and behind it those that are asked for, in their order (captured).

    Raises:
        RestError: 1006 there is no such field (documented; how it is said on the wire is not recorded).
    """
    asked = [name for name in (item.strip() for item in names) if name]
    shown: dict[str, Field] = {ID_FIELD.name: ID_FIELD}
    for name in asked or DEFAULT_FIELDS:
        field = lead_field(world, name)
        if field is None and asked:
            raise RestError.field_not_found(name)
        if field is not None:  # a world may have taken a default field away
            shown.setdefault(field.name, field)
    return tuple(shown.values())


def lookup_field(world: World, name: str | None) -> Field:
    """The field by which records of a sync find their leads; the e-mail where none is named.

    Raises:
        RestError: 1006 there is no such field (recorded in a mock); 1011 no lead is looked up by it (documented).
    """
    asked = (name or "").strip()
    if not asked:
        return EMAIL_FIELD
    field = _of_salesforce(world, asked) or lead_field(world, asked)
    if field is None:
        raise RestError.lookup_field_not_found(asked)
    if not _finds_a_lead(field):
        raise RestError.field_not_supported(asked)
    return field


def filter_field(world: World, name: str, trace: TraceBuilder) -> Field | None:
    """The field by whose values leads are searched; `None` for one of a CRM that this subscription does not have.

    Raises:
        RestError: 1006 there is no such field (assumed); 1011 leads are not searched by it (documented).
    """
    asked = name.strip()
    folded = asked.casefold()
    if folded == "cookie":  # the vendor's blog says so once
        trace.warn("filter", "filterType cookie was read as cookies", "filterType", COOKIES)
        folded = COOKIES
    field = _of_salesforce(world, asked) or lead_field(world, folded)
    if field is None:
        if folded in map(str.casefold, _SALESFORCE):
            trace.warn("filter", f"no field is there for {asked}: a fixture's lead_keys can name one", "filterType")
            return None
        raise RestError.field_not_found(asked)
    if not _finds_a_lead(field) and rest_name(field).casefold() != PARTITION_ID.casefold():
        raise RestError.field_not_supported(asked)
    return field


def searchable(world: World) -> tuple[str, ...]:
    """The REST names of all fields by which leads can be searched."""
    named = [rest_name(field) for field in (ID_FIELD, EMAIL_FIELD)]
    named += [
        rest_name(field)
        for field in world.fields.rest
        if _finds_a_lead(field) or rest_name(field).casefold() == PARTITION_ID.casefold()
    ]
    named += [name for name in _SALESFORCE if _of_salesforce(world, name) is not None and name not in named]
    return tuple(dict.fromkeys(named))


def _finds_a_lead(field: Field) -> bool:
    if is_custom(field):
        return field.type in _CUSTOM_TYPES
    return rest_name(field).casefold() in _standard_lookups()


def _of_salesforce(world: World, name: str) -> Field | None:
    """The field behind a key type of getLead, where the subscription calls it otherwise."""
    folded = name.casefold()
    key_type = next((key for rest, key in _SALESFORCE.items() if rest.casefold() == folded), None)
    if key_type is None or world.fields.by_rest_name(folded) is not None:
        return None
    return world.fields.find(world.lead_keys.get(key_type, ""))


@cache
def _standard_names() -> frozenset[str]:
    return frozenset(field.name.casefold() for field in (*STANDARD_FIELDS, ID_FIELD, EMAIL_FIELD))


@cache
def _standard_lookups() -> frozenset[str]:
    return frozenset(name.casefold() for name in ("id", "email", COOKIES, *_SOCIAL, *_SALESFORCE))
