"""A lead's whole life with zeep: ten operations. Prints one JSON object: what each step was answered."""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime

import zeep

ENDPOINT = os.environ["MARKETO_SOAP_ENDPOINT"]  # http://127.0.0.1:6586/soap/mktows/3_1
USER_ID = os.environ["MARKETO_USER_ID"]  # mockmkto
KEY = os.environ["MARKETO_ENCRYPTION_KEY"]  # mockmkto-encryption-key

client = zeep.Client(f"{ENDPOINT}?WSDL")
service = client.create_service("{http://www.marketo.com/mktows/}MktowsApiSoapBinding", ENDPOINT)


def call(operation, **params):
    timestamp = datetime.now(UTC).isoformat(timespec="seconds")
    signature = hmac.new(KEY.encode(), (timestamp + USER_ID).encode(), hashlib.sha1).hexdigest()
    header = {"mktowsUserId": USER_ID, "requestSignature": signature, "requestTimestamp": timestamp}
    return service[operation](**params, _soapheaders={"authentication": header})


def lead(email, **attributes):
    pairs = [{"attrName": name, "attrValue": value} for name, value in attributes.items()]
    return {"Email": email, "leadAttributeList": {"attribute": pairs}}


def keys(*lead_ids):
    return {"leadKey": [{"keyType": "IDNUM", "keyValue": str(lead_id)} for lead_id in lead_ids]}


def merge_key(lead_id):
    return {"attribute": [{"attrName": "IDNUM", "attrValue": str(lead_id)}]}


def on_newsletter(operation, *lead_ids):
    result = call(
        "listOperation",
        listOperation=operation,
        listKey={"keyType": "MKTOLISTNAME", "keyValue": "Newsletter"},
        listMemberList=keys(*lead_ids),
    )
    listed = result.statusList.leadStatus if result.statusList else []
    statuses = [[status.leadKey.keyType, status.leadKey.keyValue, status.status] for status in listed]
    return {"success": result.success, "statuses": statuses}


steps = {"objects": call("listMObjects")}  # what is in <result>, where it is one member alone

metadata = call("describeMObject", objectName="LeadRecord")
first_name = next(field for field in metadata.fieldList.field if field.name == "FirstName")
steps["fields"] = [metadata.name, first_name.displayName, first_name.dataType, first_name.size]

leads = [
    lead("ann@example.com", FirstName="Ann"),
    lead("bob@example.com", FirstName="Bob", City="Rome"),
    lead("carol@example.com", FirstName="Carol", Company="Lee & Co"),
    lead("dan@example.com", ShoeSize="43"),
]
statuses = call("syncMultipleLeads", leadRecordList={"leadRecord": leads}, dedupEnabled=True).syncStatus
steps["synced"] = [[status.leadId, status.status, status.error] for status in statuses]
ann, bob, carol = (status.leadId for status in statuses[:3])

steps["added"] = on_newsletter("ADDTOLIST", ann, bob, carol, 999)
steps["asked"] = on_newsletter("ISMEMBEROFLIST", ann, 999)

selector = client.get_type("{http://www.marketo.com/mktows/}StaticListSelector")(staticListName="Newsletter")
steps["members"] = []
page = {"leadSelector": selector}
while True:
    result = call("getMultipleLeads", **page, batchSize=3, includeAttributes={"stringItem": ["FirstName"]})
    records = result.leadRecordList.leadRecord
    steps["members"].append([[record.Id, record.leadAttributeList.attribute[0].attrValue] for record in records])
    if not result.remainingCount:
        break
    page = {"streamPosition": result.newStreamPosition}

campaigns = call("getCampaignsForSource", source="MKTOWS").campaignRecordList.campaignRecord
steps["campaigns"] = [[campaign.id, campaign.name] for campaign in campaigns]

steps["requested"] = call(
    "requestCampaign",
    source="MKTOWS",
    programName="Welcome",
    campaignName="Send Letter",
    programTokenList={"attrib": [{"name": "{{my.subject}}", "value": "Hi Ann & Bob"}]},
    leadList=keys(ann, bob),
)

steps["activity"] = []
position = {}
while True:
    listed = call("getLeadActivity", leadKey=keys(ann)["leadKey"][0], startPosition=position, batchSize=2)
    records = listed.activityRecordList.activityRecord
    steps["activity"].append([[record.activityType, record.mktgAssetName] for record in records])
    if not listed.remainingCount:
        break
    position = listed.newStartPosition

steps["changes"] = []
position = {"oldestCreatedAt": "2014-01-01T00:00:00Z"}
only = {"includeTypes": {"activityType": ["AddToList", "ChangeDataValue"]}}
while True:
    result = call("getLeadChanges", startPosition=position, activityFilter=only, batchSize=3)
    records = result.leadChangeRecordList.leadChangeRecord
    steps["changes"].append([[record.mktPersonId, record.activityType, record.mktgAssetName] for record in records])
    if not result.remainingCount:
        break
    position = result.newStartPosition

merged = call(
    "mergeLeads", winningLeadKeyList=merge_key(ann), losingLeadKeyLists={"keyList": [merge_key(bob), merge_key(carol)]}
)
steps["merged"] = [merged.status, merged.winningLeadId, merged.losingLeadIdList.integerItem]

(record,) = call("getLead", leadKey=keys(ann)["leadKey"][0]).leadRecordList.leadRecord
attributes = [[item.attrName, item.attrType, item.attrValue] for item in record.leadAttributeList.attribute]
steps["found"] = {"Id": record.Id, "Email": record.Email, "attributes": attributes}

try:
    call("getLead", leadKey=keys(bob)["leadKey"][0])
except zeep.exceptions.Fault as fault:
    steps["gone"] = fault.message

print(json.dumps(steps))
