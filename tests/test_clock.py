"""A clock is a value: real, offset or frozen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mockmkto import clock as module
from mockmkto.clock import Clock, stopwatch, system_now

SYSTEM = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
THEN = datetime(2010, 4, 9, 14, 4, 54, tzinfo=timezone(timedelta(hours=-7)))
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine whose time is what the test says."""
    times = {"now": SYSTEM}
    monkeypatch.setattr(module, "system_now", lambda: times["now"])
    return times


@pytest.mark.parametrize(
    ("make", "now", "an_hour_later"),
    [
        (lambda: Clock(), SYSTEM, SYSTEM + HOUR),
        (lambda: Clock(offset=-HOUR), SYSTEM - HOUR, SYSTEM),
        (lambda: Clock(frozen_at=THEN), THEN, THEN),
        (lambda: Clock().freeze(), SYSTEM, SYSTEM),
        (lambda: Clock(offset=HOUR).freeze(), SYSTEM + HOUR, SYSTEM + HOUR),
        (lambda: Clock().freeze(THEN), THEN, THEN),
        (lambda: Clock().advance(HOUR), SYSTEM + HOUR, SYSTEM + 2 * HOUR),
        (lambda: Clock().advance(-HOUR), SYSTEM - HOUR, SYSTEM),
        (lambda: Clock(offset=HOUR).advance(HOUR), SYSTEM + 2 * HOUR, SYSTEM + 3 * HOUR),
        (lambda: Clock(frozen_at=THEN).advance(HOUR), THEN + HOUR, THEN + HOUR),
        (lambda: Clock().set(THEN), THEN, THEN + HOUR),
        (lambda: Clock(offset=HOUR).set(THEN), THEN, THEN + HOUR),
        (lambda: Clock(frozen_at=SYSTEM).set(THEN), THEN, THEN),
        (lambda: Clock(frozen_at=THEN).resume(), THEN, THEN + HOUR),
        (lambda: Clock(offset=HOUR).resume(), SYSTEM + HOUR, SYSTEM + 2 * HOUR),
        (lambda: Clock().resume(), SYSTEM, SYSTEM + HOUR),
    ],
)
def test_what_a_clock_shows_now_and_an_hour_later(machine, make, now, an_hour_later):
    clock = make()
    assert clock.now() == now
    machine["now"] += HOUR
    assert clock.now() == an_hour_later


@pytest.mark.parametrize(
    "clock", [Clock(), Clock(offset=HOUR), Clock().freeze(THEN), Clock(frozen_at=SYSTEM).set(THEN)]
)
def test_a_clock_shows_utc(clock):
    assert clock.now().utcoffset() == timedelta()


def test_a_clock_is_not_changed_by_what_is_made_of_it():
    clock = Clock(offset=HOUR)
    for made in (clock.freeze(), clock.advance(HOUR), clock.set(THEN)):
        assert made != clock
    assert clock == Clock(offset=HOUR)


def test_the_machines_time_is_in_utc():
    assert system_now().tzinfo is UTC


def test_the_stopwatch_never_goes_back():
    assert stopwatch() <= stopwatch()
