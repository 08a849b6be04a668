"""What a replay found: for a person, as JSON, as JUnit; and as a report that can be handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from lxml import etree

from mockmkto.junit import as_document, plain
from mockmkto.traffic.replaying import Outcome

__all__ = ["Summary", "as_json", "as_junit", "as_text"]

_MOST_DIFFERENCES = 20  # of one call, on paper


@dataclass(slots=True)
class Summary:
    """Counts what became of the calls, and keeps those that differ."""

    same: Counter[str] = field(default_factory=Counter)
    differing: list[Outcome] = field(default_factory=list)
    left_out: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Take one more outcome in."""
        if outcome.left_out:
            self.left_out.append(outcome)
        elif outcome.differences:
            self.differing.append(outcome)
        else:
            self.same[outcome.operation] += 1

    @property
    def total(self) -> int:
        """How many calls there were, those that could not be sent among them."""
        return self.same.total() + len(self.differing) + len(self.left_out)

    @property
    def sentence(self) -> str:
        """`12 calls: 10 answered the same, 1 differs, 1 left out`."""
        calls = "1 call" if self.total == 1 else f"{self.total:,} calls"
        parts = [f"{self.same.total():,} answered the same"]
        parts.append(f"{len(self.differing):,} {'differs' if len(self.differing) == 1 else 'differ'}")
        if self.left_out:
            parts.append(f"{len(self.left_out):,} left out")
        return f"{calls}: {', '.join(parts)}"


def as_text(summary: Summary, left_out_files: Iterable[str] = ()) -> str:
    """For a person: each call that differs with the places in which it does, then the counts."""
    lines: list[str] = []
    for outcome in summary.differing:
        lines.append(f"{outcome.operation}  {outcome.exchange.source}")
        lines += [f"  {difference}" for difference in outcome.differences[:_MOST_DIFFERENCES]]
        more = len(outcome.differences) - _MOST_DIFFERENCES
        lines += [f"  and {more} more"] if more > 0 else []
        if why := _why(outcome):
            lines.append(f"  ours, because: {why}")
        lines.append("")
    lines += [f"left out  {outcome.exchange.source}: {outcome.left_out}" for outcome in summary.left_out]
    lines += [f"left out  {text}" for text in left_out_files]
    if lines and lines[-1]:
        lines.append("")
    differing = Counter(outcome.operation for outcome in summary.differing)
    lines.append(f"{summary.sentence}.")
    for operation in sorted({*summary.same, *differing}):
        lines.append(f"  {operation}: {summary.same[operation]:,} the same, {differing[operation]:,} differ")
    return "\n".join(lines) + "\n"


def _why(outcome: Outcome) -> str:
    """What our call says of itself: its fault, the key that decided, its warnings."""
    call = outcome.call
    if call is None:
        return ""
    said = [call.fault_message] if call.fault_message else []
    if call.trace.deciding is not None:
        step = call.trace.deciding
        said.append(f"{step.name} {step.value} finds lead {step.found[0]}")
    said += [warning.message for warning in call.warnings[:3]]
    return "; ".join(said)


class _Difference(msgspec.Struct):
    place: str
    recorded: str | None
    ours: str | None


class _Call(msgspec.Struct):
    source: str
    operation: str
    differences: list[_Difference]
    left_out: str | None = None
    why: str | None = None


class _Report(msgspec.Struct):
    total: int
    same: dict[str, int]
    differing: list[_Call]
    left_out: list[_Call]


def as_json(summary: Summary) -> bytes:
    """The same for a program: counts, and every difference."""
    return msgspec.json.format(
        msgspec.json.encode(
            _Report(
                summary.total,
                dict(summary.same),
                [_call(outcome) for outcome in summary.differing],
                [_call(outcome) for outcome in summary.left_out],
            )
        )
    )


def _call(outcome: Outcome) -> _Call:
    found = [_Difference(item.place, item.recorded, item.ours) for item in outcome.differences]
    return _Call(outcome.exchange.source, outcome.operation, found, outcome.left_out or None, _why(outcome) or None)


def as_junit(summary: Summary) -> bytes:
    """For a pipeline: a suite with a test case for each call that differs or was left out, and one for the rest."""
    suite = etree.Element("testsuite", name="mockmkto replay")
    for operation, count in sorted(summary.same.items()):
        etree.SubElement(suite, "testcase", classname=operation, name=f"{count} calls answered the same")
    for outcome in summary.differing:
        case = etree.SubElement(suite, "testcase", classname=outcome.operation, name=outcome.exchange.source)
        differences = [str(difference) for difference in outcome.differences]
        failure = etree.SubElement(case, "failure", message=plain(differences[0]))
        failure.text = plain("\n".join(differences))
    for outcome in summary.left_out:
        case = etree.SubElement(suite, "testcase", classname=outcome.operation, name=outcome.exchange.source)
        etree.SubElement(case, "skipped", message=plain(outcome.left_out))
    for name, number in (
        ("tests", len(suite)),
        ("failures", len(summary.differing)),
        ("skipped", len(summary.left_out)),
    ):
        suite.set(name, str(number))
    return as_document(suite)
