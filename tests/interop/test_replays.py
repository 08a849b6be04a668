"""Clients that cannot be installed: requests as they are known to send them, written by hand, over real HTTP.

Each row gives the HTTP headers and the envelope of a client, its way of writing the time, and what must come of it.
"""

from __future__ import annotations

import datetime as dt
import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from lxml import etree

from mockmkto import auth
from mockmkto.model import Call
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, Settings

XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def local(form: str) -> Callable[[dt.datetime], str]:
    """Local time, seven hours behind, in a strftime form."""
    return lambda now: now.astimezone(dt.timezone(dt.timedelta(hours=-7))).strftime(form)


def w3c(now: dt.datetime) -> str:
    return now.astimezone(dt.timezone(dt.timedelta(hours=-7))).isoformat(timespec="seconds")


def milliseconds_z(now: dt.datetime) -> str:
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Replay:
    """`{user}`, `{signature}` and `{timestamp}` are filled in in the envelope."""

    name: str
    version: str
    headers: tuple[tuple[str, str], ...]
    envelope: str
    time: Callable[[dt.datetime], str] = w3c
    status: str = "CREATED"
    warnings: tuple[str, ...] = ()
    returned: dict[str, str | None] | None = field(default_factory=dict)  # members of the leadRecord; None: it is nil


# Segment's marketo-python: envelopes as strings, sent with an early requests under Python 2. It sends types, an empty
# cookie and an empty SOAPAction.
SEGMENT = Replay(
    name="Segment marketo-python",
    version="2_1",
    headers=(
        ("Accept-Encoding", "gzip, deflate, compress"),
        ("Accept", "*/*"),
        ("User-Agent", "python-requests/1.2.3 CPython/2.7.5 Linux/3.2.0"),
        ("Content-Type", "text/xml;charset=UTF-8"),
        ("Soapaction", ""),
    ),
    envelope="""<?xml version="1.0" encoding="UTF-8"?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:wsdl="http://www.marketo.com/mktows/"
 xmlns:ins0="http://www.marketo.com/mktows/" xmlns:ns1="http://www.marketo.com/mktows/"
 xmlns:mkt="http://www.marketo.com/mktows/">
  <env:Header>
    <ns1:AuthenticationHeader>
      <mktowsUserId>{user}</mktowsUserId>
      <requestSignature>{signature}</requestSignature>
      <requestTimestamp>{timestamp}</requestTimestamp>
    </ns1:AuthenticationHeader>
  </env:Header>
  <env:Body>
    <mkt:paramsSyncLead>
      <leadRecord>
        <Email>calvin@example.com</Email>
        <leadAttributeList>
          <attribute>
            <attrName>FirstName</attrName>
            <attrType>string</attrType>
            <attrValue>Calvin</attrValue>
          </attribute>
          <attribute>
            <attrName>AnnualRevenue</attrName>
            <attrType>currency</attrType>
            <attrValue>1200</attrValue>
          </attribute>
        </leadAttributeList>
      </leadRecord>
      <returnLead>true</returnLead>
      <marketoCookie></marketoCookie>
    </mkt:paramsSyncLead>
  </env:Body>
</env:Envelope>""",
    returned={"Email": "calvin@example.com", "FirstName": "Calvin", "AnnualRevenue": "1200"},
)

