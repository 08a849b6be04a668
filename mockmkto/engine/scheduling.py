"""scheduleCampaign: runs of batch campaigns, at once or later by the subscription's clock, and clones of programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from mockmkto.engine.campaigns import read_tokens, text_or_none
from mockmkto.engine.effects import apply
from mockmkto.engine.fields import BadValue, read_value
from mockmkto.engine.limits import quota_day
from mockmkto.errors import MarketoError
from mockmkto.model import Attribute, Field, FieldType, RecordStep, Subject, TraceBuilder
from mockmkto.model.campaigns import (
    AddToList,
    Campaign,
    CampaignCall,
    CampaignCallKind,
    CampaignEffect,
    CampaignKind,
    RemoveFromList,
    ScheduleCampaignRequest,
)
from mockmkto.model.programs import Program
from mockmkto.store import campaigns, due, leads, lists, programs
from mockmkto.store.database import Counter, Session

__all__ = ["SOONEST", "add_run", "clone_program", "make_due_runs", "schedule_campaign"]

SOONEST = timedelta(minutes=5)  # what is nearer than that is now (documented of a later interface)

_RUN_AT = Field("campaignRunAt", FieldType.DATETIME)


def schedule_campaign(session: Session, request: ScheduleCampaignRequest, trace: TraceBuilder) -> int:
    """Have a batch campaign of a program run at a time, or now; its effects are then had on each lead of its audience.

    Without a time, or with one that is past or within five minutes, it runs now, or after what the switch `run_delay`
    says. With `clone_to` the program is copied under that name, with its campaigns and lists, and the copy's campaign
    runs (documented). The order of the faults is fixed (assumed): 20109, 20113, 20110 for the time, 20110 for a name
    that is taken or one clone too many. A fault has written nothing.

    Returns:
        The id of the run.

    Raises:
        MarketoError: the first fault that applies.
    """
    program_name, campaign_name = text_or_none(request.program_name), text_or_none(request.campaign_name)
    if program_name is None:
        raise MarketoError.parameter_required("programName")
    if campaign_name is None:
        raise MarketoError.parameter_required("campaignName")
    program, campaign = _find(session, program_name, campaign_name, trace)
    run_at = _run_at(session, request, trace)
    clone_to = text_or_none(request.clone_to)
    if clone_to is not None:
        _check_clone(session, clone_to)
        program, campaign = clone_program(session, program, campaign, clone_to, trace)
    return add_run(session, program, campaign, run_at, request.tokens, trace)


def add_run(
    session: Session,
    program: Program | None,
    campaign: Campaign,
    run_at: datetime,
    tokens: Iterable[Attribute],
    trace: TraceBuilder,
) -> int:
    """Have a campaign run at a time: now, where that is past.

    Returns:
        The id of the run.
    """
    call = CampaignCall(
        id=session.take_id(Counter.CAMPAIGN_CALL),
        campaign_id=campaign.id,
        kind=CampaignCallKind.RUN,
        asked_at=session.now,
        run_at=run_at,
        done=False,
        tokens=read_tokens(tokens, program, trace),
    )
    if campaign.audience is None:
        trace.warn("audience", f"campaign {campaign.shown} has no audience: its run is over no lead")
    campaigns.add_call(session, call)
    if run_at <= session.now:
        _run(session, trace, campaign, call)
    due.reschedule(session)
    return call.id


def _run_at(session: Session, request: ScheduleCampaignRequest, trace: TraceBuilder) -> datetime:
    delay = SOONEST if session.world.behaviour.run_delay == "5m" else timedelta()
    text = text_or_none(request.run_at)
    if text is None:
        return session.now + delay
    try:
        asked = datetime.fromisoformat(read_value(_RUN_AT, text, session.world.time_zone)).astimezone(UTC)
    except (BadValue, OverflowError):
        raise MarketoError.bad_parameter("campaignRunAt", text) from None
    if asked > session.now + SOONEST:
        return asked
    trace.warn("run_at", f"campaignRunAt {text} is past, or within five minutes: it runs now", "campaignRunAt")
    return session.now + delay


def _find(session: Session, program_name: str, campaign_name: str, trace: TraceBuilder) -> tuple[Program, Campaign]:
    asked, name = f"campaignName = {campaign_name}", f"{program_name}.{campaign_name}"
    program = programs.by_name(session, program_name)
    said = f"programName = {program_name}"
    if program is None:
        trace.subjects.append(Subject("program", said, reason="there is none"))
        raise MarketoError.campaign_not_found(name)
    trace.subjects.append(Subject("program", said, program.id, program.name, "found by its name"))
    found = [item for item in campaigns.named(session, campaign_name) if item.program_id == program.id]
    batch = next((item for item in found if item.kind is CampaignKind.BATCH), None)
    if batch is None:
        reason = "is a trigger campaign, which is requested and not scheduled" if found else "the program has none"
        trace.subjects.append(Subject("campaign", asked, None, found[0].shown if found else None, reason))
        raise MarketoError.campaign_not_found(name)
    trace.subjects.append(Subject("campaign", asked, batch.id, batch.shown, "a batch campaign of the program"))
    return program, batch


# ---------------------------------------------------------------------------------------------------------------------
# Runs


def make_due_runs(session: Session) -> None:
    """Make every run whose time has come."""
    for call in campaigns.due_runs(session, session.now):
        campaign = campaigns.by_id(session, call.campaign_id)
        if campaign is None:
            campaigns.finish_run(session, call.id, ())
        else:
            _run(session, TraceBuilder(), campaign, call)


def _run(session: Session, trace: TraceBuilder, campaign: Campaign, call: CampaignCall) -> None:
    """Have the effects on every lead of the audience, in order of joining.

    Tokens are looked for in what an import gave for the lead, then in the call, then in the program (documented).
    """
    program = programs.by_id(session, campaign.program_id) if campaign.program_id is not None else None
    of_program: Mapping[str, str] = program.tokens if program is not None else {}
    own = campaigns.take_lead_tokens(session, campaign.id)
    members = lists.members(session, campaign.audience) if campaign.audience is not None else ()
    lead_ids = [lead_id for lead_id in members if leads.existing_id(session, lead_id) is not None]
    for position, lead_id in enumerate(lead_ids, 1):
        tokens = {**of_program, **call.tokens, **own.get(lead_id, {})}
        written = trace.activities
        changes = apply(session, trace, campaign, lead_id, tokens)
        written = trace.activities - written
        trace.record(RecordStep(position, "run", changes=changes, lead_id=lead_id, activities=written))
    campaigns.finish_run(session, call.id, lead_ids)


# ---------------------------------------------------------------------------------------------------------------------
# Clones


def _check_clone(session: Session, name: str) -> None:
    if programs.by_name(session, name) is not None:
        raise MarketoError.bad_parameter("cloneToProgramName", f"{name} is the name of a program")
    limit = session.world.behaviour.clone_limit
    if limit != "off" and programs.cloned_on(session, quota_day(session.now)) >= int(limit):
        raise MarketoError.bad_parameter("cloneToProgramName", f"{limit} programs were cloned today")


def clone_program(
    session: Session, program: Program, campaign: Campaign, name: str, trace: TraceBuilder
) -> tuple[Program, Campaign]:
    """The copy of a program, and in it that of the campaign. Its lists have nobody on them yet (assumed)."""
    now = session.now
    copy = replace(
        program,
        id=session.take_id(Counter.PROGRAM),
        name=name,
        created_at=now,
        updated_at=now,
        cloned_on=quota_day(now),
    )
    programs.add(session, copy)
    list_ids: dict[int, int] = {}
    for item in lists.of_program(session, program.id):
        list_ids[item.id] = session.take_id(Counter.LIST)
        copied = replace(item, id=list_ids[item.id], program_id=copy.id, created_at=now, updated_at=now, owner_keys={})
        lists.add(session, copied)
    chosen = campaign
    for own in campaigns.of_program(session, program.id):
        audience = list_ids.get(own.audience, own.audience) if own.audience is not None else None
        cloned = replace(
            own,
            id=session.take_id(Counter.CAMPAIGN),
            program_id=copy.id,
            program_name=copy.name,
            effects=tuple(_with_lists(effect, list_ids) for effect in own.effects),
            audience=audience,
            created_at=now,
            updated_at=now,
        )
        campaigns.add(session, cloned)
        chosen = cloned if own.id == campaign.id else chosen
    trace.subjects.append(Subject("program", f"cloneToProgramName = {name}", copy.id, copy.name, "was made"))
    trace.subjects.append(Subject("campaign", f"cloneToProgramName = {name}", chosen.id, chosen.shown, "was made"))
    return copy, chosen


def _with_lists(effect: CampaignEffect, list_ids: Mapping[int, int]) -> CampaignEffect:
    if isinstance(effect, AddToList | RemoveFromList):
        return replace(effect, list_id=list_ids.get(effect.list_id, effect.list_id))
    return effect
