"""syncLead and getLead with zeep. Prints one JSON object: what each step was answered."""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime

import zeep

ENDPOINT = os.environ["MARKETO_SOAP_ENDPOINT"]  # http://127.0.0.1:6586/soap/mktows/3_1
USER_ID = os.environ["MARKETO_USER_ID"]  # mockmkto
KEY = os.environ["MARKETO_ENCRYPTION_KEY"]  # mockmkto-encryption-key

client = zeep.Client(f"{ENDPOINT}?WSDL", settings=zeep.Settings(strict=True, xml_huge_tree=True))
service = client.create_service("{http://www.marketo.com/mktows/}MktowsApiSoapBinding", ENDPOINT)


def authentication(key=KEY):
    timestamp = datetime.now(UTC).isoformat(timespec="seconds")
    signature = hmac.new(key.encode(), (timestamp + USER_ID).encode(), hashlib.sha1).hexdigest()
    return {"mktowsUserId": USER_ID, "requestSignature": signature, "requestTimestamp": timestamp}


def sync(lead, attributes, *, return_lead=False, workspace=None, key=KEY):
    pairs = [{"attrName": name, "attrValue": value} for name, value in attributes.items()]
    headers = {"authentication": authentication(key)}  # by the names of the WSDL's parts
    if workspace:
        headers["mktowsContext"] = {"targetWorkspace": workspace}
    result = service.syncLead(
        leadRecord={**lead, "leadAttributeList": {"attribute": pairs}},
        returnLead=return_lead,
        _soapheaders=headers,
    )
    status = result.syncStatus
    return {
        "leadId": result.leadId,
        "syncStatus": {"leadId": status.leadId, "status": status.status, "error": status.error},
        # A leadRecord that is xsi:nil comes as an object whose members are all None.
        "leadRecord": record(result.leadRecord) if result.leadRecord.Id is not None else None,
    }


def record(lead):
    listed = lead.leadAttributeList.attribute if lead.leadAttributeList else []
    return {
        "Id": lead.Id,
        "Email": lead.Email,
        "ForeignSysPersonId": lead.ForeignSysPersonId,
        "ForeignSysType": lead.ForeignSysType,
        "attributes": [[item.attrName, item.attrType, item.attrValue] for item in listed],
    }


def fault(call):
    try:
        return call()
    except zeep.exceptions.Fault as error:
        (exception,) = error.detail  # an lxml element
        return {
            "faultcode": error.code,
            "faultstring": error.message,
            "name": exception.findtext("name"),
            "message": exception.findtext("message"),
            "code": exception.findtext("code"),
        }


steps = {"operations": sorted(service._operations)}

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

found = service.getLead(
    leadKey={"keyType": "EMAIL", "keyValue": "ann.lee@example.com"},
    _soapheaders={"authentication": authentication()},
)
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
