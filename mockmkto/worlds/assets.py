"""What a fixture has beside its leads, checked and stored: channels, tags, programs, lists, campaigns, imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from mockmkto.model import World
from mockmkto.model.campaigns import Campaign
from mockmkto.model.lists import StaticList
from mockmkto.model.programs import Program, ProgramMember
from mockmkto.store import campaigns, due, imports, lists, program_members, programs
from mockmkto.store.database import Session
from mockmkto.worlds.campaigns import check_campaigns
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.imports import check_imports
from mockmkto.worlds.lists import Leads, check_lists
from mockmkto.worlds.problems import Location
from mockmkto.worlds.program_members import check_program_members
from mockmkto.worlds.programs import check_channels, check_programs, check_tags
from mockmkto.worlds.schema import WorldEntry
from mockmkto.worlds.values import OPEN, Values
from mockmkto.worlds.world import FixtureAssets, FixtureLead

__all__ = ["check_assets", "put_assets"]

_T = TypeVar("_T", Program, StaticList, Campaign)


def check_assets(
    entry: WorldEntry, at: Location, world: World, leads: Sequence[FixtureLead], findings: Findings
) -> FixtureAssets:
    """Everything beside the leads; what is wrong goes to the findings."""
    values = Values(world, findings)
    channels = check_channels(entry, at, values)
    tag_types = check_tags(entry, at, values)
    programs_ = check_programs(entry, at, world, channels, tag_types, values)
    lists_ = check_lists(entry, at, programs_, Leads(leads, values), values)
    members = check_program_members(entry, at, programs_, channels, Leads(leads, values), values)
    campaigns_ = check_campaigns(entry, at, world, programs_, lists_, values)
    imports_ = check_imports(entry, at, programs_, lists_, campaigns_.campaigns, values)
    return FixtureAssets(channels, tag_types, programs_, lists_, campaigns_, imports_, members)


def put_assets(assets: FixtureAssets, session: Session) -> None:
    """Store everything beside the leads; where the fixture has no time, as of the time of loading."""
    programs.put_channels(session, assets.channels)
    programs.put_tag_types(session, assets.tag_types)
    programs.add_many(session, (_timed(item, session.now) for item in assets.programs))
    lists.add_many(session, [(_timed(item.static_list, session.now), item.members) for item in assets.lists])
    campaigns.add_many(session, (_timed(item, session.now) for item in assets.campaigns.campaigns))
    program_members.add_many(session, [_entered(item, session.now) for item in assets.members])
    for call in assets.campaigns.calls:
        campaigns.add_call(session, call)
    for tokens in assets.campaigns.lead_tokens:
        campaigns.put_lead_tokens(session, tokens)
    for item in assets.imports:
        imports.add(session, item)
    due.reschedule(session)


def _entered(item: ProgramMember, now: datetime) -> ProgramMember:
    return replace(
        item,
        since=now if item.since == OPEN else item.since,
        updated_at=now if item.updated_at == OPEN else item.updated_at,
    )


def _timed(item: _T, now: datetime) -> _T:
    return replace(
        item,
        created_at=now if item.created_at == OPEN else item.created_at,
        updated_at=now if item.updated_at == OPEN else item.updated_at,
    )
