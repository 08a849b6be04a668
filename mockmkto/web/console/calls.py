"""The journal: a list that grows by itself, and one call with everything that explains it."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from mockmkto.model import Call, Credential
from mockmkto.search import TERMS
from mockmkto.soap.composing import resigned
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.web.admin import calls as journal
from mockmkto.web.admin import signature
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.console import copying, jsonview, rest_copying, words, xmlview
from mockmkto.web.console.page import Page
from mockmkto.web.console.rest_requests import client_for, incoming_of, send_rest

__all__ = ["again", "clear", "explain", "found", "one", "raw", "rows", "show"]

_LONGEST_WAIT = 10.0  # seconds: then the page asks again, if it is still looked at
_PAGE = 100  # calls on a page
PAGES = {"list": "lists", "campaign": "campaigns"}  # of what a call can be about, by what its trace calls that


def show(page: Page) -> Response:
    """The calls that a search finds, the newest first."""
    search = page.request.args.get("search", "").strip()
    before = page.request.args.get("before", "")
    try:
        matching, total = found(page, search)
    except ProblemError as error:
        page.refused(error)
        matching, total = [], 0
    newest = matching[0].sequence if matching else 0
    if before.isascii() and before.isdigit():
        matching = [call for call in matching if call.sequence < int(before)]
    return page.render(
        "calls.html",
        status=400 if page.rejected else 200,
        search=search,
        terms=TERMS,
        calls=matching[:_PAGE],
        older=matching[_PAGE - 1].sequence if len(matching) > _PAGE else None,
        newest=newest,
        last=_last(page),
        paged=bool(before),
        apis=apis(search),
        total=total,
        dropped=page.subscription.database.journal.dropped,
    )


def apis(search: str) -> tuple[tuple[str, str, bool], ...]:
    """The same search among the calls of one API, or of both: its name, how it is searched, whether it is this one."""
    words_ = [word for word in search.split() if not word.startswith("api:")]
    chosen = next((word.removeprefix("api:") for word in search.split() if word.startswith("api:")), "")
    return tuple(
        (label, " ".join([*([f"api:{api}"] if api else []), *words_]), chosen == api)
        for label, api in (("Both APIs", ""), ("SOAP", "soap"), ("REST", "rest"))
    )


def rows(page: Page) -> Response:
    """For a script: the rows of the calls that came after a number; 204 when none did."""
    after = page.request.args.get("after", "0")
    last = _last(page)
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    if last == number and page.request.args.get("wait"):
        try:
            last = _wait_for_more(page, number)
        except ClosedDatabaseError:  # deleted while it was looked at
            return Response(status=404)
    if last < number:  # the journal was emptied and began anew
        number = 0
    new: list[Call] = []
    if last > number:
        new, _ = found(page, page.request.args.get("search", "").strip(), number)
    if not new:
        return Response(status=204, headers={"X-Last-Call": str(last)})
    response = page.render("rows.html", calls=new[:_PAGE])
    response.headers["X-Last-Call"] = str(last)
    return response


def _wait_for_more(page: Page, number: int) -> int:
    """The number of the last call, as soon as one comes; at once where too many wait already."""
    journal_of = page.subscription.database.journal
    waits = page.site.waits
    with waits.one_more() as admitted:
        if admitted:
            journal_of.wait_for(lambda: journal_of.last != number, _LONGEST_WAIT, lambda: waits.are_over)
    return journal_of.last


def found(page: Page, search: str, after: int = 0) -> tuple[list[Call], int]:
    """The calls after a number that a search finds, the newest first, and how many they are.

    Raises:
        ProblemError: the search cannot be read.
    """
    matching = journal.matching(page.subscription, search, "search", after)
    return matching[::-1], len(matching)


def one(page: Page, sequence: int) -> Response:
    """One call: what happened, why, and every byte of it."""
    call = _call(page, sequence)
    if call is None:
        return page.problem(404, f"The journal has no call {sequence}: it keeps the last ones, and can be emptied.")
    return page.render("call.html", call=call, programs=_programs(page, call), **explained(page, call))


def explained(page: Page, call: Call) -> dict[str, Any]:
    """What the templates of a call need."""

    def link(lead_id: int) -> str:
        return page.url(f"leads/{lead_id}")

    return {
        "sentence": words.happened(call, link),
        "title": words.title(call),
        "pages": PAGES,  # where what a call is about can be seen
        "request": jsonview.show(call.request, call.warnings, call.query)
        if call.api == "rest"
        else xmlview.show(call.request, call.warnings),
        "answer": jsonview.show(call.response) if call.api == "rest" else xmlview.show(call.response),
    }


def raw(page: Page, sequence: int, which: str) -> Response:
    """The bytes of a request or an answer, to be saved."""
    call = _call(page, sequence)
    if call is None or which not in ("request", "answer"):
        return page.problem(404, f"The journal has no {which} of a call {sequence}.")
    name = f"call-{sequence}-{which}.{'json' if call.api == 'rest' else 'xml'}"
    body, whole = (call.request, call.request_bytes) if which == "request" else (call.response, call.response_bytes)
    if whole is not None and call.api == "rest":
        name = f"call-{sequence}-{which}-first-{len(body)}-of-{whole}-bytes.json"
    elif whole is not None:
        body += f"\n<!-- cut: the journal keeps the first {len(body)} of {whole} bytes -->\n".encode()
    return Response(
        body,
        headers={"Content-Disposition": f"attachment; filename={name}"},
        content_type="application/octet-stream",
    )


def again(page: Page, sequence: int) -> Response:
    """Send a call once more, signed now, and on to the new one."""
    call = _call(page, sequence)
    if call is None:
        return page.problem(404, f"The journal has no call {sequence}.")
    if call.request_bytes is not None:
        return page.problem(409, f"Call {sequence} cannot be sent again: the journal keeps only its beginning.")
    if call.api == "rest":
        client = client_for(page, call.user_id)
        if client is None:
            return page.problem(409, "This subscription has no client that could call the REST API: add one on World.")
        return send_rest(page, incoming_of(call), client, f"Call {sequence} was sent again, with a new token.")
    credential = credential_for(page, call.user_id)
    body = signed_now(page, call.request, credential) if credential is not None else call.request
    return send(page, call.version, body, f"Call {sequence} was sent again, signed now.")


def send(page: Page, version: str, body: bytes, sentence: str) -> Response:
    """Make a call of this body, and show it."""
    _, call = page.site.soap.exchange(version, body, "text/xml; charset=utf-8", page.request.remote_addr)
    if call.subscription not in (None, page.subscription.name):
        return page.tell(f"The call was one of the subscription {call.subscription}: look there.", "wrong", "calls")
    if not call.sequence:
        return page.tell("The call was answered, but this server keeps no journal.", "done", "calls")
    return page.done(sentence, f"calls/{call.sequence}")


def clear(page: Page) -> Response:
    """Forget every call."""
    journal.clear(page.subscription)
    return page.done("The journal is empty now; the numbers go on.", "calls")


def explain(page: Page) -> Response:
    """Why a pasted signature is right or wrong."""
    said = None
    text = page.sent("text")
    if page.request.method == "POST":
        try:
            said = page.control(signature.explain, {"text": text})
        except ProblemError as error:
            page.refused(error)
    return page.render("explain.html", status=400 if page.rejected else 200, said=said, text=text)


def credential_for(page: Page, user_id: str | None) -> Credential | None:
    """The subscription's credential of this user, or its first one that is not blocked."""
    known = page.site.registry.credentials(page.subscription.name)
    same = next((item for item in known if item.user_id == user_id), None)
    return same or next((item for item in known if not item.blocked), None)


def signed_now(page: Page, request: bytes, credential: Credential) -> bytes:
    """A request as this credential would send it, by the subscription's clock."""
    return resigned(request, credential, page.clock.now().isoformat(timespec="seconds"))


def _call(page: Page, sequence: int) -> Call | None:
    return page.subscription.database.journal.one(sequence)


def _last(page: Page) -> int:
    return page.subscription.database.journal.last


def _programs(page: Page, call: Call) -> dict[str, str]:
    if call.api == "rest":
        if call.request_bytes is not None or call.endpoint is None:
            return {}
        incoming = incoming_of(call)
        return {name: rest_copying.as_program(name, incoming, page.api_address) for name in rest_copying.LANGUAGES}
    credential = credential_for(page, call.user_id)
    if credential is None or call.request_bytes is not None:
        return {}
    endpoint = f"{page.api_address}/soap/mktows/{call.version}"
    clock = page.clock
    real = clock.frozen_at is None and not clock.offset
    at = None if real else clock.now().isoformat(timespec="seconds")
    return {name: copying.as_program(name, call, endpoint, credential.user_id, at) for name in copying.LANGUAGES}
