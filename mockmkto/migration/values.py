"""When two stored texts are one value in two forms, and what a difference between them looks like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from mockmkto.model import Field, FieldType, World

__all__ = ["field_of", "form_only", "hint", "names_of"]

_NUMBERS = (FieldType.INTEGER, FieldType.SCORE, FieldType.PERCENT, FieldType.FLOAT, FieldType.CURRENCY)
_FALSE = ("", "0", "false")
_NOBODY = ("none", "null", "undefined", "nil", "nan", "[object object]")


def field_of(world: World, name: str) -> Field | None:
    """The field of that name, in either API, or as it is stored."""
    return world.fields.named(name) or next((item for item in world.fields.every if item.name == name), None)


def names_of(world: World, name: str) -> str:
    """Both names of a field, the SOAP API's first: `LeadSource / leadSource`; one, where there is only one."""
    field = field_of(world, name)
    if field is None:
        return name
    soap = field.name if field.soap else None
    rest = (field.rest_name or field.name) if field.rest else None
    return " / ".join(dict.fromkeys(item for item in (soap, rest) if item)) or name


def form_only(type: FieldType | None, old: str | None, new: str | None) -> str:
    """Why two texts are the same value, in words; empty when they are not."""
    if (old or "") == (new or ""):
        return "nothing there, and an empty text"
    if type is FieldType.BOOLEAN and (old or "").lower() in _FALSE and (new or "").lower() in _FALSE:
        return "a boolean that is not set is false"
    if old is None or new is None:
        return ""
    if type is FieldType.DATETIME and (moments := _moments(old, new)) and moments[0] == moments[1]:
        return "the same moment, written with another offset"
    if type in _NUMBERS and (numbers := _numbers(old, new)) and numbers[0] == numbers[1]:
        return "the same number, written otherwise"
    return ""


def hint(type: FieldType | None, old: str | None, new: str | None, others: Mapping[str, str], was: str | None) -> str:
    """What a difference looks like, for a person; empty when like nothing in particular.

    Args:
        type: the field's, where that is known.
        old: the value on the old side.
        new: the value on the new side.
        others: what the lead has on the old side, by names that can be shown.
        was: the value in the fixture.
    """
    if old is not None and new is None:
        return "the new program cleared it" if was else "the new program did not write it"
    if old is None and new is not None:
        if new.strip().lower() in _NOBODY:
            return "the new program wrote the text of a value that is missing"
        return "the old program cleared it, the new one did not" if was == new else "the old program did not write it"
    if old is None or new is None:
        return ""
    if old.strip().casefold() == new.strip().casefold():
        return "only upper and lower case differ" if old.strip() != new.strip() else "only white space differs"
    if new.strip().lower() in _NOBODY:
        return "the new program wrote the text of a value that is missing"
    if (apart := _apart(type, old, new)) is not None:
        return f"{apart} apart: a time zone?"
    if new == was:
        return "the new program left it as it was"
    if old == was:
        return "the old program left it as it was"
    swapped = next((name for name, text in others.items() if text == new), None) if len(new) > 1 else None
    return f"that is the old side's {swapped}: fields mixed up?" if swapped else ""


def _apart(type: FieldType | None, old: str, new: str) -> str | None:
    if type is FieldType.DATE:
        try:
            days = abs((date.fromisoformat(new) - date.fromisoformat(old)).days)
        except ValueError:
            return None
        return "one day" if days == 1 else None
    moments = _moments(old, new)
    if moments is None or type not in (FieldType.DATETIME, None):
        return None
    difference = abs(moments[1] - moments[0])
    if timedelta() < difference <= timedelta(hours=26) and not difference % timedelta(minutes=15):
        hours, rest = divmod(difference, timedelta(hours=1))
        return f"{hours} h" + (f" {rest // timedelta(minutes=1)} min" if rest else "")
    return None


def _moments(old: str, new: str) -> tuple[datetime, datetime] | None:
    try:
        first, second = datetime.fromisoformat(old), datetime.fromisoformat(new)
    except ValueError:
        return None
    return (first, second) if (first.tzinfo is None) == (second.tzinfo is None) else None


def _numbers(old: str, new: str) -> tuple[Decimal, Decimal] | None:
    try:
        return Decimal(old), Decimal(new)
    except InvalidOperation:
        return None
