"""--data-dir: what was acknowledged is there after `kill -9`, and a disk that refuses is no end of the server."""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import random
import resource
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from plain_client import Client, MarketoFault
from server_process import ServerProcess

from mockmkto.serving import marketo
from mockmkto.serving import server as http_server
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, Settings
from mockmkto.store import turns

KILLS = int(os.environ.get("MOCKMKTO_KILLS", "8"))  # of one data dir; the more the better
WRITERS = 4
FROZEN = "2026-03-14T09:26:53+00:00"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")


class Server(ServerProcess):
    """A server on a data dir, ready."""

    def __init__(self, data: Path, *words: str, **options) -> None:
        words = ("--data-dir", str(data), "--journal-size", "1000000", "--signature-window", "off", *words)
        super().__init__(data.parent / "log", *words, **options)
        self.ready()

    def leads(self) -> dict[str, int]:
        """Every lead's Id, by e-mail."""
        state = self.ask("GET", "/state?format=json")
        return {lead["Email"]: lead["Id"] for lead in state.get("leads", ())}


@pytest.fixture
def run(tmp_path) -> Iterator[type]:
    """Starts servers on one data dir; those that are left are killed."""
    started: list[Server] = []

    def start(*words: str, **options) -> Server:
        started.append(Server(tmp_path / "data", *words, **options))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.kill()


def killed_under_load(server: Server, after: int, prefix: str) -> dict[str, int]:
    """Has several clients write, and kills the server in the middle: the leads that were acknowledged, by e-mail."""
    acknowledged: dict[str, int] = {}
    enough = threading.Event()

    def write(writer: int) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(100_000):
                email = f"{prefix}-{writer}-{number}@example.com"
                status, lead = server.client.sync(email, FirstName="x" * 200)
                assert status == "CREATED"
                acknowledged[email] = lead
                if len(acknowledged) >= after:
                    enough.set()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    server.kill()
    for writer in writers:
        writer.join()
    return acknowledged


def test_every_acknowledged_call_survives_kill_9(run):
    chance = random.Random(20260314)
    acknowledged: dict[str, int] = {}
    with_journal = 0
    for killed in range(KILLS + 1):
        server = run()
        if killed == 0:
            server.ask("POST", "/clock/freeze", {"at": FROZEN})
            rule = {"name": "broken", "effect": "fault", "match": "email:broken@example.com", "code": 20103}
            server.ask("POST", "/faults", rule)
        found = server.leads()
        lost = {email: lead for email, lead in acknowledged.items() if found.get(email) != lead}
        assert not lost, f"after {killed} kills"
        assert len(set(found.values())) == len(found)
        assert server.ask("GET", "/calls/count?search=status:CREATED")["count"] >= with_journal
        assert server.ask("GET", "/faults/broken")["fired"] == killed
        assert (
            server.ask("GET", "/clock")["now"][:16]
            == f"2026-03-14T{9 + (26 + killed) // 60:02}:{(26 + killed) % 60:02}"
        )
        with pytest.raises(MarketoFault):
            server.client.sync("broken@example.com")
        server.ask("POST", "/clock/advance", {"by": "1m"})
        acknowledged |= killed_under_load(server, chance.randint(1, 60), f"round{killed}")
        with_journal = len(acknowledged)


