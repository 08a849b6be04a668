"""The processes that are measured: started, asked, and ended by their id, on this machine's loopback alone."""

from __future__ import annotations

import contextlib
import os
import platform
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import Connection, WrongAnswerError

__all__ = ["Server", "free_port", "machine", "seconds_to_first_answer", "start"]

_PATIENCE = 300.0  # seconds: a million leads are loaded before a server is ready
_START_PATIENCE = 30.0
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Server:
    """A server under measure."""

    process: subprocess.Popen[str]
    port: int
    seconds_to_ready: float

    def reset(self) -> None:
        """Back to the leads with which it was started; for servers of no more than LARGEST_BASELINE leads."""
        assert self.process.stdin is not None
        self.process.stdin.write("reset\n")
        self.process.stdin.flush()
        _line(self.process, _START_PATIENCE)

    def processor_seconds(self) -> float | None:
        """What its threads have had of the processor so far, in seconds; `None` where there is no /proc."""
        with contextlib.suppress(OSError):
            tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
            return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9
        return None

    def resident_megabytes(self) -> float | None:
        """Resident memory in MB (2**20 bytes); `None` where there is no /proc."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return None


@contextmanager
def start(*arguments: str) -> Iterator[Server]:
    """A `bench.server` with these arguments, ready; ended when the block ends."""
    started = time.perf_counter()
    process = _spawn([sys.executable, "-m", "bench.server", *arguments])
    try:
        port = int(_line(process, _PATIENCE))
        yield Server(process, port, time.perf_counter() - started)
    finally:
        _end(process)


def seconds_to_first_answer(request: bytes, expected: bytes, canned: Path | None = None) -> float:
    """From exec to the first answered call, for `mockmkto serve` or for the floor."""
    port = None
    if canned is not None:
        command = [sys.executable, "-m", "bench.server", "--canned", str(canned)]
    else:
        port = free_port()  # not 0: its answer is awaited, not its first words
        command = [sys.executable, "-m", "mockmkto", "serve", "--port", str(port)]
    started = time.perf_counter()
    process = _spawn(command)
    try:
        if port is None:
            port = int(_line(process, _START_PATIENCE))
        while time.perf_counter() - started < _START_PATIENCE:
            with contextlib.suppress(OSError), Connection(port) as connection:
                answer = connection.call(request)
                if expected in answer:
                    return time.perf_counter() - started
                if b" 503 " not in answer[:16]:  # 503: it listens, and is not ready yet
                    raise WrongAnswerError(answer.decode(errors="replace"))
            if process.poll() is not None:
                raise WrongAnswerError(f"{' '.join(command[1:])} ended with code {process.returncode}")
            time.sleep(0.002)
        raise WrongAnswerError(f"no call was answered within {_START_PATIENCE:g} s")
    finally:
        _end(process)


def _spawn(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=_ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MOCKMKTO_")},
    )


def _line(process: subprocess.Popen[str], patience: float) -> str:
    assert process.stdout is not None
    # Only one line is ever under way, so none is held back in the reader's own buffer. (Windows selects no pipes.)
    if sys.platform != "win32" and not select.select([process.stdout], [], [], patience)[0]:
        raise WrongAnswerError(f"process {process.pid} said nothing within {patience:g} s")
    line = process.stdout.readline()
    if not line:
        raise WrongAnswerError(f"the server ended with code {process.wait(_START_PATIENCE)} before it was ready")
    return line.strip()


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    process.stdout.close()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def machine() -> str:
    """What was measured on, in one line."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}"
