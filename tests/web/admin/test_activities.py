"""`/activities`: look at the log, have things in it, and take them away."""

from __future__ import annotations

import pytest
from asking import ask

WORLD = """
clock: {frozen: 2026-03-14T09:26:53Z}
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
activities:
- {id: 3, lead: 1001, type: Visit Webpage, asset: /pricing, at: 2026-03-13T00:00:00Z, attributes: {B: "1", A: "2"}}
- {id: 7, lead: 1002, type: New Lead, at: 2026-03-12T00:00:00Z}
"""


@pytest.fixture
def api(make_api):
    return make_api(WORLD)


def ids(answer):
    return [item["id"] for item in answer["activities"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [3, 7]),
        ("?order=oldest", [7, 3]),
        ("?lead=1001", [3]),
        ("?type=NewLead", [7]),
        ("?type=new%20lead", [7]),
        ("?type=Click%20Link", []),
        ("?lead=1001&type=NewLead", []),
        ("?behind=3", [7]),
    ],
)
def test_the_log(api, query, expected):
    assert ids(api.get(f"/activities{query}")) == expected


def test_pages_lead_from_one_to_the_next(api):
    first = api.get("/activities?limit=1&order=oldest")
    assert (ids(first), first["total"]) == ([7], 2)
    second = api.get(first["next"].partition("/__admin")[2])
    assert (ids(second), second["next"]) == ([3], None)


def test_an_activity_is_added_and_read_by_a_client(api):
    said = {"lead": 1001, "type": "ClickLink", "asset": "/a", "campaign": "Welcome", "attributes": {"Z": "1", "A": "2"}}
    made = api.post("/activities", said)
    assert made == {
        "id": 8,
        "lead": 1001,
        "at": "2026-03-14T09:26:53Z",
        "type": "Click Link",
        "asset": "/a",
        "campaign": "Welcome",
        "attributes": [{"name": "Z", "value": "1"}, {"name": "A", "value": "2"}],
    }
    assert api.get("/activities/8") == made
    answer = ask(api.marketo, "getLeadActivity", {"leadKey": {"keyType": "IDNUM", "keyValue": 1001}})
    assert answer.text("campaign") == "Welcome"
    early = api.post("/activities", {"lead": 1001, "type": "New Lead", "at": "2026-03-01T00:00:00+01:00", "id": 50})
    assert (early["id"], early["at"]) == (50, "2026-02-28T23:00:00Z")
    assert api.post("/activities", {"lead": 1001, "type": "New Lead"})["id"] == 51


def test_an_activity_is_taken_away(api):
    api.delete("/activities/3")
    assert ids(api.get("/activities")) == [7]


def test_a_lead_that_is_deleted_takes_its_activities_with_it_and_leaves_that_it_was(api):
    api.delete("/leads/1001")
    assert [(item["id"], item["type"]) for item in api.get("/activities")["activities"]] == [
        (8, "Delete Lead"),
        (7, api.get("/activities/7")["type"]),
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "where"),
    [
        ("GET", "/activities/99", None, 404, "path.id"),
        ("DELETE", "/activities/99", None, 404, "path.id"),
        ("GET", "/activities?behind=99", None, 404, "query.behind"),
        ("GET", "/activities?order=newer", None, 400, "query.order"),
        ("POST", "/activities", {"lead": 9, "type": "New Lead"}, 400, "body.lead"),
        ("POST", "/activities", {"lead": 1001, "type": "Vist Webpage"}, 400, "body.type"),
        ("POST", "/activities", {"lead": 1001, "type": "New Lead", "at": "noon"}, 400, "body.at"),
        ("POST", "/activities", {"lead": 1001, "type": "New Lead", "id": 3}, 409, "body.id"),
        ("POST", "/activities", {"lead": 1001}, 400, "body.type"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(api, method, path, body, status, where):
    assert [item[0] for item in api.problem(method, path, body, status=status)] == [where]
