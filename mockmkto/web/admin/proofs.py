"""`/proofs`: two subscriptions compared, as what an old program and a new one left behind of one fixture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from mockmkto.migration.allowing import allowance
from mockmkto.migration.model import CallPair, Difference, Proof, Run, Unused, Verdict
from mockmkto.migration.pairing import UnknownKeyError
from mockmkto.migration.proving import Asked, prove
from mockmkto.migration.reporting import pages_of, sentence
from mockmkto.migration.side import Side, baseline_of, read_side
from mockmkto.store.database import Database
from mockmkto.store.leads import NewLead
from mockmkto.web.admin.problems import Wrong, not_found, show, wrong
from mockmkto.web.admin.resource import Body, Server, View, also

__all__ = ["NewProof", "ProofView", "add", "proof_of"]

_Key = Annotated[str, Meta(min_length=1, max_length=255)]


class MayDiffer(Body, frozen=True, kw_only=True):
    """What may differ, and why. `*` and `?` stand for anything."""

    whose: _Key  # as the proof calls it: ann@example.com
    what: _Key  # an item, by either name of a field; or with its values: `Phone: 1 -> 2`
    reason: _Key


class NewProof(Body, frozen=True, kw_only=True):
    """The subscriptions of both sides by their names, and how they are compared.

    `again` is what the old program left behind a second time: where it differs from itself is noise.
    """

    old: str
    new: str
    again: str | None = None
    pair_by: Annotated[list[_Key], Meta(min_length=1, max_length=10)] = msgspec.field(default_factory=lambda: ["Email"])
    foreign_id_field: _Key | None = None
    allow: Annotated[list[MayDiffer], Meta(max_length=1000)] = msgspec.field(default_factory=list)


class ComparedView(View, frozen=True, kw_only=True):
    """One lead, or one other thing, of both sides, and the worst verdict on it."""

    kind: str
    label: str
    old_id: int | None
    new_id: int | None
    paired_by: str
    verdict: Verdict
    differences: tuple[Difference, ...]
    calls: tuple[CallPair, ...]


class ProofView(View, frozen=True, kw_only=True):
    """What differs. `compared` has what differs or was called about, `same` counts everything else by its kind."""

    equal: bool
    sentence: str
    counts: dict[str, int]
    pages: dict[str, str]  # of the documentation, by the rules that are named
    old: Run
    new: Run
    compared: tuple[ComparedView, ...]
    same: Mapping[str, int]
    unpaired: tuple[CallPair, ...]
    unused: tuple[Unused, ...]
    notes: tuple[str, ...]


@also(404, "There is no such subscription.")
def add(asked: Server, body: NewProof) -> ProofView:
    """Compare two subscriptions as what an old program and a new one left behind; nothing is changed."""
    proof = proof_of(asked, body)
    return ProofView(
        equal=proof.equal,
        sentence=sentence(proof),
        counts={verdict.value: proof.counts[verdict] for verdict in Verdict},
        pages=pages_of(proof),
        old=proof.old,
        new=proof.new,
        compared=tuple(
            ComparedView(
                kind=item.kind,
                label=item.label,
                old_id=item.old_id,
                new_id=item.new_id,
                paired_by=item.paired_by,
                verdict=item.verdict,
                differences=item.differences,
                calls=item.calls,
            )
            for item in proof.compared
        ),
        same=proof.same,
        unpaired=proof.unpaired,
        unused=proof.unused,
        notes=proof.notes,
    )


def proof_of(asked: Server, body: NewProof) -> Proof:
    """The proof of two subscriptions.

    Raises:
        ProblemError: one of them is not there, or leads cannot be paired so.
    """
    allowed = tuple(allowance(place, item.whose, item.what, item.reason) for place, item in enumerate(body.allow, 1))
    named = {"old": body.old, "new": body.new} | ({"again": body.again} if body.again is not None else {})
    found = {which: _database(asked, which, name) for which, name in named.items()}
    sides = {which: _side(database) for which, database in found.items()}
    how = Asked(
        pair_by=body.pair_by,
        foreign_id_field=body.foreign_id_field,
        allowed=allowed,
        baseline=_baseline(found["old"], found["new"]),
    )
    try:
        return prove(sides["old"], sides["new"], how, sides.get("again"))
    except UnknownKeyError:
        expected = "an existing field, or a type of foreign ids"
        raise wrong(Wrong("body.pair_by", expected, ", ".join(show(item) for item in body.pair_by))) from None


def _database(asked: Server, which: str, name: str) -> Database:
    database = asked.registry.get(name)
    if database is None:
        raise not_found(f"body.{which}", "subscription", name, asked.registry.names())
    return database


def _side(database: Database) -> Side:
    journal = database.journal
    calls = journal.calls() if not journal.dropped else None
    with database.transaction() as session:
        return read_side(session, database.name, calls)


def _baseline(old: Database, new: Database) -> Mapping[int, NewLead]:
    """The leads that both sides began with: what a reset returns them to, as far as that is the same."""
    if not (old.has_baseline and new.has_baseline):
        return {}
    with old.baseline_transaction() as session:
        ones = baseline_of(session)
    with new.baseline_transaction() as session:
        others = baseline_of(session)
    return {
        lead_id: item
        for lead_id, item in ones.items()
        if lead_id in others
        and (other := others[lead_id].lead).email == item.lead.email
        and other.attributes == item.lead.attributes
    }
