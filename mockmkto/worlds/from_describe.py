"""The fields of a fixture, made from what a real describe call answered: the REST API's, or SOAP's describeMObject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from lxml import etree
from msgspec import Struct, field
from msgspec.structs import replace

from mockmkto.engine.catalogue import STANDARD_FIELDS, default_length
from mockmkto.model import Field, FieldType
from mockmkto.worlds.field_entry import GIVEN, FieldEntry

__all__ = ["Described", "UnreadableDescriptionError", "fields_from"]


class UnreadableDescriptionError(ValueError):
    """What was given is no answer of a describe call of leads."""


class Described(Struct):
    """The `fields:` of a fixture with this catalogue, and a sentence for whatever of it was left out or changed."""

    entries: list[FieldEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    count: int = 0  # how many fields were described


_TYPES = {
    **{item.value: item for item in FieldType},
    "dateTime": FieldType.DATETIME,
    "textarea": FieldType.TEXT,
    "richtext": FieldType.TEXT,
    "double": FieldType.FLOAT,
    "number": FieldType.FLOAT,
    "lead_reference": FieldType.REFERENCE,
}
_NO_FIELDS = frozenset(("id", "email", "foreignsyspersonid", "foreignsystype"))  # members of every lead
_STANDARD = {item.name.casefold(): item for item in STANDARD_FIELDS if item.soap}
_STANDARD_REST = {(item.rest_name or item.name).casefold(): item for item in STANDARD_FIELDS}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def fields_from(content: bytes) -> Described:
    """What makes the standard catalogue the described one: fields that are added, changed or taken away.

    Raises:
        UnreadableDescriptionError: it is neither JSON of `leads/describe.json` or `describe2.json` nor XML of
            describeMObject's answer for LeadRecord.
    """
    described = Described()
    text = content.lstrip()
    told = _from_soap(text, described) if text[:1] == b"<" else _from_rest(text, described)
    found: dict[str, Field] = {}
    ids: set[int | None] = set()
    for item in told:
        described.count += 1
        if item.name.casefold() in found:
            described.notes.append(f"{item.name} is described twice: the first counts")
            continue
        if item.id is not None and item.id in ids:
            described.notes.append(f"{item.name} has the id {item.id}, as another field: it gets one of its own")
            item = replace(item, id=None)
        ids.add(item.id)
        found[item.name.casefold()] = item
    for item in found.values():
        standard = (_STANDARD if item.soap else _STANDARD_REST).get(item.name.casefold())
        if item != standard:
            described.entries.append(_entry(item, standard))
    _take_away(found, described, rest=text[:1] != b"<")
    return described


def _take_away(found: dict[str, Field], described: Described, *, rest: bool) -> None:
    """Standard fields that this subscription has not. CreatedAt and UpdatedAt are of every lead."""
    kept = {"createdat", "updatedat"}
    gone = [
        item.name
        for item in STANDARD_FIELDS
        if (item.soap or rest) and item.name.casefold() not in found and item.name.casefold() not in kept
    ]
    described.entries += [FieldEntry(name=name, remove=True) for name in gone]
    if gone:
        described.notes.append(
            f"{len(gone)} standard fields are not described, and so are taken away: {', '.join(gone)}"
        )


def _entry(item: Field, standard: Field | None) -> FieldEntry:
    """What makes the described field of the standard one, or of none."""
    if standard is not None and item.type is standard.type and item.length == standard.length:
        like = standard
        kind: dict[str, Any] = {}
    else:
        base = replace(standard, read_only=False) if standard is not None else Field(item.name, item.type)
        like = replace(base, type=item.type, length=default_length(item.type))
        kind = {"type": item.type.value}
    given = {name: getattr(item, name) for name in GIVEN if getattr(item, name) != getattr(like, name)}
    if standard is not None and not item.soap:
        given["soap"] = False
    if standard is None and given.get("display_name") == item.name:
        del given["display_name"]
    return FieldEntry(name=item.name, length=item.length if item.length != like.length else None, **kind, **given)


# ---------------------------------------------------------------------------------------------------------------------
# REST


class _Api(msgspec.Struct):
    name: str
    readOnly: bool = False  # as the vendor spells it


class _RestField(msgspec.Struct):
    id: int | None = None
    displayName: str | None = None
    dataType: str | None = None
    length: int | None = None
    rest: _Api | None = None
    soap: _Api | None = None
    name: str | None = None  # of describe2
    updateable: bool = True


class _RestAnswer(msgspec.Struct):
    result: list[msgspec.Raw]


class _Describe2(msgspec.Struct):
    fields: list[_RestField]


def _from_rest(content: bytes, described: Described) -> Iterable[Field]:
    try:
        raw = msgspec.json.decode(content, type=_RestAnswer | list[msgspec.Raw])  # the list alone does, too
        result = raw.result if isinstance(raw, _RestAnswer) else raw
        if len(result) == 1 and b'"fields"' in bytes(result[0]):
            told = msgspec.json.decode(result[0], type=_Describe2).fields
        else:
            told = [msgspec.json.decode(item, type=_RestField) for item in result]
    except msgspec.MsgspecError as error:
        raise UnreadableDescriptionError(
            f"expected the JSON of leads/describe.json or describe2.json, or describeMObject's XML: {error}"
        ) from None
    made = [made for item in told if (made := _rest_field(item, described)) is not None]
    if not made:
        raise UnreadableDescriptionError("the answer describes no field of leads")
    return made


def _rest_field(item: _RestField, described: Described) -> Field | None:
    rest_name = item.rest.name if item.rest is not None else item.name
    name = item.soap.name if item.soap is not None else rest_name
    if name is None or rest_name is None:
        described.notes.append(f"a field without a name was left out: {item.displayName or 'without a label, too'}")
        return None
    standard = _STANDARD_REST.get(rest_name.casefold())
    if item.rest is None and standard is not None:  # describe2 knows no SOAP names
        name = standard.name
    if name.casefold() in _NO_FIELDS or rest_name.casefold() in _NO_FIELDS:
        return None
    type_ = _type(name, item.dataType, described)
    in_soap = item.soap is not None or (item.rest is None and (standard is None or standard.soap))
    rest_read_only = item.rest.readOnly if item.rest is not None else not item.updateable
    like = standard if standard is not None and standard.soap is in_soap else Field(name, type_)
    read_only = item.soap.readOnly if item.soap is not None else like.read_only
    if not in_soap:
        read_only = rest_read_only
    return Field(
        standard.name if standard is not None and not in_soap else name,
        type_,
        item.length or default_length(type_),
        read_only,
        update_blocked=like.update_blocked and read_only == like.read_only,  # which no describe answer of REST says
        id=item.id if item.id is not None else like.id,
        display_name=item.displayName or name,
        rest_name=rest_name,
        rest_read_only=rest_read_only,
        soap=in_soap,
    )


# ---------------------------------------------------------------------------------------------------------------------
# SOAP


def _from_soap(content: bytes, described: Described) -> Iterable[Field]:
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise UnreadableDescriptionError(f"the XML cannot be read: {error.msg}") from None
    described_type = next(
        (item.findtext("{*}name") or item.findtext("name") for item in root.iter("{*}metadata")), None
    )
    if described_type is not None and described_type != "LeadRecord":
        raise UnreadableDescriptionError(f"it describes {described_type}: leads are the LeadRecord")
    made = [made for item in root.iter("field") if (made := _soap_field(item, described)) is not None]
    if not made:
        raise UnreadableDescriptionError("the answer describes no field of leads")
    return made


def _soap_field(item: etree._Element, described: Described) -> Field | None:
    told = {etree.QName(child).localname: (child.text or "").strip() for child in item}
    name = told.get("name")
    if not name:
        described.notes.append("a field without a name was left out")
        return None
    if name.casefold() in _NO_FIELDS:
        return None
    type_ = _type(name, told.get("dataType"), described)
    standard = _STANDARD.get(name.casefold())
    size = told.get("size", "")
    return Field(
        name,
        type_,
        int(size) if size.isdigit() and default_length(type_) is not None else default_length(type_),
        told.get("isReadonly") in ("true", "1"),
        told.get("isUpdateBlocked") in ("true", "1"),
        display_name=told.get("displayName") or (standard.display_name if standard is not None else name),
        rest_name=standard.rest_name if standard is not None else name,
        rest_read_only=standard.rest_read_only if standard is not None else False,
        id=standard.id if standard is not None else None,
    )


def _type(name: str, text: str | None, described: Described) -> FieldType:
    type_ = _TYPES.get(text or "")
    if type_ is None:
        described.notes.append(f"{name} is of the type {text}, which there is not: it becomes a string")
        return FieldType.STRING
    return type_
