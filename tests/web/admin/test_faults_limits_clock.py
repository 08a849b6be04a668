"""What a tester steers: fault rules, limits, the clock, switches."""

from __future__ import annotations

import pytest
from rest_support import Rest

from mockmkto.settings import SWITCHES

# ---------------------------------------------------------------------------------------------------------------------
# Fault rules


def test_a_rule_fires_and_says_so(api):
    rule = api.post("/faults", {"effect": "fault", "code": 20015, "match": "op:syncLead email:ann@", "times": 1})
    assert rule["name"] == "fault-1"
    assert api.marketo.sync(Email="bob@example.com").status == "CREATED"
    assert api.marketo.sync(Email="ann@example.com").code == "20015"
    assert api.marketo.sync(Email="ann@example.com").status == "CREATED"
    now = api.get("/faults/fault-1")
    assert (now["seen"], now["fired"]) == (2, 1)
    assert api.get("/faults") == {"faults": [now]}


def test_what_was_answered_can_be_sent_back(api):
    rule = api.post("/faults", {"name": "one", "effect": "delay", "delay": "250ms", "nth": 2})
    api.marketo.sync(Email="ann@example.com")
    seen = api.get("/faults/one")
    assert seen["seen"] == 1
    assert api.post("/faults", seen) == rule == api.get("/faults/one")
    assert rule["delay"] == 0.25


def test_rules_are_taken_away(api):
    for effect in ("empty", "reset", "empty"):
        api.post("/faults", {"effect": effect})
    assert [rule["name"] for rule in api.get("/faults")["faults"]] == ["empty-1", "reset-1", "empty-2"]
    api.delete("/faults/empty-1")
    api.problem("DELETE", "/faults/empty-1", status=404)
    api.problem("GET", "/faults/empty-1", status=404)
    api.delete("/faults")
    assert api.get("/faults") == {"faults": []}
    assert api.marketo.sync(Email="ann@example.com").status == "CREATED"


@pytest.mark.parametrize(
    ("body", "where", "expected"),
    [
        ({"effect": "falt", "code": 20015}, "body.effect", "one of fault, http_status"),
        ({"effect": "fault"}, "body.code", "a code of Marketo's such as 20015"),
        ({"effect": "fault", "code": 20099}, "body.code", "one of 10001"),
        ({"effect": "delay", "code": 20015}, "body.code", "no code: the effect is delay"),
        ({"effect": "http_status", "status": 99}, "body.status", "an HTTP status, 100 to 599"),
        ({"effect": "empty", "status": 500}, "body.status", "no status: the effect is empty"),
        ({"effect": "empty", "nth": 0}, "body.nth", "1 to"),
        ({"effect": "empty", "after": -1}, "body.after", "0 to"),
        ({"effect": "empty", "times": 0}, "body.times", "1 to"),
        ({"effect": "empty", "share": 1.1}, "body.share", "a part of the calls, 0 to 1"),
        ({"effect": "empty", "delay": -1}, "body.delay", "seconds up to 3600"),
        ({"effect": "empty", "delay": "soon"}, "body.delay", "seconds up to 3600, or a duration such as 250ms"),
        ({"effect": "trickle", "bytes_per_second": 0}, "body.bytes_per_second", "1 to"),
        ({"effect": "empty", "match": "opp:syncLead"}, "body.match", "a search such as"),
        ({"effect": "empty", "name": " x"}, "body.name", "a name without space around it"),
    ],
)
def test_a_rule_that_cannot_be(body, where, expected, api):
    ((at, said, _),) = api.problem("POST", "/faults", body)
    assert at == where
    assert said.startswith(expected)
    assert api.get("/faults") == {"faults": []}


# ---------------------------------------------------------------------------------------------------------------------
# Limits


def test_limits_are_off_and_set_and_counted(api):
    assert api.get("/limits")["limits"] == "off"
    limits = api.put("/limits", {"limits": "2/-/1"})
    assert (limits["per_day"], limits["per_20_seconds"], limits["at_once"]) == (2, None, 1)
    codes = [api.marketo.sync(Email="ann@example.com").code for _ in range(3)]
    assert codes == [None, None, "20015"]
    limits = api.get("/limits")
    assert (limits["calls_today"], limits["calls_in_20_seconds"]) == (2, 2)
    api.delete("/limits/counts")
    assert api.get("/limits")["calls_today"] == 0
    assert api.marketo.sync(Email="ann@example.com").status == "UPDATED"


def test_limits_of_the_rest_api_are_set_and_counted_apart(api):
    rest = Rest(soap=api.marketo)
    assert api.get("/limits?api=rest")["limits"] == "off"
    limits = api.put("/limits?api=rest", {"limits": "on"})
    assert (limits["per_day"], limits["per_20_seconds"], limits["at_once"]) == (50_000, 100, 10)
    api.put("/limits?api=rest", {"limits": "2/-/1"})
    codes = [rest.send("GET", "/rest/v1/lead/1.json").errors for _ in range(3)]
    assert codes == [[], [], [("607", "Daily quota reached")]]
    assert (api.get("/limits?api=rest")["calls_today"], api.get("/limits")["calls_today"]) == (2, 0)
    api.delete("/limits/counts?api=rest")
    assert api.get("/limits?api=rest")["calls_today"] == 0
    assert api.get("/switches")["rest_limits"] == "2/-/1"


