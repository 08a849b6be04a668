"""A proof: two sides compared, noise and what is allowed taken out of what is unexplained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.migration.allowing import Allowed, allow
from mockmkto.migration.calls import CallsCompared, compare_calls
from mockmkto.migration.leads import Context, compare_lead, mirror_of
from mockmkto.migration.model import Compared, Difference, Proof, Run, Verdict
from mockmkto.migration.others import compare_records
from mockmkto.migration.pairing import LeadPair, pair_leads
from mockmkto.migration.side import Side, label_of
from mockmkto.store.lead_keys import email_key
from mockmkto.store.leads import NewLead

__all__ = ["NOISE", "Asked", "prove"]

NOISE = "noise"


class Asked(NamedTuple):
    """How a proof is to be made."""

    pair_by: Sequence[str] = ("Email",)
    foreign_id_field: str | None = None  # where the new side keeps foreign ids; None: where any are found
    allowed: Sequence[Allowed] = ()
    baseline: Mapping[int, NewLead] = {}  # the leads that both programs found, by Id
    ended: tuple[Run | None, Run | None] = (None, None)  # how the programs ended, where there were any


def prove(old: Side, new: Side, asked: Asked | None = None, again: Side | None = None) -> Proof:
    """What differs between two sides, each difference with its verdict.

    Args:
        old: what the old program left behind.
        new: what the new one did.
        asked: how leads are paired, and what is allowed.
        again: what the old program left behind the second time: where it differs from itself is noise.

    Raises:
        UnknownKeyError: leads cannot be paired by what was asked for.
    """
    asked = asked or Asked()
    compared, calls = _compare(old, new, asked)
    if again is not None:
        noisy, _ = _compare(old, again, asked)
        compared = _without_noise(compared, noisy)
    judged, unused = allow(compared, asked.allowed)
    return Proof(
        old=_run(old, asked.ended[0]),
        new=_run(new, asked.ended[1]),
        compared=tuple(item for item in judged if item.differences or item.calls),
        same=Counter(item.kind for item in judged if not item.differences and not item.calls),
        unpaired=calls.unpaired,
        unused=unused,
        notes=tuple(_notes(old, new)),
    )


def _compare(old: Side, new: Side, asked: Asked) -> tuple[tuple[Compared, ...], CallsCompared]:
    mirror = mirror_of(old, new, asked.foreign_id_field)
    pairs = pair_leads(old, new, asked.pair_by, asked.baseline, mirror)
    calls = compare_calls(old, new, pairs)
    context = Context(
        old=old,
        new=new,
        baseline=asked.baseline,
        mirror=mirror,
        uses_rest=calls.uses_rest,
        written_by_new=calls.written_by_new,
        became={item.lead.id: label_of(item) for item in old.leads if item.lead.id in asked.baseline},
        companies={item.label: item.values for item in new.records if item.kind == "company"},
        old_emails=_emails(old),
        new_emails=_emails(new),
    )
    leads = tuple(_lead(pair, context, calls) for pair in pairs)
    others = tuple(compare_records(old.records, new.records))
    return (*leads, *_with_companies(leads, others)), calls


def _with_companies(leads: Iterable[Compared], others: Iterable[Compared]) -> Iterable[Compared]:
    """The companies to which leads are linked as it is expected are expected themselves."""
    linked = {
        difference.new
        for item in leads
        for difference in item.differences
        if difference.rule == "company" and difference.verdict is Verdict.EXPECTED
    }
    for item in others:
        if item.kind == "company" and item.old_id is None and item.label in linked:
            why = "leads are linked to it, as SOAP wrote it into them"
            expected = (replace(found, verdict=Verdict.EXPECTED, rule="company", why=why) for found in item.differences)
            yield replace(item, differences=tuple(expected))
        else:
            yield item


def _lead(pair: LeadPair, context: Context, calls: CallsCompared) -> Compared:
    old_id, new_id = pair.ids
    return Compared(
        kind="lead",
        label=pair.label,
        old_id=old_id,
        new_id=new_id,
        paired_by=pair.by,
        differences=compare_lead(pair, context),
        calls=calls.of_pair.get(pair.ids, ()),
    )


def _emails(side: Side) -> Mapping[str, int]:
    return Counter(email_key(item.lead.email) for item in side.leads if item.lead.email)


def _without_noise(compared: Iterable[Compared], noisy: Iterable[Compared]) -> tuple[Compared, ...]:
    """What is unexplained where the old program differs from itself is noise: of the same thing, in the same item."""
    places = {(item.kind, item.label, difference.item) for item in noisy for difference in item.differences}

    def judged(item: Compared, difference: Difference) -> Difference:
        if difference.verdict is Verdict.UNEXPLAINED and (item.kind, item.label, difference.item) in places:
            return replace(difference, verdict=Verdict.EXPECTED, rule=NOISE, why="the old program differs from itself")
        return difference

    if not places:
        return tuple(compared)
    return tuple(
        replace(item, differences=tuple(judged(item, difference) for difference in item.differences))
        for item in compared
    )


def _run(side: Side, ended: Run | None) -> Run:
    calls = side.calls or ()
    run = ended or Run(side.name)
    faults = sum(1 for call in calls if call.fault_code is not None)
    return replace(run, leads=len(side.leads), calls=len(calls), faults=faults)


def _notes(old: Side, new: Side) -> Iterable[str]:
    if old.now is None or old.now != new.now:
        yield "times were not compared: the clocks of the two sides did not stand still at the same moment"
    if old.calls is None or new.calls is None:
        yield "calls were not compared: they are not part of a world"
