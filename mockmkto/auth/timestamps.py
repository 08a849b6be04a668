"""Reads a request's timestamp in every form that clients of the Marketo API are known to send."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from msgspec import Struct

__all__ = ["KNOWN_FORMS", "Timestamp", "parse_timestamp"]

KNOWN_FORMS: tuple[str, ...] = (
    "2013-07-31T12:38:47-07:00",  # PHP DATE_W3C, Java with an inserted colon, Ruby DateTime#to_s (captured)
    "2013-07-31T19:38:47Z",  # the vendor's C# sample, suds (captured)
    "2013-07-31T19:38:47.123Z",  # JavaScript toISOString (captured); fraction and offset together too (captured)
    "2013-07-31 12:38:47 -0700",  # Ruby Time#to_s (captured); `UTC` in place of the offset when it is in UTC (inferred)
    "2013-07-31T12:38:47-0700",  # Java SimpleDateFormat (assumed to be read)
    "2013-07-31T12:38:47.123456",  # Python isoformat of a naive time (captured)
)
"""An example of each form, for people. Any mixture of separator, fraction and offset is read as well."""

_FORM = re.compile(
    r"[ \t\r\n]*"
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})([T ])([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?: ?(?:(Z|UTC|GMT)|([+-])([0-9]{2})(:?)([0-9]{2})))?"
    r"[ \t\r\n]*"
)
_FARTHEST_OFFSET = 14 * 60  # minutes, as XML Schema bounds it


class Timestamp(Struct, frozen=True):
    """A timestamp, read.

    `instant` is in UTC. `offset` is the one that was written, `None` when there was none; `alternatives` are then
    what else can be meant: the second pass through an hour that a change of clocks repeats, and the time as UTC.
    """

    instant: datetime
    form: str
    offset: tzinfo | None
    alternatives: tuple[datetime, ...] = ()

    @property
    def has_offset(self) -> bool:
        """Whether the text itself says which instant it is."""
        return self.offset is not None


def parse_timestamp(text: str, zone: tzinfo) -> Timestamp | None:
    """The instant that the text names, without an offset in the given zone; `None` when no known form reads it.

    White space around it is ignored, a fraction is kept to microseconds. The forms are those that clients sent in
    production (captured), which makes the vendor's reader a lenient one (inferred).
    """
    return _as_before(text, zone) if len(text) <= _SHORT else _read(text, zone)


def _read(text: str, zone: tzinfo) -> Timestamp | None:
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, separator, hour, minute, second, fraction, mark, sign, hours, colon, minutes = match.groups()
    offset: tzinfo | None
    if mark is not None:
        offset, written = UTC, ("Z" if mark == "Z" else "UTC")
    elif sign is not None:
        away = int(hours) * 60 + int(minutes)
        if int(minutes) > 59 or away > _FARTHEST_OFFSET:
            return None
        offset = timezone(timedelta(minutes=-away if sign == "-" else away))
        written = "offset" if colon else "offset without colon"
    else:
        offset, written = None, "no offset"
    form = f"{'W3C' if separator == 'T' else 'spaced'}, {'fraction, ' if fraction else ''}{written}"
    try:
        wall = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second),
            int(fraction[:6].ljust(6, "0")) if fraction else 0,
            tzinfo=zone if offset is None else offset,
        )
        if offset is not None:
            return Timestamp(wall.astimezone(UTC), form, offset)
        alternatives = wall.replace(fold=1).astimezone(UTC), wall.replace(tzinfo=UTC)
        return Timestamp(wall.astimezone(UTC), form, None, alternatives)
    except (ValueError, OverflowError):  # the 31st of June; year 1 east of Greenwich
        return None


_SHORT = 64  # characters: no longer ones are kept
_as_before = lru_cache(maxsize=64)(_read)  # clients sign with whole seconds, in each of which there may be many calls
