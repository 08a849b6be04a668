"""Recorded exchanges of the real API about lists, campaigns, members and assets: the same members, in the same order.

Each story is a world of our own in the state in which the recorded one was. The Ids, e-mails and names are ours; what
is compared is the whole answer, but for its requestId.
"""

from __future__ import annotations

import json

import pytest
from rest_support import Rest

AT, ASSET_AT = "2026-03-14T09:26:53Z", "2026-03-14T09:26:53Z+0000"
WORLD = """
fields:
- {name: customtest, type: string}
- {name: customdate, type: date}
leads:
- {Id: 7149, Email: ann@example.com, attributes: {FirstName: Ann}, created_at: "2026-03-14T09:26:43Z",
   updated_at: "2026-03-14T09:26:53Z"}
- {Id: 7150, Email: bob@example.com}
channels: {Webinar: {statuses: [{name: Invited, step: 10}, {name: Registered, step: 20}]}}
programs:
- {id: 123, name: Spring, channel: Webinar}
campaigns:
- {id: 1003, name: Opened Sales Email, description: " ", active: false, sources: [SALES],
   created_at: "2017-08-09T18:48:26Z", updated_at: "2017-08-09T18:48:26Z"}
- {id: 1029, name: A batch campaign, type: batch, program: Spring, created_at: "2017-08-30T20:23:40Z",
   updated_at: "2017-08-30T20:32:04Z"}
- {id: 1042, name: Send Message, sources: [MKTOWS]}
next_ids: {list: 1159}
"""
GROUP_LISTS = {"type": "Folder", "id": 12}
NOTHING = "No assets found for the given search criteria."
LISTS = "/rest/v1/lists"


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def says(answer, expected) -> None:
    """The answer as it was sent, without its requestId: in the asset API that is the third member."""
    said = answer.json
    is_asset = expected.get("errors") == []
    assert list(said).index("requestId") == (2 if is_asset else 0)
    del said["requestId"]
    assert answer.http_status == 200
    assert json.dumps(said) == json.dumps(expected)


def found(*result):
    return {"success": True, "errors": [], "warnings": [], "result": list(result)}


NOT_FOUND = {"success": True, "errors": [], "warnings": [NOTHING]}


def done(*result):
    return {"result": list(result), "success": True}


def refused(code, message, **before):
    return {"success": False, **before, "errors": [{"code": code, "message": message}]}


def test_the_life_of_a_static_list(rest):
    """012 to 017, 019 to 021, 023, 032."""
    name = "(test) High Value"
    made = {
        "id": 1159,
        "name": name,
        "createdAt": ASSET_AT,
        "updatedAt": ASSET_AT,
        "folder": {"id": 12, "type": "Folder"},
        "computedUrl": "https://app-mock.marketo.com/#ST1159A1",
        "workspace": "Default",
    }
    by_name = "/rest/asset/v1/staticList/byName.json"
    (folder,) = rest.get("/rest/asset/v1/folder/byName.json", name="Group Lists").result
    says(
        rest.get("/rest/asset/v1/folder/byName.json", name="Group Lists"),
        found(
            {
                "name": "Group Lists",
                "description": None,
                "createdAt": folder["createdAt"],
                "updatedAt": folder["updatedAt"],
                "url": None,
                "folderId": {"id": 12, "type": "Folder"},
                "folderType": "List",
                "parent": {"id": 5, "type": "Folder"},
                "path": "/Lead Database/Default/Group Lists",
                "isArchive": False,
                "isSystem": True,
                "accessZoneId": 1,
                "workspace": "Default",
                "id": 12,
            }
        ),
    )
    says(rest.get(by_name, name=name), NOT_FOUND)
    says(rest.form("/rest/asset/v1/staticLists.json", name=name, folder=json.dumps(GROUP_LISTS)), found(made))
    says(rest.get(by_name, name=name), found(made))
    says(rest.post(f"{LISTS}/1159/leads.json", {"input": [{"id": 7149}]}), done({"id": 7149, "status": "added"}))
    member = {"id": 7149, "firstName": "Ann", "lastName": None, "email": "ann@example.com"}
    says(
        rest.form("/rest/v1/list/1159/leads.json", listId=1159, _method="GET"),
        done({**member, "updatedAt": AT, "createdAt": "2026-03-14T09:26:43Z"}),
    )
    says(
        rest.post(f"{LISTS}/1159/leads.json", {"input": [{"id": 7149}, {"id": 7150}]}),
        done({"id": 7149, "status": "added"}, {"id": 7150, "status": "added"}),
    )
    says(rest.delete(f"{LISTS}/1159/leads.json", id=7150), done({"id": 7150, "status": "removed"}))
    skipped = {"id": 7150, "status": "skipped", "reasons": [{"code": "1015", "message": "Lead not in list"}]}
    says(
        rest.delete(f"{LISTS}/1159/leads.json", id=[7149, 7150]),
        done({"id": 7149, "status": "removed"}, skipped),
    )
    says(rest.form("/rest/v1/list/1159/leads.json", listId=1159, _method="GET"), done())
    says(rest.post("/rest/asset/v1/staticList/1159/delete.json"), found({"id": 1159}))
    says(rest.get(by_name, name=name), NOT_FOUND)


