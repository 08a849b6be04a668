"""A client for servers of every kind: chunked answers, and those that close the connection after each."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from bench.client import Round, WrongAnswerError

__all__ = ["call_once", "measure"]

_PATIENCE = 60.0  # seconds for one answer


@dataclass(slots=True)
class _Line:
    """A connection, with one request under way."""

    port: int
    socket: socket.socket | None = None
    came: bytes = b""
    sent_at: float = 0.0
    expected: bytes = b""

    def send(self, request: bytes, expected: bytes) -> None:
        self.sent_at, self.came, self.expected = perf_counter(), b"", expected
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Whether the answer is whole now."""
        assert self.socket is not None
        piece = self.socket.recv(65536)
        self.came += piece
        head, end, body = self.came.partition(b"\r\n\r\n")
        if not end:
            if not piece:
                raise WrongAnswerError("the server closed the connection")
            return False
        low = head.lower()
        if b"\r\ntransfer-encoding: chunked" in low:
            whole = body.endswith(b"0\r\n\r\n")
        elif b"\r\ncontent-length:" in low:
            whole = len(body) >= int(low.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        else:
            whole = not piece
        if whole:
            if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")) or self.expected not in body:
                raise WrongAnswerError(
                    f"expected {self.expected.decode()}, got:\n{self.came[:600].decode(errors='replace')}"
                )
            if not piece or b"\r\nconnection: close" in low or head.startswith(b"HTTP/1.0"):
                self.close()
        elif not piece:
            raise WrongAnswerError("the server closed the connection in the middle of an answer")
        return whole

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def call_once(port: int, request: bytes, expected: bytes) -> bytes:
    """The answer to one call. Raises WrongAnswerError, OSError."""
    line = _Line(port)
    try:
        line.send(request, expected)
        while not line.receive():
            pass
        return line.came
    finally:
        line.close()


def measure(port: int, requests: Sequence[tuple[bytes, bytes]], connections: int) -> Round:
    """Send all requests (each with what its answer must contain), so many at once; how long each took."""
    following = iter(requests)
    latencies: list[float] = []
    lines = [_Line(port) for _ in range(connections)]
    with selectors.DefaultSelector() as selector:
        started = perf_counter()
        under_way: dict[int, _Line] = {}

        def next_on(line: _Line) -> None:
            request = next(following, None)
            if request is None:
                line.close()
                return
            line.send(*request)
            assert line.socket is not None
            selector.register(line.socket, selectors.EVENT_READ, line)
            under_way[id(line)] = line

        for line in lines:
            next_on(line)
        while under_way:
            ready = selector.select(_PATIENCE)
            if not ready:
                raise WrongAnswerError(f"no answer within {_PATIENCE:g} s")
            for key, _ in ready:
                line = key.data
                fileobj = key.fileobj
                if not line.receive():
                    continue
                latencies.append(perf_counter() - line.sent_at)
                selector.unregister(fileobj)
                under_way.pop(id(line))
                next_on(line)
        return Round(perf_counter() - started, sorted(latencies))
