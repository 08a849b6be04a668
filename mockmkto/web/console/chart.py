"""Calls by outcome over time, as a small picture: what a tester sees at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mockmkto.model import Call
from mockmkto.web.console.rendering import outcome

__all__ = ["OUTCOMES", "Bar", "Chart", "chart"]

OUTCOMES = ("created", "updated", "ok", "disturbed", "fault")
_BARS = 40
_HEIGHT = 100.0


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of a bar: from where to where, of 100."""

    outcome: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time."""

    parts: tuple[Part, ...]
    calls: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, oldest first, from when to when; and how many calls had which outcome."""

    bars: tuple[Bar, ...]
    since: datetime
    until: datetime
    counts: dict[str, int]
    warned: int

    @property
    def said(self) -> str:
        """The same in words, for who does not see it."""
        return ", ".join(f"{number} {name}" for name, number in self.counts.items() if number)


def chart(calls: Sequence[Call]) -> Chart | None:
    """The picture of these calls, oldest first; `None` where there are none."""
    if not calls:
        return None
    times = [call.at for call in calls]
    since, until = min(times), max(times)
    span = (until - since).total_seconds()
    # Where the clock stands still there is only their order.
    stretches: list[Counter[str]] = [Counter() for _ in range(_BARS if span else min(_BARS, len(calls)))]
    for number, call in enumerate(calls):
        part = (call.at - since).total_seconds() / span if span else number / len(calls)
        stretches[min(int(part * len(stretches)), len(stretches) - 1)][outcome(call)] += 1
    most = max(stretch.total() for stretch in stretches)
    totals = sum(stretches, Counter())
    return Chart(
        bars=tuple(Bar(tuple(_parts(stretch, most)), stretch.total()) for stretch in stretches),
        since=since,
        until=until,
        counts={name: totals[name] for name in OUTCOMES},
        warned=sum(1 for call in calls if call.warnings),
    )


def _parts(stretch: Counter[str], most: int) -> list[Part]:
    parts, bottom = [], _HEIGHT
    for name in OUTCOMES:
        height = stretch[name] / most * _HEIGHT
        if height:
            bottom -= height
            parts.append(Part(name, round(bottom, 2), round(height, 2)))
    return parts
