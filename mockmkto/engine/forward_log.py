"""The activity log as the REST API reads it: forward from a moment, page by page, of the types that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from mockmkto.engine.page_tokens import page_token, read_page_token
from mockmkto.model import Activity, TraceBuilder
from mockmkto.model.trace import NOT_COUNTED, PageStep
from mockmkto.store import log
from mockmkto.store.activities import Place, seconds
from mockmkto.store.database import Session

__all__ = ["MOST_OF_A_PAGE", "MOST_READ", "Forward", "place_since", "read_forward", "read_place", "token_of"]

MOST_OF_A_PAGE = 300  # activities of one page, if not fewer are asked for (documented)
MOST_READ = 10_000  # of the log for one page: a page may be short, or empty, and yet not the last (documented)

_KIND = "activities"


class Forward(NamedTuple):
    """A page of the log, where the next one begins, and whether there is anything by now."""

    activities: tuple[Activity, ...]
    next: Place
    more: bool


def place_since(moment: datetime) -> Place:
    """Where whoever wants all from a moment on begins: what happened in its very second is among it."""
    return Place(seconds(moment), 0)


def token_of(place: Place) -> str:
    """The page token of a place in the log: it does not say what is to be read from there on."""
    return page_token(_KIND, place.at, place.id)


def read_place(token: str) -> Place | None:
    """The place of a page token; `None` where it is none of ours."""
    numbers = read_page_token(_KIND, token)
    return Place(*numbers) if numbers is not None else None


def read_forward(
    session: Session,
    start: Place,
    types: Sequence[str],
    trace: TraceBuilder,
    *,
    leads: Sequence[int] | None = None,
    list_id: int | None = None,
    size: int | None = None,
    kept: Callable[[Activity], bool] = lambda _: True,
    what: str = "activities",
) -> Forward:
    """What happened behind a place, the oldest first, but for what anonymous leads did (documented).

    Like the vendor's, it reads no more than a certain part of the log for one answer (documented, and told by those who
    waited for it): `more` then says that there is more of the log, not that any of it is of interest.

    Args:
        session: the call's.
        start: where the reader stands.
        types: as answers of the SOAP API name them.
        trace: is told what the page is.
        leads: of these alone.
        list_id: of the members of that list alone.
        size: how many at most; more than `MOST_OF_A_PAGE`, or fewer than one, are as many as that.
        kept: what else an activity must be to be of interest.
        what: the activities, in words.
    """
    query = log.Query(
        leads=tuple(leads) if leads is not None else None, list_id=list_id, include=tuple(dict.fromkeys(types))
    )
    most = size if size is not None and 0 < size < MOST_OF_A_PAGE else MOST_OF_A_PAGE
    found: list[Activity] = []
    behind, read, more = start, 0, True
    while more and len(found) < most and read < MOST_READ:
        asked = MOST_OF_A_PAGE if read else most
        part = log.page(session, query, behind=behind, limit=asked)
        anonymous = log.anonymous(session, {item.lead_id for item in part})
        for item in part:
            if len(found) == most:
                break
            behind = Place(seconds(item.at), item.id)
            if item.lead_id not in anonymous and kept(item):
                found.append(item)
        else:
            more = len(part) == asked
        read += asked
    more = more and bool(log.page(session, query, behind=behind, limit=1))
    trace.touch(item.lead_id for item in found)
    trace.page = PageStep(
        selector=what,
        total=NOT_COUNTED,
        first=1 if found else 0,
        last=len(found),
        batch_asked=size,
        batch_used=most,
        ended="" if more else "nothing is left",
        came=token_of(start),
        next=token_of(behind),
    )
    return Forward(tuple(found), behind, more)
