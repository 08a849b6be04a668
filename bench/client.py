"""A client that costs next to nothing: raw sockets, prepared requests, one at a time on each connection."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter

__all__ = ["Connection", "Round", "WrongAnswerError", "measure"]

_PATIENCE = 30.0  # seconds for one answer
_RECEIVE = 65536


class WrongAnswerError(Exception):
    """The server answered something else than what was asked for: there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Round:
    """Some calls: how long all of them took together, and each of them, sorted; in seconds."""

    seconds: float
    latencies: Sequence[float]

    @property
    def per_second(self) -> float:
        """Calls per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """The time within which so many of the calls were answered."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))]


class Connection:
    """A keep-alive connection to a server on this machine; a context manager that closes it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._buffer = b""
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """What there is to read; the answer if it is whole now, head and body."""
        piece = self.socket.recv(_RECEIVE)
        if not piece:
            raise WrongAnswerError("the server closed the connection")
        self._buffer += piece
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        _, _, rest = head.lower().partition(b"content-length:")
        return self._buffer if len(body) >= int(rest.partition(b"\r\n")[0]) else None

    def call(self, request: bytes) -> bytes:
        """Send a request, and its answer."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def measure(port: int, requests: Sequence[bytes], expected: bytes, connections: int = 1) -> Round:
    """Send all requests over so many keep-alive connections, each with one request under way at any time.

    Raises:
        WrongAnswerError: an answer without `expected` in it: a benchmark of faults is worth nothing.
    """
    with ExitStack() as stack:
        opened = [stack.enter_context(Connection(port)) for _ in range(min(connections, len(requests)))]
        if len(opened) == 1:
            return _one(opened[0], requests, expected)
        return _several(opened, iter(requests), expected)


def _one(connection: Connection, requests: Sequence[bytes], expected: bytes) -> Round:
    latencies = []
    started = perf_counter()
    for request in requests:
        before = perf_counter()
        answer = connection.call(request)
        latencies.append(perf_counter() - before)
        _check(answer, expected)
    return Round(perf_counter() - started, sorted(latencies))


def _several(opened: Sequence[Connection], requests: Iterator[bytes], expected: bytes) -> Round:
    latencies: list[float] = []
    sent: dict[int, float] = {}
    with selectors.DefaultSelector() as selector:
        started = perf_counter()
        for connection, request in zip(opened, requests, strict=False):
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            sent[id(connection)] = perf_counter()
            connection.send(request)
        under_way = len(opened)
        while under_way:
            ready = selector.select(_PATIENCE)
            if not ready:
                raise WrongAnswerError(f"no answer within {_PATIENCE:g} s")
            for key, _ in ready:
                connection = key.data
                whole = connection.receive()
                if whole is None:
                    continue
                latencies.append(perf_counter() - sent[id(connection)])
                _check(whole, expected)
                following = next(requests, None)
                if following is None:
                    under_way -= 1
                    continue
                sent[id(connection)] = perf_counter()
                connection.send(following)
        return Round(perf_counter() - started, sorted(latencies))


def _check(answer: bytes, expected: bytes) -> None:
    if expected not in answer or not answer.startswith(b"HTTP/1.1 200 "):
        raise WrongAnswerError(f"expected {expected.decode()}, got:\n{answer.decode(errors='replace')}")
