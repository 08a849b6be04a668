"""Lists, programs, campaigns and imports over the control API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asking import ask, lead_keys
from support import NOW

from mockmkto.clock import Clock

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
channels: {Roadshow: {statuses: [{name: Invited, step: 10}]}}
tags: {Region: [West]}
programs: [{id: 1003, name: ER Demo, tokens: {my.message: Hello}}]
lists:
- {name: Newsletter, members: [1002, 1001], owner_keys: {SFDCLEADOWNERID: 005A}}
- {name: Attendees, program: ER Demo}
campaigns:
- {id: 2001, name: Send Welcome, program: ER Demo, sources: [MKTOWS], effects: [{set: {LeadStatus: Contacted}}]}
- {id: 2002, name: Monthly, program: ER Demo, type: batch, audience: Newsletter}
imports: {duration: 60s}
"""


@pytest.fixture
def api(make_api):
    return make_api(WORLD)


def request(api, *leads, **members):
    return ask(api.marketo, "requestCampaign", {"source": "MKTOWS", "leadList": lead_keys(*leads), **members})


# ---------------------------------------------------------------------------------------------------------------------
# Lists


def test_the_lists_and_how_many_are_on_them(api):
    found = api.get("/lists")["lists"]
    assert [(item["id"], item["shown"], item["members"]) for item in found] == [
        (1001, "Newsletter", 2),
        (1002, "ER Demo.Attendees", 0),
    ]
    assert found[0]["owner_keys"] == {"SFDCLEADOWNERID": "005A"}
    assert api.get("/lists/1002")["program"] == "ER Demo"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("name=newsletter", [1001]),
        ("name=er demo.ATTENDEES", [1002]),
        ("name=attendees", [1002]),
        ("name=x", []),
        ("lead=1001", [1001]),
        ("lead=9", []),
        ("lead=1001&name=attendees", []),
    ],
)
def test_lists_by_name_and_by_lead(api, query, ids):
    assert [item["id"] for item in api.get(f"/lists?{query}")["lists"]] == ids


def test_members_a_page_at_a_time_in_order_of_joining(api):
    page = api.get("/lists/1001/members?limit=1")
    assert (page["members"], page["total"]) == ([1002], 2)
    following = page["next"].partition("/__admin")[2]
    assert api.get(following)["members"] == [1001]
    assert api.get(following)["next"] is None


def test_a_list_is_made_joined_left_and_deleted(api):
    made = api.post("/lists", {"name": "New", "program": "er demo", "members": [1001], "owner_keys": {}})
    assert (made["id"], made["shown"], made["members"]) == (1003, "ER Demo.New", 1)
    assert api.post("/lists/1003/members", {"leads": [1001, 1002]}, expect=200)["members"] == 2
    api.delete("/lists/1003/members/1001")
    assert api.get("/lists/1003/members")["members"] == [1002]
    api.delete("/lists/1003")
    assert api.problem("GET", "/lists/1003", status=404) == [("path.id", "an existing list", "1003")]


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"name": "NEWSLETTER"}, 409, "body.name"),
        ({"name": "Attendees", "program": "ER Demo"}, 409, "body.name"),
        ({"name": "X", "id": 1001}, 409, "body.id"),
        ({"name": "X", "owner_keys": {"SFDCLEADOWNERID": "005A"}}, 409, "body.owner_keys.SFDCLEADOWNERID"),
        ({"name": "X", "owner_keys": {"SFDC": "1"}}, 400, "body.owner_keys.SFDC"),
        ({"name": "X", "program": "Nope"}, 400, "body.program"),
        ({"name": "X", "members": [1001, 9]}, 400, "body.members[1]"),
        ({"name": " X"}, 400, "body.name"),
        ({}, 400, "body.name"),
    ],
)
def test_lists_that_cannot_be(api, body, status, where):
    assert [item[0] for item in api.problem("POST", "/lists", body, status=status)] == [where]
    assert len(api.get("/lists")["lists"]) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/lists/1001/members", {"leads": [9]}, 400),
        ("POST", "/lists/9/members", {"leads": []}, 404),
        ("DELETE", "/lists/1002/members/1001", None, 404),
        ("GET", "/lists/9/members", None, 404),
    ],
)
def test_members_that_cannot_be(api, method, path, body, status):
    api.problem(method, path, body, status=status)


