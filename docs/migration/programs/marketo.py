"""What the programs of this folder call Marketo with, over SOAP and over REST: nothing but the standard library."""

import hashlib
import hmac
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

NS = "http://www.marketo.com/mktows/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


TOKENS = []  # the one that is in use, where a program keeps it


class MarketoError(Exception):
    """A fault of the SOAP API, or an error of the REST API."""


def soap(operation, /, workspace=None, **params):
    """One call: what stands in the answer's Body."""
    user_id, key = os.environ["MARKETO_USER_ID"], os.environ["MARKETO_ENCRYPTION_KEY"]
    timestamp = datetime.now(UTC).isoformat(timespec="seconds")
    signature = hmac.new(key.encode(), (timestamp + user_id).encode(), hashlib.sha1).hexdigest()
    header = {"mktowsUserId": user_id, "requestSignature": signature, "requestTimestamp": timestamp}
    context = f"<m:MktowsContextHeader>{_xml({'targetWorkspace': workspace})}</m:MktowsContextHeader>"
    root = f"m:params{operation[0].upper()}{operation[1:]}"
    envelope = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:m="{NS}" xmlns:xsi="{XSI}"><s:Header><m:AuthenticationHeader>'
        f"{_xml(header)}</m:AuthenticationHeader>{context if workspace else ''}</s:Header>"
        f"<s:Body><{root}>{_xml(params)}</{root}></s:Body></s:Envelope>"
    )
    content = {"Content-Type": "text/xml; charset=utf-8"}
    request = urllib.request.Request(os.environ["MARKETO_SOAP_ENDPOINT"], envelope.encode(), content)
    try:
        with urllib.request.urlopen(request) as response:
            body = ElementTree.parse(response).find(f"{{{SOAP}}}Body")
    except urllib.error.HTTPError as error:
        fault = ElementTree.parse(error).find(f".//{{{SOAP}}}Fault")
        raise MarketoError(fault.findtext("faultstring")) from None
    return body


def attributes(**values):
    """A lead's attributes by their names."""
    return {"attribute": [{"attrName": name, "attrValue": value} for name, value in values.items()]}


def attribs(**values):
    """An object's attributes by their names."""
    return {"attrib": [{"name": name, "value": value} for name, value in values.items()]}


def rest(method, path, body=None, **query):
    """One call: the answer, if it is a success. Records that were refused are in its result."""
    address = f"{os.environ['MARKETO_REST_ENDPOINT'].removesuffix('/rest')}{path}"
    if query:
        address += f"?{urllib.parse.urlencode(query)}"
    raw, kind = (None, "application/json") if body is None else _body(body)
    headers = {"Authorization": f"Bearer {TOKENS[0] if TOKENS else _token()}", "Content-Type": kind}
    request = urllib.request.Request(address, raw, headers, method=method)
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    if not answer["success"]:
        raise MarketoError("; ".join(f"{error['code']} {error['message']}" for error in answer["errors"]))
    return answer


def _token():
    query = {
        "grant_type": "client_credentials",
        "client_id": os.environ["MARKETO_CLIENT_ID"],
        "client_secret": os.environ["MARKETO_CLIENT_SECRET"],
    }
    address = f"{os.environ['MARKETO_IDENTITY_ENDPOINT']}/oauth/token?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(address) as response:
        return json.load(response)["access_token"]


def _body(body):
    """JSON; or the parts of a form that uploads a file, where the body is a text of CSV."""
    if not isinstance(body, str):
        return json.dumps(body).encode(), "application/json"
    part = f'--part\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\n\r\n{body}\r\n--part--\r\n'
    return part.encode(), "multipart/form-data; boundary=part"


def _xml(members):
    """Members as XML: a mapping is an element with members of its own, a list the same element several times."""
    text = ""
    for name, value in members.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                kind = f' xsi:type="m:{item["type"]}"' if "type" in item and name == "leadSelector" else ""
                inner = {key: value for key, value in item.items() if not kind or key != "type"}
                text += f"<{name}{kind}>{_xml(inner)}</{name}>"
            elif item is not None:
                text += f"<{name}>{escape(str(item))}</{name}>"
    return text
