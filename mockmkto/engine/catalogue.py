"""The standard fields of a lead: their two names, what each API may do with them, and what people call them.

Captured: two real describe answers of the REST API name each field for both APIs, with type, length and flags. 53 SOAP
names are the REST name with a capital; custom fields have one name; the others are exceptions that stand here.
"""

from __future__ import annotations

import difflib
import re

from mockmkto.model import Field, FieldCatalogue, FieldType

__all__ = [
    "DEFAULT_LENGTHS",
    "STANDARD_FIELDS",
    "by_display_name",
    "closest_name",
    "default_length",
    "display_name",
    "standard_rest_name",
]

DEFAULT_LENGTHS: dict[FieldType, int] = {
    FieldType.STRING: 255,  # documented, as the size that describe shows
    FieldType.URL: 255,
    FieldType.PHONE: 255,
    FieldType.EMAIL: 255,
    FieldType.REFERENCE: 255,
    FieldType.TEXT: 30_000,  # documented, in bytes
}
"""How long a value may be unless its field says otherwise: in characters, for `text` in bytes of UTF-8."""


def default_length(type: FieldType) -> int | None:
    """The longest value of that type, in characters (`text`: in bytes of UTF-8); `None` for what is not text."""
    return DEFAULT_LENGTHS.get(type)


def _spelled_apart(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)


_DISPLAY_NAMES = {  # of those that are not their names spelled apart
    "AnonymousIP": "Anonymous IP",
    "Company": "Company Name",  # captured
    "DateofBirth": "Date of Birth",
    "Fax": "Fax Number",
    "LeadRole": "Role",  # captured
    "MobilePhone": "Mobile Phone Number",
    "MktoCompanyNotes": "Company Notes",
    "MktoPersonNotes": "Person Notes",
    "NumberOfEmployees": "Num Employees",  # captured
    "Phone": "Phone Number",  # captured
    "Rating": "Lead Rating",  # captured
    "SICCode": "SIC Code",
    "Title": "Job Title",  # captured
    "mktoName": "Full Name",
}
_REST_NAMES = {
    "SICCode": "sicCode",
    "DateofBirth": "dateOfBirth",
    "Contact Company": "contactCompany",
    "Lead Person": "leadPerson",
    "Person Primary Lead Interest": "personPrimaryLeadInterest",
    "Lead Partition ID": "leadPartitionId",
    "Lead Revenue Cycle Model ID": "leadRevenueCycleModelId",
    "Lead Revenue Stage ID": "leadRevenueStageId",
    "Acquisition Program ID": "acquisitionProgramId",
}


def standard_rest_name(name: str) -> str:
    """The REST name of a standard field with that SOAP name."""
    return _REST_NAMES.get(name) or name[:1].lower() + name[1:]


def _standard(
    type: FieldType, names: str, *, length: int | None = None, read_only: bool = False, rest_read_only: bool = False
) -> list[Field]:
    """Fields of both APIs, of which the SOAP API may write more."""
    return [
        Field(
            name,
            type,
            length or default_length(type),
            read_only,
            display_name=_DISPLAY_NAMES.get(name) or _spelled_apart(name),
            rest_name=standard_rest_name(name),
            rest_read_only=rest_read_only,
        )
        for name in names.split(",")
    ]


def _rest_only(type: FieldType, names: str, *, length: int | None = None, read_only: bool = False) -> list[Field]:
    """Fields that the SOAP API does not know (captured: they have no SOAP name)."""
    return [
        Field(
            name,
            type,
            length or default_length(type),
            read_only,
            display_name=_DISPLAY_NAMES.get(name) or _spelled_apart(name[:1].upper() + name[1:]),
            rest_name=name,
            rest_read_only=read_only,
            soap=False,
        )
        for name in names.split(",")
    ]


