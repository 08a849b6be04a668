"""Companies: what a lead that is linked to one has from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

__all__ = ["Company"]


class Company(Struct, frozen=True):
    """A company. Values are canonical text by the names that its fields have among those of leads; none is empty."""

    id: int
    external_id: str
    values: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
