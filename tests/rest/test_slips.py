"""What the record of a call says of a slip, where the answer says no more than the vendor's did."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from rest_support import CLIENT_ID, CLIENT_SECRET, FORM, JSON, Rest
from support import NOW

from mockmkto.clock import Clock


@pytest.fixture
def rest():
    return Rest("{}")


LEADS = "/rest/v1/leads.json"
BODY = b'{"input": [{"email": "ann@example.com"}]}'
IDENTITY = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
SLIPS = {
    "a parameter": (
        lambda rest: rest.get(LEADS, filterTyp="email", filterValues="ann@example.com"),
        "the parameter filterTyp is not read; did you mean filterType?",
    ),
    "no token at all": (
        lambda rest: rest.send("GET", LEADS, token="wrong"),
        "it has not the form of a token: /identity/oauth/token gives one for a client id and its secret",
    ),
    "a token of another server": (
        lambda rest: rest.send("GET", LEADS, token="00000000-1111-4222-8333-444444444444:ab"),
        "no client here gets tokens that begin so: /identity/oauth/token gives one for a client id and its secret",
    ),
    "a client id": (
        lambda rest: rest.send("GET", "/identity/oauth/token", urlencode(IDENTITY | {"client_id": "x"}), token=None),
        "no client here has this id",
    ),
    "a secret": (
        lambda rest: rest.send(
            "GET", "/identity/oauth/token", urlencode(IDENTITY | {"client_secret": "x"}), token=None
        ),
        "the secret is not one of this client's",
    ),
    "JSON that is said to be a form": (
        lambda rest: rest.send("POST", LEADS, "", BODY, FORM),
        "the body is a form, as its Content-Type says: JSON is application/json",
    ),
    "a field": (
        lambda rest: rest.send("POST", LEADS, "", BODY.replace(b"email", b"emial"), JSON),
        "there is no field emial; did you mean email?",
    ),
}


@pytest.mark.parametrize(("slip", "said"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named(rest, slip, said):
    assert said in slip(rest).warnings


def test_of_a_token_that_was_there_is_said_that_it_is_no_more(rest):
    token = rest.token
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(hours=2)))
    rest.send("GET", LEADS, token=token)
    said = rest.send("GET", LEADS, token=token)
    assert said.error == "601 Access token invalid"
    assert said.warnings == [f"{CLIENT_ID} has no such token: it expired, or was reset"]


def test_what_was_not_asked_for_before_a_refusal_is_no_slip(rest):
    assert rest.get(LEADS, filterValues="ann@example.com").warnings == []
