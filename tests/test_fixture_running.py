"""What a fixture says about a subscription that has been running: limits, clock, fault rules, orders, counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest

from mockmkto.clock import Clock
from mockmkto.model import Effect, FaultRule, Limits
from mockmkto.store import faults, leads
from mockmkto.store import limits as counted
from mockmkto.store.registry import Registry
from mockmkto.worlds import FixtureError, FixtureWorld, load, parse_worlds


def world(text: str) -> FixtureWorld:
    (only,) = parse_worlds(dedent(text), "demo.yaml")
    return only


def loaded(text: str):
    registry = Registry()
    return registry, load(world(text), registry)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("off", None),
        ("on", Limits()),
        ("500/-/2", Limits(500, None, 2)),
        ("{per_day: 500}", Limits(500, 100, 10)),
        ("{per_day: -, per_20_seconds: 7, at_once: -}", Limits(None, 7, None)),
        ("{}", Limits()),
    ],
)
def test_limits(written, read):
    assert world(f"limits: {written}").world.behaviour.limits == read


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("{}", Clock()),
        ("{frozen: 2026-03-14T09:26:53.000001Z}", Clock(frozen_at=datetime(2026, 3, 14, 9, 26, 53, 1, UTC))),
        ("{frozen: 2026-03-14T09:26:53+01:00}", Clock(frozen_at=datetime(2026, 3, 14, 8, 26, 53, tzinfo=UTC))),
        ("{offset: 5m}", Clock(offset=timedelta(minutes=5))),
        ("{offset: -1d0.000001s}", Clock(offset=-timedelta(days=1, microseconds=1))),
    ],
)
def test_clock(written, clock):
    assert world(f"clock: {written}").clock == clock


def test_leads_without_a_time_are_created_at_the_time_of_the_clock():
    registry, database = loaded("clock: {frozen: 2026-03-14T09:26:53Z}\nleads: [{Id: 1}]")
    with database.transaction() as session:
        assert leads.by_id(session, 1).created_at == datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
    registry.close()


def test_fault_rules_in_their_order_and_one_without_a_name_gets_one():
    registry, database = loaded(
        """
        faults:
          - {effect: delay, delay: 250ms}
          - {name: delay-2, effect: fault, code: 20015, match: "op:syncLead", nth: 3, after: 1, times: 2, share: 0.5}
          - {effect: delay, delay: 1.5, seen: 4, fired: 3}
          - {effect: trickle, bytes_per_second: 7}
        """
    )
    with database.transaction() as session:
        assert session.fault_rules == 4
        assert faults.all_rules(session) == (
            FaultRule("delay-1", Effect.DELAY, delay=0.25),
            FaultRule("delay-2", Effect.FAULT, "op:syncLead", 3, 1, 2, 0.5, code=20015),
            FaultRule("delay-3", Effect.DELAY, delay=1.5, seen=4, fired=3),
            FaultRule("trickle-1", Effect.TRICKLE, bytes_per_second=7),
        )
    registry.close()


def test_counts_go_on():
    registry, database = loaded("counted: {days: {2026-03-14: 9998}, recent: [2026-03-14T09:26:50Z]}")
    with database.transaction() as session:
        assert counted.SOAP.of_day(session, "2026-03-14") == 9998
        assert counted.SOAP.since(session, datetime(2026, 3, 14, 9, 26, 49, tzinfo=UTC)) == 1
    registry.close()


def test_orders_say_who_was_created_and_updated_last():
    registry, database = loaded(
        """
        leads:
          - {Id: 1, Email: a@example.com, updated_order: 9}
          - {Id: 2, Email: a@example.com, created_order: 99}
          - {Id: 3, Email: a@example.com}
        """
    )
    with database.transaction() as session:
        assert leads.ids_by_email(session, "a@example.com") == (1, 3, 2)
        assert leads.ids_by_email(session, "a@example.com", newest_created=True) == (2, 3, 1)
    registry.close()


def test_the_next_id():
    registry, database = loaded("next_id: 77\nleads: [{Id: 5}]")
    with database.transaction() as session:
        assert session.take_lead_id() == 77
    registry.close()


def test_fractions_of_a_second_are_kept():
    (lead,) = world("leads: [{created_at: 2026-01-01T00:00:00.25Z, updated_at: 2026-01-01T00:00:00.250001Z}]").leads
    assert (lead.created_at.microsecond, lead.updated_at.microsecond) == (250_000, 250_001)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "limits: some",
            "limits: expected off, on, or three numbers such as 500/20/2 (a day, in 20 seconds, at once; ",
        ),
        ("limits: {per_day: many}", "limits.per_day: expected a number, or - for no limit, got 'many'"),
        ("limits: {per_dy: 5}", "limits.per_dy: unknown key (did you mean 'per_day'?); known here: per_day, "),
        (
            "limits: on\nbehaviour: {limits: on}",
            "limits: the limits are given under `behaviour` already: give them once",
        ),
        ("clock: {frozen: now}", "clock.frozen: expected a time such as 2015-06-23T15:41:32-07:00, got 'now'"),
        (
            "clock: {offset: later}",
            "clock.offset: expected a duration such as 90s, 15m, 1h30m or 2d, or -5m for a clock",
        ),
        ("clock: {offset: 5m, frozen: 2026-01-01}", "clock: expected frozen or offset, got both"),
        (
            "clock: {frozen: 0999-01-01}",
            "clock: expected a time of the years 1000 to 9989, got 0999-01-01T00:00:00+00:00",
        ),
        (
            "clock: {offset: 99999999d}",
            "clock: expected what leads to a time of the years 1000 to 9989, got '99999999d'",
        ),
        ("faults: [{effect: falt}]", "faults[0].effect: expected one of fault, http_status, "),
        ("faults: [{code: 20015}]", "faults[0]: expected the key `effect`, which is missing"),
        (
            "faults: [{effect: fault}]",
            "faults[0].code: expected a code of Marketo's such as 20015 or 606, which the effect",
        ),
        (
            "faults: [{effect: empty, match: 'op:'}]",
            "faults[0].match: expected a search such as 'op:syncLead email:ann@': op:",
        ),
        ("faults: [{effect: empty, share: half}]", "faults[0].share: expected a number, got 'half'"),
        ("faults: [{effect: empty, share: nan}]", "faults[0].share: expected a part of the calls, 0 to 1, got nan"),
        (
            "faults: [{effect: empty, name: a}, {effect: empty, name: a}]",
            "faults[1].name: 'a' is given twice: also at faults[0]",
        ),
        ("next_id: 5\nleads: [{Id: 5}]", "next_id: expected 6 to 2147483648, above every Id, got 5"),
        ("counted: {days: {today: 5}}", "counted.days.today: expected a day such as "),
        ("counted: {days: {2026-03-14: -1}}", "counted.days.2026-03-14: expected a number of calls, got -1"),
        ("counted: {recent: [now]}", "counted.recent[0]: expected a time such as 2015-06-23T15:41:32-07:00, got 'now'"),
        ("leads: [{created_order: 0}]", "leads[0].created_order: expected 1 to 2147483647, got 0"),
        ("leads: [{updated_order: last}]", "leads[0].updated_order: expected an integer, got 'last'"),
    ],
)
def test_an_error_names_the_key_and_what_was_expected(text, message):
    with pytest.raises(FixtureError) as caught:
        parse_worlds(text, "demo.yaml")
    (problem,) = caught.value.problems
    assert str(problem).split(": ", 1)[1].startswith(message)