# ---------------------------------------------------------------------------------------------------------------------
# Programs


def test_a_program_is_made_shown_and_deleted_with_all_that_is_its_own(api):
    made = api.post(
        "/programs",
        {
            "name": "Second",
            "channel": "roadshow",
            "tags": {"Region": "West"},
            "tokens": {"my.x": "1"},
            "costs": [{"month": "2014-03", "amount": "5.50"}],
            "start": "2014-03-01",
        },
    )
    assert (made["id"], made["channel"], made["tokens"]) == (1004, "Roadshow", {"{{my.x}}": "1"})
    assert made["costs"] == [{"id": 1, "month": "2014-03-01", "amount": "5.5", "note": None}]
    assert [item["name"] for item in api.get("/programs?name=second")["programs"]] == ["Second"]
    api.delete("/programs/1003")
    assert [item["name"] for item in api.get("/programs")["programs"]] == ["Second"]
    assert [item["name"] for item in api.get("/lists")["lists"]] == ["Newsletter"]
    assert api.get("/campaigns")["campaigns"] == []


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"name": "er demo"}, 409, "body.name"),
        ({"name": "X", "id": 1003}, 409, "body.id"),
        ({"name": "X", "channel": "Nope"}, 400, "body.channel"),
        ({"name": "X", "tags": {"Region": "East"}}, 400, "body.tags.Region"),
        ({"name": "X", "costs": [{"month": "x", "amount": "1"}]}, 400, "body.costs[0].month"),
        ({"name": "X", "start": "soon"}, 400, "body.start"),
    ],
)
def test_programs_that_cannot_be(api, body, status, where):
    assert [item[0] for item in api.problem("POST", "/programs", body, status=status)] == [where]


# ---------------------------------------------------------------------------------------------------------------------
# Campaigns


def test_what_a_campaign_was_asked_for(api):
    request(api, 1001, campaignId=2001)
    request(
        api,
        1002,
        programName="ER Demo",
        campaignName="Send Welcome",
        programTokenList={"attrib": [{"name": "my.message", "value": "Hi"}]},
    )
    shown = api.get("/campaign-calls")["calls"]
    assert [(item["id"], item["campaign"], item["kind"], item["leads"], item["tokens"]) for item in shown] == [
        (1, "ER Demo.Send Welcome", "request", [1001], {}),
        (2, "ER Demo.Send Welcome", "request", [1002], {"{{my.message}}": "Hi"}),
    ]
    assert [item["id"] for item in api.get("/campaign-calls?lead=1002")["calls"]] == [2]
    assert [item["id"] for item in api.get("/campaign-calls?campaign=2001&lead=1001")["calls"]] == [1]
    assert api.get("/campaign-calls?kind=run")["calls"] == []
    assert api.get("/campaign-calls?campaign=2002")["calls"] == []
    assert api.get("/campaign-calls/2")["source"] == "MKTOWS"
    assert api.get("/campaigns?name=er demo.send welcome")["campaigns"][0]["asked"] == 2
    api.problem("GET", "/campaign-calls/9", status=404)


def test_a_run_is_shown_before_and_after_it_was_made(api):
    at = (NOW + timedelta(hours=1)).isoformat()
    asked = {"programName": "ER Demo", "campaignName": "Monthly", "campaignRunAt": at}
    ask(api.marketo, "scheduleCampaign", asked)
    (run,) = api.get("/campaign-calls?kind=run")["calls"]
    assert (run["done"], run["leads"], run["run_at"]) == (False, [], "2026-03-14T10:26:53Z")
    api.marketo.set_clock(Clock(frozen_at=NOW + timedelta(hours=2)))
    (run,) = api.get("/campaign-calls?kind=run")["calls"]
    assert (run["done"], run["leads"]) == (True, [1002, 1001])


