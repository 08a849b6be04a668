"""What the server has done, counted, and how that is said in Prometheus' text format (version 0.0.4)."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from mockmkto.model import Call
from mockmkto.rest.routes import ROUTES
from mockmkto.soap.contract import OPERATIONS

__all__ = ["BUCKETS", "CONTENT_TYPE", "Metrics", "family", "sample"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds, at most
_UNKNOWN = "other"  # a client can write any name: only those that there are become labels
_OF_REST = frozenset(ROUTES.values())


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
        self._calls: dict[tuple[str, str, str], int] = {}
        self._durations: dict[tuple[str, str], _Durations] = {}

    def observe(self, call: Call) -> None:
        """Count a call that was answered: by API and operation, and by what became of it (CREATED, 601, reset ...)."""
        known = _OF_REST if call.api == "rest" else OPERATIONS
        operation = call.operation if call.operation is not None and call.operation in known else _UNKNOWN
        seconds = call.milliseconds / 1000
        bucket = bisect_left(BUCKETS, seconds)
        key = (call.api, operation, call.status)
        with self._lock:
            self._calls[key] = self._calls.get(key, 0) + 1
            durations = self._durations.get((call.api, operation))
            if durations is None:
                durations = self._durations[call.api, operation] = _Durations()
            durations.counts[bucket] += 1
            durations.total += seconds

    def lines(self) -> Iterator[str]:
        """The calls and their durations, as lines of the format."""
        with self._lock:
            calls = sorted(self._calls.items())
            durations = [(of, list(item.counts), item.total) for of, item in sorted(self._durations.items())]
        yield from family("mockmkto_calls_total", "counter", "Calls that were answered, by API, operation and status.")
        for (api, operation, status), count in calls:
            labels = {"api": api, "operation": operation, "status": status}
            yield sample("mockmkto_calls_total", labels, count)
        name = "mockmkto_call_duration_seconds"
        yield from family(name, "histogram", "How long calls took to be answered, injected delays included.")
        for (api, operation), counts, total in durations:
            so_far, labels = 0, {"api": api, "operation": operation}
            for bound, count in zip((*map(_number, BUCKETS), "+Inf"), counts, strict=True):
                so_far += count
                yield sample(f"{name}_bucket", {**labels, "le": bound}, so_far)
            yield sample(f"{name}_sum", labels, total)
            yield sample(f"{name}_count", labels, so_far)


def family(name: str, kind: str, text: str) -> Iterable[str]:
    """The lines before the samples of one name."""
    return (f"# HELP {name} {text}", f"# TYPE {name} {kind}")


def sample(name: str, labels: Mapping[str, str], value: float) -> str:
    """One line."""
    shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{shown}}} {_number(value)}" if shown else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.9g}"
