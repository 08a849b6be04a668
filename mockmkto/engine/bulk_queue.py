"""The queue of the bulk API: how many jobs it holds, and when each has its turn.

Documented: two jobs are worked on at once, ten may be in the queue, those two included; jobs are kept for seven days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

__all__ = ["KEPT", "QUEUE", "turn"]

QUEUE = 10
_AT_ONCE = 2
KEPT = timedelta(days=7)


def turn(now: datetime, ends: Sequence[datetime], duration: timedelta) -> tuple[datetime, datetime]:
    """When a new job leaves the queue, and when it is done: it is in the queue for half of the duration (assumed).

    Args:
        now: when it comes into the queue.
        ends: when those are done that are in the queue already.
        duration: how long a job takes that has not to wait for others.
    """
    later = sorted(ends, reverse=True)
    begins = max(now, later[_AT_ONCE - 1]) if len(later) >= _AT_ONCE else now
    return begins + duration / 2, begins + duration
