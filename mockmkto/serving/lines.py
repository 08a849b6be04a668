"""Lines in which connections wait for their clients, so that a deadline costs nothing to keep or to find."""

from __future__ import annotations

from mockmkto.serving.connection import Connection

__all__ = ["Line"]


class Line:
    """Connections that are waited for, each for the same time, in the order in which it ends."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[Connection, float] = {}

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._until

    def __len__(self) -> int:
        return len(self._until)

    def add(self, connection: Connection, now: float) -> None:
        """To the end; the time of one that is in it already goes on."""
        self._until.setdefault(connection, now + self._seconds)

    def leave(self, connection: Connection) -> None:
        """Out of it, if it is in it."""
        self._until.pop(connection, None)

    @property
    def first(self) -> Connection | None:
        """The one whose time is over next."""
        return next(iter(self._until), None)

    @property
    def until(self) -> float | None:
        """When that is; monotonic seconds."""
        return next(iter(self._until.values()), None)

    def all(self) -> list[Connection]:
        """All of them."""
        return list(self._until)
