"""The contract's types as spyne models: the one description of what goes over the wire.

Names, order, occurrence, nillability and enumerations are the vendor's (captured: the published documents of 2_0 and
2_2; the generated classes of 3_1 for what 3_x added). Children are unqualified. What the reader, the writer and the
document need is in each model's `_type_info`: the members in the order of the wire, each with `Attributes.min_occurs`,
`Attributes.max_occurs` and `Attributes.nillable`; an enumeration has its values in `__values__`.

A model that a later version changed stands here twice: the later one has the same `__type_name__`, states all its
members again, and derives from `Model` alone, for a derived model would become an `xs:extension`.
"""

from __future__ import annotations

from typing import Any

from mockmkto.soap.compat import spyne

__all__ = [
    "NAMESPACE",
    "ArrayOfAttribute",
    "ArrayOfLeadRecord",
    "Attribute",
    "AuthenticationHeaderInfo",
    "AuthenticationHeaderInfoV3",
    "ForeignSysType",
    "LeadKey",
    "LeadKeyRef",
    "LeadRecord",
    "LeadSyncStatus",
    "MktowsContextHeaderInfo",
    "Model",
    "ParamsGetLead",
    "ParamsSyncLead",
    "ParamsSyncLeadV3",
    "ResultGetLead",
    "ResultSyncLead",
    "SuccessGetLead",
    "SuccessSyncLead",
    "SyncStatus",
]

NAMESPACE = "http://www.marketo.com/mktows/"

Boolean = spyne.Boolean
Int = spyne.Integer32
String = spyne.Unicode


class Model(spyne.ComplexModel):  # type: ignore[misc]  # spyne has no types
    """A complex type of the contract."""

    __namespace__ = NAMESPACE
    __nillable_spelled__ = True
    """Whether the document spells `nillable="false"` on members of this type: from 2_1 on it does for all types but
    headers, successes and most results (captured in 2_2). It means the same either way."""


# ---------------------------------------------------------------------------------------------------------------------
# How often a member occurs. A type here is a spyne class, which no static type describes: hence `Any`.


def required(type_: Any, *, doc: str = "") -> Any:
    """A member that occurs once and is never nil. `doc` is published beside it."""
    return type_.customize(min_occurs=1, max_occurs=1, nillable=False, doc=doc)


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
# Enumerations

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
LeadSyncStatus = enumeration("LeadSyncStatus", "CREATED", "UPDATED", "FAILED")
ForeignSysType = enumeration("ForeignSysType", "CUSTOM", "SFDC", "NETSUITE")


# ---------------------------------------------------------------------------------------------------------------------
# Data


class Attribute(Model):
    """A field of a lead: its name, its type (in answers) and its value as text."""

    attrName = required(String)
    attrType = optional(String, doc="The field's type. Filled in answers; not read in requests.")
    attrValue = required(String)


class ArrayOfAttribute(Model):
    """The fields of a lead."""

    attribute = many(Attribute)


class LeadRecord(Model):
    """A lead: the keys that find it, and its fields."""

    Id = optional(Int)
    Email = optional(String)
    ForeignSysPersonId = optional(String, doc="The lead's id in another system. Give its ForeignSysType as well.")
    ForeignSysType = optional(ForeignSysType)
    leadAttributeList = optional(ArrayOfAttribute)


class ArrayOfLeadRecord(Model):
    """Leads."""

    leadRecord = many(LeadRecord)


class LeadKey(Model):
    """One way to find a lead: which key, and its value."""

    keyType = required(LeadKeyRef)
    keyValue = required(String)


class SyncStatus(Model):
    """What became of a lead. `error` is nil, not left out, where there is none (captured)."""

    leadId = required(Int)
    status = required(LeadSyncStatus)
    error = optional(String)


# ---------------------------------------------------------------------------------------------------------------------
# syncLead


class ParamsSyncLead(Model):
    """The request of syncLead, 2_0 to 2_9."""

    leadRecord = required(LeadRecord)
    returnLead = required(Boolean, doc="Whether the answer carries the whole lead.")
    marketoCookie = optional(String, doc="The visitor's Munchkin cookie: ties what the browser did to the lead.")


class ParamsSyncLeadV3(Model):
    """The request of syncLead, 3_0 and 3_1."""

    __type_name__ = "ParamsSyncLead"

    leadRecord = ParamsSyncLead._type_info["leadRecord"]
    returnLead = ParamsSyncLead._type_info["returnLead"]
    marketoCookie = ParamsSyncLead._type_info["marketoCookie"]
    moveCookie = optional(Boolean, doc="Whether a cookie that belongs to another lead moves to this one.")


class ResultSyncLead(Model):
    """The outcome of syncLead. `leadRecord` is nil, not left out, unless it was asked for (captured)."""

    __nillable_spelled__ = False

    leadId = required(Int)
    syncStatus = required(SyncStatus)
    leadRecord = optional(LeadRecord)


class SuccessSyncLead(Model):
    """The answer of syncLead."""

    __nillable_spelled__ = False

    result = required(ResultSyncLead)


# ---------------------------------------------------------------------------------------------------------------------
# getLead


class ParamsGetLead(Model):
    """The request of getLead."""

    leadKey = required(LeadKey)


class ResultGetLead(Model):
    """The outcome of getLead: how many leads the key found, and the leads."""

    __nillable_spelled__ = False

    count = required(Int)
    leadRecordList = optional(ArrayOfLeadRecord)


class SuccessGetLead(Model):
    """The answer of getLead."""

    __nillable_spelled__ = False

    result = required(ResultGetLead)


# ---------------------------------------------------------------------------------------------------------------------
# Headers


class AuthenticationHeaderInfo(Model):
    """Who is calling, 2_0 to 2_9."""

    __nillable_spelled__ = False

    mktowsUserId = required(String)
    requestSignature = required(String, doc="HMAC-SHA1 of timestamp and user id under the encryption key, as hex.")
    requestTimestamp = required(String, doc="A W3C date and time, such as 2026-01-31T09:30:00+01:00.")
    audit = optional(String, nillable=False, doc="Reserved: leave it out.")
    mode = optional(Int, nillable=False, doc="Reserved: leave it out.")


class AuthenticationHeaderInfoV3(Model):
    """Who is calling, 3_0 and 3_1."""

    __type_name__ = "AuthenticationHeaderInfo"
    __nillable_spelled__ = False

    mktowsUserId = AuthenticationHeaderInfo._type_info["mktowsUserId"]
    requestSignature = AuthenticationHeaderInfo._type_info["requestSignature"]
    requestTimestamp = AuthenticationHeaderInfo._type_info["requestTimestamp"]
    partnerId = optional(String, nillable=False, doc="The LaunchPoint partner's key.")
    audit = AuthenticationHeaderInfo._type_info["audit"]
    mode = AuthenticationHeaderInfo._type_info["mode"]


class MktowsContextHeaderInfo(Model):
    """Where a new lead belongs, and where an existing one may be found."""

    __nillable_spelled__ = False

    targetWorkspace = required(String, doc="The name of a workspace.")
