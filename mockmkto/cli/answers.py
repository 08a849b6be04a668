"""Reads an answer of the API, whatever its operation, and shows it to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

__all__ = ["Fault", "Outcome", "ShownLead", "clean", "read_answer"]

_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

# What a server sends must not move the cursor of whoever reads it.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "\\n", 13: "\\r", 9: "\\t"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: Marketo's code and message, or the stack's code and text."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"fault {clean(self.code)}: {clean(self.message)}"


@dataclass(frozen=True, slots=True)
class ShownLead:
    """A lead of an answer: its members that have a value, then its attributes, as the answer orders them."""

    values: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        width = max((len(clean(name)) for name, _ in self.values), default=0) + 2
        return "\n".join(f"{clean(name):{width}}{clean(value)}".rstrip() for name, value in self.values)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A success: what happened, in a line, and the leads that came with it."""

    line: str
    leads: tuple[ShownLead, ...]

    def __str__(self) -> str:
        return "\n\n".join([clean(self.line), *map(str, self.leads)])


def read_answer(body: bytes) -> Fault | Outcome | None:
    """The fault or the outcome; `None` when this is no SOAP answer."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    inside = root.find(f"{_SOAP}Body")
    if root.tag != f"{_SOAP}Envelope" or inside is None or not len(inside):
        return None
    fault = inside.find(f"{_SOAP}Fault")
    if fault is not None:
        code = fault.findtext(".//detail//code") or fault.findtext("faultcode") or "?"
        return Fault(code, fault.findtext(".//detail//message") or fault.findtext("faultstring") or "")
    return Outcome(_line(inside), tuple(_lead(record) for record in inside.iter("leadRecord") if len(record)))


def _line(body: etree._Element) -> str:
    """`CREATED lead 1001` for a syncLead, `2 leads` for a getLead."""
    status = body.find(".//syncStatus")
    if status is not None:
        error = status.findtext("error")
        return f"{status.findtext('status')} lead {status.findtext('leadId')}{f': {error}' if error else ''}"
    count = body.findtext(".//count")
    return f"{count} lead{'' if count == '1' else 's'}" if count is not None else "OK"


def _lead(record: etree._Element) -> ShownLead:
    return ShownLead(tuple(_values(record)))


def _values(record: etree._Element) -> Iterator[tuple[str, str]]:
    for member in record:
        if member.tag == "leadAttributeList":
            for attribute in member.iter("attribute"):
                yield attribute.findtext("attrName") or "", attribute.findtext("attrValue") or ""
        elif member.get(_NIL) not in ("true", "1"):
            yield etree.QName(member).localname, member.text or ""


def clean(text: str) -> str:
    """The text without what would move the cursor of whoever reads it."""
    return text.translate(_CONTROLS)
