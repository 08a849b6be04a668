"""Why a call was answered as it was: typed steps, from which the chosen lead is derived, and warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import islice

from msgspec import Struct, field

from mockmkto.bounds import LONGEST_NOTE, LONGEST_QUOTE, cut

__all__ = [
    "MOST_RECORDS",
    "MOST_WARNINGS",
    "NOT_COUNTED",
    "Change",
    "ChangeOutcome",
    "Key",
    "KeyStep",
    "PageStep",
    "PartitionStep",
    "RecordStep",
    "RuleStep",
    "Subject",
    "Trace",
    "TraceBuilder",
    "Verdict",
    "Warning",
]


class Warning(Struct, frozen=True):
    """Something in a request that was read leniently or ignored: what, where, and what was probably meant."""

    kind: str
    message: str
    element: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        return self.message


class Key(StrEnum):
    """What a lead is found by: the keys of syncLead, in the order in which it tries them, and any field."""

    ID = "Id"
    FOREIGN_ID = "ForeignSysPersonId"
    COOKIE = "marketoCookie"
    EMAIL = "Email"
    FIELD = "field"  # any other one that the REST API looks a lead up by: `KeyStep.field` names it


class Verdict(StrEnum):
    """What became of one key."""

    DECIDES = "decides"
    FINDS_NOTHING = "finds nothing"
    OUTRANKED = "outranked"  # it found a lead, but an earlier key had decided
    YIELDS = "yields"  # an anonymous lead is merged into the known one that the e-mail found
    FAILS = "fails"  # an Id that finds nothing ends the call
    NOT_TRIED = "not tried"


class KeyStep(Struct, frozen=True):
    """One key of the request: its value, the leads it found (the one that would win first), and what became of it."""

    key: Key
    value: str
    found: tuple[int, ...]
    verdict: Verdict
    reason: str = ""
    field: str | None = None  # its name, where the key is the value of one

    @property
    def name(self) -> str:
        """What the key is called: a key's name, or the field's."""
        return self.field or self.key.value


class RuleStep(Struct, frozen=True):
    """One assignment rule as it was tried: `failed` is the first condition that did not hold."""

    rule: str
    holds: bool
    failed: str | None = None


class PartitionStep(Struct, frozen=True):
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


class Change(Struct, frozen=True):
    """One value, before and after. `target` is a field's name, a key's, or `known`/`lead` for the lead itself."""

    target: str
    before: str | None
    after: str | None
    outcome: ChangeOutcome
    reason: str = ""

    @classmethod
    def of(cls, target: str, before: str | None, after: str | None, reason: str = "") -> Change:
        """A value that was written, or that was already there."""
        return cls(target, before, after, ChangeOutcome.UNCHANGED if before == after else ChangeOutcome.WRITTEN, reason)


class Subject(Struct, frozen=True):
    """What a call was about, its leads aside: a list, a campaign, a program, an object type; found, or not."""

    kind: str  # list, campaign, program, object type
    asked: str  # how the request named it: MKTOLISTNAME = Newsletter
    id: int | str | None = None  # None: it was not found
    name: str | None = None  # as answers show it
    reason: str = ""


class RecordStep(Struct, frozen=True):
    """One record of a request that carries many: how it was found, what became of it."""

    position: int  # in the request, from 1
    status: str  # as the answer says it: CREATED, FAILED, true; or what was done: added, ignored
    keys: tuple[KeyStep, ...] = ()
    partition: PartitionStep | None = None
    changes: tuple[Change, ...] = ()
    lead_id: int | None = None
    object_id: str | None = None  # of what is no lead
    error: str | None = None
    reason: str = ""
    activities: int = 0  # how many were written into the log for it


NOT_COUNTED = -1


class PageStep(Struct, frozen=True):
    """What a read showed: which records it meant, how many there are, and which part of them this page is."""

    selector: str  # what was asked for, in words: `2 keys of type EMAIL`, `list Newsletter (1001)`
    total: int  # how many records that means; `NOT_COUNTED` where nobody looked
    first: int  # the place of the first that is shown, from 1; 0: none is
    last: int
    batch_asked: int | None
    batch_used: int
    ended: str = ""  # why no further page is to be read; empty while there is one
    came: str | None = None  # the position that was sent
    next: str | None = None  # the position that was answered


class Trace(Struct, frozen=True):
    """How a call was decided: the keys in their order, the partition, each value before and after.

    A call that carries many records has a step for each of the first hundred, and for a hundred that were refused of
    those behind them; `counts` says how many became what.
    """

    keys: tuple[KeyStep, ...] = ()
    partition: PartitionStep | None = None
    changes: tuple[Change, ...] = ()
    subjects: tuple[Subject, ...] = ()
    records: tuple[RecordStep, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # of records: CREATED 3, FAILED 1
    page: PageStep | None = None
    activities: int = 0  # how many were written into the log
    lead_ids: tuple[int, ...] = ()  # the leads that were touched or shown, the first 300
    lead_count: int = 0

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
MOST_RECORDS = 100  # of one call are kept as steps; the others are counted
_MOST_REFUSED = 100  # of those behind them are kept: whoever looks for an error is to find it
_MOST_LEADS = 300  # of one call are kept: as many as a call of the REST API can be about


class TraceBuilder(Struct):
    """Collects steps and warnings while a call is under way; what was collected before a fault is kept."""

    keys: list[KeyStep] = field(default_factory=list)
    partition: PartitionStep | None = None
    changes: list[Change] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    records: list[RecordStep] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    page: PageStep | None = None
    activities: int = 0
    leads: dict[int, None] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether no further warning is kept: nobody need search for what to say in one."""
        return len(self.warnings) >= MOST_WARNINGS

    def warn(self, kind: str, message: str, element: str | None = None, nearest: str | None = None) -> None:
        """Note something that was ignored or read leniently; of very many, only the first."""
        if len(self.warnings) < MOST_WARNINGS:
            name = None if element is None else cut(element, LONGEST_QUOTE)
            self.warnings.append(Warning(kind, cut(message, LONGEST_NOTE), name, nearest))
        else:
            self.warn_of_more()

    def note(self, warnings: Iterable[Warning]) -> None:
        """Note warnings that somebody else found."""
        for warning in warnings:
            self.warn(warning.kind, warning.message, warning.element, warning.nearest)

    def warn_of_more(self) -> None:
        """Note that there was more than is kept."""
        if len(self.warnings) == MOST_WARNINGS:
            self.warnings.append(Warning("more", f"there were more than {MOST_WARNINGS} warnings: no further are kept"))

    def change(self, target: str, before: str | None, after: str | None, reason: str = "") -> None:
        """Note a value that was written, or that was already there."""
        self.changes.append(Change.of(target, before, after, reason))

    def record(self, step: RecordStep) -> None:
        """Note what became of one record; of very many, only the first are kept, and all are counted."""
        self.counts[step.status] = self.counts.get(step.status, 0) + 1
        if len(self.records) < MOST_RECORDS + (_MOST_REFUSED if step.error is not None else 0):
            self.records.append(step)
        if step.lead_id is not None:
            self.leads[step.lead_id] = None

    def touch(self, lead_ids: Iterable[int]) -> None:
        """Note leads that the call touched or shows."""
        self.leads.update(dict.fromkeys(lead_ids))

    def finish(self) -> Trace:
        """The trace as it stands."""
        return Trace(
            tuple(self.keys),
            self.partition,
            tuple(self.changes),
            tuple(self.subjects),
            tuple(self.records),
            dict(self.counts),
            self.page,
            self.activities,
            tuple(islice(self.leads, _MOST_LEADS)),
            len(self.leads),
        )
