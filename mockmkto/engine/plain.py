"""The value of a field as a plain Python value, as the REST API takes and gives it, and as the text that is stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from mockmkto.engine.fields import BadValue, read_value
from mockmkto.model import Field, FieldType
from mockmkto.unseen import NOT_XML

__all__ = ["PlainValue", "from_plain", "shown_value", "to_plain", "utc"]

PlainValue = str | int | float | bool | None

_TEXTS = frozenset(
    {FieldType.STRING, FieldType.TEXT, FieldType.URL, FieldType.PHONE, FieldType.EMAIL, FieldType.REFERENCE}
)
_EMAIL = re.compile(r"[!-?A-~]+@[!-?A-~]+")  # ASCII alone is documented; what else makes an e-mail address is assumed
_WHOLE = re.compile(r"-?[0-9]+")


def from_plain(field: Field, value: object, zone: tzinfo, *, truncate: bool = False) -> str:
    """The canonical text of a value, as `read_value` gives it; `""` clears the field, and so do `None` and `""`.

    The REST API is stricter than the SOAP API about e-mail addresses (captured: `bademail` is refused, as are 14.1 for
    a whole number and `100%` for a percentage). Numbers and booleans may come as texts, and texts as numbers or as
    booleans (assumed).

    Args:
        field: whose type and length count.
        value: what came; anything but a text, a number, a boolean and `None` is of no field's type.
        zone: where a datetime without an offset is read.
        truncate: whether a text that is too long is cut instead of refused.

    Raises:
        BadValue: it is not a value of the field's type, or holds a character that no answer of the SOAP API can carry.
        OverlongValue: it is too long, and not to be truncated.
    """
    if value is None:
        return ""
    text = shown_value(value)
    if isinstance(value, bool):
        if field.type is not FieldType.BOOLEAN and field.type not in _TEXTS:
            raise BadValue(field, text, f"a value of type {field.type}, not a boolean")
    elif not isinstance(value, str | int | float):
        raise BadValue(field, text, "one value: a text, a number or a boolean")
    if field.type in _TEXTS and NOT_XML.search(text):
        raise BadValue(field, text, "text without control characters")  # SOAP could not answer them: it reads them too
    if field.type is FieldType.EMAIL and text and not _EMAIL.fullmatch(text):
        raise BadValue(field, text, "an e-mail address, in ASCII")
    return read_value(field, text, zone, truncate=truncate)


def to_plain(field: Field, stored: str | None) -> PlainValue:
    """The value that an answer shows for what is stored.

    An unset boolean is `False`, any other unset value `None` (captured). Numbers are numbers, and so are references to
    what has an id (captured); datetimes are whole seconds in UTC (`2020-08-30T05:49:48Z`, captured), dates and texts
    what they are. A stored text that is no value of the type, as when the type of a field was changed, is shown as it
    is.
    """
    if field.type is FieldType.BOOLEAN:
        return stored == "1" if stored in (None, "", "0", "1") else stored
    if not stored:
        return None
    if field.type is FieldType.REFERENCE:
        return int(stored) if _WHOLE.fullmatch(stored) else stored
    if field.type in _TEXTS or field.type is FieldType.DATE:
        return stored
    if field.type is FieldType.DATETIME:
        return _in_utc(stored)
    return _number(stored)


def utc(moment: datetime) -> str:
    """A moment as answers write it: whole seconds in UTC, `2021-11-23T22:57:08Z` (captured)."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def shown_value(value: object) -> str:
    """The text of a value that came, as messages quote it: `14.1`, `true`, a text without its quotation marks."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _plain_digits(value)
    return "null" if value is None else str(value)


def _plain_digits(value: float) -> str:
    """The digits without an exponent, which no reader of whole numbers and amounts takes."""
    shown = repr(value)
    if "e" not in shown:
        return shown
    return f"{Decimal(shown):f}"


def _in_utc(stored: str) -> str:
    try:
        return utc(datetime.fromisoformat(stored))
    except (ValueError, OverflowError):  # the first and the last day of all years have no neighbour in UTC
        return stored


def _number(stored: str) -> PlainValue:
    try:
        return int(stored) if _WHOLE.fullmatch(stored) else float(stored)
    except ValueError:
        return stored
