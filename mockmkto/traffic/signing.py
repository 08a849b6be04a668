"""A recorded request made ours: signed anew, now, by a credential of the double's, and its leads called by our ids."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from mockmkto import auth
from mockmkto.model import Credential
from mockmkto.traffic.comparing import Ids
from mockmkto.traffic.exchange import local

__all__ = ["made_ours", "operation_of"]


def operation_of(root: etree._Element) -> str | None:
    """The operation of a request, `syncLead`; `None` when it is none."""
    for body in root:
        if local(body) == "Body" and len(body):
            name = local(body[0]).removeprefix("params")
            return name[:1].lower() + name[1:] if name else None
    return None


def made_ours(root: etree._Element, credential: Credential, now: datetime, ids: Ids) -> bytes:
    """The request as it is to be sent; the tree itself is changed. What is not in it is not added."""
    timestamp = now.isoformat(timespec="seconds")
    signature = auth.sign(credential.user_id, credential.encryption_keys[-1], timestamp)
    said = {"mktowsUserId": credential.user_id, "requestTimestamp": timestamp, "requestSignature": signature}
    for element in root.iter(etree.Element):
        name = local(element)
        if name in said:
            element.text = said[name]
        elif _names_a_lead(element):
            text = (element.text or "").strip()
            element.text = ids.ours.get(text, element.text)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _names_a_lead(element: etree._Element) -> bool:
    parent = element.getparent()
    if parent is None:
        return False
    match local(element):
        case "Id":
            return local(parent) == "leadRecord"
        case "keyValue":
            return (parent.findtext("{*}keyType") or parent.findtext("keyType") or "").strip() == "IDNUM"
        case "attrValue":  # of a key of mergeLeads
            return (parent.findtext("{*}attrName") or parent.findtext("attrName") or "").strip() == "IDNUM"
        case "stringItem":
            holder = parent.getparent()  # of a selector: many values of one type
            return holder is not None and (holder.findtext("keyType") or "").strip() == "IDNUM"
        case _:
            return False
