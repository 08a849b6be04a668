"""One deadline for a call from when it came, whatever it waits for: no server that is gone holds anybody longer."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from databases import POOL, cluster
from sqlalchemy.exc import OperationalError
from support import Marketo
from werkzeug.test import Client

from mockmkto import deadlines
from mockmkto.clock import sleep
from mockmkto.store.registry import Registry
from mockmkto.store.schemas import PostgresBackend
from mockmkto.web.app import create_app
from mockmkto.web.site import Site

SMALL = "leads: [{Id: 1, Email: ann@example.com}]"
DEADLINE = 1.5  # seconds
SLACK = 1.0  # that a machine with much to do may add


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(deadlines, "SECONDS", DEADLINE)


def update(marketo: Marketo) -> str:
    """A request, signed while the subscription can still be asked what time it is."""
    return marketo.envelope("<ns1:paramsSyncLead><leadRecord><Id>1</Id></leadRecord></ns1:paramsSyncLead>")


def calls_at_once(marketo: Marketo, request: str, number: int) -> list[tuple[str | None, float]]:
    """The code that each was answered with, and how long it took."""

    def call(_: int) -> tuple[str | None, float]:
        began = time.perf_counter()
        answer = marketo.post(request)
        return answer.code, time.perf_counter() - began

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(call, range(number)))


def assert_all_waited_as_long(answers: list[tuple[str | None, float]]) -> None:
    assert {code for code, _ in answers} == {"10001"}
    assert max(took for _, took in answers) < DEADLINE + SLACK


# ---------------------------------------------------------------------------------------------------------------------
# The deadline itself


def test_without_a_request_only_the_own_limit_counts():
    assert deadlines.remaining(7) == 7
    assert deadlines.is_patient()


def test_within_a_request_time_runs_out_and_an_inner_one_changes_nothing():
    with deadlines.started(), deadlines.started(seconds=100):
        assert 0 < deadlines.remaining(100) <= DEADLINE
        assert deadlines.remaining(0.1) == 0.1
        assert not deadlines.is_patient()
    assert deadlines.remaining(7) == 7


def test_a_request_that_came_long_ago_has_no_time_left():
    with deadlines.started(0.0):
        assert deadlines.remaining(100) == 0


def test_a_delay_on_purpose_does_not_count():
    with deadlines.started(seconds=0.02):
        sleep(0.03)
        assert deadlines.remaining(100) > 0


def test_another_thread_has_a_deadline_of_its_own():
    with deadlines.started(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(deadlines.remaining, 100).result() == 100


# ---------------------------------------------------------------------------------------------------------------------
# In every store


def test_whoever_waits_for_a_subscription_waits_as_long_as_everybody(place):
    marketo = Marketo(SMALL, Registry(place.backend()))
    request = update(marketo)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with marketo.database.transaction():
            held.set()
            done.wait(30)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        assert held.wait(10)
        try:
            answers = calls_at_once(marketo, request, 6)
        finally:
            done.set()
    assert_all_waited_as_long(answers)
    assert marketo.sync(Id=1).status == "UPDATED"
    marketo.registry.close()


# ---------------------------------------------------------------------------------------------------------------------
# PostgreSQL is there, and says nothing


@pytest.fixture
def root(postgresql) -> str:
    return POOL.take(until_closed=False)._root


@contextmanager
def stopped() -> Iterator[None]:
    """A block in which every process of the server is stopped."""
    parent = int((cluster()._data / "postmaster.pid").read_text().split()[0])
    children = [
        int(pid) for task in Path(f"/proc/{parent}/task").iterdir() for pid in (task / "children").read_text().split()
    ]
    for pid in (parent, *children):
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in (*children, parent):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


needs_own_server = pytest.mark.skipif(
    bool(os.environ.get("MOCKMKTO_TEST_DATABASE_URL")) or not Path("/proc/self/task").exists(),
    reason="stops the processes of a server of the tests' own",
)


@needs_own_server
def test_a_server_that_is_stopped_holds_no_call_longer(postgresql, root):
    marketo = Marketo(SMALL, Registry(PostgresBackend(f"{postgresql}?schema={root}")))
    assert marketo.sync(Id=1).status == "UPDATED"
    request = update(marketo)
    site = Site(marketo.server, marketo.registry)
    site.ready.set()
    probe = Client(create_app(site))
    with stopped():
        assert_all_waited_as_long(calls_at_once(marketo, request, 6))
        assert_all_waited_as_long(calls_at_once(marketo, request, 2))  # now that there are no connections left
        assert probe.get("/readyz").status_code == 503
    assert probe.get("/readyz").status_code == 200
    assert marketo.sync(Id=1).status == "UPDATED"
    with marketo.database.call_under_way() as at_once:
        assert at_once == 1
    marketo.registry.close()


class Proxy:
    """Between a server and its clients; swallows everything from a moment on."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.swallows = False
        self._lines: list[socket.socket] = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                self._lines += [here, there]
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self.swallows:
                    target.sendall(data)
            if not self.swallows:
                target.shutdown(socket.SHUT_WR)

    def drop(self) -> None:
        """Be a network again, which has lost what there was."""
        self.swallows = False
        self._close(self._lines[1:])

    def close(self) -> None:
        self._close(self._lines)

    @staticmethod
    def _close(lines: list[socket.socket]) -> None:
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()


@pytest.fixture
def proxy(postgresql) -> Iterator[Proxy]:
    made = Proxy(cluster().port)
    yield made
    made.close()


@needs_own_server
def test_a_network_that_swallows_everything_holds_no_call_longer(proxy, root):
    url = f"postgresql+psycopg://mockmkto@127.0.0.1:{proxy.port}/postgres?schema={root}"
    marketo = Marketo(SMALL, Registry(PostgresBackend(url)))
    assert marketo.sync(Id=1).status == "UPDATED"
    request = update(marketo)
    proxy.swallows = True
    assert_all_waited_as_long(calls_at_once(marketo, request, 6))
    proxy.swallows = False
    assert marketo.sync(Id=1).status == "UPDATED"
    marketo.registry.close()


@needs_own_server
def test_a_transaction_that_is_under_way_ends_with_the_deadline(proxy, root):
    url = f"postgresql+psycopg://mockmkto@127.0.0.1:{proxy.port}/postgres?schema={root}"
    marketo = Marketo(SMALL, Registry(PostgresBackend(url)))

    def change() -> None:
        with deadlines.started(), marketo.database.transaction() as session:
            proxy.swallows = True
            session.empty()

    began = time.perf_counter()
    with pytest.raises(OperationalError):
        change()
    assert time.perf_counter() - began < DEADLINE + SLACK
    proxy.drop()
    assert marketo.dump()["lead"]
    marketo.registry.close()
