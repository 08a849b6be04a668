"""What a lead is a member of, over REST: lists, programs, smart campaigns."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_support import Rest
from support import NOW

from mockmkto.clock import Clock

AT, LATER = "2026-03-14T09:26:53Z", "2026-03-14T10:26:53Z"
WORLD = """
channels:
  Webinar: {statuses: [{name: Invited, step: 10}, {name: Attended, step: 20, success: true}]}
programs:
- {id: 2001, name: Spring, channel: Webinar, members: [{lead: 1001, status: Attended, acquired_by: true,
   since: 2025-01-01T00:00:00Z, updated_at: 2025-02-01T00:00:00Z}]}
- {id: 2002, name: Autumn, channel: Webinar, members: [{lead: 1001, status: Invited, since: 2025-03-01T00:00:00Z}]}
lists:
- {id: 3001, name: News, members: [1001]}
- {id: 3002, name: Other}
- {id: 3003, name: More, members: [1001, 1002]}
campaigns:
- {id: 4001, name: Welcome, sources: [MKTOWS]}
- {id: 4002, name: Never, sources: [MKTOWS]}
leads:
- {Id: 1001, Email: ann@example.com, created_at: 2024-01-01T00:00:00Z}
- {Id: 1002, Email: bob@example.com}
"""


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def of(rest, lead_id, kind, **parameters):
    return rest.get(f"/rest/v1/leads/{lead_id}/{kind}Membership.json", **parameters)


def test_the_lists_of_a_lead_and_when_it_was_put_on_them(rest):
    rest.soap.set_clock(Clock(frozen_at=NOW + dt.timedelta(hours=1)))
    rest.post("/rest/v1/lists/3002/leads.json", {"input": [{"id": 1001}]})
    answer = of(rest, 1001, "list")
    assert list(answer.json) == ["requestId", "result", "success", "moreResult"]
    assert answer.json["moreResult"] is False
    assert [item["listId"] for item in answer.result] == [3001, 3002, 3003]
    assert answer.result[1] == {"listId": 3002, "createdAt": LATER, "updatedAt": LATER}
    assert of(rest, 1002, "list").result[0]["listId"] == 3003


def test_the_programs_of_a_lead(rest):
    first = {
        "id": 2001,
        "progressionStatus": "Attended",
        "isExhausted": False,
        "acquiredBy": True,
        "reachedSuccess": True,
        "membershipDate": "2025-01-01T00:00:00Z",
        "updatedAt": "2025-02-01T00:00:00Z",
    }
    answer = of(rest, 1001, "program")
    assert list(answer.result[0].items()) == list(first.items())
    assert [item["id"] for item in answer.result] == [2001, 2002]
    assert of(rest, 1001, "program", filterType="programId", filterValues="2002,9").result == answer.result[1:]
    assert of(rest, 1002, "program").result == []


def test_the_smart_campaigns_that_a_lead_was_in(rest):
    for hours in (0, 1):
        rest.soap.set_clock(Clock(frozen_at=NOW + dt.timedelta(hours=hours)))
        rest.forget_token()
        rest.post("/rest/v1/campaigns/4001/trigger.json", {"input": {"leads": [{"id": 1001}]}})
    answer = of(rest, 1001, "smartCampaign")
    assert answer.result == [{"smartCampaignId": 4001, "createdAt": AT, "updatedAt": LATER}]
    assert of(rest, 1002, "smartCampaign").result == []


def test_memberships_come_in_pages_and_always_say_whether_there_are_more(rest):
    rest.post("/rest/v1/lists/3002/leads.json", {"input": [{"id": 1001}]})
    page = of(rest, 1001, "list", batchSize=2)
    assert ([item["listId"] for item in page.result], page.json["moreResult"]) == ([3001, 3002], True)
    token = page.json["nextPageToken"]
    last = of(rest, 1001, "list", batchSize=2, nextPageToken=token)
    assert ([item["listId"] for item in last.result], last.json["moreResult"]) == ([3003], False)
    assert "nextPageToken" not in last.json
    assert of(rest, 1002, "list", nextPageToken=token).error == f"1003 Invalid token value: [{token}]"


@pytest.mark.parametrize("kind", ["list", "program", "smartCampaign"])
@pytest.mark.parametrize("lead_id", [999, "x"])
def test_a_lead_that_there_is_not(rest, kind, lead_id):
    assert of(rest, lead_id, kind).error == f"1004 Lead '{lead_id}' not found"
