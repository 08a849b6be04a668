"""The server that is tried: a process of its own, which may be killed, stopped and started again on what it kept."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

__all__ = ["NotStartedError", "TrialServer", "UnexpectedAnswerError"]

_PATIENCE = 60.0  # seconds for a start or a stop
_ROOT = Path(__file__).resolve().parents[2]


class NotStartedError(Exception):
    """The server did not become ready; the text is what it said."""


class UnexpectedAnswerError(Exception):
    """The control API answered with an error; the text has the end of the log."""


class TrialServer:
    """One at a time, always on the same port.

    Args:
        folder: where its log goes.
        words: how it is started, beside port and log.
    """

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        self.log = folder / "log"
        self.words = list(words)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self, before: Callable[[], None] | None = None) -> None:
        """Start it and wait until it is ready.

        Raises:
            NotStartedError: it ended before that.
        """
        words = [sys.executable, "-m", "mockmkto", "serve", "--port", str(self.port), "--log-format", "json"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*words, *self.words],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=_ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("MOCKMKTO_")},
                preexec_fn=before,
            )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            code = self._process.wait(_PATIENCE)
            raise NotStartedError(f"code {code}: {self.log.read_text(encoding='utf-8')[-2000:]}")
        self.starts += 1

    def send(self, number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal that ends it, and wait for that; its exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(_PATIENCE)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
        return code

    @property
    def megabytes(self) -> float:
        """Resident memory, in 2**20 bytes; 0 where there is no /proc."""
        return self._status("VmRSS") / 1024

    @property
    def peak_megabytes(self) -> float:
        """The most that it ever had."""
        return self._status("VmHWM") / 1024

    @property
    def threads(self) -> int:
        """How many threads it has; 0 where there is no /proc."""
        return self._status("Threads")

    def _status(self, name: str) -> int:
        if self._process is None:
            return 0
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return 0
        lines = (line.partition(":") for line in status.read_text(encoding="ascii").splitlines())
        return next((int(value.split()[0]) for key, _, value in lines if key == name), 0)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The control API's answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/__admin{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            lines = self.log.read_text(encoding="utf-8").splitlines()
            said = [line for line in lines if '"level"' in line][-3:]
            raise UnexpectedAnswerError(f"{method} {path}: {error.code}; the log: {said}") from None
        return json.loads(content) if content else None