def test_a_server_that_was_killed_while_it_reset_goes_on_and_resets(run, tmp_path):
    fixture = tmp_path / "world.yaml"
    fixture.write_text("leads: [{Id: 7, Email: ann@example.com}]\n")
    words = ("--fixture", str(fixture))
    chance = random.Random(3)
    for killed in range(KILLS // 2 + 1):
        server = run(*words)
        server.ask("POST", "/reset")
        assert server.leads() == {"ann@example.com": 7}, f"after {killed} kills"
        assert server.client.sync("new@example.com") == ("CREATED", 8)
        server.ask("POST", "/snapshots", {"name": "before"})
        asked = 0

        def steer(server=server) -> None:
            nonlocal asked
            with contextlib.suppress(OSError, http.client.HTTPException):
                while True:
                    server.ask("POST", ("/reset", "/snapshots/before/restore")[asked % 2])
                    server.ask("POST", "/snapshots", {"name": "before"})
                    asked += 1

        steering = threading.Thread(target=steer)
        steering.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(chance.randint(1, 30)):
                server.client.sync(f"{number}@example.com")
        server.kill()
        steering.join()


def test_a_subscription_that_was_made_is_there_after_kill_9(run):
    made = {}
    for killed in range(3):
        server = run()
        names = {item["name"] for item in server.ask("GET", "/subscriptions")["subscriptions"]}
        assert names >= set(made), f"after {killed} kills"
        for name, credential in made.items():
            client = Client(server.client.endpoint, credential["user_id"], credential["encryption_keys"][0])
            assert client.sync("own@example.com")[0] in ("CREATED", "UPDATED"), name
        stop = threading.Event()

        def make(server=server, stop=stop) -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                while True:
                    answer = server.ask("POST", "/subscriptions", {})
                    made[answer["name"]] = answer["credentials"][0]
                    if len(made) % 4 == 0:
                        stop.set()

        makers = [threading.Thread(target=make) for _ in range(2)]
        for maker in makers:
            maker.start()
        assert stop.wait(60)
        server.kill()
        for maker in makers:
            maker.join()


def test_a_clean_stop_leaves_no_log_behind(run, tmp_path):
    server = run()
    server.client.sync("a@example.com")
    assert server.stop() == 0
    assert [path for path in (tmp_path / "data").rglob("*") if path.name.endswith(("-wal", "-journal"))] == []


# ---------------------------------------------------------------------------------------------------------------------
# A disk that refuses


@pytest.fixture
def server(tmp_path):
    with MarketoServer(Settings(port=0, data_dir=tmp_path / "data", switches={"signature_window": "off"})) as server:
        yield server


def client_of(server: MarketoServer) -> Client:
    return Client(server.endpoint, DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY)


def errors(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def until_it_is_refused(client: Client) -> tuple[dict[str, int], MarketoFault]:
    acknowledged = {}
    for number in range(5000):
        email = f"{number}@example.com"
        try:
            acknowledged[email] = client.sync(email, FirstName="x" * 250, LastName="y" * 250)[1]
        except MarketoFault as fault:
            return acknowledged, fault
    raise AssertionError("nothing was refused")


def test_a_full_disk_is_fault_10001_and_the_server_goes_on(server, caplog):
    client = client_of(server)
    assert client.sync("before@example.com") == ("CREATED", 1001)
    raw = server.registry.get("default")._sql._raw  # SQLite's own word for it, without filling a disk
    raw.execute(f"PRAGMA max_page_count = {raw.execute('PRAGMA page_count').fetchone()[0]}")
    acknowledged, fault = until_it_is_refused(client)
    assert fault.code == "10001"
    assert errors(caplog) == ["the data of the subscription default: database or disk is full; answered as fault 10001"]
    assert client.get("before@example.com") == [1001]
    raw.execute("PRAGMA max_page_count = 1000000")
    status, lead = client.sync("after@example.com", FirstName="x" * 200)
    assert (status, lead) == ("CREATED", 1002 + len(acknowledged))  # an Id that was given back


def test_a_journal_that_cannot_be_written_is_said_and_the_call_is_answered(server, caplog):
    client = client_of(server)
    client.sync("before@example.com")
    raw = server.registry.get("default").journal._sql._raw
    raw.execute(f"PRAGMA max_page_count = {raw.execute('PRAGMA page_count').fetchone()[0]}")
    for number in range(100):
        assert client.sync(f"{number}@example.com", FirstName="x" * 250)[0] == "CREATED"
    assert set(errors(caplog)) == {
        "the data of the subscription default: database or disk is full; the call is not in the journal"
    }


@pytest.mark.parametrize("name", ["subscription", "journal", "registry"])
def test_a_file_that_a_call_cannot_do_without_is_held_and_it_is_fault_10001_and_the_server_goes_on(
    server, tmp_path, name, caplog, monkeypatch
):
    client = client_of(server)
    client.sync("before@example.com")
    monkeypatch.setattr(turns, "BUSY_SECONDS", 0.02)
    (path,) = (tmp_path / "data").rglob(f"{name}.sqlite")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        if name == "registry":  # a call only reads it
            assert client.sync("held@example.com")[0] == "CREATED"
            assert errors(caplog) == []
        elif name == "journal":
            assert client.sync("held@example.com")[0] == "CREATED"
            assert errors(caplog)[0].endswith("database is locked; the call is not in the journal")
        else:
            with pytest.raises(MarketoFault) as fault:
                client.sync("held@example.com")
            assert fault.value.code == "10001"
            assert errors(caplog)[0].endswith("database is locked; answered as fault 10001")
    finally:
        other.close()
    assert client.sync("after@example.com")[0] == "CREATED"


def test_calls_that_wait_for_a_held_file_do_not_delay_the_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "BUSY_SECONDS", 60)
    monkeypatch.setattr(http_server, "STOP_TIMEOUT", 0.1)
    waits = threading.Semaphore(0)
    wait = turns.Turns._wait_for_the_file
    monkeypatch.setattr(turns.Turns, "_wait_for_the_file", lambda *them: (waits.release(), wait(*them))[1])
    server = MarketoServer(Settings(port=0, data_dir=tmp_path / "data"))
    server.start()
    clients = [threading.Thread(target=sent_in_vain, args=(client_of(server),)) for _ in range(4)]
    (path,) = (tmp_path / "data").rglob("subscription.sqlite")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for client in clients:
            client.start()
        assert waits.acquire(timeout=10)
        started = time.perf_counter()
        server.stop()
        took = time.perf_counter() - started
        for client in clients:
            client.join()
    assert took < 2


def sent_in_vain(client: Client) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException, MarketoFault):
        client.sync("held@example.com")


def test_a_store_that_cannot_be_closed_does_not_delay_the_stop_for_long(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(marketo, "CLOSE_TIMEOUT", 0.05)
    server = MarketoServer(Settings(port=0, data_dir=tmp_path / "data"))
    server.start()
    may_close = threading.Event()
    close = server.registry.close
    monkeypatch.setattr(server.registry, "close", lambda: may_close.wait(10) and close())
    server.stop()
    assert "the data was still in use 0.05 s after the last answer" in caplog.text
    may_close.set()
    close()


def test_the_wait_for_a_held_file_is_bounded():
    assert 1 <= turns.BUSY_SECONDS <= 10


def test_a_file_that_must_not_grow_is_fault_10001_and_the_server_goes_on(run):
    limit = 600_000  # bytes a file: the system refuses more, as a full disk does
    server = run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    acknowledged, fault = until_it_is_refused(server.client)
    assert fault.code == "10001"
    assert server.client.get("0@example.com") == [1001]
    assert server.stop() == 0
    assert "answered as fault 10001" in server.log.read_text()
    server = run()
    found = server.leads()
    assert {email: found.get(email) for email in acknowledged} == acknowledged
    assert server.client.sync("after@example.com")[0] == "CREATED"
