"""`python -m bench.trials.chaos`: a server under load is killed, stopped, frozen and left without room, in turns."""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.processes import machine
from bench.trials.load import Load, Tally, lost_of
from bench.trials.server import TrialServer
from bench.trials.table import shown

__all__ = ["main"]

ROOM = 600_000  # bytes that files may still grow by, where there is no room
EVENTS = ("kill -9", "kill -9", "stop", "freeze", "no room")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything held."""
    parser = argparse.ArgumentParser(prog="python -m bench.trials.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="how long, about (default: 300)")
    parser.add_argument("--clients", type=int, default=4, help="that write and read (default: 4)")
    parser.add_argument("--database-url", metavar="URL", help="an empty PostgreSQL database in place of a data dir")
    parser.add_argument("--seed", type=int, default=0, help="of what happens when (default: 0)")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="mockmkto-chaos-") as folder:
        data = None if options.database_url else Path(folder, "data")
        words = ["--database-url", options.database_url] if data is None else ["--data-dir", str(data)]
        server = TrialServer(Path(folder), words)
        try:
            return _chaos(server, data, options.seconds, options.clients, random.Random(options.seed))
        finally:
            server.end(signal.SIGKILL)


def _chaos(server: TrialServer, data: Path | None, seconds: float, clients: int, chance: random.Random) -> int:
    tally, happened = Tally(), Counter[str]()
    lost: list[str] = []
    failed: list[str] = []
    memory = threads = 0.0
    until = time.monotonic() + seconds
    turns = 0
    while time.monotonic() < until and not lost and not failed:
        event = chance.choice(EVENTS if data is not None else EVENTS[:-1])
        happened[event] += 1
        turns += 1
        server.start(_without_room(data) if event == "no room" and data is not None else None)
        memory, threads = memory or server.megabytes, threads or server.threads
        load = Load(server.port, clients, tally, hostile=1, name=f"turn{turns}")
        load.start()
        time.sleep(chance.uniform(0.2, 1.5))
        if event == "freeze":
            server.send(signal.SIGSTOP)
            time.sleep(chance.uniform(0.2, 1.0))
            server.send(signal.SIGCONT)
            time.sleep(0.2)
        code = server.end(signal.SIGKILL if event == "kill -9" else signal.SIGTERM)
        load.stop()
        if event != "kill -9" and code != 0:
            failed.append(f"after '{event}' it ended with code {code}")
        server.start()
        lost = lost_of(server, tally)
        after = server.megabytes, server.threads
        server.end()
    failed += [*tally.wrong[:5], *([f"lost: {', '.join(lost[:5])}"] if lost else [])]
    more = [
        ("what happened", ", ".join(f"{count} x {name}" for name, count in sorted(happened.items()))),
        ("starts", str(server.starts)),
        ("memory of the first, of the last start", f"{memory:.1f}, {after[0]:.1f} MB"),
        ("threads of the first, of the last start", f"{threads:.0f}, {after[1]}"),
    ]
    print(shown(f"chaos: {seconds:.0f} s, {clients} clients", tally, lost, more, failed), machine(), sep="\n")
    return 1 if failed else 0


def _without_room(data: Path) -> Callable[[], None]:
    """No file may become much larger than the largest is now: the system refuses more, as a full disk does."""
    largest = max((path.stat().st_size for path in data.rglob("*") if path.is_file()), default=0)
    limit = largest + ROOM
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
