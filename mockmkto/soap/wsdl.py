"""The published document: spyne's WSDL of the service, brought to the exact shape that the vendor published.

The shape is captured (the documents of 2_0 and 2_2); the comments and documentation in it are our own words.
`python -m mockmkto.soap.wsdl DIRECTORY` writes the document of every version into a directory.
"""

from __future__ import annotations

import html
import sys
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from mockmkto.soap.compat import spyne
from mockmkto.soap.contract import VERSIONS, Contract, contract
from mockmkto.soap.service import application
from mockmkto.soap.types import NAMESPACE, Model

__all__ = ["OFFLINE_ADDRESS", "document", "file_name", "write"]

OFFLINE_ADDRESS = "http://127.0.0.1:6586/soap/mktows/{version}"
"""The address in the documents that are kept as files: a server on its default host and port."""

BINDING = "MktowsApiSoapBinding"
PORT = "MktowsApiSoapPort"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
XS = "http://www.w3.org/2001/XMLSchema"
PREFIXES = {"soap": SOAP, "tns": NAMESPACE, "wsdl": WSDL, "xs": XS}


def document(version: str, address: str) -> bytes:
    """The WSDL of a version, in UTF-8, with the endpoint's URL as its address.

    Built when a version is first asked for; after that only the address is put in. Raises ValueError where there is no
    such version.
    """
    before, after = _template(version)
    return before + f'"{html.escape(address)}"'.encode() + after


def file_name(version: str) -> str:
    """The name of a version's document as a file: `mktows_2_2.wsdl`."""
    return f"mktows_{version}.wsdl"


def write(directory: Path) -> list[Path]:
    """Write the document of every version into a directory, which is made where it is missing. Returns the files."""
    directory.mkdir(parents=True, exist_ok=True)
    files = []
    for version in VERSIONS:
        file = directory / file_name(version)
        file.write_bytes(document(version, OFFLINE_ADDRESS.format(version=version)))
        files.append(file)
    return files


class _Document(spyne.interface.wsdl.wsdl11.Wsdl11):  # type: ignore[misc]  # spyne has no types
    """spyne's document under the published names; what it says otherwise than published is mended once it is built."""

    def __init__(self, published: Contract) -> None:
        interface = application(published.version).interface
        interface.nsmap = dict(PREFIXES)
        interface.prefmap = {uri: prefix for prefix, uri in PREFIXES.items()}
        super().__init__(interface, element_form_default="unqualified")
        self.published = published
        self.event_manager.add_listener("wsdl_document_built", _mend)

    def _get_binding_name(self, port_type_name: str) -> str:  # noqa: ARG002  # there is one port type
        return BINDING

    def _add_port_to_service(self, service: etree._Element, port_name: str, binding_name: str) -> None:  # noqa: ARG002
        super()._add_port_to_service(service, PORT, binding_name)


@cache
def _template(version: str) -> tuple[bytes, bytes]:
    """A version's document, split where the address goes."""
    built = _Document(contract(version))
    built.build_interface_document("")
    etree.indent(built.root_elt)
    text = etree.tostring(built.root_elt, encoding="UTF-8", xml_declaration=False)
    before, separator, after = text.partition(b'<soap:address location=""')
    head = f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- Marketo API Version {version} -->\n'
    return head.encode() + before + separator[:-2], after + b"\n"


# ---------------------------------------------------------------------------------------------------------------------
# From spyne's document to the published one


def _mend(built: Any) -> None:
    """Mend a `_Document` that has just been built: each part in turn."""
    root: etree._Element = built.root_elt
    published: Contract = built.published
    _mend_schema(_child(_child(root, _wsdl("types")), _xs("schema")), published, built.interface)
    _mend_messages(root, published)
    _mend_port_type(_child(root, _wsdl("portType")), published)
    _mend_binding(_child(root, _wsdl("binding")), published)
    root.append(_child(root, _wsdl("service")))  # it comes last, not first
    etree.cleanup_namespaces(root, keep_ns_prefixes=list(PREFIXES))  # spyne declares them again on the schema


