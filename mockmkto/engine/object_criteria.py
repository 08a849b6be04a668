"""What getMObjects is asked to compare: names, comparisons and values, read once and then applied to each object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from msgspec import Struct

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.object_fields import fields_of
from mockmkto.errors import MarketoError
from mockmkto.model import Field, FieldType
from mockmkto.model.objects import MObject, MObjectCriterion, MObjectKind
from mockmkto.store.database import Session

__all__ = ["CRITERIA", "Criterion", "read_criteria"]


class Comparison(StrEnum):
    """How a criterion compares (captured: the published enumeration)."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LE = "LE"
    GT = "GT"
    GE = "GE"


_COMPARE: dict[Comparison, Callable[[Any, Any], Any]] = {
    Comparison.EQ: eq,
    Comparison.NE: ne,
    Comparison.LT: lt,
    Comparison.LE: le,
    Comparison.GT: gt,
    Comparison.GE: ge,
}

_Value = str | Decimal | datetime


class Criterion(Struct, frozen=True):
    """One thing that must hold of an object."""

    holds: Callable[[MObject], bool]


# The names that every type knows (documented), and what kind of value each has.
_COMMON: dict[str, FieldType] = {
    "Id": FieldType.INTEGER,
    "Name": FieldType.STRING,
    "Role": FieldType.STRING,
    "Type": FieldType.STRING,
    "Stage": FieldType.STRING,
    "CRM Id": FieldType.STRING,
    "Created At": FieldType.DATETIME,
    "Updated At": FieldType.DATETIME,
    "Workspace Name": FieldType.STRING,
    "Workspace Id": FieldType.INTEGER,
}
_TAG_TYPE, _TAG_VALUE, _INCLUDE_ARCHIVE = "tag type", "tag value", "include archive"
CRITERIA = (*_COMMON, "Tag Type", "Tag Value", "Include Archive")
"""The names that every type knows, as the vendor's page spells them."""

_NUMBERS = frozenset((FieldType.INTEGER, FieldType.SCORE, FieldType.PERCENT, FieldType.FLOAT, FieldType.CURRENCY))


def read_criteria(session: Session, kind: MObjectKind, given: Sequence[MObjectCriterion]) -> tuple[Criterion, ...]:
    """What must hold of an object: all that is given, and of a program that it is not archived (documented).

    Raises:
        MarketoError: 20109 a criterion without name or value; 20110 unknown name or comparison, a value that cannot be
            compared, more than one Tag Type (documented).
    """
    tags = _Tags()
    archived = False
    criteria = []
    for item in given:
        if not item.name or not item.name.strip():
            raise MarketoError.parameter_required("attrName")
        if item.value is None:
            raise MarketoError.parameter_required("attrValue")
        comparison = _comparison(item.comparison)
        folded = item.name.strip().casefold()
        if folded in (_TAG_TYPE, _TAG_VALUE):
            tags = tags.told(folded, comparison, item.value)
        elif folded == _INCLUDE_ARCHIVE:
            archived = _boolean(item) is (comparison is Comparison.EQ)
        else:
            criteria.append(_criterion(session, kind, item, comparison))
    if tags.type is not None or tags.value is not None:
        criteria.append(Criterion(tags.hold))
    if kind is MObjectKind.PROGRAM and not archived:
        criteria.append(Criterion(lambda item: _attribute(item, "Is Archived") != "true"))
    return tuple(criteria)


def _comparison(text: str | None) -> Comparison:
    if text is None or not text.strip():
        return Comparison.EQ
    try:
        return Comparison(text.strip())
    except ValueError:
        raise MarketoError.bad_parameter("comparison", text) from None


def _boolean(item: MObjectCriterion) -> bool:
    text = (item.value or "").strip().lower()
    if text not in ("true", "1", "false", "0"):
        raise MarketoError.bad_parameter("attrValue", item.value)
    return text in ("true", "1")


