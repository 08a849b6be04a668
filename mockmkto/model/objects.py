"""MObjects: opportunities, the roles of people in them, programs; and what the five operations ask and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

__all__ = [
    "Association",
    "DeleteMObjectsRequest",
    "DescribeMObjectRequest",
    "FieldDescription",
    "GetMObjectsRequest",
    "GetMObjectsResult",
    "MObject",
    "MObjectCriterion",
    "MObjectDescription",
    "MObjectKind",
    "MObjectStatus",
    "MObjectSyncStatus",
    "NameValue",
    "Opportunity",
    "OpportunityRole",
    "SyncMObjectsRequest",
    "SyncMObjectsResult",
    "SyncOperation",
    "TypeAttribute",
]


class MObjectKind(StrEnum):
    """The types of objects that can be read (captured)."""

    OPPORTUNITY = "Opportunity"
    ROLE = "OpportunityPersonRole"
    PROGRAM = "Program"


class SyncOperation(StrEnum):
    """What a sync does with what is there, and with what is not (captured: the published enumeration)."""

    UPSERT = "UPSERT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"


class MObjectSyncStatus(StrEnum):
    """What became of an object (captured: the published enumeration)."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"
    FAILED = "FAILED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"


# ---------------------------------------------------------------------------------------------------------------------
# As they are stored


class Opportunity(Struct, frozen=True):
    """An opportunity. Values are canonical text by the field's own name; empty ones are absent."""

    id: int
    values: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    external_key: NameValue | None = None
    company: str | None = None  # the name of the company that it is with

    @property
    def name(self) -> str:
        """What it is called: empty where it has no name."""
        return self.values.get("Name", "")


class OpportunityRole(Struct, frozen=True):
    """The role of a lead in an opportunity: the three tell it apart from every other (documented)."""

    id: int
    opportunity_id: int
    lead_id: int
    values: Mapping[str, str]
    created_at: datetime
    updated_at: datetime

    @property
    def role(self) -> str:
        """Which role: empty where none is said."""
        return self.values.get("Role", "")


# ---------------------------------------------------------------------------------------------------------------------
# On the wire


class NameValue(Struct, frozen=True):
    """A name and its value; `None` is an element that was not there."""

    name: str | None
    value: str | None


class TypeAttribute(Struct, frozen=True):
    """Attributes of one kind: a tag, a token, a cost."""

    type: str | None
    attributes: tuple[NameValue, ...] = ()


class Association(Struct, frozen=True):
    """An object that another belongs to: by its id, or by a key of its own."""

    type: str | None
    id: int | float | None = None
    external_key: NameValue | None = None


class MObject(Struct, frozen=True):
    """An object as a request or an answer carries it."""

    type: str | None
    id: int | float | None = None
    external_key: NameValue | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    attributes: tuple[NameValue, ...] = ()
    type_attributes: tuple[TypeAttribute, ...] | None = None  # None: not shown
    associations: tuple[Association, ...] = ()


class MObjectCriterion(Struct, frozen=True):
    """What an attribute of the objects is compared with."""

    name: str | None
    comparison: str | None
    value: str | None


class DescribeMObjectRequest(Struct, frozen=True):
    """One describeMObject call, read."""

    name: str | None


class FieldDescription(Struct, frozen=True):
    """What is known of a field."""

    name: str
    type: str
    description: str | None = None
    display_name: str | None = None
    source: str | None = None
    size: int | None = None
    is_read_only: bool = False
    is_update_blocked: bool = False
    is_name: bool | None = None
    is_primary_key: bool = False
    is_custom: bool = False
    is_dynamic: bool = False
    dynamic_reference: str | None = None


class MObjectDescription(Struct, frozen=True):
    """What is known of a type of objects. `updated_at` is the same for the type and every field of it (captured)."""

    name: str
    fields: tuple[FieldDescription, ...]
    updated_at: datetime
    description: str | None = None
    is_custom: bool = False
    is_virtual: bool = False


class GetMObjectsRequest(Struct, frozen=True):
    """One getMObjects call, read."""

    type: str | None
    id: int | float | None = None
    external_key: NameValue | None = None
    criteria: tuple[MObjectCriterion, ...] = ()
    associations: tuple[Association, ...] = ()
    include_details: bool = False
    position: str | None = None


class GetMObjectsResult(Struct, frozen=True):
    """One page of objects, and where the next one begins."""

    objects: tuple[MObject, ...]
    has_more: bool
    position: str


class SyncMObjectsRequest(Struct, frozen=True):
    """One syncMObjects call, read. `objects is None` means that there was no list at all."""

    objects: tuple[MObject, ...] | None
    operation: str | None
    takes_tags: bool = True  # whether this version of the contract can change tags and channels of programs


class DeleteMObjectsRequest(Struct, frozen=True):
    """One deleteMObjects call, read. `objects is None` means that there was no list at all."""

    objects: tuple[MObject, ...] | None


class MObjectStatus(Struct, frozen=True):
    """What became of one object of a request. `id is None`: it has none."""

    status: MObjectSyncStatus
    id: int | None = None
    external_key: NameValue | None = None
    error: str | None = None


class SyncMObjectsResult(Struct, frozen=True):
    """What syncMObjects and deleteMObjects answer: a status for each object, in the order of the request."""

    statuses: tuple[MObjectStatus, ...]
