"""What is measured. The floor takes turns with it, round by round, so that a busy machine slows both alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit

from bench.calls import Operation, RequestMaker
from bench.client import Connection, Round, WrongAnswerError, measure
from bench.processes import Server, seconds_to_first_answer, start
from bench.report import Figure
from bench.server import LARGEST_BASELINE, fill
from mockmkto.serving.marketo import DEFAULT_SUBSCRIPTION, MarketoServer
from mockmkto.settings import Settings
from mockmkto.store.registry import Registry
from mockmkto.worlds import read_all
from mockmkto.worlds.loading import load

__all__ = ["FULL", "QUICK", "Plan", "memory", "resets", "starts", "stores", "sync_lead"]

P50_TARGET = 0.8  # ms, one connection
FLAT_TARGET = 1.2  # p50 at the most leads, in p50s at the fewest
START_TARGET = 0.45  # seconds, on a quiet machine
IDLE_TARGET = 70.0  # MB
GROWTH_TARGET = 0.1  # MB in 10,000 calls: what is left of "not growing" when pages are counted
COPIES_TARGET = 10**9 / 2**20  # MB: a gigabyte for a million leads with baseline and snapshot
RESET_TARGET = 1.0  # ms, 1,000 leads in memory
NEW_SUBSCRIPTION_TARGET = 5.0  # ms, over HTTP

_WARM_UP = 20  # calls before each round
_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything is measured."""

    sizes: Sequence[int]  # leads; the first is what single figures are about
    rounds: int
    calls: int  # in a round, on one connection
    calls_of_many: int  # in a round, on eight
    starts: int
    memory_calls: int
    resets: int


FULL = Plan((1_000, 100_000, 1_000_000), 9, 1_000, 2_000, 9, 100_000, 300)
QUICK = Plan((1_000, 20_000), 3, 200, 400, 3, 4_000, 50)


def canned_answer() -> bytes:
    """The body that a real server answers, for the floor to repeat."""
    with start() as server, Connection(server.port) as connection:
        (request,) = RequestMaker.signed_now().make(Operation.CREATE, 1, 0)
        return connection.call(request).partition(b"\r\n\r\n")[2]


# ---------------------------------------------------------------------------------------------------------------------
# syncLead


