"""Calls of any operation from plain Python values, as a client's library would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from support import Answer, Marketo

Members = Mapping[str, object]


class Typed(dict[str, object]):
    """An element that says by `xsi:type` which of several types it is."""

    def __init__(self, kind: str, **members: object) -> None:
        super().__init__(members)
        self.kind = kind


def xml(members: Members) -> str:
    """The elements of a mapping: a list is an element for each of its items, `None` no element at all."""
    return "".join(_element(name, value) for name, value in members.items())


def _element(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Typed):
        return f'<{name} xsi:type="ns1:{value.kind}">{xml(value)}</{name}>'
    if isinstance(value, Mapping):
        return f"<{name}>{xml(value)}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_element(name, item) for item in value)
    text = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{text}</{name}>"


def ask(marketo: Marketo, operation: str, members: Members, version: str = "2_9") -> Answer:
    """One call of an operation."""
    element = f"params{operation[0].upper()}{operation[1:]}"
    return marketo.post(marketo.envelope(f"<ns1:{element}>{xml(members)}</ns1:{element}>"), version)


def lead_keys(*keys: object) -> Members:
    """An ArrayOfLeadKey: Ids, or pairs of a key type and a value."""
    pairs = [key if isinstance(key, tuple) else ("IDNUM", key) for key in keys]
    return {"leadKey": [{"keyType": key_type, "keyValue": value} for key_type, value in pairs]}


def activities(marketo: Marketo, lead_id: int | None = None) -> list[tuple[int, str, str, dict[str, str]]]:
    """What the activity log says: lead, type, asset, attributes; of one lead, or of all."""
    from mockmkto.store import activities as log

    with marketo.database.transaction() as session:
        written = log.all_activities(session)
    return [
        (item.lead_id, item.type, item.asset, dict(item.attributes))
        for item in written
        if lead_id in (None, item.lead_id)
    ]
