"""A lead's whole life with suds (suds-community): ten operations.

Prints one JSON object: what each step was answered.
"""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime

import suds
import suds.client

ENDPOINT = os.environ["MARKETO_SOAP_ENDPOINT"]  # http://127.0.0.1:6586/soap/mktows/3_1
USER_ID = os.environ["MARKETO_USER_ID"]  # mockmkto
KEY = os.environ["MARKETO_ENCRYPTION_KEY"]  # mockmkto-encryption-key

client = suds.client.Client(f"{ENDPOINT}?WSDL", location=ENDPOINT, cache=None)


def call(operation, **params):
    header = client.factory.create("AuthenticationHeaderInfo")
    header.mktowsUserId = USER_ID
    header.requestTimestamp = datetime.now(UTC).isoformat(timespec="seconds")
    signed = header.requestTimestamp + USER_ID
    header.requestSignature = hmac.new(KEY.encode(), signed.encode(), hashlib.sha1).hexdigest()
    client.set_options(soapheaders={"AuthenticationHeader": header})
    return getattr(client.service, operation)(**params)  # what is in <result>: suds takes that away


def attributes(**values):
    return {"attribute": [{"attrName": name, "attrValue": value} for name, value in values.items()]}


def lead(email, **values):
    return {"Email": email, "leadAttributeList": attributes(**values)}


def key(lead_id):
    return {"keyType": "IDNUM", "keyValue": lead_id}


def keys(*lead_ids):
    return {"leadKey": [key(lead_id) for lead_id in lead_ids]}


def plain(value):
    return str(value) if isinstance(value, str) else value  # suds answers a str of its own


def rows(items, *names):
    return [[plain(getattr(item, name)) for name in names] for item in items]


def on_newsletter(operation, *lead_ids):
    result = call(
        "listOperation",
        listOperation=operation,
        listKey={"keyType": "MKTOLISTNAME", "keyValue": "Newsletter"},
        listMemberList=keys(*lead_ids),
    )
    statuses = result.statusList.leadStatus
    return {
        "success": result.success,
        "statuses": [[*rows([item.leadKey], "keyType", "keyValue")[0], item.status] for item in statuses],
    }


steps = {"objects": [plain(name) for name in call("listMObjects").objects]}

metadata = call("describeMObject", objectName="LeadRecord").metadata
first_name = [field for field in metadata.fieldList.field if field.name == "FirstName"]
steps["fields"] = [plain(metadata.name), *rows(first_name, "displayName", "dataType", "size")[0]]

leads = [
    lead("ann@example.com", FirstName="Ann"),
    lead("bob@example.com", FirstName="Bob", City="Rome"),
    lead("carol@example.com", FirstName="Carol", Company="Lee & Co"),
    lead("dan@example.com", ShoeSize="43"),
]
statuses = call("syncMultipleLeads", leadRecordList={"leadRecord": leads}, dedupEnabled=True).syncStatusList.syncStatus
steps["synced"] = rows(statuses, "leadId", "status", "error")
ann, bob, carol = (status.leadId for status in statuses[:3])

steps["added"] = on_newsletter("ADDTOLIST", ann, bob, carol, 999)
steps["asked"] = on_newsletter("ISMEMBEROFLIST", ann, 999)

newsletter = client.factory.create("StaticListSelector")  # of its type: a dict would be sent without one
newsletter.staticListName = "Newsletter"
page = {"leadSelector": newsletter}
steps["members"] = []
while page:
    result = call("getMultipleLeads", **page, batchSize=3, includeAttributes={"stringItem": ["FirstName"]})
    records = result.leadRecordList.leadRecord
    steps["members"].append([[record.Id, plain(record.leadAttributeList.attribute[0].attrValue)] for record in records])
    page = {"streamPosition": result.newStreamPosition} if result.remainingCount else None

campaigns = call("getCampaignsForSource", source="MKTOWS").campaignRecordList.campaignRecord
steps["campaigns"] = rows(campaigns, "id", "name")

steps["requested"] = call(
    "requestCampaign",
    source="MKTOWS",
    leadList=keys(ann, bob),
    programName="Welcome",
    campaignName="Send Letter",
    programTokenList={"attrib": [{"name": "{{my.subject}}", "value": "Hi Ann & Bob"}]},
).success

steps["activity"] = []
more = {}
while more is not None:
    listed = call("getLeadActivity", leadKey=key(ann), batchSize=2, **more)
    steps["activity"].append(rows(listed.activityRecordList.activityRecord, "activityType", "mktgAssetName"))
    more = {"startPosition": listed.newStartPosition} if listed.remainingCount else None

steps["changes"] = []
position = {"oldestCreatedAt": "2014-01-01T00:00:00Z"}
only = {"includeTypes": {"activityType": ["AddToList", "ChangeDataValue"]}}
while position:
    result = call("getLeadChanges", startPosition=position, activityFilter=only, batchSize=3)
    changes = result.leadChangeRecordList.leadChangeRecord
    steps["changes"].append(rows(changes, "mktPersonId", "activityType", "mktgAssetName"))
    position = result.newStartPosition if result.remainingCount else None

merged = call(
    "mergeLeads",
    winningLeadKeyList=attributes(IDNUM=ann),
    losingLeadKeyLists={"keyList": [attributes(IDNUM=bob), attributes(IDNUM=carol)]},
).mergeStatus
steps["merged"] = [plain(merged.status), merged.winningLeadId, list(merged.losingLeadIdList.integerItem)]

(found,) = call("getLead", leadKey=key(ann)).leadRecordList.leadRecord
listed = rows(found.leadAttributeList.attribute, "attrName", "attrType", "attrValue")
steps["found"] = {"Id": found.Id, "Email": plain(found.Email), "attributes": listed}

try:
    call("getLead", leadKey=key(bob))
except suds.WebFault as error:
    steps["gone"] = plain(error.fault.faultstring)

print(json.dumps(steps))
