"""The server's log: a line each, which no call waits for, whoever reads them or does not."""

from __future__ import annotations

import json
import logging
import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

__all__ = ["LineHandler", "log_to", "log_to_stderr"]

MOST_HELD = 8 * 1024**2  # characters of lines that nobody has read yet
LAST_LINES = 1.0  # seconds that the lines which are left may take in the end
GATHER = 0.01  # seconds in which lines gather to be written at once: to wake the writer costs more than a line


def log_to_stderr(*, as_json: bool) -> AbstractContextManager[None]:
    """The block logs to stderr."""
    return log_to(sys.stderr, as_json=as_json)


@contextmanager
def log_to(stream: TextIO, *, as_json: bool, level: int = logging.INFO) -> Iterator[None]:
    """The block logs to a stream, from a level on; what is left in the end is written, if somebody reads it."""
    handler = LineHandler(stream)
    handler.setFormatter(_JsonLines() if as_json else logging.Formatter("%(message)s"))
    logger = logging.getLogger("mockmkto")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False
    try:
        yield
    finally:
        handler.close()


class _JsonLines(logging.Formatter):
    """A call's line is JSON already; whatever else is said becomes an object too, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "mockmkto.calls":
            return record.getMessage()
        said = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said)


class LineHandler(logging.Handler):
    """Writes the lines in a thread of its own, in their order. Those that nobody reads are dropped, and counted.

    A pipe holds 64 KiB. A write into one that is full does not return until somebody reads it, which may be never: then
    every call would hang that says something, and so would the stop.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._news = threading.Condition()
        self._lines: list[str] = []
        self._held = 0  # characters
        self._dropped = 0
        self._ended = False
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Have the line written; does not wait for it."""
        try:
            line = self.format(record) + "\n"
        except Exception:  # noqa: BLE001  # as every handler does
            self.handleError(record)
            return
        with self._news:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_all, name="mockmkto-log", daemon=True)
                self._thread.start()
            if self._dropped or self._held + len(line) > MOST_HELD:
                self._dropped += 1  # and those that follow: the gap is in one place
                return
            self._lines.append(line)
            self._held += len(line)
            if len(self._lines) == 1:  # the writer sleeps, or gathers
                self._news.notify()

    def close(self) -> None:
        """Write what is left, for LAST_LINES seconds at most."""
        with self._news:
            self._ended = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(LAST_LINES)
        super().close()

    def _write_all(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._lines or self._ended)
                self._news.wait_for(lambda: self._ended, GATHER)
                lines, self._lines = self._lines, []
                if self._dropped:
                    lines.append(self._gap(self._dropped))
                self._held = self._dropped = 0
            if not lines:
                return
            self._write("".join(lines))

    def _gap(self, lines: int) -> str:
        text = "%d lines were dropped: nobody read them"
        return self.format(logging.LogRecord("mockmkto.log", logging.WARNING, "", 0, text, (lines,), None)) + "\n"

    def _write(self, text: str) -> None:
        try:
            number = self._stream.fileno()
        except (OSError, ValueError):  # it is no file
            number = -1
        try:
            if number < 0:
                self._stream.write(text)
                self._stream.flush()
                return
            # Past the stream: whoever waits in it for a reader holds its lock, which Python asks for when it ends.
            left = memoryview(text.replace("\n", os.linesep).encode(self._stream.encoding, "backslashreplace"))
            while left:
                try:
                    left = left[os.write(number, left) :]
                except BlockingIOError:  # who has started us reads it in such a way
                    select.select([], [number], [])
        except (OSError, ValueError):
            pass  # the reader is gone, or the disk is full: there is nobody to tell
