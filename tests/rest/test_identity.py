"""Tokens: who gets one, how it is sent, and what is said of a call without a good one."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from rest_support import CLIENT_ID, CLIENT_SECRET, FORM, Rest
from support import NOW

from mockmkto.clock import Clock

BAD = {"error": "invalid_client", "error_description": "Bad client credentials"}


@pytest.fixture
def rest():
    return Rest("{}")


def later(rest: Rest, seconds: float) -> None:
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(seconds=seconds)))


def test_a_fresh_token_says_what_the_vendors_did_in_its_order(rest):
    said = rest.identity()
    assert list(said.json) == ["access_token", "token_type", "expires_in", "scope"]
    assert said.json["token_type"] == "bearer"
    assert said.json["expires_in"] == 3599
    assert "@" in said.json["scope"]
    assert said.headers["Cache-Control"] == "no-store"
    assert said.call.operation == "identity.token"


def test_asked_again_it_is_the_same_token_with_the_rest_of_its_life(rest):
    first = rest.identity().json["access_token"]
    later(rest, 5)
    again = rest.identity().json
    assert (again["access_token"], again["expires_in"]) == (first, 3594)


def test_client_id_and_secret_may_come_in_a_form(rest):
    form = urlencode({"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    said = rest.send("POST", "/identity/oauth/token", "", form.encode(), FORM, token=None)
    assert said.json["access_token"] == rest.token


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        ({"client_secret": "wrong"}, 401, BAD),
        ({"client_id": "nobody"}, 401, BAD),
        ({"grant_type": "password"}, 400, {"error": "unsupported_grant_type"}),
        ({"grant_type": ""}, 400, {"error": "invalid_request", "error_description": "Missing grant type"}),
    ],
)
def test_the_identity_service_refuses_by_the_status_of_http(rest, query, status, body):
    asked = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | query
    said = rest.send("GET", "/identity/oauth/token", urlencode(asked), token=None)
    assert said.http_status == status
    assert said.json.items() >= body.items()


def test_no_secret_is_in_the_record_of_a_call(rest):
    secrets = (CLIENT_SECRET, rest.token)
    form = urlencode({"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    calls = [
        rest.identity().call,
        rest.send("POST", "/identity/oauth/token", "", form.encode(), FORM, token=None).call,
        rest.send("GET", "/rest/v1/nothing.json", f"access_token={rest.token}", token=None).call,
    ]
    for call in calls:
        assert not any(secret in f"{call.query} {call.request!r} {call.fields}" for secret in secrets)


# ---------------------------------------------------------------------------------------------------------------------
# With a call


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, "600 Empty access token"),
        ("nonsense", "601 Access token invalid"),
        ("00000000-1111-4222-8333-444444444444:ab", "601 Access token invalid"),
    ],
)
def test_a_call_without_a_good_token_is_refused_with_http_200(rest, token, error):
    said = rest.send("GET", "/rest/v1/leads/partitions.json", token=token)
    assert (said.http_status, said.error) == (200, error)
    assert list(said.json) == ["requestId", "success", "errors"]


def test_a_token_is_expired_once_and_invalid_from_then_on(rest):
    token = rest.token
    later(rest, 3601)
    errors = [rest.send("GET", "/rest/v1/leads/partitions.json", token=token).error for _ in range(3)]
    assert errors == ["602 Access token expired", "601 Access token invalid", "601 Access token invalid"]
    rest.forget_token()
    assert rest.token != token
    assert rest.get("/rest/v1/leads/partitions.json").json["success"]


def test_the_token_as_a_parameter_is_read_with_a_warning(rest):
    said = rest.send("GET", "/rest/v1/leads/partitions.json", f"access_token={rest.token}", token=None)
    assert said.json["success"]
    assert any("31 August 2026" in warning for warning in said.warnings)


def test_the_header_wins_over_the_parameter(rest):
    said = rest.send("GET", "/rest/v1/leads/partitions.json", "access_token=nonsense")
    assert said.json["success"]
