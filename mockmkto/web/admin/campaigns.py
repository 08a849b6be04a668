"""`/campaigns`: campaigns with what they do to a lead; and what they were asked for, requests and runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

import mockmkto.engine.scheduling  # noqa: F401  # what is put off is done in every transaction from now on
from mockmkto.model.campaigns import Campaign, CampaignCall
from mockmkto.model.moments import Moment
from mockmkto.model.programs import token_reference
from mockmkto.store import campaigns, due, lists, programs
from mockmkto.store.database import Counter, Session
from mockmkto.store.programs import folded
from mockmkto.web.admin.pieces import Id, Name, checked_piece
from mockmkto.web.admin.problems import conflict, not_found
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, View, also
from mockmkto.worlds.asset_export import campaign_entry
from mockmkto.worlds.campaigns import check_campaigns
from mockmkto.worlds.program_entries import ActivityEffectEntry, CampaignEntry, EffectEntry
from mockmkto.worlds.schema import WorldEntry
from mockmkto.worlds.world import FixtureList

__all__ = ["CampaignView", "NewCampaign", "add", "calls", "change", "one", "one_call", "remove", "show"]


class ActivityView(View, frozen=True, kw_only=True):
    """An activity that a campaign writes."""

    type: str
    asset: str
    attributes: dict[str, str]


class EffectView(View, frozen=True, kw_only=True):
    """What a campaign does to a lead: one of these."""

    set: dict[str, str] | None = None
    add_to_list: str | None = None
    remove_from_list: str | None = None
    activity: ActivityView | None = None


class CampaignView(View, frozen=True, kw_only=True):
    """A campaign. `shown` is its name as answers of the API show it; `asked` how often it was requested or run."""

    id: int
    name: str
    shown: str
    program: str | None
    type: Literal["trigger", "batch"]
    sources: tuple[Literal["MKTOWS", "SALES"], ...]
    active: bool
    description: str
    audience: str | None
    effects: tuple[EffectView, ...]
    asked: int
    created_at: Moment
    updated_at: Moment


class CampaignList(View, frozen=True, kw_only=True):
    """Campaigns, by Id."""

    campaigns: tuple[CampaignView, ...]


class CampaignQuery(Query, frozen=True, kw_only=True):
    """Which campaigns: those of this name, bare or as it is shown, in any case."""

    name: str | None = None


class NewActivityEffect(Body, frozen=True, kw_only=True):
    """An activity that a campaign writes; tokens in its texts are replaced."""

    type: Name
    asset: str = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


class NewEffect(Body, frozen=True, kw_only=True):
    """What a campaign does to a lead: one of these."""

    set: dict[str, str] | None = None
    add_to_list: str | None = None
    remove_from_list: str | None = None
    activity: NewActivityEffect | None = None


class NewCampaign(Body, frozen=True, kw_only=True):
    """A campaign; without an id it gets the next one. `audience` is the list over which a batch campaign runs."""

    id: Id | None = None
    name: Name
    program: str | None = None
    type: Literal["trigger", "batch"] = "trigger"
    sources: tuple[Literal["MKTOWS", "SALES"], ...] = ()
    active: bool = True
    description: str = ""
    audience: str | None = None
    effects: tuple[NewEffect, ...] = ()


class ChangedCampaign(Body, frozen=True, kw_only=True):
    """What changes of a campaign."""

    active: bool | UnsetType = UNSET
    effects: tuple[NewEffect, ...] | UnsetType = UNSET


class CampaignCallView(View, frozen=True, kw_only=True):
    """A request of a campaign, or a run of one; a run has its leads once it was made."""

    id: int
    campaign_id: int
    campaign: str
    kind: Literal["request", "run"]
    asked_at: Moment
    run_at: Moment
    done: bool
    source: Literal["MKTOWS", "SALES"] | None
    leads: tuple[int, ...]
    tokens: dict[str, str]


class CampaignCallList(View, frozen=True, kw_only=True):
    """Requests and runs, in the order in which they were asked for."""

    calls: tuple[CampaignCallView, ...]


class CallQuery(Query, frozen=True, kw_only=True):
    """Which requests and runs: of this campaign, of this lead, of one kind."""

    campaign: Id | None = None
    lead: Id | None = None
    kind: Literal["request", "run"] | None = None


def show(asked: Subscription, query: CampaignQuery) -> CampaignList:
    """The campaigns."""
    with asked.database.transaction() as session:
        found = campaigns.all_campaigns(session)
        if query.name is not None:
            wanted = folded(query.name)
            found = tuple(item for item in found if wanted in (folded(item.shown), folded(item.name)))
        return CampaignList(campaigns=tuple(_view(session, item) for item in found))


@also(409, "The id is another campaign's.")
def add(asked: Subscription, body: NewCampaign) -> Created[CampaignView]:
    """Make a campaign."""
    with asked.database.transaction() as session:
        entry = CampaignEntry(
            id=body.id,
            name=body.name,
            program=body.program,
            type=body.type,
            sources=list(body.sources),
            active=body.active,
            description=body.description,
            audience=body.audience,
            effects=_effects(body.effects),
        )
        made = _checked(session, entry)
        if body.id is not None and campaigns.by_id(session, body.id) is not None:
            raise conflict("body.id", f"There is a campaign {body.id} already.", body.id)
        campaign_id = body.id if body.id is not None else session.take_id(Counter.CAMPAIGN)
        campaign = replace(made, id=campaign_id, created_at=session.now, updated_at=session.now)
        campaigns.add(session, campaign)
        view = _view(session, campaign)
    return Created(view, asked.url(f"/campaigns/{campaign.id}"))


def one(asked: Subscription, id: int) -> CampaignView:
    """One campaign."""
    with asked.database.transaction() as session:
        return _view(session, _existing(session, id))


def change(asked: Subscription, id: int, body: ChangedCampaign) -> CampaignView:
    """Activate a campaign or not, or have it do something else to a lead."""
    with asked.database.transaction() as session:
        campaign = _existing(session, id)
        names = {item.id: item.shown for item in lists.all_lists(session)}
        entry = campaign_entry(campaign, names)
        if body.active is not UNSET:
            entry = msgspec.structs.replace(entry, active=body.active)
        if body.effects is not UNSET:
            entry = msgspec.structs.replace(entry, effects=_effects(body.effects))
        campaign = replace(_checked(session, entry), id=campaign.id, updated_at=session.now)
        campaigns.save(session, campaign)
        return _view(session, campaign)


def remove(asked: Subscription, id: int) -> None:
    """Delete a campaign with its requests and runs."""
    with asked.database.transaction() as session:
        _existing(session, id)
        campaigns.remove(session, id)
        due.reschedule(session)


def calls(asked: Subscription, query: CallQuery) -> CampaignCallList:
    """What campaigns were asked for."""
    with asked.database.transaction() as session:
        if query.lead is not None:
            found = campaigns.calls_of_lead(session, query.lead)
        elif query.campaign is not None:
            found = campaigns.calls_of(session, query.campaign)
        else:
            found = campaigns.all_calls(session)
        names = {item.id: item.shown for item in campaigns.all_campaigns(session)}
    return CampaignCallList(
        calls=tuple(
            _call_view(item, names)
            for item in found
            if query.campaign in (None, item.campaign_id) and query.kind in (None, item.kind.value)
        )
    )


def one_call(asked: Subscription, id: int) -> CampaignCallView:
    """One request or run."""
    with asked.database.transaction() as session:
        found = campaigns.call_by_id(session, id)
        if found is None:
            raise not_found("path.id", "request or run", id)
        return _call_view(found, {item.id: item.shown for item in campaigns.all_campaigns(session)})


# ---------------------------------------------------------------------------------------------------------------------


def _existing(session: Session, campaign_id: int) -> Campaign:
    found = campaigns.by_id(session, campaign_id)
    if found is None:
        raise not_found("path.id", "campaign", campaign_id)
    return found


def _effects(given: tuple[NewEffect, ...]) -> list[EffectEntry]:
    return [
        EffectEntry(
            set_=dict(item.set) if item.set is not None else None,
            add_to_list=item.add_to_list,
            remove_from_list=item.remove_from_list,
            activity=ActivityEffectEntry(
                type=item.activity.type, asset=item.activity.asset, attributes=dict(item.activity.attributes)
            )
            if item.activity is not None
            else None,
        )
        for item in given
    ]


def _checked(session: Session, entry: CampaignEntry) -> Campaign:
    stored = programs.all_programs(session)
    there = [FixtureList(item) for item in lists.all_lists(session)]
    made = checked_piece(
        session.world,
        ("campaigns", 0),
        lambda values: check_campaigns(WorldEntry(campaigns=[entry]), (), session.world, stored, there, values),
    )
    return made.campaigns[0]


def _view(session: Session, item: Campaign) -> CampaignView:
    names = {found.id: found.shown for found in lists.all_lists(session)}
    return CampaignView(
        id=item.id,
        name=item.name,
        shown=item.shown,
        program=item.program_name,
        type=item.kind.value,
        sources=tuple(source.value for source in item.sources),
        active=item.active,
        description=item.description,
        audience=names.get(item.audience) if item.audience is not None else None,
        effects=tuple(_effect_view(effect) for effect in campaign_entry(item, names).effects or ()),
        asked=len(campaigns.calls_of(session, item.id)),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def _effect_view(entry: EffectEntry) -> EffectView:
    activity = entry.activity
    return EffectView(
        set=_texts(entry.set_) if entry.set_ is not None else None,
        add_to_list=entry.add_to_list,
        remove_from_list=entry.remove_from_list,
        activity=ActivityView(
            type=activity.type, asset=activity.asset or "", attributes=_texts(activity.attributes or {})
        )
        if activity is not None
        else None,
    )


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _call_view(item: CampaignCall, names: Mapping[int, str]) -> CampaignCallView:
    return CampaignCallView(
        id=item.id,
        campaign_id=item.campaign_id,
        campaign=names.get(item.campaign_id, ""),
        kind=item.kind.value,
        asked_at=item.asked_at,
        run_at=item.run_at,
        done=item.done,
        source=item.source.value if item.source is not None else None,
        leads=item.leads,
        tokens={token_reference(name): text for name, text in item.tokens.items()},
    )
