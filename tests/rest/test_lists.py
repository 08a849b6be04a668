"""Static lists over REST: which are found, who joins and leaves, and that SOAP sees the same members."""

from __future__ import annotations

import pytest
from asking import activities, ask, lead_keys
from rest_support import Rest

WORLD = """
workspaces: [{name: Default, primary_partition: Default}, {name: Europe, primary_partition: Default}]
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
- {Id: 1003, Email: cy@example.com}
anonymous_leads:
- {Id: 1004, cookies: ["token:a"]}
programs:
- {name: ER Demo, workspace: Europe}
- {name: Second}
lists:
- {name: Newsletter, description: Weekly, members: [1003, 1001, 1004]}
- {name: Both, program: ER Demo}
- {name: Both, program: Second}
- {name: Empty}
"""
LISTS = "/rest/v1/lists.json"
NEWSLETTER = "/rest/v1/lists/1001/leads.json"
NO_LEAD = ("skipped", ("1004", "Lead not found"))
NOT_IN_LIST = ("skipped", ("1015", "Lead not in list"))


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def ids(answer) -> list[int]:
    return [item["id"] for item in answer.result]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [1001, 1002, 1003, 1004]),
        ({"id": "1004,1001"}, [1001, 1004]),
        ({"id": [1004, 1001, 999]}, [1001, 1004]),
        ({"name": "both"}, [1002, 1003]),
        ({"name": "Newsletter,Empty"}, [1001, 1004]),
        ({"programName": "er demo"}, [1002]),
        ({"name": "Both", "programName": "Second"}, [1003]),
        ({"id": 1002, "name": "Newsletter"}, []),
        ({"workspaceName": "Europe"}, [1002]),
        ({"workspaceName": "Default", "batchSize": 2}, [1001, 1003]),
        ({"name": "ER Demo.Both"}, []),
        ({"name": "Nope"}, []),
    ],
)
def test_which_lists_are_found(rest, parameters, expected):
    answer = rest.get(LISTS, **parameters)
    assert ids(answer) == expected
    assert ("nextPageToken" in answer.json) == ("batchSize" in parameters)


def test_a_list_of_a_program_says_so_and_is_in_its_workspace(rest):
    (row,) = rest.get("/rest/v1/lists/1002.json").result
    assert (row["programName"], row["workspaceId"], row["workspaceName"]) == ("ER Demo", 2, "Europe")
    (row,) = rest.get("/rest/v1/lists/1001.json").result
    assert (row["description"], row["workspaceId"], "programName" in row) == ("Weekly", 1, False)


@pytest.mark.parametrize("number", ["999", "x", "0", "99999999999999999999"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/rest/v1/lists/{}.json"),
        ("GET", "/rest/v1/lists/{}/leads.json"),
        ("GET", "/rest/v1/list/{}/leads.json"),
        ("POST", "/rest/v1/lists/{}/leads.json"),
        ("DELETE", "/rest/v1/lists/{}/leads.json"),
        ("GET", "/rest/v1/lists/{}/leads/ismember.json"),
    ],
)
def test_a_list_that_is_not_there(rest, method, path, number):
    assert rest.send(method, path.format(number), "id=1001").error == "1013 Static list not found"


@pytest.mark.parametrize(
    ("method", "lead_ids", "outcomes", "members"),
    [
        ("POST", [1002], [("added",)], [1001, 1002, 1003]),
        ("POST", [1001, 1002], [("added",), ("added",)], [1001, 1002, 1003]),
        ("POST", [999, 1002], [NO_LEAD, ("added",)], [1001, 1002, 1003]),
        ("POST", [1002, 1002], [("added",), ("added",)], [1001, 1002, 1003]),
        ("DELETE", [1003, 1002, 999], [("removed",), NOT_IN_LIST, NO_LEAD], [1001]),
        ("DELETE", [1003, 1003], [("removed",), NOT_IN_LIST], [1001]),
    ],
)
@pytest.mark.parametrize("way", ["repeated", "commas", "body", "_method"])
def test_what_becomes_of_each_lead_and_who_is_on_the_list_then(rest, method, lead_ids, outcomes, members, way):
    body = {"input": [{"id": lead_id} for lead_id in lead_ids]}
    sent = {
        "repeated": lambda: rest.send(method, NEWSLETTER, "&".join(f"id={lead_id}" for lead_id in lead_ids)),
        "commas": lambda: rest.send(method, NEWSLETTER, f"id={','.join(map(str, lead_ids))}"),
        "body": lambda: rest.post(NEWSLETTER, body, method=method),
        "_method": lambda: rest.post(NEWSLETTER, body, _method=method),
    }
    answer = sent[way]()
    assert answer.outcomes == outcomes
    assert ids(answer) == lead_ids  # of a refused one, too
    assert ids(rest.get(NEWSLETTER)) == members


