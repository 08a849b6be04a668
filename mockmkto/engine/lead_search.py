"""Leads as the REST API searches them: every one that has one of the values, by rising Id, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from mockmkto.engine.lead_fields import asked_fields, filter_field, rest_name
from mockmkto.engine.lead_lookup import as_cookie, leads_with
from mockmkto.engine.lead_views import shown_leads
from mockmkto.engine.page_tokens import page_token, read_page_token
from mockmkto.engine.paging import batch_size
from mockmkto.engine.plain import PlainValue
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Field, PageStep, Subject, TraceBuilder
from mockmkto.store import leads, streams
from mockmkto.store.database import Session

__all__ = ["MOST_HITS", "MOST_IN_PAGE", "MOST_VALUES", "LeadSearch", "ShownLeads", "lead_by_id", "page_of", "search"]

MOST_IN_PAGE = 300  # documented, and so are the next two
MOST_VALUES = 300
MOST_HITS = 1000


class LeadSearch(NamedTuple):
    """What is searched for, as it was sent; `None` and empty for what was not given."""

    filter_type: str | None
    values: Sequence[str]
    fields: Sequence[str] = ()
    batch_size: int | None = None
    token: str | None = None


class ShownLeads(NamedTuple):
    """One page: of each lead the fields by their REST names; without a token it is the last one."""

    leads: list[dict[str, PlainValue]]
    next_token: str | None = None


def search(session: Session, asked: LeadSearch, trace: TraceBuilder) -> ShownLeads:
    """A page of the leads that have one of the values; values that no lead has are nobody's (captured).

    Raises:
        RestError: in this order (assumed): 1003 no filterType, no filterValues, too many of them; 1006 a filterType
            that is no field; 1011 one that leads are not searched by; 1006 a field to be shown that there is not; 1012
            a value of cookies that is none; 1003 more than 1,000 leads; 1003 a token of another search.
    """
    if asked.filter_type is None or not asked.filter_type.strip():
        raise RestError.not_specified("filterType")
    values = list(dict.fromkeys(item for item in (value.strip() for value in asked.values) if item))
    if not values:
        raise RestError.not_specified("filterValues")
    if len(values) > MOST_VALUES:
        raise RestError.invalid_data(f"{len(values)} filterValues: {MOST_VALUES} are the most")
    field = filter_field(session.world, asked.filter_type, trace)
    fields = asked_fields(session.world, asked.fields)
    found = _found(session, field, values, trace) if field is not None else []
    query = "\0".join((asked.filter_type.strip().casefold(), *values))
    return page_of(session, sorted(found), fields, asked, query, trace, said=_said(asked.filter_type, values))


def page_of(
    session: Session,
    ids: Sequence[int],
    fields: Sequence[Field],
    asked: LeadSearch,
    query: str,
    trace: TraceBuilder,
    *,
    said: str,
) -> ShownLeads:
    """The page of these leads, by rising Id, at which a token stands.

    The token knows its own query, and the last Id that was shown: leads that come and go meanwhile disturb nothing.

    Args:
        session: the call's.
        ids: of all leads that are meant, rising.
        fields: what is shown of each.
        asked: how large a page is to be, and the token.
        query: what tells this search from others.
        trace: where the page is noted.
        said: the search in words.

    Raises:
        RestError: 1003 a token that is none, or of another search.
    """
    size = batch_size(asked.batch_size, MOST_IN_PAGE, MOST_IN_PAGE, trace)
    after = _after(asked.token, query)
    left = [lead_id for lead_id in ids if lead_id > after]
    shown = left[:size]
    token = page_token(_KIND, shown[-1], _number(query)) if len(left) > size else None
    first = len(ids) - len(left) + 1 if shown else 0
    ended = "" if token is not None else "that was the last page"
    trace.page = PageStep(
        said, len(ids), first, first + len(shown) - 1 if shown else 0, asked.batch_size, size, ended, asked.token, token
    )
    trace.touch(shown)
    return ShownLeads(shown_leads(session, streams.many(session, shown), fields), token)


def lead_by_id(session: Session, lead_id: int, names: Sequence[str], trace: TraceBuilder) -> ShownLeads:
    """The lead with that Id; none where there is none (captured: a success with an empty result).

    Raises:
        RestError: 1006 a field to be shown that there is not.
    """
    fields = asked_fields(session.world, names)
    existing = leads.existing_id(session, lead_id)
    lead = leads.by_id(session, existing) if existing is not None else None
    if lead is None:
        trace.subjects.append(Subject("lead", f"id = {lead_id}", reason="no lead has it"))
        return ShownLeads([])
    trace.touch((lead.id,))
    return ShownLeads(shown_leads(session, (lead,), fields))


_KIND = "leads"


def _found(session: Session, field: Field, values: Sequence[str], trace: TraceBuilder) -> set[int]:
    found: set[int] = set()
    missed: list[str] = []
    for value in values:
        of_value = leads_with(session, field, value, MOST_HITS + 1)
        found.update(of_value)
        if not of_value:
            if rest_name(field) == "cookies" and as_cookie(value) is None:
                raise RestError.invalid_cookie(value)
            missed.append(value)
        if len(found) > MOST_HITS:
            raise RestError(RestCode.INVALID_DATA, "Too many results match the filter")
    if missed:
        shown = ", ".join(missed[:10]) + (f" and {len(missed) - 10} more" if len(missed) > 10 else "")
        trace.subjects.append(Subject("values", f"{rest_name(field)} = {shown}", reason="no lead has it"))
    return found


def _said(filter_type: str, values: Sequence[str]) -> str:
    return f"{len(values)} value{'s' if len(values) != 1 else ''} of {filter_type.strip()}"


def _after(token: str | None, query: str) -> int:
    if token is None or not token.strip():
        return -1
    place = read_page_token(_KIND, token)
    if place is None or place[1] != _number(query):
        raise RestError.invalid_data(f"Invalid token value: [{token.strip()}]")  # captured
    return place[0]


def _number(query: str) -> int:
    """A number that tells one query from another."""
    return int.from_bytes(blake2b(query.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)
