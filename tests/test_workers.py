"""The threads that answer what may block: how many there are, who is hired, and who leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from mockmkto.clock import stopwatch
from mockmkto.pauses import pause
from mockmkto.serving import workers
from mockmkto.serving.workers import Job, Workers

DEADLINE = 10  # seconds


class Work:
    """Jobs that say when they begin, and end when they may."""

    def __init__(self, pool: Workers) -> None:
        self.pool = pool
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.ended = threading.Semaphore(0)
        self.aborted = threading.Event()

    def put(self, *, pausing: bool = False, heavy: bool = False) -> None:
        def run() -> None:
            self.begun.release()
            if pausing:
                with pause():
                    assert self.may_end.wait(DEADLINE)
            else:
                assert self.may_end.wait(DEADLINE)
            self.ended.release()

        self.pool.put(Job(run, self.aborted.set, heavy=heavy))

    def begins(self) -> bool:
        return self.begun.acquire(timeout=DEADLINE)


@pytest.fixture
def work(monkeypatch) -> Iterator[Work]:
    monkeypatch.setattr(workers, "HELD_UP", 0)
    pool = Workers(usual=2)
    work = Work(pool)
    yield work
    work.may_end.set()
    pool.stop(wait=True)
    assert pool.count == 0


def test_there_are_no_threads_before_there_is_work(work):
    assert work.pool.count == 0


def test_no_more_than_the_usual_work_at_once(work):
    for _ in range(5):
        work.put()
    assert work.begins()
    assert work.begins()
    assert work.pool.count == 2
    work.may_end.set()
    assert all(work.begins() for _ in range(3))
    assert work.pool.count == 2


def test_for_each_that_waits_another_one_works(work):
    for _ in range(5):
        work.put(pausing=True)
    assert all(work.begins() for _ in range(5))
    work.put()
    assert work.begins()


def test_one_that_begins_to_wait_lets_the_next_begin(work):
    waits = threading.Event()
    entered = threading.Event()

    def first() -> None:
        assert waits.wait(DEADLINE)
        with pause():
            entered.set()
            assert work.may_end.wait(DEADLINE)

    work.pool.put(Job(first, lambda: None))
    work.put()
    assert work.begins()
    work.put()
    waits.set()
    assert entered.wait(DEADLINE)
    assert work.begins()


def test_mere_slowness_hires_nobody(work, monkeypatch):
    monkeypatch.setattr(workers, "HELD_UP", 1000)
    for _ in range(5):
        work.put()
    assert work.begins()
    assert work.begins()
    assert work.pool.relieve() == 1000
    assert work.pool.relieve() == 1000
    assert work.pool.count == 2


def test_who_is_held_up_without_saying_so_is_helped_in_the_end(work):
    for _ in range(5):
        work.put()
    work.pool.relieve()  # looks, and remembers
    work.pool.relieve()
    assert all(work.begins() for _ in range(5))
    assert work.pool.relieve() is None


def test_there_are_never_more_than_the_most(work, monkeypatch):
    monkeypatch.setattr(workers, "MOST", 4)
    for _ in range(6):
        work.put(pausing=True)
    work.pool.relieve()
    work.pool.relieve()
    assert work.pool.count == 4


def test_idle_ones_leave(monkeypatch):
    monkeypatch.setattr(workers, "LEAVES", 0.01)
    pool = Workers(usual=4)
    work = Work(pool)
    for _ in range(4):
        work.put()
    assert all(work.begins() for _ in range(4))
    threads = [worker.thread for worker in pool._workers]
    work.may_end.set()
    for thread in threads:
        thread.join(DEADLINE)
        assert not thread.is_alive()
    assert pool.count == 0
    work.put()
    assert work.begins()  # and whoever comes later is served


def test_the_one_that_was_idle_last_gets_the_next_job(work):
    """Else those who are too many would never be idle for long, and never leave."""
    work.may_end.set()
    seen = set()
    for _ in range(10):
        done = threading.Event()

        def run(done: threading.Event = done) -> None:
            seen.add(threading.current_thread().name)
            done.set()

        work.pool.put(Job(run, lambda: None))
        assert done.wait(DEADLINE)
        until = stopwatch() + DEADLINE
        while not work.pool._idle:
            assert stopwatch() < until
    assert len(seen) == 1


def test_of_those_that_need_much_memory_two_are_done_at_once(work):
    pool = Workers(usual=10)
    heavy, light = Work(pool), Work(pool)
    for _ in range(5):
        heavy.put(heavy=True)
        light.put()
    assert all(light.begins() for _ in range(5))
    assert heavy.begins()
    assert heavy.begins()
    assert not heavy.begun.acquire(blocking=False)
    heavy.may_end.set()
    assert all(heavy.begins() for _ in range(3))
    light.may_end.set()
    pool.stop(wait=True)


def test_a_job_that_fails_costs_no_thread(work, caplog):
    def fails() -> None:
        raise SystemExit(3)

    work.may_end.set()
    for _ in range(3):
        work.pool.put(Job(fails, lambda: None))
    work.put()
    assert work.begins()
    assert "a worker failed; it goes on" in caplog.text


def test_where_the_system_allows_no_more_threads_those_that_there_are_do_it(work, monkeypatch):
    work.put()
    assert work.begins()

    def refuses(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuses)
    work.put()
    work.may_end.set()
    assert work.begins()


def test_a_thread_that_never_begins_holds_nobody_up(work, monkeypatch):
    """As one that dies for want of memory before it has said that it is there."""
    work.put()
    assert work.begins()
    monkeypatch.setattr("mockmkto.serving.workers.BEGINS", 0.01)
    monkeypatch.setattr(threading.Thread, "_bootstrap", lambda _: None)
    work.put()
    work.may_end.set()
    assert work.begins()


def test_an_abort_reaches_what_is_done_and_what_waits(work):
    waiting = Work(work.pool)
    for _ in range(2):
        work.put()
    waiting.put()
    assert work.begins()
    work.pool.abort()
    assert work.aborted.is_set()
    assert waiting.aborted.is_set()
    waiting.may_end.set()


def test_a_pause_in_a_thread_that_nobody_lends_out_is_nothing():
    with pause():
        pass
