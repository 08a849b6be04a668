"""Lines in which connections wait for their clients, so that a deadline costs nothing to keep or to find."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from mockmkto.serving.connection import Connection
from mockmkto.serving.listening import open_files

__all__ = ["Limits", "Line", "Lines"]

LINGER = 2.0  # seconds a refused client may go on sending
STALLED = 0.5  # seconds after which a client that stalls within its request is cut off, to make room
FEWEST = 8  # connections, however few files there may be
FILES_LEFT = 40  # file descriptors that connections leave to the rest of the process


class Limits(Struct, frozen=True):
    """What clients may do."""

    request_timeout: float
    idle_timeout: float
    max_connections: int
    largest: Callable[[bytes], int]  # bytes of a body, by the path

    @property
    def most(self) -> int:
        """How many connections are kept: no more than the process may have files open."""
        return min(self.max_connections, max(FEWEST, open_files() - FILES_LEFT))


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


class Lines:
    """The four of a server, by what a connection is waited for."""

    def __init__(self, request_timeout: float, idle_timeout: float) -> None:
        self.greeting = Line(request_timeout)  # to make the TLS handshake
        self.idle = Line(idle_timeout)  # to begin a request
        self.slow = Line(request_timeout)  # to go on with its request, or to take its answer
        self.leaving = Line(LINGER)  # to close, too
        self._all = (self.greeting, self.idle, self.slow, self.leaving)

    def leave(self, connection: Connection) -> None:
        """Out of whichever it is in."""
        for line in self._all:
            line.leave(connection)

    def all(self) -> list[Connection]:
        """All that are waited for."""
        return [connection for line in self._all for connection in line.all()]

    @property
    def until(self) -> float | None:
        """When the next one's time is over."""
        return min((until for line in self._all if (until := line.until) is not None), default=None)

    def overdue(self, now: float) -> Iterator[tuple[Line, Connection]]:
        """Takes out, one by one, those whose time is over."""
        for line in self._all:
            while (until := line.until) is not None and until <= now:
                connection = line.first
                assert connection is not None
                line.leave(connection)
                yield line, connection

    def spare(self, now: float) -> Connection | None:
        """The one that can best be done without: leaves, has been idle the longest, or stalls; `None`: none can."""
        first = self.leaving.first or self.idle.first
        if first is not None:
            return first
        slowest = [line.first for line in (self.greeting, self.slow)]
        stalled = [one for one in slowest if one is not None and one.begun <= now - STALLED]
        return min(stalled, key=lambda it: it.begun, default=None)
