"""The contract's shared types as spyne models, and how a type says in which versions it has which members.

Names, order, occurrence, nillability and enumerations are the vendor's (captured: the published documents of 2_0 and
2_2; generated classes of 2_1, 2_2, 2_3, 2_7 and 3_1 for what changed in between). Children are unqualified. What the
reader, the writer and the document need is in each model's `_type_info`: the members in the order of the wire, each
with `Attributes.min_occurs`, `Attributes.max_occurs` and `Attributes.nillable`; an enumeration has its values in
`__values__`.

A model states its members of all versions, those that came or went or changed through `changing` and `since`;
`in_version` gives it as one version has it. What one family of operations alone uses stands beside its operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from mockmkto.soap.compat import spyne
from mockmkto.soap.versions import VERSIONS, position

__all__ = [
    "NAMESPACE",
    "ArrayOfAttrib",
    "ArrayOfAttribute",
    "ArrayOfBase64Binary",
    "ArrayOfInteger",
    "ArrayOfKeyList",
    "ArrayOfLeadKey",
    "ArrayOfString",
    "ArrayOfVersionedItem",
    "Attrib",
    "Attribute",
    "AuthenticationHeaderInfo",
    "LastUpdateAtSelector",
    "LeadKey",
    "LeadKeyRef",
    "LeadKeySelector",
    "LeadSelector",
    "MObjectTypeEnum",
    "MObjectTypeEnumOf20",
    "MktowsContextHeaderInfo",
    "Model",
    "StaticListSelector",
    "SyncOperationEnum",
    "VersionedItem",
]

NAMESPACE = "http://www.marketo.com/mktows/"

Boolean = spyne.Boolean
Int = spyne.Integer32
Long = spyne.Integer64
Integer = spyne.Integer
String = spyne.Unicode
Base64Binary = spyne.ByteArray
DateTime = spyne.DateTime
"""Read and written as text: which forms are understood, and in which zone it is shown, the engine decides."""


class AnySimpleType(spyne.Unicode):  # type: ignore[misc]  # spyne has no types
    """Any text: a number, a date, a name."""

    __type_name__ = "anySimpleType"
    __namespace__ = spyne.Unicode.__namespace__


class Model(spyne.ComplexModel):  # type: ignore[misc]  # spyne has no types
    """A complex type of the contract."""

    __namespace__ = NAMESPACE
    __nillable_spelled__ = True
    """Whether the document spells `nillable="false"` on members of this type: from 2_1 on it does for all types but
    headers, successes and some results (captured in 2_2). It means the same either way."""
    __abstract__ = False
    """Whether a request names by `xsi:type` one of the types that extend this one."""


# ---------------------------------------------------------------------------------------------------------------------
# How often a member occurs. A type here is a spyne class, which no static type describes: hence `Any`.


def required(type_: Any, *, nillable: bool = False, doc: str = "") -> Any:
    """A member that occurs once and, unless told otherwise, is never nil. `doc` is published beside it."""
    return type_.customize(min_occurs=1, max_occurs=1, nillable=nillable, doc=doc)


def optional(type_: Any, *, nillable: bool = True, doc: str = "") -> Any:
    """A member that may be left out and, unless told otherwise, may be nil. `doc` is published beside it."""
    return type_.customize(min_occurs=0, max_occurs=1, nillable=nillable, doc=doc)


def many(type_: Any) -> Any:
    """A member that occurs any number of times, never nil."""
    return type_.customize(min_occurs=0, max_occurs="unbounded", nillable=False)


def enumeration(name: str, *values: str) -> Any:
    """A restriction of `xs:string` to these values, published in this order."""
    model = spyne.model.enum.Enum(*values, type_name=name)
    model.__namespace__ = NAMESPACE
    return model


# ---------------------------------------------------------------------------------------------------------------------
# What changed from version to version


def changing(members: Mapping[str, Any]) -> Any:
    """A member that is another from each of these versions on, oldest first; `None` where it is not there."""
    latest = next(member for member in reversed(tuple(members.values())) if member is not None)
    return latest.customize(by_version=tuple(members.items()))


def since(version: str, member: Any) -> Any:
    """A member that came with a version."""
    return changing({version: member})


@cache
def in_version(model: Any, version: str) -> Any:
    """A model as a version has it: itself, where all versions have it alike.

    An instance that is read as another has None for the members which that version lacks.
    """
    if not model._type_info and model.__extends__ is None:
        return model
    members = {name: _member_in(member, version) for name, member in model._type_info.items()}
    if all(member is model._type_info[name] for name, member in members.items()):
        return model
    present = {name: member for name, member in members.items() if member is not None}
    kept = ("__type_name__", "__namespace__", "__nillable_spelled__")
    described = {name: getattr(model, name) for name in kept} | {"__type_name__": model.get_type_name()}
    variant = type(model)(model.__name__, (Model,), described | {"__doc__": model.__doc__} | present)
    for name in members.keys() - present.keys():
        setattr(variant, name, None)
    return variant


def _member_in(member: Any, version: str) -> Any:
    """A member's type in a version, `None` where the version lacks it."""
    by_version = getattr(member.Attributes, "by_version", None)
    if by_version is not None:
        reached = [changed for first, changed in by_version if position(first) <= position(version)]
        member = reached[-1] if reached else None
    if member is None or not issubclass(member, Model):
        return member
    original = member.__orig__ or member
    found = in_version(original, version)
    if found is original:
        return member
    how = member.Attributes
    doc = member.Annotations.doc
    return found.customize(min_occurs=how.min_occurs, max_occurs=how.max_occurs, nillable=how.nillable, doc=doc)