def _criterion(session: Session, kind: MObjectKind, item: MObjectCriterion, comparison: Comparison) -> Criterion:
    field = _field(session, kind, (item.name or "").strip())
    if field is None:
        raise MarketoError.bad_parameter("attrName", item.name)
    zone = session.world.time_zone
    try:
        wanted = _comparable(field, read_value(Field(field.name, field.type), item.value or "", zone))
    except (BadValue, OverlongValue):
        raise MarketoError.bad_value(item.value or "", field.name, field.type.value) from None

    def holds(candidate: MObject) -> bool:
        text = _text(candidate, field.name)
        if field.type is FieldType.BOOLEAN:
            text = {"true": "1", "false": "0"}.get(text, text)
        there = _comparable(field, text)
        if there is None or wanted is None:
            return comparison is (Comparison.EQ if there is wanted else Comparison.NE)
        return bool(_COMPARE[comparison](there, wanted))

    return Criterion(holds)


def _field(session: Session, kind: MObjectKind, name: str) -> Field | None:
    """The field of that name, in any case: of the type itself, or one that every type knows."""
    if kind is not MObjectKind.PROGRAM:
        own = fields_of(kind, session.world).find(name)
        if own is not None:
            return own
    common = next((known for known in _COMMON if known.casefold() == name.casefold()), None)
    return Field(common, _COMMON[common]) if common is not None else None


def _comparable(field: Field, text: str) -> _Value | None:
    """A value as it is compared (documented): numbers as numbers, times as times, texts in any case; None: none."""
    if not text:
        return None
    if field.type in _NUMBERS:
        return Decimal(text)
    if field.type is FieldType.DATETIME:
        return datetime.fromisoformat(text)
    return text.strip().casefold()


def _text(candidate: MObject, name: str) -> str:
    """The value that an object has by this name, as text; empty where it has none."""
    match name:
        case "Id":
            return str(candidate.id)
        case "Created At":
            return candidate.created_at.isoformat() if candidate.created_at is not None else ""
        case "Updated At":
            return candidate.updated_at.isoformat() if candidate.updated_at is not None else ""
        case "OpportunityId" | "PersonId":
            wanted = "Opportunity" if name == "OpportunityId" else "Lead"
            return next((str(item.id) for item in candidate.associations if item.type == wanted), "")
        case _:
            return _attribute(candidate, name)


def _attribute(candidate: MObject, name: str) -> str:
    return next((item.value or "" for item in candidate.attributes if item.name == name), "")


# ---------------------------------------------------------------------------------------------------------------------
# Tags


class _Tags(Struct, frozen=True):
    """The tag that a program must have, or not: of a type, of a value, or of both in one."""

    type: tuple[Comparison, str] | None = None
    value: tuple[Comparison, str] | None = None

    def told(self, name: str, comparison: Comparison, text: str) -> _Tags:
        """The same, with a type or a value that was asked for."""
        if comparison not in (Comparison.EQ, Comparison.NE):
            raise MarketoError.bad_parameter("comparison", comparison.value)
        said = (comparison, text.strip().casefold())
        if name == _TAG_VALUE:
            if self.value is not None:
                raise MarketoError.bad_parameter("attrName", "more than one Tag Value")
            return _Tags(self.type, said)
        if self.type is not None:
            raise MarketoError.bad_parameter("attrName", "more than one Tag Type")
        return _Tags(said, self.value)

    def hold(self, candidate: MObject) -> bool:
        """Whether one of the tags of an object is as asked; a channel counts as a tag (captured)."""
        tags = [
            (named.get("Type", "").casefold(), named.get("Value", "").casefold())
            for item in candidate.type_attributes or ()
            if item.type == "Tag"
            for named in [{pair.name: pair.value or "" for pair in item.attributes}]
        ]
        negated = any(said is not None and said[0] is Comparison.NE for said in (self.type, self.value))
        wanted_type = self.type[1] if self.type is not None else None
        wanted_value = self.value[1] if self.value is not None else None
        found = any(
            (wanted_type is None or kind == wanted_type) and (wanted_value is None or value == wanted_value)
            for kind, value in tags
        )
        return found is not negated
