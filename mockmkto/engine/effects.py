"""What a campaign does to a lead: a campaign runs no flow here, it has the effects that were named for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from mockmkto.engine.activities import changed, note, note_many
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.lists import join, leave
from mockmkto.engine.sync import EMAIL_FIELD
from mockmkto.model import Change, ChangeOutcome, Field, Lead, NewActivity, TraceBuilder
from mockmkto.model.campaigns import AddToList, Campaign, RemoveFromList, SetValues, WriteActivity
from mockmkto.model.programs import token_name
from mockmkto.store import leads, lists
from mockmkto.store.database import Session

__all__ = ["apply", "with_tokens"]

SOURCE = "Campaign"
"""What an effect's activity gives as its source (assumed)."""

_TOKEN = re.compile(r"\{\{[^{}]*\}\}")


def with_tokens(text: str, tokens: Mapping[str, str]) -> str:
    """The text with the value of each token that is known; `{{my.message}}` and `{{message}}` are one."""
    return _TOKEN.sub(lambda found: tokens.get(token_name(found[0]), found[0]), text)


def apply(
    session: Session, trace: TraceBuilder, campaign: Campaign, lead_id: int, tokens: Mapping[str, str]
) -> tuple[Change, ...]:
    """Have the effects of a campaign on a lead, in their order; what each of them changed."""
    changes: list[Change] = []
    for effect in campaign.effects:
        match effect:
            case SetValues():
                changes += _set(session, trace, campaign, lead_id, effect, tokens)
            case AddToList() | RemoveFromList():
                changes += _move(session, trace, campaign, lead_id, effect)
            case WriteActivity():
                asset = with_tokens(effect.asset, tokens)
                attributes = {name: with_tokens(text, tokens) for name, text in effect.attributes.items()}
                note(session, trace, lead_id, effect.type, asset, attributes, campaign.shown)
                changes.append(Change(f"activity {effect.type}", None, asset, ChangeOutcome.WRITTEN))
    return tuple(changes)


def _move(
    session: Session, trace: TraceBuilder, campaign: Campaign, lead_id: int, effect: AddToList | RemoveFromList
) -> list[Change]:
    static_list = lists.by_id(session, effect.list_id)
    if static_list is None:
        trace.warn("effect", f"campaign {campaign.shown}: the list {effect.list_id} of an effect is gone")
        return []
    joins = isinstance(effect, AddToList)
    move = join if joins else leave
    moved = move(session, trace, static_list, (lead_id,), source=SOURCE, campaign=campaign.shown)
    before, after = (None, "member") if joins else ("member", None)
    if not moved:
        before = after
    outcome = ChangeOutcome.WRITTEN if moved else ChangeOutcome.UNCHANGED
    return [Change(f"list {static_list.shown}", before, after, outcome)]


def _set(
    session: Session,
    trace: TraceBuilder,
    campaign: Campaign,
    lead_id: int,
    effect: SetValues,
    tokens: Mapping[str, str],
) -> list[Change]:
    before = leads.by_id(session, lead_id)
    if before is None:
        return []
    after, changes, happened = before, [], list[NewActivity]()
    for name, template in effect.values.items():
        field = EMAIL_FIELD if name == EMAIL_FIELD.name else session.world.fields.named(name)
        text = with_tokens(template, tokens)
        if field is None:
            trace.warn("effect", f"campaign {campaign.shown}: there is no field {name} any more", name)
            continue
        try:
            value = read_value(field, text, session.world.time_zone)
        except (BadValue, OverlongValue) as error:
            trace.warn("effect", f"campaign {campaign.shown}: {error}", name)
            continue
        old = _value(before, field)
        changes.append(Change.of(field.name, old or None, value or None, f"campaign {campaign.shown}"))
        if old != value:
            after = _with_value(after, field, value)
            happened.append(replace(changed(session, lead_id, field, old, value), campaign=campaign.shown))
    if after is not before:
        leads.save(session, replace(after, updated_at=session.now, updated_order=session.next_order()))
        note_many(session, trace, happened)
    return changes


def _value(lead: Lead, field: Field) -> str:
    return (lead.email or "") if field is EMAIL_FIELD else lead.attributes.get(field.name, "")


def _with_value(lead: Lead, field: Field, value: str) -> Lead:
    if field is EMAIL_FIELD:
        return replace(lead, email=value or None)
    attributes = {name: text for name, text in lead.attributes.items() if name != field.name}
    return replace(lead, attributes={**attributes, field.name: value} if value else attributes)
