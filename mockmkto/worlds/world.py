"""A world as a fixture describes it: checked, complete, and not yet in any store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mockmkto.clock import Clock
from mockmkto.model import Credential, FaultRule, ForeignId, World

__all__ = ["Counted", "FixtureLead", "FixtureWorld"]


@dataclass(frozen=True, slots=True)
class FixtureLead:
    """A lead of a fixture. Values are canonical text by the field's own name, empty ones absent; times may be open."""

    id: int
    email: str | None
    known: bool
    partition: str
    foreign_ids: tuple[ForeignId, ...]  # the last one is the latest written
    cookies: tuple[str, ...]  # without the leading `id:`
    attributes: Mapping[str, str]
    created_at: datetime | None
    updated_at: datetime | None
    created_order: int | None = None  # its place among the leads by when they were created; `None`: as in the file
    updated_order: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts against the limits already: calls a day, and when the latest ones were."""

    days: Mapping[str, int] = field(default_factory=dict)
    recent: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class FixtureWorld:
    """One subscription of a fixture. Later leads count as more recently created and updated."""

    subscription: str
    credentials: tuple[Credential, ...]
    world: World
    leads: tuple[FixtureLead, ...]  # known ones first, each kind in the order of the file
    clock: Clock = field(default_factory=Clock)
    faults: tuple[FaultRule, ...] = ()
    next_id: int | None = None  # `None`: one above the highest
    counted: Counted = field(default_factory=Counted)
    credentials_given: bool = True  # otherwise they are the default one
