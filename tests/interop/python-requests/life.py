"""A lead's whole life with requests and no SOAP library: ten operations.

Prints one JSON object: what each step was answered.
"""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import requests

ENDPOINT = os.environ["MARKETO_SOAP_ENDPOINT"]  # http://127.0.0.1:6586/soap/mktows/3_1
USER_ID = os.environ["MARKETO_USER_ID"]  # mockmkto
KEY = os.environ["MARKETO_ENCRYPTION_KEY"]  # mockmkto-encryption-key

XSI = "http://www.w3.org/2001/XMLSchema-instance"
ENVELOPE = f"""<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:mkt="http://www.marketo.com/mktows/"
  xmlns:xsi="{XSI}">
  <soap:Header><mkt:AuthenticationHeader>%s</mkt:AuthenticationHeader></soap:Header>
  <soap:Body><mkt:params%s>%s</mkt:params%s></soap:Body>
</soap:Envelope>"""

session = requests.Session()
session.headers["Content-Type"] = "text/xml; charset=utf-8"


class MarketoError(Exception):
    """A fault, by its text."""


def elements(**members):
    """Elements in the order given; a list repeats its element, a str that begins with < is XML already."""
    xml = ""
    for name, value in members.items():
        for item in value if isinstance(value, list) else [value]:
            content = str(item)
            xml += f"<{name}>{content if content.startswith('<') else escape(content)}</{name}>"
    return xml


def call(operation, params=""):
    timestamp = datetime.now(UTC).isoformat(timespec="seconds")
    signature = hmac.new(KEY.encode(), (timestamp + USER_ID).encode(), hashlib.sha1).hexdigest()
    header = elements(mktowsUserId=USER_ID, requestSignature=signature, requestTimestamp=timestamp)
    name = operation[0].upper() + operation[1:]
    answer = session.post(ENDPOINT, data=(ENVELOPE % (header, name, params, name)).encode())
    root = ElementTree.fromstring(answer.content)
    if (fault := root.findtext(".//faultstring")) is not None:
        raise MarketoError(fault)
    (body,) = root.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
    return body[0]  # <result>, or getLeadActivity's <leadActivityList>


def attributes(**values):
    return elements(attribute=[elements(attrName=name, attrValue=value) for name, value in values.items()])


def lead(email, **values):
    return elements(Email=email, leadAttributeList=attributes(**values))


def key(lead_id):
    return elements(keyType="IDNUM", keyValue=lead_id)


def keys(*lead_ids):
    return elements(leadKey=[key(lead_id) for lead_id in lead_ids])


def rows(answer, path, *names):
    """A row for each element at the path: the texts of its members; None where a member is nil."""
    return [[item.findtext(name) or None for name in names] for item in answer.iterfind(path)]


def on_newsletter(operation, *lead_ids):
    newsletter = elements(keyType="MKTOLISTNAME", keyValue="Newsletter")
    result = call(
        "listOperation", elements(listOperation=operation, listKey=newsletter, listMemberList=keys(*lead_ids))
    )
    statuses = rows(result, "statusList/leadStatus", "leadKey/keyType", "leadKey/keyValue", "status")
    return {
        "success": result.findtext("success") == "true",
        "statuses": [[key_type, value, status == "true"] for key_type, value, status in statuses],
    }


def position(answer):
    """The members of a new position that are not nil."""
    return elements(**{member.tag: member.text for member in answer.find("newStartPosition") if member.text})


steps = {"objects": [item.text for item in call("listMObjects")]}

metadata = call("describeMObject", elements(objectName="LeadRecord")).find("metadata")
fields = rows(metadata, "fieldList/field", "name", "displayName", "dataType", "size")
_, *first_name, size = next(row for row in fields if row[0] == "FirstName")
steps["fields"] = [metadata.findtext("name"), *first_name, int(size)]

