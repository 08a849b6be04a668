"""Leads over REST: searched, read, deleted, associated, merged, moved; one store with SOAP."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from rest_support import JSON, Rest
from sqlalchemy import select

from mockmkto.model import ForeignId, ForeignSysType, NewActivity
from mockmkto.rest.incoming import Incoming
from mockmkto.store import activities, leads, lists
from mockmkto.store.tables import rest_day_count

LEADS = "/rest/v1/leads.json"
WORLD = """
fields:
- {name: Ext__c, type: string}
- {name: Number__c, type: integer}
- {name: Mail__c, type: email}
- {name: Flag__c, type: boolean}
partitions: [Europe, Asia]
lead_keys: {SFDCLEADID: Ext__c}
lists: [{name: News, members: [1002]}]
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, LastName: Lee, Ext__c: E-1, Number__c: "7"},
   cookies: ["id:1-2&token:_mch-a-1", "id:1-2&token:_mch-a-2"]}
- {Id: 1002, Email: two@example.com, attributes: {Ext__c: E-2, Flag__c: "1"}, foreign_ids: [{type: CUSTOM, id: X}]}
- {Id: 1003, Email: TWO@example.com, attributes: {Ext__c: e-2, Mail__c: m@example.com}}
- {Id: 1004, Email: eu@example.com, partition: Europe}
anonymous_leads:
- {Id: 1005, cookies: ["id:1-2&token:_mch-anon"]}
"""


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def ids(answer) -> list[int]:
    return [item["id"] for item in answer.result]


def lead(rest, lead_id):
    with rest.soap.database.transaction() as session:
        return leads.by_id(session, lead_id)


# ---------------------------------------------------------------------------------------------------------------------
# Searching

INTEGER, ACTION = (
    f"1001 Invalid value '{value}'. Required of type '{wanted}'"
    for value, wanted in (("x", "Integer"), ("upsert", "SyncAction"))
)


@pytest.mark.parametrize(
    ("filter_type", "values", "expected"),
    [
        ("email", "two@example.com", [1002, 1003]),
        ("Email", "Two@EXAMPLE.com,ann@example.com,two@example.com,no@example.com", [1001, 1002, 1003]),
        ("id", "1004,1001,999,x,10000000000000000000000", [1001, 1004]),
        ("Ext__c", "e-2", [1002, 1003]),
        ("ext__C", "E-1,E-2", [1001, 1002, 1003]),
        ("sfdcLeadId", "E-1", [1001]),
        ("sfdcAccountId", "E-1", []),
        ("Number__c", "7,007,x", [1001]),
        ("Mail__c", "M@example.com", [1003]),
        ("cookies", "id:1-2&token:_mch-a-1", [1001]),
        ("cookie", "_mch-a-2,token:_mch-anon", [1001, 1005]),
        ("leadPartitionId", "2", [1004]),
        ("leadPartitionId", "1,3,77", [1001, 1002, 1003, 1005]),
        ("facebookId", "1", []),
    ],
)
def test_what_a_filter_finds_by_rising_id(rest, filter_type, values, expected):
    assert ids(rest.get(LEADS, filterType=filter_type, filterValues=values, fields="id")) == expected
    form = rest.form(LEADS, _method="GET", filterType=filter_type, filterValues=values)
    assert ids(form) == expected
    assert ids(rest.get(LEADS, filterType=filter_type, filterValues=values.split(","))) == expected


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({}, "1003 filterType not specified"),
        ({"filterType": "email"}, "1003 filterValues not specified"),
        ({"filterType": "email", "filterValues": ""}, "1003 filterValues not specified"),
        ({"filterType": "email", "filterValues": " , "}, "1003 filterValues not specified"),
        ({"filterType": "nope", "filterValues": "1"}, "1006 Field 'nope' not found"),
        ({"filterType": "firstName", "filterValues": "1"}, "1011 Field 'firstName' not supported"),
        ({"filterType": "Flag__c", "filterValues": "1"}, "1011 Field 'Flag__c' not supported"),
        ({"filterType": "id", "filterValues": "1", "fields": "email,nope"}, "1006 Field 'nope' not found"),
        ({"filterType": "cookies", "filterValues": "id:1-2"}, "1012 Invalid cookie value 'id:1-2'"),
        ({"filterType": "id", "filterValues": "1", "nextPageToken": "AAAA"}, "1003 Invalid token value: [AAAA]"),
        ({"filterType": "id", "filterValues": "1", "batchSize": "x"}, INTEGER),
    ],
)  # fmt: skip
def test_a_search_that_cannot_be_made(rest, parameters, error):
    assert rest.get(LEADS, **parameters).error == error


def test_more_values_than_a_search_takes(rest):
    values = ",".join(map(str, range(301)))
    assert rest.form(LEADS, _method="GET", filterType="id", filterValues=values).error.startswith("1003 ")
    assert rest.form(LEADS, _method="GET", filterType="id", filterValues=values[:-4]).result == []


def many(count: int, more: str = "") -> Rest:
    rows = "\n".join(
        f"- {{Email: same@example.com, attributes: {{Ext__c: same, Number__c: '{n}'}}}}" for n in range(count)
    )
    return Rest(f"fields: [{{name: Ext__c, type: string}}, {{name: Number__c, type: integer}}]\n{more}\nleads:\n{rows}")


@pytest.mark.parametrize("filter_type", ["email", "Ext__c"])
def test_pages_of_a_search_end_without_a_token_and_survive_what_happens_between_them(filter_type):
    rest = many(1000)
    asked = {"filterType": filter_type, "filterValues": "same@example.com" if filter_type == "email" else "same"}
    page = rest.get(LEADS, **asked, fields="id")
    assert list(page.json) == ["requestId", "result", "success", "nextPageToken"]
    pages, shown = [len(page.result)], ids(page)
    while "nextPageToken" in page.json:
        rest.post("/rest/v1/leads/delete.json", {"input": [{"id": shown[-1]}]})
        page = rest.get(LEADS, **asked, fields="id", nextPageToken=page.json["nextPageToken"])
        pages.append(len(page.result))
        shown += ids(page)
    assert pages == [300, 300, 300, 100]
    assert shown == list(range(1001, 2001))


def test_a_page_of_another_size_and_the_token_of_another_search():
    rest = many(5)
    page = rest.get(LEADS, filterType="Ext__c", filterValues="same", batchSize=2)
    assert ids(page) == [1001, 1002]
    token = page.json["nextPageToken"]
    said = f"1003 Invalid token value: [{token}]"
    assert rest.get(LEADS, filterType="Ext__c", filterValues="other", nextPageToken=token).error == said
    assert rest.get(LEADS, filterType="email", filterValues="same", nextPageToken=token).error == said
    assert ids(rest.get(LEADS, filterType="Ext__c", filterValues="same", nextPageToken=token)) == [1003, 1004, 1005]
    for size in (5, 1000):
        whole = rest.get(LEADS, filterType="Ext__c", filterValues="same", batchSize=size)
        assert ids(whole) == list(range(1001, 1006))
        assert "nextPageToken" not in whole.json


@pytest.mark.parametrize("filter_type", ["email", "Ext__c", "leadPartitionId"])
def test_more_than_a_thousand_are_too_many(filter_type):
    rest = many(1001)
    values = {"email": "same@example.com", "Ext__c": "same", "leadPartitionId": "1"}
    said = "1003 Too many results match the filter"
    assert rest.get(LEADS, filterType=filter_type, filterValues=values[filter_type]).error == said


def test_values_that_are_not_stored_as_they_are_shown(rest):
    asked = "CREATEDAT,cookies,leadPartitionId,leadPerson,mktoName,isAnonymous,personType,originalSourceType,Flag__c"
    shown = rest.get(LEADS, filterType="id", filterValues="1001,1004,1005", fields=asked).result
    api = "Web service API"
    assert shown[0] == {
        "id": 1001,
        "createdAt": shown[0]["createdAt"],
        "cookies": "_mch-a-2,_mch-a-1",
        "leadPartitionId": 1,
        "leadPerson": 1001,
        "mktoName": "Ann Lee",
        "isAnonymous": False,
        "personType": "contact",
        "originalSourceType": api,
        "Flag__c": False,
    }
    assert (shown[1]["leadPartitionId"], shown[1]["cookies"], shown[1]["mktoName"]) == (2, None, None)
    assert (shown[2]["isAnonymous"], shown[2]["personType"], shown[2]["originalSourceType"]) == (True, None, None)


def test_the_fields_that_are_asked_for_come_once_and_behind_the_id(rest):
    shown = rest.get("/rest/v1/lead/1001.json", fields=["lastName,ID", "email,lastName"]).result[0]
    assert list(shown.items()) == [("id", 1001), ("lastName", "Lee"), ("email", "ann@example.com")]
    assert rest.get("/rest/v1/lead/1001.json", fields="nope").error == "1006 Field 'nope' not found"
    assert rest.get("/rest/v1/lead/none.json").error == "610 Requested resource not found"


def test_what_a_search_found_is_in_its_trace(rest):
    call = rest.get(LEADS, filterType="Ext__c", filterValues="e-2,no-1", batchSize=1).call
    assert call.operation == "leads.find"
    assert call.trace.lead_ids == (1002,)
    assert (call.trace.page.selector, call.trace.page.total, call.trace.page.last) == ("2 values of Ext__c", 2, 1)
    assert [(item.asked, item.reason) for item in call.trace.subjects] == [("Ext__c = no-1", "no lead has it")]


@pytest.mark.parametrize("limits", ["off", "10000/100/10"])
def test_an_index_stays_whatever_becomes_of_the_call_that_needed_it_and_the_call_is_told_of_once(limits):
    rest = many(1001, f"behaviour: {{rest_limits: {limits}}}")
    for expected in ({"Ext__c": True}, {"Ext__c": True}):
        answer = rest.get("/rest//v1/leads.json", filterType="ext__c", filterValues="same", colour="red")
        assert answer.error == "1003 Too many results match the filter"
        assert len(answer.warnings) == 1
        with rest.soap.database.transaction() as session:
            assert session.world.indexed == expected
    answer = rest.post(LEADS, {"lookupField": "Number__c", "input": [{"NUMBER__C": None}, {"Number__c": 7}]})
    assert answer.call.trace.counts == {"skipped": 1, "updated": 1}
    assert len(answer.warnings) == 1
    with rest.soap.database.transaction() as session:
        assert limits == "off" or session.rows(select(rest_day_count.c.calls))[0].calls == 3


# ---------------------------------------------------------------------------------------------------------------------
# Syncing


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"input": []}, "1002 Missing value for the required parameter 'input'"),
        ({"action": "upsert", "input": [{"email": "x@y.example"}]}, ACTION),
        ({"lookupField": 5, "input": [{"email": "x@y.example"}]}, "1001 Invalid value '5'. Required of type 'String'"),
        ({"lookupField": "userId", "input": [{"userId": 1}]}, "1006 Lookup field 'userId' not found"),
        ({"lookupField": "title", "input": [{"title": 1}]}, "1011 Field 'title' not supported"),
    ],
)  # fmt: skip
def test_a_sync_that_is_refused_whole(rest, body, error):
    assert rest.post(LEADS, body).error == error
    assert lead(rest, 1006) is None


def test_a_sync_of_records_of_which_some_are_refused(rest):
    answer = rest.post(
        LEADS,
        {
            "lookupField": "Ext__c",
            "partitionName": "Europe",
            "asyncProcessing": False,
            "input": [{"Ext__c": "N"}, {"Ext__c": "E-2"}, {"Ext__c": "E-1"}, {"Ext__c": "M", "no": 1}, {"Ext__c": "n"}],
        },
    )
    assert answer.outcomes == [
        ("created",),
        ("skipped", ("1007", "Multiple lead match lookup criteria")),
        ("skipped", ("1010", "Partition update not allowed")),
        ("skipped", ("1006", "Field 'no' not found")),
        ("updated",),
    ]
    assert [item.get("id") for item in answer.result] == [1006, None, None, None, 1006]
    assert all("id" not in item for item in answer.result if item["status"] == "skipped")
    assert answer.call.trace.counts == {"created": 1, "skipped": 3, "updated": 1}
    assert answer.call.operation == "leads.sync"


# ---------------------------------------------------------------------------------------------------------------------
# Deleting, associating, merging, moving


@pytest.mark.parametrize("way", ["delete", "_method", "delete.json", "query"])
def test_every_way_to_delete(rest, way):
    body = {"input": [{"id": 1002}, {"id": 999}, {"id": 1002}]}
    answer = {
        "delete": lambda: rest.delete(LEADS, body),
        "_method": lambda: rest.post(LEADS, body, _method="DELETE"),
        "delete.json": lambda: rest.post("/rest/v1/leads/delete.json", body),
        "query": lambda: rest.post("/rest/v1/leads/delete.json", id="1002,999,1002"),
    }[way]()
    gone = ("skipped", ("1004", "Lead not found"))
    assert answer.outcomes == [("deleted",), gone, gone]
    assert answer.result[0] == {"id": 1002, "status": "deleted"}
    assert "id" not in answer.result[1]
    assert lead(rest, 1002) is None
    with rest.soap.database.transaction() as session:
        assert leads.id_by_foreign_id(session, ForeignId(ForeignSysType.CUSTOM, "X")) is None
        assert lists.member_count(session, 1001) == 0
        logged = [(item.type, item.lead_id) for item in activities.all_activities(session)]
    assert logged[-1] == ("Delete Lead", 1002)
    assert rest.soap.get("EMAIL", "two@example.com").records[0].id == 1003


def associate(rest, lead_id, cookie):
    return rest.post(f"/rest/v1/leads/{lead_id}/associate.json", cookie=cookie, id=lead_id)


@pytest.mark.parametrize(
    ("cookie", "owner_before"),
    [("id:1-2&token:_mch-new", None), ("_mch-new", None), ("id:9-9&token:_mch-a-1", 1001), ("_mch-anon", 1005)],
)
def test_a_cookie_is_associated_with_a_lead(rest, cookie, owner_before):
    updated_at = lead(rest, 1002).updated_at
    answer = associate(rest, 1002, cookie)
    assert list(answer.json) == ["requestId", "success"]
    assert answer.json["success"]
    with rest.soap.database.transaction() as session:
        assert (
            leads.id_by_cookie(session, "token:" + cookie.rpartition("_mch")[1] + cookie.rpartition("_mch")[2]) == 1002
        )
    assert (lead(rest, 1005) is None) == (owner_before == 1005)
    assert lead(rest, 1001) is not None
    assert lead(rest, 1002).updated_at == updated_at
    change = answer.call.trace.changes[0]
    assert (str(owner_before) in change.reason) == (owner_before is not None)


def test_what_an_anonymous_lead_did_is_the_leads_that_its_cookie_is_associated_with(rest):
    with rest.soap.database.transaction() as session:
        activities.add(session, [NewActivity(1005, "Visit Webpage", "/a"), NewActivity(1001, "Visit Webpage", "/b")])
    associate(rest, 1002, "_mch-anon")
    associate(rest, 1002, "_mch-a-1")
    with rest.soap.database.transaction() as session:
        found = {item.asset: item.lead_id for item in activities.all_activities(session)}
    assert found == {"/a": 1002, "/b": 1001}


@pytest.mark.parametrize(
    ("lead_id", "cookie", "error"),
    [
        (999, "_mch-new", "1004 Lead '999' not found"),
        ("x", "_mch-new", "1004 Lead 'x' not found"),
        (1002, "", "1003 cookie not specified"),
        (1002, "id:287-GTJ-838", "1012 Invalid cookie value 'id:287-GTJ-838'"),
        (1002, "id:287-GTJ-838&token:", "1012 Invalid cookie value 'id:287-GTJ-838&token:'"),
    ],
)
def test_a_cookie_that_cannot_be_associated(rest, lead_id, cookie, error):
    assert associate(rest, lead_id, cookie).error == error


def test_a_raw_ampersand_in_a_cookie_is_explained(rest):
    answer = rest.send("POST", "/rest/v1/leads/1002/associate.json", "cookie=id:1-2&token:_mch-new", b"", None)
    assert answer.error == "1012 Invalid cookie value 'id:1-2'"
    assert any("%26" in warning for warning in answer.warnings)


def test_a_cookie_of_soap_is_that_of_rest(rest):
    rest.soap.sync(Email="eu@example.com", cookie="id:1-2&token:_mch-soap")
    assert ids(rest.get(LEADS, filterType="cookies", filterValues="_mch-soap")) == [1004]
    associate(rest, 1002, "_mch-soap")
    assert rest.soap.get("COOKIE", "id:1-2&token:_mch-soap").record.id == 1002


def test_losers_are_merged_into_a_winner(rest):
    answer = rest.post("/rest/v1/leads/1001/merge.json", leadIds="1002,1003", mergeInCRM="False")
    assert list(answer.json) == ["requestId", "success"]
    assert (lead(rest, 1002), lead(rest, 1003)) == (None, None)
    merged = lead(rest, 1001)
    assert (merged.email, merged.attributes["Ext__c"], merged.attributes["Mail__c"]) == (
        "ann@example.com",
        "E-1",
        "m@example.com",
    )
    with rest.soap.database.transaction() as session:
        assert lists.is_member(session, 1001, 1001)
    assert [record.status for record in answer.call.trace.records] == ["winner", "merged", "merged"]


@pytest.mark.parametrize(
    ("winner", "parameters", "error"),
    [
        (1001, {}, "1003 Lead ids not specified"),
        (999, {"leadId": 1002}, "1004 Lead '999' not found"),
        (1001, {"leadId": [1002, 998]}, "1004 Lead '998' not found"),
        (1001, {"leadId": 1001}, "1003 Lead 1001 cannot be merged into itself"),
        (1001, {"leadId": list(range(26))}, "1080 26 leads to merge: 25 are the most"),
        (1001, {"leadId": "x"}, INTEGER),
    ],
)
def test_a_merge_that_is_refused_changes_nothing(rest, winner, parameters, error):
    assert rest.post(f"/rest/v1/leads/{winner}/merge.json", **parameters).error == error
    assert lead(rest, 1001) is not None
    assert lead(rest, 1002) is not None


def test_a_merge_in_a_form_is_refused(rest):
    assert rest.form("/rest/v1/leads/1001/merge.json", leadId=1002).error.startswith("1003 ")
    assert lead(rest, 1002) is not None


def test_partitions_have_numbers_and_default_is_the_first(rest):
    assert rest.get("/rest/v1/leads/partitions.json").result == [
        {"id": 1, "name": "Default", "description": ""},
        {"id": 2, "name": "Europe", "description": ""},
        {"id": 3, "name": "Asia", "description": ""},
    ]


def test_leads_are_moved_to_another_partition(rest):
    moves = [(1001, "asia"), (1004, "Europe"), (999, "Asia"), (1002, "Nowhere"), (1003, "")]
    answer = rest.post(
        "/rest/v1/leads/partitions.json", {"input": [{"id": item, "partitionName": name} for item, name in moves]}
    )
    assert answer.outcomes == [
        ("updated",),
        ("updated",),
        ("skipped", ("1004", "Lead not found")),
        ("skipped", ("1008", "Access denied to partition 'Nowhere'")),
        ("skipped", ("1009", "Partition name must be specified")),
    ]
    assert [lead(rest, number).partition for number in (1001, 1002, 1003, 1004)] == [
        "Asia",
        "Default",
        "Default",
        "Europe",
    ]
    with rest.soap.database.transaction() as session:
        (logged,) = (item for item in activities.all_activities(session) if item.lead_id in (1001, 1004))
    assert (logged.type, logged.asset, logged.lead_id) == ("Change Lead Partition", "Asia", 1001)


# ---------------------------------------------------------------------------------------------------------------------
# One store


def test_what_one_api_writes_the_other_reads(rest):
    rest.post(
        LEADS, {"input": [{"email": "n@example.com", "firstName": "Nia", "Flag__c": True, "marketingSuspended": True}]}
    )
    record = rest.soap.get("EMAIL", "n@example.com").record
    assert (record.id, record.attributes) == (1006, {"FirstName": "Nia", "Flag__c": "1", "Website": "example.com"})
    rest.soap.sync({"FirstName": "Mia", "Flag__c": "0"}, Email="N@example.com")
    shown = rest.get("/rest/v1/lead/1006.json", fields="firstName,Flag__c,marketingSuspended").result
    assert shown == [{"id": 1006, "firstName": "Mia", "Flag__c": False, "marketingSuspended": True}]


def test_the_same_new_email_by_both_apis_at_once_makes_one_lead(rest):
    """Two hundred calls, half of them over SOAP, of eight threads from the same moment on."""
    threads, each = 8, 25
    together = Barrier(threads)
    asked = Incoming(
        "POST",
        LEADS,
        "",
        b'{"input": [{"email": "new@example.com"}]}',
        JSON,
        f"Bearer {rest.token}",
        remote="127.0.0.1",
    )
    body = rest.soap.envelope(
        "<ns1:paramsSyncLead><leadRecord><Email>New@example.com</Email></leadRecord><returnLead>false</returnLead>"
        "</ns1:paramsSyncLead>"
    ).encode()

    def run(number: int) -> list[tuple[str, int]]:
        together.wait(30)
        found = []
        for _ in range(each):
            if number % 2:
                (item,) = json.loads(rest.server.answer(asked).body)["result"]
                found.append((item["status"].upper(), item["id"]))
            else:
                said = rest.soap.server.answer("2_9", body, "text/xml", "127.0.0.1").body.decode()
                found.append((said.split("<status>")[1].split("<")[0], int(said.split("<leadId>")[1].split("<")[0])))
        return found

    with ThreadPoolExecutor(threads) as pool:
        answers = [item for found in pool.map(run, range(threads), timeout=60) for item in found]
    assert Counter(status for status, _ in answers) == {"CREATED": 1, "UPDATED": threads * each - 1}
    assert {lead_id for _, lead_id in answers} == {1006}
    with rest.soap.database.transaction() as session:
        assert leads.ids_by_email(session, "new@example.com") == (1006,)
        assert session.next_lead_id == 1007
