"""Figures, and how they are shown: an aligned table, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass  # noqa: TID251  # of dataclasses here

__all__ = ["Figure", "as_json", "as_table"]

_HEADINGS = ("", "value", "unit", "floor", "ratio", "target", "reached")


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured; `target` is the most that it should be, `floor` what it costs to do nothing."""

    section: str
    name: str
    value: float | None
    unit: str
    floor: float | None = None
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value in floors."""
        return self.value / self.floor if self.value is not None and self.floor else None

    @property
    def reached(self) -> bool | None:
        """Whether the value is at most the target; `None` without a target or a value."""
        return self.value <= self.target if self.value is not None and self.target is not None else None


def as_table(figures: Iterable[Figure]) -> str:
    """The figures in their sections, names to the left and numbers to the right."""
    rows: list[Sequence[str]] = [_HEADINGS]
    section = ""
    for figure in figures:
        if figure.section != section:
            section = figure.section
            rows.append((section,))
        target = f"<= {_number(figure.target)}" if figure.target is not None else ""
        reached = {True: "yes", False: "NO", None: ""}[figure.reached]
        rows.append(
            (
                f"  {figure.name}",
                _number(figure.value),
                figure.unit,
                _number(figure.floor) if figure.floor is not None else "",
                f"{figure.ratio:.2f}" if figure.ratio is not None else "",
                target,
                reached,
            )
        )
    widths = [max(len(row[column]) for row in rows if len(row) > 1) for column in range(len(_HEADINGS))]
    lines = []
    for row in rows:
        if len(row) == 1:
            lines += ["", row[0]]
            continue
        cells = [
            cell.ljust(width) if column in (0, 2) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_json(figures: Iterable[Figure], machine: Sequence[str]) -> str:
    """The same, with ratio and verdict, for a program."""
    rows = [{**asdict(figure), "ratio": figure.ratio, "reached": figure.reached} for figure in figures]
    return json.dumps({"machine": list(machine), "figures": rows}, indent=2) + "\n"


def _number(value: float | None) -> str:
    """Three digits that matter; thousands are whole."""
    if value is None:
        return "?"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
