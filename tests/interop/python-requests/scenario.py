"""syncLead and getLead with requests and no SOAP library. Prints one JSON object: what each step was answered."""

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

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:mkt="http://www.marketo.com/mktows/">
  <soap:Header>{header}</soap:Header>
  <soap:Body>{body}</soap:Body>
</soap:Envelope>"""

session = requests.Session()
session.headers["Content-Type"] = "text/xml; charset=utf-8"


class MarketoError(Exception):
    """A fault, with the texts of it and of its detail."""

    def __init__(self, fault):
        names = ("faultcode", "faultstring", "name", "message", "code")
        self.texts = {name: fault.findtext(f".//{name}") for name in names}
        super().__init__(self.texts["faultstring"])


def element(tag, content):
    return f"<{tag}>{content}</{tag}>"


def authentication(key=KEY):
    timestamp = datetime.now(UTC).isoformat(timespec="seconds")
    signature = hmac.new(key.encode(), (timestamp + USER_ID).encode(), hashlib.sha1).hexdigest()
    return element(
        "mkt:AuthenticationHeader",
        element("mktowsUserId", escape(USER_ID))
        + element("requestSignature", signature)
        + element("requestTimestamp", timestamp),
    )


def call(body, headers):
    envelope = ENVELOPE.format(header=headers, body=body)
    response = session.post(ENDPOINT, data=envelope.encode())  # a fault is an HTTP 500 with an envelope in it
    root = ElementTree.fromstring(response.content)
    fault = root.find(".//{http://schemas.xmlsoap.org/soap/envelope/}Fault")
    if fault is not None:
        raise MarketoError(fault)
    return root.find(".//result")


def text(parent, name):
    child = parent.find(name)
    return None if child is None or child.get(NIL) == "true" else (child.text or "")


def sync(lead, attributes, *, return_lead=False, workspace=None, key=KEY):
    keys = "".join(element(name, escape(value)) for name, value in lead.items())
    listed = "".join(
        element("attribute", element("attrName", escape(name)) + element("attrValue", escape(value, {"\r": "&#13;"})))
        for name, value in attributes.items()
    )
    headers = authentication(key)
    if workspace:
        headers += element("mkt:MktowsContextHeader", element("targetWorkspace", escape(workspace)))
    params = element("leadRecord", keys + element("leadAttributeList", listed))
    params += element("returnLead", "true" if return_lead else "false")
    result = call(element("mkt:paramsSyncLead", params), headers)
    status = result.find("syncStatus")
    lead_record = result.find("leadRecord")
    return {
        "leadId": int(text(result, "leadId")),
        "syncStatus": {
            "leadId": int(text(status, "leadId")),
            "status": text(status, "status"),
            "error": text(status, "error"),
        },
        "leadRecord": None if lead_record.get(NIL) == "true" else record(lead_record),
    }


def record(lead):
    return {
        "Id": int(text(lead, "Id")),
        **{name: text(lead, name) for name in ("Email", "ForeignSysPersonId", "ForeignSysType")},
        "attributes": [
            [text(item, "attrName"), text(item, "attrType"), text(item, "attrValue")]
            for item in lead.iterfind("leadAttributeList/attribute")
        ],
    }


def fault(attempt):
    try:
        return attempt()
    except MarketoError as error:
        return error.texts


wsdl = ElementTree.fromstring(session.get(f"{ENDPOINT}?WSDL").content)
operations = wsdl.iterfind("{http://schemas.xmlsoap.org/wsdl/}portType/{http://schemas.xmlsoap.org/wsdl/}operation")
steps = {"operations": [operation.get("name") for operation in operations]}

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

lead_key = element("keyType", "EMAIL") + element("keyValue", "ann.lee@example.com")
found = call(element("mkt:paramsGetLead", element("leadKey", lead_key)), authentication())
steps["found"] = {
    "count": int(text(found, "count")),
    "leads": [record(lead) for lead in found.iterfind("leadRecordList/leadRecord")],
}

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