def test_a_list_asked_for_in_all_its_fields(rest):
    """035: the id first, then every field as it was asked for, unset ones null, booleans false."""
    described = rest.get("/rest/v1/leads/describe.json").result
    names = [item["rest"]["name"] for item in described if item["rest"]["name"] != "id"]
    assert len(names) > 110
    rest.form("/rest/asset/v1/staticLists.json", name="All", folder=json.dumps(GROUP_LISTS))
    rest.post(f"{LISTS}/1159/leads.json", id=7150)
    (row,) = rest.get(f"{LISTS}/1159/leads.json", fields=",".join(("leadStatus", "id", *names))).result
    assert list(row) == list(dict.fromkeys(("id", "leadStatus", *names)))
    shown = {"isLead": False, "originalSourceType": "Web service API", "personType": "contact", "leadPerson": 7150}
    assert {name: row[name] for name in shown} == shown
    assert (row["mainPhone"], row["customtest"], row["customdate"], row["cookies"]) == (None, None, None, None)


def test_lists_in_pages(rest):
    """037: empty parameters are ignored; 300 a page, the last one without a token."""
    lists = "".join(f"- {{id: {number}, name: List {number}}}\n" for number in range(1001, 1317))
    rest = Rest(f"{WORLD}lists:\n{lists}")
    page = rest.get("/rest/v1/lists.json", name="", programName="", workspaceName="")
    assert list(page.json) == ["requestId", "result", "success", "nextPageToken"]
    assert list(page.result[0].items())[:4] == [
        ("id", 1001),
        ("name", "List 1001"),
        ("workspaceId", 1),
        ("workspaceName", "Default"),
    ]
    assert list(page.result[0])[4:] == ["createdAt", "updatedAt"]
    last = rest.get("/rest/v1/lists.json", nextPageToken=page.json["nextPageToken"])
    assert list(last.json) == ["requestId", "result", "success"]
    assert [item["id"] for item in (*page.result, *last.result)] == list(range(1001, 1317))


def test_whether_a_lead_is_on_a_list(rest):
    """042."""
    rest.form("/rest/asset/v1/staticLists.json", name="One", folder=json.dumps(GROUP_LISTS))
    rest.post(f"{LISTS}/1159/leads.json", id=7149)
    says(rest.get(f"{LISTS}/1159/leads/ismember.json", id=7149), done({"id": 7149, "status": "memberof"}))


def test_campaigns(rest):
    """048."""
    page = rest.get("/rest/v1/campaigns.json", batchSize=1)
    token = page.json["nextPageToken"]
    opened = {
        "id": 1003,
        "name": "Opened Sales Email",
        "description": " ",
        "type": "trigger",
        "workspaceName": "Default",
        "createdAt": "2017-08-09T18:48:26Z",
        "updatedAt": "2017-08-09T18:48:26Z",
        "active": False,
    }
    says(page, {**done(opened), "nextPageToken": token})
    batch = {
        "id": 1029,
        "name": "A batch campaign",
        "type": "batch",
        "programName": "Spring",
        "programId": 123,
        "workspaceName": "Default",
        "createdAt": "2017-08-30T20:23:40Z",
        "updatedAt": "2017-08-30T20:32:04Z",
        "active": False,
    }
    says(
        rest.get("/rest/v1/campaigns.json", batchSize=1, nextPageToken=token),
        {
            **done(batch),
            "nextPageToken": rest.get("/rest/v1/campaigns.json", batchSize=2).json["nextPageToken"],
        },
    )


def test_a_campaign_triggered_for_leads_that_are_not_there(rest):
    """051."""
    tokens = [
        {"name": "{{my.message}}", "value": "Updated message"},
        {"name": "{{my.other token}}", "value": "Value for other token"},
    ]
    body = {"input": {"leads": [{"id": 1234}, {"id": 7149}], "tokens": tokens}}
    says(rest.post("/rest/v1/campaigns/1042/trigger.json", body), refused("1004", "Lead [1234] not found"))


def test_assets_that_are_not_there(rest):
    """052 to 054."""
    text = "Static List not found or it has been deleted"
    says(rest.get("/rest/asset/v1/staticList/1001.json"), refused("702", text, warnings=[]))
    says(rest.get("/rest/asset/v1/folder/77.json", type="Folder"), NOT_FOUND)
    asked = {"type": "Unacceptable", "root": '{"id":5,"type":"Folder"}', "workSpace": "Default"}
    says(
        rest.get("/rest/asset/v1/folder/byName.json", name="Test Folder Name", **asked),
        refused("1003", "Invalid request. Please check and try again.", warnings=[]),
    )


def test_members_of_a_program(rest):
    """056; and 047: who is in it then."""
    says(
        rest.post(
            "/rest/v1/programs/123/members/status.json",
            {"statusName": "Registered", "input": [{"leadId": 7149}, {"leadId": 7150}]},
        ),
        done(
            {"seq": 0, "status": "created", "leadId": 7149},
            {"seq": 1, "status": "created", "leadId": 7150},
        ),
    )
    page = rest.get("/rest/v1/leads/programs/123.json", batchSize=1)
    assert list(page.json) == ["requestId", "result", "success", "nextPageToken"]
    (row,) = page.result
    assert list(row) == ["id", "firstName", "lastName", "email", "updatedAt", "createdAt", "membership"]
    assert json.dumps(row["membership"]) == json.dumps(
        {
            "progressionStatus": "Registered",
            "isExhausted": False,
            "acquiredBy": False,
            "reachedSuccess": False,
            "membershipDate": AT,
        }
    )
    last = rest.get("/rest/v1/leads/programs/123.json", batchSize=1, nextPageToken=page.json["nextPageToken"])
    assert [item["id"] for item in last.result] == [7150]
    assert "nextPageToken" not in last.json
