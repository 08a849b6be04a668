"""A recorded conversation with the real API, in every form in which recorders keep it."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from pathlib import Path

import yaml

URL = "https://123-ABC-456.mktoapi.com/soap/mktows/2_9"


def request(call: str, user: str = "bigcorp_1") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Header><ns1:AuthenticationHeader>'
        f"<mktowsUserId>{user}</mktowsUserId><requestSignature>0c1d</requestSignature>"
        "<requestTimestamp>2014-07-23T16:48:03-05:00</requestTimestamp></ns1:AuthenticationHeader></SOAP-ENV:Header>"
        f"<SOAP-ENV:Body>{call}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()


def answer(content: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="http://www.marketo.com/mktows/">'
        f"<SOAP-ENV:Body>{content}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()


def attributes(**values: str) -> str:
    items = (
        f"<attribute><attrName>{name}</attrName><attrType>{'url' if name == 'Website' else 'string'}</attrType>"
        f"<attrValue>{value}</attrValue></attribute>"
        for name, value in values.items()
    )
    return f"<leadAttributeList>{''.join(items)}</leadAttributeList>"


def sync(email: str, **values: str) -> bytes:
    record = f"<leadRecord><Email>{email}</Email>{attributes(**values) if values else ''}</leadRecord>"
    return request(f"<ns1:paramsSyncLead>{record}<returnLead>false</returnLead></ns1:paramsSyncLead>")


def synced(lead_id: int, status: str) -> bytes:
    return answer(
        f"<ns1:successSyncLead><result><leadId>{lead_id}</leadId><syncStatus><leadId>{lead_id}</leadId>"
        f'<status>{status}</status><error xsi:nil="true"/></syncStatus><leadRecord xsi:nil="true"/></result>'
        "</ns1:successSyncLead>"
    )


def get_lead(key_type: str, value: str) -> bytes:
    key = f"<leadKey><keyType>{key_type}</keyType><keyValue>{value}</keyValue></leadKey>"
    return request(f"<ns1:paramsGetLead>{key}</ns1:paramsGetLead>")


def found(lead_id: int, email: str, **values: str) -> bytes:
    return answer(
        "<ns1:successGetLead><result><count>1</count><leadRecordList><leadRecord>"
        f'<Id>{lead_id}</Id><Email>{email}</Email><ForeignSysPersonId xsi:nil="true"/>'
        f'<ForeignSysType xsi:nil="true"/>{attributes(**values)}</leadRecord></leadRecordList></result>'
        "</ns1:successGetLead>"
    )


CONVERSATION: list[tuple[bytes, bytes]] = [
    # Ann was there before; Bob is made here, by an Id that ours need not be.
    (get_lead("EMAIL", "ann@bigcorp.com"), found(501, "ann@bigcorp.com", FirstName="Ann", Tier__c="Gold")),
    (sync("bob@bigcorp.com", FirstName="Bob"), synced(977, "CREATED")),
    (sync("ann@bigcorp.com", FirstName="Anna"), synced(501, "UPDATED")),
    (get_lead("IDNUM", "977"), found(977, "bob@bigcorp.com", FirstName="Bob", Website="bigcorp.com")),
]


def side_by_side(folder: Path, calls=CONVERSATION) -> Path:
    for number, (sent, came) in enumerate(calls, 1):
        (folder / f"{number}.request.xml").write_bytes(sent)
        (folder / f"{number}.response.xml").write_bytes(came)
    return folder


def counted(folder: Path, calls=CONVERSATION) -> Path:
    for number, (sent, came) in enumerate(calls):
        (folder / f"Sync_req_{2 * number + 1}.xml").write_bytes(sent)
        (folder / f"Sync_resp_{2 * number + 2}.xml").write_bytes(came)
    return folder


def two_folders(folder: Path, calls=CONVERSATION) -> Path:
    for side, index in (("requests", 0), ("responses", 1)):
        (folder / side).mkdir()
        for number, call in enumerate(calls):
            (folder / side / f"{number:03}.xml").write_bytes(call[index])
    return folder


def logs(folder: Path, calls=CONVERSATION) -> Path:
    for number, (sent, came) in enumerate(calls):
        (folder / f"{number}.log").write_bytes(b"REQUEST:\n\n" + sent + b"\n\nRESPONSE:\n\n" + came + b"\n")
    return folder


def har(folder: Path, calls=CONVERSATION) -> Path:
    entries = [
        {
            "request": {"method": "POST", "url": URL, "headers": [], "postData": {"text": sent.decode()}},
            "response": {"status": 200, "content": {"text": base64.b64encode(came).decode(), "encoding": "base64"}},
        }
        for sent, came in calls
    ]
    wsdl = {
        "request": {"method": "GET", "url": f"{URL}?WSDL"},
        "response": {"status": 200, "content": {"text": "<w/>"}},
    }
    (folder / "traffic.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [wsdl, *entries]}}))
    return folder / "traffic.har"


def nock(folder: Path, calls=CONVERSATION) -> Path:
    recorded = [
        {
            "scope": "https://123-ABC-456.mktoapi.com:443",
            "method": "POST",
            "path": "/soap/mktows/2_9",
            "body": sent.decode(),
            "status": 200,
            "response": [binascii.hexlify(gzip.compress(came)).decode()] if number % 2 else came.decode(),
            "rawHeaders": ["Content-Encoding", "gzip"] if number % 2 else [],
        }
        for number, (sent, came) in enumerate(calls)
    ]
    (folder / "nock.json").write_text(json.dumps(recorded))
    return folder / "nock.json"


def vcr_python(folder: Path, calls=CONVERSATION) -> Path:
    interactions = [
        {
            "request": {"method": "POST", "uri": URL, "body": sent.decode(), "headers": {}},
            "response": {"status": {"code": 200, "message": "OK"}, "body": {"string": came}, "headers": {}},
        }
        for sent, came in calls
    ]
    (folder / "cassette.yaml").write_text(yaml.safe_dump({"interactions": interactions, "version": 1}))
    return folder / "cassette.yaml"


def vcr_python_json(folder: Path, calls=CONVERSATION) -> Path:
    interactions = [
        {
            "request": {"method": "POST", "uri": URL, "body": sent.decode()},
            "response": {
                "status": {"code": 200},
                "body": {"base64_string": base64.b64encode(gzip.compress(came)).decode()},
            },
        }
        for sent, came in calls
    ]
    (folder / "cassette.json").write_text(json.dumps({"version": 1, "interactions": interactions}))
    return folder / "cassette.json"


def vcr_ruby(folder: Path, calls=CONVERSATION) -> Path:
    interactions = [
        {
            "request": {"method": "post", "uri": URL, "body": {"encoding": "UTF-8", "string": sent.decode()}},
            "response": {"status": {"code": 200}, "body": {"encoding": "ASCII-8BIT", "string": came}},
            "recorded_at": "Wed, 23 Jul 2014 21:48:03 GMT",
        }
        for sent, came in calls
    ]
    (folder / "ruby.yml").write_text(yaml.safe_dump({"http_interactions": interactions, "recorded_with": "VCR 6"}))
    return folder / "ruby.yml"


FORMS = (side_by_side, counted, two_folders, logs, har, nock, vcr_python, vcr_python_json, vcr_ruby)
