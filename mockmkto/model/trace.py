"""Why a call was answered as it was: typed steps, from which the chosen lead is derived, and warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "MOST_WARNINGS",
    "Change",
    "ChangeOutcome",
    "Key",
    "KeyStep",
    "PartitionStep",
    "RuleStep",
    "Trace",
    "TraceBuilder",
    "Verdict",
    "Warning",
]


@dataclass(frozen=True, slots=True)
class Warning:
    """Something in a request that was read leniently or ignored: what, where, and what was probably meant."""

    kind: str
    message: str
    element: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        return self.message


class Key(StrEnum):
    """The keys of a lead, in the order in which syncLead tries them."""

    ID = "Id"
    FOREIGN_ID = "ForeignSysPersonId"
    COOKIE = "marketoCookie"
    EMAIL = "Email"


class Verdict(StrEnum):
    """What became of one key."""

    DECIDES = "decides"
    FINDS_NOTHING = "finds nothing"
    OUTRANKED = "outranked"  # it found a lead, but an earlier key had decided
    YIELDS = "yields"  # an anonymous lead is merged into the known one that the e-mail found
    FAILS = "fails"  # an Id that finds nothing ends the call
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class KeyStep:
    """One key of the request: its value, the leads it found (the one that would win first), and what became of it."""

    key: Key
    value: str
    found: tuple[int, ...]
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RuleStep:
    """One assignment rule as it was tried: `failed` is the first condition that did not hold."""

    rule: str
    holds: bool
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class PartitionStep:
    """The partition of the lead, and the rule that chose it (or refused it)."""

    partition: str
    workspace: str | None
    reason: str
    rules: tuple[RuleStep, ...] = ()
    accepted: bool = True


class ChangeOutcome(StrEnum):
    """What became of one value of the request."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    NOT_STORED = "not stored"
    MOVED = "moved"  # a key that was another lead's


@dataclass(frozen=True, slots=True)
class Change:
    """One value, before and after. `target` is a field's name, a key's, or `known`/`lead` for the lead itself."""

    target: str
    before: str | None
    after: str | None
    outcome: ChangeOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """How a call was decided: the keys in their order, the partition, each value before and after."""

    keys: tuple[KeyStep, ...] = ()
    partition: PartitionStep | None = None
    changes: tuple[Change, ...] = ()

    @property
    def lead_id(self) -> int | None:
        """The lead that was chosen: derived from the steps, so that explanation and decision are one."""
        step = self.deciding
        return step.found[0] if step else None

    @property
    def deciding(self) -> KeyStep | None:
        """The step that decided, `None` when no key found a lead."""
        return next((step for step in self.keys if step.verdict is Verdict.DECIDES), None)


MOST_WARNINGS = 100  # of one call: a client can send any number of elements that nobody knows


@dataclass(slots=True)
class TraceBuilder:
    """Collects steps and warnings while a call is under way; what was collected before a fault is kept."""

    keys: list[KeyStep] = field(default_factory=list)
    partition: PartitionStep | None = None
    changes: list[Change] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether no further warning is kept: nobody need search for what to say in one."""
        return len(self.warnings) >= MOST_WARNINGS

    def warn(self, kind: str, message: str, element: str | None = None, nearest: str | None = None) -> None:
        """Note something that was ignored or read leniently; of very many, only the first."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(Warning(kind, message, element, nearest))
        else:
            self.warn_of_more()

    def warn_of_more(self) -> None:
        """Note that there was more than is kept."""
        if len(self.warnings) == MOST_WARNINGS:
            self.warnings.append(Warning("more", f"there were more than {MOST_WARNINGS} warnings: no further are kept"))

    def change(self, target: str, before: str | None, after: str | None, reason: str = "") -> None:
        """Note a value that was written, or that was already there."""
        outcome = ChangeOutcome.UNCHANGED if before == after else ChangeOutcome.WRITTEN
        self.changes.append(Change(target, before, after, outcome, reason))

    def finish(self) -> Trace:
        """The trace as it stands."""
        return Trace(tuple(self.keys), self.partition, tuple(self.changes))
