"""What may stand in a fixture about a field: of leads, of opportunities, of custom objects."""

from __future__ import annotations

from mockmkto.worlds.entry import Entry

__all__ = ["GIVEN", "FieldEntry"]


class FieldEntry(Entry, frozen=True, kw_only=True):
    """`{name: Account_Type__c, display_name: Account Type, type: string}`, or `{name: Rating, remove: true}`."""

    name: str
    type: str | None = None
    length: int | None = None
    read_only: bool | None = None
    update_blocked: bool | None = None
    display_name: str | None = None
    rest_name: str | None = None
    rest_read_only: bool | None = None
    soap: bool | None = None
    rest: bool | None = None
    id: int | None = None
    description: str | None = None
    hidden: bool | None = None
    html_encoded: bool | None = None
    sensitive: bool | None = None
    api_created: bool | None = None
    remove: bool | None = None


GIVEN = tuple(name for name in FieldEntry.__struct_fields__ if name not in ("name", "type", "length", "remove"))
"""What an entry says beside name, type and length; the members of a `Field` have the same names."""
