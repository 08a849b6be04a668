"""`/metrics`: what the server has done and holds, in Prometheus' text format (version 0.0.4)."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from mockmkto import __version__
from mockmkto.model import Call
from mockmkto.soap.contract import VERSIONS, contract
from mockmkto.store.backend import ClosedDatabaseError

if TYPE_CHECKING:
    from mockmkto.web.site import Site

__all__ = ["BUCKETS", "CONTENT_TYPE", "Metrics", "show"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds, at most
_OPERATIONS = frozenset(operation.name for version in VERSIONS for operation in contract(version).operations)
_UNKNOWN = "other"  # a client can write any name: only those that there are become labels


class _Durations:
    """How many calls of one operation took how long."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0


class Metrics:
    """Counts calls; safe to use from many threads. No label has a subscription's name: tests make thousands of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], int] = {}
        self._durations: dict[str, _Durations] = {}

    def observe(self, call: Call) -> None:
        """Count a call that was answered: by its operation, and by what became of it (CREATED, 20014, reset ...)."""
        operation = call.operation if call.operation in _OPERATIONS else _UNKNOWN
        seconds = call.milliseconds / 1000
        bucket = bisect_left(BUCKETS, seconds)
        key = (operation, call.status)
        with self._lock:
            self._calls[key] = self._calls.get(key, 0) + 1
            durations = self._durations.get(operation)
            if durations is None:
                durations = self._durations[operation] = _Durations()
            durations.counts[bucket] += 1
            durations.total += seconds

    def lines(self) -> Iterator[str]:
        """The calls and their durations, as lines of the format."""
        with self._lock:
            calls = sorted(self._calls.items())
            durations = [(name, list(item.counts), item.total) for name, item in sorted(self._durations.items())]
        yield from _family("mockmkto_calls_total", "counter", "Calls that were answered, by operation and status.")
        for (operation, status), count in calls:
            yield _sample("mockmkto_calls_total", {"operation": operation, "status": status}, count)
        name = "mockmkto_call_duration_seconds"
        yield from _family(name, "histogram", "How long calls took to be answered, injected delays included.")
        for operation, counts, total in durations:
            so_far = 0
            for bound, count in zip((*map(_number, BUCKETS), "+Inf"), counts, strict=True):
                so_far += count
                yield _sample(f"{name}_bucket", {"operation": operation, "le": bound}, so_far)
            yield _sample(f"{name}_sum", {"operation": operation}, total)
            yield _sample(f"{name}_count", {"operation": operation}, so_far)


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
    yield from _family("mockmkto_info", "gauge", "The version that runs.")
    yield _sample("mockmkto_info", {"version": __version__}, 1)
    for name, text, value in gauges:
        yield from _family(name, "gauge", text)
        yield _sample(name, {}, value)


def _journal_calls(site: Site) -> int:
    total = 0
    for name in site.registry.names():
        database = site.registry.get(name)
        try:
            total += database.calls if database is not None else 0
        except ClosedDatabaseError:
            continue  # deleted in this very moment
    return total


def _family(name: str, kind: str, text: str) -> Iterable[str]:
    return (f"# HELP {name} {text}", f"# TYPE {name} {kind}")


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{shown}}} {_number(value)}" if shown else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.9g}"
