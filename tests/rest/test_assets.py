"""The asset API: programs, channels, tags, folders, campaigns as assets; lists made, changed, deleted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from asking import ask
from rest_support import Rest
from support import NOW

from mockmkto.clock import Clock

WORLD = """
workspaces: [{name: Default, primary_partition: Default}, {name: Europe, primary_partition: Default}]
leads: [{Id: 1001, Email: ann@example.com}]
channels:
  Roadshow: {statuses: [{name: Invited, step: 10}, {name: Attended, step: 30, success: true}]}
  Blog: {statuses: [{name: Read, step: 10}]}
tags: {Region: [West, East], Product: [A]}
programs:
- id: 1003
  name: ER Demo
  description: A roadshow
  type: Marketing Event
  channel: Roadshow
  folder: Marketing Activities/Default/Events/2026
  tags: {Region: West}
  costs: [{month: 2014-03, amount: "500"}, {month: 2014-04, amount: "12.50", note: hall}]
  created_at: "2026-01-01T00:00:00Z"
  updated_at: "2026-02-01T00:00:00Z"
- {id: 1004, name: Second, workspace: Europe, folder: Marketing Activities/Europe/Events}
- {id: 1005, name: Nurture, type: Engagement}
lists:
- {id: 1001, name: Newsletter, description: Weekly, members: [1001]}
- {id: 1002, name: Attendees, program: ER Demo}
- {id: 1003, name: Audience, folder: 1001}
- {id: 1004, name: Attendees, program: Second}
campaigns:
- {id: 2001, name: Send Welcome, program: ER Demo, sources: [MKTOWS], description: Hello}
- {id: 2002, name: Monthly, type: batch, audience: Audience}
"""
ASSETS = "/rest/asset/v1"
NOTHING = ["No assets found for the given search criteria."]


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def ids(answer) -> list[int]:
    """Of what was found; where that is nothing, there is a warning instead of a result."""
    said = answer.json
    assert said["success"], said
    assert said.get("warnings", []) == ([] if "result" in said else NOTHING)
    return [item["id"] for item in said.get("result", ())]


# ---------------------------------------------------------------------------------------------------------------------
# Programs, channels, tags


def test_a_program_shows_what_it_has(rest):
    (row,) = rest.get(f"{ASSETS}/program/1003.json").result
    assert row == {
        "id": 1003,
        "name": "ER Demo",
        "description": "A roadshow",
        "createdAt": "2026-01-01T00:00:00Z+0000",
        "updatedAt": "2026-02-01T00:00:00Z+0000",
        "url": "https://app-mock.marketo.com/#ME1003A1",
        "type": "Event",
        "channel": "Roadshow",
        "folder": {"type": "Folder", "value": 1002, "folderName": "2026"},
        "status": "",
        "workspace": "Default",
        "headStart": False,
        "tags": [{"tagType": "Region", "tagValue": "West"}],
        "costs": [
            {"startDate": "2014-03-01", "cost": 500},
            {"startDate": "2014-04-01", "cost": 12.5, "note": "hall"},
        ],
    }
    assert list(row)[:4] == ["id", "name", "description", "createdAt"]


@pytest.mark.parametrize(
    ("parameters", "tags", "costs"),
    [({}, False, False), ({"includeTags": "true"}, True, False), ({"includeCosts": "true"}, False, True)],
)
def test_a_program_by_name_shows_tags_and_costs_where_they_are_asked_for(rest, parameters, tags, costs):
    (row,) = rest.get(f"{ASSETS}/program/byName.json", name=" er demo", **parameters).result
    assert (row["id"], "tags" in row, "costs" in row) == (1003, tags, costs)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [1003, 1004, 1005]),
        ({"maxReturn": 1, "offset": 1}, [1004]),
        ({"offset": 3}, []),
        ({"workspace": "europe"}, [1004]),
        ({"status": "on"}, [1005]),
        ({"filterType": "id", "filterValues": "1003,1005"}, [1003, 1005]),
        ({"filterType": "folderId", "filterValues": "1002"}, [1003]),
        ({"latestUpdatedAt": "2026-02-01T00:00:00Z"}, [1003]),
        ({"earliestUpdatedAt": "2026-01-31T20:00:00-05:00", "latestUpdatedAt": "2026-02-02T00:00:00Z"}, []),
    ],
)
def test_which_programs_are_listed(rest, parameters, expected):
    assert ids(rest.get(f"{ASSETS}/programs.json", **parameters)) == expected


def test_at_most_two_hundred_assets_a_page_and_twenty_unless_more_are_asked_for():
    rest = Rest("lists:\n" + "".join(f"- {{name: L{number}}}\n" for number in range(201)))
    assert len(ids(rest.get(f"{ASSETS}/staticLists.json"))) == 20
    assert len(ids(rest.get(f"{ASSETS}/staticLists.json", maxReturn=500))) == 200
    assert len(ids(rest.get(f"{ASSETS}/staticLists.json", maxReturn=200, offset=200))) == 1


def test_channels_are_those_of_get_channels(rest):
    of_soap = ask(rest.soap, "getChannels", {}).root
    names = [item.text for item in of_soap.iter("tagValue")]
    rows = rest.get(f"{ASSETS}/channels.json").result
    assert sorted(row["name"] for row in rows) == sorted(names)
    assert [(row["id"], row["name"], row["applicableProgramType"]) for row in rows] == [
        (1, "Roadshow", "event"),
        (2, "Blog", "program"),
    ]
    (row,) = rest.get(f"{ASSETS}/channel/byName.json", name="roadshow").result
    assert row == rows[0]
    assert row["progressionStatuses"] == [
        {"name": "Invited", "step": 10, "description": None, "hidden": False, "success": False},
        {"name": "Attended", "step": 30, "description": None, "hidden": False, "success": True},
    ]
    assert rest.get(f"{ASSETS}/channel/byName.json", name="Nope").json["warnings"] == NOTHING


def test_values_of_tags_are_shown_by_name_alone(rest):
    of_any = {"applicableProgramTypes": "[program,email_batch,nurture,event,webinar]", "required": False}
    assert rest.get(f"{ASSETS}/tagTypes.json").result == [
        {"tagType": "Region", **of_any},
        {"tagType": "Product", **of_any},
    ]
    assert rest.get(f"{ASSETS}/tagType/byName.json", name="Region").result == [
        {"tagType": "Region", **of_any, "allowableValues": "[West, East]"}
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Folders


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"name": "group lists"}, [12, 112]),
        ({"name": "Group Lists", "workSpace": "Europe"}, [112]),
        ({"name": "Events"}, [1001, 1003]),
        ({"name": "Events", "root": '{"id": 115, "type": "Folder"}'}, [1003]),
        ({"name": "ER Demo"}, [1003]),
        ({"name": "ER Demo", "type": "Folder"}, []),
        ({"name": "ER Demo", "type": "program", "root": "1001"}, [1003]),
        ({"name": "Marketing Activities"}, [14]),
        ({"name": "Nope"}, []),
    ],
)
def test_which_folders_have_a_name(rest, parameters, expected):
    assert ids(rest.get(f"{ASSETS}/folder/byName.json", **parameters)) == expected


@pytest.mark.parametrize(
    ("number", "kind", "path", "parent", "folder_type"),
    [
        (4, "Folder", "/Lead Database", None, "Zone"),
        (5, "Folder", "/Lead Database/Default", 4, "Zone"),
        (112, "Folder", "/Lead Database/Europe/Group Lists", 105, "List"),
        (1002, "Folder", "/Marketing Activities/Default/Events/2026", 1001, "Marketing Folder"),
        (1003, "Folder", "/Marketing Activities/Europe/Events", 115, "Marketing Folder"),
        (1003, "Program", "/Marketing Activities/Default/Events/2026/ER Demo", 1002, "Marketing Event"),
        (1005, "Program", "/Marketing Activities/Default/Nurture", 15, "Engagement"),
    ],
)
def test_a_folder_by_its_id(rest, number, kind, path, parent, folder_type):
    (row,) = rest.get(f"{ASSETS}/folder/{number}.json", type=kind).result
    assert (row["path"], row["folderType"]) == (path, folder_type)
    assert row["folderId"] == {"id": number, "type": kind}
    assert row["parent"] == (None if parent is None else {"id": parent, "type": "Folder"})


@pytest.mark.parametrize(
    ("path", "parameters", "error"),
    [
        ("folder/12.json", {}, "1002 Missing value for the required parameter 'type'"),
        ("folder/12.json", {"type": "Bad"}, "1001 Invalid value 'Bad'. Required of type 'FolderVariantType'"),
        ("folder/x.json", {"type": "Folder"}, "1001 Invalid value 'x'. Required of type 'Integer'"),
        ("folder/byName.json", {}, "701 name cannot be blank"),
        ("folder/byName.json", {"name": "A", "workSpace": "Mars"}, "611 Unable to get folder"),
        ("program/x.json", {}, "1001 Invalid value 'x'. Required of type 'Integer'"),
        ("programs.json", {"earliestUpdatedAt": "soon"}, "704 Invalid date format"),
        ("programs.json", {"filterType": "colour"}, "1001 Invalid value 'colour'. Required of type 'filterType'"),
        ("staticLists.json", {"folder": "12"}, "1001 Invalid value '12'. Required of type 'FolderId'"),
        ("staticList/999.json", {}, "702 Static List not found or it has been deleted"),
        ("smartCampaign/999.json", {}, "702 Smart Campaign not found or it has been deleted"),
    ],
)
def test_what_cannot_be_asked(rest, path, parameters, error):
    assert rest.get(f"{ASSETS}/{path}", **parameters).error == error


# ---------------------------------------------------------------------------------------------------------------------
# Static lists


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [1001, 1002, 1003, 1004]),
        ({"folder": '{"id": 12, "type": "Folder"}'}, [1001]),
        ({"folder": '{"id": 1001, "type": "Folder"}'}, [1003]),
        ({"folder": '{"id": 1003, "type": "Program"}'}, [1002]),
        ({"folder": '{"id": 5, "type": "Folder"}'}, []),
    ],
)
def test_which_lists_are_in_a_folder(rest, parameters, expected):
    assert ids(rest.get(f"{ASSETS}/staticLists.json", **parameters)) == expected


def test_lists_by_name_show_where_they_are(rest):
    rows = rest.get(f"{ASSETS}/staticList/byName.json", name="attendees").result
    assert [(row["folder"], row["workspace"]) for row in rows] == [
        ({"id": 1003, "type": "Program"}, "Default"),
        ({"id": 1004, "type": "Program"}, "Europe"),
    ]


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        ({"id": 12, "type": "Folder"}, "Fresh"),
        ({"id": 1001, "type": "folder"}, "Fresh"),
        ({"id": 1003, "type": "Program"}, "ER Demo.Fresh"),
    ],
)
def test_a_list_that_is_made_is_there_for_soap(rest, folder, shown):
    (row,) = rest.form(
        f"{ASSETS}/staticLists.json", name=" Fresh ", folder=json.dumps(folder), description="New"
    ).result
    assert (row["id"], row["name"], row["description"]) == (1005, "Fresh", "New")
    assert row["folder"] == {"id": folder["id"], "type": folder["type"].title()}
    key = {"keyType": "MKTOLISTNAME", "keyValue": shown}
    members = {"leadKey": {"keyType": "IDNUM", "keyValue": 1001}}
    ask(rest.soap, "listOperation", {"listOperation": "ADDTOLIST", "listKey": key, "listMemberList": members})
    assert ids(rest.get("/rest/v1/lists/1005/leads.json")) == [1001]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"folder": '{"id": 12}'}, "701 name cannot be blank"),
        ({"name": "X"}, "701 folder cannot be blank"),
        ({"name": "X", "folder": "12"}, "1001 Invalid value '12'. Required of type 'FolderId'"),
        ({"name": "X", "folder": '{"id": 77, "type": "Folder"}'}, "710 Parent Folder Not Found"),
        ({"name": "X", "folder": '{"id": 77, "type": "Program"}'}, "710 Parent Folder Not Found"),
        ({"name": "X", "folder": '{"id": 4, "type": "Folder"}'}, "711 Incompatible Folder Type"),
        ({"name": "newsletter", "folder": '{"id": 12}'}, "709 Static List with name 'newsletter' already exists"),
        ({"name": "x" * 256, "folder": '{"id": 12}'}, "701 name cannot be longer than 255 characters"),
    ],
)
def test_a_list_that_cannot_be_made(rest, fields, error):
    before = rest.stored()
    assert rest.form(f"{ASSETS}/staticLists.json", **fields).error == error
    assert rest.stored() == before


def test_a_list_gets_another_name_and_description(rest):
    later = NOW + timedelta(minutes=1)
    rest.soap.set_clock(Clock(frozen_at=later))
    (row,) = rest.form(f"{ASSETS}/staticList/1001.json", description="Daily").result
    assert (row["name"], row["description"], row["updatedAt"]) == ("Newsletter", "Daily", "2026-03-14T09:27:53Z+0000")
    (row,) = rest.form(f"{ASSETS}/staticList/1001.json", name="Bulletin").result
    assert (row["name"], row["description"]) == ("Bulletin", "Daily")
    assert ids(rest.get("/rest/v1/lists.json", name="Bulletin")) == [1001]
    taken = "709 Static List with name 'AUDIENCE' already exists"
    assert rest.form(f"{ASSETS}/staticList/1001.json", name="AUDIENCE").error == taken


def test_a_list_is_deleted_unless_something_uses_it(rest):
    assert rest.post(f"{ASSETS}/staticList/1001/delete.json").result == [{"id": 1001}]
    assert ids(rest.get("/rest/v1/lists.json", id=1001)) == []
    in_use = "709 Static List is in use by campaign Monthly"
    assert rest.post(f"{ASSETS}/staticList/1003/delete.json").error == in_use
    assert ids(rest.get("/rest/v1/lists.json", id=1003)) == [1003]


# ---------------------------------------------------------------------------------------------------------------------
# Campaigns


def test_a_campaign_as_an_asset(rest):
    (row,) = rest.get(f"{ASSETS}/smartCampaign/2001.json").result
    assert row == {
        "id": 2001,
        "name": "Send Welcome",
        "description": "Hello",
        "createdAt": row["createdAt"],
        "updatedAt": row["createdAt"],
        "folder": {"id": 1003, "type": "Program"},
        "status": "Active",
        "type": "trigger",
        "isSystem": False,
        "isActive": True,
        "isRequestable": True,
        "isCommunicationLimitEnabled": False,
        "recurrence": {"weekdayOnly": False},
        "qualificationRuleType": "any",
        "workspace": "Default",
        "smartListId": 2001,
        "flowId": 2001,
        "computedUrl": "https://app-mock.marketo.com/#SC2001A1",
        "parentProgramId": 1003,
    }


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [2001, 2002]),
        ({"isActive": "true"}, [2001]),
        ({"folder": '{"id": 1003, "type": "Program"}'}, [2001]),
        ({"folder": '{"id": 15, "type": "Folder"}'}, [2002]),
        ({"folder": '{"id": 12, "type": "Folder"}'}, []),
    ],
)
def test_which_campaigns_are_listed_as_assets(rest, parameters, expected):
    assert ids(rest.get(f"{ASSETS}/smartCampaigns.json", **parameters)) == expected
    assert ids(rest.get(f"{ASSETS}/smartCampaign/byName.json", name="monthly")) == [2002]


def test_the_status_of_a_batch_campaign_follows_its_runs(rest):
    def status():
        (row,) = rest.get(f"{ASSETS}/smartCampaign/2002.json").result
        return row["status"]

    assert status() == "Never Run"
    rest.post("/rest/v1/campaigns/2002/schedule.json")
    assert status() == "Scheduled"
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(minutes=6)))
    assert status() == "Finished"


def test_a_trigger_campaign_is_switched_off_and_on(rest):
    path = f"{ASSETS}/smartCampaign/2001"
    assert rest.post(f"{path}/activate.json").error == "709 Smart Campaign 2001 is already active"
    assert rest.post(f"{path}/deactivate.json").result == [{"id": 2001}]
    assert rest.get("/rest/v1/campaigns.json", isTriggerable=1).result == []
    assert rest.post(f"{path}/activate.json").result == [{"id": 2001}]
    assert [item["id"] for item in rest.get("/rest/v1/campaigns.json", isTriggerable=1).result] == [2001]
    batch = "709 Smart Campaign 2002 is not a trigger campaign"
    assert rest.post(f"{ASSETS}/smartCampaign/2002/activate.json").error == batch
