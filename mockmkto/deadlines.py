"""Until when the work of this thread may wait for others: one deadline for a whole request, from when it came.

Whatever there is to be waited for (a lock, a turn, a free connection, a server's answer) takes of the same time, so
what is waited for one after the other does not add up. A deliberate delay does not count.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mockmkto.measuring import stopwatch

__all__ = ["SECONDS", "be_patient", "is_patient", "no_longer_than", "put_off", "remaining", "started"]

SECONDS = 10.0  # that a request may wait, all in all


class _Here(threading.local):
    at: float | None = None  # on the stopwatch
    patient: bool = False


_here = _Here()


@contextmanager
def started(since: float | None = None, seconds: float | None = None) -> Iterator[None]:
    """A block that is one request, which came at `since`, or now. Within a request there is no other one."""
    if _here.at is not None:
        yield
        return
    _here.at = (since if since is not None else stopwatch()) + (seconds if seconds is not None else SECONDS)
    _here.patient = False
    try:
        yield
    finally:
        _here.at = None


def remaining(most: float) -> float:
    """How many seconds this thread may still wait: never more than `most`, which holds where there is no deadline."""
    at = _here.at
    return most if at is None else max(0.0, min(most, at - stopwatch()))


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """A block that waits so long at most, however much time the request has left."""
    before = _here.at
    latest = stopwatch() + seconds
    _here.at = latest if before is None else min(before, latest)
    try:
        yield
    finally:
        _here.at = before


def put_off(seconds: float) -> None:
    """Let the deadline come so much later: the time went by on purpose."""
    if _here.at is not None:
        _here.at += seconds


def be_patient() -> None:
    """This request may do much by itself, such as load a whole world: only to begin it has to be in time."""
    _here.patient = True


def is_patient() -> bool:
    """Whether what has begun may take its time; so may whatever is not a request at all."""
    return _here.at is None or _here.patient
