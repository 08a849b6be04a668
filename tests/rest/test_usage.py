"""What the API says of its own use: calls by user, errors by code, of today and of the last seven days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_support import CLIENT_ID, CLIENT_SECRET, Rest
from support import NOW

from mockmkto.clock import Clock
from mockmkto.model import Client

ANN, BOB = "ann@example.com", "bob@example.com"
PARTITIONS = "/rest/v1/leads/partitions.json"


@pytest.fixture
def rest() -> Rest:
    rest = Rest()
    mine = rest.soap.name
    rest.soap.registry.set_clients(
        mine, [Client(CLIENT_ID, (CLIENT_SECRET,), mine, BOB), Client("other", ("s",), mine, ANN)]
    )
    return rest


def on(rest: Rest, moment) -> None:
    rest.soap.set_clock(Clock(frozen_at=moment))
    rest.forget_token()


def test_calls_are_counted_by_user(rest):
    other = rest.identity("other", "s").json["access_token"]
    for token in ("", "", other):
        rest.send("GET", PARTITIONS, token=token)
    usage = rest.get("/rest/v1/stats/usage.json")
    assert usage.result == [
        {"date": "2026-03-14", "total": 3, "users": [{"userId": ANN, "count": 1}, {"userId": BOB, "count": 2}]}
    ]
    assert list(usage.json) == ["requestId", "result", "success"]


def test_a_subscription_that_nobody_called_has_a_day_of_nothing(rest):
    assert rest.get("/rest/v1/stats/errors.json").result == [{"date": "2026-03-14", "total": 0, "errors": []}]
    on(rest, NOW + timedelta(days=1))
    assert rest.get("/rest/v1/stats/usage.json").result == [{"date": "2026-03-15", "total": 0, "users": []}]


@pytest.mark.parametrize(
    ("code", "ask", "calls"),
    [
        ("610", lambda rest: rest.get("/rest/v1/nothing.json"), 1),
        ("605", lambda rest: rest.send("PUT", PARTITIONS), 0),
        ("601", lambda rest: rest.send("GET", PARTITIONS, token=rest.token[:14] + "0000" + rest.token[18:]), 0),
    ],
)
def test_errors_are_counted_by_code_and_those_of_the_gateway_are_no_use(rest, code, ask, calls):
    assert ask(rest).errors[0][0] == code
    assert rest.get("/rest/v1/stats/errors.json").result == [
        {"date": "2026-03-14", "total": 1, "errors": [{"errorCode": code, "count": 1}]}
    ]
    assert rest.get("/rest/v1/stats/usage.json").result[0]["total"] == calls + 1  # the question about errors


def test_an_error_is_counted_though_nothing_else_stays_of_its_call(rest):
    for _ in range(3):
        rest.get("/rest/v1/nothing.json")
    assert rest.get("/rest/v1/stats/errors.json").result[0]["errors"] == [{"errorCode": "610", "count": 3}]


def test_a_call_that_nobody_can_be_told_of_is_nobodys(rest):
    rest.send("GET", PARTITIONS, token=None)
    rest.send("GET", "/rest/v1/nothing.json", token="no token")
    assert rest.get("/rest/v1/stats/errors.json").result[0]["total"] == 0


def test_the_identity_service_is_free(rest):
    rest.identity()
    rest.identity(secret="wrong")
    assert rest.get("/rest/v1/stats/usage.json").result[0]["total"] == 0
    assert rest.get("/rest/v1/stats/errors.json").result[0]["total"] == 0


def test_a_rehearsal_counts_nothing(rest):
    from mockmkto.rest.incoming import Incoming

    token = rest.token
    for path in (PARTITIONS, "/rest/v1/nothing.json"):
        rest.server.dry_run(Incoming("GET", path, authorization=f"Bearer {token}"))
    assert rest.get("/rest/v1/stats/usage.json").result[0]["total"] == 0
    assert rest.get("/rest/v1/stats/errors.json").result[0]["total"] == 0


def test_a_day_begins_at_midnight_in_us_central(rest):
    midnight = NOW.replace(hour=5, minute=0, second=0)  # 00:00 CDT on 14 March
    on(rest, midnight - timedelta(seconds=1))
    rest.get(PARTITIONS)
    on(rest, midnight)
    rest.get(PARTITIONS)
    rest.get(PARTITIONS)
    days = rest.get("/rest/v1/stats/usage/last7days.json").result
    assert [(day["date"], day["total"]) for day in days] == [("2026-03-14", 2), ("2026-03-13", 1)]


def test_the_last_seven_days_are_seven(rest):
    for ago in (7, 6, 3, 0):
        on(rest, NOW - timedelta(days=ago))
        rest.get("/rest/v1/nothing.json")
    for kind in ("usage", "errors"):
        days = rest.get(f"/rest/v1/stats/{kind}/last7days.json").result
        assert [day["date"] for day in days] == ["2026-03-14", "2026-03-11", "2026-03-08"]
