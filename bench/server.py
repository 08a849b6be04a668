"""The server under measure, in a process of its own: a Marketo with so many leads, or the floor, which answers bytes.

`python -m bench.server --leads N`, the same with `--least` (bench/least.py), or `--canned FILE` prints the port when it
is ready; `--copies` has it keep the leads as a baseline, however many they are, and as a snapshot. Then it obeys
standard input: `reset` goes back to the loaded leads and prints `done`; the end of input ends the server, however that
comes about.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

# What a mode does not need is imported by the other alone: the start of both is measured.
from mockmkto.serving import HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from mockmkto.store.database import Database
    from mockmkto.store.registry import Registry

__all__ = ["LARGEST_BASELINE", "canned_app", "copy", "fill"]

_BATCH = 20_000
LARGEST_BASELINE = 100_000  # leads; a baseline is a second copy of all, and a reset copies it once more


def canned_app(answer: bytes) -> WSGIApplication:
    """The floor: reads the request, answers always the same."""
    length = str(len(answer))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", length)])
        return [answer]

    return app


def fill(database: Database, count: int) -> None:
    """Load leads in bulk: each with an e-mail and four attributes."""
    from bench.calls import email_of
    from mockmkto.model import Lead
    from mockmkto.store.leads import NewLead, add_many

    for first in range(0, count, _BATCH):
        with database.transaction() as session:
            partition = session.world.partitions[0]
            now = session.now
            batch = [
                NewLead(
                    Lead(
                        id=1001 + number,
                        email=email_of(number),
                        known=True,
                        partition=partition,
                        attributes={
                            "FirstName": "Ann",
                            "LastName": f"Lead {number}",
                            "Company": f"Company {number % 997}",
                            "Phone": f"+1 555 {number % 10_000:04d}",
                        },
                        created_at=now,
                        updated_at=now,
                        created_order=(order := session.next_order()),
                        updated_order=order,
                    )
                )
                for number in range(first, min(first + _BATCH, count))
            ]
            add_many(session, batch)


def copy(registry: Registry, subscription: str) -> None:
    """Have a reset return to what a subscription is now, and keep that once more, as a snapshot."""
    from mockmkto.clock import system_now

    registry.set_baseline(subscription)
    database = registry.get(subscription)
    assert database is not None
    registry.set_aside(database, "copy", system_now())


@contextmanager
def _marketo(
    leads: int, data_dir: Path | None, database_url: str | None, *, copies: bool
) -> Iterator[tuple[int, Registry]]:
    from mockmkto.serving.marketo import DEFAULT_SUBSCRIPTION, MarketoServer
    from mockmkto.serving.memory import keep_what_is_loaded, use_one_heap
    from mockmkto.settings import Settings

    # A server as people run it writes a line a call; here it goes to standard error, which leads nowhere.
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    use_one_heap()  # as `serve` does
    with MarketoServer(Settings(port=0, data_dir=data_dir, database_url=database_url)) as server:
        database = server.registry.get(DEFAULT_SUBSCRIPTION)
        assert database is not None
        if leads:
            fill(database, leads)
            if copies:
                copy(server.registry, DEFAULT_SUBSCRIPTION)
            elif leads <= LARGEST_BASELINE:
                server.registry.set_baseline(DEFAULT_SUBSCRIPTION)
        keep_what_is_loaded()
        yield int(server.url.rpartition(":")[2]), server.registry


def _serve(serving: AbstractContextManager[HttpServer]) -> int:
    with serving as server:
        print(server.port, flush=True)
        sys.stdin.read()
    return 0


def main() -> int:
    """Serve until standard input ends; 0, an exit code."""
    parser = argparse.ArgumentParser(prog="bench.server", description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, default=0)
    parser.add_argument("--copies", action="store_true", help="keep a baseline and a snapshot of the leads")
    parser.add_argument("--data-dir", type=Path, metavar="FOLDER")
    parser.add_argument("--database-url", metavar="URL")
    parser.add_argument("--least", action="store_true", help="the least that can update them, not mockmkto")
    parser.add_argument("--canned", type=Path, metavar="FILE", help="the body that the floor answers")
    options = parser.parse_args()
    if options.canned is not None:
        return _serve(HttpServer(canned_app(options.canned.read_bytes())))
    if options.least:
        from bench.least import least

        return _serve(least(options.leads))
    marketo = _marketo(options.leads, options.data_dir, options.database_url, copies=options.copies)
    with marketo as (port, registry):
        print(port, flush=True)
        for line in sys.stdin:
            if line.strip() == "reset":
                registry.reset("default")
                print("done", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
