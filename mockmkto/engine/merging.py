"""mergeLeads: losers go, and the winner gets what they had and it lacks."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.engine.absorbing import absorb
from mockmkto.engine.activities import changed, name_of, new_lead, note, note_many
from mockmkto.engine.lookup import KEY_TYPES, key_steps, leads_of_key
from mockmkto.engine.reading import EMAIL_FIELD
from mockmkto.errors import Code, MarketoError
from mockmkto.model import (
    ActivityType,
    Attribute,
    Change,
    ChangeOutcome,
    Field,
    Lead,
    LeadKey,
    NewActivity,
    RecordStep,
    TraceBuilder,
)
from mockmkto.model.reads import MergeLeadsRequest, MergeLeadsResult
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["merge_leads"]


class _Named(Struct, frozen=True):
    """A key list, read: the key that counts, and the leads that it finds, first the one that is meant."""

    key: LeadKey
    found: tuple[int, ...]


def merge_leads(session: Session, request: MergeLeadsRequest, trace: TraceBuilder) -> MergeLeadsResult:
    """The winner keeps its values, and fills its empty fields from the losers, the first one first (inferred).

    All that the losers have is the winner's then, and they are gone. One Merge Leads is logged, on the winner.

    Raises:
        MarketoError: in this order (assumed): 20109 a list is missing; 20101 a key list is empty; 20102 a name that is
            no key's; 20103 the winner, then a loser, is not found; 20110 one and the same lead in both places, or a key
            list that names several.
    """
    if request.winner is None:
        raise MarketoError.parameter_required("winningLeadKeyList")
    if not request.losers:
        raise MarketoError.parameter_required("losingLeadKeyLists")
    key_lists = (request.winner, *request.losers)
    if not all(key_lists):
        raise MarketoError.lead_key_required()
    keys = [[_key(attribute) for attribute in key_list] for key_list in key_lists]
    named = [_named(session, of_list, trace) for of_list in keys]
    missing = next((item for item in named if not item.found), None)
    if missing is not None:
        return _not_found(session, named, missing, trace)
    for item, of_list in zip(named, keys, strict=True):
        _check_one_lead(session, item, of_list, trace)
    winner_id = named[0].found[0]
    losers = list(dict.fromkeys(item.found[0] for item in named[1:]))
    if winner_id in losers:
        raise MarketoError(Code.BAD_PARAMETER, f"Lead {winner_id} cannot be merged into itself")
    if len(losers) < len(named) - 1:
        trace.warn("twice", "a losing lead is named twice: it is merged once", "losingLeadKeyLists")
    return _merge(session, winner_id, losers, named, request, trace)


def _key(attribute: Attribute) -> LeadKey:
    """The key that an attribute of a key list is; its name in any case (assumed)."""
    name = (attribute.name or "").strip().upper()
    if name not in KEY_TYPES:
        raise MarketoError.lead_key_bad(attribute.name or "")
    return LeadKey(name, attribute.value or "")


def _named(session: Session, keys: Sequence[LeadKey], trace: TraceBuilder) -> _Named:
    return _Named(keys[0], leads_of_key(session, keys[0], trace))


def _check_one_lead(session: Session, named: _Named, keys: Sequence[LeadKey], trace: TraceBuilder) -> None:
    """A key list has one key (documented); more are ignored as long as they name the same lead (assumed)."""
    for key in keys[1:]:
        if named.found[0] not in leads_of_key(session, key, trace):
            text = f"A key list names one lead: {key.key_type} = {key.key_value} is not lead {named.found[0]}"
            raise MarketoError(Code.BAD_PARAMETER, text)
        trace.warn("twice", f"a key list has one key: {key.key_type} was ignored", key.key_type)


def _not_found(session: Session, named: Sequence[_Named], missing: _Named, trace: TraceBuilder) -> MergeLeadsResult:
    for position, item in enumerate(named, 1):
        trace.record(RecordStep(position, "found" if item.found else "not found", key_steps(item.key, item.found)))
    error = MarketoError.lead_not_found(missing.key.key_type or "", missing.key.key_value)
    if session.world.behaviour.merge_missing == "fault":
        raise error
    winner, *losers = named
    return MergeLeadsResult(
        winner.found[0] if winner.found else None,
        tuple(item.found[0] for item in losers if item.found),
        error.message,
    )


def _merge(
    session: Session,
    winner_id: int,
    loser_ids: Sequence[int],
    named: Sequence[_Named],
    request: MergeLeadsRequest,
    trace: TraceBuilder,
) -> MergeLeadsResult:
    winner = _there(session, winner_id)
    losers = [_there(session, lead_id) for lead_id in loser_ids]
    changes, filled = _fill(session, winner, losers)
    merged = replace(filled, updated_at=session.now, updated_order=session.next_order())
    got = {loser.id: absorb(session, loser=loser.id, winner=winner_id) for loser in losers}
    leads.save(session, merged)

    written = trace.activities
    _log(session, winner, merged, changes, loser_ids, request, trace)
    steps = {item.found[0]: key_steps(item.key, item.found) for item in reversed(named)}
    written = trace.activities - written
    trace.record(RecordStep(1, "winner", steps[winner_id], None, tuple(changes), winner_id, activities=written))
    for position, loser in enumerate(losers, 2):
        what = ", ".join(got[loser.id]) or "nothing"
        reason = f"its {what} went to lead {winner_id}" if got[loser.id] else "it had nothing that could go on"
        trace.record(RecordStep(position, "merged", steps[loser.id], lead_id=loser.id, reason=reason))
    if request.in_sales is not None:
        trace.warn("sales", "mergeInSales was noted: there is no CRM behind this", "mergeInSales")
    return MergeLeadsResult(winner_id, tuple(loser_ids))


def _there(session: Session, lead_id: int) -> Lead:
    lead = leads.by_id(session, lead_id)
    if lead is None:  # the keys and the leads are written in one transaction
        raise AssertionError(f"a key finds lead {lead_id}, which is not there")
    return lead


def _fill(session: Session, winner: Lead, losers: Sequence[Lead]) -> tuple[list[Change], Lead]:
    """The winner with what it lacked, and what that was; what it kept against a loser's other value, too."""
    changes: list[Change] = []
    email, attributes = winner.email, dict(winner.attributes)
    for loser in losers:
        if loser.email:
            email = _one(EMAIL_FIELD, email, loser.email, loser.id, changes)
        for field in session.world.fields.every:
            value = loser.attributes.get(field.name)
            if value:
                kept = _one(field, attributes.get(field.name), value, loser.id, changes)
                if kept is not None:
                    attributes[field.name] = kept
    known = winner.known or bool(email)
    if known and not winner.known:
        changes.append(Change("known", "anonymous", "known", ChangeOutcome.WRITTEN))
    return changes, replace(winner, email=email, attributes=attributes, known=known)


