"""The stopwatch: what is measured and waited for is real, whatever a test has done with the time of its process."""

from __future__ import annotations

import time
from functools import partial

__all__ = ["stopwatch"]

# Real whatever a test has done with the names of `time`: a wait with a limit must end.
_monotonic = (
    partial(time.clock_gettime, time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime") else partial(time.perf_counter)
)


def stopwatch() -> float:
    """Seconds on a clock that only measures durations, and cannot be turned."""
    return _monotonic()