# markety, over Savon 2.3: two prefixes for one namespace, and the foreign id in lower case, which was never read.
MARKETY = Replay(
    name="markety (Savon 2)",
    version="2_3",
    headers=(
        ("SOAPAction", '"http://www.marketo.com/mktows/syncLead"'),
        ("Content-Type", "text/xml;charset=UTF-8"),
        ("Accept", "*/*"),
        ("User-Agent", "Ruby"),
    ),
    envelope='<?xml version="1.0" encoding="UTF-8"?>'
    '<SOAP-ENV:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:tns="http://www.marketo.com/mktows/"'
    ' xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">'
    "<SOAP-ENV:Header><ns1:AuthenticationHeader><mktowsUserId>{user}</mktowsUserId>"
    "<requestSignature>{signature}</requestSignature><requestTimestamp>{timestamp}</requestTimestamp>"
    "</ns1:AuthenticationHeader><ns1:MktowsContextHeader><targetWorkspace>EMEA</targetWorkspace>"
    "</ns1:MktowsContextHeader></SOAP-ENV:Header><SOAP-ENV:Body><tns:paramsSyncLead><leadRecord>"
    "<foreignSysPersonId>-1</foreignSysPersonId><Email>peter@example.com</Email><leadAttributeList>"
    "<attribute><attrName>FirstName</attrName><attrType>string</attrType><attrValue>Peter</attrValue></attribute>"
    "</leadAttributeList></leadRecord><returnLead>true</returnLead></tns:paramsSyncLead></SOAP-ENV:Body>"
    "</SOAP-ENV:Envelope>",
    warnings=(
        "element <foreignSysPersonId> of leadRecord was ignored: names are case-sensitive, and it is spelled "
        "<ForeignSysPersonId>",
    ),
    returned={"Email": "peter@example.com", "ForeignSysPersonId": None, "FirstName": "Peter"},
)

# ClearFit's client: Savon 2.4, and the time as Ruby's Time#to_s writes it, with spaces.
CLEARFIT = Replay(
    name="ClearFit marketo-api-ruby (Savon 2)",
    version="2_3",
    time=local("%Y-%m-%d %H:%M:%S %z"),
    headers=(
        ("SOAPAction", '"http://www.marketo.com/mktows/syncLead"'),
        ("Content-Type", "text/xml;charset=UTF-8"),
        ("User-Agent", "HTTPClient/1.0 (2.4.0, ruby 2.1.2 (2014-05-08))"),
        ("Accept", "*/*"),
        ("Date", "Fri, 01 Aug 2014 17:56:53 GMT"),
    ),
    envelope='<?xml version="1.0" encoding="UTF-8"?>'
    '<env:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:tns="http://www.marketo.com/mktows/"'
    ' xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header><tns:AuthenticationHeader>'
    "<mktowsUserId>{user}</mktowsUserId><requestSignature>{signature}</requestSignature>"
    "<requestTimestamp>{timestamp}</requestTimestamp></tns:AuthenticationHeader></env:Header><env:Body>"
    "<tns:paramsSyncLead><leadRecord><Email>joe@example.com</Email><leadAttributeList><attribute>"
    "<attrName>FirstName</attrName><attrValue>Joe</attrValue></attribute></leadAttributeList></leadRecord>"
    "<returnLead>true</returnLead></tns:paramsSyncLead></env:Body></env:Envelope>",
    returned={"Email": "joe@example.com", "FirstName": "Joe"},
)

# Datahero's node-marketo, over an early npm soap: the header has no namespace at all.
NODE_MARKETO = Replay(
    name="node-marketo",
    version="2_3",
    time=milliseconds_z,
    headers=(
        ("User-Agent", "node-soap/0.4.0"),
        ("Accept", "text/html,application/xhtml+xml,application/xml,text/xml;q=0.9,*/*;q=0.8"),
        ("Accept-Encoding", "none"),
        ("Accept-Charset", "utf-8"),
        ("Connection", "close"),
        ("Content-Type", "text/xml; charset=utf-8"),
        ("SOAPAction", '"http://www.marketo.com/mktows/syncLead"'),
    ),
    envelope='<?xml version="1.0" encoding="utf-8"?><soap:Envelope'
    ' xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:tns="http://www.marketo.com/mktows/"><soap:Header><AuthenticationHeader>'
    "<mktowsUserId>{user}</mktowsUserId><requestSignature>{signature}</requestSignature>"
    "<requestTimestamp>{timestamp}</requestTimestamp></AuthenticationHeader></soap:Header><soap:Body>"
    '<tns:paramsSyncLead xmlns:tns="http://www.marketo.com/mktows/" xmlns="http://www.marketo.com/mktows/">'
    "<leadRecord><Email>nora@example.com</Email><leadAttributeList><attribute><attrName>LastName</attrName>"
    "<attrValue>Node</attrValue></attribute></leadAttributeList></leadRecord><returnLead>true</returnLead>"
    "</tns:paramsSyncLead></soap:Body></soap:Envelope>",
    returned={"Email": "nora@example.com", "LastName": "Node"},
)

