"""Smart campaigns, the requests and runs of them, and the tokens that wait for their next run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update

from mockmkto.model.campaigns import (
    AddToList,
    Campaign,
    CampaignCall,
    CampaignCallKind,
    CampaignEffect,
    CampaignKind,
    CampaignSource,
    LeadTokens,
    RemoveFromList,
    SetValues,
    WriteActivity,
)
from mockmkto.store.program_tables import campaign, campaign_call, campaign_lead, lead_token, program
from mockmkto.store.programs import folded
from mockmkto.store.session import Counter, Session

__all__ = [
    "FINDERS",
    "add",
    "add_call",
    "add_many",
    "all_calls",
    "all_campaigns",
    "all_lead_tokens",
    "by_id",
    "call_by_id",
    "calls_of",
    "calls_of_lead",
    "count",
    "due_runs",
    "finish_run",
    "forget_tokens",
    "move_lead",
    "named",
    "next_run_at",
    "of_kind",
    "of_program",
    "put_lead_tokens",
    "remove",
    "save",
    "take_lead_tokens",
]

_campaign = select(campaign, program.c.name.label("program_name")).select_from(
    campaign.outerjoin(program, program.c.id == campaign.c.program_id)
)
_all = _campaign.order_by(campaign.c.id)
_by_id = _campaign.where(campaign.c.id == bindparam("campaign_id"))
_named = _campaign.where(campaign.c.folded_name == bindparam("name")).order_by(campaign.c.id)
_of_program = _campaign.where(campaign.c.program_id == bindparam("program_id")).order_by(campaign.c.id)
_of_kind = _campaign.where(campaign.c.kind == bindparam("kind")).order_by(campaign.c.id)
_count = select(func.count().label("campaigns")).select_from(campaign)

_all_calls = select(campaign_call).order_by(campaign_call.c.id)
_call = select(campaign_call).where(campaign_call.c.id == bindparam("call_id"))
_calls_of = (
    select(campaign_call).where(campaign_call.c.campaign_id == bindparam("campaign_id")).order_by(campaign_call.c.id)
)
_calls_of_lead = (
    select(campaign_call)
    .join(campaign_lead, campaign_lead.c.call_id == campaign_call.c.id)
    .where(campaign_lead.c.lead_id == bindparam("lead_id"))
    .order_by(campaign_call.c.id)
)
_leads_of = (
    select(campaign_lead.c.lead_id)
    .where(campaign_lead.c.call_id == bindparam("call_id"))
    .order_by(campaign_lead.c.position)
)
_pending = select(campaign_call).where(campaign_call.c.done.is_(False)).order_by(campaign_call.c.run_at)
_due = (
    select(campaign_call)
    .where(campaign_call.c.done.is_(False), campaign_call.c.run_at <= bindparam("now"))
    .order_by(campaign_call.c.run_at)
)
_lead_tokens = select(lead_token).order_by(lead_token.c.campaign_id, lead_token.c.lead_id)
_lead_tokens_of = select(lead_token).where(lead_token.c.campaign_id == bindparam("campaign_id"))
_lead_tokens_by_lead = (
    select(lead_token).where(lead_token.c.lead_id == bindparam("lead_id")).order_by(lead_token.c.campaign_id)
)
_lead_token = select(lead_token).where(
    lead_token.c.campaign_id == bindparam("campaign_id"), lead_token.c.lead_id == bindparam("lead_id")
)

FINDERS: Mapping[str, Select[Any]] = {
    "campaign by id": _by_id,
    "campaign by name": _named,
    "campaigns of a program": _of_program,
    "campaigns of a kind": _of_kind,
    "a request or run": _call,
    "requests and runs of a campaign": _calls_of,
    "requests and runs of a lead": _calls_of_lead,
    "leads of a request": _leads_of,
    "runs that are due": _due,
    "tokens of leads for a campaign": _lead_tokens_of,
    "tokens of a lead for a campaign": _lead_token,
    "tokens of a lead": _lead_tokens_by_lead,
}

_COLUMNS = (
    "name",
    "folded_name",
    "program_id",
    "kind",
    "sources",
    "active",
    "description",
    "effects",
    "audience",
    "created_at",
    "updated_at",
)
_insert = insert(campaign)
_update = (
    update(campaign)
    .where(campaign.c.id == bindparam("campaign_id"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_delete = delete(campaign).where(campaign.c.id == bindparam("of_campaign"))
_insert_call = insert(campaign_call)
_insert_lead = insert(campaign_lead)
_finish = update(campaign_call).where(campaign_call.c.id == bindparam("call_id")).values(done=True)
_insert_token = insert(lead_token)
_delete_token = delete(lead_token).where(
    lead_token.c.campaign_id == bindparam("of_campaign"), lead_token.c.lead_id == bindparam("of_lead")
)
_delete_tokens = delete(lead_token).where(lead_token.c.campaign_id == bindparam("of_campaign"))
_delete_tokens_of = delete(lead_token).where(lead_token.c.lead_id == bindparam("of_lead"))
_delete_leads_of = delete(campaign_lead).where(
    campaign_lead.c.call_id.in_(
        select(campaign_call.c.id).where(campaign_call.c.campaign_id == bindparam("of_campaign"))
    )
)
_delete_calls_of = delete(campaign_call).where(campaign_call.c.campaign_id == bindparam("of_campaign"))
_move_leads = (
    update(campaign_lead).where(campaign_lead.c.lead_id == bindparam("of_lead")).values(lead_id=bindparam("to_lead"))
)


# ---------------------------------------------------------------------------------------------------------------------
# Campaigns


def all_campaigns(session: Session) -> tuple[Campaign, ...]:
    """Every campaign, by Id."""
    return tuple(map(_read, session.rows(_all)))


def by_id(session: Session, campaign_id: int) -> Campaign | None:
    """The campaign with that Id."""
    row = session.first(_by_id, {"campaign_id": campaign_id})
    return _read(row) if row is not None else None


def named(session: Session, name: str) -> tuple[Campaign, ...]:
    """Every campaign of that bare name, trimmed and in any case."""
    return tuple(map(_read, session.rows(_named, {"name": folded(name)})))


def of_program(session: Session, program_id: int) -> tuple[Campaign, ...]:
    """The campaigns of a program, by Id."""
    return tuple(map(_read, session.rows(_of_program, {"program_id": program_id})))


def of_kind(session: Session, kind: CampaignKind) -> tuple[Campaign, ...]:
    """The campaigns of a kind, by Id."""
    return tuple(map(_read, session.rows(_of_kind, {"kind": kind.value})))


def count(session: Session) -> int:
    """How many campaigns there are."""
    row = session.first(_count)
    return int(row.campaigns) if row is not None else 0


def add(session: Session, new: Campaign) -> None:
    """Store a campaign that was not there."""
    add_many(session, (new,))


def add_many(session: Session, batch: Iterable[Campaign]) -> None:
    """Store campaigns that were not there; the Ids that are handed out later start above theirs."""
    rows = []
    for new in batch:
        session.reserve_ids(Counter.CAMPAIGN, new.id)
        rows.append({"id": new.id, **_values(new)})
    session.run_many(_insert, rows)


def save(session: Session, changed: Campaign) -> None:
    """Store a campaign that was there."""
    values = {f"new_{name}": value for name, value in _values(changed).items()}
    session.run(_update, {"campaign_id": changed.id, **values})


def remove(session: Session, campaign_id: int) -> bool:
    """Take a campaign away with its requests and runs; whether it was there."""
    for statement in (_delete_leads_of, _delete_calls_of, _delete_tokens):
        session.run(statement, {"of_campaign": campaign_id})
    return bool(session.run(_delete, {"of_campaign": campaign_id}))


# ---------------------------------------------------------------------------------------------------------------------
# Requests and runs


def all_calls(session: Session) -> tuple[CampaignCall, ...]:
    """Every request and run, in the order in which they were asked for."""
    return tuple(_read_call(session, row) for row in session.rows(_all_calls))


def call_by_id(session: Session, call_id: int) -> CampaignCall | None:
    """The request or run with that Id."""
    row = session.first(_call, {"call_id": call_id})
    return _read_call(session, row) if row is not None else None


def calls_of(session: Session, campaign_id: int) -> tuple[CampaignCall, ...]:
    """The requests and runs of a campaign, in the order in which they were asked for."""
    return tuple(_read_call(session, row) for row in session.rows(_calls_of, {"campaign_id": campaign_id}))


def calls_of_lead(session: Session, lead_id: int) -> tuple[CampaignCall, ...]:
    """The requests and runs that a lead was in, in the order in which they were asked for."""
    found = {row.id: row for row in session.rows(_calls_of_lead, {"lead_id": lead_id})}  # a merged lead is in one twice
    return tuple(_read_call(session, row) for row in found.values())


def due_runs(session: Session, now: datetime) -> tuple[CampaignCall, ...]:
    """The runs whose time has come and that were not made, in the order of their times."""
    return tuple(_read_call(session, row) for row in session.rows(_due, {"now": _text(now)}))


def next_run_at(session: Session) -> datetime | None:
    """When the next run is to be made that was not, `None` when none is waiting."""
    row = session.first(_pending)
    return datetime.fromisoformat(row.run_at) if row is not None else None


def add_call(session: Session, call: CampaignCall) -> None:
    """Store a request or a run; the Ids that are handed out later start above its."""
    session.reserve_ids(Counter.CAMPAIGN_CALL, call.id)
    session.run(
        _insert_call,
        {
            "id": call.id,
            "campaign_id": call.campaign_id,
            "kind": call.kind.value,
            "asked_at": _text(call.asked_at),
            "run_at": _text(call.run_at),
            "done": call.done,
            "source": call.source.value if call.source is not None else None,
            "tokens": dict(call.tokens),
        },
    )
    _put_leads(session, call.id, call.leads)


def finish_run(session: Session, call_id: int, lead_ids: Iterable[int]) -> None:
    """Note that a run was made, and over which leads."""
    session.run(_finish, {"call_id": call_id})
    _put_leads(session, call_id, lead_ids)


def move_lead(session: Session, *, from_lead: int, to_lead: int) -> None:
    """What one lead was asked for, and the tokens that wait for it, are now another's, whose own tokens stay."""
    session.run(_move_leads, {"of_lead": from_lead, "to_lead": to_lead})
    waiting = session.rows(_lead_tokens_by_lead, {"lead_id": from_lead})
    forget_tokens(session, from_lead)
    for row in waiting:
        own = session.first(_lead_token, {"campaign_id": row.campaign_id, "lead_id": to_lead})
        put_lead_tokens(session, LeadTokens(row.campaign_id, to_lead, {**row.tokens, **(own.tokens if own else {})}))


