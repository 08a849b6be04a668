"""What a type of activities consists of: the vendor's as the REST API describes them, and a subscription's own."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from mockmkto.model.activities import TYPE_IDS

__all__ = [
    "ATTRIBUTE_TYPES",
    "FIRST_CUSTOM_ID",
    "STANDARD_TYPES",
    "CustomActivityType",
    "StandardType",
    "TypeAttribute",
    "TypeVersion",
]

FIRST_CUSTOM_ID = 100_001
"""Of a subscription's own types (as in the vendor's samples)."""

ATTRIBUTE_TYPES = (
    "string", "boolean", "integer", "float", "link", "email", "currency", "date", "datetime", "phone", "text"
)  # fmt: skip
"""What an attribute of a subscription's own type can be (documented)."""


class StandardType(NamedTuple):
    """A type of the vendor's: `primary` says what an activity was about, by name and data type."""

    id: int
    name: str
    description: str
    primary: tuple[str, str] | None
    attributes: tuple[tuple[str, str], ...]  # sorted by name


class TypeAttribute(Struct, frozen=True):
    """An attribute of a subscription's own type; `api_name` is its key."""

    api_name: str
    name: str
    data_type: str = "string"
    description: str | None = None


class TypeVersion(Struct, frozen=True):
    """What is said of a type of a subscription's own: as it is approved, or as a draft has it."""

    name: str
    trigger_name: str
    filter_name: str
    description: str | None = None
    primary: TypeAttribute | None = None
    attributes: tuple[TypeAttribute, ...] = ()


class CustomActivityType(Struct, frozen=True):
    """A type of a subscription's own. At least one of its two versions is there; an approved one can be written of."""

    id: int
    api_name: str
    created_at: datetime
    updated_at: datetime
    approved: TypeVersion | None = None
    draft: TypeVersion | None = None

    @property
    def status(self) -> str:
        """As answers say it (documented)."""
        if self.approved is None:
            return "draft"
        return "approved" if self.draft is None else "approved with draft"

    @property
    def latest(self) -> TypeVersion:
        """What is said of it last: the draft, where there is one."""
        version = self.draft or self.approved
        if version is None:
            raise ValueError(f"the type {self.api_name} has neither a draft nor an approved version")
        return version


_WEB = (("Client IP Address", "string"), ("Query Parameters", "string"), ("Referrer URL", "string"))
_EMAIL = (("Campaign Run ID", "integer"), ("Choice Number", "integer"), ("Step ID", "integer"))
_SOURCE = (("Source", "string"),)

# Of a visit all is recorded, of a form documented. Of the others the attributes are those that this double writes, and
# what people know of them (assumed): no whole answer of the vendor's is to be found.
_SAID: dict[str, tuple[str, tuple[str, str], tuple[tuple[str, str], ...]]] = {
    "Visit Webpage": (
        "User visits a web page",
        ("Webpage ID", "integer"),
        (*_WEB, ("Search Engine", "string"), ("Search Query", "string"), ("User Agent", "string"),
         ("Webpage URL", "string")),
    ),
    "Fill Out Form": (
        "User fills out and submits form on web page",
        ("Webform ID", "integer"),
        (*_WEB, ("Form Fields", "text"), ("User Agent", "string"), ("Webpage ID", "integer")),
    ),
    "Push Lead to Marketo": (
        "Lead is pushed to Marketo by another system",
        ("Program ID", "integer"),
        (("Reason", "string"), ("Source", "string")),
    ),
    "Click Link": ("User clicks link on web page", ("Link ID", "integer"), (*_WEB, ("User Agent", "string"))),
    "Send Email": ("Send Marketo email to a person", ("Mailing ID", "integer"), _EMAIL),
    "Email Delivered": ("Marketo email is delivered to a person", ("Mailing ID", "integer"), _EMAIL),
    "Email Bounced": (
        "Campaign email is bounced for a person",
        ("Mailing ID", "integer"),
        (*_EMAIL, ("Category", "string"), ("Details", "string"), ("Email", "string"), ("Subcategory", "string")),
    ),
    "Email Bounced Soft": (
        "Campaign email is bounced soft for a person",
        ("Mailing ID", "integer"),
        (*_EMAIL, ("Category", "string"), ("Details", "string"), ("Email", "string"), ("Subcategory", "string")),
    ),
    "Unsubscribe Email": ("Person unsubscribes from emails", ("Mailing ID", "integer"), _EMAIL),
    "Open Email": ("User opens Marketo email", ("Mailing ID", "integer"), (*_EMAIL, ("User Agent", "string"))),
    "Click Email": (
        "User clicks on a link in a Marketo email",
        ("Mailing ID", "integer"),
        (*_EMAIL, ("Link", "string"), ("User Agent", "string")),
    ),
    "New Lead": (
        "New person is added to the database",
        ("Lead ID", "integer"),
        (("Created Date", "date"), ("Source Info", "string"), ("Source Type", "string")),
    ),
    "Change Data Value": (
        "Changed attribute value in a person record",
        ("Attribute Name", "integer"),
        (("New Value", "string"), ("Old Value", "string"), ("Reason", "string"), ("Source", "string")),
    ),
    "Change Score": (
        "Modify the value of a score field",
        ("Attribute Name", "integer"),
        (("Change Value", "string"), ("New Value", "integer"), ("Old Value", "integer"), ("Reason", "string"),
         ("Source", "string")),
    ),
    "Add to List": ("Add a person to a list", ("List ID", "integer"), _SOURCE),
    "Remove from List": ("Remove this person from a list", ("List ID", "integer"), _SOURCE),
    "Merge Leads": (
        "Merge two or more leads into a single record",
        ("Lead ID", "integer"),
        (("Master Updated", "boolean"), ("Merge IDs", "string"), ("Merge Source", "string"),
         ("Merged in Sales", "boolean")),
    ),
    "Add to Opportunity": ("Add to an opportunity", ("Opportunity ID", "integer"), (("Role", "string"),)),
    "Remove from Opportunity": ("Remove from an opportunity", ("Opportunity ID", "integer"), (("Role", "string"),)),
    "Update Opportunity": ("Update an opportunity", ("Opportunity ID", "integer"), (("Role", "string"),)),
    "Delete Lead": ("Delete person from the database", ("Lead ID", "integer"), (("Campaign", "string"),)),
    "Interesting Moment": (
        "Make person's interesting moment available in sales",
        ("Interesting Moment Type", "string"),
        (("Description", "string"), *_SOURCE),
    ),
    "Request Campaign": ("Campaign is requested", ("Campaign ID", "integer"), _SOURCE),
}  # fmt: skip


def _standard(name: str, number: int) -> StandardType:
    description, primary, attributes = _SAID.get(name, (name, None, ()))
    return StandardType(number, name, description, primary, tuple(sorted(attributes)))


STANDARD_TYPES: tuple[StandardType, ...] = tuple(
    _standard(name, number) for name, number in sorted(TYPE_IDS.items(), key=lambda item: item[1])
)
"""Every type of the vendor's that has a number, by that."""