def sync_lead(plan: Plan, canned: Path, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Calls per second and how long each takes, by what it does, over how many connections, among how many leads."""
    maker = RequestMaker.signed_now()
    with _loaded(plan.sizes, canned, tell) as (floor, servers):
        for connections in (1, _CONNECTIONS):
            for operation in (Operation.UPDATE, Operation.CREATE):
                tell(f"{operation.name.lower()}, {connections} connection{'s' if connections > 1 else ''}")
                count = plan.calls if connections == 1 else plan.calls_of_many
                floors, rounds = _rounds(maker, operation, connections, count, plan.rounds, floor, servers)
                yield from _figures(operation, connections, floors, rounds)


@contextmanager
def _loaded(
    sizes: Sequence[int], canned: Path, tell: Callable[[str], None]
) -> Iterator[tuple[Server, Mapping[int, Server]]]:
    with ExitStack() as stack:
        floor = stack.enter_context(start("--canned", str(canned)))
        servers = {}
        for size in sizes:
            servers[size] = stack.enter_context(start("--leads", str(size)))
            seconds, megabytes = servers[size].seconds_to_ready, servers[size].resident_megabytes()
            held = f", {megabytes:.0f} MB resident" if megabytes is not None else ""
            tell(f"{size:,} leads: from exec to loaded {seconds:.1f} s{held}")
        yield floor, servers


def _rounds(
    maker: RequestMaker,
    operation: Operation,
    connections: int,
    count: int,
    rounds: int,
    floor: Server,
    servers: Mapping[int, Server],
) -> tuple[list[Round], dict[int, list[Round]]]:
    """Floor, then each server, then the floor again, and so on."""
    floors: list[Round] = []
    measured: dict[int, list[Round]] = {size: [] for size in servers}
    for _ in range(rounds):
        floors.append(_round(floor, maker.make(operation, count + _WARM_UP, 1), b"<status>", connections))
        for size, server in servers.items():
            if operation is Operation.CREATE and size <= LARGEST_BASELINE:
                server.reset()  # a round adds as many as there were; among a million they do not count
            requests = maker.make(operation, count + _WARM_UP, size)
            measured[size].append(_round(server, requests, _status(operation), connections))
    return floors, measured


def _round(server: Server, requests: Sequence[bytes], expected: bytes, connections: int) -> Round:
    measure(server.port, requests[:_WARM_UP], expected, connections)
    return measure(server.port, requests[_WARM_UP:], expected, connections)


def _status(operation: Operation) -> bytes:
    return f"<status>{operation.value}</status>".encode()


def _figures(
    operation: Operation, connections: int, floors: Sequence[Round], measured: Mapping[int, Sequence[Round]]
) -> Iterator[Figure]:
    section = f"syncLead {operation.name.lower()}, {connections} connection{'s' if connections > 1 else ''}"
    for size, rounds in measured.items():
        yield Figure(
            section,
            f"{size:,} leads: calls",
            median(round_.per_second for round_ in rounds),
            "1/s",
            median(round_.per_second for round_ in floors),
        )
        for percent in (50, 95, 99):
            yield Figure(
                section,
                f"{size:,} leads: p{percent}",
                _milliseconds(rounds, percent),
                "ms",
                _milliseconds(floors, percent),
                P50_TARGET if connections == 1 and percent == 50 else None,
            )
    if connections == 1:
        fewest, most = min(measured), max(measured)
        # Of the same round, and then the median: what slows the machine for a while slows both.
        flatness = median(
            many.percentile(50) / few.percentile(50) for few, many in zip(measured[fewest], measured[most], strict=True)
        )
        yield Figure(section, f"p50 at {most:,} leads, in those at {fewest:,}", flatness, "", None, FLAT_TARGET)
    spread = [round_.percentile(50) * 1000 for round_ in floors]
    yield Figure(section, "how noisy: slowest floor, in fastest ones", max(spread) / min(spread), "")


def stores(plan: Plan, canned: Path, database_url: str | None, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Updates of the fewest leads, one connection, by where they are kept; PostgreSQL's only where there is one."""
    leads = plan.sizes[0]
    maker = RequestMaker.signed_now()
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="mockmkto-bench-"))
        kinds = {"in memory": (), "in a data dir": ("--data-dir", folder)}
        if database_url is not None:
            kinds["in PostgreSQL"] = ("--database-url", database_url)
        floor = stack.enter_context(start("--canned", str(canned)))
        servers = {kind: stack.enter_context(start("--leads", str(leads), *words)) for kind, words in kinds.items()}
        floors: list[Round] = []
        rounds: dict[str, list[Round]] = {kind: [] for kind in servers}
        for number in range(plan.rounds):
            tell(f"stores, round {number + 1}")
            requests = maker.make(Operation.UPDATE, plan.calls + _WARM_UP, leads)
            floors.append(_round(floor, requests, b"<status>", 1))
            for kind, server in servers.items():
                rounds[kind].append(_round(server, requests, _status(Operation.UPDATE), 1))
    for kind, measured in rounds.items():
        for percent in (50, 99):
            value, least = _milliseconds(measured, percent), _milliseconds(floors, percent)
            yield Figure(f"syncLead update of {leads:,} leads, 1 connection", f"{kind}: p{percent}", value, "ms", least)


def _milliseconds(rounds: Sequence[Round], percent: float) -> float:
    return median(round_.percentile(percent) for round_ in rounds) * 1000


# ---------------------------------------------------------------------------------------------------------------------
# Start, memory


def starts(plan: Plan, canned: Path) -> Iterator[Figure]:
    """From exec to the first answered call, in processes that are ended at once."""
    (request,) = RequestMaker.signed_now().make(Operation.CREATE, 1, 0)
    seconds_to_first_answer(request, b"<status>")  # from here on the files are in the system's cache
    floors, times = [], []
    for _ in range(plan.starts):
        floors.append(seconds_to_first_answer(request, b"<status>", canned))
        times.append(seconds_to_first_answer(request, _status(Operation.CREATE)))
    section = "exec to first answered call"
    yield Figure(section, "fastest start", min(times), "s", min(floors), START_TARGET)
    yield Figure(section, "median start", median(times), "s", median(floors))


