"""getMultipleLeads: leads by keys, of a list or of a span of time, page by page."""

from __future__ import annotations

from mockmkto.engine.lookup import lead_records
from mockmkto.engine.numbers import whole
from mockmkto.engine.paging import batch_size
from mockmkto.engine.positions import LeadPosition, read_lead_position
from mockmkto.engine.selectors import MOST_KEYS, Keys, Listed, Span, read_selector, read_span
from mockmkto.errors import Code, MarketoError
from mockmkto.model import Field, PageStep, TraceBuilder
from mockmkto.model.reads import GetMultipleLeadsRequest, LeadPage
from mockmkto.store import lists, streams
from mockmkto.store.database import Session

__all__ = ["get_multiple_leads"]

MOST = 1000  # leads of one page (documented)


def get_multiple_leads(session: Session, request: GetMultipleLeadsRequest, trace: TraceBuilder) -> LeadPage:
    """One page of the leads that a selector means, by Id.

    A position holds all that its query said (captured: programs send it alone), but for the size of the page and the
    fields that are shown. Ids above the last one come next, so that nothing is shown twice within a run (assumed).
    Anonymous leads are shown by their Id and their cookie alone (assumed).

    Raises:
        MarketoError: in this order (assumed): 20122 a position of no known form, or, by a switch, of another query;
            20109 nothing says which leads; 20102; 20110 a date that cannot be read; 20022 a span of more than 30 days;
            20123, by a switch, at the end.
    """
    behaviour = session.world.behaviour
    position = read_lead_position(request.stream_position)
    asked = _asked(session, request, trace, needed=position is None)
    fields, with_email = _shown(session, request, trace)
    size = batch_size(request.batch_size, int(behaviour.batch_default), MOST, trace)
    if isinstance(asked, Keys):
        if position is None:
            return _by_keys(session, asked, request, fields, trace, with_email=with_email)
        _note_conflict(session, request, "its keys", trace)
    elif position is not None and asked is not None and not position.same_query(_beginning(asked)):
        _note_conflict(session, request, str(asked), trace)
    if position is None:
        position = _beginning(asked)
    return _page(session, position, request, size, fields, trace, with_email=with_email)


def _asked(
    session: Session, request: GetMultipleLeadsRequest, trace: TraceBuilder, *, needed: bool
) -> Keys | Listed | Span | None:
    """What the selector, or else `lastUpdatedAt`, means."""
    if request.selector is not None:
        return read_selector(session, request.selector, trace, spans=session.world.behaviour.date_range)
    if (request.last_updated_at or "").strip():
        trace.warn("deprecated", "lastUpdatedAt was read; a LastUpdateAtSelector is meant for that", "lastUpdatedAt")
        return read_span(session, request.last_updated_at, None, trace, limit=None)
    if needed:
        raise MarketoError.parameter_required("leadSelector")
    return None


def _beginning(asked: Keys | Listed | Span | None) -> LeadPosition:
    match asked:
        case Listed(list_id):
            return LeadPosition(0, list_id=list_id or 0)
        case Span(oldest, latest):
            return LeadPosition(0, max(oldest, 0), max(latest, 0))
    raise AssertionError(asked)


def _note_conflict(session: Session, request: GetMultipleLeadsRequest, asked: str, trace: TraceBuilder) -> None:
    if session.world.behaviour.position_conflict == "fault":
        raise MarketoError.bad_stream_position(request.stream_position or "")
    trace.warn(
        "position", f"the stream position is of another query than {asked}: the position decides", "streamPosition"
    )


def _shown(
    session: Session, request: GetMultipleLeadsRequest, trace: TraceBuilder
) -> tuple[tuple[Field, ...] | None, bool]:
    """The fields that are asked for, `None` for all; and whether the e-mail is (captured: it is nil unless listed)."""
    names = [name.strip() for name in request.include_attributes if name.strip()]
    if not names:
        return None, True
    catalogue = session.world.fields
    wanted = {name: catalogue.find(name) for name in names}
    for name, field in wanted.items():
        if field is None and name.casefold() not in ("id", "email", "foreignsyspersonid", "foreignsystype"):
            trace.warn("unknown_field", f"there is no field {name} to include", "includeAttributes")
    kept = {field.name for field in wanted.values() if field is not None}
    return tuple(field for field in catalogue if field.name in kept), any(name.casefold() == "email" for name in names)


def _by_keys(
    session: Session,
    keys: Keys,
    request: GetMultipleLeadsRequest,
    fields: tuple[Field, ...] | None,
    trace: TraceBuilder,
    *,
    with_email: bool,
) -> LeadPage:
    """All that the keys find, at once (captured: the size of a page is not regarded)."""
    values = keys.values
    if len(values) > MOST_KEYS:
        trace.warn("keys", f"of {len(values)} keys the first {MOST_KEYS} were looked at", "keyValues")
        values = values[:MOST_KEYS]
    found = keys.find(session, trace, values)
    if keys.key_type not in ("IDNUM", "COOKIE"):
        found = streams.known_of(session, found)
    trace.touch(found)
    trace.page = PageStep(
        str(keys), len(found), 1 if found else 0, len(found), whole(request.batch_size), len(found), "all of it"
    )
    return LeadPage(lead_records(session, found, fields, with_email=with_email), 0, "")


def _page(
    session: Session,
    position: LeadPosition,
    request: GetMultipleLeadsRequest,
    size: int,
    fields: tuple[Field, ...] | None,
    trace: TraceBuilder,
    *,
    with_email: bool,
) -> LeadPage:
    ids, left = _read(session, position, size)
    came = (request.stream_position or "").strip() or None
    listed = bool(position.list_id)
    if not ids and came and not listed and session.world.behaviour.stream_end == "fault":
        raise MarketoError(Code.STREAM_AT_END, "No more records at this stream position")
    shown = position.shown + len(ids)
    if ids:
        after = LeadPosition(ids[-1], position.oldest, position.latest, position.list_id, shown, left)
    else:
        after = LeadPosition(position.last_id, position.oldest, position.latest, position.list_id, shown, 0)
    next_position = str(after) if left or listed else (came or "" if not ids else "")
    trace.touch(ids)
    trace.page = PageStep(
        _what(position),
        shown + left,
        position.shown + 1 if ids else 0,
        shown if ids else 0,
        whole(request.batch_size),
        size,
        "" if left else "nothing is left",
        came,
        next_position,
    )
    return LeadPage(lead_records(session, ids, fields, with_email=with_email), left, next_position)


def _read(session: Session, position: LeadPosition, size: int) -> tuple[tuple[int, ...], int]:
    """The Ids of a page, and how many leads are left behind it."""
    after = position.last_id
    if position.list_id is not None:
        ids = lists.known_members(session, position.list_id, after=after, limit=size)
        last = ids[-1] if ids else after
        left = lists.known_count(session, position.list_id, after=last) if len(ids) == size else 0
        return ids, left
    first, latest = position.oldest, position.latest
    return streams.active_between(session, first, latest, after=after, limit=size)


def _what(position: LeadPosition) -> str:
    if position.list_id is not None:
        return f"list {position.list_id}" if position.list_id else "a list that is not there"
    return str(Span(position.oldest, position.latest))
