"""Writes requests as a plain client would, and signs anew those that are there: for dry runs and for sending again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree
from msgspec import Struct, field

from mockmkto import auth
from mockmkto.model import Credential
from mockmkto.soap.envelope import ENVELOPE_NAMESPACE
from mockmkto.soap.types import NAMESPACE

__all__ = ["Composed", "envelope", "members", "resigned", "sync_lead"]

_SOAP = f"{{{ENVELOPE_NAMESPACE}}}"
_HEADER = ("mktowsUserId", "requestSignature", "requestTimestamp")


class Composed(Struct, frozen=True):
    """What a syncLead is to say; what is `None` is left out."""

    lead_id: str | None = None
    email: str | None = None
    foreign_id: str | None = None
    foreign_type: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    cookie: str | None = None
    move_cookie: bool | None = None  # from version 3_0 on
    workspace: str | None = None
    return_lead: bool = True


def envelope(element: str) -> tuple[etree._Element, etree._Element]:
    """An envelope with an empty header, and the element of a call in its body."""
    root = etree.Element(f"{_SOAP}Envelope", nsmap={"SOAP-ENV": ENVELOPE_NAMESPACE, "ns1": NAMESPACE})
    etree.SubElement(root, f"{_SOAP}Header")
    return root, etree.SubElement(etree.SubElement(root, f"{_SOAP}Body"), f"{{{NAMESPACE}}}{element}")


def sync_lead(said: Composed) -> bytes:
    """The envelope of a syncLead, not signed yet.

    Raises:
        ValueError: a value that no XML can carry.
    """
    root, params = envelope("paramsSyncLead")
    if said.workspace:
        context = etree.SubElement(root[0], f"{{{NAMESPACE}}}MktowsContextHeader")
        members(context, [("targetWorkspace", said.workspace)])
    record = etree.SubElement(params, "leadRecord")
    members(
        record,
        [
            ("Id", said.lead_id),
            ("Email", said.email),
            ("ForeignSysPersonId", said.foreign_id),
            ("ForeignSysType", said.foreign_type),
        ],
    )
    if said.attributes:
        listed = etree.SubElement(record, "leadAttributeList")
        for name, value in said.attributes.items():
            members(etree.SubElement(listed, "attribute"), [("attrName", name), ("attrValue", value)])
    move = None if said.move_cookie is None else "true" if said.move_cookie else "false"
    returns = "true" if said.return_lead else "false"
    members(params, [("returnLead", returns), ("marketoCookie", said.cookie), ("moveCookie", move)])
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def resigned(request: bytes, credential: Credential, timestamp: str) -> bytes:
    """The request as this credential would send it at this time.

    An envelope without an authentication header gets one, and `paramsSyncLead` alone an envelope. What is no XML, or
    neither, comes back as it was: nobody could sign it.
    """
    if b"<!DOCTYPE" in request:
        return request
    try:
        root = etree.fromstring(request, etree.XMLParser(resolve_entities=False, no_network=True, strip_cdata=False))
    except (etree.XMLSyntaxError, ValueError):
        return request
    if _name(root).startswith("params"):
        root = _enveloped(root)
    if root.tag != f"{_SOAP}Envelope":
        return request
    header = next((item for item in root if item.tag == f"{_SOAP}Header"), None)
    if header is None:
        header = etree.Element(f"{_SOAP}Header")
        root.insert(0, header)
    elements = (item for item in header if isinstance(item.tag, str))
    given = next((item for item in elements if _name(item) == "AuthenticationHeader"), None)
    if given is None:
        given = etree.Element(f"{{{NAMESPACE}}}AuthenticationHeader", nsmap={"ns1": NAMESPACE})
        header.insert(0, given)
    signature = auth.sign(credential.user_id, credential.encryption_keys[0], timestamp)
    for name, text in zip(_HEADER, (credential.user_id, signature, timestamp), strict=True):
        members = (item for item in given if isinstance(item.tag, str))
        member = next((item for item in members if _name(item) == name), None)
        if member is None:
            member = etree.SubElement(given, name)
        for child in member:
            member.remove(child)
        member.text = text
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    written = etree.tostring(root.getroottree(), encoding=encoding, xml_declaration=True)
    assert isinstance(written, bytes)  # for any encoding but `unicode`, which no document declares
    return written


def _name(element: etree._Element) -> str:
    """Without its namespace."""
    return etree.QName(element).localname


def _enveloped(params: etree._Element) -> etree._Element:
    root = etree.Element(f"{_SOAP}Envelope", nsmap={"SOAP-ENV": ENVELOPE_NAMESPACE, "ns1": NAMESPACE})
    etree.SubElement(root, f"{_SOAP}Header")
    etree.SubElement(root, f"{_SOAP}Body").append(params)
    if not etree.QName(params).namespace:
        params.tag = f"{{{NAMESPACE}}}{params.tag}"
    return root


def members(parent: etree._Element, given: Iterable[tuple[str, str | None]]) -> None:
    """Elements with a text each; `None` is left out. Raises ValueError for what no XML can carry."""
    for name, text in given:
        if text is not None:
            etree.SubElement(parent, name).text = text
