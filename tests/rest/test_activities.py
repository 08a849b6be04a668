"""The activity log over REST: tokens, pages, what is shown of an activity, and what is refused."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from asking import ask
from rest_support import Rest
from support import NOW

from mockmkto.clock import Clock
from mockmkto.engine.absorbing import forget
from mockmkto.model import Activity
from mockmkto.rest.operations import activities as operation
from mockmkto.store import activities

WORLD = """
fields: [{name: mark__c, type: integer}]
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, LastName: Archer}}
- {Id: 1002, Email: bob@example.com}
anonymous_leads: [{Id: 1003, cookies: ["id:1&token:_mch-example.com-1-1"]}]
programs: [{name: ER Demo}, {name: A.B}]
campaigns: [{id: 2001, name: Go.1, program: A.B}, {id: 2002, name: Alone}]
lists: [{id: 1001, name: Newsletter, members: [1002, 1003]}]
activity_types:
- api_name: attendConference
  name: Attend Conference
  primary: {api_name: conferenceName, name: Conference Name}
  attributes:
  - {api_name: attendees, name: Number of Attendees, data_type: integer}
  - {api_name: paid, name: Paid, data_type: boolean}
- {api_name: notYet, name: Not Yet, approved: false, primary: {api_name: what}}
"""
BASE = "/rest/v1/activities"
HOUR = dt.timedelta(hours=1)
CHANGE = (("Attribute Name", "Last Name"), ("Old Value", ""), ("New Value", "Archer"), ("Reason", "Web service API"),
          ("Source", "Web service API"), ("Lead ID", "1001"))  # fmt: skip
CREATED = (("Source Type", "Web service API"), ("Source Info", "Web service API"), ("Created Date", "2026-03-14"),
           ("Lead ID", "1001"))  # fmt: skip
OWN = (("Number of Attendees", "42"), ("Paid", "1"), ("Lead ID", "1002"))
LOG = (
    Activity(1, 1001, NOW - 4 * HOUR, "New Lead", "Ann Archer", CREATED),
    Activity(2, 1001, NOW - 3 * HOUR, "Change Data Value", "Last Name", CHANGE, "A.B.Go.1"),
    Activity(3, 1003, NOW - 3 * HOUR, "Visit Webpage", "/pricing"),
    Activity(4, 1002, NOW - 2 * HOUR, "Visit Webpage", "/pricing", (("Webpage ID", "71"), ("User Agent", "curl"))),
    Activity(5, 1002, NOW - HOUR, "Attend Conference", "Summit", OWN),
    Activity(6, 1002, NOW - HOUR, "Add to List", "Newsletter", (("List ID", "1001"), ("Source", "x")), "Alone"),
    Activity(7, 1001, NOW - HOUR, "Register for Event", "x"),
)
ALL = "1,12,13,24,100001"


@pytest.fixture
def rest() -> Rest:
    return logged(Rest(WORLD), *LOG)


def logged(rest: Rest, *items: Activity) -> Rest:
    with rest.soap.database.transaction() as session:
        activities.insert_many(session, items)
    return rest


def token(rest: Rest, since: str = "2026-03-14") -> str:
    return rest.get(f"{BASE}/pagingtoken.json", sinceDatetime=since).json["nextPageToken"]


def find(rest: Rest, path: str = "", since: str = "2026-03-14", **parameters):
    return rest.get(f"{BASE}{path}.json", nextPageToken=token(rest, since), **parameters)


def ids(answer) -> list[int]:
    return [item["id"] for item in answer.json.get("result", ())]


# ---------------------------------------------------------------------------------------------------------------------
# As they were recorded


def test_a_paging_token_as_it_was_recorded(rest):
    answer = rest.get(f"{BASE}/pagingtoken.json", sinceDatetime="2019-03-23")
    assert list(answer.json) == ["requestId", "success", "nextPageToken"]
    assert re.fullmatch("[A-Z2-7]{52}====", answer.json["nextPageToken"])


def test_a_page_without_activities_has_no_result_as_it_was_recorded(rest):
    answer = find(rest, since="2026-03-14T09:26:54Z", activityTypeIds=ALL)
    assert list(answer.json) == ["requestId", "success", "nextPageToken", "moreResult"]
    assert answer.json["moreResult"] is False


def test_the_type_of_a_visit_as_it_was_recorded(rest):
    answer = rest.get(f"{BASE}/types.json")
    assert list(answer.json) == ["requestId", "result", "success"]
    assert answer.result[0] == {
        "id": 1,
        "name": "Visit Webpage",
        "description": "User visits a web page",
        "primaryAttribute": {"name": "Webpage ID", "dataType": "integer"},
        "attributes": [
            {"name": name, "dataType": "string"}
            for name in ("Client IP Address", "Query Parameters", "Referrer URL", "Search Engine", "Search Query",
                         "User Agent", "Webpage URL")
        ],
    }  # fmt: skip


def test_a_deleted_lead_as_it_was_recorded(rest):
    with rest.soap.database.transaction() as session:
        forget(session, 1001)
    answer = find(rest, "/deletedleads")
    assert list(answer.json) == ["requestId", "result", "success", "nextPageToken", "moreResult"]
    (item,) = answer.result
    assert list(item.items()) == [
        ("id", 8),
        ("marketoGUID", "8"),
        ("leadId", 1001),
        ("activityDate", "2026-03-14T09:26:53Z"),
        ("activityTypeId", 37),
        ("primaryAttributeValueId", 1001),
        ("primaryAttributeValue", "Ann Archer"),
        ("attributes", []),
    ]


def test_the_campaign_that_deleted_a_lead_is_shown_as_it_was_recorded(rest):
    said = (("Campaign", "Run Action Delete Lead"), ("Lead ID", "277"))
    logged(rest, Activity(12751, 277, NOW, "Delete Lead", "Delete Me", said, "Alone"))
    assert find(rest, "/deletedleads").result[-1] == {
        "id": 12751,
        "marketoGUID": "12751",
        "leadId": 277,
        "activityDate": "2026-03-14T09:26:53Z",
        "activityTypeId": 37,
        "campaignId": 2002,
        "primaryAttributeValueId": 277,
        "primaryAttributeValue": "Delete Me",
        "attributes": [{"name": "Campaign", "value": "Run Action Delete Lead"}],
    }


def test_whoever_is_deleted_over_rest_is_shown_by_both_apis(rest):
    assert rest.post("/rest/v1/leads/delete.json", {"input": [{"id": 1001}, {"id": 1003}, {"id": 77}]}).outcomes == [
        ("deleted",), ("deleted",), ("skipped", ("1004", "Lead not found"))
    ]  # fmt: skip
    assert [item["leadId"] for item in find(rest, "/deletedleads").result] == [1001]  # the other was anonymous
    assert ids(find(rest, activityTypeIds=ALL, leadIds="1001")) == []
    position = {"startPosition": {"oldestCreatedAt": "2026-03-14T00:00:00Z"}}
    records = list(ask(rest.soap, "getLeadChanges", position).root.iter("leadChangeRecord"))
    shown = [(item.findtext("activityType"), item.findtext("mktPersonId")) for item in records]
    assert shown[-1] == ("Delete Lead", "1001")
    assert len(shown) == 4  # what the two that are gone did is forgotten


# ---------------------------------------------------------------------------------------------------------------------
# What is found


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"activityTypeIds": ALL}, [1, 2, 4, 5, 6]),
        ({"activityTypeIds": [1, 12]}, [1, 4]),
        ({"activityTypeIds": "12", "since": "2026-03-14T05:26:53Z"}, [1]),
        ({"activityTypeIds": "12", "since": "2026-03-14T05:26:54Z"}, []),
        ({"activityTypeIds": "12", "since": "2026-03-14T07:26:53+02:00"}, [1]),
        ({"activityTypeIds": "12", "since": "2026-03-14T05:26:53.999Z"}, [1]),  # in whole seconds
        ({"activityTypeIds": ALL, "leadIds": "1002,1003,77"}, [4, 5, 6]),
        ({"activityTypeIds": ALL, "listId": 1001}, [4, 5, 6]),
        ({"activityTypeIds": ALL, "listId": 1001, "leadIds": "1001,1002"}, [4, 5, 6]),
        ({"activityTypeIds": ALL, "listId": 1001, "leadIds": "1001"}, []),
        ({"activityTypeIds": ALL, "assetIds": "71,1001"}, [1, 4, 6]),
        ({"activityTypeIds": ALL, "assetIds": "5"}, []),
    ],
)
def test_which_activities_are_found(rest, parameters, expected):
    answer = find(rest, **parameters)
    assert (ids(answer), answer.json["moreResult"], answer.warnings) == (expected, False, [])


def test_a_type_that_there_is_not_finds_nothing_with_a_warning(rest):
    answer = find(rest, activityTypeIds="12,4711,100002")
    assert ids(answer) == [1]
    assert answer.warnings == [
        "there is no type of activities with the id 4711",
        "there is no type of activities with the id 100002",  # a draft
    ]


def test_pages_are_read_on_by_the_token_that_is_always_there(rest):
    seen, given, more = [], token(rest), True
    while more:
        answer = rest.get(f"{BASE}.json", nextPageToken=given, activityTypeIds=ALL, batchSize=2)
        seen.append(ids(answer))
        given, more = answer.json["nextPageToken"], answer.json["moreResult"]
    assert seen == [[1, 2], [4, 5], [6]]
    rest.soap.sync({"LastName": "Baker"}, Id=1001)
    later = rest.get(f"{BASE}.json", nextPageToken=given, activityTypeIds="13")
    assert [item["leadId"] for item in later.result] == [1001]


def test_a_token_can_be_sent_in_a_form(rest):
    answer = rest.form(f"{BASE}.json", _method="GET", nextPageToken=token(rest), activityTypeIds="1,12")
    assert ids(answer) == [1, 4]


def test_what_soap_did_is_in_the_same_log(rest):
    lead_id = rest.soap.sync({"FirstName": "Cy"}, Email="cy@example.com").lead_id
    (new,) = find(rest, activityTypeIds="12", leadIds=lead_id).result
    assert (new["activityTypeId"], new["primaryAttributeValueId"], new["primaryAttributeValue"]) == (12, lead_id, "Cy")


# ---------------------------------------------------------------------------------------------------------------------
# What is shown


def shown(rest: Rest, number: int) -> dict:
    return next(item for item in find(rest, activityTypeIds=ALL).result if item["id"] == number)


@pytest.mark.parametrize(
    ("number", "campaign", "primary", "attributes"),
    [
        (1, None, (1001, "Ann Archer"), [("Created Date", "2026-03-14"), ("Source Info", "Web service API"),
                                         ("Source Type", "Web service API")]),
        (2, 2001, ("LastName", "Last Name"), [("New Value", "Archer"), ("Old Value", ""), ("Reason", "Web service API"),
                                              ("Source", "Web service API")]),
        (4, None, (71, "/pricing"), [("User Agent", "curl")]),
        (5, None, (None, "Summit"), [("Number of Attendees", 42), ("Paid", True)]),
        (6, 2002, (1001, "Newsletter"), [("Source", "x")]),
    ],
)  # fmt: skip
def test_what_is_shown_of_an_activity(rest, number, campaign, primary, attributes):
    item = shown(rest, number)
    asset, value = primary
    if isinstance(asset, str):
        with rest.soap.database.transaction() as session:
            asset = session.world.fields.find(asset).id
        assert asset is not None
    assert (item.get("campaignId"), item.get("primaryAttributeValueId"), item["primaryAttributeValue"]) == (
        campaign, asset, value
    )  # fmt: skip
    assert [(one["name"], one["value"]) for one in item["attributes"]] == attributes
    assert item["marketoGUID"] == str(number)


def test_a_type_of_its_own_is_described_among_the_others_once_it_is_approved(rest):
    described = {item["id"]: item for item in rest.get(f"{BASE}/types.json").result}
    assert 100002 not in described
    assert described[100001] == {
        "id": 100001,
        "name": "Attend Conference",
        "description": "",
        "primaryAttribute": {"name": "Conference Name", "dataType": "string"},
        "attributes": [
            {"apiName": "attendees", "name": "Number of Attendees", "dataType": "integer"},
            {"apiName": "paid", "name": "Paid", "dataType": "boolean"},
        ],
        "apiName": "attendConference",
    }


# ---------------------------------------------------------------------------------------------------------------------
# Changes of leads


def test_changes_name_their_field_as_rest_does(rest):
    answer = find(rest, "/leadchanges", fields="lastName,firstName")
    assert list(answer.json) == ["requestId", "result", "success", "nextPageToken", "moreResult"]
    new, changed = answer.result
    with rest.soap.database.transaction() as session:
        number = session.world.fields.find("LastName").id
    assert list(changed) == [
        "id", "marketoGUID", "leadId", "activityDate", "activityTypeId", "campaignId", "fields", "attributes"
    ]  # fmt: skip
    assert changed["fields"] == [{"id": number, "name": "lastName", "newValue": "Archer", "oldValue": None}]
    assert changed["attributes"] == [
        {"name": "Reason", "value": "Web service API"},
        {"name": "Source", "value": "Web service API"},
        {"name": "Lead ID", "value": 1001},
    ]
    assert (new["activityTypeId"], new["fields"]) == (12, [])
    assert [one["name"] for one in new["attributes"]] == ["Source Type", "Source Info", "Created Date", "Lead ID"]


@pytest.mark.parametrize(
    ("fields", "expected"), [("lastName", [1, 2]), ("LASTNAME", [1, 2]), ("firstName", [1]), ("mark__c", [1])]
)
def test_only_changes_of_the_fields_that_are_asked_for_are_found(rest, fields, expected):
    assert ids(find(rest, "/leadchanges", fields=fields)) == expected


def test_an_e_mail_that_was_changed_is_found_by_its_field(rest):
    rest.post("/rest/v1/leads.json", {"lookupField": "id", "input": [{"id": 1002, "email": "bob@other.example"}]})
    changed = find(rest, "/leadchanges", fields="email").result[-1]
    (said,) = changed["fields"]
    assert (changed["leadId"], changed["activityTypeId"]) == (1002, 13)
    assert (said["name"], said["oldValue"], said["newValue"]) == ("email", "bob@example.com", "bob@other.example")


# ---------------------------------------------------------------------------------------------------------------------
# What is refused

TOKEN = "WQV2VQVPPCKHC6AQYVK7JDSA3I3LCWXH3Y6IIZ7YSGQLXHCPVE5Q===="


@pytest.mark.parametrize(
    ("path", "parameters", "error"),
    [
        ("/pagingtoken", {}, "1003 sinceDatetime not specified"),
        ("/pagingtoken", {"sinceDatetime": ""}, "1003 sinceDatetime not specified"),
        ("/pagingtoken", {"sinceDatetime": "yesterday"}, "704 Invalid date format"),
        ("/pagingtoken", {"sinceDatetime": "2026-02-30"}, "704 Invalid date format"),
        ("", {"activityTypeIds": "12"}, "1003 nextPageToken not specified"),
        ("", {"activityTypeIds": "12", "nextPageToken": TOKEN}, f"1003 Invalid token value: [{TOKEN}]"),
        ("", {"nextPageToken": ""}, "1003 nextPageToken not specified"),
        ("/deletedleads", {}, "1003 nextPageToken not specified"),
        ("/deletedleads", {"nextPageToken": "x"}, "1003 Invalid token value: [x]"),
        ("/leadchanges", {"fields": "lastName"}, "1003 nextPageToken not specified"),
    ],
)
def test_without_a_token_of_ours_nothing_is_read(rest, path, parameters, error):
    assert rest.get(f"{BASE}{path}.json", **parameters).error == error


@pytest.mark.parametrize(
    ("path", "parameters", "error"),
    [
        ("", {}, "1003 activityTypeIds not specified"),
        ("", {"activityTypeIds": "x"}, "1001 Invalid value 'x'. Required of type 'Integer'"),
        ("", {"activityTypeIds": ",".join(map(str, range(11)))}, "1003 11 activityTypeIds: 10 are the most"),
        ("", {"activityTypeIds": "1", "leadIds": ",".join(map(str, range(31)))}, "1003 31 leadIds: 30 are the most"),
        ("", {"activityTypeIds": "1", "leadIds": "a"}, "1001 Invalid value 'a'. Required of type 'Integer'"),
        ("", {"activityTypeIds": "1", "listId": "a"}, "1001 Invalid value 'a'. Required of type 'Integer'"),
        ("", {"activityTypeIds": "1", "listId": "9"}, "1013 List not found"),
        ("", {"activityTypeIds": "1", "batchSize": "a"}, "1001 Invalid value 'a'. Required of type 'Integer'"),
        ("/leadchanges", {}, "1003 fields not specified"),
        ("/leadchanges", {"fields": "lastName,nope"}, "1006 Field 'nope' not found"),
    ],
)
def test_what_is_refused(rest, path, parameters, error):
    assert find(rest, path, **parameters).error == error


def test_a_plus_that_was_not_encoded_is_told(rest):
    answer = rest.send("GET", f"{BASE}/pagingtoken.json", "sinceDatetime=2026-03-14T09:00:00+01:00")
    assert answer.error == "704 Invalid date format"
    assert answer.warnings == ["a + in an address is a space: write %2B before the offset"]


@pytest.mark.parametrize(("now", "refused"), [("2026-12-29T23:59:59", False), ("2026-12-30T00:00:00", True)])
def test_from_the_end_of_2026_on_a_large_list_is_refused(rest, monkeypatch, now, refused):
    monkeypatch.setattr(operation, "LARGE_LIST", 2)
    rest.soap.set_clock(Clock(frozen_at=dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)))
    rest.forget_token()
    answer = find(rest, activityTypeIds=ALL, listId=1001)
    assert (answer.json["success"], [code for code, _ in answer.errors]) == (not refused, ["1003"] * refused)


# ---------------------------------------------------------------------------------------------------------------------
# Types of its own

TYPE = f"{BASE}/external/type"
NEW = {
    "apiName": "visitBooth",
    "name": "Visit Booth",
    "triggerName": "Visits Booth",
    "filterName": "Visited Booth",
    "primaryAttribute": {"apiName": "booth", "name": "Booth"},
}
DRAFT = {
    **{name: value for name, value in NEW.items() if name != "primaryAttribute"},
    "status": "draft",
    "primaryAttribute": {"apiName": "booth", "name": "Booth", "dataType": "string"},
}


def test_the_life_of_a_type_as_the_vendor_s_samples_tell_it(rest):
    assert rest.post(f"{TYPE}.json", NEW).result == [DRAFT]
    attributes = {"attributes": [{"apiName": "when", "name": "When", "dataType": "datetime"}]}
    (item,) = rest.post(f"{TYPE}/visitBooth/attributes/create.json", attributes).result
    assert item == DRAFT | {"attributes": attributes["attributes"]}
    (item,) = rest.post(f"{TYPE}/visitBooth/approve.json").result
    at = "2026-03-14T09:26:53Z"
    assert list(item) == ["id", "apiName", "name", "triggerName", "filterName", "createdAt", "updatedAt", "status",
                          "primaryAttribute", "attributes"]  # fmt: skip
    assert (item["id"], item["status"], item["createdAt"], item["updatedAt"]) == (100003, "approved", at, at)
    (item,) = rest.post(f"{TYPE}/visitBooth.json", {"description": "Was there"}).result
    assert (item["status"], item["description"]) == ("approved with draft", "Was there")
    describe = f"{TYPE}/visitBooth/describe.json"
    assert ["description" in rest.get(describe, draft=draft).result[0] for draft in ("", "true")] == [False, True]
    rename = {"attributes": [{"apiName": "when", "name": "Then"}]}
    assert rest.post(f"{TYPE}/visitBooth/attributes/update.json", rename).result[0]["attributes"][0]["name"] == "Then"
    gone = {"attributes": [{"apiName": "when"}]}
    assert "attributes" not in rest.post(f"{TYPE}/visitBooth/attributes/delete.json", gone).result[0]
    assert rest.post(f"{TYPE}/visitBooth/discardDraft.json").result[0]["status"] == "approved"
    listed = rest.get(f"{BASE}/external/types.json").result
    assert [(item["apiName"], item["status"]) for item in listed] == [
        ("attendConference", "approved"), ("notYet", "draft"), ("visitBooth", "approved")
    ]  # fmt: skip
    assert "attributes" not in listed[0]
    assert rest.post(f"{TYPE}/visitBooth/delete.json").result[0]["id"] == 100003
    assert rest.get(describe).error == "1013 Activity type not found"


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        (".json", {}, "1002 Missing value for the required parameter 'apiName'"),
        (".json", {"apiName": 5}, "1003 Invalid value for field 'apiName' and value '5'"),
        (".json", NEW | {"primaryAttribute": "x"}, "1001 Invalid value 'x'. Required of type 'Object'"),
        (".json", NEW | {"apiName": "notYet"}, "1017 Object already exists"),
        ("/attendConference/approve.json", None, "709 Activity type 'attendConference' has no draft to approve"),
        ("/attendConference/delete.json", None, "1022 Object in use"),
        ("/attendConference.json", {"name": "Other"}, "1022 Object in use"),
        ("/nope.json", {}, "1013 Activity type not found"),
        ("/notYet/attributes/create.json", {}, "1002 Missing value for the required parameter 'attributes'"),
        ("/notYet/attributes/create.json", {"attributes": ["x"]}, "1001 Invalid value 'attributes'. Required of type"
         " 'List'"),
        ("/notYet/attributes/update.json", {"attributes": [{"name": "x"}]}, "1002 Missing value for the required"
         " parameter 'apiName'"),
        ("/notYet/attributes/update.json", {"attributes": [{"apiName": "what", "isPrimary": "x"}]}, "1001 Invalid value"
         " 'x'. Required of type 'Boolean'"),
    ],
)  # fmt: skip
def test_what_is_refused_of_types(rest, path, body, error):
    assert rest.post(f"{TYPE}{path}", body).error == error


# ---------------------------------------------------------------------------------------------------------------------
# Activities of its own


def test_activities_are_added_each_for_itself(rest):
    good = {
        "leadId": 1002,
        "activityDate": "2026-03-14T09:00:00Z",
        "activityTypeId": 100001,
        "primaryAttributeValue": "Game Giveaway",
        "attributes": [{"apiName": "attendees", "value": 3}, {"name": "Paid", "value": False}],
    }
    answer = rest.post(f"{BASE}/external.json", {"input": [good, good | {"leadId": 77}, good]})
    assert answer.result == [
        {"id": 8, "marketoGUID": "8", "status": "added"},
        {"status": "skipped", "errors": [{"code": "1004", "message": "Lead not found"}]},
        {"id": 9, "marketoGUID": "9", "status": "added"},
    ]
    assert [record.error for record in answer.call.trace.records] == [None, "Lead not found (1004)", None]
    added = shown(rest, 8)
    assert added["activityDate"] == "2026-03-14T09:00:00Z"
    assert [(item["apiName"], item["value"]) for item in added["attributes"]] == [("attendees", 3), ("paid", False)]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "1002 Missing value for the required parameter 'input'"),
        ({"input": [{"attributes": "x"}]}, "1001 Invalid value 'attributes'. Required of type 'List'"),
        ({"input": [{}] * 301}, "1003 301 records in input: 300 are the most"),
    ],
)
def test_a_request_that_adds_nothing(rest, body, error):
    assert rest.post(f"{BASE}/external.json", body).error == error
