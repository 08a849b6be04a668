"""SIGTERM and SIGINT: caught from the first moment on, so that a server that is still starting ends as cleanly."""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # `typing` takes milliseconds, in which a signal would kill
if TYPE_CHECKING:
    from types import FrameType

__all__ = ["EndSignals", "EndedEarlyError", "end_at_once"]


def end_at_once() -> None:
    """Have both signals end the process with exit code 0 for now: it has only begun, and there is nothing to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


class EndedEarlyError(BaseException):
    """A signal came before there was anything to stop. Not an Exception: nobody is to handle it on the way out."""


class EndSignals:
    """Both signals, caught from now on; for the main thread of a process that ends afterwards.

    Until `wait`, the first one raises EndedEarlyError in the main thread, wherever it is. Later ones are only noted, so
    that an impatient second one does not break off the stopping.
    """

    def __init__(self) -> None:
        import queue  # not at the very beginning

        # Neither Event nor Queue: their locks would deadlock when a handler runs inside them. This put is reentrant.
        self._came: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._starting = True
        self._before = {number: signal.signal(number, self._catch) for number in (signal.SIGTERM, signal.SIGINT)}

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        self._came.put(number)
        if self._starting:
            self._starting = False
            raise EndedEarlyError

    def wait(self) -> None:
        """Returns when a signal comes, at once if one came before."""
        from queue import Empty

        self._starting = False
        while True:
            try:  # Windows notices Ctrl-C only between two waits
                self._came.get(timeout=0.5 if sys.platform == "win32" else None)
            except Empty:
                continue
            return

    def ignore(self) -> None:
        """Nothing is left to stop. While the interpreter ends it would have them kill the process again."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def release(self) -> None:
        """Have them do again what they did before: nothing was started, and the process does something else."""
        for number, before in self._before.items():
            signal.signal(number, before if before is not None else signal.SIG_DFL)
