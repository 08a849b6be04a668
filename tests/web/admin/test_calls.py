"""The journal over the control API: found, counted, waited for, deleted."""

from __future__ import annotations

import base64
import threading

import pytest

from mockmkto.store.backend import JOURNAL
from mockmkto.store.journal import Journal, journal_metadata


def test_the_newest_call_is_first_without_its_bytes(api):
    api.marketo.sync({"Frist": "Ann"}, Email="ann@example.com")
    api.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    listed = api.get("/calls")
    assert [call["sequence"] for call in listed["calls"]] == [2, 1]
    assert (listed["total"], listed["dropped"], listed["next"]) == (2, 0, None)
    created, refused = listed["calls"]
    assert (created["status"], created["lead_id"], created["operation"]) == ("CREATED", 1001, "syncLead")
    assert created["trace"]["keys"][0]["verdict"] == "finds nothing"
    said = {"keys": {"Email": "ann@example.com"}, "attributes": {"FirstName": "Ann"}, "records": []}
    assert created["fields"] == said
    assert created["signature"]["findings"] == []
    assert (refused["fault_code"], refused["at"]) == (20105, "2026-03-14T09:26:53Z")
    assert "request" not in created


def test_one_call_with_its_bytes(api):
    sent = api.marketo.sync(Email="ann@example.com")
    call = api.get("/calls/1")
    assert call["request"] == sent.call.request.decode()
    assert call["response"] == sent.body.decode()
    assert "request_base64" not in call
    assert api.get("/calls?raw=true")["calls"] == [call]
    assert api.problem("GET", "/calls/2", status=404) == [("path.sequence", "an existing call", "2")]


def test_bytes_that_are_no_text_are_there_in_base64(api):
    api.marketo.post(b"\xff<broken")
    call = api.get("/calls/1")
    assert call["request"] == "\ufffd<broken"
    assert base64.b64decode(call["request_base64"]) == b"\xff<broken"


def test_a_search_finds_and_counts(api):
    for name in ("ann", "bob", "ann"):
        api.marketo.sync(Email=f"{name}@example.com")
    api.marketo.get("EMAIL", "nobody@example.com")
    assert [call["sequence"] for call in api.get("/calls?search=op:syncLead email:ann@")["calls"]] == [3, 1]
    assert api.get("/calls/count?search=status:UPDATED") == {"count": 1, "dropped": 0}
    assert api.get("/calls/count?search=fault:20103")["count"] == 1
    assert api.get("/calls/count?search=bob@example")["count"] == 1  # a text of the raw request
    assert api.get("/calls/count")["count"] == 4


def test_pages_follow_one_another(api):
    for _ in range(5):
        api.marketo.sync(Email="ann@example.com")
    seen, url = [], "/calls?limit=2&search=op:syncLead"
    while url:
        page = api.get(url)
        assert page["total"] == 5
        seen += [call["sequence"] for call in page["calls"]]
        url = page["next"] and page["next"].removeprefix("http://localhost/__admin")
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("search", "said"),
    [("opp:x", "there is no opp: to search for"), ("op:", "op: has no value"), ("since:x", "since: expected")],
)
def test_a_search_that_cannot_be_read(search, said, api):
    for method, path, body, where in (
        ("GET", f"/calls?search={search}", None, "query.search"),
        ("GET", f"/calls/count?search={search}", None, "query.search"),
        ("POST", "/calls/wait", {"search": search}, "body.search"),
    ):
        ((at, expected, _),) = api.problem(method, path, body)
        assert at == where
        assert said in expected


def test_deleting(api):
    for _ in range(3):
        api.marketo.sync(Email="ann@example.com")
    api.delete("/calls/2")
    api.problem("DELETE", "/calls/2", status=404)
    assert [call["sequence"] for call in api.get("/calls")["calls"]] == [3, 1]
    api.delete("/calls")
    assert api.get("/calls")["total"] == 0
    api.marketo.sync(Email="ann@example.com")
    assert api.get("/calls")["calls"][0]["sequence"] == 4


def test_what_was_dropped_is_said(api):
    database = api.marketo.database
    database._journal = Journal(database._storage.at(JOURNAL, journal_metadata), limit=10)
    for _ in range(80):
        api.marketo.sync(Email="ann@example.com")
    listed = api.get("/calls")
    assert (listed["total"], listed["dropped"]) == (10, 70)
    assert api.get("/calls/count") == {"count": 10, "dropped": 70}
    assert api.problem("GET", "/calls/1", status=404)[0][1] == "an existing call (the journal has dropped 70)"