leads = [
    lead("ann@example.com", FirstName="Ann"),
    lead("bob@example.com", FirstName="Bob", City="Rome"),
    lead("carol@example.com", FirstName="Carol", Company="Lee & Co"),
    lead("dan@example.com", ShoeSize="43"),
]
many = elements(leadRecordList=elements(leadRecord=leads), dedupEnabled="true")
statuses = rows(call("syncMultipleLeads", many), "syncStatusList/syncStatus", "leadId", "status", "error")
steps["synced"] = [[int(lead_id), status, error] for lead_id, status, error in statuses]
ann, bob, carol = (lead_id for lead_id, *_ in steps["synced"][:3])

steps["added"] = on_newsletter("ADDTOLIST", ann, bob, carol, 999)
steps["asked"] = on_newsletter("ISMEMBEROFLIST", ann, 999)

# A selector says its type: the WSDL declares an abstract one.
page = '<leadSelector xsi:type="mkt:StaticListSelector"><staticListName>Newsletter</staticListName></leadSelector>'
steps["members"] = []
while page:
    size_and_fields = elements(batchSize=3, includeAttributes=elements(stringItem="FirstName"))
    result = call("getMultipleLeads", page + size_and_fields)
    records = rows(result, "leadRecordList/leadRecord", "Id", "leadAttributeList/attribute/attrValue")
    steps["members"].append([[int(lead_id), name] for lead_id, name in records])
    more = result.findtext("remainingCount") != "0"
    page = elements(streamPosition=result.findtext("newStreamPosition")) if more else ""

campaigns = rows(call("getCampaignsForSource", elements(source="MKTOWS")), ".//campaignRecord", "id", "name")
steps["campaigns"] = [[int(campaign_id), name] for campaign_id, name in campaigns]

tokens = elements(attrib=elements(name="{{my.subject}}", value="Hi Ann & Bob"))
asked = elements(
    source="MKTOWS",
    leadList=keys(ann, bob),
    programName="Welcome",
    campaignName="Send Letter",
    programTokenList=tokens,
)
steps["requested"] = call("requestCampaign", asked).findtext("success") == "true"

steps["activity"] = []
start = ""
while start is not None:
    listed = call("getLeadActivity", elements(leadKey=key(ann)) + start + elements(batchSize=2))
    steps["activity"].append(rows(listed, "activityRecordList/activityRecord", "activityType", "mktgAssetName"))
    more = listed.findtext("remainingCount") != "0"
    start = elements(startPosition=position(listed)) if more else None

steps["changes"] = []
start = elements(oldestCreatedAt="2014-01-01T00:00:00Z")
only = elements(includeTypes=elements(activityType=["AddToList", "ChangeDataValue"]))
while start:
    result = call("getLeadChanges", elements(startPosition=start, activityFilter=only, batchSize=3))
    names = ("mktPersonId", "activityType", "mktgAssetName")
    steps["changes"].append(rows(result, "leadChangeRecordList/leadChangeRecord", *names))
    start = position(result) if result.findtext("remainingCount") != "0" else None

losers = elements(keyList=[attributes(IDNUM=bob), attributes(IDNUM=carol)])
merged = call("mergeLeads", elements(winningLeadKeyList=attributes(IDNUM=ann), losingLeadKeyLists=losers))[0]
steps["merged"] = [
    merged.findtext("status"),
    int(merged.findtext("winningLeadId")),
    [int(item.text) for item in merged.iterfind("losingLeadIdList/integerItem")],
]

found = call("getLead", elements(leadKey=key(ann))).find("leadRecordList/leadRecord")
steps["found"] = {
    "Id": int(found.findtext("Id")),
    "Email": found.findtext("Email"),
    "attributes": rows(found, "leadAttributeList/attribute", "attrName", "attrType", "attrValue"),
}

try:
    call("getLead", elements(leadKey=key(bob)))
except MarketoError as error:
    steps["gone"] = str(error)

print(json.dumps(steps))
