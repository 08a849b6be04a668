"""Every route has a type for what it takes and what it gives; what does not fit is said in a problem document."""

from __future__ import annotations

import pytest

from mockmkto import bounds
from mockmkto.web.admin import ControlApi
from mockmkto.web.app import CONTROL_API


def test_every_handler_is_there_and_in_the_openapi_document(api):
    paths = api.get("/openapi.json")["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert described == {tuple(line.split()) for line in CONTROL_API}


@pytest.mark.parametrize("line", CONTROL_API)
def test_a_route_of_one_subscription_asks_for_one_that_there_is_and_the_others_for_none(line, api):
    method, path = line.split()
    (route,) = (item for item in ControlApi(api.site, {line: CONTROL_API[line]}).routes)
    path = (
        path.replace("{name}", "x")
        .replace("{id}", "1")
        .replace("{sequence}", "1")
        .replace("{user_id}", "u")
        .replace("{lead}", "1")
    )
    if "subscription" in route.query.__struct_fields__:
        return  # it asks for one only where it needs one: its own tests show that
    status = 404 if route.scoped else 400
    ((where, _, got),) = api.problem(method, f"{path}?subscription=nobody", {}, status=status)
    assert (where, got) == ("query.subscription", "'nobody'" if route.scoped else "'subscription'")


@pytest.mark.parametrize("line", CONTROL_API)
def test_an_unknown_parameter_is_refused_and_the_nearest_known_one_is_named(line, api):
    method, path = line.split()
    path = (
        path.replace("{name}", "x")
        .replace("{id}", "1")
        .replace("{sequence}", "1")
        .replace("{user_id}", "u")
        .replace("{lead}", "1")
    )
    ((where, expected, got),) = api.problem(method, f"{path}?serch=x", {})
    assert (where, got) == ("query.serch", "'serch'")
    assert expected.startswith("a parameter that is known")
    if line.split() == ["GET", "/calls"]:
        assert "(did you mean 'search'?)" in expected


def test_a_path_that_is_not_there(api):
    assert api.problem("GET", "/lead", status=404) == []
    assert api.problem("GET", "", status=404) == []
    assert api.problem("GET", "/leads/one", status=404) == []


def test_a_method_that_is_not_allowed_says_which_are(api):
    answer = api.ask("PUT", "/leads", expect=405)
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert api.ask("GET", "/calls/wait", expect=405).headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", ("body", "JSON", "Input data was truncated")),
        (b'{"email": "\\ud800"}', ("body", "JSON", "a text with one half of a character alone, such as \\ud800")),
        (b'{"email": "\\ud800', ("body", "JSON", "Input data was truncated")),
        (b"[]", ("body", "an object", "a list")),
        (b"", ("body.effect", "the key, which is required", "nothing")),
        (b'{"effect": 5}', ("body.effect", "text", "5")),
        (b'{"effect": "delay", "nth": 1.5}', ("body.nth", "an integer or null", "1.5")),
        (
            b'{"effect": "delay", "match": "\\u0000"}',
            ("body.match", "text that an XML answer can carry", "a control character in '\\x00'"),
        ),
    ],
)
def test_a_body_that_does_not_fit(body, problem, api):
    assert api.problem("POST", "/faults", data=body) == [problem]


def test_a_body_that_is_not_utf_8_or_too_deep(api):
    for body in (b'{"effect": "\xff"}', b"[" * 100_000):
        ((where, expected, _),) = api.problem("POST", "/faults", data=body)
        assert where == "body"
        assert expected.startswith("JSON")


def test_the_body_is_read_as_json_whatever_it_says_it_is(api):
    api.ask("POST", "/faults", data=b'{"effect": "empty"}', content_type="text/plain", expect=201)


def test_an_unknown_key_is_refused_and_the_nearest_known_one_is_named(api):
    ((where, expected, got),) = api.problem("POST", "/leads", {"foreign_ids": [{"idd": "A-1"}]})
    assert where == "body.foreign_ids[0].idd"
    assert expected == "a key that is known: type, id (did you mean 'id'?)"
    assert got == "'idd'"


@pytest.mark.parametrize("separator", [",", "\n", "\r"])
def test_a_world_of_too_many_values_is_refused_before_it_is_read(api, separator):
    body = b"leads: [" + separator.encode() * (2 * bounds.MOST_VALUES + 1)
    assert api.problem("PUT", "/state", data=body, status=413) == []


def test_a_body_that_is_too_large(make_api):
    api = make_api(max_body=100)
    assert api.problem("POST", "/leads", {"email": "a" * 200}, status=413) == []
    api.ask("PUT", "/state", data=b"# " + b"x" * 400, expect=204)  # a whole world may be larger
    assert api.problem("PUT", "/state", data=b"# " + b"x" * 3000, status=413) == []


def test_a_parameter_that_is_given_twice(api):
    assert api.problem("GET", "/leads?limit=1&limit=2") == [("query.limit", "the parameter once", "2 of it")]
    assert api.problem("GET", "/leads?subscription=a&subscription=b") == [
        ("query.subscription", "one subscription", "2 of them")
    ]


def test_while_the_server_loads_only_health_and_the_description_are_answered(api):
    api.site.ready.clear()
    assert api.get("/health")["status"] == "loading"
    assert api.get("/openapi.json")
    assert api.ask("GET", "/leads", expect=503).headers["Retry-After"] == "1"


def test_an_error_of_our_own_is_a_problem_document_too(api, monkeypatch, caplog):
    def broken(*_):
        raise LookupError("a bug")

    monkeypatch.setattr("mockmkto.store.leads.by_id", broken)
    assert api.problem("GET", "/leads/1", status=500) == []
    assert "a bug" in caplog.text


def test_a_subscription_that_is_deleted_meanwhile_is_not_there(api, monkeypatch):
    database = api.marketo.database
    api.marketo.registry.delete("default")
    monkeypatch.setattr(api.marketo.registry, "get", lambda name: database)  # as a request has it that was just before
    assert api.problem("GET", "/leads", status=404) == []


def test_health_counts(api):
    api.marketo.sync(Email="ann@example.com")
    health = api.get("/health")
    assert health["uptime_seconds"] >= 0
    assert {name: health[name] for name in ("status", "calls", "subscriptions")} == {
        "status": "ready",
        "calls": 1,
        "subscriptions": 1,
    }
