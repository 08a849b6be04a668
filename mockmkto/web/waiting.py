"""Requests that wait for something to happen: how many may at once, and that they end when the server stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Event

__all__ = ["MOST_WAITS", "Waits"]

MOST_WAITS = 128  # half of the workers that a server has at most: the others go on answering


class Waits:
    """The waiting requests of one server. Whoever waits asks now and then whether `are_over` is so."""

    def __init__(self, most: int = MOST_WAITS) -> None:
        self.most = most
        self._free = BoundedSemaphore(most)
        self._over = Event()

    @property
    def are_over(self) -> bool:
        """Whether nobody is to wait any longer."""
        return self._over.is_set()

    def end(self) -> None:
        """Have everybody end who waits."""
        self._over.set()

    @contextmanager
    def one_more(self) -> Iterator[bool]:
        """A block in which a request may wait, or may not, because too many do."""
        admitted = self._free.acquire(blocking=False)
        try:
            yield admitted
        finally:
            if admitted:
                self._free.release()
