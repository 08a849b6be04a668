"""What client libraries and broken clients really send, byte for byte, and what the vendor's stack made of it.

The requests of client libraries lie in `requests/`, one a file; the broken ones are built here from a good one.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path
from string import Template

import pytest
from support import KEY, NOW, USER, Marketo

from mockmkto import auth

REQUESTS = Path(__file__).parent / "requests"

FIXTURE = """
time_zone: America/Los_Angeles
leads:
  - {Id: 1, Email: known@example.com, attributes: {FirstName: Kay}}
"""

W3C = "2026-03-14T02:26:53-07:00"
UTC = "2026-03-14T09:26:53Z"


def signed(text: str, timestamp: str = W3C) -> str:
    """A request with who is calling, and when, filled in."""
    signature = auth.sign(USER, KEY, timestamp)
    return Template(text).substitute(user=USER, signature=signature, timestamp=timestamp)


@pytest.fixture
def marketo():
    return Marketo(FIXTURE)


# ---------------------------------------------------------------------------------------------------------------------
# Client libraries


@dataclass(frozen=True)
class Client:
    """A request that a client library sends, how it spells the time, and what comes of it."""

    file: str
    answer: str
    warnings: tuple[str, ...] = ()
    timestamp: str = W3C


CASE_IGNORED = (
    "element <foreignSysPersonId> of leadRecord was ignored: "
    "names are case-sensitive, and it is spelled <ForeignSysPersonId>"
)
EMAIL_IGNORED = "element <email> of leadRecord was ignored: names are case-sensitive, and it is spelled <Email>"
NO_OFFSET = (
    "The requestTimestamp '2026-03-14T02:26:53.123456' has no offset: it was read in America/Los_Angeles. "
    "Send one, or Z for UTC."
)

KEYLESS = (
    "a lead without a key is refused here; with the switch keyless_leads=create it is made: three published clients "
    "relied on that"
)

CLIENTS = [
    Client("seed_page", "CREATED"),
    Client("php_soapclient", "CREATED"),
    Client("php_soapclient_nil_members", "CREATED"),
    Client("segmentio_python", "CREATED"),
    Client("segmentio_python_get_lead", "OK"),
    Client("veelo_python", "CREATED"),
    Client("suds_python", "CREATED", timestamp=UTC),
    Client("suds_python", "CREATED", (NO_OFFSET,), timestamp="2026-03-14T02:26:53.123456"),
    Client("zeep_python", "CREATED", timestamp="2026-03-14T09:26:53.123456+00:00"),
    Client("markety_ruby", "CREATED", (CASE_IGNORED,)),
    Client("markety_ruby_workspace", "CREATED"),
    Client("savon_ruby_of_the_seed_page", "20101", (EMAIL_IGNORED, KEYLESS)),
    Client("clearfit_ruby", "CREATED", timestamp="2026-03-14 02:26:53 -0700"),
    Client("jaxws_java", "CREATED"),
    Client("axis_java", "CREATED"),
    Client("axis_java_multiref", "CREATED"),
    Client("axis2_java", "CREATED", timestamp="2026-03-14T02:26:53-0700"),
    Client("spring_ws_java", "CREATED", ("header <MessageID> was ignored",)),
    Client(
        "talend_java",
        "CREATED",
        (
            "element <moveCookie> of paramsSyncLead was ignored: did you mean <marketoCookie>?",
            "element <partnerId> of AuthenticationHeader was ignored",
        ),
    ),
    Client("node_soap", "CREATED", timestamp="2026-03-14T09:26:53.123Z"),
    Client("strong_soap_node", "CREATED", timestamp="2026-03-14T09:26:53.123Z"),
    Client("datahero_node", "CREATED", timestamp="2026-03-14T09:26:53.123Z"),
    Client(
        "wision_node",
        "20014",
        ("element <AuthenticationHeader> of AuthenticationHeader was ignored",),
        timestamp="2026-03-14T09:26:53.123Z",
    ),
    Client("marklogic_xquery", "CREATED", timestamp="2026-03-14T02:26:53.5-07:00"),
    Client("gowsdl_go", "CREATED", timestamp=UTC),
    Client("wcf_dotnet", "CREATED", ("header <ActivityId> was ignored",), timestamp=UTC),
    Client("mono_asmx", "CREATED", timestamp=UTC),
    Client("soap_lite_perl", "CREATED", ("element <c-gensym3> of paramsSyncLead was ignored",)),
    Client("soapui", "CREATED"),
    Client("blog_sample_lead_id", "CREATED", ("element <leadId> of leadRecord was ignored",)),
]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: f"{client.file} {client.timestamp}")
def test_a_client_library_is_answered(marketo, client):
    text = (REQUESTS / f"{client.file}.xml").read_text(encoding="utf-8")
    answer = marketo.post(signed(text, client.timestamp))
    assert (answer.call.status, answer.warnings) == (client.answer, list(client.warnings))


def test_every_request_of_a_client_library_is_tried():
    assert {file.stem for file in REQUESTS.iterdir()} == {client.file for client in CLIENTS}


@pytest.mark.parametrize("client", ["talend_java", "zeep_python", "php_soapclient"])
def test_the_third_edition_knows_partner_id_and_move_cookie(marketo, client):
    answer = marketo.post(signed((REQUESTS / f"{client}.xml").read_text(encoding="utf-8")), version="3_1")
    assert (answer.status, answer.warnings) == ("CREATED", [])


def test_with_any_case_the_ruby_sample_of_the_seed_page_is_read():
    marketo = Marketo("behaviour: {element_names: any_case}")
    text = (REQUESTS / "savon_ruby_of_the_seed_page.xml").read_text(encoding="utf-8")
    answer = marketo.post(signed(text))
    assert (answer.status, answer.warnings) == ("CREATED", ["element <email> of leadRecord was read as <Email>"])
    assert marketo.lead(answer.lead_id).email == "ann@example.com"


# ---------------------------------------------------------------------------------------------------------------------
# What is read alike, and what is refused

GOOD = signed((REQUESTS / "seed_page.xml").read_text(encoding="utf-8"))
DECLARATION, ENVELOPE = GOOD.split("\n", 1)
UNDECLARED = ENVELOPE.replace("Ann<", "Zoë<")  # no XML declaration, and a letter that is not ASCII
LATIN = DECLARATION.replace("UTF-8", "ISO-8859-1") + UNDECLARED
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(20))


def with_value(text: str) -> str:
    """A good request whose first value is this piece of XML."""
    return GOOD.replace(">Ann<", f">{text}<")


def with_record(text: str) -> str:
    """A good request with this piece of XML in its leadRecord."""
    return GOOD.replace("<Email>", f"{text}<Email>")


def with_header(text: str) -> str:
    return GOOD.replace("<SOAP-ENV:Header>", f"<SOAP-ENV:Header>{text}")


def with_body(text: str) -> str:
    start, end = GOOD.index("<SOAP-ENV:Body>"), GOOD.index("</SOAP-ENV:Envelope>")
    return GOOD[:start] + f"<SOAP-ENV:Body>{text}</SOAP-ENV:Body>" + GOOD[end:]


def with_dtd(dtd: str, value: str = "Ann") -> str:
    return DECLARATION + dtd + with_value(value).split("\n", 1)[1]


def nested(depth: int) -> str:
    """A good request whose deepest element is so deep; envelope, Body and params are the first three."""
    inside = depth - 3
    return GOOD.replace("<leadRecord>", "<x>" * inside + "</x>" * inside + "<leadRecord>")


XML = "text/xml; charset=utf-8"

READ = {
    "no Content-Type": (GOOD, None),
    "empty Content-Type": (GOOD, ""),
    "application/soap+xml": (GOOD, 'application/soap+xml; charset=utf-8; action="urn:x"'),
    "a form": (GOOD, "application/x-www-form-urlencoded"),
    "JSON": (GOOD, "application/json"),
    "a quoted charset": (GOOD, 'text/xml; charset="utf-8"'),
    "no XML declaration": (ENVELOPE, XML),
    "white space before an envelope without declaration": ("\r\n  " + ENVELOPE, XML),
    "white space after it": (GOOD + "\r\n\r\n", XML),
    "CR LF line ends": (GOOD.replace("\n", "\r\n"), XML),
    "XML 1.1": (GOOD.replace('version="1.0"', 'version="1.1"'), XML),
    "standalone": (GOOD.replace("?>", ' standalone="yes"?>', 1), XML),
    "comments and processing instructions": (GOOD.replace("<Email>", "<!-- <Id>7</Id> --><?php echo ?><Email>"), XML),
    "another prefix for the contract": (GOOD.replace("ns1:", "m.1-x:").replace("xmlns:ns1", "xmlns:m.1-x"), XML),
}


@pytest.mark.parametrize(("body", "content_type"), READ.values(), ids=READ)
def test_read_alike_and_without_a_warning(marketo, body, content_type):
    answer = marketo.post(body, content_type=content_type)
    assert (answer.call.status, answer.warnings) == ("CREATED", [])


ENCODED = {
    "UTF-8 by default": (UNDECLARED.encode(), "text/xml"),
    "UTF-8 with a byte order mark": (codecs.BOM_UTF8 + UNDECLARED.encode(), "text/xml"),
    "a byte order mark and a declaration": (codecs.BOM_UTF8 + (DECLARATION + UNDECLARED).encode(), "text/xml"),
    "UTF-16 by byte order mark": (UNDECLARED.encode("utf-16"), "text/xml"),
    "UTF-16 by declaration": ((DECLARATION.replace("UTF-8", "UTF-16") + UNDECLARED).encode("utf-16"), "text/xml"),
    "UTF-16 by charset": (UNDECLARED.encode("utf-16-be"), "text/xml; charset=utf-16be"),
    "Latin-1 by declaration": (LATIN.encode("latin-1"), "text/xml"),
    "Latin-1 by charset": (UNDECLARED.encode("latin-1"), "text/xml; charset=ISO-8859-1"),
    "Windows-1252 by charset": (UNDECLARED.encode("cp1252"), 'text/xml; Charset="windows-1252"'),
    "the declaration wins over the charset": (LATIN.encode("latin-1"), "text/xml; charset=utf-8"),
    "UTF-8 declared, charset Latin-1": ((DECLARATION + UNDECLARED).encode(), "text/xml; charset=iso-8859-1"),
    "the mark wins over the charset": (codecs.BOM_UTF8 + UNDECLARED.encode(), "text/xml; charset=iso-8859-1"),
    "UTF-16 mark, charset Latin-1": (UNDECLARED.encode("utf-16"), "text/xml; charset=iso-8859-1"),
    "a character reference in ASCII": (UNDECLARED.replace("ë", "&#xEB;").encode(), "text/xml; charset=us-ascii"),
}


@pytest.mark.parametrize(("body", "content_type"), ENCODED.values(), ids=ENCODED)
def test_the_declaration_decides_the_encoding_and_else_the_charset(marketo, body, content_type):
    answer = marketo.post(body, content_type=content_type)
    assert marketo.lead(answer.lead_id).attributes["FirstName"] == "Zoë"


@pytest.mark.parametrize("charset", ["nonsense", "é", "\x00", "hex", "'utf-8'"])
def test_an_unknown_charset_is_ignored_with_a_warning(marketo, charset):
    answer = marketo.post(UNDECLARED, content_type=f"text/xml; charset={charset}")
    warning = f"the charset {charset} of the Content-Type is not known: it was ignored"
    assert (answer.status, answer.warnings) == ("CREATED", [warning])


VALUES = {
    "white space is kept": (" Ann\t", " Ann\t"),
    "CR LF becomes LF": ("A\r\nB", "A\nB"),
    "a CR by reference stays": ("A&#13;B", "A\rB"),
    "CDATA": ("<![CDATA[<b> & </b>]]>", "<b> & </b>"),
    "CDATA beside text": ("a<![CDATA[&]]>b", "a&b"),
    "a comment inside": ("A<!-- x -->nn", "Ann"),
    "a processing instruction inside": ("A<?x y?>nn", "Ann"),
    "the five entities of XML": ("&amp;&lt;&gt;&quot;&apos;", "&<>\"'"),
    "an astral character": ("\U0001f600", "\U0001f600"),
    "an astral character by reference": ("&#x1F600;", "\U0001f600"),
    "a combining sequence, as it was sent": ("e\u0301", "e\u0301"),
    "markup that was escaped twice": ("&amp;lt;", "&lt;"),
}


@pytest.mark.parametrize(("sent", "value"), VALUES.values(), ids=VALUES)
def test_a_value_is_the_text_that_xml_says_it_is(marketo, sent, value):
    answer = marketo.post(with_value(sent))
    assert marketo.lead(answer.lead_id).attributes["FirstName"] == value


BAD_REQUEST = ("SOAP-ENV:Client", "Bad Request")
WRONG_VERSION = ("SOAP-ENV:VersionMismatch", "Wrong Version")
NO_BODY = ("SOAP-ENV:Client", "Body must be present in a SOAP envelope")
EMPTY_BODY = ("SOAP-ENV:Client", 'looks like we got "Body" without function call')
ENCODING = ("SOAP-ENV:Server", "SOAP-ERROR: Encoding: Violation of encoding rules")
NOT_UNDERSTOOD = ("SOAP-ENV:MustUnderstand", "Header not understood")
DTD = ("SOAP-ENV:Server", "DTD are not supported by SOAP")
NO_OPERATION = ("20019", "20019 - Unsupported operation")
UNKNOWN_CALLER = ("20014", "20014 - Authentication failed")

BODY = GOOD[GOOD.index("<SOAP-ENV:Body>") : GOOD.index("</SOAP-ENV:Envelope>")]
CALL = GOOD[GOOD.index("<ns1:paramsSyncLead>") : GOOD.index("</SOAP-ENV:Body>")]
HEADER = GOOD[GOOD.index("<SOAP-ENV:Header>") : GOOD.index("<SOAP-ENV:Body>")]

REFUSED = {
    # what is not well-formed
    "nothing": ("", BAD_REQUEST),
    "white space": (" \r\n", BAD_REQUEST),
    "text": ("hello", BAD_REQUEST),
    "JSON": ('{"leadRecord": {"Email": "ann@example.com"}}', BAD_REQUEST),
    "a form": ("Email=ann%40example.com&returnLead=true", BAD_REQUEST),
    "the XML declaration alone": (DECLARATION, BAD_REQUEST),
    "white space before the declaration": ("\n" + GOOD, BAD_REQUEST),
    "truncated in a tag": (GOOD[:400], BAD_REQUEST),
    "truncated before the last tag": (GOOD[: GOOD.index("</SOAP-ENV:Envelope>")], BAD_REQUEST),
    "text after the envelope": (GOOD + "junk", BAD_REQUEST),
    "two envelopes": (ENVELOPE + ENVELOPE, BAD_REQUEST),
    "a bare ampersand": (with_value("Ann & Bob"), BAD_REQUEST),
    "a bare less-than": (with_value("1 < 2"), BAD_REQUEST),
    "a prefix without declaration": (with_record("<mkt:Id>1</mkt:Id>"), BAD_REQUEST),
    "an attribute twice": (with_record('<Id a="1" a="2"/>'), BAD_REQUEST),
    "an attribute without quotes": (with_record("<Id a=1/>"), BAD_REQUEST),
    "tags that cross": (with_record("<a><b></a></b>"), BAD_REQUEST),
    "an entity of HTML": (with_value("caf&eacute;"), BAD_REQUEST),
    "a NUL": (with_value("A\0nn"), BAD_REQUEST),
    "a NUL after the envelope, as C strings end": (GOOD + "\0", BAD_REQUEST),
    "a NUL by reference": (with_value("A&#0;nn"), BAD_REQUEST),
    "a control character": (with_value("A\x0bnn"), BAD_REQUEST),
    "half a surrogate pair": (with_value("\ud83d").encode("utf-8", "surrogatepass"), BAD_REQUEST),
    "Latin-1 that says it is UTF-8": (with_value("Zoë").encode("latin-1"), BAD_REQUEST),
    "an encoding that does not exist": (GOOD.replace("UTF-8", "nonsense"), BAD_REQUEST),
    "UTF-8 that says it is UTF-16": (GOOD.replace("UTF-8", "UTF-16"), BAD_REQUEST),
    "257 levels": (nested(257), BAD_REQUEST),
    "a million levels": ("<x>" * 1_000_000, BAD_REQUEST),
    "a MIME message with an attachment": (
        f"--x\r\nContent-Type: application/xop+xml\r\n\r\n{GOOD}\r\n--x--\r\n",
        BAD_REQUEST,
    ),
    # what is not a call
    "another XML document": ("<rss version='2.0'/>", WRONG_VERSION),
    "XHTML": ("<html><body/></html>", WRONG_VERSION),
    "an envelope without namespace": ("<Envelope><Body/></Envelope>", WRONG_VERSION),
    "a SOAP 1.2 envelope": (GOOD.replace(SOAP_11, "http://www.w3.org/2003/05/soap-envelope"), WRONG_VERSION),
    "the namespace of the envelope without its slash": (GOOD.replace(SOAP_11, SOAP_11[:-1]), WRONG_VERSION),
    "the call without an envelope": (CALL.replace("ns1:", ""), WRONG_VERSION),
    "XML-RPC": ("<methodCall><methodName>syncLead</methodName></methodCall>", WRONG_VERSION),
    "no Body": (GOOD.replace(BODY, ""), NO_BODY),
    "an empty envelope": (f'<e:Envelope xmlns:e="{SOAP_11}"/>', NO_BODY),
    "a Body of another namespace": (f'<e:Envelope xmlns:e="{SOAP_11}"><Body/></e:Envelope>', NO_BODY),
    "something before the Header": (GOOD.replace("<SOAP-ENV:Header>", "<x/><SOAP-ENV:Header>"), NO_BODY),
    "an empty Body": (with_body(""), EMPTY_BODY),
    "a Body of white space": (with_body(" \n "), EMPTY_BODY),
    "a Body of text": (with_body("syncLead"), EMPTY_BODY),
    "a Body with a comment": (with_body("<!-- x -->"), EMPTY_BODY),
    # which operation: before it is asked who is calling
    "an unknown operation": (with_body("<ns1:paramsFly/>"), NO_OPERATION),
    "one that is not offered": (with_body("<ns1:paramsGetNothing/>"), NO_OPERATION),
    "the operation's name": (with_body("<ns1:syncLead/>"), NO_OPERATION),
    "in another case": (with_body("<ns1:ParamsSyncLead/>"), NO_OPERATION),
    "without namespace": (with_body("<paramsSyncLead/>"), NO_OPERATION),
    "the namespace without its slash": (
        with_body('<p:paramsSyncLead xmlns:p="http://www.marketo.com/mktows"/>'),
        NO_OPERATION,
    ),
    "an answer": (with_body("<ns1:successSyncLead/>"), NO_OPERATION),
    "a fault": (with_body("<SOAP-ENV:Fault/>"), NO_OPERATION),
    "an unknown operation of an unknown caller": (with_body("<x/>").replace(HEADER, ""), NO_OPERATION),
    # what the stack could not decode
    "an Id that is no number": (with_record("<Id>abc</Id>"), ENCODING),
    "an Id with a thousands separator": (with_record("<Id>1,001</Id>"), ENCODING),
    "an Id with elements": (with_record("<Id><value>1</value></Id>"), ENCODING),
    "an e-mail with elements": (GOOD.replace("ann@example.com", "<a>ann</a>@example.com"), ENCODING),
    "a value with elements": (with_value("<b>Ann</b>"), ENCODING),
    "encoding before authentication": (with_record("<Id>abc</Id>").replace(HEADER, ""), ENCODING),
    # headers
    "a header that must be understood": (
        with_header('<s:Security xmlns:s="urn:s" SOAP-ENV:mustUnderstand="1"/>'),
        NOT_UNDERSTOOD,
    ),
    "one that must be, in a word": (
        with_header('<s:Security xmlns:s="urn:s" SOAP-ENV:mustUnderstand="true"/>'),
        NOT_UNDERSTOOD,
    ),
    "mustUnderstand that is no boolean": (
        with_header('<s:Security xmlns:s="urn:s" SOAP-ENV:mustUnderstand="maybe"/>'),
        ("SOAP-ENV:Client", "mustUnderstand value is not boolean"),
    ),
    "no Header": (GOOD.replace(HEADER, ""), UNKNOWN_CALLER),
    "an empty Header": (with_body(CALL).replace(HEADER, "<SOAP-ENV:Header/>"), UNKNOWN_CALLER),
    "the Header after the Body": (GOOD.replace(HEADER, "").replace(BODY, BODY + HEADER), UNKNOWN_CALLER),
    "an AuthenticationHeader for another actor": (
        GOOD.replace("<ns1:AuthenticationHeader>", '<ns1:AuthenticationHeader SOAP-ENV:actor="urn:proxy">'),
        UNKNOWN_CALLER,
    ),
    # what could hurt
    "a document type": (DECLARATION + "<!DOCTYPE Envelope>" + ENVELOPE, DTD),
    "an HTML page": ("<!DOCTYPE html><html><body/></html>", DTD),
    "a document type after comments": ("<!-- a --><?b?>\n<!DOCTYPE x>" + ENVELOPE, DTD),
    "a document type in UTF-16": (("<!DOCTYPE x>" + ENVELOPE).encode("utf-16"), DTD),
    "an external document type": (with_dtd('<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'), DTD),
    "an external entity": (with_dtd('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"), DTD),
    "an external parameter entity": (with_dtd('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]>'), DTD),
    "a billion laughs": (with_dtd(f"<!DOCTYPE x [{LAUGHS}]>", "&l19;"), DTD),
    "a billion laughs in an attribute": (
        with_dtd(f"<!DOCTYPE x [{LAUGHS}]>").replace("<Email>", '<Email x="&l19;">'),
        DTD,
    ),
}


@pytest.mark.parametrize(("body", "fault"), REFUSED.values(), ids=REFUSED)
def test_refused_with_the_fault_of_the_vendor(marketo, body, fault):
    answer = marketo.post(body)
    assert (answer.http_status, answer.code, answer.fault_string) == (500, *fault)


LENIENT = {
    "mustUnderstand 0": (with_header('<x:y xmlns:x="urn:x" SOAP-ENV:mustUnderstand="0"/>'), ["header <y> was ignored"]),
    "mustUnderstand false": (
        with_header('<x:y xmlns:x="urn:x" SOAP-ENV:mustUnderstand="false"/>'),
        ["header <y> was ignored"],
    ),
    "an unknown header": (with_header("<ns1:Session>1</ns1:Session>"), ["header <Session> was ignored"]),
    "a header that is misspelled": (
        with_header("<ns1:MktowsContextHeaders/>"),
        ["header <MktowsContextHeaders> was ignored: did you mean <MktowsContextHeader>?"],
    ),
    "a header that must be understood, by another actor": (
        with_header('<x:y xmlns:x="urn:x" SOAP-ENV:actor="urn:proxy" SOAP-ENV:mustUnderstand="1"/>'),
        ["header <y> was ignored: its actor is urn:proxy, which is somebody else"],
    ),
    "a known header for the next actor": (
        GOOD.replace(
            "<ns1:AuthenticationHeader>",
            '<ns1:AuthenticationHeader SOAP-ENV:mustUnderstand="1" '
            'SOAP-ENV:actor="http://schemas.xmlsoap.org/soap/actor/next">',
        ),
        [],
    ),
    "several calls": (
        with_body(CALL + "<ns1:paramsGetLead/>"),
        ["<paramsGetLead> was ignored: only the first element of the Body is read"],
    ),
    "something after the Body": (GOOD.replace(BODY, BODY + "<x/>"), []),
    "256 levels": (nested(256), ["element <x> of paramsSyncLead was ignored"]),
    "encodingStyle and xsi:type": (
        GOOD.replace("<Email>", '<Email xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="x:y">').replace(
            "<ns1:paramsSyncLead>",
            '<ns1:paramsSyncLead SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">',
        ),
        [],
    ),
    "attributes that nobody knows": (GOOD.replace("<Email>", '<Email id="i1" lang="en">'), []),
    "what looks like a DTD in a value": (with_value("<![CDATA[<!DOCTYPE html>]]>"), []),
    "returnLead missing": (GOOD.replace("<returnLead>false</returnLead>", ""), []),
}


@pytest.mark.parametrize(("body", "warnings"), LENIENT.values(), ids=LENIENT)
def test_what_the_stack_let_pass_is_let_pass_and_never_silently(marketo, body, warnings):
    answer = marketo.post(body)
    assert (answer.call.status, answer.warnings) == ("CREATED", warnings)


LARGE = {
    "2,000 attributes": "".join(
        f"<attribute><attrName>Custom{n}</attrName><attrValue>{n}</attrValue></attribute>" for n in range(2000)
    ),
    "a value of 1 MB": f"<attribute><attrName>Notes</attrName><attrValue>{'é' * 500_000}</attrValue></attribute>",
}


@pytest.mark.parametrize("attributes", LARGE.values(), ids=LARGE)
def test_a_large_request_comes_back_as_large(attributes):
    custom = "".join(f"  - {{name: Custom{n}, type: string}}\n" for n in range(2000))
    marketo = Marketo(f"fields:\n  - {{name: Notes, type: text, length: 2000000}}\n{custom}")
    body = f"<leadRecord><Email>ann@example.com</Email><leadAttributeList>{attributes}</leadAttributeList></leadRecord>"
    answer = marketo.post(
        marketo.envelope(f"<ns1:paramsSyncLead>{body}<returnLead>true</returnLead></ns1:paramsSyncLead>")
    )
    sent = attributes.count("<attribute>") + 1  # and the Website
    assert len(answer.record.attributes) == sent


def test_no_broken_request_leaves_a_lead_behind(marketo):
    before = marketo.dump()
    for body, _ in REFUSED.values():
        marketo.post(body)
    assert marketo.dump() == before
    assert marketo.now == NOW
