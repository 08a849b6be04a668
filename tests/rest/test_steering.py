"""What a tester steers of the REST API: faults by a code of either API, permissions of a client, switches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from rest_support import CLIENT_ID, Rest
from support import NOW

from mockmkto.clock import Clock
from mockmkto.engine.permissions import PERMISSIONS
from mockmkto.errors import Code, RestCode, said_over
from mockmkto.model import Effect, FaultRule
from mockmkto.rest.permissions import needed
from mockmkto.rest.routes import ROUTES
from mockmkto.store import faults


@pytest.fixture
def rest() -> Rest:
    return Rest("leads: [{Id: 1, Email: ann@example.com}]")


def add(rest: Rest, effect: Effect = Effect.FAULT, **conditions) -> None:
    with rest.soap.database.transaction() as session:
        faults.add(session, FaultRule("rule", effect, **conditions))


def fired(rest: Rest) -> tuple[int, int]:
    with rest.soap.database.transaction() as session:
        rule = faults.one(session, "rule")
    return rule.seen, rule.fired


def ask(rest: Rest, **more):
    return rest.send("GET", "/rest/v1/lead/1.json", **more)


# ---------------------------------------------------------------------------------------------------------------------
# Fault rules


@pytest.mark.parametrize(
    ("code", "over_rest", "over_soap"),
    [
        (606, "606 Max rate limit '100' exceeded with in '20' secs", "20023"),
        (607, "607 Daily quota reached", "20015"),
        (615, "615 Concurrent access limit '10' reached", "20024"),
        (611, "611 System error", "10001"),
        (603, "603 Access denied", "20013"),
        (1003, "1003 Invalid request. Please check and try again.", "20110"),
        (20023, "606 Max rate limit '100' exceeded with in '20' secs", "20023"),
        (20015, "607 Daily quota reached", "20015"),
        (20013, "603 Access denied", "20013"),
        (20103, "1004 Lead not found", "20103"),
        (20122, "611 System error", "20122"),
    ],
)
def test_a_code_of_either_api_is_said_by_both(rest, code, over_rest, over_soap):
    add(rest, code=code)
    assert ask(rest).error == over_rest
    assert rest.soap.get("IDNUM", "1").code == over_soap
    assert fired(rest) == (2, 2)


def test_every_code_is_said_over_both():
    for code in (*Code, *RestCode):
        assert said_over("rest", code).recorded_code in set(RestCode)
        assert said_over("soap", code).recorded_code in set(Code)


def test_a_fault_writes_nothing_and_says_in_the_record_what_was_answered(rest):
    add(rest, code=20023, times=1)
    body = {"input": [{"email": "new@example.com"}]}
    refused = rest.post("/rest/v1/leads.json", body)
    assert (refused.http_status, refused.json["success"]) == (200, False)
    assert (refused.call.injected, refused.call.fault_code) == ("fault by rule", 606)
    assert rest.post("/rest/v1/leads.json", body).outcomes == [("created",)]


@pytest.mark.parametrize("code", [601, 602, 20014, 20016])
def test_a_token_of_which_601_or_602_was_said_is_ended(rest, code):
    old = rest.token
    add(rest, code=code, times=1)
    said = ask(rest).error
    assert said in ("601 Access token invalid", "602 Access token expired")
    assert ask(rest).error == "601 Access token invalid"
    rest.forget_token()
    assert rest.token != old
    assert ask(rest).result


def test_another_code_leaves_the_token(rest):
    add(rest, code=606, times=1)
    ask(rest)
    assert ask(rest).result
    assert rest.identity().json["access_token"] == rest.token


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [(601, 401, "invalid_client"), (20014, 401, "invalid_client"), (611, 500, "server_error")],
)
def test_at_the_identity_service_a_code_is_said_only_where_the_rule_names_it(rest, code, status, error):
    add(rest, code=code)
    assert rest.identity().http_status == 200
    assert fired(rest) == (0, 0)
    add(rest, code=code, match="op:identity.token")
    refused = rest.identity()
    assert (refused.http_status, refused.json["error"]) == (status, error)
    assert refused.call.injected == "fault by rule"


@pytest.mark.parametrize(
    ("effect", "more", "status", "begins"),
    [
        (Effect.EMPTY, {}, 200, b""),
        (Effect.MALFORMED, {}, 200, b'{"requestId":"'),
        (Effect.HTTP_STATUS, {"status": 502}, 502, b"<html>"),
    ],
)
def test_effects_that_replace_the_answer(rest, effect, more, status, begins):
    assert rest.token
    add(rest, effect, **more)
    answer = ask(rest)
    assert (answer.http_status, answer.body[: len(begins)]) == (status, begins)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        assert answer.json
    assert answer.call.injected == f"{effect} by rule"


# ---------------------------------------------------------------------------------------------------------------------
# Permissions


def permit(rest: Rest, permissions: tuple[str, ...] | None, *, blocked: bool = False) -> None:
    client = rest.soap.registry.client(CLIENT_ID)
    rest.soap.registry.put_client(replace(client, permissions=permissions, blocked=blocked))


READ, WRITE = ("GET", "/rest/v1/lead/1.json"), ("POST", "/rest/v1/leads/delete.json?id=1")
DENIED = "603 Access denied"


@pytest.mark.parametrize(
    ("permissions", "reads", "writes"),
    [
        (None, True, True),
        (("Read-Write Lead",), True, True),
        (("Read-Only Lead", "Read-Write Activity"), True, False),
        (("Read-Write Activity",), False, False),
        ((), False, False),
    ],
)
def test_who_may_only_read_writes_nothing(rest, permissions, reads, writes):
    permit(rest, permissions)
    for (method, address), allowed in ((READ, reads), (WRITE, writes)):
        path, _, query = address.partition("?")
        said = rest.send(method, path, query)
        assert said.json["success"] is allowed, said.json
        assert allowed or said.error == DENIED
        assert allowed or f"the client {CLIENT_ID} lacks " in said.warnings[-1]
    assert bool(rest.soap.get("IDNUM", "1").records) is not writes


def test_a_post_that_means_a_get_reads(rest):
    permit(rest, ("Read-Only Lead",))
    form = b"filterType=id&filterValues=1&_method=GET"
    assert len(rest.send("POST", "/rest/v1/leads.json", "", form, "application/x-www-form-urlencoded").result) == 1


def test_a_blocked_client_gets_its_token_and_may_do_nothing(rest):
    permit(rest, None, blocked=True)
    assert rest.identity().http_status == 200
    refused = ask(rest)
    assert (refused.error, refused.warnings) == (DENIED, [f"the client {CLIENT_ID} is blocked"])
    permit(rest, None)
    assert ask(rest).result


def test_what_needs_no_permission(rest):
    permit(rest, ())
    assert rest.send("GET", "/rest/v1/stats/usage.json").json["success"]


@pytest.mark.parametrize("entry", ROUTES)
def test_every_operation_needs_a_permission_that_there_is(entry):
    method, path = entry.split()
    pieces = {name: "leads" for name in ("api", "objects") if f"{{{name}}}" in path}
    one_of = needed(ROUTES[entry], reads=method == "GET", pieces=pieces)
    assert set(one_of) <= set(PERMISSIONS)
    assert one_of or ROUTES[entry].startswith(("identity.", "stats."))


@pytest.mark.parametrize(
    ("operation", "reads", "pieces", "one_of"),
    [
        ("campaigns.trigger", False, {}, ("Execute Campaign",)),
        ("fields.describe", True, {}, ("Read-Only Lead", "Read-Write Lead")),
        ("fields.add", False, {}, ("Read-Write Schema Custom Field",)),
        ("imports.begin", False, {}, ("Read-Write Lead",)),
        ("imports.status", True, {"id": "1"}, ("Read-Write Lead",)),
        ("imports.begin", False, {"api": "car_c"}, ("Read-Write Custom Object",)),
        ("extracts.create", False, {"objects": "leads"}, ("Read-Only Lead", "Read-Write Lead")),
        ("extracts.file", True, {"objects": "activities"}, ("Read-Only Activity", "Read-Write Activity")),
        ("extracts.file", True, {"api": "car_c"}, ("Read-Only Custom Object", "Read-Write Custom Object")),
        ("stats.usage", True, {}, ()),
    ],
)
def test_permissions_that_are_not_their_familys(operation, reads, pieces, one_of):
    assert needed(operation, reads=reads, pieces=pieces) == one_of


# ---------------------------------------------------------------------------------------------------------------------
# Switches


@pytest.mark.parametrize(
    ("switch", "answer"), [("accept", None), ("reject", "600 Empty access token")], ids=["accept", "reject"]
)
def test_a_token_as_a_parameter_is_taken_with_a_warning_or_is_as_none(switch, answer):
    rest = Rest(f"{{leads: [{{Id: 1}}], behaviour: {{rest_query_token: {switch}}}}}")
    said = ask(rest, query=f"access_token={rest.token}", token=None)
    assert (said.errors == []) if answer is None else (said.error == answer)
    assert "was sent as a parameter" in said.warnings[0]
    assert ask(rest, query=f"access_token={rest.token}").result  # the header's counts
    assert ask(rest).result


def test_an_expired_token_is_said_before_what_is_not_permitted(rest):
    permit(rest, ())
    assert rest.token
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(hours=1)))
    assert [ask(rest).error for _ in range(2)] == ["602 Access token expired", "601 Access token invalid"]
