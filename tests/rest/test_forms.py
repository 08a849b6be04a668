"""The twins of SOAP's operations: which requests do the same over REST, and that they do."""

from __future__ import annotations

import pytest
from console_support import ask
from rest_support import Rest
from support import Marketo

from mockmkto.rest.forms import TWINS, twin_of
from mockmkto.store import campaigns, leads, lists
from mockmkto.web.console.asking import OPERATIONS, SYNC_LEAD

WORLD = """
workspaces: [{name: Default, primary_partition: Default}, {name: Europe, primary_partition: EU}]
partitions: [EU]
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
programs: [{name: ER Demo}]
lists: [{name: Newsletter, members: [1002]}, {name: Attendees, program: ER Demo}]
campaigns:
- {id: 2001, name: Send Welcome, program: ER Demo, sources: [MKTOWS], effects: [{set: {LeadStatus: "{{my.x}}"}}]}
- {id: 2002, name: Monthly, program: ER Demo, type: batch, audience: Newsletter, effects: [{set: {City: Rome}}]}
"""


def twin(rest, operation, **given):
    with rest.soap.database.transaction() as session:
        return twin_of(session, operation, given)


def test_every_operation_has_one():
    assert set(TWINS) == {SYNC_LEAD, *OPERATIONS}


@pytest.mark.parametrize(
    ("operation", "given", "lines", "body"),
    [
        (
            "syncLead",
            {"email": "ann@example.com", "attributes": {"FirstName": "Ann", "SICCode": "7", "Own": "x"}},
            ["POST /rest/v1/leads.json"],
            {
                "action": "createOrUpdate",
                "lookupField": "email",
                "input": [{"email": "ann@example.com", "firstName": "Ann", "sicCode": "7", "Own": "x"}],
            },
        ),
        (
            "syncLead",
            {"id": "1001", "email": "new@example.com", "cookie": "token:a", "workspace": "Europe"},
            ["POST /rest/v1/leads.json", "POST /rest/v1/leads/1001/associate.json?cookie=token:a"],
            {"action": "updateOnly", "lookupField": "id", "input": [{"id": 1001, "email": "new@example.com"}]},
        ),
        (
            "syncLead",
            {"email": "x@example.com", "workspace": "Europe"},
            ["POST /rest/v1/leads.json"],
            {
                "action": "createOrUpdate",
                "lookupField": "email",
                "partitionName": "EU",
                "input": [{"email": "x@example.com"}],
            },
        ),
        ("getLead", {"id": ["1001"]}, ["GET /rest/v1/lead/1001.json"], None),
        (
            "getLead",
            {"key": [("SFDCLEADID", "4")]},
            ["GET /rest/v1/leads.json?filterType=sfdcLeadId&filterValues=4"],
            None,
        ),
        (
            "getMultipleLeads",
            {"list": "er demo.attendees", "field": ["FirstName"]},
            ["GET /rest/v1/lists/1002/leads.json?fields=firstName"],
            None,
        ),
        ("getMultipleLeads", {"updated_since": "2014-01-01"}, [], None),
        (
            "mergeLeads",
            {"winner": "ann@example.com", "loser": ["1002"]},
            ["POST /rest/v1/leads/1001/merge.json?leadIds=1002"],
            None,
        ),
        (
            "listOperation",
            {"list": "Nope", "ask": True, "id": ["1"]},
            ["GET /rest/v1/lists/{listId}/leads/ismember.json?id=1"],
            None,
        ),
        ("listOperation", {"list": "Newsletter", "clear": True}, [], None),
        ("getCampaignsForSource", {"name": "Send"}, ["GET /rest/v1/campaigns.json?isTriggerable=true&name=Send"], None),
        ("getTags", {"tag": ["Region"]}, ["GET /rest/asset/v1/tagType/byName.json?name=Region"], None),
        ("getImportToListStatus", {}, [], None),
        ("describeMObject", {"object": "LeadRecord"}, ["GET /rest/v1/leads/describe.json"], None),
    ],
)
def test_which_requests_do_the_same(operation, given, lines, body):
    found = twin(Rest(WORLD), operation, **given)
    assert [item.line for item in found.requests] == lines
    if body is not None:
        assert found.requests[0].body == body
    assert found.requests or found.notes


def left_behind(marketo):
    """Who is on which list, what the leads hold, what campaigns were asked for."""
    with marketo.database.transaction() as session:
        found = [leads.by_id(session, number) for number in (1001, 1002)]
        return (
            [(item.id, item.email, item.attributes) for item in found if item is not None],
            {item.name: sorted(lists.members(session, item.id)) for item in lists.all_lists(session)},
            [(call.kind, call.leads, call.tokens) for call in campaigns.all_calls(session)],
        )


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("syncMultipleLeads", {"lead": ["Email=ann@example.com,FirstName=Ann", "Email=bob@example.com,City=Oslo"]}),
        ("listOperation", {"list": "Newsletter", "add": True, "id": ["1001"], "email": ["bob@example.com"]}),
        ("listOperation", {"list": "Newsletter", "remove": True, "id": ["1002", "1001"]}),
        ("listOperation", {"list": "ER Demo.Attendees", "add": True, "id": ["1001", "999"]}),
        (
            "requestCampaign",
            {"program": "ER Demo", "campaign": "Send Welcome", "email": ["ann@example.com"], "token": [("my.x", "Hi")]},
        ),
        (
            "scheduleCampaign",
            {"program": "ER Demo", "campaign": "Monthly", "run_at": "2026-03-20T00:00:00Z", "token": [("x", "1")]},
        ),
        ("mergeLeads", {"winner": "ann@example.com", "loser": ["bob@example.com"]}),
    ],
)
def test_they_leave_the_same_behind(operation, given):
    old, new = Marketo(WORLD), Rest(WORLD)
    assert ask(old, operation, **given).code is None
    for request in twin(new, operation, **given).requests:
        incoming = request.incoming()
        answer = new.send(incoming.method, incoming.path, incoming.query, incoming.body, incoming.content_type)
        assert answer.json["success"], answer.json
    assert left_behind(new.soap) == left_behind(old)


def test_rows_of_an_import_are_a_file_of_leads():
    rest = Rest(WORLD)
    given = {
        "program": "ER Demo",
        "list": "Attendees",
        "header": "Email,First Name",
        "row": ["cy@example.com,Cy"],
    }
    (request,) = twin(rest, "importToList", **given).requests
    incoming = request.incoming()
    answer = rest.send(incoming.method, incoming.path, incoming.query, incoming.body, incoming.content_type)
    batch = answer.result[0]["batchId"]
    (status,) = rest.get(f"/bulk/v1/leads/batch/{batch}.json").result
    assert (status["status"], status["numOfLeadsProcessed"]) == ("Complete", 1)
    assert rest.get("/rest/v1/lists/1002/leads.json", fields="email,firstName").result == [
        {"id": 1003, "email": "cy@example.com", "firstName": "Cy"}
    ]


def test_the_answer_of_one_request_goes_into_the_next():
    rest = Rest(WORLD)
    token, activities = twin(rest, "getLeadActivity", email=["ann@example.com"], include=["NewLead"]).requests
    given = rest.send(token.method, token.path, token.incoming().query).json["nextPageToken"]
    assert activities.line.endswith("nextPageToken={nextPageToken}&activityTypeIds=12&leadIds=1001")
    assert rest.send("GET", activities.path, activities.incoming(given).query).json["success"]
