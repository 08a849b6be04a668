"""What is left of long work, done by a thread of its own: one slice a transaction, and others have their turns between.

The thread is there for as long as something is left, and no longer. It decides nothing: where it is not, every
transaction does a slice of what is due, so nothing is lost with it, and another server goes on where one was stopped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy.exc import SQLAlchemyError

from mockmkto.giving_way import LongWork
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.session import Session

__all__ = ["Rest"]


class Rest:
    """The rest of the work of one subscription. Safe to use from many threads.

    Args:
        transaction: begins one, which does a slice of what is due and says in `is_left` whether there is more.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[Session]]) -> None:
        self._transaction = transaction
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.is_left = False

    @property
    def is_at_it(self) -> bool:
        """Whether another thread does the rest: nobody else need."""
        return self._thread is not None and self._thread is not threading.current_thread()

    def carry_on(self) -> None:
        """Have a thread do the rest, unless one is at it."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mockmkto: rest of the work", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        work = LongWork()
        while self._goes_on():
            try:
                work.end_slice()
                with self._transaction():
                    pass
            except (ClosedDatabaseError, SQLAlchemyError):  # whoever comes next goes on with it, or nobody ever does
                self.is_left = False

    def _goes_on(self) -> bool:
        with self._starting:
            if not self.is_left:
                self._thread = None
            return self.is_left