def test_a_campaign_is_made_changed_and_deleted(api):
    made = api.post(
        "/campaigns",
        {
            "name": "New",
            "program": "ER Demo",
            "sources": ["MKTOWS"],
            "effects": [
                {"add_to_list": "Attendees"},
                {"activity": {"type": "Send Email", "asset": "{{my.message}}", "attributes": {"Run": "7"}}},
            ],
        },
    )
    assert (made["id"], made["shown"], made["active"], made["asked"]) == (2003, "ER Demo.New", True, 0)
    assert made["effects"][0]["add_to_list"] == "ER Demo.Attendees"
    assert request(api, 1001, campaignId=2003).text("success") == "true"
    assert api.get("/lists/1002/members")["members"] == [1001]
    changed = api.patch("/campaigns/2003", {"active": False, "effects": [{"set": {"City": "Rome"}}]})
    assert (changed["active"], changed["effects"][0]["set"]) == (False, {"City": "Rome"})
    assert request(api, 1001, campaignId=2003).code == "20113"
    api.delete("/campaigns/2003")
    api.problem("GET", "/campaigns/2003", status=404)
    assert api.get("/campaign-calls")["calls"] == []


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"name": "X", "id": 2001}, 409, "body.id"),
        ({"name": "X", "program": "Nope"}, 400, "body.program"),
        ({"name": "X", "type": "batch", "sources": ["SALES"]}, 400, "body.sources"),
        ({"name": "X", "audience": "Newsletter"}, 400, "body.audience"),
        ({"name": "X", "effects": [{}]}, 400, "body.effects[0]"),
        ({"name": "X", "effects": [{"set": {"Nope": "1"}}]}, 400, "body.effects[0].set.Nope"),
        ({"name": "X", "effects": [{"add_to_list": "Nope"}]}, 400, "body.effects[0].add_to_list"),
        ({"name": "X", "sources": ["FOO"]}, 400, "body.sources[0]"),
    ],
)
def test_campaigns_that_cannot_be(api, body, status, where):
    assert [item[0] for item in api.problem("POST", "/campaigns", body, status=status)] == [where]


def test_a_deleted_campaign_runs_no_more(api):
    at = (NOW + timedelta(hours=1)).isoformat()
    ask(
        api.marketo,
        "scheduleCampaign",
        {"programName": "ER Demo", "campaignName": "Monthly", "campaignRunAt": at},
    )
    api.delete("/campaigns/2002")
    api.marketo.set_clock(Clock(frozen_at=NOW + timedelta(hours=2)))
    assert api.get("/campaign-calls")["calls"] == []


# ---------------------------------------------------------------------------------------------------------------------
# Imports


def begin(api):
    members = {
        "programName": "ER Demo",
        "importFileHeader": "Email",
        "importFileRows": {"stringItem": ["ann@example.com", "new@example.com", ""]},
        "importListMode": "LISTONLY",
        "listName": "Attendees",
        "clearList": False,
    }
    assert ask(api.marketo, "importToList", members).text("importStatus") == "PROCESSING"


def test_an_import_is_shown_under_way_and_done(api):
    begin(api)
    (begun,) = api.get("/imports?list=1002")["imports"]
    assert (begun["status"], begun["list"], begun["due_at"]) == (
        "PROCESSING",
        "ER Demo.Attendees",
        "2026-03-14T09:27:53Z",
    )
    assert api.get("/imports?list=1001")["imports"] == []
    api.marketo.set_clock(Clock(frozen_at=NOW + timedelta(hours=2)))
    done = api.get("/imports/1")
    assert (done["status"], done["imported"], done["ignored"], done["ended_at"]) == (
        "COMPLETE",
        1,
        1,
        "2026-03-14T09:27:53Z",
    )
    assert done["summary"] == "1 of 2 rows imported, 1 ignored"


def test_an_import_under_way_is_canceled_once(api):
    begin(api)
    assert api.post("/imports/1/cancel", expect=200)["status"] == "CANCELED"
    api.marketo.set_clock(Clock(frozen_at=NOW + timedelta(hours=2)))
    assert api.get("/lists/1002/members")["members"] == []
    assert api.problem("POST", "/imports/1/cancel", status=409)[0][0] == "path.id"
    api.problem("GET", "/imports/9", status=404)
