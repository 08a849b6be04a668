"""Which leads a read means: by keys, as members of a list, or active in a span of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from mockmkto.engine.lists import list_by_name
from mockmkto.engine.lookup import KEY_TYPES, leads_of_key
from mockmkto.engine.numbers import as_id
from mockmkto.engine.positions import read_moment
from mockmkto.errors import Code, MarketoError
from mockmkto.model import LeadKey, Subject, TraceBuilder
from mockmkto.model.lists import StaticList
from mockmkto.model.reads import (
    EmptySelector,
    LastUpdateAtSelector,
    LeadKeySelector,
    LeadSelector,
    StaticListSelector,
)
from mockmkto.settings.texts import format_duration
from mockmkto.store import lists
from mockmkto.store.activities import seconds
from mockmkto.store.database import Session

__all__ = ["MOST_KEYS", "Keys", "Listed", "Span", "check_selector", "read_selector", "read_span"]

MOST_KEYS = 100  # of one selector (documented)


class Keys(Struct, frozen=True):
    """Keys of one type, in request order; those above the hundred that are looked at are still there."""

    key_type: str
    values: tuple[str, ...]

    def find(self, session: Session, trace: TraceBuilder, values: tuple[str, ...] | None = None) -> tuple[int, ...]:
        """The leads that the keys find, each once, by Id; keys that find nothing are skipped (captured)."""
        found: dict[int, None] = {}
        missed: list[str] = []
        for value in values if values is not None else self.values:
            of_key = leads_of_key(session, LeadKey(self.key_type, value), trace)
            found.update(dict.fromkeys(of_key))
            if not of_key:
                missed.append(value)
        if missed:
            shown = ", ".join(missed[:10]) + (f" and {len(missed) - 10} more" if len(missed) > 10 else "")
            trace.subjects.append(Subject("keys", f"{self.key_type} = {shown}", reason="no lead has it"))
        return tuple(sorted(found))

    def __str__(self) -> str:
        return f"{len(self.values)} key{'s' if len(self.values) != 1 else ''} of type {self.key_type}"


class Listed(Struct, frozen=True):
    """The members of a list; of none where nothing has the name or the id."""

    list_id: int | None
    said: str

    def __str__(self) -> str:
        return self.said


class Span(Struct, frozen=True):
    """A span of time in seconds since 1970, both ends included. Without a beginning it is that of nothing."""

    oldest: int
    latest: int

    def __str__(self) -> str:
        begin, end = (datetime.fromtimestamp(at, UTC).isoformat() for at in (self.oldest, self.latest))
        return f"active from {begin} to {end}"


def read_selector(
    session: Session, selector: LeadSelector, trace: TraceBuilder, *, spans: timedelta | None
) -> Keys | Listed | Span:
    """What a selector of a request means; `spans` says how long one of time may be.

    Raises:
        MarketoError: 20109 it has not what it needs, or is of no known type; 20102 a key type outside the enumeration;
            20110 a date that cannot be read; 20022 a span that is too long.
    """
    check_selector(session, selector)
    match selector:
        case LeadKeySelector(key_type, values):
            return Keys((key_type or "").strip(), values or ())
        case StaticListSelector(name, number):
            return _listed(session, name, number, trace)
        case LastUpdateAtSelector(oldest, latest):
            return read_span(session, oldest, latest, trace, limit=spans)
    raise AssertionError(selector)


def check_selector(session: Session, selector: LeadSelector) -> None:
    """A selector has what it needs; whether what it says can be read is not looked at yet.

    Raises:
        MarketoError: 20109 it has not, or is of no known type; 20102 a key type outside the enumeration.
    """
    untyped = session.world.behaviour.untyped_selector
    if selector.guessed and (untyped == "fault" or isinstance(selector, EmptySelector)):
        raise MarketoError.parameter_required("leadSelector")
    match selector:
        case LeadKeySelector(key_type, values):
            asked = (key_type or "").strip()
            if not asked:
                raise MarketoError.parameter_required("keyType")
            if asked not in KEY_TYPES:
                raise MarketoError.lead_key_bad(asked)
            if values is None:
                raise MarketoError.parameter_required("keyValues")
        case StaticListSelector(name, number) if number is None and not (name or "").strip():
            raise MarketoError.parameter_required("staticListName")
        case LastUpdateAtSelector(oldest) if not (oldest or "").strip():
            raise MarketoError.parameter_required("oldestUpdatedAt")


def _listed(session: Session, name: str | None, number: float | None, trace: TraceBuilder) -> Listed:
    """By id, or by name in any case, `Program.List` for a program's (captured); one that is not there is empty."""
    named = (name or "").strip()
    if number is not None:
        asked = f"staticListId = {number}"
        if named:
            trace.warn("selector", "staticListName beside a staticListId was ignored", "staticListName")
        found = lists.by_id(session, as_id(number))
    else:
        asked = f"staticListName = {named}"
        found = _by_name(session, named, trace)
    if found is None:
        trace.subjects.append(Subject("list", asked, reason="no list has it"))
        return Listed(None, f"a list that is not there ({asked})")
    trace.subjects.append(Subject("list", asked, found.id, found.shown))
    return Listed(found.id, f"list {found.shown} ({found.id})")


def _by_name(session: Session, named: str, trace: TraceBuilder) -> StaticList | None:
    found = list_by_name(session, named, TraceBuilder())  # its warnings are about calls that change a list
    if found is not None and found.program_id is not None and found.shown.casefold() != named.casefold():
        trace.warn("program_list", f"{named} was read as {found.shown}, the only list of that name", "staticListName")
    return found


def read_span(
    session: Session, oldest: str | None, latest: str | None, trace: TraceBuilder, *, limit: timedelta | None
) -> Span:
    """The span of two times of a request; without a latest it ends now.

    Raises:
        MarketoError: 20109 no oldest; 20110 one cannot be read; 20022 it is longer than the limit (documented).
    """
    begin = read_moment(session, "oldestUpdatedAt", oldest)
    if begin is None:
        raise MarketoError.parameter_required("oldestUpdatedAt")
    end = read_moment(session, "latestUpdatedAt", latest)
    if end is None:
        end = seconds(session.now)
    if begin > end:
        trace.warn("selector", "oldestUpdatedAt is after latestUpdatedAt: no lead is in there", "oldestUpdatedAt")
    if limit is not None and end - begin > limit.total_seconds():
        days = f"{limit.days} days" if limit == timedelta(days=limit.days) else format_duration(limit)
        raise MarketoError(Code.TIME_RANGE_EXCEEDED, f"Time range is more than {days}")
    return Span(begin, end)