def versions_of(model: Any) -> tuple[Any, ...]:
    """A model and what it is in the versions that have it otherwise."""
    return tuple(dict.fromkeys(in_version(model, version) for version in VERSIONS))


# ---------------------------------------------------------------------------------------------------------------------
# Data of more than one family

LeadKeyRef = enumeration(
    "LeadKeyRef",
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
SyncOperationEnum = enumeration("SyncOperationEnum", "UPSERT", "INSERT", "UPDATE")


class ArrayOfString(Model):
    """Texts."""

    stringItem = many(String)


class ArrayOfInteger(Model):
    """Whole numbers."""

    integerItem = many(Int)


class Attribute(Model):
    """A field: its name, its type (in answers) and its value as text."""

    attrName = required(String)
    attrType = optional(String, doc="The field's type. Filled in answers; not read in requests.")
    attrValue = required(String)


class ArrayOfAttribute(Model):
    """Fields and their values."""

    attribute = many(Attribute)


class Attrib(Model):
    """A name and its value."""

    name = required(String)
    value = required(String)


class ArrayOfAttrib(Model):
    """Names and their values."""

    attrib = many(Attrib)


class ArrayOfKeyList(Model):
    """Keys of several records, a list for each."""

    keyList = many(ArrayOfAttribute)


class LeadKey(Model):
    """One way to find a lead: which key, and its value."""

    keyType = required(LeadKeyRef)
    keyValue = required(String)


class ArrayOfLeadKey(Model):
    """Keys of leads."""

    leadKey = many(LeadKey)


class LeadSelector(Model):
    """Which leads a read means: one of the selectors that extend it, named by `xsi:type`."""

    __abstract__ = True
    guessed = False  # whether its children told which it is, and no `xsi:type`


class LastUpdateAtSelector(LeadSelector):
    """The leads that were updated, or did something, in a span of time."""

    latestUpdatedAt = optional(DateTime, doc="The end of the span. Now, where it is left out.")
    oldestUpdatedAt = required(DateTime, doc="The beginning of the span.")


class StaticListSelector(LeadSelector):
    """The members of a static list, named or by its id."""

    staticListName = optional(String, doc="The name of the list; of a program's list, Program.List.")
    staticListId = optional(Int)


class LeadKeySelector(LeadSelector):
    """The leads that keys of one type find, at most 100 of them."""

    keyType = required(LeadKeyRef)
    keyValues = required(ArrayOfString)


# ---------------------------------------------------------------------------------------------------------------------
# Published, and used by no message

MObjectTypeEnum = enumeration("MObjectTypeEnum", "Opportunity", "OpportunityLeadRole", "Program")
MObjectTypeEnumOf20 = enumeration("MObjectTypeEnum", "Opportunity", "OpportunityLeadRole")


class ArrayOfBase64Binary(Model):
    """Bytes."""

    base64Binary = many(Base64Binary)


class VersionedItem(Model):
    """An item and when it became as it is."""

    id = required(Integer)
    name = required(String)
    type = optional(String)
    description = optional(String)
    timestamp = required(DateTime)


class ArrayOfVersionedItem(Model):
    """Items."""

    versionedItem = many(VersionedItem)


# ---------------------------------------------------------------------------------------------------------------------
# Headers


class AuthenticationHeaderInfo(Model):
    """Who is calling."""

    __nillable_spelled__ = False

    mktowsUserId = required(String)
    requestSignature = required(String, doc="HMAC-SHA1 of timestamp and user id under the encryption key, as hex.")
    requestTimestamp = required(String, doc="A W3C date and time, such as 2026-01-31T09:30:00+01:00.")
    partnerId = since("3_0", optional(String, nillable=False, doc="The LaunchPoint partner's key."))
    audit = optional(String, nillable=False, doc="Reserved: leave it out.")
    mode = optional(Int, nillable=False, doc="Reserved: leave it out.")


class MktowsContextHeaderInfo(Model):
    """Where a new lead belongs, and where an existing one may be found."""

    __nillable_spelled__ = False

    targetWorkspace = required(String, doc="The name of a workspace.")
