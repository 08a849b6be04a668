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
    details: tuple[str, ...] = ()  # whatever else the answer says, a line each

    def __str__(self) -> str:
        shown = "\n".join(filter(None, (clean(self.line), *map(clean, self.details))))
        return "\n\n".join(filter(None, (shown, *map(str, self.leads))))


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
    leads = tuple(_lead(record) for record in inside.iter("leadRecord") if len(record))
    if etree.QName(inside[0]).localname in _IN_A_LINE or inside.find(".//count") is not None:
        return Outcome(_line(inside), leads)
    return Outcome("", leads, tuple(_lines(inside[0], "")))


_IN_A_LINE = ("successSyncLead", "successGetLead")
_SHOWN_ELSEWHERE = frozenset(("leadRecordList",))
_WRAPPERS = ("result", "leadActivityList", "mergeStatus", "metadata")


def _lines(element: etree._Element, indent: str) -> Iterator[str]:
    """Every value of an answer with its name; the items of a list below one another."""
    for child in element:
        name = etree.QName(child).localname
        if name in _SHOWN_ELSEWHERE:
            continue
        if name in _WRAPPERS:
            yield from _lines(child, indent)
        elif child.get(_NIL) in ("true", "1") or (not len(child) and not (child.text or "").strip()):
            continue
        elif not len(child):
            yield f"{indent}{name}: {(child.text or '').strip()}"
        elif (pair := _pair_of(child)) is not None:
            yield f"{indent}{pair[0]}: {pair[1]}"
        elif all(_pair_of(item) is not None for item in child):
            yield f"{indent}{name}: {', '.join(f'{pair[0]}={pair[1]}' for item in child if (pair := _pair_of(item)))}"
        elif name.endswith(("List", "Lists")):
            for item in child:
                yield (
                    f"{indent}- {etree.QName(item).localname}"
                    if len(item)
                    else f"{indent}- {(item.text or '').strip()}"
                )
                yield from _lines(item, f"{indent}    ")
        else:
            yield f"{indent}{name}"
            yield from _lines(child, f"{indent}    ")


def _pair_of(element: etree._Element) -> tuple[str, str] | None:
    """An attribute: its name and its value."""
    for name, value in (("attrName", "attrValue"), ("name", "value")):
        if element.find(name) is not None and element.find(value) is not None:
            return element.findtext(name) or "", element.findtext(value) or ""
    return None


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