def test_of_a_very_long_request_the_beginning_is_there_and_how_long_it_was(api):
    body = b"<" + b"x" * 300_000
    api.marketo.server.answer("3_1", body)
    call = api.get("/calls/1")
    assert (call["request"], call["request_bytes"]) == (body[: 256 * 1024].decode(), 300_001)
    assert "response_bytes" not in call
    assert api.get("/calls")["calls"][0]["request_bytes"] == 300_001


def test_waiting_for_what_was_there_already(api):
    api.marketo.sync(Email="ann@example.com")
    found = api.post("/calls/wait", {"search": "email:ann@", "timeout": 0}, 200)
    assert (found["count"], found["calls"][0]["sequence"]) == (1, 1)


def test_waiting_in_vain_shows_the_closest_call_and_how_it_differs(api):
    api.marketo.sync({"firstname": "Bob"}, Email="bob@example.com")
    answer = api.ask("POST", "/calls/wait", {"search": "op:syncLead email:ann@", "timeout": 0}, expect=408)
    problem = answer.get_json()
    assert problem["detail"].startswith(
        "Expected 1 call that matches 'op:syncLead email:ann@' within 0 s, got 0. The closest is call 1, syncLead "
        "CREATED: email: expected 'ann@', got 'bob@example.com'. Warning: "
    )
    assert problem["errors"] == [
        {"where": "body.count", "expected": "1 call that matches 'op:syncLead email:ann@'", "got": "0"},
        {"where": "call 1", "expected": "email: expected 'ann@'", "got": "'bob@example.com'"},
    ]


@pytest.mark.parametrize(("timeout", "shown"), [("0s", "0 s"), ("10ms", "0.01 s"), (0, "0 s")])
def test_the_time_to_wait_is_a_number_of_seconds_or_a_duration(api, timeout, shown):
    answer = api.ask("POST", "/calls/wait", {"timeout": timeout}, expect=408)
    assert f" within {shown}, got 0." in answer.json["detail"]


@pytest.mark.parametrize("timeout", ["soon", "", "2m", "-1s", "1"])
def test_a_time_to_wait_that_is_none_is_refused(api, timeout):
    assert api.problem("POST", "/calls/wait", {"timeout": timeout}) == [
        ("body.timeout", "a number of seconds, or a duration, of a minute at most", repr(timeout))
    ]


def test_waiting_in_vain_without_any_call(api):
    answer = api.ask("POST", "/calls/wait", {"count": 2, "timeout": 0}, expect=408)
    assert (
        answer.get_json()["detail"] == "Expected 2 calls that match '' within 0 s, got 0. There were no calls at all."
    )


def test_waiting_ends_with_the_call_and_holds_nobody_up(api):
    found = []

    def wait():
        found.append(api.client.post("/__admin/calls/wait", json={"search": "email:ann@", "count": 2, "timeout": 30}))

    waiting = threading.Thread(target=wait)
    waiting.start()
    for name in ("ann", "bob", "ann"):
        api.marketo.sync(Email=f"{name}@example.com")
        api.get("/leads")
    waiting.join(10)
    assert not waiting.is_alive()
    assert [call["sequence"] for call in found[0].get_json()["calls"]] == [1, 3]


@pytest.mark.parametrize("body", [{"timeout": 61}, {"timeout": -1}, {"count": 0}, {"timeout": [5]}])
def test_a_wait_has_bounds(body, api):
    (name,) = body
    assert [item[0] for item in api.problem("POST", "/calls/wait", body)] == [f"body.{name}"]


# ---------------------------------------------------------------------------------------------------------------------
# Signatures


def test_a_pasted_request_is_explained(api):
    request = api.marketo.envelope("<x/>", key="wrong")
    explained = api.post("/explain-signature", {"text": request}, 200)
    assert (explained["accepted"], explained["fault"], explained["user_id"]) == (False, 20014, "mockmkto")
    assert explained["signed_string"] == "2026-03-14T09:26:53+00:00mockmkto"
    assert explained["came"] in request
    assert len(explained["expected"]) == 1
    right = api.post("/explain-signature", {"text": api.marketo.envelope("<x/>")}, 200)
    assert (right["accepted"], right["fault"]) == (True, None)


def test_the_three_values_are_explained(api):
    values = {"user_id": "mockmkto", "signature": "x", "timestamp": "2026-03-14T09:26:53Z"}
    assert api.post("/explain-signature", values, 200)["accepted"] is False


@pytest.mark.parametrize(
    ("body", "where"), [({}, "body"), ({"text": "nothing"}, "body.text"), ({"text": "x", "user_id": "y"}, "body")]
)
def test_nothing_to_explain(body, where, api):
    assert [item[0] for item in api.problem("POST", "/explain-signature", body)] == [where]
