"""`/calls`: the journal. Every call, what came, what was answered, and why it was answered so."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from mockmkto.model import Call, RequestFields, SignatureCheck, Trace, Warning
from mockmkto.model.moments import Moment
from mockmkto.search import Search, SearchError, closest, parse_search
from mockmkto.settings import parse_duration
from mockmkto.web.admin.problems import ProblemError, Wrong, not_found, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Query, Subscription, View, also
from mockmkto.web.admin.vocabulary import possible

__all__ = [
    "CallList",
    "CallView",
    "Calls",
    "Count",
    "CountQuery",
    "FoundCalls",
    "Wait",
    "check_search",
    "clear",
    "count",
    "matching",
    "one",
    "remove",
    "show",
    "view",
    "wait",
]


class Calls(Query, frozen=True, kw_only=True):
    """Which calls: those that a search finds, the newest first; of these a page that ends before a number."""

    search: str = ""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    before: Annotated[int, Meta(ge=1, le=2**62)] | None = None
    raw: bool = False


class CountQuery(Query, frozen=True, kw_only=True):
    """Which calls: those that a search finds."""

    search: str = ""


class CallView(View, frozen=True, kw_only=True):
    """One call. `request` and `response` are texts; bytes that are not UTF-8 are there in base64 as well.

    Of a very long body only the beginning is kept: `request_bytes` or `response_bytes` then says how long it was.
    """

    sequence: int
    at: Moment
    api: str
    version: str
    endpoint: str | None
    query: str
    operation: str | None
    status: str
    http_status: int
    milliseconds: float
    subscription: str | None
    user_id: str | None
    remote: str | None
    fault_code: int | str | None
    fault_message: str | None
    lead_id: int | None
    injected: str | None
    fields: RequestFields
    signature: SignatureCheck | None
    trace: Trace
    warnings: tuple[Warning, ...]
    headers: Mapping[str, str]
    time_zone: str
    clock: str
    request: str | UnsetType = UNSET
    response: str | UnsetType = UNSET
    request_base64: str | UnsetType = UNSET
    response_base64: str | UnsetType = UNSET
    request_bytes: int | UnsetType = UNSET
    response_bytes: int | UnsetType = UNSET


class CallList(View, frozen=True, kw_only=True):
    """A page of calls, the newest first; how many the search finds, how many calls were dropped, and the next page."""

    calls: tuple[CallView, ...]
    total: int
    dropped: int
    next: str | None


class Count(View, frozen=True, kw_only=True):
    """How many calls a search finds, and how many the journal has dropped."""

    count: int
    dropped: int


_LONGEST_WAIT = 60  # seconds


class Wait(Body, frozen=True, kw_only=True):
    """For how many calls to wait that a search finds, those included that came before; and for how long at most.

    The time is a number of seconds, or a duration such as `30s`; a minute is the most.
    """

    search: str = ""
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    timeout: Annotated[float, Meta(ge=0, le=_LONGEST_WAIT)] | str = 5.0


class FoundCalls(View, frozen=True, kw_only=True):
    """The calls that a search finds, the oldest first."""

    calls: tuple[CallView, ...]
    count: int


def show(asked: Subscription, query: Calls) -> CallList:
    """The calls that a search finds, the newest first."""
    search = check_search(asked, query.search, "query.search")
    journal = asked.database.journal
    found = _matching(search, _kept(asked, search))
    page = [call for call in reversed(found) if query.before is None or call.sequence < query.before]
    shown_calls = page[: query.limit]
    following: str | None = None
    if len(page) > query.limit:
        parameters: dict[str, str | int] = {"limit": query.limit, "before": shown_calls[-1].sequence}
        if query.search:
            parameters["search"] = query.search
        if query.raw:
            parameters["raw"] = "true"
        following = asked.url("/calls", **parameters)
    if query.raw:
        shown_calls = [journal.one(call.sequence) or call for call in shown_calls]
    return CallList(
        calls=tuple(view(call, raw=query.raw) for call in shown_calls),
        total=len(found),
        dropped=journal.dropped,
        next=following,
    )


def one(asked: Subscription, sequence: int) -> CallView:
    """One call, with the raw request and answer."""
    call = asked.database.journal.one(sequence)
    if call is None:
        dropped = asked.database.journal.dropped
        raise not_found("path.sequence", f"call (the journal has dropped {dropped})" if dropped else "call", sequence)
    return view(call, raw=True)


def count(asked: Subscription, query: CountQuery) -> Count:
    """How many calls a search finds."""
    search = check_search(asked, query.search, "query.search")
    return Count(count=len(_matching(search, _kept(asked, search))), dropped=asked.database.journal.dropped)


@also(408, "Too few calls came in time: the closest one, and how it differs.")
@also(503, "The server is still loading its fixtures, or is stopping, or too many requests wait already.")
def wait(asked: Subscription, body: Wait) -> FoundCalls:
    """Wait until a search finds so many calls."""
    search = check_search(asked, body.search, "body.search")
    seconds = _seconds(body.timeout)
    found: list[Call] = []
    last = 0

    def enough() -> bool:
        nonlocal last
        new = _kept(asked, search, last)  # only what came since: the journal is not read again and again
        if new:
            last = new[-1].sequence
            found.extend(_matching(search, new))
        return len(found) >= body.count

    waits = asked.site.waits
    with waits.one_more() as admitted:
        if not admitted:
            raise ProblemError(
                503, f"{waits.most} requests wait already, and no more can. Try again when one has ended."
            )
        in_time = asked.database.journal.wait_for(enough, seconds, lambda: waits.are_over)
    if not in_time and waits.are_over:
        raise ProblemError(503, f"The server is stopping. Until now {len(found)} calls matched {body.search!r}.")
    if not in_time:
        raise _too_few(asked, body, search, len(found), seconds)
    return FoundCalls(calls=tuple(view(call) for call in found), count=len(found))


def matching(asked: Subscription, text: str, where: str, after: int = 0) -> list[Call]:
    """The calls after a number that a search finds, the oldest first; without their bytes, unless it looks at them.

    Raises:
        ProblemError: `where` the search stood, it cannot be read.
    """
    search = check_search(asked, text, where)
    return _matching(search, _kept(asked, search, after))


def remove(asked: Subscription, sequence: int) -> None:
    """Forget one call."""
    if not asked.database.journal.delete(sequence):
        raise not_found("path.sequence", "call", sequence)


def clear(asked: Subscription) -> None:
    """Forget every call; the numbers go on."""
    asked.database.journal.clear()


# ---------------------------------------------------------------------------------------------------------------------


def check_search(asked: Subscription, text: str, where: str) -> Search:
    """A search, read.

    Raises:
        ProblemError: it cannot be read, or looks for what no call of this subscription can have.
    """
    with asked.database.transaction() as session:
        now, world = session.now, session.world
    try:
        return possible(parse_search(text, now), world, asked.database.journal.calls)
    except SearchError as error:
        raise ProblemError(
            400,
            f"{where}: {error}",
            (Wrong(where, f"a search such as 'op:syncLead email:ann@': {error}", shown(text)),),
        ) from None
    except OverflowError:
        raise wrong(Wrong(where, "times of this calendar", shown(text))) from None


def _seconds(timeout: float | str) -> float:
    if not isinstance(timeout, str):
        return timeout
    try:
        seconds = parse_duration(timeout).total_seconds()
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_WAIT:
        raise wrong(Wrong("body.timeout", "a number of seconds, or a duration, of a minute at most", shown(timeout)))
    return seconds


def _kept(asked: Subscription, search: Search, after: int = 0) -> Sequence[Call]:
    journal = asked.database.journal
    if not search.reads_bytes:
        return journal.calls(after)
    calls = (journal.one(call.sequence) for call in journal.calls(after))
    return [call for call in calls if call is not None]


def _matching(search: Search, calls: Iterable[Call]) -> list[Call]:
    return [call for call in calls if search.matches(call)]


def _too_few(asked: Subscription, body: Wait, search: Search, found: int, seconds: float) -> ProblemError:
    calls = _kept(asked, search)
    others = [call for call in calls if not search.matches(call)]
    near = closest(search, others)
    those = f"{body.count} calls that match" if body.count > 1 else "1 call that matches"
    expected = f"{those} {body.search!r}"
    detail = f"Expected {expected} within {seconds:g} s, got {found}."
    errors = [Wrong("body.count", expected, str(found))]
    if near is None:
        detail += " There were no others." if found else " There were no calls at all."
    else:
        call, differences = near
        detail += f" The closest is call {call.sequence}, {call.operation or 'no operation'} {call.status}: "
        detail += "; ".join(differences)
        detail += "."
        for warning in call.warnings:
            detail += f" Warning: {warning}."
        errors += [Wrong(f"call {call.sequence}", *_halves(line)) for line in differences]
    if dropped := asked.database.journal.dropped:
        detail += f" The journal has dropped {dropped} older calls."
    return ProblemError(408, detail, errors)


def _halves(difference: str) -> tuple[str, str]:
    expected, _, got = difference.partition(", got ")
    return expected, got


def view(call: Call, *, raw: bool = False) -> CallView:
    """A call as an answer shows it; with `raw`, its bytes as texts."""
    request, request_base64 = _text(call.request) if raw else (UNSET, UNSET)
    response, response_base64 = _text(call.response) if raw else (UNSET, UNSET)
    return CallView(
        sequence=call.sequence,
        at=call.at,
        api=call.api,
        endpoint=call.endpoint,
        query=call.query,
        version=call.version,
        operation=call.operation,
        status=call.status,
        http_status=call.http_status,
        milliseconds=call.milliseconds,
        subscription=call.subscription,
        user_id=call.user_id,
        remote=call.remote,
        fault_code=call.fault_code,
        fault_message=call.fault_message,
        lead_id=call.lead_id,
        injected=call.injected,
        fields=call.fields,
        signature=call.signature,
        trace=call.trace,
        warnings=call.warnings,
        headers=call.headers,
        time_zone=call.time_zone,
        clock=call.clock,
        request=request,
        response=response,
        request_base64=request_base64,
        response_base64=response_base64,
        request_bytes=UNSET if call.request_bytes is None else call.request_bytes,
        response_bytes=UNSET if call.response_bytes is None else call.response_bytes,
    )


def _text(content: bytes) -> tuple[str, str | UnsetType]:
    """The bytes as text; where that would change them, in base64 too."""
    try:
        return content.decode(), UNSET
    except UnicodeDecodeError:
        return content.decode(errors="replace"), base64.b64encode(content).decode()