def forget_tokens(session: Session, lead_id: int) -> None:
    """No tokens wait for a lead that is gone."""
    session.run(_delete_tokens_of, {"of_lead": lead_id})


def _put_leads(session: Session, call_id: int, lead_ids: Iterable[int]) -> None:
    session.run_many(
        _insert_lead,
        [
            {"call_id": call_id, "position": position, "lead_id": lead_id}
            for position, lead_id in enumerate(lead_ids, 1)
        ],
    )


# ---------------------------------------------------------------------------------------------------------------------
# Tokens of single leads


def all_lead_tokens(session: Session) -> tuple[LeadTokens, ...]:
    """The tokens of leads that wait for a run of their campaign."""
    return tuple(LeadTokens(row.campaign_id, row.lead_id, row.tokens) for row in session.rows(_lead_tokens))


def put_lead_tokens(session: Session, given: LeadTokens) -> None:
    """Keep tokens of a lead for the next run; of one that is given again, the latest value."""
    key = {"campaign_id": given.campaign_id, "lead_id": given.lead_id}
    before = session.first(_lead_token, key)
    tokens = {**(before.tokens if before is not None else {}), **given.tokens}
    session.run(_delete_token, {"of_campaign": given.campaign_id, "of_lead": given.lead_id})
    session.run(_insert_token, {**key, "tokens": tokens})


