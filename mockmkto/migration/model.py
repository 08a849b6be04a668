"""What a proof says: what was compared, each difference with its verdict, and the calls side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

import msgspec

__all__ = ["CallPair", "Compared", "Difference", "Proof", "Run", "Unused", "Verdict"]


class Verdict(StrEnum):
    """What a difference is worth. Only one that is unexplained fails a proof."""

    SAME = "same"
    FORM = "different in form only"
    EXPECTED = "expected"
    UNEXPLAINED = "unexplained"


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not the same on both sides. `None` is a side on which there is nothing."""

    item: str  # as it is shown: `Phone / phone`, `cookie`, `list Newsletter`
    old: str | None
    new: str | None
    verdict: Verdict = Verdict.UNEXPLAINED
    rule: str | None = None  # by its name: the trap that explains it, or `noise`, or `allowed`
    why: str = ""
    follows: str | None = None  # the item whose difference it is a consequence of

    def __str__(self) -> str:
        return f"{self.item}: {_shown(self.old)} -> {_shown(self.new)}"


def _shown(text: str | None) -> str:
    return "nothing" if text is None else text


class CallPair(msgspec.Struct, frozen=True):
    """What both programs did to one thing with one intent: the calls of each side, `syncLead CREATED`, in order."""

    intent: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    verdict: Verdict = Verdict.SAME
    rule: str | None = None
    why: str = ""


class Compared(msgspec.Struct, frozen=True):
    """One lead, or one other thing, of both worlds; `None` as an id is a side on which it is not."""

    kind: str  # lead, opportunity, list ...
    label: str
    old_id: int | None = None
    new_id: int | None = None
    paired_by: str = ""
    differences: tuple[Difference, ...] = ()
    calls: tuple[CallPair, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """That of its worst difference, or its worst pair of calls."""
        found = [*(item.verdict for item in self.differences), *(item.verdict for item in self.calls)]
        return max(found, key=_RANK.__getitem__, default=Verdict.SAME)


class Run(msgspec.Struct, frozen=True):
    """One side: what it was, how many leads it has, how many calls were made, how its program ended."""

    name: str
    leads: int = 0
    calls: int = 0
    faults: int = 0
    exit_code: int | None = None
    output: str = ""


class Unused(msgspec.Struct, frozen=True):
    """A line of the allow file that allowed nothing."""

    line: int
    text: str


class Proof(msgspec.Struct, frozen=True):
    """Everything that a proof found."""

    old: Run
    new: Run
    compared: tuple[Compared, ...] = ()  # what differs, or was called about
    same: Mapping[str, int] = {}  # how many others of each kind there are: all the same
    unpaired: tuple[CallPair, ...] = ()  # calls about nothing that is in either world
    unused: tuple[Unused, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differences(self) -> tuple[tuple[Compared, Difference], ...]:
        """Every difference, with what it is a difference of."""
        return tuple((item, difference) for item in self.compared for difference in item.differences)

    @property
    def counts(self) -> Counter[Verdict]:
        """How many things had which verdict as their worst."""
        unpaired = Counter(item.verdict for item in self.unpaired if item.verdict is Verdict.UNEXPLAINED)
        others = Counter({Verdict.SAME: sum(self.same.values())})
        return Counter(item.verdict for item in self.compared) + unpaired + others

    @property
    def failed(self) -> tuple[str, ...]:
        """The programs that ended with another exit code than 0, in words."""
        return tuple(
            f"the {which} program ended with exit code {run.exit_code}: {run.name}"
            for which, run in (("old", self.old), ("new", self.new))
            if run.exit_code
        )

    @property
    def equal(self) -> bool:
        """Whether nothing is unexplained and both programs ended well."""
        return not self.failed and not self.counts[Verdict.UNEXPLAINED]
