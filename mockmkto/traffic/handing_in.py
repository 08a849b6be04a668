"""The calls that differ, as one text that can be handed in: without keys, and without people where that is asked."""

from __future__ import annotations

import re

from lxml import etree

from mockmkto import __version__
from mockmkto.engine.catalogue import STANDARD_FIELDS
from mockmkto.traffic.exchange import local, parse_xml
from mockmkto.traffic.replaying import Outcome
from mockmkto.traffic.reporting import Summary
from mockmkto.worlds.anonymizing import anonymous_cookie, anonymous_email, anonymous_text, anonymous_value

__all__ = ["report"]

_SECRETS = frozenset(("mktowsUserId", "requestSignature", "requestTimestamp", "partnerId"))
_KEPT = frozenset(
    (
        *("attrName", "attrType", "keyType", "type", "dataType", "activityType", "objTypeName"),
        *("status", "faultcode", "code", "name", "success", "count", "returnCount", "remainingCount", "hasMore"),
        *("listOperation", "operation", "source", "strict", "returnLead", "dedupEnabled", "batchSize", "offset"),
        *("listName", "programName", "campaignName", "targetWorkspace", "leadId", "Id"),
        *("streamPosition", "newStreamPosition"),
    )
)
_TYPES = {item.name.casefold(): item.type for item in STANDARD_FIELDS}
_NO_NAME = re.compile(r"[\d.,:+-]*|true|false|\d{4}-\d\d-\d\dT[\d:.+Z-]*", re.IGNORECASE)


def report(summary: Summary, *, anonymize: bool) -> bytes:
    """Each differing call with its differences, the request, the recorded answer and ours."""
    lines = [
        f"# mockmkto {__version__} replay",
        "",
        f"{summary.sentence}.",
        "People were replaced by inventions." if anonymize else "",
    ]
    for number, outcome in enumerate(summary.differing, 1):
        lines += ["", f"## {number}. {outcome.operation}", "", *_call(outcome, anonymize=anonymize)]
    return ("\n".join(lines) + "\n").encode()


def _call(outcome: Outcome, *, anonymize: bool) -> list[str]:
    replaced: dict[str, str] = {}
    documents = []
    for title, content in (
        ("request", outcome.exchange.request),
        ("recorded", outcome.exchange.answer),
        ("ours", outcome.answer),
    ):
        root = parse_xml(content)
        if root is None:
            continue
        _clean(root, replaced, anonymize=anonymize)
        text = etree.tostring(root, encoding="unicode", pretty_print=True).rstrip()
        documents += ["", f"### {title}", "", "```xml", text, "```"]
    differences = [f"- {_replaced(str(difference), replaced)}" for difference in outcome.differences]
    return [*differences, *documents]


def _clean(root: etree._Element, replaced: dict[str, str], *, anonymize: bool) -> None:
    for element in root.iter(etree.Element):
        text = (element.text or "").strip()
        if not text or len(element):
            continue
        if local(element) in _SECRETS:
            element.text = "..."
        elif anonymize and local(element) not in _KEPT:
            if local(element) in ("faultstring", "message", "error"):
                element.text = _replaced(text, replaced)
                continue
            invented = _invented(element, text)
            if invented != text:
                replaced[text] = invented
            element.text = invented


def _invented(element: etree._Element, text: str) -> str:
    parent = element.getparent()
    name = local(element)
    if name in ("Email",):
        return anonymous_email(text)
    if name == "marketoCookie":
        return anonymous_cookie(text)
    if parent is not None and name == "attrValue":
        asked = (parent.findtext("attrName") or "").strip()
        return anonymous_value(asked, _TYPES.get(asked.casefold()), text) if not _NO_NAME.fullmatch(text) else text
    if parent is not None and name == "keyValue":
        match (parent.findtext("keyType") or "").strip():
            case "EMAIL" | "LEADOWNEREMAIL":
                return anonymous_email(text)
            case "COOKIE":
                return anonymous_cookie(text)
            case "MKTOLISTNAME":
                return text
    return text if _NO_NAME.fullmatch(text) else anonymous_text(text)


def _replaced(text: str, replaced: dict[str, str]) -> str:
    """The sentence with what was replaced elsewhere; e-mails that stood nowhere else, too."""
    for old in sorted(replaced, key=len, reverse=True):
        text = text.replace(old, replaced[old])
    known = set(replaced.values())
    return re.sub(
        r"[^\s@,;<>'=]+@[^\s@,;<>']+", lambda found: found[0] if found[0] in known else anonymous_email(found[0]), text
    )
