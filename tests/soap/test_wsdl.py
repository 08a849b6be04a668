"""The published document against the contract: name by name and type by type, from tables written by hand."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from contract_tables import NOT_SPELLED, SELECTORS, enumerations_of, number, operations_of, types_of
from lxml import etree

from mockmkto.soap import wsdl
from mockmkto.soap.contract import VERSIONS
from mockmkto.soap.service import application

ROOT = Path(__file__).parents[2]
ADDRESS = "http://marketo.test:8080/soap/mktows/2_2"
NAMES = {
    "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "tns": "http://www.marketo.com/mktows/",
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
CHECKED = ["1_3", "1_9", "2_0", "2_1", "2_2", "2_3", "2_7", "3_1"]

OCCURRENCE = {"": ("1", "1"), "?": ("0", "1"), "*": ("0", "unbounded")}
SIMPLE = {"string", "int", "long", "integer", "boolean", "dateTime", "base64Binary", "anySimpleType"}
AUTHENTICATION = {"use": "literal", "part": "authentication", "message": "tns:AuthenticationHeader"}
CONTEXT = {"use": "literal", "part": "mktowsContext", "message": "tns:MktowsContextHeader"}


def titles(version: str) -> list[str]:
    return [name[0].upper() + name[1:] for name in operations_of(version)]


@cache
def published(version: str) -> etree._Element:
    return etree.fromstring(wsdl.document(version, ADDRESS))


def find(version: str, path: str) -> list[etree._Element]:
    return published(version).xpath(path, namespaces=NAMES)


def local(node: etree._Element) -> str:
    return etree.QName(node).localname


# ---------------------------------------------------------------------------------------------------------------------
# Document


@pytest.mark.parametrize("version", VERSIONS)
def test_first_bytes(version):
    head = f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- Marketo API Version {version} -->\n'
    assert wsdl.document(version, ADDRESS).startswith(head.encode() + b"<wsdl:definitions ")


@pytest.mark.parametrize("version", CHECKED)
def test_definitions(version):
    root = published(version)
    assert root.tag == "{http://schemas.xmlsoap.org/wsdl/}definitions"
    assert dict(root.attrib) == {"name": "mktows", "targetNamespace": "http://www.marketo.com/mktows/"}
    assert root.nsmap == NAMES
    assert {node.tag for node in root.iter() if node.nsmap != NAMES} == set(), "no prefix is declared further down"


@pytest.mark.parametrize("version", CHECKED)
def test_parts_of_the_document_in_their_order(version):
    parts = [local(node) for node in published(version)]
    assert parts == ["types", *["message"] * (2 + 2 * len(titles(version))), "portType", "binding", "service"]


@pytest.mark.parametrize("version", CHECKED)
def test_no_fault_is_declared_and_no_soap_1_2(version):
    assert find(version, "//wsdl:fault | //soap:fault") == []
    assert b"soap12" not in wsdl.document(version, ADDRESS)
    assert b"serviceException" not in wsdl.document(version, ADDRESS)


# ---------------------------------------------------------------------------------------------------------------------
# Schema


@pytest.mark.parametrize("version", CHECKED)
def test_one_schema_whose_children_are_unqualified(version):
    (schema,) = find(version, "/wsdl:definitions/wsdl:types/*")
    assert local(schema) == "schema"
    assert dict(schema.attrib) == {"targetNamespace": "http://www.marketo.com/mktows/"}
    assert find(version, "//@form | //@elementFormDefault | //xs:import") == []


@pytest.mark.parametrize("version", CHECKED)
def test_enumerations(version):
    enumerations = {
        node.get("name"): (
            node.xpath("xs:restriction/@base", namespaces=NAMES),
            node.xpath("xs:restriction/xs:enumeration/@value", namespaces=NAMES),
        )
        for node in find(version, "//xs:simpleType")
    }
    assert enumerations == {name: (["xs:string"], values.split()) for name, values in enumerations_of(version).items()}


@pytest.mark.parametrize("version", CHECKED)
def test_types(version):
    declared = {
        node.get("name"): [
            (member.get("name"), member.get("type"), *map(member.get, ("minOccurs", "maxOccurs", "nillable"), [""] * 3))
            for member in node.iter("{http://www.w3.org/2001/XMLSchema}element")
        ]
        for node in find(version, "//xs:complexType")
    }
    assert declared == {name: members(version, name, listed) for name, listed in types_of(version).items()}


def members(version: str, name: str, listed: str) -> list[tuple[str, ...]]:
    """The members of a type as the document declares them."""
    not_nillable = "false" if number(version) > (2, 0) and name not in NOT_SPELLED else ""
    declared = []
    for member in listed.split():
        label, kind = member.split(":")
        kind, _, nil = kind.partition("/")
        occurs = label[-1] if label[-1] in "?*" else ""
        prefix = "xs" if kind in SIMPLE else "tns"
        nillable = "true" if nil else not_nillable
        declared.append((label.rstrip("?*"), f"{prefix}:{kind}", *OCCURRENCE[occurs], nillable))
    return declared


@pytest.mark.parametrize("version", CHECKED)
def test_selectors_extend_an_abstract_type(version):
    (base,) = find(version, "//xs:complexType[@abstract]")
    assert (dict(base.attrib), len(base)) == ({"name": "LeadSelector", "abstract": "true"}, 0)
    extended = find(version, "//xs:complexType[xs:complexContent/xs:extension[@base='tns:LeadSelector']/xs:sequence]")
    assert {node.get("name") for node in extended} == set(SELECTORS)
    assert len(find(version, "//xs:extension")) == len(SELECTORS)


@pytest.mark.parametrize("version", CHECKED)
def test_params_without_members_have_an_empty_sequence(version):
    (declared,) = find(version, "//xs:complexType[@name='ParamsListMObjects']")
    assert [(local(child), len(child)) for child in declared] == [("sequence", 0)]


@pytest.mark.parametrize("version", CHECKED)
def test_global_elements_are_headers_params_and_successes_alone(version):
    declared = find(version, "//xs:schema/xs:element")
    assert [(node.get("name"), node.get("type")) for node in declared] == [
        ("AuthenticationHeader", "tns:AuthenticationHeaderInfo"),
        ("MktowsContextHeader", "tns:MktowsContextHeaderInfo"),
        *((f"params{title}", f"tns:Params{title}") for title in titles(version)),
        *((f"success{title}", f"tns:Success{title}") for title in titles(version)),
    ]
    assert all(set(node.attrib) == {"name", "type"} for node in declared)


def test_the_schema_says_that_a_foreign_id_needs_its_type():
    (text,) = find("2_2", "//xs:element[@name='ForeignSysPersonId']/xs:annotation/xs:documentation/text()")
    assert "ForeignSysType" in text


# ---------------------------------------------------------------------------------------------------------------------
# Messages, port type, binding, service


@pytest.mark.parametrize("version", CHECKED)
def test_messages(version):
    declared = [
        (node.get("name"), [(part.get("name"), part.get("element")) for part in node])
        for node in find(version, "/wsdl:definitions/wsdl:message")
    ]
    expected = [
        ("AuthenticationHeader", [("authentication", "tns:AuthenticationHeader")]),
        ("MktowsContextHeader", [("mktowsContext", "tns:MktowsContextHeader")]),
    ]
    for title in titles(version):
        expected.append((f"{title}Request", [(f"params{title}", f"tns:params{title}")]))
        expected.append((f"{title}Response", [(f"success{title}", f"tns:success{title}")]))
    assert declared == expected


@pytest.mark.parametrize("version", CHECKED)
def test_port_type(version):
    (port_type,) = find(version, "/wsdl:definitions/wsdl:portType")
    assert dict(port_type.attrib) == {"name": "MktowsPort"}
    declared = {node.get("name"): [(local(child), dict(child.attrib)) for child in node] for node in port_type}
    assert declared == {
        name: [
            ("documentation", {}),
            ("input", {"message": f"tns:{title}Request"}),
            ("output", {"message": f"tns:{title}Response"}),
        ]
        for name, title in zip(operations_of(version), titles(version), strict=True)
    }
    assert all(dict(node.attrib) == {"name": node.get("name")} for node in port_type), "no parameterOrder"


@pytest.mark.parametrize("name", operations_of("2_2"))
def test_operations_are_documented(name):
    (text,) = find("2_2", f"//wsdl:portType/wsdl:operation[@name='{name}']/wsdl:documentation/text()")
    assert len(text) > 20


@pytest.mark.parametrize("version", CHECKED)
def test_binding(version):
    (binding,) = find(version, "/wsdl:definitions/wsdl:binding")
    assert dict(binding.attrib) == {"name": "MktowsApiSoapBinding", "type": "tns:MktowsPort"}
    transport, *operations = binding
    assert transport.tag == "{http://schemas.xmlsoap.org/wsdl/soap/}binding"
    assert dict(transport.attrib) == {"style": "document", "transport": "http://schemas.xmlsoap.org/soap/http"}
    assert [node.get("name") for node in operations] == operations_of(version)


@pytest.mark.parametrize(
    ("version", "name"), [(version, name) for version in CHECKED for name in operations_of(version)]
)
def test_bound_operation(version, name):
    (operation,) = find(version, f"//wsdl:binding/wsdl:operation[@name='{name}']")
    soap_operation, request, response = operation
    soap_action = f"http://www.marketo.com/mktows/{name}"
    headers = [AUTHENTICATION, CONTEXT] if name == "syncLead" else [AUTHENTICATION]
    assert dict(operation.attrib) == {"name": name}
    assert dict(soap_operation.attrib) == {"soapAction": soap_action}
    assert [(local(node), dict(node.attrib)) for node in (request, response)] == [("input", {}), ("output", {})]
    assert [dict(node.attrib) for node in request] == [*headers, {"use": "literal"}]
    assert [local(node) for node in request] == ["header"] * len(headers) + ["body"]
    assert [(local(node), dict(node.attrib)) for node in response] == [("body", {"use": "literal"})]


@pytest.mark.parametrize("version", CHECKED)
def test_service_and_port(version):
    (service,) = find(version, "/wsdl:definitions/wsdl:service")
    (port,) = service
    (address,) = port
    assert dict(service.attrib) == {"name": "MktMktowsApiService"}
    assert dict(port.attrib) == {"name": "MktowsApiSoapPort", "binding": "tns:MktowsApiSoapBinding"}
    assert dict(address.attrib) == {"location": ADDRESS}


# ---------------------------------------------------------------------------------------------------------------------
# Address, versions, files


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:6586/soap/mktows/2_2",
        "https://marketo.test/soap/mktows/2_2?a=1&b=2",
        "https://marketo.test/<&\"'>",
        "https://märketo.test/soap/mktows/2_2",
        "https://marketo.test/a.wsdl",
        "",
    ],
)
def test_the_address_is_the_one_that_was_given(address):
    assert etree.fromstring(wsdl.document("2_2", address)).xpath("//soap:address/@location", namespaces=NAMES) == [
        address
    ]


def test_like_versions_have_like_documents():
    bodies = {version: wsdl.document(version, ADDRESS).split(b"-->\n", 1)[1] for version in VERSIONS}
    groups = [
        {version for version in VERSIONS if bodies[version] == body}
        for body in dict.fromkeys(bodies[v] for v in VERSIONS)
    ]
    assert groups == [
        {"1_3"},
        {f"1_{minor}" for minor in range(4, 10)},
        {"2_0"},
        {"2_1"},
        {"2_2"},
        {"2_3"},
        {f"2_{minor}" for minor in range(4, 10)},
        {"3_0", "3_1"},
    ]


def test_an_unknown_version_has_no_document():
    with pytest.raises(ValueError, match="There is no version '1_2'"):
        wsdl.document("1_2", ADDRESS)


def test_the_files_are_what_the_server_answers():
    kept = {file.name: file.read_bytes() for file in (ROOT / "wsdl").glob("*.wsdl")}
    assert sorted(kept) == sorted(f"mktows_{version}.wsdl" for version in VERSIONS)
    for version in VERSIONS:
        served = wsdl.document(version, f"http://127.0.0.1:6586/soap/mktows/{version}")
        assert kept[f"mktows_{version}.wsdl"] == served, "run `python -m mockmkto.soap.wsdl wsdl`"


def test_the_command_writes_the_files(tmp_path):
    """In three processes with different hash seeds: the documents never depend on the order of a set."""
    for seed in ("1", "2", "3"):
        command = [sys.executable, "-m", "mockmkto.soap.wsdl", str(tmp_path / seed)]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, check=True, timeout=60)
        for file in (ROOT / "wsdl").glob("*.wsdl"):
            assert (tmp_path / seed / file.name).read_bytes() == file.read_bytes()


def test_the_application_is_built_once_for_each_edition():
    assert application("1_4") is application("1_9")
    assert application("2_4") is application("2_9")
    assert application("3_0") is application("3_1")
    assert application("2_9") is not application("3_0")
