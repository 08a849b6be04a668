"""How large a page is."""

from __future__ import annotations

from mockmkto.model import TraceBuilder

__all__ = ["batch_size"]


def batch_size(asked: float | None, default: int, most: int, trace: TraceBuilder) -> int:
    """How many records a page has at most: what is asked for, within bounds.

    More than the most is the most, with a warning (captured: clients ask for more); nothing, zero and less is the
    default (assumed).
    """
    if asked is None or asked < 1:
        return default
    if asked > most:
        trace.warn("batch_size", f"batchSize {asked} is more than {most}: {most} was used", "batchSize")
        return most
    return int(asked)
