"""One side of a proof: the world that a program left behind, read from its subscription."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from mockmkto.migration.records import Record, read_records
from mockmkto.model import Activity, Call, World
from mockmkto.model.campaigns import CampaignCall, CampaignCallKind
from mockmkto.store import activities, campaigns, lists, program_members, programs
from mockmkto.store.database import Session
from mockmkto.store.leads import NewLead
from mockmkto.store.listing import all_leads

__all__ = ["Side", "baseline_of", "label_of", "read_side"]


class Side(NamedTuple):
    """A world and how it came to be. What belongs to a lead is found by the lead's Id."""

    name: str
    world: World
    leads: tuple[NewLead, ...]
    lists: Mapping[int, Sequence[str]]
    activities: Mapping[int, Sequence[Activity]]
    requests: Mapping[int, Sequence[tuple[str, CampaignCall]]]  # of campaigns, with their names
    programs: Mapping[int, Mapping[str, str]]  # the status in each program, by its name
    records: tuple[Record, ...]  # everything else
    now: datetime | None  # where its clock stands still; a time of another clock cannot be compared
    calls: tuple[Call, ...] | None = None  # None: nobody knows them


def read_side(session: Session, name: str, calls: Iterable[Call] | None = None) -> Side:
    """The world of a subscription as it is now. Within one transaction."""
    leads = all_leads(session)
    on_lists: dict[int, list[str]] = {}
    for item in lists.all_lists(session):
        for lead_id in lists.members(session, item.id):
            on_lists.setdefault(lead_id, []).append(item.shown)
    log: dict[int, list[Activity]] = {}
    for activity in activities.all_activities(session):
        log.setdefault(activity.lead_id, []).append(activity)
    named = {item.id: item.shown for item in campaigns.all_campaigns(session)}
    requests: dict[int, list[tuple[str, CampaignCall]]] = {}
    for call in campaigns.all_calls(session):
        if call.kind is CampaignCallKind.REQUEST:
            for lead_id in call.leads:
                requests.setdefault(lead_id, []).append((named.get(call.campaign_id, "?"), call))
    programs_named = {item.id: item.name for item in programs.all_programs(session)}
    in_programs: dict[int, dict[str, str]] = {}
    for member in program_members.all_members(session):
        status = f"{member.status}{' (acquired by it)' if member.acquired_by else ''}"
        in_programs.setdefault(member.lead_id, {})[programs_named.get(member.program_id, "?")] = status
    return Side(
        name=name,
        world=session.world,
        leads=leads,
        lists=on_lists,
        activities=log,
        requests=requests,
        programs=in_programs,
        records=read_records(session, {item.lead.id: label_of(item) for item in leads}),
        now=session.clock.frozen_at,
        calls=None if calls is None else tuple(calls),
    )


def baseline_of(session: Session) -> Mapping[int, NewLead]:
    """The leads that both programs find: those of a subscription that nobody has called yet, by Id."""
    return {item.lead.id: item for item in all_leads(session)}


def label_of(item: NewLead) -> str:
    """What a lead is called where its Id says nothing: its e-mail, else a key that it has, else its kind."""
    if item.lead.email:
        return item.lead.email
    if item.foreign_ids:
        key = item.foreign_ids[0]
        return f"{key.type} {key.id}"
    if item.cookies:
        return f"cookie {item.cookies[0]}"
    name = " ".join(filter(None, (item.lead.attributes.get("FirstName"), item.lead.attributes.get("LastName"))))
    return name or ("a lead without keys" if item.lead.known else "an anonymous lead")
