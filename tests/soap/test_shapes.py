"""The bytes of answers about many leads and about the log: the captured shapes, over a world of our own values."""

from __future__ import annotations

import pytest
from asking import Typed, ask
from support import Marketo

from mockmkto.store import activities

NIL = 'xsi:nil="true"/>'
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Body>'
)
FOOT = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"

WORLD = """
time_zone: America/Chicago
leads:
- {Id: 501, Email: ann@example.com, attributes: {FirstName: Ann}}
- {Id: 502, Email: bob@example.com}
lists: [{name: Newsletter, members: [501, 502]}]
activities:
- id: 8
  lead: 501
  type: Visit Webpage
  asset: Pricing
  at: "2013-07-09T16:44:28"
  attributes: {Webpage ID: 7, Lead ID: 501}
- {id: 9, lead: 501, type: Change Data Value, asset: Lead Score, campaign: Scoring, at: "2013-07-09T16:44:29"}
"""


def whole(operation: str, inside: str) -> bytes:
    return f"{HEAD}<ns1:success{operation}>{inside}</ns1:success{operation}>{FOOT}".encode()


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


@pytest.mark.parametrize("ids", [(502,), (502, 501)], ids=["one record", "several records"])
def test_sync_multiple_leads(marketo, ids):
    answer = ask(marketo, "syncMultipleLeads", {"leadRecordList": {"leadRecord": [{"Id": number} for number in ids]}})
    statuses = "".join(
        f"<syncStatus><leadId>{number}</leadId><status>UPDATED</status><error {NIL}</syncStatus>" for number in ids
    )
    assert answer.body == whole("SyncMultipleLeads", f"<result><syncStatusList>{statuses}</syncStatusList></result>")


def test_get_multiple_leads(marketo):
    selector = Typed("LeadKeySelector", keyType="EMAIL", keyValues={"stringItem": ["ann@example.com", "x@example.com"]})
    answer = ask(marketo, "getMultipleLeads", {"leadSelector": selector})
    record = (
        f"<leadRecord><Id>501</Id><Email>ann@example.com</Email><ForeignSysPersonId {NIL}<ForeignSysType {NIL}"
        "<leadAttributeList><attribute><attrName>FirstName</attrName><attrType>string</attrType>"
        "<attrValue>Ann</attrValue></attribute></leadAttributeList></leadRecord>"
    )
    assert answer.body == whole(
        "GetMultipleLeads",
        "<result><returnCount>1</returnCount><remainingCount>0</remainingCount><newStreamPosition/>"
        f"<leadRecordList>{record}</leadRecordList></result>",
    )


def attribute(name: str, value: str) -> str:
    return f"<attribute><attrName>{name}</attrName><attrType {NIL}<attrValue>{value}</attrValue></attribute>"


def test_get_lead_activity(marketo):
    members = {"leadKey": {"keyType": "IDNUM", "keyValue": 501}, "startPosition": {"offset": "2"}}
    record = (
        "<activityRecord><id>8</id><activityDateTime>2013-07-09T16:44:28-05:00</activityDateTime>"
        "<activityType>Visit Webpage</activityType><mktgAssetName>Pricing</mktgAssetName><activityAttributes>"
        f"{attribute('Webpage ID', '7')}{attribute('Lead ID', '501')}</activityAttributes><campaign/>"
        f"<personName {NIL}<mktPersonId>501</mktPersonId><foreignSysId {NIL}<orgName {NIL}<foreignSysOrgId {NIL}"
        "</activityRecord>"
    )
    position = f"<latestCreatedAt {NIL}<oldestCreatedAt {NIL}<activityCreatedAt {NIL}<offset>1</offset>"
    assert ask(marketo, "getLeadActivity", members).body == whole(
        "GetLeadActivity",
        "<leadActivityList><returnCount>1</returnCount><remainingCount>0</remainingCount>"
        f"<newStartPosition>{position}</newStartPosition><activityRecordList>{record}</activityRecordList>"
        "</leadActivityList>",
    )


def test_get_lead_changes(marketo):
    position = {"oldestCreatedAt": "2013-07-01T00:13:13+00:00", "offset": "ID:8"}
    record = (
        "<leadChangeRecord><id>9</id><activityDateTime>2013-07-09T16:44:29-05:00</activityDateTime>"
        "<activityType>Change Data Value</activityType><mktgAssetName>Lead Score</mktgAssetName>"
        f"<activityAttributes {NIL}<campaign>Scoring</campaign><mktPersonId>501</mktPersonId></leadChangeRecord>"
    )
    after = (
        f"<latestCreatedAt {NIL}<oldestCreatedAt>2013-07-01T00:13:13+00:00</oldestCreatedAt>"
        f"<activityCreatedAt {NIL}<offset>ID:9</offset>"
    )
    assert ask(marketo, "getLeadChanges", {"startPosition": position}).body == whole(
        "GetLeadChanges",
        "<result><returnCount>1</returnCount><remainingCount>0</remainingCount>"
        f"<newStartPosition>{after}</newStartPosition><leadChangeRecordList>{record}</leadChangeRecordList></result>",
    )


def test_a_change_without_a_campaign_has_no_element_of_it(marketo):
    marketo.database.reset()
    with marketo.database.transaction() as session:
        activities.remove(session, 9)
    answer = ask(marketo, "getLeadChanges", {"startPosition": {"oldestCreatedAt": "2013-07-01T00:00:00Z"}})
    assert b"</activityAttributes><mktPersonId>501</mktPersonId></leadChangeRecord>" in answer.body


def test_merge_leads(marketo):
    keys = [{"attribute": {"attrName": "IDNUM", "attrValue": number}} for number in (501, 502)]
    answer = ask(marketo, "mergeLeads", {"winningLeadKeyList": keys[0], "losingLeadKeyLists": {"keyList": keys[1]}})
    assert answer.body == whole(
        "MergeLeads",
        "<result><mergeStatus><winningLeadId>501</winningLeadId><losingLeadIdList><integerItem>502</integerItem>"
        f"</losingLeadIdList><status>MERGED</status><error {NIL}</mergeStatus></result>",
    )
