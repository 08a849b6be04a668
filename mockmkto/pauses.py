"""Threads that wait (for a client, a delay, their turn): whoever lends them out is told, and lends others meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["pause", "tell_of_pauses"]

_of_this_thread = threading.local()


def tell_of_pauses(begin: Callable[[], None], end: Callable[[], None]) -> None:
    """From now on, `begin` is called before this thread waits for something and `end` when it goes on."""
    _of_this_thread.told = (begin, end)


@contextmanager
def pause() -> Iterator[None]:
    """A block in which this thread waits for something that may take long, and costs no processor."""
    told: tuple[Callable[[], None], Callable[[], None]] | None = getattr(_of_this_thread, "told", None)
    if told is None:
        yield
        return
    begin, end = told
    begin()
    try:
        yield
    finally:
        end()
