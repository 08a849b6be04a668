"""Numbers of requests of any size: they find nothing, and are never an error of the server's own."""

from __future__ import annotations

import base64
import json

import pytest
from asking import Typed, ask
from support import Marketo

WORLD = """
leads: [{Id: 1001, Email: ann@example.com}]
programs: [{id: 1003, name: ER Demo}]
opportunities: [{id: 1, attributes: {Name: Big deal}}]
custom_object_types: [{name: Roadshow, keys: [rid], fields: [{name: rid, type: string}], records: [{rid: r1}]}]
"""
IMPOSSIBLE = ["0", "-12", "2.5", "1e20", "9" * 30, "1e400", "-1e400"]


@pytest.fixture(scope="module")
def marketo() -> Marketo:
    return Marketo(WORLD)


def on_lead(number):
    return {"mObjAssociation": [{"mObjType": "Lead", "id": number}]}


def opportunity(number):
    return {"mObject": [{"type": "Opportunity", "id": number}]}


LEAD = {"leadKey": [{"keyType": "IDNUM", "keyValue": "1001"}]}
NOTHING_FOUND = {
    "campaignId": (
        "requestCampaign",
        lambda n: {"source": "MKTOWS", "campaignId": n, "leadList": LEAD},
        "code",
        "20113",
    ),
    "staticListId": (
        "getMultipleLeads",
        lambda n: {"leadSelector": Typed("StaticListSelector", staticListId=n)},
        "returnCount",
        "0",
    ),
    "id": ("getMObjects", lambda n: {"type": "Opportunity", "id": n}, "returnCount", "0"),
    "id of an association": (
        "getMObjects",
        lambda n: {"type": "Opportunity", "mObjAssociationList": on_lead(n)},
        "returnCount",
        "0",
    ),
    "id to update": (
        "syncMObjects",
        lambda n: {"mObjectList": opportunity(n), "operation": "UPDATE"},
        "status",
        "SKIPPED",
    ),
    "id to delete": ("deleteMObjects", lambda n: {"mObjectList": opportunity(n)}, "status", "UNCHANGED"),
    "Id of a record": (
        "syncMultipleLeads",
        lambda n: {"leadRecordList": {"leadRecord": [{"Id": n}]}},
        "status",
        "FAILED",
    ),
}


@pytest.mark.parametrize("number", IMPOSSIBLE)
@pytest.mark.parametrize("where", NOTHING_FOUND)
def test_a_number_that_can_be_no_id_finds_nothing(marketo, where, number):
    operation, members, element, expected = NOTHING_FOUND[where]
    assert ask(marketo, operation, members(number)).text(element) == expected


@pytest.mark.parametrize("kind", ["Opportunity", "OpportunityPersonRole"])
@pytest.mark.parametrize("number", IMPOSSIBLE)
def test_the_status_of_an_object_that_cannot_be_there_has_the_id_0(marketo, kind, number):
    answer = ask(marketo, "deleteMObjects", {"mObjectList": {"mObject": [{"type": kind, "id": number}]}})
    assert (answer.text("id"), answer.text("status")) == ("0", "UNCHANGED")


READS = {
    "getMultipleLeads": {"leadSelector": Typed("LastUpdateAtSelector", oldestUpdatedAt="2026-03-14T00:00:00Z")},
    "getLeadActivity": {"leadKey": LEAD["leadKey"][0]},
    "getLeadChanges": {"startPosition": {"offset": "1"}},
    "getCustomObjects": {"objTypeName": "Roadshow"},
}


@pytest.mark.parametrize("number", IMPOSSIBLE)
@pytest.mark.parametrize("operation", READS)
def test_a_page_can_be_asked_for_in_any_size(marketo, operation, number):
    assert ask(marketo, operation, {**READS[operation], "batchSize": number}).http_status == 200


def encoded(*said):
    return base64.b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("getMObjects", {"type": "Program", "streamPosition": encoded(1, "Program", 10**30, None, None, [], [])}),
        ("getMObjects", {"type": "Program", "streamPosition": encoded(1, "Program", -(10**30), None, None, [], [])}),
        ("getCustomObjects", {"objTypeName": "Roadshow", "streamPosition": f'{{"ky":["r1"],"os":{10**30}}}'}),
        ("getCustomObjects", {"objTypeName": "Roadshow", "streamPosition": '{"ky":["r1"],"os":-1}'}),
        ("getMultipleLeads", {"streamPosition": f"id:1:to:0:tl:{10**18}:os:1:rc:1"}),
        ("getMultipleLeads", {"streamPosition": f"id:1:to:{10**18}:tl:0:os:1:rc:1"}),
        ("getMultipleLeads", {"streamPosition": f"id:{2**62}:to:0:tl:0:os:1:rc:1"}),
        ("getCustomObjects", {"objTypeName": "Roadshow", "streamPosition": f'{{"ky":[],"os":1,"af":["",{10**30}]}}'}),
    ],
)
def test_a_position_with_a_number_that_it_cannot_have_is_none(marketo, operation, members):
    assert ask(marketo, operation, members).code == "20122"
