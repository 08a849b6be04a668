"""Static lists, and what listOperation asks and answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from mockmkto.model.records import LeadKey

__all__ = [
    "ListKey",
    "ListKeyType",
    "ListOperation",
    "ListOperationRequest",
    "ListOperationResult",
    "MemberStatus",
    "StaticList",
]


class ListKeyType(StrEnum):
    """How listOperation can name a list (captured: the published enumeration)."""

    NAME = "MKTOLISTNAME"
    SALES_USER_ID = "MKTOSALESUSERID"
    LEAD_OWNER_ID = "SFDCLEADOWNERID"


class ListOperation(StrEnum):
    """What listOperation can do (captured: the published enumeration)."""

    ADD = "ADDTOLIST"
    IS_MEMBER = "ISMEMBEROFLIST"
    REMOVE = "REMOVEFROMLIST"
    CLEAR = "CLEARLIST"  # 2_0 to 2_2


class StaticList(Struct, frozen=True):
    """A static list as it is stored, its members aside."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    program_id: int | None = None
    program_name: str | None = None
    owner_keys: Mapping[str, str] = field(default_factory=dict)  # of a list that an owner's key names, too
    description: str | None = None
    folder_id: int | None = None  # `None`: the folder in which lists are

    @property
    def shown(self) -> str:
        """Its name as answers show it: that of a program's list stands behind the program's (captured)."""
        return self.name if self.program_name is None else f"{self.program_name}.{self.name}"


class ListKey(Struct, frozen=True):
    """How a request names a list."""

    key_type: str | None
    key_value: str | None


class ListOperationRequest(Struct, frozen=True):
    """One listOperation call, read. `members is None` means that there was no listMemberList at all."""

    operation: str | None
    key: ListKey | None
    members: tuple[LeadKey, ...] | None
    strict: bool = False
    skip_activity_log: bool = False
    clears: bool = False  # whether this version of the contract knows CLEARLIST


class MemberStatus(Struct, frozen=True):
    """What became of one key of a request."""

    key: LeadKey
    status: bool


class ListOperationResult(Struct, frozen=True):
    """What listOperation answers: `statuses is None` is a nil list, which stands for nothing to report."""

    success: bool
    statuses: tuple[MemberStatus, ...] | None = None
