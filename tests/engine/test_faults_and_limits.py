"""Limits and fault rules, in process: what they refuse, what they count, and that the operation has run or has not."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.model import Effect, FaultRule
from mockmkto.store import faults

LEADS = "leads: [{Id: 1001, Email: ann@example.com}]"


def with_limits(limits: str) -> Marketo:
    return Marketo(f"behaviour: {{limits: {limits}}}\n{LEADS}")


def add(marketo: Marketo, name: str = "rule", effect: Effect = Effect.FAULT, **conditions) -> None:
    with marketo.database.transaction() as session:
        faults.add(session, FaultRule(name, effect, **conditions))


def rule(marketo: Marketo, name: str = "rule") -> FaultRule:
    with marketo.database.transaction() as session:
        found = faults.one(session, name)
    assert found is not None
    return found


def codes(marketo: Marketo, calls: int, **given) -> list[str | None]:
    return [marketo.sync(Email="ann@example.com", **given).code for _ in range(calls)]


# ---------------------------------------------------------------------------------------------------------------------
# Limits


@pytest.mark.parametrize(
    ("limits", "code"), [("2/-/-", "20015"), ("-/2/-", "20023")], ids=["calls a day", "calls in 20 seconds"]
)
def test_a_limit_refuses_the_call_above_it(limits, code):
    assert codes(with_limits(limits), 3) == [None, None, code]


def test_the_documented_limits():
    marketo = with_limits("on")
    assert codes(marketo, 101)[-2:] == [None, "20023"]


def test_too_many_calls_at_once_are_refused():
    marketo = with_limits("-/-/1")
    with marketo.database.call_under_way():
        assert codes(marketo, 1) == ["20024"]
    assert codes(marketo, 1) == [None]


def test_a_call_that_an_injected_delay_holds_up_is_under_way(monkeypatch):
    marketo = with_limits("-/-/1")
    add(marketo, effect=Effect.DELAY, delay=9.0, times=1)
    during: list[str | None] = []
    monkeypatch.setattr("mockmkto.calls.handling.sleep", lambda seconds: during.extend(codes(marketo, 1)))
    assert codes(marketo, 1) == [None]
    assert during == ["20024"]
    assert codes(marketo, 1) == [None]


def test_without_the_switch_nothing_is_limited():
    assert set(codes(Marketo(LEADS), 120)) == {None}


def test_a_refused_call_does_not_count():
    marketo = with_limits("-/2/-")
    assert codes(marketo, 12) == [None, None, *["20023"] * 10]
    marketo.set_clock(Clock(frozen_at=NOW + dt.timedelta(seconds=20)))
    assert codes(marketo, 1) == [None]


def test_the_window_of_20_seconds_moves_with_the_subscriptions_clock():
    marketo = with_limits("-/1/-")
    assert codes(marketo, 2) == [None, "20023"]
    marketo.set_clock(Clock(frozen_at=NOW + dt.timedelta(seconds=19.999)))
    assert codes(marketo, 1) == ["20023"]
    marketo.set_clock(Clock(frozen_at=NOW + dt.timedelta(seconds=20)))
    assert codes(marketo, 1) == [None]


@pytest.mark.parametrize(
    ("midnight", "season"),
    [("2026-01-16T06:00:00+00:00", "winter"), ("2026-07-16T05:00:00+00:00", "summer")],
)
def test_the_day_begins_at_midnight_central(midnight, season):
    marketo = with_limits("1/-/-")
    begin = dt.datetime.fromisoformat(midnight)
    marketo.set_clock(Clock(frozen_at=begin - dt.timedelta(seconds=1)))
    assert codes(marketo, 2) == [None, "20015"]
    marketo.set_clock(Clock(frozen_at=begin))
    assert codes(marketo, 2) == [None, "20015"]


def test_limits_come_in_their_order():
    marketo = with_limits("1/1/1")
    assert codes(marketo, 1) == [None]
    with marketo.database.call_under_way():
        assert codes(marketo, 1) == ["20015"], "the day's quota before the rate before concurrency"
    add(marketo, code=10001)
    assert codes(marketo, 1) == ["20015"], "limits before injected faults"


def test_a_call_that_ends_in_a_fault_counts():
    marketo = with_limits("1/-/-")
    assert marketo.sync(Id=9999).code == "20103"
    assert codes(marketo, 1) == ["20015"]


def test_a_call_that_is_not_authenticated_does_not_count():
    marketo = with_limits("1/-/-")
    marketo.post(marketo.envelope("<ns1:paramsSyncLead/>", key="wrong"))
    assert codes(marketo, 1) == [None]


# ---------------------------------------------------------------------------------------------------------------------
# Fault rules


@pytest.mark.parametrize(
    ("conditions", "fires"),
    [
        ({}, "xxxxxx"),
        ({"times": 2}, "xx...."),
        ({"after": 2}, "..xxxx"),
        ({"after": 1, "times": 2}, ".xx..."),
        ({"nth": 3}, "..x..."),
        ({"share": 0.0}, "......"),
        ({"share": 1.0}, "xxxxxx"),
    ],
)
def test_a_rule_counts_the_calls_that_it_matches(conditions, fires):
    marketo = Marketo(LEADS)
    add(marketo, code=20011, **conditions)
    assert "".join("x" if code else "." for code in codes(marketo, 6)) == fires
    assert rule(marketo).seen == 6
    assert rule(marketo).fired == fires.count("x")


def test_a_share_of_the_calls_is_the_same_in_every_run():
    runs = []
    for _ in range(2):
        marketo = Marketo(LEADS)
        add(marketo, code=20011, share=0.3, seed=7)
        runs.append(codes(marketo, 60))
    assert runs[0] == runs[1]
    assert 8 <= sum(code is not None for code in runs[0]) <= 30


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ("op:syncLead", True),
        ("op:getLead", False),
        ("email:ann@", True),
        ("email:ben@", False),
        ("attr:FirstName=Ann", True),
        ("attr:FirstName=Ben", False),
        ("-op:getLead email:ann@", True),
        ("user:mockmkto", True),
    ],
)
def test_a_rule_looks_at_what_the_request_says(match, hit):
    marketo = Marketo(LEADS)
    add(marketo, code=20011, match=match)
    answer = marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    assert (answer.code == "20011") is hit


def test_the_first_rule_that_fires_decides_and_every_rule_that_matches_has_seen_the_call():
    marketo = Marketo(LEADS)
    add(marketo, "first", code=20011, times=1)
    add(marketo, "second", code=10001)
    assert codes(marketo, 2) == ["20011", "10001"]
    assert [rule(marketo, name).seen for name in ("first", "second")] == [2, 2]


REPLACING = [effect for effect in Effect if effect.replaces_answer]


@pytest.mark.parametrize("effect", REPLACING)
def test_where_the_effect_replaces_the_answer_nothing_is_written(effect):
    marketo = Marketo(LEADS)
    before = marketo.dump()
    add(marketo, effect=effect, code=20011 if effect is Effect.FAULT else None)
    marketo.sync({"FirstName": "Ann"}, Email="new@example.com")
    after = marketo.dump()
    for table in ("lead", "foreign_id", "cookie"):
        assert after[table] == before[table]
    assert marketo.calls[-1].injected == f"{effect} by rule"


@pytest.mark.parametrize("effect", [effect for effect in Effect if not effect.replaces_answer])
def test_every_other_effect_lets_the_operation_run(effect):
    marketo = Marketo(LEADS)
    add(marketo, effect=effect)
    marketo.sync(Email="new@example.com")
    call = marketo.calls[-1]
    assert (call.status, call.injected) == ("CREATED", f"{effect} by rule")
    assert marketo.lead(1002).email == "new@example.com"


def test_a_fault_of_the_operation_rolls_back_what_it_did_and_keeps_what_was_counted():
    marketo = Marketo(LEADS)
    add(marketo, effect=Effect.DELAY)
    assert marketo.sync(Id=9999).code == "20103"
    assert (rule(marketo).seen, rule(marketo).fired) == (1, 1)


def test_a_reset_takes_the_rules_away():
    marketo = Marketo(LEADS)
    add(marketo, code=20011)
    marketo.registry.reset(marketo.name)
    marketo.set_clock(Clock(frozen_at=NOW))
    assert codes(marketo, 1) == [None]


def test_rules_count_once_when_many_call():
    marketo = Marketo(LEADS)
    add(marketo, code=20011, times=5)
    threads = [threading.Thread(target=codes, args=(marketo, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (rule(marketo).seen, rule(marketo).fired) == (20, 5)
    assert sum(call.fault_code == 20011 for call in marketo.calls) == 5
