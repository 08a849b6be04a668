"""Campaigns: which of them a source may request, and the requests of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from mockmkto.engine.activities import SOURCE, note
from mockmkto.engine.effects import apply
from mockmkto.engine.lookup import check_key, key_steps, leads_of_key
from mockmkto.engine.numbers import as_id
from mockmkto.errors import Code, MarketoError
from mockmkto.model import (
    ActivityType,
    Attribute,
    Change,
    ChangeOutcome,
    LeadKey,
    PageStep,
    RecordStep,
    Subject,
    TraceBuilder,
)
from mockmkto.model.campaigns import (
    Campaign,
    CampaignCall,
    CampaignCallKind,
    CampaignKind,
    CampaignsForSourceRequest,
    CampaignsForSourceResult,
    CampaignSource,
    RequestCampaignRequest,
)
from mockmkto.model.programs import Program, token_name
from mockmkto.store import campaigns, programs
from mockmkto.store.database import Counter, Session
from mockmkto.store.programs import folded

__all__ = ["MOST_LEADS", "get_campaigns_for_source", "let_in", "read_tokens", "request_campaign", "text_or_none"]

MOST_LEADS = 100  # of one request (documented)


def text_or_none(text: str | None) -> str | None:
    """The trimmed text; an empty one is as if absent."""
    return (text.strip() or None) if text is not None else None


def _source(text: str | None) -> CampaignSource:
    try:
        return CampaignSource((text or "").strip())
    except ValueError:
        raise MarketoError.bad_parameter("source", text) from None


# ---------------------------------------------------------------------------------------------------------------------
# getCampaignsForSource


def get_campaigns_for_source(
    session: Session, request: CampaignsForSourceRequest, trace: TraceBuilder
) -> CampaignsForSourceResult:
    """The active trigger campaigns that listen to a source, by the name that is shown, in any case, then by id.

    That an inactive one is not among them is assumed. A name is a part of the shown one, in any case; an exact one is
    the shown or the bare name (inferred). An empty name asks for all (assumed).

    Raises:
        MarketoError: 20109 no source; 20110 a source outside the enumeration.
    """
    if text_or_none(request.source) is None:
        raise MarketoError.parameter_required("source")
    source = _source(request.source)
    name = folded(request.name or "")
    found = [
        item
        for item in campaigns.of_kind(session, CampaignKind.TRIGGER)
        if item.active and source in item.sources and _is_called(item, name, exact=request.exact)
    ]
    found.sort(key=lambda item: (folded(item.shown), item.id))
    said = f"campaigns that listen to {source}"
    if name:
        said += f" and are called {request.name}" if request.exact else f" and have {request.name} in their names"
    trace.page = PageStep(said, len(found), min(1, len(found)), len(found), None, len(found), "all are shown")
    trace.subjects += [
        Subject("campaign", source.value, item.id, item.shown, "active, and listens to the source") for item in found
    ]
    return CampaignsForSourceResult(tuple(found))


def _is_called(item: Campaign, name: str, *, exact: bool) -> bool:
    if not name:
        return True
    return name in (folded(item.shown), folded(item.name)) if exact else name in folded(item.shown)


# ---------------------------------------------------------------------------------------------------------------------
# requestCampaign


def request_campaign(session: Session, request: RequestCampaignRequest, trace: TraceBuilder) -> int:
    """Ask a trigger campaign for leads: the request is kept, and its effects are had on each lead, at once.

    The campaign is named by its id alone, or by its program's name and its own, with tokens or none (documented). Of
    more than 100 leads the others are ignored (documented). The order of the faults is fixed (assumed): 20109, 20114,
    20110 for the source, 20113, 20102, 20103. A fault has written nothing.

    Returns:
        The id of the request.

    Raises:
        MarketoError: the first fault that applies.
    """
    behaviour = session.world.behaviour
    program_name, campaign_name = text_or_none(request.program_name), text_or_none(request.campaign_name)
    if request.campaign_id is None and program_name is None and campaign_name is None:
        raise MarketoError.parameter_required("campaignId")
    if not request.leads:
        raise MarketoError.parameter_required("leadList")
    if any(key.key_value is None for key in request.leads):
        raise MarketoError.parameter_required("keyValue")
    _check_combination(session, request, program_name, campaign_name)
    if text_or_none(request.source) is None:
        trace.warn("source", "source is missing: MKTOWS was assumed", "source")
        source = CampaignSource.MKTOWS
    else:
        source = _source(request.source)
    campaign, program, takes_effect = _find(session, request.campaign_id, program_name, campaign_name, source, trace)
    keys = request.leads[:MOST_LEADS]
    if len(request.leads) > len(keys):
        trace.warn(
            "leads",
            f"leadList has {len(request.leads)} keys: only the first {MOST_LEADS} were read",
            "leadList",
        )
    for key in keys:
        check_key(key)
    found = [(key, leads_of_key(session, key, trace)) for key in keys]
    missing = next((key for key, lead_ids in found if not lead_ids), None)
    if missing is not None and behaviour.campaign_missing_lead == "fault":
        _note_missing(found, trace)
        raise MarketoError.lead_not_found((missing.key_type or "").strip(), missing.key_value)
    lead_ids = tuple(dict.fromkeys(lead_ids[0] for _, lead_ids in found if lead_ids))
    call, had = let_in(session, campaign, program, source, lead_ids, request.tokens, trace, takes_effect=takes_effect)
    _note_leads(found, had, trace)
    return call.id


Had: TypeAlias = dict[int, tuple[tuple[Change, ...], int]]
"""By lead, what the effects of a campaign changed, and how much was logged."""


def let_in(
    session: Session,
    campaign: Campaign,
    program: Program | None,
    source: CampaignSource,
    lead_ids: tuple[int, ...],
    given: Iterable[Attribute],
    trace: TraceBuilder,
    *,
    takes_effect: bool = True,
) -> tuple[CampaignCall, Had]:
    """Keep a request of a campaign for leads, and have its effects on each of them, at once."""
    call = CampaignCall(
        id=session.take_id(Counter.CAMPAIGN_CALL),
        campaign_id=campaign.id,
        kind=CampaignCallKind.REQUEST,
        asked_at=session.now,
        run_at=session.now,
        done=True,
        source=source,
        tokens=read_tokens(given, program, trace),
        leads=lead_ids,
    )
    campaigns.add_call(session, call)
    return call, _let_in(session, trace, campaign, program, call, takes_effect=takes_effect)


def _check_combination(
    session: Session, request: RequestCampaignRequest, program_name: str | None, campaign_name: str | None
) -> None:
    text = None
    if request.campaign_id is not None:
        if program_name is not None or campaign_name is not None:
            text = "campaignId cannot stand beside programName or campaignName"
        elif request.tokens:
            text = "programTokenList cannot stand beside campaignId: it needs programName and campaignName"
    elif program_name is None or campaign_name is None:
        text = "programName and campaignName cannot stand without each other"
    if text is not None:
        raise MarketoError(Code(int(session.world.behaviour.bad_combination)), text)


def _find(
    session: Session,
    campaign_id: float | None,
    program_name: str | None,
    campaign_name: str | None,
    source: CampaignSource,
    trace: TraceBuilder,
) -> tuple[Campaign, Program | None, bool]:
    """The campaign, its program, and whether it can have an effect.

    Raises:
        MarketoError: 20113, when there is none, or none that such a request could start.
    """
    if campaign_id is not None:
        by, name = f"campaignId = {campaign_id}", str(campaign_id)
        candidate = campaigns.by_id(session, as_id(campaign_id))
        candidates = [candidate] if candidate is not None else []
    else:
        by, name = f"programName = {program_name}, campaignName = {campaign_name}", f"{program_name}.{campaign_name}"
        asked = programs.by_name(session, program_name or "")
        named = campaigns.named(session, campaign_name or "") if asked is not None else ()
        candidates = [item for item in named if asked is not None and item.program_id == asked.id]
    refusals = [(item, _refusal(item, source)) for item in candidates]
    chosen, refusal = next(
        ((item, why) for item, why in refusals if why is None), refusals[0] if refusals else (None, "there is none")
    )
    recorded = session.world.behaviour.inactive_campaign == "record"
    if chosen is None or (refusal is not None and (not recorded or chosen.kind is not CampaignKind.TRIGGER)):
        trace.subjects.append(Subject("campaign", by, None, chosen.shown if chosen else None, refusal or ""))
        raise MarketoError.campaign_not_found(name)
    reason = refusal or "active, and listens to the source"
    trace.subjects.append(Subject("campaign", by, chosen.id, chosen.shown, reason))
    if refusal is not None:
        trace.warn("campaign", f"campaign {chosen.shown} {refusal}: the request was kept, and has no effect")
    program = programs.by_id(session, chosen.program_id) if chosen.program_id is not None else None
    return chosen, program, refusal is None


def _refusal(item: Campaign, source: CampaignSource) -> str | None:
    """Why a campaign cannot be requested, `None` where it can."""
    if item.kind is not CampaignKind.TRIGGER:
        return "is a batch campaign, which is scheduled and not requested"
    if not item.active:
        return "is not active"
    if source not in item.sources:
        return f"does not listen to {source}"
    return None


def read_tokens(given: Iterable[Attribute], program: Program | None, trace: TraceBuilder) -> dict[str, str]:
    """The tokens of a request, by name; of one that is there twice the last counts (captured)."""
    tokens: dict[str, str] = {}
    for item in given:
        name = token_name(item.name or "")
        if not name:
            trace.warn("token", "a token without a name was ignored", "programTokenList")
            continue
        if name in tokens:
            trace.warn("twice", f"token {name} is there twice: the last one counts", name)
        tokens[name] = item.value or ""
    for name in tokens:
        if program is None or name not in program.tokens:
            owner = f"program {program.name} has" if program is not None else "there is"
            trace.warn("token", f"{owner} no token {name}: it was kept", name)
    return tokens


def _let_in(
    session: Session,
    trace: TraceBuilder,
    campaign: Campaign,
    program: Program | None,
    call: CampaignCall,
    *,
    takes_effect: bool,
) -> Had:
    """Log the request of each lead, and have the effects on it; what they changed, and how much was logged, by lead."""
    sources = {CampaignSource.MKTOWS: SOURCE, CampaignSource.SALES: "Sales"}
    source = sources[call.source] if call.source is not None else SOURCE
    said = {"Campaign ID": str(campaign.id), "Source": source}
    own = campaigns.take_lead_tokens(session, campaign.id, call.leads) if takes_effect else {}
    of_program: Mapping[str, str] = program.tokens if program is not None else {}
    had: Had = {}
    for lead_id in call.leads:
        written, changes = trace.activities, tuple[Change, ...]()
        note(session, trace, lead_id, ActivityType.REQUEST_CAMPAIGN, campaign.shown, said, campaign.shown)
        if takes_effect:
            tokens = {**of_program, **call.tokens, **own.get(lead_id, {})}
            changes = apply(session, trace, campaign, lead_id, tokens)
        had[lead_id] = (changes, trace.activities - written)
    for name, value in call.tokens.items():
        trace.changes.append(Change(f"token {name}", of_program.get(name), value, ChangeOutcome.WRITTEN))
    return had


def _note_leads(
    found: list[tuple[LeadKey, tuple[int, ...]]],
    had: Had,
    trace: TraceBuilder,
) -> None:
    for position, (key, lead_ids) in enumerate(found, 1):
        if not lead_ids:
            text = f"{key.key_type} = {key.key_value}"
            trace.warn("lead", f"no lead was found with {text}: it was left out", "leadKey")
            trace.record(RecordStep(position, "not found", key_steps(key, lead_ids), reason=f"no lead has {text}"))
            continue
        status = "requested" if lead_ids[0] in had else "requested already"
        changes, written = had.pop(lead_ids[0], ((), 0))
        steps = key_steps(key, lead_ids)
        trace.record(RecordStep(position, status, steps, None, changes, lead_ids[0], activities=written))


def _note_missing(found: list[tuple[LeadKey, tuple[int, ...]]], trace: TraceBuilder) -> None:
    for position, (key, lead_ids) in enumerate(found, 1):
        status = "not requested" if lead_ids else "not found"
        lead_id = lead_ids[0] if lead_ids else None
        trace.record(RecordStep(position, status, key_steps(key, lead_ids), lead_id=lead_id))
