"""Leads that the REST API syncs: what is asked for, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

__all__ = ["UpsertAction", "UpsertRequest"]


class UpsertAction(StrEnum):
    """What may become of a record (documented)."""

    CREATE_ONLY = "createOnly"
    UPDATE_ONLY = "updateOnly"
    CREATE_OR_UPDATE = "createOrUpdate"
    CREATE_DUPLICATE = "createDuplicate"


class UpsertRequest(NamedTuple):
    """Records by the REST names of fields; `None` for a parameter that was not given."""

    records: Sequence[Mapping[str, object]]
    action: UpsertAction = UpsertAction.CREATE_OR_UPDATE
    lookup_field: str | None = None
    partition: str | None = None
