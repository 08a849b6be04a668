"""`/metrics`: what the server has done and holds."""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.wrappers import Request, Response

from mockmkto import __version__
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.web.metrics import CONTENT_TYPE, family, sample
from mockmkto.web.site import Site

__all__ = ["show"]


def show(site: Site, request: Request) -> Response:
    """Calls by operation and status, their durations, journal size, subscriptions, uptime."""
    lines = [*site.metrics.lines(), *_server(site)]
    return Response("\n".join(lines) + "\n", headers={"Cache-Control": "no-store"}, content_type=CONTENT_TYPE)


def _server(site: Site) -> Iterator[str]:
    gauges: tuple[tuple[str, str, float], ...] = (
        ("mockmkto_ready", "Whether the fixtures are loaded (1) or not yet (0).", int(site.ready.is_set())),
        ("mockmkto_uptime_seconds", "Seconds since the server was made.", site.uptime),
        ("mockmkto_subscriptions", "How many subscriptions there are.", len(site.registry.names())),
        ("mockmkto_journal_calls", "Calls that the journals of all subscriptions hold.", _journal_calls(site)),
        ("mockmkto_connections", "Open connections, on every port.", site.connections()),
    )
    yield from family("mockmkto_info", "gauge", "The version that runs.")
    yield sample("mockmkto_info", {"version": __version__}, 1)
    for name, text, value in gauges:
        yield from family(name, "gauge", text)
        yield sample(name, {}, value)


def _journal_calls(site: Site) -> int:
    total = 0
    for name in site.registry.names():
        database = site.registry.get(name)
        try:
            total += database.calls if database is not None else 0
        except ClosedDatabaseError:
            continue  # deleted in this very moment
    return total
