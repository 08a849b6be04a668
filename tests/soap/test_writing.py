"""The answer, byte for byte: what the vendor's stack wrote for successes and for faults."""

import pytest
from support import Marketo

from mockmkto.errors import FAULT_STRINGS, Code, MarketoError, StackFault
from mockmkto.soap.writing import write_fault

OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
)
XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NS1 = ' xmlns:ns1="http://www.marketo.com/mktows/"'
CLOSE = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"


def success(operation: str, result: str, xsi: str = XSI) -> bytes:
    root = f"ns1:success{operation}"
    return f"{OPEN}{xsi}{NS1}><SOAP-ENV:Body><{root}><result>{result}</result></{root}>{CLOSE}".encode()


def synced(lead_id: int, status: str, record: str) -> bytes:
    sync_status = f'<leadId>{lead_id}</leadId><status>{status}</status><error xsi:nil="true"/>'
    return success("SyncLead", f"<leadId>{lead_id}</leadId><syncStatus>{sync_status}</syncStatus>{record}")


def record(lead_id: int, email: str, foreign: str, attributes: str) -> str:
    listed = (
        f"<leadAttributeList>{attributes}</leadAttributeList>" if attributes else '<leadAttributeList xsi:nil="true"/>'
    )
    return f"<leadRecord><Id>{lead_id}</Id>{email}{foreign}{listed}</leadRecord>"


def attribute(name: str, type_: str, value: str) -> str:
    return (
        f"<attribute><attrName>{name}</attrName><attrType>{type_}</attrType><attrValue>{value}</attrValue></attribute>"
    )


NO_FOREIGN_ID = '<ForeignSysPersonId xsi:nil="true"/><ForeignSysType xsi:nil="true"/>'
FOREIGN_ID = "<ForeignSysPersonId>A-7</ForeignSysPersonId><ForeignSysType>CUSTOM</ForeignSysType>"
EMAIL = "<Email>ann@example.com</Email>"


@pytest.fixture
def marketo():
    return Marketo("behaviour: {derive_website: false}")


def test_a_lead_that_is_not_returned_is_nil_and_so_is_the_error(marketo):
    answer = marketo.sync(Email="ann@example.com", return_lead=False)
    assert answer.body == synced(1001, "CREATED", '<leadRecord xsi:nil="true"/>')


def test_an_update_differs_in_its_status_alone(marketo):
    marketo.sync(Email="ann@example.com")
    answer = marketo.sync(Email="ann@example.com", return_lead=False)
    assert answer.body == synced(1001, "UPDATED", '<leadRecord xsi:nil="true"/>')


def test_a_returned_lead_without_attributes_has_its_list_nil(marketo):
    answer = marketo.sync(Email="ann@example.com")
    assert answer.body == synced(1001, "CREATED", record(1001, EMAIL, NO_FOREIGN_ID, ""))


def test_a_lead_without_email_has_it_nil(marketo):
    answer = marketo.sync(ForeignSysPersonId="A-7", ForeignSysType="CUSTOM")
    assert answer.body == synced(1001, "CREATED", record(1001, '<Email xsi:nil="true"/>', FOREIGN_ID, ""))


def test_attributes_come_with_their_type_sorted_by_upper_cased_name(marketo):
    answer = marketo.sync({"LastName": "Hill", "Company": "Hill & Sons", "FirstName": "Ann"}, Email="ann@example.com")
    attributes = (
        attribute("Company", "string", "Hill &amp; Sons")
        + attribute("FirstName", "string", "Ann")
        + attribute("LastName", "string", "Hill")
    )
    assert answer.body == synced(1001, "CREATED", record(1001, EMAIL, NO_FOREIGN_ID, attributes))


def test_several_leads_stand_in_one_list():
    marketo = Marketo(
        "leads: [{Id: 7, Email: ann@example.com, attributes: {FirstName: Ann}}, {Id: 8, Email: ann@example.com}]"
    )
    older = record(7, EMAIL, NO_FOREIGN_ID, attribute("FirstName", "string", "Ann"))
    newer = record(8, EMAIL, NO_FOREIGN_ID, "")
    result = f"<count>2</count><leadRecordList>{newer}{older}</leadRecordList>"
    assert marketo.get("EMAIL", "ann@example.com").body == success("GetLead", result)