# MarkLogic's XQuery: XML written in the program, a time with microseconds, and no returnLead. It called version 1_7;
# the oldest that is served here is 2_0.
MARKLOGIC = Replay(
    name="MarkLogic XQuery",
    version="2_0",
    time=local("%Y-%m-%dT%H:%M:%S.%f-07:00"),
    headers=(("Content-Type", "text/xml; charset=utf-8"), ("User-Agent", "MarkLogic")),
    envelope='<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Header><ns1:AuthenticationHeader>'
    "<mktowsUserId>{user}</mktowsUserId><requestSignature>{signature}</requestSignature>"
    "<requestTimestamp>{timestamp}</requestTimestamp></ns1:AuthenticationHeader></SOAP-ENV:Header><SOAP-ENV:Body>"
    "<ns1:paramsSyncLead><leadRecord><Email>mark@example.com</Email><leadAttributeList><attribute>"
    "<attrName>FirstName</attrName><attrValue>Mark</attrValue></attribute></leadAttributeList></leadRecord>"
    "</ns1:paramsSyncLead></SOAP-ENV:Body></SOAP-ENV:Envelope>",
    returned=None,
)

# gowsdl (Go): encoding/xml carries the default namespace down, so that every child is qualified.
GOWSDL = Replay(
    name="gowsdl (Go)",
    version="3_1",
    headers=(
        ("User-Agent", "gowsdl/0.1"),
        ("Content-Type", 'text/xml; charset="utf-8"'),
        ("SOAPAction", "http://www.marketo.com/mktows/syncLead"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ),
    envelope='<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/">'
    '<Header xmlns="http://schemas.xmlsoap.org/soap/envelope/">'
    '<AuthenticationHeader xmlns="http://www.marketo.com/mktows/"><mktowsUserId>{user}</mktowsUserId>'
    "<requestSignature>{signature}</requestSignature><requestTimestamp>{timestamp}</requestTimestamp>"
    '</AuthenticationHeader></Header><Body xmlns="http://schemas.xmlsoap.org/soap/envelope/">'
    '<paramsSyncLead xmlns="http://www.marketo.com/mktows/"><leadRecord><Email>gopher@example.com</Email>'
    "<leadAttributeList><attribute><attrName>FirstName</attrName><attrValue>Go</attrValue></attribute>"
    "</leadAttributeList></leadRecord><returnLead>true</returnLead></paramsSyncLead></Body></Envelope>",
    returned={"Email": "gopher@example.com", "FirstName": "Go"},
)

# Axis 1 in its default encoding: an emoji as the two halves of a surrogate pair, which no XML parser takes.
AXIS_EMOJI = Replay(
    name="Axis 1, an emoji in UTF-8",
    version="2_2",
    headers=(
        ("Content-Type", "text/xml; charset=utf-8"),
        ("Accept", "application/soap+xml, application/dime, multipart/related, text/*"),
        ("User-Agent", "Axis/1.4"),
        ("Cache-Control", "no-cache"),
        ("Pragma", "no-cache"),
        ("SOAPAction", '"http://www.marketo.com/mktows/syncLead"'),
    ),
    envelope=GOWSDL.envelope.replace("Go</attrValue>", "&#55357;&#56658;</attrValue>"),
    status="SOAP-ENV:Client Bad Request",
    warnings=("the body could not be parsed: reference to invalid character number: line 1",),
)

# PHP's SoapClient, when a program puts one object into a list twice: the second time it only refers to it.
PHP_TWICE = Replay(
    name="PHP SoapClient, one object twice",
    version="2_2",
    headers=(
        ("User-Agent", "PHP-SOAP/8.2.29"),
        ("Content-Type", "text/xml; charset=utf-8"),
        ("SOAPAction", '"http://www.marketo.com/mktows/syncLead"'),
    ),
    envelope='<?xml version="1.0" encoding="UTF-8"?>\n'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Header><ns1:AuthenticationHeader>'
    "<mktowsUserId>{user}</mktowsUserId><requestSignature>{signature}</requestSignature>"
    "<requestTimestamp>{timestamp}</requestTimestamp></ns1:AuthenticationHeader></SOAP-ENV:Header><SOAP-ENV:Body>"
    "<ns1:paramsSyncLead><leadRecord><Email>twice@example.com</Email><leadAttributeList>"
    '<attribute id="ref1"><attrName>FirstName</attrName><attrValue>Ann</attrValue></attribute>'
    '<attribute href="#ref1"/></leadAttributeList></leadRecord><returnLead>true</returnLead></ns1:paramsSyncLead>'
    "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n",
    warnings=("attribute FirstName is there twice: the last one counts",),
    returned={"Email": "twice@example.com", "FirstName": "Ann"},
)

REPLAYS = (SEGMENT, MARKETY, CLEARFIT, NODE_MARKETO, MARKLOGIC, GOWSDL, AXIS_EMOJI, PHP_TWICE)


@dataclass
class Marketo:
    """A server, and what it noted."""

    server: MarketoServer
    calls: list[Call]

    def post(self, replay: Replay) -> tuple[int, str | None, bytes]:
        """Status, content type and body of the answer; the headers are sent as they are, with Host and the length."""
        timestamp = replay.time(dt.datetime.now(dt.UTC))
        signature = auth.sign(DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY, timestamp)
        text = replay.envelope
        for place, value in (("user", DEFAULT_USER_ID), ("signature", signature), ("timestamp", timestamp)):
            text = text.replace(f"{{{place}}}", value)
        body = text.encode()
        address = urlsplit(self.server.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        connection.putrequest("POST", f"/soap/mktows/{replay.version}", skip_accept_encoding=True)
        for name, value in (*replay.headers, ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        answer = response.status, response.getheader("Content-Type"), response.read()
        connection.close()
        return answer


@pytest.fixture(scope="module")
def marketo() -> Iterator[Marketo]:
    calls: list[Call] = []
    with MarketoServer(Settings(port=0, fixture=("workspaces",)), on_call=calls.append) as server:
        yield Marketo(server, calls)


@pytest.mark.parametrize("replay", REPLAYS, ids=lambda replay: replay.name)
def test_replay(marketo, replay):
    status, content_type, body = marketo.post(replay)
    answer = etree.fromstring(body)
    fault = answer.findtext(".//faultcode")
    said = answer.findtext(".//status") or f"{fault} {answer.findtext('.//faultstring')}"
    assert (said, status, content_type) == (replay.status, 500 if fault else 200, "text/xml; charset=utf-8")

    warnings = [warning.message for warning in marketo.calls[-1].warnings]
    assert len(warnings) == len(replay.warnings)
    assert all(found.startswith(expected) for found, expected in zip(warnings, replay.warnings, strict=True))

    if not fault:
        assert returned(answer, replay.returned or {}) == replay.returned


def returned(answer: etree._Element, wanted: dict[str, str | None]) -> dict[str, str | None] | None:
    """Members and attributes of the leadRecord, those that were asked for; None where it is nil."""
    (record,) = answer.iter("leadRecord")
    if record.get(XSI_NIL) == "true":
        return None
    there = {child.tag: None if child.get(XSI_NIL) else child.text for child in record}
    there |= {item.findtext("attrName"): item.findtext("attrValue") for item in record.iter("attribute")}
    assert all(item.findtext("attrType") for item in record.iter("attribute"))
    return {name: there[name] for name in wanted}
