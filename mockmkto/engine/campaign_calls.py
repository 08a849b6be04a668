"""Campaigns as the REST API asks for them: a trigger campaign for leads, a batch campaign for a run, both by id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from mockmkto.engine.asset_search import is_triggerable
from mockmkto.engine.campaigns import MOST_LEADS, let_in
from mockmkto.engine.limits import quota_day
from mockmkto.engine.scheduling import SOONEST, add_run, clone_program
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Attribute, RecordStep, Subject, TraceBuilder
from mockmkto.model.campaigns import Campaign, CampaignKind, CampaignSource
from mockmkto.model.programs import Program
from mockmkto.store import campaigns, leads, programs
from mockmkto.store.database import Session

__all__ = ["MOST_TOKENS", "schedule", "the_campaign", "trigger"]

MOST_TOKENS = 100  # of one call (documented)
_MOST_CLONES = 20  # a day (documented)
_LATEST = timedelta(days=2 * 365)  # from now (documented: two years)


def the_campaign(session: Session, campaign_id: int, trace: TraceBuilder) -> Campaign:
    """The campaign with that id.

    Raises:
        RestError: 1013 `Campaign not found` (captured), there is none.
    """
    asked = f"id = {campaign_id}"
    found = campaigns.by_id(session, campaign_id)
    if found is None:
        trace.subjects.append(Subject("campaign", asked, reason="there is none"))
        raise RestError.not_found("Campaign")
    trace.subjects.append(Subject("campaign", asked, found.id, found.shown, f"a {found.kind} campaign"))
    return found


def trigger(
    session: Session,
    campaign: Campaign,
    lead_ids: Sequence[int],
    tokens: Sequence[Attribute],
    trace: TraceBuilder,
) -> int:
    """Ask a trigger campaign for leads: the request is kept, and its effects are had on each lead, at once.

    It is requestCampaign with ids; but more than 100 leads are refused here (assumed), and one lead that is not there
    refuses them all (captured). The order of the checks is assumed. An error has written nothing.

    Returns:
        The id of the request.

    Raises:
        RestError: 1003 a batch campaign (documented), one that listens to no web service (its text is assumed), no
            leads (captured), too many leads or tokens, the name of a token without its braces (captured);
            1004 leads that are not there, all of them (captured).
    """
    if campaign.kind is not CampaignKind.TRIGGER:
        raise RestError.invalid_data(f"Campaign {campaign.id} is not a trigger campaign")
    takes_effect = is_triggerable(campaign)
    if not takes_effect and session.world.behaviour.inactive_campaign != "record":
        why = "does not listen to the web service API" if campaign.active else "is not active"
        raise RestError.invalid_data(f"Campaign {campaign.id} {why}")
    if not lead_ids:
        raise RestError.not_specified("Lead ids")
    if len(lead_ids) > MOST_LEADS:
        raise RestError.invalid_data(f"{len(lead_ids)} leads: {MOST_LEADS} are the most")
    _check_tokens(tokens)
    missing = [lead_id for lead_id in dict.fromkeys(lead_ids) if leads.existing_id(session, lead_id) is None]
    if missing:
        for position, lead_id in enumerate(lead_ids, 1):
            status = "not found" if lead_id in missing else "not requested"
            trace.record(RecordStep(position, status, lead_id=None if lead_id in missing else lead_id))
        raise RestError.leads_not_found(missing)
    if not takes_effect:
        trace.warn("campaign", f"campaign {campaign.shown} cannot be triggered: the request was kept, without effect")
    call, had = let_in(
        session,
        campaign,
        _program_of(session, campaign),
        CampaignSource.MKTOWS,
        tuple(dict.fromkeys(lead_ids)),
        tokens,
        trace,
        takes_effect=takes_effect,
    )
    for position, lead_id in enumerate(lead_ids, 1):
        status = "requested" if lead_id in had else "requested already"
        changes, written = had.pop(lead_id, ((), 0))
        trace.record(RecordStep(position, status, changes=changes, lead_id=lead_id, activities=written))
    return call.id


def schedule(
    session: Session,
    campaign: Campaign,
    run_at: datetime | None,
    tokens: Sequence[Attribute],
    clone_to: str | None,
    trace: TraceBuilder,
) -> int:
    """Have a batch campaign run, five minutes from now at the earliest (documented), and also where nothing is said.

    With `clone_to` its program is copied under that name, and the copy's campaign runs (documented).

    Returns:
        The id of the campaign that will run.

    Raises:
        RestError: 1003 a trigger campaign (captured), a campaign of no program to be cloned, a name that is taken (both
            assumed), the name of a token without its braces, too many tokens; 1042 more than two years from now;
            1020 more than 20 clones a day (documented).
    """
    if campaign.kind is not CampaignKind.BATCH:
        raise RestError.invalid_data(f"Campaign {campaign.id} is not a batch campaign")
    _check_tokens(tokens)
    soonest = session.now + SOONEST
    if run_at is not None and run_at > session.now + _LATEST:
        raise RestError(RestCode.INVALID_RUN_AT, "Invalid runAt date: more than two years from now")
    if run_at is not None and run_at < soonest:
        trace.warn(
            "run_at", f"runAt {run_at.isoformat()} is within five minutes: {soonest.isoformat()} was used", "runAt"
        )
    program = _program_of(session, campaign)
    name = (clone_to or "").strip()
    if name:
        if program is None:
            raise RestError.invalid_data(f"Campaign {campaign.id} has no program that could be cloned")
        _check_clone(session, name)
        program, campaign = clone_program(session, program, campaign, name, trace)
    add_run(session, program, campaign, max(run_at or soonest, soonest), tokens, trace)
    return campaign.id


def _program_of(session: Session, campaign: Campaign) -> Program | None:
    return programs.by_id(session, campaign.program_id) if campaign.program_id is not None else None


def _check_clone(session: Session, name: str) -> None:
    if programs.by_name(session, name) is not None:
        raise RestError.invalid_data(f"Program '{name}' already exists")
    unlimited = session.world.behaviour.clone_limit == "off"
    if not unlimited and programs.cloned_on(session, quota_day(session.now)) >= _MOST_CLONES:
        raise RestError(RestCode.TOO_MANY_CLONES)


def _check_tokens(tokens: Sequence[Attribute]) -> None:
    if len(tokens) > MOST_TOKENS:
        raise RestError.invalid_data(f"{len(tokens)} tokens: {MOST_TOKENS} are the most")
    bad = [item.name or "" for item in tokens if not _is_reference(item.name or "")]
    if bad:
        raise RestError.invalid_data(f"Invalid token value: [{', '.join(bad)}]")


def _is_reference(name: str) -> bool:
    """Whether it is `{{my.name}}` (documented)."""
    text = name.strip()
    return text.startswith("{{") and text.endswith("}}") and text[2:-2].strip().startswith("my.")