STANDARD_FIELDS: tuple[Field, ...] = (
    *_standard(
        FieldType.STRING,
        "Company,Site,BillingCity,BillingState,BillingCountry,BillingPostalCode,MainPhone,Industry,Salutation,FirstName,"
        "MiddleName,LastName,Title,City,State,Country,PostalCode,RegistrationSourceType,EmailInvalidCause,"
        "Department,LeadSource,LeadStatus,Rating,JigsawContactId,JigsawContactStatus",
    ),
    *_standard(
        FieldType.STRING,
        "OriginalSourceType,OriginalSearchEngine,OriginalSearchPhrase",
        rest_read_only=True,
    ),
    # What the vendor's own tracking writes (inferred to be read-only; a describe answer flags it so for REST alone).
    *_standard(FieldType.STRING, "AnonymousIP", read_only=True),
    *_standard(
        FieldType.STRING,
        "InferredCompany,InferredCountry,InferredCity,InferredStateRegion,InferredPostalCode,InferredMetropolitanArea,"
        "InferredPhoneAreaCode",
        read_only=True,
        rest_read_only=True,
    ),
    *_standard(FieldType.INTEGER, "Priority,RelativeScore,Urgency", read_only=True),
    # Kept on the lead itself, and never listed among its attributes.
    *_standard(FieldType.DATETIME, "CreatedAt,UpdatedAt", read_only=True, rest_read_only=True),
    *_standard(FieldType.STRING, "SICCode", length=40),
    *_standard(FieldType.STRING, "PersonType,LeadRole", length=50),
    *_standard(FieldType.STRING, "RegistrationSourceInfo,UnsubscribedReason,DoNotCallReason", length=2000),
    *_standard(FieldType.STRING, "OriginalSourceInfo", length=2000, rest_read_only=True),
    *_standard(FieldType.TEXT, "BillingStreet,Address,MktoCompanyNotes,MktoPersonNotes"),
    *_standard(FieldType.URL, "Website"),
    *_standard(FieldType.URL, "OriginalReferrer", rest_read_only=True),
    *_standard(FieldType.PHONE, "Phone,MobilePhone,Fax"),
    *_standard(FieldType.INTEGER, "NumberOfEmployees,LeadScore"),
    *_standard(FieldType.CURRENCY, "AnnualRevenue"),
    *_standard(FieldType.BOOLEAN, "IsLead,EmailInvalid,Unsubscribed,DoNotCall"),
    *_standard(FieldType.DATE, "DateofBirth"),
    *_standard(
        FieldType.REFERENCE,
        "Contact Company,Lead Person,Person Primary Lead Interest,Lead Partition ID,Lead Revenue Cycle Model ID,"
        "Lead Revenue Stage ID,Acquisition Program ID",
    ),
    *_rest_only(FieldType.STRING, "cookies"),
    *_rest_only(FieldType.STRING, "externalCompanyId,externalSalesPersonId", length=50),
    *_rest_only(FieldType.STRING, "mktoName,personTimeZone", read_only=True),
    *_rest_only(FieldType.BOOLEAN, "mktoIsPartner,mktoIsCustomer,isAnonymous,marketingSuspended,blackListed"),
    *_rest_only(FieldType.STRING, "mktoDoNotCallCause", read_only=True),
    *_rest_only(FieldType.STRING, "marketingSuspendedCause,blackListedCause,emailSuspendedCause"),
    *_rest_only(FieldType.BOOLEAN, "emailSuspended"),
    *_rest_only(FieldType.DATETIME, "emailSuspendedAt"),
    *_rest_only(FieldType.INTEGER, "relativeUrgency"),
    *_rest_only(FieldType.DATE, "mktoAcquisitionDate"),
)
"""The fields that every subscription begins with, Id and Email aside, which every lead has."""

_DISPLAY = {field.name: field.display_name for field in STANDARD_FIELDS} | {"Email": "Email Address"}  # captured


def closest_name(name: str, catalogue: FieldCatalogue) -> str | None:
    """The name of the field that was probably meant, `first_name` for FirstName too; `None` when none is near."""
    if len(name) > _LONGEST_NAME:
        return None
    names = {_plain(field.name): field.name for field in catalogue}
    close = difflib.get_close_matches(_plain(name), names, n=1, cutoff=0.55)
    return names[close[0]] if close else None


def display_name(field: Field) -> str:
    """What people call the field: `Lead Score`.

    It is what the fixture says; of standard fields the vendor's name (captured for some, inferred for the others); of
    other fields the name itself.
    """
    return field.display_name or _DISPLAY.get(field.name) or field.name


def by_display_name(name: str, catalogue: FieldCatalogue) -> Field | None:
    """The field that people call so, in any case; `None` when there is none."""
    wanted = name.strip().casefold()
    return next((field for field in catalogue if display_name(field).casefold() == wanted), None)


_LONGEST_NAME = 255  # names are compared in quadratic time; a longer one was no slip of the keyboard
_SEPARATORS = {ord(mark): None for mark in "_- "}


def _plain(name: str) -> str:
    return name.casefold().translate(_SEPARATORS)