def test_xsi_is_declared_only_where_something_is_nil():
    who = "{Id: 7, Email: ann@example.com, foreign_ids: [{type: CUSTOM, id: A-7}], attributes: {City: Rome}}"
    fixture = f"leads: [{who}]"
    records = record(7, EMAIL, FOREIGN_ID, attribute("City", "string", "Rome"))
    result = f"<count>1</count><leadRecordList>{records}</leadRecordList>"
    assert Marketo(fixture).get("IDNUM", 7).body == success("GetLead", result, xsi="")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a & b", "a &amp; b"),
        ("<b>", "&lt;b&gt;"),
        ("]]>", "]]&gt;"),
        ("&amp;", "&amp;amp;"),
        ("a\rb", "a&#13;b"),
        ("a\r\nb", "a&#13;\nb"),
        ("a\tb\nc", "a\tb\nc"),
        ("\"double\" and 'single'", "\"double\" and 'single'"),
        ("Zoë Żółć 東京", "Zoë Żółć 東京"),
        ("\U0001f600", "\U0001f600"),
        ("e\u0301", "e\u0301"),
        (' xsi:nil="true"/>', ' xsi:nil="true"/&gt;'),
    ],
)
def test_a_value_is_escaped_as_little_as_the_stack_did(marketo, value, written):
    marketo.sync(Email="ann@example.com")
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    attributes = f"<attribute><attrName>Company</attrName><attrValue>{escaped}</attrValue></attribute>"
    lead = f"<leadRecord><Id>1001</Id><leadAttributeList>{attributes}</leadAttributeList></leadRecord>"
    call = f"<ns1:paramsSyncLead>{lead}<returnLead>true</returnLead></ns1:paramsSyncLead>"
    answer = marketo.post(marketo.envelope(call))
    expected = record(1001, EMAIL, NO_FOREIGN_ID, attribute("Company", "string", written))
    assert answer.body == synced(1001, "UPDATED", expected)


# ---------------------------------------------------------------------------------------------------------------------
# Faults


def marketo_fault(code: int, fault_string: str, message: str) -> bytes:
    detail = (
        f"<detail><ns1:serviceException{NS1}><name>mktServiceException</name>"
        f"<message>{message}</message><code>{code}</code></ns1:serviceException></detail>"
    )
    return stack_fault("Client", f"{code} - {fault_string}", detail)


def stack_fault(code: str, text: str, detail: str = "") -> bytes:
    return (
        f"{OPEN}><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:{code}</faultcode>"
        f"<faultstring>{text}</faultstring>{detail}</SOAP-ENV:Fault>{CLOSE}"
    ).encode()


NO_OPERATION = "<ns1:paramsFly/>"
GET = "<ns1:paramsGetLead>{}</ns1:paramsGetLead>"

FAULTS = {
    "unsupported operation": (NO_OPERATION, 20019, "Unsupported operation", "Unsupported operation: paramsFly"),
    "no key": (GET.format(""), 20101, "Lead key required", "No lead key was given"),
    "bad key type": (
        GET.format("<leadKey><keyType>SHOE</keyType><keyValue>42</keyValue></leadKey>"),
        20102,
        "Lead key bad",
        "Lead key type is not valid: SHOE",
    ),
    "not found (captured)": (
        GET.format("<leadKey><keyType>EMAIL</keyType><keyValue>nobody@example.com</keyValue></leadKey>"),
        20103,
        "Lead not found",
        "No lead found with EMAIL = nobody@example.com",
    ),
    "a message is escaped": (
        GET.format('<leadKey><keyType>EMAIL</keyType><keyValue>&lt;a&gt;&amp;"</keyValue></leadKey>'),
        20103,
        "Lead not found",
        'No lead found with EMAIL = &lt;a&gt;&amp;"',
    ),
    "no lead": ("<ns1:paramsSyncLead/>", 20104, "Lead detail required", "leadRecord is required"),
}


