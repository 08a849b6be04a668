"""syncLead and getLead with suds (suds-community). Prints one JSON object: what each step was answered."""

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

# suds keeps WSDLs for a day under their address unless it is given no cache.
client = suds.client.Client(f"{ENDPOINT}?WSDL", location=ENDPOINT, cache=None)


def authentication(key=KEY):
    header = client.factory.create("AuthenticationHeaderInfo")
    header.mktowsUserId = USER_ID
    header.requestTimestamp = datetime.now(UTC).isoformat(timespec="seconds")
    signed = header.requestTimestamp + USER_ID
    header.requestSignature = hmac.new(key.encode(), signed.encode(), hashlib.sha1).hexdigest()
    return header


def sync(lead, attributes, *, return_lead=False, workspace=None, key=KEY):
    record_to_send = client.factory.create("LeadRecord")
    for name, value in lead.items():
        setattr(record_to_send, name, value)
    pairs = []
    for name, value in attributes.items():
        attribute = client.factory.create("Attribute")
        attribute.attrName, attribute.attrValue = name, value
        pairs.append(attribute)
    record_to_send.leadAttributeList = client.factory.create("ArrayOfAttribute")
    record_to_send.leadAttributeList.attribute = pairs
    headers = {"AuthenticationHeader": authentication(key)}  # by the names of the elements
    if workspace:
        headers["MktowsContextHeader"] = {"targetWorkspace": workspace}
    client.set_options(soapheaders=headers)
    result = client.service.syncLead(record_to_send, return_lead)  # what is in <result>: suds takes wrappers away
    status = result.syncStatus
    return {
        "leadId": result.leadId,
        "syncStatus": {"leadId": status.leadId, "status": status.status, "error": status.error},
        "leadRecord": record(result.leadRecord) if result.leadRecord else None,
    }


def text(value):
    return None if value is None else str(value)  # suds answers a str of its own


def record(lead):
    listed = lead.leadAttributeList.attribute if lead.leadAttributeList else []
    return {
        "Id": lead.Id,
        "Email": text(lead.Email),
        "ForeignSysPersonId": text(lead.ForeignSysPersonId),
        "ForeignSysType": text(lead.ForeignSysType),
        "attributes": [[text(item.attrName), text(item.attrType), text(item.attrValue)] for item in listed],
    }


def fault(call):
    try:
        return call()
    except suds.WebFault as error:
        exception = error.fault.detail.serviceException
        return {
            "faultcode": text(error.fault.faultcode),
            "faultstring": text(error.fault.faultstring),
            "name": text(exception.name),
            "message": text(exception.message),
            "code": text(exception.code),
        }


steps = {"operations": sorted(client.wsdl.services[0].ports[0].methods)}

ann = {"Email": "ann@example.com"}
steps["created"] = sync(ann, {"FirstName": "Ann"})
steps["updated"] = sync(ann, {"FirstName": "Ann"})

crm = {"ForeignSysPersonId": "CRM-1", "ForeignSysType": "CUSTOM"}
steps["linked"] = sync({**ann, **crm}, {"LastName": "Lee"})
steps["moved"] = sync({"Email": "ann.lee@example.com", **crm}, {}, return_lead=True)

steps["workspace"] = sync({"Email": "kenji@example.com"}, {"FirstName": "Kenji"}, workspace="EMEA")

several = {
    "Company": "Lee & Co",
    "DoNotCall": "true",
    "LeadScore": "7",
    "AnnualRevenue": "28970000",
    "DateofBirth": "1971-11-30",
}
steps["record"] = sync({"Email": "ann.lee@example.com"}, several, return_lead=True)

client.set_options(soapheaders={"AuthenticationHeader": authentication()})
found = client.service.getLead({"keyType": "EMAIL", "keyValue": "ann.lee@example.com"})
steps["found"] = {"count": found.count, "leads": [record(lead) for lead in found.leadRecordList.leadRecord]}

texts = {
    "FirstName": "Zoë 由紀 🕓",
    "LastName": '<O\'Neil & "Sons">',
    "Address": "first line\nsecond line",
    "Title": "one\r\ntwo",
}
steps["texts"] = sync({"Email": "texts@example.com"}, texts, return_lead=True)

steps["wrong_key"] = fault(lambda: sync(ann, {}, key="not the key"))
steps["unknown_attribute"] = fault(lambda: sync(ann, {"ShoeSize": "43"}))

print(json.dumps(steps))
