"""`python -m bench.trials.soak`: one server under mixed load for a while; nothing is lost, nothing grows."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.processes import machine
from bench.trials.load import Load, Tally, lost_of
from bench.trials.server import TrialServer
from bench.trials.table import shown

__all__ = ["main"]

GROWTH = 1.10  # the most memory at the end, in that after the first part
MOST_MEGABYTES = 400.0
SPARE = 2  # threads: the log has one, and a worker stays a little longer
SETTLES = 7.0  # seconds after which idle threads have left


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything held."""
    parser = argparse.ArgumentParser(prog="python -m bench.trials.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long (default: 600)")
    parser.add_argument("--clients", type=int, default=8, help="that write and read (default: 8)")
    parser.add_argument("--hostile", type=int, default=1, help="pairs of a slow and a hostile client (default: 1)")
    parser.add_argument("--store", choices=["memory", "data-dir"], default="data-dir")
    parser.add_argument("--database-url", metavar="URL", help="an empty PostgreSQL database instead")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="mockmkto-soak-") as folder:
        words = []
        if options.database_url:
            words = ["--database-url", options.database_url]
        elif options.store == "data-dir":
            words = ["--data-dir", str(Path(folder, "data"))]
        server = TrialServer(Path(folder), words)
        server.start()
        try:
            return _soak(server, options.seconds, options.clients, options.hostile)
        finally:
            server.end()


def _soak(server: TrialServer, seconds: float, clients: int, hostile: int) -> int:
    tally = Tally()
    warm_up = min(60.0, seconds / 3)
    server.ask("GET", "/health")  # what is made with the first request is no growth
    began_with = server.threads
    load = Load(server.port, clients, tally, hostile=hostile)
    load.start()
    time.sleep(warm_up)
    early = server.megabytes
    time.sleep(seconds - warm_up)
    late = server.megabytes
    load.stop()
    time.sleep(SETTLES)
    lost = lost_of(server, tally)
    ended_with = server.threads
    peak = server.peak_megabytes
    failed = [*tally.wrong[:5]]
    if lost:
        failed.append(f"lost: {', '.join(lost[:5])}")
    if tally.errors:
        failed.append("there were errors")
    if early and late > early * GROWTH:
        failed.append(f"memory grew by {late / early - 1:.0%}, and {GROWTH - 1:.0%} are promised")
    if peak > MOST_MEGABYTES:
        failed.append(f"{peak:.0f} MB at the most, and {MOST_MEGABYTES:.0f} are promised")
    if ended_with > began_with + SPARE:
        failed.append("threads are left over")
    more = [
        (f"memory after {warm_up:.0f} s, at the end", f"{early:.1f}, {late:.1f} MB"),
        ("memory at the most", f"{peak:.1f} MB"),
        ("threads at the start, at the end", f"{began_with}, {ended_with}"),
    ]
    print(shown(f"soak: {seconds:.0f} s, {clients} clients", tally, lost, more, failed), machine(), sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
