"""One client's socket: buffered reading and writing, plain or TLS, where all waiting for the client is counted.

Only the time that is spent waiting counts against a client, over a whole request: neither a silent client nor one that
sends a byte now and then can hold a worker longer than `patience`, and a slow application costs the client nothing.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
from collections.abc import Callable
from typing import NoReturn, TypeVar

from mockmkto.clock import stopwatch

__all__ = ["BadRequest", "ClientGone", "ClientTooSlow", "HeadTooLarge", "Wire"]

T = TypeVar("T")

RECEIVE = 65536  # more than a TLS record (16 KiB), so nothing decrypted stays behind where a selector cannot see it


_SMALL_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,3})\r\n")


class ClientGone(ConnectionError):
    """The client closed or lost its connection in the middle of a request, or did not take its answer."""


class ClientTooSlow(TimeoutError):
    """The client did not send its request within the time it is given."""


class BadRequest(ValueError):
    """What the client sent is no HTTP; the text says why."""


class HeadTooLarge(BadRequest):
    """Request line and headers are longer than the limit."""


class Wire:
    """A connected socket, read through a buffer. `patience`: the seconds a request may keep us waiting."""

    __slots__ = ("_at", "_buffer", "_patience", "_socket", "_waited_for", "begun", "waiting")

    def __init__(self, sock: socket.socket, patience: float) -> None:
        self._socket = sock
        self._patience = patience
        self._waited_for = 0.0
        self.begun = stopwatch()  # the request that is under way, or the last one
        self._buffer = b""
        self._at = 0  # how much of the buffer has been read: to cut it off each time would copy it for every tiny chunk
        self.waiting = False  # a worker waits for this client right now: stopping the server may cut it off

    @property
    def has_data(self) -> bool:
        """Whether bytes have been received that nobody has read yet."""
        return len(self._buffer) > self._at

    def fileno(self) -> int:
        """The socket's file descriptor; -1 once closed."""
        return self._socket.fileno()

    def begin(self) -> None:
        """Starts a new request: the client gets all the patience again."""
        self._waited_for = 0.0
        self.begun = stopwatch()

    def secure(self, context: ssl.SSLContext) -> bool:
        """Makes the handshake as a TLS server; False if the client speaks no TLS.

        Raises:
            ClientGone: the handshake failed or the client went away.
            ClientTooSlow: the handshake took longer than a request may.
        """
        if not self._wait(lambda: self._socket.recv(1, socket.MSG_PEEK)).startswith(b"\x16"):
            return False
        try:
            tls = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            raise ClientGone(f"TLS handshake: {error}") from None
        self._socket = tls
        self._wait(tls.do_handshake)
        return True

    def _wait(self, receive: Callable[[], T]) -> T:
        left = self._patience - self._waited_for
        if left <= 0:
            raise ClientTooSlow(f"the request was not complete after {self._patience:g} s of waiting for it")
        started = stopwatch()
        self.waiting = True
        try:
            self._socket.settimeout(left)
            return receive()
        except TimeoutError:
            raise ClientTooSlow(f"the request was not complete after {self._patience:g} s of waiting for it") from None
        except (OSError, ValueError) as error:  # ValueError: closed or unwrapped by another thread while stopping
            raise ClientGone(str(error)) from None
        finally:
            self.waiting = False
            self._waited_for += stopwatch() - started

    def _fill(self) -> None:
        data = self._wait(lambda: self._socket.recv(RECEIVE))
        if not data:
            raise ClientGone("the client closed the connection in the middle of its request")
        self._buffer = self._buffer[self._at :] + data if self.has_data else data
        self._at = 0

    def await_next(self, seconds: float) -> bool:
        """Whether the next request begins within a moment; a client that closes instead begins none.

        Raises:
            ClientGone: the client closed the connection.
        """
        if self.has_data:
            return True
        self.waiting = True
        try:
            self._socket.settimeout(seconds)
            self._buffer = self._socket.recv(RECEIVE)
            self._at = 0
        except TimeoutError:
            return False
        except (OSError, ValueError) as error:
            raise ClientGone(str(error)) from None
        finally:
            self.waiting = False
        if not self._buffer:
            raise ClientGone("the client closed the connection between two requests")
        return True

    def read_head(self, limit: int) -> bytes:
        r"""Request line and headers, up to and with the empty line; b"" if the client closed before the first byte.

        Empty lines before the request line are skipped (RFC 9112, 2.2). A head whose lines end in bare LF comes back as
        it is: refusing it is the parser's business.

        Raises:
            HeadTooLarge: no end within `limit` bytes.
            ClientGone, ClientTooSlow: see there.
        """
        while not self.has_data:
            data = self._wait(lambda: self._socket.recv(RECEIVE))
            if not data:
                return b""
            self._buffer, self._at = data.lstrip(b"\r\n"), 0
        while True:
            end = self._buffer.find(b"\n\r\n", self._at) + 3
            if end == 2:
                end = self._buffer.find(b"\n\n", self._at) + 2
            length = (end if end > 1 else len(self._buffer)) - self._at
            if length > limit:
                raise HeadTooLarge(f"request line and headers are longer than {limit} bytes")
            if end > 1:
                return self._read(length)
            self._fill()

    def _read(self, size: int) -> bytes:
        """At most so many bytes of what is there."""
        end = self._at + size
        data = self._buffer[self._at : end]
        if end < len(self._buffer):
            self._at = end
        else:
            self._buffer, self._at = b"", 0
        return data

    def read_line(self, limit: int) -> bytes:
        """One line without its end.

        Raises:
            BadRequest: no end within `limit` bytes.
            ClientGone, ClientTooSlow: see there.
        """
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            if len(self._buffer) - self._at > limit:
                raise BadRequest(f"a line of a chunked body is longer than {limit} bytes")
            self._fill()
        return self._read(end + 1 - self._at).rstrip(b"\r\n")

    def take(self, size: int) -> bytes:
        """Between one and `size` bytes: what is there, or what comes next.

        Raises:
            ClientGone, ClientTooSlow: see there.
        """
        if not self.has_data:
            self._fill()
        return self._read(size)

    def take_small_chunks(self, size: int) -> bytes:
        """The data of whole chunks, of those that are there, together at most `size` bytes; b"" if the next is none.

        One by one a chunk costs more than the byte that may be all it holds.
        """
        pieces = []
        while small := _SMALL_CHUNK.match(self._buffer, self._at):
            begin = small.end()
            length = int(small[1], 16)
            end = begin + length
            if not 0 < length <= size or self._buffer[end : end + 2] != b"\r\n":
                break
            pieces.append(self._buffer[begin:end])
            size -= length
            self._at = end + 2
        return b"".join(pieces)

    def write(self, data: bytes) -> None:
        """Sends all of it.

        Raises:
            ClientGone: the client is not there, or did not take it within its patience.
        """
        self.waiting = True
        try:
            self._socket.settimeout(self._patience)
            self._socket.sendall(data)
        except (OSError, ValueError) as error:
            raise ClientGone(str(error)) from None
        finally:
            self.waiting = False

    def linger(self, seconds: float) -> None:
        """Ends the sending side, then throws away what the client still sends, until it closes or the time is over.

        Closing a socket with unread bytes resets the connection, and the reset overtakes our answer: a client that is
        still sending its too large body would never read the 413.
        """
        until = stopwatch() + seconds
        self._say_goodbye()
        raw = socket.socket.recv  # of a TLS socket too the bare bytes: nobody reads them
        self.waiting = True
        try:
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
            while (left := until - stopwatch()) > 0:
                self._socket.settimeout(left)
                if not raw(self._socket, RECEIVE):
                    break
        except OSError:
            pass  # it is gone, which is what we waited for
        finally:
            self.waiting = False

    def _say_goodbye(self) -> None:
        """TLS: sends the closing alert, without which the end of an answer looks like an attack."""
        if isinstance(self._socket, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self._socket.settimeout(0)
                self._socket.unwrap()

    def refuse(self, answer: bytes) -> None:
        """Sends this without waiting, if the client takes it at once, and closes."""
        with contextlib.suppress(OSError):
            self._socket.setblocking(False)
            self._socket.send(answer)
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.recv(
                RECEIVE
            )  # what it has sent already: closing over it would be a reset, which loses our answer
        self._socket.close()

    def abort(self) -> None:
        """From another thread: ends whatever a worker waits for on this connection."""
        with contextlib.suppress(OSError):
            # Past ssl.SSLSocket.shutdown, which takes the TLS state away under the worker's feet.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def reset(self) -> NoReturn:
        """Ends the connection with a TCP reset, at once and on purpose: whatever has been written may be lost.

        Raises:
            ClientGone: always; from here on it is as if the client had left.
        """
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ClientGone("the connection was reset on purpose")

    def close(self) -> None:
        """Closes the connection; closing again does nothing."""
        self._say_goodbye()
        self._socket.close()
