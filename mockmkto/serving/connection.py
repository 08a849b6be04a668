"""One client's connection: a socket that nobody waits for, plain or TLS, and what was read from it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from typing import NoReturn

from mockmkto.pauses import pause
from mockmkto.serving.requests import Bounds, Parser

__all__ = ["ClientGone", "Connection"]

# As much as a TLS record holds, so nothing decrypted stays behind where a selector cannot see it; and of a client that
# sends without end not so much that the others wait long.
RECEIVE = 16384


class ClientGone(ConnectionError):
    """The client closed or lost its connection, or did not take its answer in time."""


class Connection:
    """A connection. The loop has it, or one worker: never two threads at once, but for `abort`.

    Args:
        sock: the socket; it becomes non-blocking.
        address: the client's.
        bounds: how long the body of a request may be.
        patience: seconds that the client has to take an answer.
    """

    __slots__ = (
        "_patience",
        "_socket",
        "_unsent",
        "begun",
        "ends",
        "lingering",
        "parser",
        "remote_addr",
        "remote_port",
        "secure",
    )

    def __init__(self, sock: socket.socket, address: tuple[str, int], bounds: Bounds, patience: float) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._patience = patience
        self._unsent = memoryview(b"")
        self.remote_addr, self.remote_port = address[0], str(address[1])
        self.parser = Parser(bounds, self._invite)
        self.secure = False
        self.begun = 0.0  # when the client began with what is under way: monotonic seconds
        self.ends = False  # nothing more is read: it is closed when what is to be sent has been
        self.lingering = False  # all is sent, and what the client still sends is thrown away

    def fileno(self) -> int:
        """The socket's file descriptor; -1 once closed."""
        return self._socket.fileno()

    @property
    def is_sending(self) -> bool:
        """Whether a part of an answer waits for the client to take it."""
        return bool(self._unsent)

    def shake_hands(self, context: ssl.SSLContext) -> bool | None:
        """Goes on with the TLS handshake; `True`: it is made, `False`: the client speaks no TLS, `None`: not yet.

        Raises:
            ClientGone: it failed, or the client went away.
            ssl.SSLWantWriteError: it goes on when the client takes something.
        """
        try:
            if not isinstance(self._socket, ssl.SSLSocket):
                first = self._socket.recv(1, socket.MSG_PEEK)
                if not first:
                    raise ClientGone("the client closed the connection before its handshake")
                if first != b"\x16":
                    return False
                self._socket = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            self._socket.do_handshake()
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except ssl.SSLWantWriteError:
            raise
        except (OSError, ValueError) as error:
            raise ClientGone(f"TLS handshake: {error}") from None
        self.secure = True
        return True

    def receive(self) -> bool:
        """Reads what is there, and parses it; whether there was anything.

        Raises:
            ClientGone: the client closed or lost the connection.
        """
        try:
            data = self._socket.recv(RECEIVE)
        except (BlockingIOError, TimeoutError, ssl.SSLWantReadError):
            return False
        except (OSError, ValueError) as error:
            raise ClientGone(str(error)) from None
        if not data:
            raise ClientGone("the client closed the connection")
        self.parser.feed(data)
        return True

    def await_more(self, seconds: float) -> bool:
        """Reads what comes within a moment, and parses it; whether anything came.

        Raises:
            ClientGone: the client closed or lost the connection.
        """
        try:
            self._socket.settimeout(seconds)
            return self.receive()
        finally:
            self._socket.setblocking(False)

    def send(self, data: bytes) -> None:
        """Sends as much as the client takes at once; what is left is sent by `send_rest`.

        Raises:
            ClientGone: the client is not there.
        """
        if self._unsent:
            self._unsent = memoryview(bytes(self._unsent) + data)
            return
        sent = self._send(data)
        if sent < len(data):
            self._unsent = memoryview(data)[sent:]

    def send_rest(self) -> bool:
        """Goes on sending; whether all is sent.

        Raises:
            ClientGone: the client is not there.
        """
        while self._unsent:
            sent = self._send(self._unsent)
            if not sent:
                return False
            self._unsent = self._unsent[sent:]
        return True

    def _send(self, data: bytes | memoryview) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return 0
        except (OSError, ValueError) as error:
            raise ClientGone(str(error)) from None

    def send_all(self, data: bytes) -> None:
        """Sends all of it, and waits for the client: for a worker with an answer that is made while it is sent.

        Raises:
            ClientGone: the client is not there, or did not take it within its patience.
        """
        self.send(data)
        if self._unsent:
            rest, self._unsent = self._unsent, memoryview(b"")
            try:
                with pause():
                    self._socket.settimeout(self._patience)
                    self._socket.sendall(rest)
                    self._socket.setblocking(False)
            except (OSError, ValueError) as error:
                raise ClientGone(str(error)) from None

    def _invite(self) -> None:
        with contextlib.suppress(ClientGone):  # whoever reads next will notice
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def end_sending(self) -> None:
        """Tells the client that nothing more comes, but goes on reading.

        Closing a socket with unread bytes resets the connection, and the reset overtakes our answer: a client that is
        still sending its too large body would never read the 413.
        """
        self.lingering = True
        self._say_goodbye()
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_WR)

    def throw_away(self) -> bool:
        """Reads what the client still sends, for nobody; False when it has ended."""
        try:
            return bool(socket.socket.recv(self._socket, RECEIVE))  # of TLS too the bare bytes
        except BlockingIOError:
            return True
        except (OSError, ValueError):
            return False

    def _say_goodbye(self) -> None:
        """TLS: sends the closing alert, without which the end of an answer looks like an attack."""
        if self.secure and isinstance(self._socket, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self._socket.unwrap()

    def refuse(self, answer: bytes) -> None:
        """Sends this, if the client takes it at once, and closes."""
        with contextlib.suppress(OSError):
            self._socket.send(answer)
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.recv(RECEIVE)  # closing over what it has sent already would be a reset, which loses our answer
        self.close()

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
        """Closes the connection and lets go of what was read; closing again does nothing."""
        if not self.lingering:
            self._say_goodbye()
        self._socket.close()
        self.parser.close()
