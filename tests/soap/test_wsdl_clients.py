"""What clients make of the published document: zeep reads it, libxml2 takes its schema."""

import io

import pytest
import zeep
from contract_tables import operations_of
from lxml import etree

from mockmkto.soap import wsdl
from mockmkto.soap.contract import VERSIONS

ADDRESS = "http://marketo.test:8080/soap/mktows/2_2"
CHECKED = ["2_0", "2_2", "2_7", "3_1"]


def client(version: str) -> zeep.Client:
    return zeep.Client(io.BytesIO(wsdl.document(version, ADDRESS)))


@pytest.mark.parametrize("version", VERSIONS)
def test_zeep_finds_service_port_and_operations(version):
    (service,) = client(version).wsdl.services.values()
    (port,) = service.ports.values()
    assert (service.name, port.name) == ("MktMktowsApiService", "MktowsApiSoapPort")
    assert port.binding_options == {"address": ADDRESS}
    move = ", moveCookie: xsd:boolean" if version.startswith("3_") else ""
    signatures = {name: operation.input.signature() for name, operation in port.binding._operations.items()}
    assert list(signatures) == operations_of(version)
    assert signatures["getLead"] == "leadKey: ns0:LeadKey, _soapheaders={authentication: ns0:AuthenticationHeaderInfo}"
    assert signatures["syncLead"] == (
        f"leadRecord: ns0:LeadRecord, returnLead: xsd:boolean, marketoCookie: xsd:string{move}, "
        "_soapheaders={authentication: ns0:AuthenticationHeaderInfo, mktowsContext: ns0:MktowsContextHeaderInfo}"
    )
    answers = {name: operation.output.signature() for name, operation in port.binding._operations.items()}
    assert answers.pop("getLeadActivity") == "leadActivityList: ns0:LeadActivityList"
    assert answers == {name: f"result: ns0:Result{name[0].upper()}{name[1:]}" for name in answers}


@pytest.mark.parametrize("version", CHECKED)
def test_zeep_names_the_type_of_a_selector(version):
    marketo = client(version)
    selector = marketo.get_type("{http://www.marketo.com/mktows/}StaticListSelector")(staticListName="Newsletter")
    envelope = marketo.create_message(
        marketo.service,
        "getMultipleLeads",
        leadSelector=selector,
        _soapheaders={"authentication": {"mktowsUserId": "u", "requestSignature": "s", "requestTimestamp": "t"}},
    )
    (sent,) = envelope.iter("leadSelector")
    assert sent.get("{http://www.w3.org/2001/XMLSchema-instance}type").endswith(":StaticListSelector")
    assert sent.findtext("staticListName") == "Newsletter"


@pytest.mark.parametrize("version", CHECKED)
def test_zeep_builds_a_call_whose_children_are_unqualified(version):
    marketo = client(version)
    envelope = marketo.create_message(
        marketo.service,
        "syncLead",
        leadRecord={
            "Email": "ann@example.com",
            "leadAttributeList": {"attribute": [{"attrName": "FirstName", "attrValue": "Ann"}]},
        },
        returnLead=True,
        _soapheaders={
            "authentication": {"mktowsUserId": "u", "requestSignature": "s", "requestTimestamp": "t"},
            "mktowsContext": {"targetWorkspace": "Default"},
        },
    )
    tns = "{http://www.marketo.com/mktows/}"
    header, body = envelope
    assert [node.tag for node in header] == [f"{tns}AuthenticationHeader", f"{tns}MktowsContextHeader"]
    assert [node.tag for node in header[0]] == ["mktowsUserId", "requestSignature", "requestTimestamp"]
    assert [node.tag for node in body.iter()][1:] == [
        f"{tns}paramsSyncLead",
        "leadRecord",
        "Email",
        "leadAttributeList",
        "attribute",
        "attrName",
        "attrValue",
        "returnLead",
    ]


@pytest.mark.parametrize("version", CHECKED)
def test_a_captured_answer_is_valid_by_the_schema(version):
    """libxml2 takes the schema, and finds the answer of the vendor's syncLead page valid under it."""
    document = etree.fromstring(wsdl.document(version, ADDRESS))
    schema = document.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    answer = etree.fromstring(
        b'<ns1:successSyncLead xmlns:ns1="http://www.marketo.com/mktows/"'
        b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><result><leadId>1089965</leadId><syncStatus>'
        b'<leadId>1089965</leadId><status>UPDATED</status><error xsi:nil="true"/></syncStatus>'
        b'<leadRecord xsi:nil="true"/></result></ns1:successSyncLead>'
    )
    etree.XMLSchema(etree.fromstring(etree.tostring(schema))).assertValid(answer)
