"""The calls by outcome, as the home page draws them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mockmkto.model import Call
from mockmkto.web.console.chart import chart

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def call(seconds: int, status: str, fault: int | None = None) -> Call:
    return Call(NOON + timedelta(seconds=seconds), "3_1", b"", b"", 200, status, 1.0, fault_code=fault)


def test_without_calls_there_is_none():
    assert chart([]) is None


def test_calls_stand_where_they_came_and_each_outcome_has_its_part():
    drawn = chart([call(0, "CREATED"), call(0, "UPDATED"), call(30, "20103", 20103), call(60, "OK")])
    assert [bar.calls for bar in drawn.bars if bar.calls] == [2, 1, 1]
    assert [drawn.bars[place].calls for place in (0, 20, 39)] == [2, 1, 1]
    assert [(part.outcome, part.y, part.height) for part in drawn.bars[0].parts] == [
        ("created", 50.0, 50.0),
        ("updated", 0.0, 50.0),
    ]
    assert drawn.said == "1 created, 1 updated, 1 ok, 1 fault"
    assert (drawn.since, drawn.until) == (NOON, NOON + timedelta(seconds=60))


def test_where_the_clock_stands_still_they_stand_in_their_order():
    drawn = chart([call(0, "CREATED"), call(0, "UPDATED"), call(0, "UPDATED")])
    assert [bar.parts[0].outcome for bar in drawn.bars] == ["created", "updated", "updated"]
