"""The table at the end of a trial, and whether it was passed."""

from __future__ import annotations

from collections.abc import Sequence

from bench.trials.load import Tally

__all__ = ["shown"]


def shown(title: str, tally: Tally, lost: Sequence[str], more: Sequence[tuple[str, str]], failed: Sequence[str]) -> str:
    """Rows of a name and a value, then what was promised and is not so."""
    errors = ", ".join(f"{count} {name}" for name, count in sorted(tally.errors.items())) or "none"
    rows = [
        ("calls answered", f"{tally.answered:,}"),
        ("leads promised", f"{len(tally.acknowledged):,}"),
        ("lost", str(len(lost))),
        ("errors that clients saw", errors),
        ("hostile requests refused", f"{tally.refused:,}"),
        ("median, p99 of a call", f"{tally.percentile(50):.1f}, {tally.percentile(99):.1f} ms"),
        *more,
    ]
    width = max(len(name) for name, _ in rows) + 2
    verdict = [f"FAILED: {text}" for text in failed] or ["passed"]
    return "\n".join([title, *(f"  {name:{width}}{value}" for name, value in rows), *verdict])
