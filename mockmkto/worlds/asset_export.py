"""Programs, lists, campaigns and imports as entries of a fixture that loads again to the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from mockmkto.model.campaigns import (
    AddToList,
    Campaign,
    CampaignCall,
    CampaignCallKind,
    CampaignEffect,
    LeadTokens,
    RemoveFromList,
    SetValues,
)
from mockmkto.model.imports import ListImport
from mockmkto.model.lists import StaticList
from mockmkto.model.programs import Channel, Program, ProgramMember, token_reference
from mockmkto.store import campaigns, imports, lists, program_members, programs
from mockmkto.store.database import Session
from mockmkto.worlds.program_entries import (
    ActivityEffectEntry,
    CampaignEntry,
    CampaignRequestEntry,
    CampaignRunEntry,
    ChannelEntry,
    CostEntry,
    EffectEntry,
    ImportEntry,
    ImportsEntry,
    ListEntry,
    ProgramEntry,
    ProgramMemberEntry,
    StatusEntry,
)
from mockmkto.worlds.schema import WorldEntry

__all__ = ["campaign_entry", "channel_entry", "list_entry", "program_entry", "with_assets"]


def with_assets(entry: WorldEntry, session: Session) -> WorldEntry:
    """The entry of a world with everything beside its leads."""
    stored_lists = lists.all_lists(session)
    names = {item.id: item.shown for item in stored_lists}
    calls = campaigns.all_calls(session)
    tokens = campaigns.all_lead_tokens(session)
    jobs = imports.all_imports(session)
    members = program_members.all_members(session)
    program_names = {item.id: item.name for item in programs.all_programs(session)}
    return msgspec.structs.replace(
        entry,
        channels={item.name: channel_entry(item) for item in programs.channels(session)} or None,
        tags={item.name: list(item.values) for item in programs.tag_types(session)} or None,
        programs=[program_entry(item, members) for item in programs.all_programs(session)] or None,
        lists=[list_entry(item, lists.members(session, item.id)) for item in stored_lists] or None,
        campaigns=[campaign_entry(item, names, calls, tokens) for item in campaigns.all_campaigns(session)] or None,
        imports=ImportsEntry(jobs=[_import_entry(item, names, program_names) for item in jobs]) if jobs else None,
    )


def channel_entry(item: Channel) -> ChannelEntry:
    """A channel as a fixture has it, without its name."""
    statuses = [
        StatusEntry(
            name=status.name,
            step=status.step,
            success=status.success or None,
            check_in=status.check_in,
            webinar=status.webinar,
        )
        for status in item.statuses
    ]
    return ChannelEntry(statuses=statuses or None)


def program_entry(item: Program, members: Sequence[ProgramMember] = ()) -> ProgramEntry:
    """A program as a fixture has it, with those of the members that are its own."""
    own = [_member_entry(member) for member in members if member.program_id == item.id]
    return ProgramEntry(
        id=item.id,
        name=item.name,
        type=item.type,
        channel=item.channel,
        workspace=item.workspace,
        folder=item.folder,
        tags=dict(item.tags) or None,
        tokens=_tokens(item.tokens),
        costs=[CostEntry(id=cost.id, month=cost.month, amount=cost.amount, note=cost.note) for cost in item.costs]
        or None,
        start=item.start,
        end=item.end,
        archived=item.archived or None,
        crm_id=item.crm_id,
        cloned_on=item.cloned_on,
        description=item.description or None,
        members=own or None,
        created_at=_moment(item.created_at),
        updated_at=_moment(item.updated_at),
    )


def _member_entry(item: ProgramMember) -> ProgramMemberEntry:
    return ProgramMemberEntry(
        lead=item.lead_id,
        status=item.status,
        success=item.success,
        acquired_by=item.acquired_by or None,
        since=_moment(item.since),
        updated_at=_moment(item.updated_at),
    )


def list_entry(item: StaticList, members: Sequence[int]) -> ListEntry:
    """A static list as a fixture has it."""
    return ListEntry(
        id=item.id,
        name=item.name,
        program=item.program_name,
        description=item.description,
        folder=item.folder_id,
        members=list(members) or None,
        owner_keys=dict(item.owner_keys) or None,
        created_at=_moment(item.created_at),
        updated_at=_moment(item.updated_at),
    )


def campaign_entry(
    item: Campaign,
    lists_by_id: Mapping[int, str],
    calls: Sequence[CampaignCall] = (),
    tokens: Sequence[LeadTokens] = (),
) -> CampaignEntry:
    """A campaign as a fixture has it, with those of the requests, runs and tokens that are its own."""
    own = [call for call in calls if call.campaign_id == item.id]
    requests = [_request_entry(call) for call in own if call.kind is CampaignCallKind.REQUEST]
    runs = [_run_entry(call) for call in own if call.kind is CampaignCallKind.RUN]
    waiting = {str(given.lead_id): _given(given.tokens) for given in tokens if given.campaign_id == item.id}
    return CampaignEntry(
        id=item.id,
        name=item.name,
        program=item.program_name,
        type=item.kind.value,
        sources=[source.value for source in item.sources] or None,
        active=None if item.active else False,
        description=item.description or None,
        audience=lists_by_id.get(item.audience) if item.audience is not None else None,
        effects=[_effect_entry(effect, lists_by_id) for effect in item.effects] or None,
        requests=requests or None,
        runs=runs or None,
        lead_tokens=waiting or None,
        created_at=_moment(item.created_at),
        updated_at=_moment(item.updated_at),
    )


def _effect_entry(effect: CampaignEffect, lists_by_id: Mapping[int, str]) -> EffectEntry:
    if isinstance(effect, SetValues):
        return EffectEntry(set_=dict(effect.values))
    if isinstance(effect, AddToList):
        return EffectEntry(add_to_list=lists_by_id[effect.list_id])
    if isinstance(effect, RemoveFromList):
        return EffectEntry(remove_from_list=lists_by_id[effect.list_id])
    activity = ActivityEffectEntry(
        type=effect.type, asset=effect.asset or None, attributes=dict(effect.attributes) or None
    )
    return EffectEntry(activity=activity)


def _request_entry(call: CampaignCall) -> CampaignRequestEntry:
    return CampaignRequestEntry(
        id=call.id,
        at=_moment(call.asked_at),
        source=call.source.value if call.source is not None else None,
        leads=list(call.leads),
        tokens=_tokens(call.tokens),
    )


def _run_entry(call: CampaignCall) -> CampaignRunEntry:
    return CampaignRunEntry(
        id=call.id,
        asked_at=_moment(call.asked_at),
        at=_moment(call.run_at),
        done=call.done or None,
        leads=list(call.leads) or None,
        tokens=_tokens(call.tokens),
    )


def _import_entry(item: ListImport, lists_by_id: Mapping[int, str], programs_by_id: Mapping[int, str]) -> ImportEntry:
    return ImportEntry(
        id=item.id,
        list_=lists_by_id[item.list_id],
        program=programs_by_id.get(item.program_id) if item.program_id is not None else None,
        campaign=item.campaign_id,
        mode=item.mode.value,
        clear_list=item.clear_list or None,
        status=item.status.value,
        started_at=_moment(item.started_at),
        due_at=_moment(item.due_at),
        ended_at=_moment(item.ended_at) if item.ended_at is not None else None,
        estimated_rows=item.estimated_rows,
        imported=item.imported or None,
        failed=item.failed or None,
        ignored=item.ignored or None,
        summary=item.summary,
        header=item.header or None,
        rows=list(item.rows) or None,
    )


def _given(tokens: Mapping[str, str]) -> dict[str, str]:
    return {token_reference(name): text for name, text in tokens.items()}


def _tokens(tokens: Mapping[str, str]) -> dict[str, object] | None:
    return dict(_given(tokens)) or None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
