"""The activity log by the handle, and assertions about calls on many leads."""

from __future__ import annotations

import datetime as dt
import urllib.request

import pytest
from asking import Typed, xml

import mockmkto
from mockmkto import auth

SYNC = xml(
    {
        "leadRecord": {
            "Id": 1001,
            "leadAttributeList": {"attribute": {"attrName": "FirstName", "attrValue": "Anna"}},
        },
        "returnLead": False,
    }
)
WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}
- {Id: 1002, Email: bob@example.com}
lists: [{name: Newsletter, members: [1001]}]
"""


@pytest.fixture(scope="module")
def server():
    with mockmkto.serve() as sandbox:
        yield sandbox


@pytest.fixture
def marketo(server, tmp_path):
    world = tmp_path / "world.yaml"
    world.write_text(WORLD)
    with server.new_subscription(fixture=world) as subscription:
        yield subscription


def call(marketo, operation, body):
    stamp = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    signature = auth.sign(marketo.user_id, marketo.encryption_key, stamp)
    text = (
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<SOAP-ENV:Header><ns1:AuthenticationHeader><mktowsUserId>{marketo.user_id}</mktowsUserId>"
        f"<requestSignature>{signature}</requestSignature><requestTimestamp>{stamp}</requestTimestamp>"
        f"</ns1:AuthenticationHeader></SOAP-ENV:Header><SOAP-ENV:Body><ns1:{operation}>{body}</ns1:{operation}>"
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    with urllib.request.urlopen(marketo.endpoint, text.encode()) as answer:
        return answer.read()


def test_what_a_call_did_is_in_the_log(marketo):
    call(marketo, "paramsSyncLead", SYNC)
    change = marketo.activities.one("Change Data Value", lead=1001, asset="first name")
    assert (change["New Value"], change["old value"], change.get("Source")) == ("Anna", "Ann", None)
    assert repr(change).startswith("<Change Data Value 1 of lead 1001 'First Name' Attribute Name='First Name'")
    assert len(marketo.activities) == 1
    with pytest.raises(KeyError, match="has no Nope; it has Attribute Name, Old Value"):
        change["Nope"]


def test_what_a_test_has_in_the_log_is_read_by_a_client(marketo):
    ann = marketo.leads.one(Email="ann@example.com")
    visit = marketo.activities.add(ann, "VisitWebpage", {"Client IP Address": "10.0.0.1"}, asset="/pricing")
    marketo.activities.add(1002, "Click Link", at="2014-03-26T10:00:00Z", campaign="Welcome")
    assert [item.type for item in marketo.activities] == ["Click Link", "Visit Webpage"]
    assert marketo.activities.all("Visit Webpage") == [visit]
    assert marketo.activities.all(**{"Client IP Address": "10.0.0.1"}) == [visit]
    key = xml({"leadKey": {"keyType": "IDNUM", "keyValue": "1001"}})
    assert b"<mktgAssetName>/pricing</mktgAssetName>" in call(marketo, "paramsGetLeadActivity", key)
    marketo.activities.delete(visit)
    assert marketo.activities.all(lead=ann) == []


def test_an_activity_that_is_not_there_shows_those_that_are(marketo):
    marketo.activities.add(1002, "Click Link", asset="/a")
    with pytest.raises(AssertionError) as caught:
        marketo.activities.one("Visit Webpage")
    assert "expected one activity with type='Visit Webpage'" in str(caught.value)
    assert "<Click Link 1 of lead 1002 '/a'>" in str(caught.value)


def test_calls_on_many_leads_are_found_by_what_they_said(marketo):
    selector = Typed("StaticListSelector", staticListName="Newsletter")
    call(marketo, "paramsGetMultipleLeads", xml({"leadSelector": selector, "batchSize": 10}))
    call(marketo, "paramsGetLeadActivity", xml({"leadKey": {"keyType": "EMAIL", "keyValue": "ann@example.com"}}))
    records = {"leadRecordList": {"leadRecord": [{"Id": 1001}, {"Email": "new@example.com"}]}}
    call(marketo, "paramsSyncMultipleLeads", xml(records))
    merge = {
        "winningLeadKeyList": {"attribute": {"attrName": "IDNUM", "attrValue": 1001}},
        "losingLeadKeyLists": {"keyList": {"attribute": {"attrName": "IDNUM", "attrValue": 1002}}},
    }
    call(marketo, "paramsMergeLeads", xml(merge))

    read = marketo.calls.assert_one("getMultipleLeads", staticListName="Newsletter", batchSize="10")
    assert (read.trace.page.total, read.trace.lead_ids) == (1, (1001,))
    assert marketo.calls.assert_one("getLeadActivity", Email="ann@example.com").trace.lead_id == 1001
    synced = marketo.calls.assert_one("syncMultipleLeads", records="2")
    assert [(step.status, step.lead_id) for step in synced.trace.records] == [("UPDATED", 1001), ("CREATED", 1003)]
    marketo.calls.assert_one("mergeLeads", status="MERGED", winner="IDNUM 1001", losers="IDNUM 1002")
