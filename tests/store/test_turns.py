"""Who waits for a SQLite database and for how long: for a file that is held, in a crowd, and while it is closed."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from mockmkto.store import turns
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.sqlite import SqliteDatabase
from mockmkto.store.tables import registry_metadata, subscription

pytestmark = pytest.mark.sqlite


@pytest.fixture(params=["memory", "file"])
def database(request, tmp_path) -> Iterator[SqliteDatabase]:
    made = SqliteDatabase(registry_metadata, tmp_path / "registry.sqlite" if request.param == "file" else None)
    made.create_tables()
    yield made
    made.close()


@pytest.fixture
def filed(tmp_path) -> Iterator[SqliteDatabase]:
    made = SqliteDatabase(registry_metadata, tmp_path / "registry.sqlite")
    made.create_tables()
    yield made
    made.close()


@contextmanager
def held(path: Path | None) -> Iterator[None]:
    """A block during which another process has the file, as far as SQLite can tell."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


def write(database: SqliteDatabase, number: int = 0) -> None:
    with database.transaction() as connection:
        connection.execute(insert(subscription).values(name=str(number), position=number))


def written(database: SqliteDatabase) -> set[int]:
    return {row.position for row in database.read(select(subscription.c.position))}


@pytest.fixture
def waits(monkeypatch) -> Callable[[], None]:
    """Returns once a thread waits for the file."""
    begun = threading.Event()
    wait = turns.Turns._wait_for_the_file

    def tell(self, pause, error):
        begun.set()
        wait(self, pause, error)

    monkeypatch.setattr(turns.Turns, "_wait_for_the_file", tell)
    return lambda: assert_true(begun.wait(10))


def assert_true(outcome: bool) -> None:
    assert outcome


def test_a_held_file_costs_every_call_the_same_time_however_many_wait(filed, monkeypatch):
    monkeypatch.setattr(turns, "BUSY_SECONDS", 0.4)

    def fails() -> float:
        started = time.perf_counter()
        with pytest.raises(OperationalError, match="database is locked"):
            write(filed)
        return time.perf_counter() - started

    with held(filed.path), ThreadPoolExecutor(6) as pool:
        took = [future.result() for future in [pool.submit(fails) for _ in range(6)]]
    assert min(took) >= 0.4
    assert max(took) < 0.8  # in a row it would be 2.4
    write(filed)


def test_a_file_that_is_let_go_of_in_time_costs_nobody_a_fault(filed, waits):
    with ThreadPoolExecutor(4) as pool:
        with held(filed.path):
            futures = [pool.submit(write, filed, number) for number in range(4)]
            waits()
        for future in futures:
            future.result()
    assert written(filed) == {0, 1, 2, 3}


def test_in_a_crowd_nobody_fails_however_long_the_others_take(database, monkeypatch):
    monkeypatch.setattr(turns, "BUSY_SECONDS", 0)  # whoever counted the turns of others would fail at once
    monkeypatch.setattr(turns, "LOOK", 0.0001)
    with ThreadPoolExecutor(16) as pool:
        for future in [pool.submit(write, database, number) for number in range(400)]:
            future.result()
    assert len(written(database)) == 400


def closing(database: SqliteDatabase) -> float:
    started = time.perf_counter()
    database.close()
    return time.perf_counter() - started


def test_whoever_waits_for_a_held_file_or_for_a_turn_ends_as_soon_as_the_database_is_closed(filed, monkeypatch, waits):
    monkeypatch.setattr(turns, "BUSY_SECONDS", 60)
    monkeypatch.setattr(turns, "CLOSE_SECONDS", 10)
    with held(filed.path), ThreadPoolExecutor(4) as pool:
        futures: list[Future[None]] = [pool.submit(write, filed) for _ in range(4)]
        waits()
        assert closing(filed) < 2
        for future in futures:
            with pytest.raises(ClosedDatabaseError):
                future.result()


def test_closing_does_not_wait_for_a_transaction_that_lasts_and_what_it_writes_is_written(filed, monkeypatch, tmp_path):
    monkeypatch.setattr(turns, "CLOSE_SECONDS", 0.01)
    with ThreadPoolExecutor(1) as pool, filed.transaction() as connection:
        connection.execute(insert(subscription).values(name="late", position=7))
        pool.submit(filed.close).result(10)
        with pytest.raises(ClosedDatabaseError):
            pool.submit(write, filed).result(10)
    with pytest.raises(ClosedDatabaseError):
        write(filed)
    assert not (tmp_path / "registry.sqlite-wal").exists()  # closed by the transaction, when it was over
    again = SqliteDatabase(registry_metadata, filed.path)
    assert written(again) == {7}
    again.close()
