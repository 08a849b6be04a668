"""How a value of each type of field is read, kept and answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite

from mockmkto.engine.catalogue import default_length
from mockmkto.model import Field, FieldType

__all__ = [
    "BadValue",
    "OverlongValue",
    "listed",
    "read_value",
]


class BadValue(ValueError):
    """The text is not a value of the field's type. `expected` says what would be."""

    def __init__(self, field: Field, text: str, expected: str) -> None:
        self.expected = expected
        shown = text if len(text) <= 40 else text[:40] + "..."
        super().__init__(f"'{shown}' is not valid for field {field.name} of type {field.type}: expected {expected}")


class OverlongValue(ValueError):
    """The text is longer than the field. `limit` says how long it may be: `255 characters`, `30000 bytes`."""

    def __init__(self, field: Field, limit: int) -> None:
        self.limit = f"{limit} {'bytes' if field.type is FieldType.TEXT else 'characters'}"
        super().__init__(f"the value is too long for field {field.name}, which holds {self.limit}")


def read_value(field: Field, text: str, zone: tzinfo, *, truncate: bool = False) -> str:
    """The canonical text of a value, as it is stored and answered; `""` clears the field.

    Texts are kept as sent. Around any other value white space is ignored. Reading a canonical text gives that text.
    The forms that are answered are captured, those that are accepted are documented for texts and assumed otherwise.

    Args:
        field: whose type and length count; without a length it has the one of its type.
        text: the value as sent.
        zone: where a datetime without an offset is read.
        truncate: whether a text that is too long is cut, to whole characters, instead of refused.

    Raises:
        BadValue: it is not a value of the field's type.
        OverlongValue: it is too long, and not to be truncated.
    """
    expected = _EXPECTED.get(field.type)
    if expected is None:
        return _read_text(field, text, truncate)
    text = text.strip(_WHITE_SPACE)
    if not text:
        return ""
    value = None
    if len(text) <= _LONGEST_VALUE:
        value = _read_moment(text, zone) if field.type is FieldType.DATETIME else _READERS[field.type](text)
    if value is None:
        raise BadValue(field, text, expected)
    return value


def listed(field: Field, stored: str) -> bool:
    """Whether an answer lists the stored value: an empty one (documented) and a false boolean (inferred) are not."""
    return stored != "" and not (stored == "0" and field.type is FieldType.BOOLEAN)


_WHITE_SPACE = " \t\r\n"  # XML's; str.strip would take more
_LONGEST_VALUE = 400  # the largest double has 309 digits; nobody's number or date needs more


def _read_text(field: Field, text: str, truncate: bool) -> str:
    limit = default_length(field.type) if field.length is None else field.length
    if limit is None:
        return text
    if field.type is not FieldType.TEXT:
        if len(text) <= limit:
            return text
        cut = text[:limit]
    else:
        if len(text) * 4 <= limit:  # no character takes more than four bytes
            return text
        encoded = text.encode("utf-8", "surrogatepass")
        if len(encoded) <= limit:
            return text
        cut = encoded[:limit].decode("utf-8", "ignore")  # what is ignored is the character that was cut through
    if truncate:
        return cut
    raise OverlongValue(field, limit)


# Patterns, because int() and float() alone take underscores and the digits of other alphabets as well.
_INTEGER = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")  # 12.0 is 12 (inferred: an engineer of the vendor's wrote scores so)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(rf"{_DECIMAL.pattern}(?:[eE][+-]?[0-9]+)?")
_DATETIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

_CENT = Decimal("0.01")
_MONEY = Context(prec=_LONGEST_VALUE + 2, rounding=ROUND_HALF_UP)
_BOOLEANS = dict.fromkeys(("1", "true", "yes", "t"), "1") | dict.fromkeys(("0", "false", "no", "f"), "0")
_FARTHEST_OFFSET = 14 * 60  # minutes, as XML Schema bounds it


def _read_integer(text: str) -> str | None:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    value = int(match[1])
    return str(value) if -(2**31) <= value < 2**31 else None


def _read_float(text: str) -> str | None:
    if _FLOAT.fullmatch(text) is None:
        return None
    value = float(text)
    if not isfinite(value):
        return None
    return repr(value + 0.0).removesuffix(".0")  # adding zero takes the sign from a negative zero


def _read_currency(text: str) -> str | None:
    if _DECIMAL.fullmatch(text) is None or not isfinite(float(text)):
        return None
    shown = f"{_MONEY.quantize(Decimal(text), _CENT):f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _read_boolean(text: str) -> str | None:
    return _BOOLEANS.get(text.lower())


def _read_date(text: str) -> str | None:
    moment = _read_moment(text, UTC)  # the date is the one that was sent, wherever that is
    return moment[:10] if moment else None


def _read_moment(text: str, zone: tzinfo) -> str | None:
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["date"])
        hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
        moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
        offset = _read_offset(match["offset"]) if match["offset"] else _whole_minutes(moment.utcoffset())
    except ValueError:
        return None
    return moment.replace(tzinfo=offset).isoformat(timespec="seconds")


def _read_offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes > 59 or hours * 60 + minutes > _FARTHEST_OFFSET:
        raise ValueError(text)
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1))


def _whole_minutes(offset: timedelta | None) -> tzinfo:
    """An offset that W3C can write: before standard time, zones were seconds away from whole minutes."""
    return timezone(timedelta(minutes=round((offset or timedelta()) / timedelta(minutes=1))))


_READERS: dict[FieldType, Callable[[str], str | None]] = {
    FieldType.INTEGER: _read_integer,
    FieldType.SCORE: _read_integer,
    FieldType.PERCENT: _read_integer,
    FieldType.FLOAT: _read_float,
    FieldType.CURRENCY: _read_currency,
    FieldType.BOOLEAN: _read_boolean,
    FieldType.DATE: _read_date,
}
_WHOLE = "a whole number from -2147483648 to 2147483647"
_EXPECTED: dict[FieldType, str] = {
    FieldType.INTEGER: _WHOLE,
    FieldType.SCORE: _WHOLE,
    FieldType.PERCENT: _WHOLE,
    FieldType.FLOAT: "a decimal number such as 1.5 or 1.5e3",
    FieldType.CURRENCY: "an amount such as 1234.50, without a currency sign or separators",
    FieldType.BOOLEAN: "1, true, yes, t, 0, false, no or f",
    FieldType.DATE: "a date such as 2015-06-23",
    FieldType.DATETIME: "a time such as 2015-06-23T15:41:32-07:00",
}
