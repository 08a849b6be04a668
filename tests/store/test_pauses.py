"""Threads that wait for a subscription, or for calls to come, say so: others are lent meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockmkto.pauses import tell_of_pauses
from mockmkto.store.database import Database

DEADLINE = 10  # seconds


class Teller:
    """A thread that tells of its pauses."""

    def __init__(self) -> None:
        self.began, self.ended = threading.Event(), threading.Event()
        self.pool = ThreadPoolExecutor(1, initializer=lambda: tell_of_pauses(self.began.set, self.ended.set))

    def submit(self, work: Callable[[], object]):
        return self.pool.submit(work)


@pytest.fixture
def teller() -> Iterator[Teller]:
    made = Teller()
    yield made
    made.pool.shutdown()


@pytest.fixture
def database(place) -> Iterator[Database]:
    made = Database("test", place.storage())
    yield made
    made.close()


def test_who_waits_for_a_turn_says_so(teller, database):
    def look() -> None:
        with database.transaction():
            assert teller.ended.is_set()

    with database.transaction():
        waiting = teller.submit(look)
        assert teller.began.wait(DEADLINE)
        assert not teller.ended.is_set()
    waiting.result(DEADLINE)


def test_who_need_not_wait_says_nothing(teller, database):
    def look() -> None:
        with database.transaction():
            pass

    teller.submit(look).result(DEADLINE)
    assert not teller.began.is_set()


def test_who_waits_for_calls_says_so(teller, database):
    over = threading.Event()
    waiting = teller.submit(lambda: database.journal.wait_for(lambda: False, DEADLINE, over.is_set))
    assert teller.began.wait(DEADLINE)
    over.set()
    assert waiting.result(DEADLINE) is False
    assert teller.ended.is_set()