@pytest.mark.parametrize(("call", "code", "fault_string", "text"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_call(marketo, call, code, fault_string, text):
    answer = marketo.post(marketo.envelope(call))
    assert (answer.http_status, answer.body) == (500, marketo_fault(code, fault_string, f"{text} ({code})"))


WRITES = {
    "unknown fields (captured)": (
        {"shoes": "brown", "hat": "tall"},
        {"Email": "a@example.com"},
        20105,
        "Unknown lead field",
        "syncLead operation failed: unknown fields for import: shoes, hat",
    ),
    "unknown Id (captured)": ({}, {"Id": 5}, 20103, "Lead not found", "No lead found with IDNUM = 5"),
    "no name": (
        {"": "x"},
        {"Email": "a@example.com"},
        20109,
        "Parameter required",
        "attrName of attribute 1 is required",
    ),
    "foreign type": (
        {},
        {"ForeignSysPersonId": "A-7", "ForeignSysType": "SHOE"},
        20110,
        "Input error",
        "ForeignSysType is not valid: SHOE",
    ),
    "workspace": (
        {},
        {"Email": "a@example.com", "workspace": "Attic"},
        20110,
        "Input error",
        "Workspace name is not valid: Attic",
    ),
    "value": (
        {"LeadScore": "many"},
        {"Email": "a@example.com"},
        20110,
        "Input error",
        "Value 'many' is not valid for field LeadScore of type {type}",
    ),
}


@pytest.mark.parametrize(("attributes", "keys", "code", "fault_string", "text"), WRITES.values(), ids=WRITES)
def test_a_fault_of_a_sync(marketo, attributes, keys, code, fault_string, text):
    with marketo.database.transaction() as session:
        score = session.world.fields.find("LeadScore")
    text = text.format(type=score.type.value)
    answer = marketo.sync(attributes, **keys)
    assert (answer.http_status, answer.body) == (500, marketo_fault(code, fault_string, f"{text} ({code})"))


def test_a_lead_outside_the_partition_of_the_workspace():
    marketo = Marketo(
        "workspaces: [{name: Default, primary_partition: Default}, {name: EMEA, primary_partition: Europe}]\n"
        "leads: [{Id: 7, Email: ann@example.com}]"
    )
    text = "syncLead operation failed: lead 7 is not in the primary partition of workspace EMEA (20106)"
    assert marketo.sync(Id=7, workspace="EMEA").body == marketo_fault(20106, "Lead sync failed", text)


def test_a_caller_who_is_not_known_is_told_nothing(marketo):
    answer = marketo.post(marketo.envelope(GET.format(""), key="wrong"))
    assert answer.body == marketo_fault(20014, "Authentication failed", "Authentication failed (20014)")


CAPTURED = {20014: "Authentication failed", 20103: "Lead not found", 20105: "Unknown lead field", 20110: "Input error"}


@pytest.mark.parametrize("code", Code)
def test_every_code_is_its_number_and_a_sentence(code):
    short = FAULT_STRINGS[code]
    assert short == CAPTURED.get(code, short[0] + short[1:].lower())
    assert write_fault(MarketoError(code)) == marketo_fault(code.value, short, f"{short} ({code.value})")


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        (StackFault.bad_request(), "Client", "Bad Request"),
        (StackFault.no_body(), "Client", "Body must be present in a SOAP envelope"),
        (StackFault.empty_body(), "Client", 'looks like we got "Body" without function call'),
        (StackFault.wrong_version(), "VersionMismatch", "Wrong Version"),
        (StackFault.header_not_understood(), "MustUnderstand", "Header not understood"),
        (StackFault.must_understand_not_boolean(), "Client", "mustUnderstand value is not boolean"),
        (StackFault.encoding(), "Server", "SOAP-ERROR: Encoding: Violation of encoding rules"),
        (StackFault.dtd(), "Server", "DTD are not supported by SOAP"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_of_the_stack_has_no_detail(fault, code, text):
    assert write_fault(fault) == stack_fault(code, text)
