"""A recorded answer beside ours: element by element, ids mapped, times and positions masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from mockmkto.traffic.exchange import local, parse_xml

__all__ = ["Difference", "Ids", "compare"]

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_OF_LEADS = frozenset(("leadId", "mktPersonId", "winningLeadId", "losingLeadId"))
_ID_ATTRIBUTES = frozenset(("Lead ID",))
_POSITIONS = frozenset(("newStreamPosition", "newStartPosition"))
_MASKED = frozenset(("stackTrace", "marketoGUID"))
_LEAD_RECORDS = frozenset(("leadRecord",))


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two answers differ; `None` is what is not there."""

    place: str  # result/leadRecordList/leadRecord[1]/Email
    recorded: str | None
    ours: str | None

    def __str__(self) -> str:
        return f"{self.place}: recorded {_shown(self.recorded)}, ours {_shown(self.ours)}"


def _shown(text: str | None) -> str:
    if text is None:
        return "nothing"
    return repr(text if len(text) <= 120 else f"{text[:117]}...")


@dataclass(slots=True)
class Ids:
    """Which of our leads is which of the recorded ones: learned where both sides name one in the same place."""

    ours: dict[str, str] = field(default_factory=dict)  # by the recorded id
    recorded: dict[str, str] = field(default_factory=dict)  # by ours

    def same(self, recorded: str, ours: str) -> bool:
        """Whether these are one lead; two that nobody has seen yet become one."""
        if recorded not in self.ours and ours not in self.recorded:
            self.ours[recorded] = ours
            self.recorded[ours] = recorded
        return self.ours.get(recorded) == ours


def compare(recorded: bytes, ours: bytes, ids: Ids) -> list[Difference]:
    """Where the two answers differ. Order counts, but not among the attributes of a record, told by their names."""
    first, second = parse_xml(recorded), parse_xml(ours)
    if first is None or second is None:
        same = (first is None) == (second is None) and recorded.strip() == ours.strip()
        return [] if same else [Difference("", recorded.decode("utf-8", "replace"), ours.decode("utf-8", "replace"))]
    return list(_elements(_content(first), _content(second), "", ids))


def _content(root: etree._Element) -> etree._Element:
    """What a body carries: the answer, or the fault. Headers and prefixes are nobody's concern."""
    body = next((child for child in root if local(child) == "Body"), None)
    return body[0] if body is not None and len(body) else root


def _elements(recorded: etree._Element, ours: etree._Element, place: str, ids: Ids) -> Iterator[Difference]:
    if local(recorded) != local(ours):
        yield Difference(place or "answer", local(recorded), local(ours))
        return
    if local(recorded) in _MASKED:
        return
    if _is_nil(recorded) != _is_nil(ours) and _text(recorded) == _text(ours) == "" and not len(recorded) + len(ours):
        yield Difference(place, _nil_or_empty(recorded), _nil_or_empty(ours))
        return
    if not len(recorded) and not len(ours):
        if not _same_text(recorded, ours, ids):
            yield Difference(place, _value(recorded), _value(ours))
        return
    if local(recorded) in _POSITIONS:
        return  # a position with members: what they hold is the server's own
    pairs = _pairs(recorded, ours)
    for name, first, second in pairs:
        where = f"{place}/{name}" if place else name
        if first is None or second is None:
            yield Difference(where, _summary(first), _summary(second))
        else:
            yield from _elements(first, second, where, ids)


_Pair = tuple[str, etree._Element | None, etree._Element | None]


def _pairs(recorded: etree._Element, ours: etree._Element) -> list[_Pair]:
    """The children of both, by name and place; attributes by the name that they carry."""
    first, second = _keyed(recorded), _keyed(ours)
    return [(key, first.get(key), second.get(key)) for key in dict.fromkeys((*first, *second))]


def _keyed(parent: etree._Element) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    counted: dict[str, int] = {}
    for child in parent:
        name = local(child)
        named = child.findtext("attrName") if name == "attribute" else None
        key = f"{name}[{named}]" if named else name
        counted[key] = counted.get(key, 0) + 1
        found[key if counted[key] == 1 else f"{key}[{counted[key]}]"] = child
    return found


def _same_text(recorded: etree._Element, ours: etree._Element, ids: Ids) -> bool:
    name, first, second = local(recorded), _text(recorded), _text(ours)
    if name in _POSITIONS:
        return bool(first) == bool(second)
    if _is_lead_id(recorded) and first and second:
        return ids.same(first, second)
    if first == second:
        return True
    return _is_time(first) and _is_time(second)


def _is_lead_id(element: etree._Element) -> bool:
    parent = element.getparent()
    if local(element) in _OF_LEADS or (local(element) == "integer" and parent is not None):
        return True
    if parent is None:
        return False
    if local(element) == "Id":
        return local(parent) in _LEAD_RECORDS
    return local(element) == "attrValue" and parent.findtext("attrName") in _ID_ATTRIBUTES


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _is_nil(element: etree._Element) -> bool:
    return element.get(_NIL) in ("true", "1")


def _nil_or_empty(element: etree._Element) -> str:
    return "nil" if _is_nil(element) else "an empty element"


def _value(element: etree._Element) -> str:
    return "nil" if _is_nil(element) else _text(element) if not len(element) else _summary(element) or ""


def _summary(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    if _is_nil(element):
        return "nil"
    if (value := element.findtext("attrValue")) is not None:
        return value
    if not len(element):
        return _text(element)
    return etree.tostring(element, encoding="unicode", with_tail=False)
