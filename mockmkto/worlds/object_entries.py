"""What may stand in a fixture about custom objects, opportunities and roles."""

from __future__ import annotations

from mockmkto.worlds.entry import Entry
from mockmkto.worlds.field_entry import FieldEntry
from mockmkto.worlds.program_entries import MemberEntry

__all__ = ["CompanyEntry", "CustomObjectTypeEntry", "LinkEntry", "OpportunityEntry", "RoleEntry"]


class LinkEntry(Entry, frozen=True, kw_only=True):
    """`{field: MKTOID, to: Id}`."""

    field: str
    to: str


class CustomObjectTypeEntry(Entry, frozen=True, kw_only=True):
    """`{name: Roadshow, keys: [MKTOID, rid], link: {...}, fields: [...], records: [{MKTOID: 1001, rid: r1}]}`."""

    name: str
    keys: list[str]
    link: LinkEntry | None = None
    fields: list[FieldEntry]
    records: list[dict[str, object]] | None = None


class OpportunityEntry(Entry, frozen=True, kw_only=True):
    """`{id: 1, external: {Opp Id: O-1}, attributes: {Name: Big deal, Amount: 1000}, company: ACME}`."""

    id: int | None = None
    external: dict[str, object] | None = None
    attributes: dict[str, object] | None = None
    company: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class CompanyEntry(Entry, frozen=True, kw_only=True):
    """`{id: 1001, external_id: C-1, attributes: {Company: ACME, Industry: Tools}}`."""

    id: int | None = None
    external_id: str
    attributes: dict[str, object] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class RoleEntry(Entry, frozen=True, kw_only=True):
    """`{id: 1, opportunity: 1, lead: 1001, attributes: {Role: Buyer, IsPrimary: true}}`."""

    id: int | None = None
    opportunity: int
    lead: int | MemberEntry
    attributes: dict[str, object] | None = None
    created_at: str | None = None
    updated_at: str | None = None