def memory(plan: Plan, canned: Path) -> Iterator[Figure]:
    """Resident memory: of a server that has answered one call, after many updates of its leads, of very many leads."""
    section = "resident memory"
    maker = RequestMaker.signed_now()
    with start("--canned", str(canned)) as floor:
        measure(floor.port, maker.make(Operation.CREATE, 1, 0), b"<status>")
        floor_idle = floor.resident_megabytes()
    with start() as server:
        measure(server.port, maker.make(Operation.CREATE, 1, 0), _status(Operation.CREATE))
        yield Figure(section, "idle, after one call", server.resident_megabytes(), "MB", floor_idle, IDLE_TARGET)
    with start("--leads", str(plan.sizes[0])) as server:
        half = plan.memory_calls // 2
        _update(server, half, plan.sizes[0])
        middle = server.resident_megabytes()
        _update(server, half, plan.sizes[0])
        end = server.resident_megabytes()
        name = f"after {plan.memory_calls:,} updates of {plan.sizes[0]:,} leads"
        yield Figure(section, name, end, "MB", floor_idle)
        grown = (end - middle) / half * 10_000 if end is not None and middle is not None else None
        target = GROWTH_TARGET if plan.memory_calls >= FULL.memory_calls else None  # fewer are still warming up
        yield Figure(section, "growth in 10,000 calls, second half", grown, "MB", None, target)
    leads = plan.sizes[-1]
    with start("--leads", str(leads), "--copies") as server:
        name = f"{leads:,} leads with baseline and snapshot"
        target = COPIES_TARGET if leads == FULL.sizes[-1] else None
        yield Figure(section, name, server.resident_megabytes(), "MB", floor_idle, target)


def _update(server: Server, count: int, leads: int) -> None:
    for first in range(0, count, 5_000):
        requests = RequestMaker.signed_now().make(Operation.UPDATE, min(5_000, count - first), leads)
        measure(server.port, requests, _status(Operation.UPDATE), _CONNECTIONS)


# ---------------------------------------------------------------------------------------------------------------------
# Reset


def resets(plan: Plan) -> Iterator[Figure]:
    """Back to the baseline, and a new subscription like another one; in memory, in this process."""
    count = plan.sizes[0]
    registry = Registry()
    (world,) = read_all(("empty",))
    load(world, registry)
    database = registry.get(DEFAULT_SUBSCRIPTION)
    assert database is not None
    fill(database, count)
    registry.set_baseline(DEFAULT_SUBSCRIPTION)
    reset_times, new_times = [], []
    for number in range(plan.resets):
        with database.transaction() as session:
            session.next_order()  # something to undo
        before = perf_counter()
        registry.reset(DEFAULT_SUBSCRIPTION)
        reset_times.append(perf_counter() - before)
        before = perf_counter()
        registry.create(f"new{number}").copy_from(database)
        new_times.append(perf_counter() - before)
        registry.delete(f"new{number}")
    registry.close()
    section = f"{count:,} leads in memory"
    yield Figure(section, "reset", median(reset_times) * 1000, "ms", None, RESET_TARGET)
    yield Figure(section, "new subscription, copied", median(new_times) * 1000, "ms")
    yield from _over_http(plan, section)


def _over_http(plan: Plan, section: str) -> Iterator[Figure]:
    """What a test suite does between two tests, as it does it: over the control API of a server in this process."""
    with MarketoServer(Settings(port=0)) as server:
        database = server.registry.get(DEFAULT_SUBSCRIPTION)
        assert database is not None
        fill(database, plan.sizes[0])
        server.registry.set_baseline(DEFAULT_SUBSCRIPTION)
        connection = HTTPConnection(urlsplit(server.url).netloc)

        def ask(method: str, path: str) -> float:
            before = perf_counter()
            connection.request(method, f"/__admin{path}", b"{}" if method == "POST" else None)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 400:
                raise WrongAnswerError(f"{method} {path} was answered {answer.status}")
            return perf_counter() - before

        asked = {"subscription": ("POST", "/subscriptions"), "reset": ("POST", "/reset")}
        asked |= {"snapshot": ("POST", "/snapshots"), "health, the floor": ("GET", "/health")}
        for name, (method, path) in asked.items():
            ask(method, path)
            times = [ask(method, path) for _ in range(plan.resets)]
            target = NEW_SUBSCRIPTION_TARGET if name == "subscription" else None
            yield Figure(section, f"over HTTP: {name}", median(times) * 1000, "ms", None, target)
        connection.close()
