"""A world as a fixture describes it: checked, complete, and not yet in any store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from mockmkto.clock import Clock
from mockmkto.model import Activity, Client, Credential, FaultRule, ForeignId, World

if TYPE_CHECKING:  # a server starts without what its fixtures have nothing of
    from mockmkto.model.campaigns import Campaign, CampaignCall, LeadTokens
    from mockmkto.model.companies import Company
    from mockmkto.model.imports import ListImport
    from mockmkto.model.lists import StaticList
    from mockmkto.model.objects import Opportunity, OpportunityRole
    from mockmkto.model.programs import Channel, Program, ProgramMember, TagType

__all__ = [
    "Counted",
    "FixtureAssets",
    "FixtureCampaigns",
    "FixtureLead",
    "FixtureList",
    "FixtureObjects",
    "FixtureRecord",
    "FixtureWorld",
]


class FixtureLead(Struct, frozen=True):
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


class Counted(Struct, frozen=True):
    """What counts against the limits already: calls a day, and when the latest ones were."""

    days: Mapping[str, int] = field(default_factory=dict)
    recent: tuple[datetime, ...] = ()


class FixtureList(Struct, frozen=True):
    """A static list of a fixture, and the leads on it in order of joining."""

    static_list: StaticList
    members: tuple[int, ...] = ()


class FixtureCampaigns(Struct, frozen=True):
    """The campaigns of a fixture, what they were asked for, and the tokens that wait for their next run."""

    campaigns: tuple[Campaign, ...] = ()
    calls: tuple[CampaignCall, ...] = ()
    lead_tokens: tuple[LeadTokens, ...] = ()


class FixtureAssets(Struct, frozen=True):
    """What a fixture has beside its leads: programs and what belongs to them."""

    channels: tuple[Channel, ...] = ()
    tag_types: tuple[TagType, ...] = ()
    programs: tuple[Program, ...] = ()
    lists: tuple[FixtureList, ...] = ()
    campaigns: FixtureCampaigns = field(default_factory=FixtureCampaigns)
    imports: tuple[ListImport, ...] = ()
    members: tuple[ProgramMember, ...] = ()  # of programs


class FixtureRecord(Struct, frozen=True):
    """A record of a custom object of a fixture; the lead that it is linked to is found when it is loaded."""

    type: str
    values: Mapping[str, str]


class FixtureObjects(Struct, frozen=True):
    """The objects of a fixture."""

    opportunities: tuple[Opportunity, ...] = ()
    roles: tuple[OpportunityRole, ...] = ()
    records: tuple[FixtureRecord, ...] = ()
    companies: tuple[Company, ...] = ()


class FixtureWorld(Struct, frozen=True):
    """One subscription of a fixture. Later leads count as more recently created and updated."""

    subscription: str
    credentials: tuple[Credential, ...]
    world: World
    leads: tuple[FixtureLead, ...]  # known ones first, each kind in the order of the file
    clock: Clock = field(default_factory=Clock)
    faults: tuple[FaultRule, ...] = ()
    next_id: int | None = None  # `None`: one above the highest
    counted: Counted = field(default_factory=Counted)
    rest_counted: Counted = field(default_factory=Counted)
    assets: FixtureAssets = field(default_factory=FixtureAssets)
    objects: FixtureObjects = field(default_factory=FixtureObjects)
    activities: tuple[Activity, ...] = ()
    next_ids: Mapping[str, int] = field(default_factory=dict)  # of other things than leads; absent: above the highest
    credentials_given: bool = True  # otherwise they are the default one
    clients: tuple[Client, ...] = ()
    clients_given: bool = True  # as of the credentials
