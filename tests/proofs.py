"""Two programs as functions, each with a Marketo of its own from one fixture; and what they leave behind, compared."""

from __future__ import annotations

from collections.abc import Callable

from rest_support import Rest
from support import NOW, Marketo

from mockmkto.migration.allowing import read_allowed
from mockmkto.migration.model import Proof, Verdict
from mockmkto.migration.proving import Asked, prove
from mockmkto.migration.side import Side, baseline_of, read_side

Program = Callable[[Marketo], object] | Callable[[Rest], object]


def side_of(fixture: str, program: Program, name: str = "a program", *, rest: bool = False) -> tuple[Side, dict]:
    """What a program leaves behind, and the leads that it found."""
    marketo = Marketo(f"clock: {{frozen: {NOW.isoformat()}}}\n{fixture}")
    with marketo.database.transaction() as session:
        baseline = dict(baseline_of(session))
    program(Rest(soap=marketo) if rest else marketo)
    with marketo.database.transaction() as session:
        return read_side(session, name, tuple(marketo.calls)), baseline


def proof_of(
    fixture: str,
    old: Program,
    new: Program,
    *,
    allow: str = "",
    twice_old: bool = False,
    rest: bool = False,
    **asked,
) -> Proof:
    """The proof of two programs; with `rest` the new one calls the REST API."""
    side, baseline = side_of(fixture, old, "old")
    again = side_of(fixture, old, "old")[0] if twice_old else None
    return prove(
        side,
        side_of(fixture, new, "new", rest=rest)[0],
        Asked(allowed=read_allowed(allow, "allow.txt"), baseline=baseline, **asked),
        again,
    )


def named(proof: Proof, verdict: Verdict = Verdict.UNEXPLAINED) -> set[str]:
    """What has a verdict, as `ann@example.com: Phone / phone`."""
    return {f"{item.label}: {found.item}" for item, found in proof.differences if found.verdict is verdict}
