"""getLeadActivity and getLeadChanges: the activity log page by page, of one lead or of all."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.engine.lookup import check_key, key_steps, leads_of_key
from mockmkto.engine.numbers import whole
from mockmkto.engine.paging import batch_size
from mockmkto.engine.positions import Offset, read_moment, read_offset, shown_moment
from mockmkto.engine.selectors import MOST_KEYS, Keys, Listed, Span, check_selector, read_selector
from mockmkto.errors import Code, MarketoError
from mockmkto.model import ACTIVITY_TYPES, Activity, PageStep, TraceBuilder, display_type
from mockmkto.model.reads import (
    ActivityFilter,
    ActivityPage,
    GetLeadActivityRequest,
    GetLeadChangesRequest,
    LastUpdateAtSelector,
    LeadKeySelector,
    LeadSelector,
    StreamPosition,
)
from mockmkto.store import log
from mockmkto.store.activities import Place, at_or_before, place_of, seconds
from mockmkto.store.database import Session

__all__ = ["get_lead_activity", "get_lead_changes"]

MOST_OF_A_LEAD = 100  # activities of one page (documented)
MOST_CHANGES = 1000


# ---------------------------------------------------------------------------------------------------------------------
# Of one lead


def get_lead_activity(session: Session, request: GetLeadActivityRequest, trace: TraceBuilder) -> ActivityPage:
    """One page of what a lead did, the newest first (captured).

    Where more are left, the position has the time of the first call of the run and the last id shown (captured). Where
    nothing is, it is that of the beginning after a single page (captured), and that of the end after several (assumed).

    Raises:
        MarketoError: in this order (assumed): 20101, 20102, 20109 of the key; 20114 types to include and to exclude;
            20107 a type that there is not; 20122 an offset of no known form; 20110 a time that is none; 20103 no lead.
    """
    if request.key is None:
        raise MarketoError.lead_key_required()
    key_type, value = check_key(request.key)
    include, exclude = _types(session, request.filter, trace)
    start = request.start
    offset = read_offset(start.offset)
    oldest = _latest_of(
        read_moment(session, "oldestCreatedAt", start.oldest), read_moment(session, "activityCreatedAt", start.activity)
    )
    latest = read_moment(session, "latestCreatedAt", start.latest)
    found = leads_of_key(session, request.key, trace)
    trace.keys.extend(key_steps(request.key, found))
    if not found:
        raise MarketoError.lead_not_found(key_type, value)
    query = log.Query((found[0],), None, include, exclude, oldest, latest, newest_first=True)
    size = batch_size(request.batch_size, MOST_OF_A_LEAD, MOST_OF_A_LEAD, trace)
    shown = _page(session, query, offset, size)
    trace.touch(found[:1])
    after = _after_lead_activity(session, start, offset, shown)
    what = f"activities of lead {found[0]}{_said(include, exclude)}"
    _note_page(session, query, shown, what, request.batch_size, size, (start, after), trace)
    return ActivityPage(shown.activities, _remaining(session, shown.left), after)


def _after_lead_activity(
    session: Session, start: StreamPosition, offset: Offset | None, shown: _Shown
) -> StreamPosition:
    continued = offset is not None and offset.behind is not None
    if not shown.left and not continued:
        return StreamPosition(offset="1")
    latest = (start.latest or "").strip() or shown_moment(session, seconds(session.now))
    last = f"ID:{shown.activities[-1].id}" if shown.activities else (start.offset or "").strip()
    return StreamPosition(latest=latest, oldest=(start.oldest or "").strip() or None, offset=last)


# ---------------------------------------------------------------------------------------------------------------------
# Of all leads


def get_lead_changes(session: Session, request: GetLeadChangesRequest, trace: TraceBuilder) -> ActivityPage:
    """One page of what all leads did, or those of a selector, the oldest first (captured).

    The times bound the activities (captured in the vendor's sample); a switch has them bound when the leads were
    created, as the page says. An offset alone is enough: the record's own place is the beginning (captured).

    Raises:
        MarketoError: in this order (assumed): 20109 nothing says where to begin, or a selector has not what it needs;
            20102 a key type outside the enumeration; 20122 an offset of no known form; 20114 more than 100 keys, or
            types to include and to exclude; 20107 a type that there is not; 20110 a time that is none.
    """
    start = request.start
    if start is None or (_is_empty(start) and not _gives_dates(request.selector)):
        raise MarketoError.parameter_required("startPosition")
    selector = request.selector
    if selector is not None:
        check_selector(session, selector)
    offset = read_offset(start.offset)
    if isinstance(selector, LeadKeySelector) and len(selector.values or ()) > MOST_KEYS:
        raise _bad_combination(session, f"more than {MOST_KEYS} keys")
    include, exclude = _named(request.names, *_types(session, request.filter, trace), trace)
    selected = read_selector(session, selector, trace, spans=None) if selector is not None else None
    query = _bounded(session, start, selected, trace)
    query = replace(query, include=include, exclude=exclude)
    size = batch_size(request.batch_size, int(session.world.behaviour.batch_default), MOST_CHANGES, trace)
    shown = _page(session, query, offset, size)
    trace.touch(item.lead_id for item in shown.activities)
    last = f"ID:{shown.activities[-1].id}" if shown.activities else (start.offset or "").strip() or "ID:0"
    after = StreamPosition(oldest=(start.oldest or "").strip() or None, offset=last)
    what = f"activities of {selected or 'all leads'}{_said(include, exclude)}"
    _note_page(session, None, shown, what, request.batch_size, size, (start, after), trace)
    return ActivityPage(shown.activities, _remaining(session, shown.left), after)


def _is_empty(start: StreamPosition) -> bool:
    return not any((text or "").strip() for text in (start.latest, start.oldest, start.activity, start.offset))


def _gives_dates(selector: LeadSelector | None) -> bool:
    return isinstance(selector, LastUpdateAtSelector) and bool((selector.oldest or "").strip())


def _bounded(
    session: Session, start: StreamPosition, selected: Keys | Listed | Span | None, trace: TraceBuilder
) -> log.Query:
    since = read_moment(session, "oldestCreatedAt", start.oldest)
    oldest = _latest_of(since, read_moment(session, "activityCreatedAt", start.activity))
    latest = read_moment(session, "latestCreatedAt", start.latest)
    created = None
    if session.world.behaviour.created_filter == "lead_created" and since is not None:
        created = datetime.fromtimestamp(since, UTC)
        oldest = read_moment(session, "activityCreatedAt", start.activity)
    leads: tuple[int, ...] | None = None
    list_id: int | None = None
    match selected:
        case Keys():
            leads = selected.find(session, trace)
        case Listed():
            list_id = selected.list_id
            leads = () if list_id is None else None
        case Span():
            oldest = _latest_of(oldest, selected.oldest)
            latest = min(latest, selected.latest) if latest is not None else selected.latest
    return log.Query(leads, list_id, oldest=oldest, latest=latest, created_since=created)


def _named(
    names: tuple[str, ...], include: tuple[str, ...] | None, exclude: tuple[str, ...], trace: TraceBuilder
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The types of an activityNameFilter, which go by what answers show, and of the other filter: both must hold."""
    given = [name.strip() for name in names if name.strip()]
    if not given:
        return include, exclude
    wanted: dict[str, None] = {}
    for name in given:
        known = display_type(name)
        if known is None:
            trace.warn("activity_type", f"there is no type of activities named {name}", "activityNameFilter")
        wanted[known or name] = None
    kept = tuple(name for name in wanted if (include is None or name in include) and name not in exclude)
    return kept, ()


# ---------------------------------------------------------------------------------------------------------------------
# Both


class _Shown(Struct, frozen=True):
    """A page of the log, and how many activities are left behind it."""

    activities: tuple[Activity, ...]
    left: int
    behind: Place | None  # where it began


def _types(
    session: Session, asked: ActivityFilter, trace: TraceBuilder
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The types to include, `None` for all, and those to exclude, as answers name them."""
    include = [name.strip() for name in asked.include if name.strip()]
    exclude = [name.strip() for name in asked.exclude if name.strip()]
    if include and exclude:
        raise _bad_combination(session, "includeTypes and excludeTypes cannot stand together")
    shown: list[str] = []
    for name in include or exclude:
        known = display_type(name)
        if known is None:
            raise MarketoError(Code.ACTIVITY_KEY_BAD, f"Activity type is not valid: {name}")
        if name not in ACTIVITY_TYPES:
            trace.warn("activity_type", f"{name} was read as the type that answers name {known}", "activityType")
        shown.append(known)
    types = tuple(dict.fromkeys(shown))
    return (types, ()) if include else (None, types)


def _bad_combination(session: Session, text: str) -> MarketoError:
    return MarketoError(Code(int(session.world.behaviour.bad_combination)), text)


def _page(session: Session, query: log.Query, offset: Offset | None, size: int) -> _Shown:
    behind, or_at = _place(session, query, offset)
    found = log.page(session, query, behind=behind, limit=size, or_at=or_at)
    if found:
        last = Place(seconds(found[-1].at), found[-1].id)
        return _Shown(found, log.count(session, query, behind=last) if len(found) == size else 0, behind)
    if offset is not None and offset.behind is not None and session.world.behaviour.stream_end == "fault":
        raise MarketoError(Code.STREAM_AT_END, "No more records at this stream position")
    return _Shown((), 0, behind)


def _place(session: Session, query: log.Query, offset: Offset | None) -> tuple[Place | None, bool]:
    """Behind which place a page begins, and whether with what is there.

    Where the record of the offset is gone, it is the next older one by id that counts (assumed).
    """
    if offset is None:
        return None, False
    if offset.behind is None:
        return log.skip(session, query, offset.place - 1), False
    there = place_of(session, offset.behind)
    if there is not None:
        return there, False
    return at_or_before(session, offset.behind), query.newest_first


def _latest_of(*moments: int | None) -> int | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _remaining(session: Session, left: int) -> int:
    return min(left, 1) if session.world.behaviour.remaining_count == "flag" else left


def _said(include: tuple[str, ...] | None, exclude: tuple[str, ...]) -> str:
    if include is not None:
        return f", of the types {', '.join(include) or 'that there are not'}"
    return f", but {', '.join(exclude)}" if exclude else ""


def _note_page(
    session: Session,
    query: log.Query | None,
    shown: _Shown,
    what: str,
    asked: float | None,
    size: int,
    positions: tuple[StreamPosition, StreamPosition],
    trace: TraceBuilder,
) -> None:
    """What was shown of how many; without a query, of those from the position on: to count the others has its price."""
    number = len(shown.activities)
    total = log.count(session, query) if query is not None and shown.behind is not None else number + shown.left
    before = total - number - shown.left
    trace.page = PageStep(
        what,
        total,
        before + 1 if number else 0,
        before + number if number else 0,
        whole(asked),
        size,
        "" if shown.left else "nothing is left",
        _text(positions[0]) or None,
        _text(positions[1]),
    )


def _text(position: StreamPosition) -> str:
    said = {
        "latestCreatedAt": position.latest,
        "oldestCreatedAt": position.oldest,
        "activityCreatedAt": position.activity,
        "offset": position.offset,
    }
    return ", ".join(f"{name} {text}" for name, text in said.items() if (text or "").strip())
