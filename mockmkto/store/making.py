"""What is needed while a subscription is made: who makes which, and worlds that are loaded for it to begin as."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mockmkto.store.backend import BeingMadeError
from mockmkto.store.database import Database, Session

__all__ = ["MOST_TEMPLATES", "Making", "Templates"]

MOST_TEMPLATES = 64  # worlds that are kept loaded


class _Here(threading.local):
    """Which subscription this thread makes."""

    name: str | None = None


class Making:
    """The subscriptions that threads of this process make at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._here = _Here()

    def is_here(self, name: str) -> bool:
        """Whether it is this thread that makes it."""
        return self._here.name == name

    def is_under_way(self, name: str) -> bool:
        """Whether any thread makes it."""
        return name in self._names

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """This thread makes it until the block ends.

        Raises:
            BeingMadeError: another thread makes one of that name.
        """
        with self._lock:
            if name in self._names:
                raise BeingMadeError
            self._names.add(name)
        self._here.name = name
        try:
            yield
        finally:
            self._here.name = None
            with self._lock:
                self._names.discard(name)


class Templates:
    """Worlds that are loaded once, for any number of new subscriptions to begin as."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Database] = {}

    def filled(self, key: str, fill: Callable[[Session], None]) -> Database | None:
        """The template of that key, filled the first time; `None`: there are too many already."""
        with self._lock:
            known = self._known.get(key)
            if known is None:
                if len(self._known) >= MOST_TEMPLATES:
                    return None
                known = Database("template")
                try:
                    with known.transaction() as session:
                        fill(session)
                except BaseException:
                    known.close()
                    raise
                self._known[key] = known
            return known

    def close(self) -> None:
        """Let go of every one."""
        for template in self._known.values():
            template.close()
        self._known.clear()
