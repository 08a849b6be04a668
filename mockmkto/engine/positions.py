"""Where a reader stands: the texts of stream positions, each of which holds its own query, and times of requests."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from msgspec import Struct

from mockmkto.auth.timestamps import parse_timestamp
from mockmkto.errors import MarketoError
from mockmkto.store.activities import seconds
from mockmkto.store.database import Session

__all__ = ["LeadPosition", "Offset", "read_lead_position", "read_moment", "read_offset", "shown_moment"]

_LARGEST = 2**62  # no Id or count is larger
_LAST_SECOND = 253_402_300_799  # of the year 9999: no time can be later


class LeadPosition(Struct, frozen=True):
    """Where a reader of getMultipleLeads stands: the span of time or the list, the last Id, how many were shown.

    The text is the vendor's (captured; two values check out by arithmetic): `to` is the oldest time and `tl` the
    latest, as seconds since 1970. For a list both are 0, and a part of ours names it (assumed).
    """

    last_id: int
    oldest: int = 0
    latest: int = 0
    list_id: int | None = None
    shown: int = 0
    remaining: int = 0

    def __str__(self) -> str:
        text = f"id:{self.last_id}:to:{self.oldest}:tl:{self.latest}:os:{self.shown}:rc:{self.remaining}"
        return text if self.list_id is None else f"{text}:sl:{self.list_id:x}"

    def same_query(self, other: LeadPosition) -> bool:
        """Whether both read the same leads; of a span that had no end only the beginning counts."""
        if self.list_id is not None or other.list_id is not None:
            return self.list_id == other.list_id
        return self.oldest == other.oldest


_OURS = re.compile(
    r"id:([0-9]{1,19}):to:([0-9]{1,19}):tl:([0-9]{1,19}):os:([0-9]{1,19}):rc:([0-9]{1,19})(?::sl:([0-9a-f]{1,16}))?"
)
_BEGINNING = re.compile(r"id:.*:os:0(?::.*)?", re.DOTALL)


def read_lead_position(text: str | None) -> LeadPosition | None:
    """The position of a text; `None` is the beginning.

    That is what no text is, an empty one, and one with `os:0` that is not ours: a client begins so (captured).

    Raises:
        MarketoError: 20122 it is a position of no known form.
    """
    stripped = (text or "").strip()
    if not stripped:
        return None
    match = _OURS.fullmatch(stripped)
    if match is not None:
        last_id, oldest, latest, shown, remaining = (int(part) for part in match.groups()[:5])
        list_id = int(match[6], 16) if match[6] is not None else None
        possible = max(last_id, list_id or 0) < _LARGEST and max(oldest, latest) <= _LAST_SECOND
        if possible and (list_id is not None or shown):
            return LeadPosition(last_id, oldest, latest, list_id, shown, remaining)
    if _BEGINNING.fullmatch(stripped):
        return None
    raise MarketoError.bad_stream_position(stripped)


class Offset(Struct, frozen=True):
    """Where a reader of the log stands: behind the activity of an id, or at the so-maniest one from 1."""

    behind: int | None = None
    place: int = 1


def read_offset(text: str | None) -> Offset | None:
    """The offset of a startPosition, `ID:1024814` or a number (captured); `None` is the beginning.

    Raises:
        MarketoError: 20122 it is neither.
    """
    stripped = (text or "").strip()
    if not stripped:
        return None
    match = re.fullmatch(r"(ID:)?([0-9]{1,19})", stripped, re.IGNORECASE)
    if match is None or int(match[2]) >= _LARGEST:
        raise MarketoError.bad_stream_position(stripped)
    number = int(match[2])
    return Offset(behind=number) if match[1] else Offset(place=max(number, 1))


def read_moment(session: Session, element: str, text: str | None) -> int | None:
    """A time of a request in seconds since 1970, `None` when there is none; a date alone is its beginning.

    Every form that timestamps were sent in is read, without an offset in the subscription's zone.

    Raises:
        MarketoError: 20110 it is no time.
    """
    stripped = (text or "").strip()
    if not stripped:
        return None
    whole = f"{stripped}T00:00:00" if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", stripped) else stripped
    read = parse_timestamp(whole, session.world.time_zone)
    if read is None:
        raise MarketoError.bad_parameter(element, stripped)
    return seconds(read.instant)


def shown_moment(session: Session, at: int) -> str:
    """A time as answers show it: in the subscription's zone, with its offset (captured)."""
    return datetime.fromtimestamp(at, UTC).astimezone(session.world.time_zone).isoformat(timespec="seconds")
