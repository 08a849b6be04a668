"""A request's body off the wire, of a length that was announced or in chunks, as the application reads it."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator

from mockmkto.serving.wire import BadRequest, ClientGone, ClientTooSlow, Wire

__all__ = ["Body", "ChunkedBody", "SizedBody"]

CHUNK_LINE_LIMIT = 4096
TRAILERS_LIMIT = 100


class Body:
    """A request's body as `wsgi.input`: read, readline, readlines, iteration; at its end it reads b"".

    A read raises ClientGone, ClientTooSlow or BadRequest when the body does not come as announced, and so does each
    later one: half a body never looks like a whole one. `failure` keeps that error.
    """

    def __init__(self, wire: Wire, invite: Callable[[], None] | None = None) -> None:
        self._wire = wire
        self._invite = invite  # says 100 Continue; called before the first wait for a body that the client holds back
        self._held = b""  # read from the wire, but past the line that was asked for
        self.failure: ClientGone | ClientTooSlow | BadRequest | None = None

    @property
    def finished(self) -> bool:
        """Whether all of it has been read."""
        raise NotImplementedError

    @property
    def held_back(self) -> bool:
        """Whether the client still waits to be told to send it."""
        return self._invite is not None and not self.finished

    def _take(self, size: int) -> bytes:
        """Between one and `size` bytes; b"" at the end."""
        raise NotImplementedError

    def _next(self, size: int) -> bytes:
        if self._held:
            piece, self._held = self._held[:size], self._held[size:]
            return piece
        if self.failure is not None:
            raise self.failure
        if self.finished:
            return b""
        if self._invite is not None:
            invite, self._invite = self._invite, None
            if not self._wire.has_data:
                invite()
        try:
            return self._take(size)
        except (ClientGone, ClientTooSlow, BadRequest) as error:
            self.failure = error
            raise

    def read(self, size: int | None = -1) -> bytes:
        """Exactly `size` bytes, fewer only at the end of the body; all the rest without a size."""
        left = sys.maxsize if size is None or size < 0 else size
        pieces = []
        while left and (piece := self._next(left)):
            pieces.append(piece)
            left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readline(self, size: int | None = -1) -> bytes:
        """One line with its end, at most `size` bytes of it."""
        left = sys.maxsize if size is None or size < 0 else size
        line = bytearray()
        while left and (piece := self._next(min(left, 8192))):
            end = piece.find(b"\n") + 1
            if end:
                self._held = piece[end:] + self._held
                return bytes(line + piece[:end])
            line += piece
            left -= len(piece)
        return bytes(line)

    def readlines(self, hint: int | None = None) -> list[bytes]:
        """The lines of the rest; with a hint only as many as hold so many bytes."""
        lines: list[bytes] = []
        read = 0
        while (not hint or read < hint) and (line := self.readline()):
            lines.append(line)
            read += len(line)
        return lines

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def drain(self, limit: int) -> bool:
        """Reads away what the application left; False if that is more than `limit` bytes or does not come."""
        with contextlib.suppress(ClientGone, ClientTooSlow, BadRequest):
            while not self.finished and limit > 0 and (piece := self._next(limit)):
                limit -= len(piece)
        return self.finished


class SizedBody(Body):
    """A body of a known length, which may be zero."""

    def __init__(self, wire: Wire, length: int, invite: Callable[[], None] | None = None) -> None:
        super().__init__(wire, invite)
        self._left = length

    @property
    def finished(self) -> bool:
        """Whether all of it has been read."""
        return not self._left

    def _take(self, size: int) -> bytes:
        data = self._wire.take(min(size, self._left))
        self._left -= len(data)
        return data

    def drain(self, limit: int) -> bool:
        """Reads away what the application left, if it is at most `limit` bytes; False if it does not come."""
        return self._left <= limit and super().drain(limit)


class ChunkedBody(Body):
    """A body in chunks (RFC 9112, 7.1); extensions and trailers are read and ignored."""

    def __init__(self, wire: Wire, invite: Callable[[], None] | None = None) -> None:
        super().__init__(wire, invite)
        self._left = 0
        self._ended = False

    @property
    def finished(self) -> bool:
        """Whether the last chunk and the trailers have been read."""
        return self._ended

    def _take(self, size: int) -> bytes:
        if not self._left:
            if small := self._wire.take_small_chunks(size):
                return small
            if not self._next_chunk():
                return b""
        data = self._wire.take(min(size, self._left))
        self._left -= len(data)
        if not self._left and self._wire.read_line(CHUNK_LINE_LIMIT):
            raise BadRequest("a chunk is longer than its size says")
        return data

    def _next_chunk(self) -> bool:
        line = self._wire.read_line(CHUNK_LINE_LIMIT)
        digits = line.partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", digits):
            raise BadRequest(f"a chunk begins with its size in hexadecimal, not with {line[:40]!r}")
        self._left = int(digits, 16)
        if self._left:
            return True
        for _ in range(TRAILERS_LIMIT):
            if not self._wire.read_line(CHUNK_LINE_LIMIT):
                self._ended = True
                return False
        raise BadRequest(f"a chunked body has more than {TRAILERS_LIMIT} trailers")