def test_who_is_a_member(rest):
    path = "/rest/v1/lists/1001/leads/ismember.json"
    expected = [("memberof",), ("notmemberof",), NO_LEAD]
    assert rest.get(path, id="1001,1002,999").outcomes == expected
    body = {"input": [{"id": 1001}, {"id": 1002}, {"id": 999}]}
    assert rest.post(path, body, _method="GET").outcomes == expected


@pytest.mark.parametrize(
    ("query", "body", "error"),
    [
        ("", None, "1003 Lead ids not specified"),
        ("", {"input": []}, "1003 Lead ids not specified"),
        ("id=x", None, "1001 Invalid value 'x'. Required of type 'Integer'"),
        (f"id={','.join(map(str, range(1, 302)))}", None, "1003 301 ids: 300 are the most"),
    ],
)
def test_leads_that_are_not_named(rest, query, body, error):
    raw = b"" if body is None else b'{"input": []}'
    before = rest.stored()
    assert rest.send("POST", NEWSLETTER, query, raw, "application/json").error == error
    assert rest.stored() == before


def test_members_in_pages_by_rising_id_and_without_anonymous_ones(rest):
    rest.post(NEWSLETTER, id=1002)
    first = rest.get(NEWSLETTER, batchSize=2, fields="email")
    assert first.result == [{"id": 1001, "email": "ann@example.com"}, {"id": 1002, "email": "bob@example.com"}]
    token = first.json["nextPageToken"]
    rest.delete(NEWSLETTER, id=1002)  # who goes meanwhile disturbs nothing
    last = rest.get(NEWSLETTER, batchSize=2, fields="email", nextPageToken=token)
    assert ids(last) == [1003]
    assert "nextPageToken" not in last.json
    assert (
        rest.get("/rest/v1/lists/1004/leads.json", nextPageToken=token).error == f"1003 Invalid token value: [{token}]"
    )
    assert rest.get(NEWSLETTER, fields="nope").error == "1006 Field 'nope' not found"


def test_what_joins_and_leaves_is_in_the_log_and_in_the_record_of_the_call(rest):
    call = rest.post(NEWSLETTER, id="1001,1002,999").call
    assert (call.operation, call.trace.counts) == ("lists.add", {"added": 2, "skipped": 1})
    assert [(step.lead_id, step.activities) for step in call.trace.records] == [(1001, 0), (1002, 1), (None, 0)]
    assert call.trace.subjects[0].name == "Newsletter"
    rest.delete(NEWSLETTER, id="1002,1003,1002")
    said = {"List ID": "1001", "Source": "Web service API"}
    assert [(lead_id, kind, asset) for lead_id, kind, asset, _ in activities(rest.soap)] == [
        (1002, "Add to List", "Newsletter"),
        (1002, "Remove from List", "Newsletter"),
        (1003, "Remove from List", "Newsletter"),
    ]
    for lead_id, _, _, attributes in activities(rest.soap):
        assert attributes == said | {"Lead ID": str(lead_id)}


def test_soap_and_rest_see_the_same_members(rest):
    def operate(operation, *keys):
        key = {"keyType": "MKTOLISTNAME", "keyValue": "Newsletter"}
        return ask(
            rest.soap, "listOperation", {"listOperation": operation, "listKey": key, "listMemberList": lead_keys(*keys)}
        )

    rest.post(NEWSLETTER, id=1002)
    assert operate("ISMEMBEROFLIST", 1002).text("success") == "true"
    operate("REMOVEFROMLIST", 1001)
    operate("ADDTOLIST", 1002)
    assert ids(rest.get(NEWSLETTER)) == [1002, 1003]
    rest.delete(NEWSLETTER, id=1003)
    assert operate("ISMEMBEROFLIST", 1003).text("success") == "false"
