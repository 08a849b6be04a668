"""Numbers of requests: any may come, of any size, and few of them can be an id or a count."""

from __future__ import annotations

from typing import Final

__all__ = ["LARGEST", "as_id", "whole"]

LARGEST: Final = 2**63 - 1
"""What every database can compare."""


def as_id(number: float) -> int:
    """A number as an id; -1, which nothing has, where it can be none: with a fraction, or too large."""
    return int(number) if -LARGEST <= number <= LARGEST and number == int(number) else -1


def whole(number: float | None) -> int | None:
    """A number as a trace shows it: without a fraction, and no larger than an id can be."""
    return int(max(-LARGEST, min(number, LARGEST))) if number is not None else None
