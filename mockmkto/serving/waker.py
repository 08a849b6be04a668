"""Makes a running select return."""

from __future__ import annotations

import contextlib
import socket

__all__ = ["Waker"]


class Waker:
    """Two sockets: what one thread writes into the one, the selector of another sees in the other, this object."""

    def __init__(self) -> None:
        self._read_end, self._write_end = socket.socketpair()
        self._read_end.setblocking(False)
        self._write_end.setblocking(False)

    def fileno(self) -> int:
        """What the selector looks at."""
        return self._read_end.fileno()

    def wake(self) -> None:
        """Makes it return; from any thread."""
        with contextlib.suppress(OSError):  # full: it has more than enough to wake up for; closed: it has ended
            self._write_end.send(b"\0")

    def is_awake(self) -> None:
        """For the one that was woken: the next select waits again."""
        with contextlib.suppress(BlockingIOError):
            self._read_end.recv(4096)

    def close(self) -> None:
        """Closes both."""
        self._read_end.close()
        self._write_end.close()
