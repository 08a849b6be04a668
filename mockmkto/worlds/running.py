"""What a fixture says about a subscription that has been running: its clock, its next Id, what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from mockmkto.clock import Clock, system_now
from mockmkto.engine.fields import BadValue, read_value
from mockmkto.settings import parse_duration
from mockmkto.store.database import Counter
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.leads import MAX_ID, MOMENT, exactly
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.schema import CountedEntry, WorldEntry, nearest
from mockmkto.worlds.world import Counted, FixtureLead

__all__ = [
    "BETWEEN",
    "FIRST",
    "LAST",
    "check_clock",
    "check_counted",
    "check_next_id",
    "check_next_ids",
    "signed_duration",
]

# A clock that runs must not run over the end of the calendar, nor any time zone before its beginning.
FIRST, LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9990, 1, 1, tzinfo=UTC)
BETWEEN = "a time of the years 1000 to 9989"


def signed_duration(text: str) -> timedelta:
    """A duration, or with a minus before it as much back.

    Raises:
        ValueError: with what was expected.
    """
    stripped = text.strip()
    duration = parse_duration(stripped.removeprefix("-"))
    return -duration if stripped.startswith("-") else duration


def check_clock(entry: WorldEntry, at: Location, findings: Findings) -> Clock:
    """The clock; what is wrong goes to the findings."""
    given = entry.clock
    if given is None:
        return Clock()
    clock = Clock()
    if given.frozen is not None and given.offset is not None:
        findings.add((*at, "clock"), "expected frozen or offset, got both")
    elif given.frozen is not None:
        where = (*at, "clock", "frozen")
        frozen = _moment(given.frozen, where, findings)
        clock = Clock(frozen_at=frozen) if frozen is not None else clock
    elif given.offset is not None:
        where = (*at, "clock", "offset")
        try:
            clock = Clock(offset=signed_duration(given.offset))
        except ValueError as error:
            findings.add(where, f"expected {error}, or -5m for a clock that is slow, got {show_value(given.offset)}")
    try:
        if not FIRST <= clock.now() < LAST:
            findings.add((*at, "clock"), f"expected {BETWEEN}, got {clock.now().isoformat()}")
            return Clock()
    except OverflowError:
        findings.add(
            (*at, "clock"), f"expected what leads to {BETWEEN}, got {show_value(given.offset or given.frozen)}"
        )
        return Clock()
    return clock


def check_next_id(entry: WorldEntry, at: Location, leads: Sequence[FixtureLead], findings: Findings) -> int | None:
    """The Id that the next new lead gets, `None` where nothing is said; what is wrong goes to the findings."""
    if entry.next_id is None:
        return None
    highest = max((item.id for item in leads), default=0)
    if not highest < entry.next_id <= MAX_ID + 1:
        findings.add((*at, "next_id"), f"expected {highest + 1} to {MAX_ID + 1}, above every Id, got {entry.next_id}")
    return entry.next_id


def check_next_ids(entry: WorldEntry, at: Location, findings: Findings) -> dict[str, int]:
    """The id that the next new thing of each kind gets; what is wrong goes to the findings.

    One below an id that is there is no problem: ids are counted from above the highest.
    """
    known = [item.value for item in Counter if item not in (Counter.LEAD, Counter.CUSTOM_OBJECT)]
    for name, number in (entry.next_ids or {}).items():
        if name not in known:
            message = f"unknown kind{nearest(name, known)}; known here: {', '.join(known)}"
            findings.add((*at, "next_ids", name), "the Id of the next lead is `next_id`" if name == "lead" else message)
        if not 1 <= number <= MAX_ID + 1:
            findings.add((*at, "next_ids", name), f"expected 1 to {MAX_ID + 1}, got {number}")
    return dict(entry.next_ids or {})


def check_counted(entry: CountedEntry | None, at: Location, findings: Findings) -> Counted:
    """What counts against the limits already; what is wrong goes to the findings."""
    if entry is None:
        return Counted()
    days: dict[str, int] = {}
    for day, calls in (entry.days or {}).items():
        where = (*at, "days", day)
        try:
            days[date.fromisoformat(day).isoformat()] = calls
        except ValueError:
            findings.add(where, f"expected a day such as {system_now().date().isoformat()}, got {show_value(day)}")
        if not 0 <= calls <= MAX_ID:
            findings.add(where, f"expected a number of calls, got {calls}")
    recent = [_moment(text, (*at, "recent", index), findings) for index, text in enumerate(entry.recent or [])]
    return Counted(days, tuple(item for item in recent if item is not None))


def _moment(text: str, at: Location, findings: Findings) -> datetime | None:
    """A time with an offset, or of UTC."""
    try:
        canonical = read_value(MOMENT, text, UTC)
        if not canonical:
            findings.add(at, "expected a time such as 2026-03-14T09:26:53Z, got an empty text")
            return None
        return exactly(canonical, text).astimezone(UTC)
    except BadValue as error:
        findings.add(at, f"expected {error.expected}, got {show_value(text)}")
    except OverflowError:
        findings.add(at, f"expected {BETWEEN}, got {show_value(text)}")
    return None
