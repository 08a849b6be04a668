"""Members of programs over REST: who comes to which status, who is shown, who is taken out."""

from __future__ import annotations

import pytest
from asking import activities
from rest_support import Rest

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
- {Id: 1003, Email: cy@example.com}
anonymous_leads:
- {Id: 1004, cookies: ["token:a"]}
channels:
  Webinar:
    statuses:
    - {name: Not in Program, step: 0}
    - {name: Invited, step: 10}
    - {name: Registered, step: 20}
    - {name: Attended, step: 30, success: true}
programs:
- id: 123
  name: Spring
  channel: Webinar
  members:
  - {lead: 1001, status: Registered}
  - {lead: 1004, status: Invited}
- {id: 124, name: Without a channel}
"""
STATUS = "/rest/v1/programs/123/members/status.json"
MEMBERS = "/rest/v1/leads/programs/123.json"
PAST = ("skipped", ("1037", "Lead skipped because it is already in or past this status"))
NO_LEAD = ("skipped", ("1004", "Lead not found"))


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def change(rest, status, *lead_ids, path=STATUS):
    return rest.post(path, {"statusName": status, "input": [{"leadId": lead_id} for lead_id in lead_ids]})


def members(rest):
    rows = rest.get(MEMBERS).result
    return {row["id"]: (row["membership"]["progressionStatus"], row["membership"]["reachedSuccess"]) for row in rows}


@pytest.mark.parametrize(
    ("status", "outcomes", "after"),
    [
        ("Invited", [PAST, ("created",), NO_LEAD], {1001: ("Registered", False), 1002: ("Invited", False)}),
        ("registered", [PAST, ("created",), NO_LEAD], {1001: ("Registered", False), 1002: ("Registered", False)}),
        ("Attended", [("updated",), ("created",), NO_LEAD], {1001: ("Attended", True), 1002: ("Attended", True)}),
    ],
)
def test_what_becomes_of_each_lead(rest, status, outcomes, after):
    answer = change(rest, status, 1001, 1002, 999)
    assert answer.outcomes == outcomes
    assert [item["seq"] for item in answer.result] == [0, 1, 2]
    assert [item.get("leadId") for item in answer.result] == [
        None if outcome[0] == "skipped" else lead_id
        for lead_id, outcome in zip((1001, 1002, 999), outcomes, strict=True)
    ]
    assert members(rest) == after


def test_a_change_of_status_is_in_the_log(rest):
    change(rest, "Attended", 1001, 1002)
    said = {"Program ID": "123", "New Status": "Attended", "Success": "true", "Source": "Web service API"}
    assert activities(rest.soap) == [
        (
            lead_id,
            "Change Status in Progression",
            "Spring",
            said | {"Old Status": before, "Lead ID": str(lead_id)},
        )
        for lead_id, before in ((1001, "Registered"), (1002, "Not in Program"))
    ]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        (STATUS, {"input": [{"leadId": 1002}]}, "1002 Missing value for the required parameter 'statusName'"),
        (STATUS, {"statusName": "Invited"}, "1002 Missing value for the required parameter 'input'"),
        (STATUS, {"statusName": "Nope", "input": [{"leadId": 1002}]}, "1025 Program status not found"),
        (STATUS, {"statusName": "Not in Program", "input": [{"leadId": 1002}]}, "1025 Program status not found"),
        (STATUS, {"statusName": "Invited", "input": [{}]}, "1001 Invalid value 'None'. Required of type 'Integer'"),
        (
            "/rest/v1/programs/124/members/status.json",
            {"statusName": "Invited", "input": [{"leadId": 1002}]},
            "1025 Program status not found",
        ),
        (
            "/rest/v1/programs/9/members/status.json",
            {"statusName": "Invited", "input": [{"leadId": 1002}]},
            "1013 Program not found",
        ),
    ],
)
def test_a_status_that_cannot_be_set(rest, path, body, error):
    before = rest.stored()
    assert rest.post(path, body).error == error
    assert rest.stored() == before


def test_who_is_taken_out_of_a_program(rest):
    body = {"input": [{"leadId": 1001}, {"leadId": 1002}]}
    answer = rest.post("/rest/v1/programs/123/members/delete.json", body)
    assert answer.outcomes == [("deleted",), ("skipped", ("1037", "Lead not in program"))]
    assert members(rest) == {}


def test_a_program_that_is_not_there_has_no_members(rest):
    assert rest.get("/rest/v1/leads/programs/9.json").error == "1013 Program not found"
    assert rest.get("/rest/v1/leads/programs/124.json").result == []


def test_members_go_with_their_leads(rest):
    rest.post("/rest/v1/leads/delete.json", id=1001)
    change(rest, "Invited", 1002)
    rest.post("/rest/v1/leads/1003/merge.json", leadIds=1002)
    assert members(rest) == {1003: ("Invited", False)}
