"""What is put off by the subscription's clock: when the next of it is due, and that it is done before anything else.

A transaction that finds something due has it done first, as of the moment when it was due: so whoever asks after that
moment sees it, whichever server is asked, and nothing runs in between.
"""

from __future__ import annotations

from collections.abc import Callable

from mockmkto.store import campaigns, imports
from mockmkto.store.session import Session

__all__ = ["catch_up", "reschedule", "when_due"]

_work: list[Callable[[Session], None]] = []


def when_due(work: Callable[[Session], None]) -> None:
    """Have this done where something is due; the engine says so once, where it knows how."""
    if work not in _work:
        _work.append(work)


def catch_up(session: Session) -> None:
    """Do what is due, moment by moment in their order."""
    while _work and session.is_due and session.due_at is not None:
        with session.as_of(session.due_at):
            for work in _work:
                work(session)
            reschedule(session)


def reschedule(session: Session) -> None:
    """Look when the next thing is due that was put off."""
    moments = [moment for moment in (campaigns.next_run_at(session), imports.next_due_at(session)) if moment]
    session.due_at = min(moments, default=None)
