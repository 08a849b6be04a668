"""What every entry of a fixture has in common: known keys only, and what is not given is not written."""

from __future__ import annotations

import msgspec

__all__ = ["Entry"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mapping of a fixture. A key without a value is as if it were not there."""