def _mend_schema(schema: etree._Element, published: Contract, interface: Any) -> None:
    """Unqualified by default; types in a fixed order; occurrence spelled out; no element but headers and messages."""
    schema.attrib.pop("elementFormDefault")
    made = {operation.params_element for operation in published.operations}  # by spyne, for params without members
    types = sorted(
        (child for child in schema if child.tag != _xs("element") and _name(child) not in made), key=_kind_and_name
    )
    schema[:] = types
    for declared in types:
        model = interface.get_class(f"{{{NAMESPACE}}}{_name(declared)}")
        spelled = published.spells_nillable and getattr(model, "__nillable_spelled__", True)
        original = getattr(model, "__orig__", None) or model
        if vars(original).get("__abstract__"):
            declared.set("abstract", "true")
        elif issubclass(original, Model) and original.__base__ is not Model:
            _extend(declared, original.__base__)
        elif not len(declared) and declared.tag == _xs("complexType"):
            etree.SubElement(declared, _xs("sequence"))  # spyne leaves an empty one out
        for member in declared.iter(_xs("element")):
            _spell_occurrence(member, nillable=spelled)
    for header in published.headers:
        _add_element(schema, header.name, header.model)
    for operation in published.operations:
        _add_element(schema, operation.params_element, operation.params)
    for operation in published.operations:
        _add_element(schema, operation.success_element, operation.success)


def _extend(declared: etree._Element, base: type[Model]) -> None:
    """Say that a type extends another, which spyne does not say of one without members."""
    extension = etree.Element(_xs("extension"), {"base": f"tns:{base.get_type_name()}"})
    extension[:] = list(declared)
    etree.SubElement(declared, _xs("complexContent")).append(extension)


def _kind_and_name(declared: etree._Element) -> tuple[bool, str]:
    """Enumerations first, then by name: spyne collects types in sets, whose order differs from run to run."""
    return declared.tag != _xs("simpleType"), _name(declared)


def _spell_occurrence(member: etree._Element, *, nillable: bool) -> None:
    """Write `minOccurs` and `maxOccurs` even where they are 1, and `nillable="false"` where the version does."""
    said = {name: member.attrib.pop(name, "") for name in ("minOccurs", "maxOccurs", "nillable")}
    member.set("minOccurs", said["minOccurs"] or "1")
    member.set("maxOccurs", said["maxOccurs"] or "1")
    if said["nillable"] or nillable:
        member.set("nillable", said["nillable"] or "false")


def _add_element(schema: etree._Element, name: str, model: type[Model]) -> None:
    etree.SubElement(schema, _xs("element"), {"name": name, "type": f"tns:{model.get_type_name()}"})


def _mend_messages(root: etree._Element, published: Contract) -> None:
    """A message for each header, a request and a response for each operation; spyne names them after their elements."""
    for message in root.findall(_wsdl("message")):
        root.remove(message)
    messages = [(header.name, header.part, header.name) for header in published.headers]
    for operation in published.operations:
        messages.append((operation.request_message, operation.params_element, operation.params_element))
        messages.append((operation.response_message, operation.success_element, operation.success_element))
    for name, part, element in messages:
        message = etree.Element(_wsdl("message"), {"name": name})
        etree.SubElement(message, _wsdl("part"), {"name": part, "element": f"tns:{element}"})
        _child(root, _wsdl("portType")).addprevious(message)


def _mend_port_type(port_type: etree._Element, published: Contract) -> None:
    """The published messages and documentation; no `parameterOrder`, and no names for input and output."""
    for node in port_type.findall(_wsdl("operation")):
        operation = published.operation(_name(node))
        node.attrib.pop("parameterOrder")
        _child(node, _wsdl("documentation")).text = operation.documentation
        for direction, message in (("input", operation.request_message), ("output", operation.response_message)):
            declared = _child(node, _wsdl(direction))
            declared.attrib.pop("name")
            declared.set("message", f"tns:{message}")


def _mend_binding(binding: etree._Element, published: Contract) -> None:
    """The published soapAction; headers before the body, each by its own message; no names for input and output."""
    for node in binding.findall(_wsdl("operation")):
        operation = published.operation(_name(node))
        soap_operation = _child(node, _soap("operation"))
        soap_operation.attrib.pop("style")  # the binding's own says it
        soap_operation.set("soapAction", operation.soap_action)
        for direction in ("input", "output"):
            _child(node, _wsdl(direction)).attrib.pop("name")
        declared = _child(node, _wsdl("input"))
        for spyne_header in declared.findall(_soap("header")):
            declared.remove(spyne_header)
        for header in operation.headers:
            attributes = {"use": "literal", "part": header.part, "message": f"tns:{header.name}"}
            _child(declared, _soap("body")).addprevious(etree.Element(_soap("header"), attributes))


def _child(parent: etree._Element, tag: str) -> etree._Element:
    """The only child of that name."""
    (child,) = parent.findall(tag)
    return child


def _name(node: etree._Element) -> str:
    return str(node.get("name"))


def _soap(name: str) -> str:
    return f"{{{SOAP}}}{name}"


def _wsdl(name: str) -> str:
    return f"{{{WSDL}}}{name}"


def _xs(name: str) -> str:
    return f"{{{XS}}}{name}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m mockmkto.soap.wsdl DIRECTORY")
    write(Path(sys.argv[1]))
