"""Programs, and what is said of them: channels with their progression statuses, tags, tokens, costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

__all__ = [
    "Channel",
    "Program",
    "ProgramCost",
    "ProgramMember",
    "ProgressionStatus",
    "TagType",
    "token_name",
    "token_reference",
]


class ProgramCost(Struct, frozen=True):
    """What a program cost in one month: the first day of it, the amount as canonical text."""

    id: int  # counted within the program, from 1
    month: str  # 2014-03-01
    amount: str
    note: str | None = None


class Program(Struct, frozen=True):
    """A program as it is stored. Tags and tokens are in the order in which they were given."""

    id: int
    name: str
    type: str  # Marketing Program, Marketing Event: shown as the attribute Type
    channel: str | None
    workspace: str
    folder: str | None  # the folders above it, from the outermost, with slashes between them
    created_at: datetime
    updated_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)  # by the name of `token_name`
    costs: tuple[ProgramCost, ...] = ()
    start: str | None = None  # a date: 2014-03-01
    end: str | None = None
    archived: bool = False
    crm_id: str | None = None
    cloned_on: str | None = None  # the day of the quota on which a call made it
    description: str = ""


class ProgramMember(Struct, frozen=True):
    """A lead in a program: the status of its channel that it has come to, and since when it is in it."""

    program_id: int
    lead_id: int
    status: str
    since: datetime
    updated_at: datetime
    success: bool = False  # whether the status, or one before it, counts as success
    acquired_by: bool = False  # whether the lead came to be known through this program


class ProgressionStatus(Struct, frozen=True):
    """One status that a member of a program of this channel can have."""

    name: str
    step: int
    success: bool = False
    check_in: str | None = None  # shown as Check-in Status
    webinar: str | None = None  # shown as Webinar Behavior


class Channel(Struct, frozen=True):
    """A channel, and its statuses in the order in which they were given."""

    name: str
    statuses: tuple[ProgressionStatus, ...] = ()


class TagType(Struct, frozen=True):
    """A type of tag and the values that a program can have of it."""

    name: str
    values: tuple[str, ...] = ()


def token_name(text: str) -> str:
    """The name of a token, however it was written: `{{my.message}}`, `my.message` and `message` are one (captured)."""
    name = text.strip()
    if name.startswith("{{") and name.endswith("}}"):
        name = name[2:-2].strip()
    return name.removeprefix("my.").strip()


def token_reference(name: str) -> str:
    """How a text refers to a token: `{{my.message}}`."""
    return f"{{{{my.{name}}}}}"
