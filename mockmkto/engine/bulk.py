"""What is due of the bulk API, done in slices: a file takes long, and meanwhile others have their turns."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from mockmkto.engine import bulk_imports, extracts
from mockmkto.store import bulk
from mockmkto.store.database import Session

__all__ = ["go_on"]

_log = logging.getLogger("mockmkto.bulk")
_OUR_OWN = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)

Job = TypeVar("Job")


def go_on(session: Session) -> bool:
    """Do a slice of what is due, imports first; whether there is more."""
    return _do(session, bulk.due_import, bulk_imports.go_on, bulk_imports.fail) or _do(
        session, bulk.due_export, extracts.go_on, extracts.fail
    )


def _do(
    session: Session,
    next_due: Callable[[Session], Job | None],
    do: Callable[[Session, Job], bool],
    fail: Callable[[Session, Job, str], None],
) -> bool:
    while (job := next_due(session)) is not None:
        try:
            with session.savepoint():
                left = do(session, job)
        except _OUR_OWN:  # every call begins with what is due: none would be answered any more
            _log.exception("an error of mockmkto's own, for which a job of the bulk API failed")
            fail(session, job, "System error")
            left = False
        if left:
            return True
    return False
