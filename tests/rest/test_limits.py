"""Limits of the REST API: what is answered above them, what counts, and with whose calls."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_support import Rest
from support import NOW

from mockmkto.clock import Clock
from mockmkto.model import Effect, FaultRule
from mockmkto.store import faults, limits

LEADS = "leads: [{Id: 1, Email: ann@example.com}]"


def limited(rest_limits: str, **switches: str) -> Rest:
    given = "".join(f", {name}: {value}" for name, value in switches.items())
    return Rest(f"behaviour: {{rest_limits: {rest_limits}{given}}}\n{LEADS}")


def errors(rest: Rest, calls: int) -> list[str | None]:
    said = [rest.send("GET", "/rest/v1/lead/1.json") for _ in range(calls)]
    return [item.error if item.errors else None for item in said]


def later(rest: Rest, **time: float) -> None:
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(**time)))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("2/-/-", "607 Daily quota reached"),
        ("-/2/-", "606 Max rate limit '2' exceeded with in '20' secs"),
    ],
)
def test_a_limit_refuses_the_call_above_it(given, error):
    rest = limited(given)
    assert errors(rest, 3) == [None, None, error]
    assert rest.soap.get("IDNUM", 1).code is None  # the other API has a count and limits of its own


def test_the_documented_rate():
    rest = limited("on")
    assert errors(rest, 101)[-2:] == [None, "606 Max rate limit '100' exceeded with in '20' secs"]
    later(rest, seconds=20)
    assert errors(rest, 1) == [None]


def test_too_many_calls_at_once_are_refused():
    rest = limited("-/-/1")
    assert rest.token
    with rest.soap.database.call_under_way("rest"):
        assert errors(rest, 1) == ["615 Concurrent access limit '1' reached"]
    with rest.soap.database.call_under_way("soap"):
        assert errors(rest, 1) == [None]


@pytest.mark.parametrize(
    ("switches", "soap_refused"),
    [({}, None), ({"limits": "1/-/-"}, None), ({"limits": "1/-/-", "limit_counters": "shared"}, "20015")],
    ids=["soap is not limited", "each has its count", "one count"],
)
def test_whose_calls_are_counted_together(switches, soap_refused):
    rest = limited("1/-/-", **switches)
    assert errors(rest, 2) == [None, "607 Daily quota reached"]
    assert rest.soap.get("IDNUM", 1).code == soap_refused


def test_in_one_count_the_calls_of_an_api_without_limits_count_too():
    rest = limited("off", limits="2/-/1", limit_counters="shared")
    assert errors(rest, 5) == [None] * 5
    assert rest.soap.get("IDNUM", 1).code == "20015"
    with rest.soap.database.transaction() as session:
        limits.SOAP.forget(session)
    with rest.soap.database.call_under_way("soap"):
        assert rest.soap.get("IDNUM", 1).code == "20024"


def test_without_the_switch_nothing_is_limited():
    assert set(errors(Rest(LEADS), 120)) == {None}


def test_what_counts_neither_against_the_day_nor_the_rate():
    rest = limited("2/2/-")
    rest.identity()  # nor does a token
    assert rest.send("GET", "/rest/v1/lead/1.json", token="x").error == "601 Access token invalid"
    assert rest.send("PUT", "/rest/v1/lead/1.json").error == "605 Request method 'PUT' not supported"
    for code in (601, 602, 604, 608, 611):
        with rest.soap.database.transaction() as session:
            faults.add(session, FaultRule("rule", Effect.FAULT, code=code, times=1))
        assert errors(rest, 1)[0].startswith(f"{code} ")
        rest.forget_token()
    assert errors(rest, 3) == [None, None, "607 Daily quota reached"]


@pytest.mark.parametrize("code", [603, 606, 1003])
def test_an_error_that_is_not_free_counts(code):
    rest = limited("1/-/-")
    with rest.soap.database.transaction() as session:
        faults.add(session, FaultRule("rule", Effect.FAULT, code=code, times=1))
    assert [item.split()[0] for item in errors(rest, 2)] == [str(code), "607"]


def test_who_is_not_permitted_does_not_count():
    rest = Rest(
        "clients: [{client_id: mockmkto-client, client_secrets: [mockmkto-client-secret], permissions: []}]\n"
        "behaviour: {rest_limits: 1/-/-}"
    )
    assert errors(rest, 3) == ["603 Access denied"] * 3