def _one(field: Field, own: str | None, other: str, loser: int, changes: list[Change]) -> str | None:
    if not own:
        changes.append(Change(field.name, own, other, ChangeOutcome.WRITTEN, f"filled from lead {loser}"))
        return other
    if own != other:
        changes.append(Change(field.name, own, own, ChangeOutcome.UNCHANGED, f"kept; lead {loser} had {other!r}"))
    return own


def _log(
    session: Session,
    before: Lead,
    merged: Lead,
    changes: Sequence[Change],
    loser_ids: Sequence[int],
    request: MergeLeadsRequest,
    trace: TraceBuilder,
) -> None:
    filled = [item for item in changes if item.outcome is ChangeOutcome.WRITTEN and item.target != "known"]
    note(
        session,
        trace,
        merged.id,
        ActivityType.MERGE_LEADS,
        name_of(merged),
        {
            "Lead ID": str(merged.id),
            "Merge IDs": f"[{','.join(map(str, loser_ids))}]",
            "Merge Source": "leaddb",
            "Merged in Sales": "TRUE" if request.in_sales else "FALSE",
            "Master Updated": "TRUE" if filled else "FALSE",
        },
    )
    further: list[NewActivity] = []
    behaviour = session.world.behaviour
    if merged.known and not before.known and behaviour.known_lead_activity == "new_lead":
        further.append(new_lead(session, merged))
    if behaviour.merge_changes:
        for item in filled:
            field = EMAIL_FIELD if item.target == EMAIL_FIELD.name else session.world.fields.named(item.target)
            if field is not None:
                further.append(changed(session, merged.id, field, item.before or "", item.after or ""))
    note_many(session, trace, further)
