"""What a request says and an answer says."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

__all__ = [
    "Attribute",
    "ForeignSysType",
    "GetLeadResult",
    "LeadKey",
    "LeadRecord",
    "SyncLeadRequest",
    "SyncLeadResult",
    "SyncStatus",
]


class ForeignSysType(StrEnum):
    """The systems a foreign key can come from (captured: the published enumeration)."""

    CUSTOM = "CUSTOM"
    SFDC = "SFDC"
    NETSUITE = "NETSUITE"


class SyncStatus(StrEnum):
    """What became of a synced lead (captured: the published enumeration)."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    FAILED = "FAILED"


class Attribute(Struct, frozen=True):
    """A field's name and value, as a request or an answer carries them. `None` is an element that was not there."""

    name: str | None
    value: str | None
    type: str | None = None


class LeadRecord(Struct, frozen=True):
    """A lead on the wire. In a request every member is optional; an empty scalar key is read as absent."""

    id: int | float | None = None  # the vendor's stack reads 12.7 as a number too; no lead has such an Id
    email: str | None = None
    foreign_sys_person_id: str | None = None
    foreign_sys_type: str | None = None
    attributes: tuple[Attribute, ...] = ()


class LeadKey(Struct, frozen=True):
    """How getLead names a lead: one of the key types of the contract, and its value."""

    key_type: str | None
    key_value: str | None


class SyncLeadRequest(Struct, frozen=True):
    """One syncLead call, read. `lead is None` means that the request had no leadRecord at all."""

    lead: LeadRecord | None
    return_lead: bool = False
    marketo_cookie: str | None = None
    move_cookie: bool = True
    target_workspace: str | None = None


class SyncLeadResult(Struct, frozen=True):
    """What syncLead answers. `lead` is there only when the request asked for it."""

    lead_id: int
    status: SyncStatus
    lead: LeadRecord | None = None


class GetLeadResult(Struct, frozen=True):
    """What getLead answers: every lead that the key found, highest Id first."""

    leads: tuple[LeadRecord, ...]
