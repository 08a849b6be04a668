"""What a client's role permits (documented): the names of the permissions."""

from __future__ import annotations

__all__ = ["PERMISSIONS"]

_READ_AND_WRITE = (
    "Activity",
    "Activity Metadata",
    "Assets",
    "Campaign",
    "Company",
    "Custom Object",
    "Custom Object Type",
    "Lead",
    "Named Account",
    "Named Account List",
    "Opportunity",
    "Sales Person",
)

PERMISSIONS = (
    "Approve Assets",
    "Execute Campaign",
    *(f"{how} {what}" for what in _READ_AND_WRITE for how in ("Read-Only", "Read-Write")),
    "Read-Write Schema Custom Field",
    "Read-Write Schema Standard Field",
)
"""Every permission of the group `Access API`."""