def take_lead_tokens(
    session: Session, campaign_id: int, lead_ids: Collection[int] | None = None
) -> dict[int, Mapping[str, str]]:
    """The tokens of leads that waited for this campaign, by lead: of these leads, or of all.

    They are kept no longer (documented).
    """
    rows = session.rows(_lead_tokens_of, {"campaign_id": campaign_id})
    taken = {row.lead_id: row.tokens for row in rows if lead_ids is None or row.lead_id in lead_ids}
    for lead_id in taken:
        session.run(_delete_token, {"of_campaign": campaign_id, "of_lead": lead_id})
    return taken


# ---------------------------------------------------------------------------------------------------------------------
# Rows

_EFFECTS: dict[str, type[SetValues | AddToList | RemoveFromList | WriteActivity]] = {
    "set": SetValues,
    "add_to_list": AddToList,
    "remove_from_list": RemoveFromList,
    "activity": WriteActivity,
}
_EFFECT_NAMES = {kind: name for name, kind in _EFFECTS.items()}


def _effect_row(effect: CampaignEffect) -> list[Any]:
    return [_EFFECT_NAMES[type(effect)], asdict(effect)]


def _values(item: Campaign) -> dict[str, Any]:
    return {
        "name": item.name,
        "folded_name": folded(item.name),
        "program_id": item.program_id,
        "kind": item.kind.value,
        "sources": [source.value for source in item.sources],
        "active": item.active,
        "description": item.description,
        "effects": [_effect_row(effect) for effect in item.effects],
        "audience": item.audience,
        "created_at": item.created_at.isoformat(),
        "updated_at": item.updated_at.isoformat(),
    }


def _read(row: Row[Any]) -> Campaign:
    return Campaign(
        id=row.id,
        name=row.name,
        kind=CampaignKind(row.kind),
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
        program_id=row.program_id,
        program_name=row.program_name,
        sources=tuple(map(CampaignSource, row.sources)),
        active=row.active,
        description=row.description,
        effects=tuple(_EFFECTS[name](**values) for name, values in row.effects),
        audience=row.audience,
    )


def _read_call(session: Session, row: Row[Any]) -> CampaignCall:
    leads = session.rows(_leads_of, {"call_id": row.id})
    return CampaignCall(
        id=row.id,
        campaign_id=row.campaign_id,
        kind=CampaignCallKind(row.kind),
        asked_at=datetime.fromisoformat(row.asked_at),
        run_at=datetime.fromisoformat(row.run_at),
        done=row.done,
        source=CampaignSource(row.source) if row.source is not None else None,
        tokens=row.tokens,
        leads=tuple(dict.fromkeys(lead.lead_id for lead in leads)),
    )


def _text(moment: datetime) -> str:
    """A time as a text that sorts as the time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
