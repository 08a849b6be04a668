"""What is put off by the subscription's clock: when the next of it is due, and that it is done before anything else.

A transaction that finds something due has it done first, as of the moment when it was due: so whoever asks after that
moment sees it, whichever server is asked, and nothing runs in between. Only what takes long, a large file, is done in
slices: one with each transaction, until it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from mockmkto.store.session import Session

__all__ = ["catch_up", "reschedule", "when_due"]

Work: TypeAlias = Callable[[Session], bool | None]
"""Does what is due; `True` where it has stopped, though there is more."""

_work: list[Work] = []


def when_due(work: Work) -> None:
    """Have this done where something is due; the engine says so in `put_off`, for every server."""
    if work not in _work:
        _work.append(work)


def catch_up(session: Session, *, files: bool = True) -> bool:
    """Do what is due, moment by moment in their order; whether something of it is left for the next transaction.

    Without the files, of which somebody else does a slice after the other, nothing is written for their sake.
    """
    if not files and session.is_due:
        others = _next(session, files=False)
        if others is None or others > session.now:
            return True
    sliced = not files and session.is_due
    while _work and session.is_due and session.due_at is not None:
        with session.as_of(session.due_at):
            for work in _work:
                sliced |= bool(work(session))
            reschedule(session, files=not sliced)
    if sliced:
        reschedule(session)
    return sliced


def reschedule(session: Session, *, files: bool = True) -> None:
    """Look when the next thing is due that was put off; without the files, of which a slice was done already."""
    session.due_at = _next(session, files=files)


def _next(session: Session, *, files: bool) -> datetime | None:
    from mockmkto.store import bulk, campaigns, imports  # they are there once something was put off

    moments = [campaigns.next_run_at(session), imports.next_due_at(session)]
    if files:
        moments.append(bulk.next_due_at(session))
    return min((moment for moment in moments if moment is not None), default=None)