def test_limits_that_are_none(api):
    assert api.problem("PUT", "/limits", {"limits": "some"}) == [
        (
            "body.limits",
            "off, on, or three numbers such as 500/20/2 (a day, in 20 seconds, at once; - is no limit)",
            "'some'",
        )
    ]


# ---------------------------------------------------------------------------------------------------------------------
# The clock


def test_the_clock_stands_still_passes_and_runs_on(api):
    assert api.post("/clock/freeze", {"at": "2026-01-01T12:00:00+01:00"}, 200) == {
        "mode": "frozen",
        "now": "2026-01-01T11:00:00Z",
        "offset_seconds": 0.0,
        "frozen_at": "2026-01-01T11:00:00Z",
    }
    assert api.post("/clock/advance", {"by": "1h30m"}, 200)["now"] == "2026-01-01T12:30:00Z"
    assert api.post("/clock/advance", {"by": "-30m"}, 200)["now"] == "2026-01-01T12:00:00Z"
    assert api.post("/clock/set", {"to": "2027-01-01T00:00:00Z"}, 200)["frozen_at"] == "2027-01-01T00:00:00Z"
    assert api.get("/clock")["now"] == "2027-01-01T00:00:00Z"
    running = api.post("/clock/resume", None, 200)
    assert (running["mode"], running["frozen_at"]) == ("offset", None)
    assert running["now"].startswith("2027-01-01T00:00:0")
    assert api.post("/clock/reset", None, 200)["mode"] == "real"


def test_a_lead_is_created_at_the_time_of_the_clock(api):
    api.post("/clock/freeze", {"at": "2026-01-01T00:00:00Z"}, 200)
    lead_id = api.marketo.sync(Email="ann@example.com").lead_id
    assert api.get(f"/leads/{lead_id}")["created_at"] == "2026-01-01T00:00:00Z"


def test_a_clock_can_be_sent_back(api):
    for body in ({"mode": "frozen", "frozen_at": "2026-01-01T00:00:00Z"}, {"mode": "offset", "offset_seconds": -90.5}):
        clock = api.put("/clock", body)
        api.post("/clock/reset", None, 200)
        again = api.put("/clock", clock)
        assert {**again, "now": 0} == {**clock, "now": 0}
        assert (again["mode"], again["offset_seconds"]) == (body["mode"], body.get("offset_seconds", 0))
    assert api.put("/clock", {"mode": "real"})["mode"] == "real"


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("POST", "/clock/freeze", {"at": "2026-01-01T00:00:00"}, "body.at"),
        ("POST", "/clock/freeze", {"at": "tomorrow"}, "body.at"),
        ("POST", "/clock/freeze", {"at": "0001-01-01T00:00:00+14:00"}, "body.at"),
        ("POST", "/clock/set", {"to": "9999-12-31T23:59:59-12:00"}, "body.to"),
        ("POST", "/clock/advance", {"by": "soon"}, "body.by"),
        ("POST", "/clock/advance", {"by": "9999999d"}, "body.by"),
        ("POST", "/clock/advance", {"by": "-2000000d"}, "body.by"),
        ("POST", "/clock/advance", {"by": "-500000d"}, "body.by"),
        ("PUT", "/clock", {"mode": "offset", "offset_seconds": 1e300}, "body.offset_seconds"),
        ("PUT", "/clock", {"mode": "slow"}, "body.mode"),
    ],
)
def test_a_time_that_cannot_be(method, path, body, where, api):
    before = api.get("/clock")
    assert [item[0] for item in api.problem(method, path, body)] == [where]
    assert api.get("/clock") == before


# ---------------------------------------------------------------------------------------------------------------------
# Switches


def test_a_switch_changes_what_calls_do(api):
    assert api.marketo.sync().code == "20101"
    assert api.put("/switches", {"keyless_leads": "create"})["keyless_leads"] == "create"
    assert api.marketo.sync().status == "CREATED"


def test_every_switch_is_there_and_takes_its_choices(api):
    switches = api.get("/switches")
    assert switches == {switch.name: switch.default for switch in SWITCHES}
    assert api.put("/switches", switches) == switches


def test_a_wrong_switch_changes_none(api):
    assert api.problem("PUT", "/switches", {"keyless_leads": "create", "signature_window": "long"}) == [
        ("body.signature_window", "a duration such as 90s, 15m, 1h30m or 2d, or off", "'long'")
    ]
    assert api.get("/switches")["keyless_leads"] == "reject"
