"""Long work beside calls: within its slice it goes on, behind it stands still while a call is being answered."""

from __future__ import annotations

import pytest

from mockmkto import giving_way
from mockmkto.giving_way import PAUSE, SLICE, LongWork, answered, answering


class Time:
    """Time that passes when somebody sleeps, or says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.calls_end_at: float | None = None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.calls_end_at is not None and self.now >= self.calls_end_at:
            self.calls_end_at = None
            answered()


@pytest.fixture
def time(monkeypatch):
    time = Time()
    monkeypatch.setattr(giving_way, "stopwatch", lambda: time.now)
    monkeypatch.setattr(giving_way, "sleep", time.sleep)
    return time


def test_within_its_slice_work_goes_on(time):
    work = LongWork()
    time.now += SLICE * 0.9
    work.give_way()
    assert time.now == 100.0 + SLICE * 0.9


def test_behind_its_slice_it_lets_others_have_their_turn_and_then_has_a_slice_again(time):
    work = LongWork()
    time.now += SLICE
    for _ in range(3):
        work.give_way()
    assert time.now == pytest.approx(100.0 + SLICE + PAUSE)


def test_it_stands_still_for_as_long_as_a_call_is_being_answered(time):
    work = LongWork()
    answering()
    time.now += SLICE
    time.calls_end_at = time.now + 5.2 * PAUSE
    work.give_way()
    assert time.now == pytest.approx(100.0 + SLICE + 6 * PAUSE)


def test_where_calls_have_no_end_it_goes_on_all_the_same(time):
    work = LongWork()
    answering()
    try:
        time.now += SLICE
        work.give_way()
        assert time.now == pytest.approx(100.0 + SLICE + 40 * PAUSE)
    finally:
        answered()
