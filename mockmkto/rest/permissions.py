"""Which permission of a client's role each operation needs (documented for each endpoint; where not, inferred).

An operation that reads is content with `Read-Only` or `Read-Write`, one that writes needs `Read-Write`.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["needed"]

# Of what each family of operations reads and writes.
_FAMILIES = {
    "activities": "Activity",
    "assets": "Assets",
    "campaigns": "Campaign",
    "companies": "Company",
    "custom_activities": "Activity Metadata",
    "custom_objects": "Custom Object",
    "fields": "Lead",
    "lead_memberships": "Lead",
    "leads": "Lead",
    "lists": "Lead",
    "opportunities": "Opportunity",
    "program_members": "Lead",
    "pushing": "Lead",
    "roles": "Opportunity",
    "smart_campaigns": "Assets",
    "static_lists": "Assets",
}

_SCHEMA = ("Read-Write Schema Standard Field", "Read-Write Schema Custom Field")
_OF_THEIR_OWN: Mapping[str, tuple[str, ...]] = {
    "campaigns.trigger": ("Execute Campaign",),
    "campaigns.schedule": ("Execute Campaign",),
    "fields.find": _SCHEMA,
    "fields.one": _SCHEMA,
    "fields.add": ("Read-Write Schema Custom Field",),
    "fields.change": _SCHEMA,
}

_BULK = ("imports", "extracts")
_BULK_OBJECTS = {"leads": "Lead", "activities": "Activity", "program": "Lead"}
_FREE = ("identity", "stats")  # documented of the usage; a token is not asked for with one


def needed(operation: str, *, reads: bool, pieces: Mapping[str, str]) -> tuple[str, ...]:
    """The permissions of which one is enough; none where none is needed.

    Args:
        operation: its name.
        reads: whether it only reads.
        pieces: of the path, which say of a bulk job what it is about.
    """
    family = operation.partition(".")[0]
    if family in _FREE:
        return ()
    own = _OF_THEIR_OWN.get(operation)
    if own is not None:
        return own
    if family in _BULK:
        what = "Custom Object" if "api" in pieces else _BULK_OBJECTS.get(pieces.get("objects", "leads"), "Lead")
        reads = family == "extracts"  # also to ask for one: nothing of the leads is changed
    else:
        what = _FAMILIES[family]
    return (f"Read-Only {what}", f"Read-Write {what}") if reads else (f"Read-Write {what}",)
