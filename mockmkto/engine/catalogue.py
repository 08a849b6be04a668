"""The standard fields of a lead: their two names, what each API may do with them, and what people call them.

Captured: two real describe answers of the REST API name each field for both APIs, with type, length and flags. 53 SOAP
names are the REST name with a capital, 27 have a word before it; custom fields have one name; the others are exceptions
that stand here.
"""

from __future__ import annotations

import difflib
import re

from mockmkto.model import Field, FieldCatalogue, FieldType

__all__ = [
    "COMPANY_FIELDS",
    "COMPANY_LINK",
    "DEFAULT_LENGTHS",
    "EMAIL_FIELD",
    "FIRST_CUSTOM_ID",
    "ID_FIELD",
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
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).replace("Linked In", "LinkedIn")


_DISPLAY_NAMES = {  # of those that are not their names spelled apart
    "AnonymousIP": "Anonymous IP",
    "BillingStreet": "Billing Address",  # captured
    "Company": "Company Name",  # captured
    "DateofBirth": "Date of Birth",
    "Email": "Email Address",  # captured
    "Fax": "Fax Number",
    "LeadRole": "Role",  # captured
    "MarketoSocialSyndicationId": "Marketo Social Syndication ID",  # documented
    "MktoCompanyNotes": "Company Notes",
    "MktoPersonNotes": "Person Notes",
    "MobilePhone": "Mobile Phone Number",
    "NumberOfEmployees": "Num Employees",  # captured
    "Phone": "Phone Number",  # captured
    "Rating": "Lead Rating",  # captured
    "SICCode": "SIC Code",
    "Title": "Job Title",  # captured
    "mktoAcquisitionDate": "Acquisition Date",
    "mktoDoNotCallCause": "Do Not Call Cause",
    "mktoIsCustomer": "Is Customer",
    "mktoIsPartner": "Is Partner",
    "mktoName": "Full Name",  # captured
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
_SOCIAL = "MarketoSocial"


def standard_rest_name(name: str) -> str:
    """The REST name of a standard field with that SOAP name."""
    plain = name.removeprefix(_SOCIAL)
    return _REST_NAMES.get(name) or plain[:1].lower() + plain[1:]


# What of each is other than usual: `R` the REST API alone has it; `r` read-only there, `s` in SOAP; `b` SOAP says it
# can be written, but what a sync sends is not stored: the vendor tracks it (assumed).
_Row = tuple[int, str, FieldType, str] | tuple[int, str, FieldType, str, int]


def _field(row: _Row) -> Field:
    number, name, type, flags, *length = row
    rest_only = "R" in flags
    return Field(
        name,
        type,
        length[0] if length else default_length(type),
        read_only=("r" if rest_only else "s") in flags,
        update_blocked="b" in flags,
        display_name=_DISPLAY_NAMES.get(name) or _spelled_apart(name[:1].upper() + name[1:]),
        rest_name=name if rest_only else standard_rest_name(name),
        rest_read_only="r" in flags,
        soap=not rest_only,
        id=number,
    )


_STRING, _TEXT, _URL, _PHONE, _EMAIL = (
    FieldType.STRING,
    FieldType.TEXT,
    FieldType.URL,
    FieldType.PHONE,
    FieldType.EMAIL,
)
_INTEGER, _FLOAT, _CURRENCY, _BOOLEAN = FieldType.INTEGER, FieldType.FLOAT, FieldType.CURRENCY, FieldType.BOOLEAN
_DATE, _DATETIME, _REFERENCE = FieldType.DATE, FieldType.DATETIME, FieldType.REFERENCE

# In the order of their ids, which are captured for 24 of them and for the order; the others are put between (assumed).
_ROWS: tuple[_Row, ...] = (
    (4, "Company", _STRING, ""),
    (5, "Site", _STRING, ""),
    (6, "BillingStreet", _TEXT, ""),
    (7, "BillingCity", _STRING, ""),
    (8, "BillingState", _STRING, ""),
    (9, "BillingCountry", _STRING, ""),
    (10, "BillingPostalCode", _STRING, ""),
    (11, "Website", _URL, ""),
    (12, "MainPhone", _STRING, ""),
    (15, "AnnualRevenue", _CURRENCY, ""),
    (16, "NumberOfEmployees", _INTEGER, ""),
    (17, "Industry", _STRING, ""),
    (18, "SICCode", _STRING, "", 40),
    (20, "MktoCompanyNotes", _TEXT, ""),
    (41, "externalCompanyId", _STRING, "R", 50),
    (44, "Id", _INTEGER, ""),
    (45, "mktoName", _STRING, "Rr"),
    (46, "PersonType", _STRING, "", 50),
    (48, "mktoIsPartner", _BOOLEAN, "R"),
    (49, "IsLead", _BOOLEAN, ""),
    (50, "mktoIsCustomer", _BOOLEAN, "R"),
    (51, "isAnonymous", _BOOLEAN, "R"),
    (52, "Salutation", _STRING, ""),
    (53, "FirstName", _STRING, ""),
    (54, "MiddleName", _STRING, ""),
    (55, "LastName", _STRING, ""),
    (56, "Email", _EMAIL, ""),
    (57, "Phone", _PHONE, ""),
    (58, "MobilePhone", _PHONE, ""),
    (59, "Fax", _PHONE, ""),
    (60, "Title", _STRING, ""),
    (61, "Contact Company", _REFERENCE, "r"),
    (62, "DateofBirth", _DATE, ""),
    (63, "Address", _TEXT, ""),
    (64, "City", _STRING, ""),
    (65, "State", _STRING, ""),
    (66, "Country", _STRING, ""),
    (67, "PostalCode", _STRING, ""),
    (68, "personTimeZone", _STRING, "Rr"),
    (70, "OriginalSourceType", _STRING, "r"),
    (71, "OriginalSourceInfo", _STRING, "r", 2000),
    (72, "RegistrationSourceType", _STRING, ""),
    (73, "RegistrationSourceInfo", _STRING, "", 2000),
    (74, "OriginalSearchEngine", _STRING, "r"),
    (75, "OriginalSearchPhrase", _STRING, "r"),
    (76, "OriginalReferrer", _URL, "r"),
    (77, "EmailInvalid", _BOOLEAN, ""),
    (78, "EmailInvalidCause", _STRING, ""),
    (80, "Unsubscribed", _BOOLEAN, ""),
    (81, "UnsubscribedReason", _STRING, "", 2000),
    (82, "DoNotCall", _BOOLEAN, ""),
    (83, "mktoDoNotCallCause", _STRING, "R"),
    (84, "DoNotCallReason", _STRING, "", 2000),
    (85, "marketingSuspended", _BOOLEAN, "R"),
    (86, "marketingSuspendedCause", _STRING, "R"),
    (87, "blackListed", _BOOLEAN, "R"),
    (88, "blackListedCause", _STRING, "R"),
    (89, "MktoPersonNotes", _TEXT, ""),
    (103, "AnonymousIP", _STRING, "b"),
    (104, "InferredCompany", _STRING, "rb"),
    (105, "InferredCountry", _STRING, "rb"),
    (106, "inferredCity", _STRING, "Rr"),
    (107, "inferredStateRegion", _STRING, "Rr"),
    (108, "inferredPostalCode", _STRING, "Rr"),
    (109, "inferredMetropolitanArea", _STRING, "Rr"),
    (110, "inferredPhoneAreaCode", _STRING, "Rr"),
    (122, "emailSuspended", _BOOLEAN, "R"),
    (123, "emailSuspendedCause", _STRING, "R"),
    (124, "emailSuspendedAt", _DATETIME, "R"),
    (125, "Department", _STRING, ""),
    (130, "createdAt", _DATETIME, "Rr"),
    (131, "updatedAt", _DATETIME, "Rr"),
    (132, "cookies", _STRING, "R"),
    (141, "externalSalesPersonId", _STRING, "R", 50),
    (142, "Lead Person", _REFERENCE, "r"),
    (143, "LeadRole", _STRING, "", 50),
    (144, "LeadSource", _STRING, ""),
    (145, "LeadStatus", _STRING, ""),
    (146, "LeadScore", _INTEGER, ""),
    (147, "urgency", _FLOAT, "R"),
    (148, "priority", _INTEGER, "R"),
    (149, "relativeScore", _INTEGER, "R"),
    (150, "relativeUrgency", _INTEGER, "R"),
    (151, "Rating", _STRING, ""),
    (152, "Person Primary Lead Interest", _REFERENCE, "r"),
    (477, "Lead Partition ID", _REFERENCE, "r"),
    (480, "Lead Revenue Cycle Model ID", _REFERENCE, "r"),
    (481, "Lead Revenue Stage ID", _REFERENCE, "r"),
    (511, "MarketoSocialSyndicationId", _STRING, ""),
    (512, "MarketoSocialFacebookDisplayName", _STRING, ""),
    (513, "MarketoSocialFacebookId", _STRING, ""),
    (514, "MarketoSocialFacebookPhotoURL", _URL, ""),
    (515, "MarketoSocialFacebookProfileURL", _URL, ""),
    (516, "MarketoSocialFacebookReach", _INTEGER, ""),
    (517, "MarketoSocialFacebookReferredEnrollments", _INTEGER, ""),
    (518, "MarketoSocialFacebookReferredVisits", _INTEGER, ""),
    (519, "MarketoSocialGender", _STRING, ""),
    (520, "MarketoSocialLastReferredEnrollment", _DATETIME, ""),
    (521, "MarketoSocialLastReferredVisit", _DATETIME, ""),
    (522, "MarketoSocialLinkedInDisplayName", _STRING, ""),
    (523, "MarketoSocialLinkedInId", _STRING, ""),
    (524, "MarketoSocialLinkedInPhotoURL", _URL, ""),
    (525, "MarketoSocialLinkedInProfileURL", _URL, ""),
    (526, "MarketoSocialLinkedInReach", _INTEGER, ""),
    (527, "MarketoSocialLinkedInReferredEnrollments", _INTEGER, ""),
    (528, "MarketoSocialLinkedInReferredVisits", _INTEGER, ""),
    (529, "MarketoSocialTotalReferredEnrollments", _INTEGER, "rs"),
    (530, "MarketoSocialTotalReferredVisits", _INTEGER, "rs"),
    (531, "MarketoSocialTwitterDisplayName", _STRING, ""),
    (532, "MarketoSocialTwitterId", _STRING, ""),
    (533, "MarketoSocialTwitterPhotoURL", _URL, ""),
    (534, "MarketoSocialTwitterProfileURL", _URL, ""),
    (535, "MarketoSocialTwitterReach", _INTEGER, ""),
    (536, "MarketoSocialTwitterReferredEnrollments", _INTEGER, ""),
    (543, "MarketoSocialTwitterReferredVisits", _INTEGER, ""),
    (609, "Acquisition Program ID", _REFERENCE, "r"),
    (610, "mktoAcquisitionDate", _DATE, "R"),
)

_DESCRIBED = tuple(map(_field, _ROWS))
ID_FIELD, EMAIL_FIELD = (next(field for field in _DESCRIBED if field.name == name) for name in ("Id", "Email"))
STANDARD_FIELDS: tuple[Field, ...] = tuple(field for field in _DESCRIBED if field not in (ID_FIELD, EMAIL_FIELD))
"""The fields that every subscription begins with, Id and Email aside, which every lead has."""

COMPANY_LINK = "externalCompanyId"
"""The field of a lead that names its company."""

COMPANY_FIELDS = (
    "Company",
    "Site",
    "BillingStreet",
    "BillingCity",
    "BillingState",
    "BillingCountry",
    "BillingPostalCode",
    "Website",
    "MainPhone",
    "AnnualRevenue",
    "NumberOfEmployees",
    "Industry",
    "SICCode",
    "MktoCompanyNotes",
)
"""The fields of a lead that are its company's: those with the lowest ids (captured), by the names that SOAP has."""

FIRST_CUSTOM_ID = 1001
"""The id of the first field that a subscription adds (assumed: above all standard ones)."""

_DISPLAY = {field.name: field.display_name for field in _DESCRIBED}


def closest_name(name: str, catalogue: FieldCatalogue) -> str | None:
    """The name of the field that was probably meant, `first_name` for FirstName too; `None` when none is near."""
    if len(name) > _LONGEST_NAME:
        return None
    names = {_plain(field.name): field.name for field in (EMAIL_FIELD, *catalogue)}
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
