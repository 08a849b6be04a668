"""What a request of the SOAP API would be over REST: its twin, rehearsed beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec
from markupsafe import Markup

from mockmkto.model import Call, Client
from mockmkto.rest.forms import Given, RestRequestForm, twin_of
from mockmkto.web.console import jsonview, words
from mockmkto.web.console.page import Page
from mockmkto.web.console.rest_requests import client_for
from mockmkto.web.console.xmlview import Shown

__all__ = ["Beside", "Step", "beside"]


class Step(NamedTuple):
    """One request over REST, and what would become of it; nothing, where it names what is not there."""

    request: RestRequestForm
    body: Shown
    call: Call | None = None
    sentence: Markup = Markup()
    answer: Shown | None = None


class Beside(NamedTuple):
    """The same over REST: its requests, and what is different."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def beside(page: Page, operation: str, given: Given) -> Beside:
    """The twin of an operation with these arguments, rehearsed; the answer of one request may be needed by the next."""
    with page.subscription.database.transaction() as session:
        twin = twin_of(session, operation, given)
    client = client_for(page, None)
    steps: list[Step] = []
    token: str | None = None
    for request in twin.requests:
        step = _step(page, request, client, token)
        steps.append(step)
        token = _token(step.call) or token
    notes = twin.notes if client is not None else (*twin.notes, "This subscription has no client: add one on World.")
    return Beside(tuple(steps), notes)


def _step(page: Page, request: RestRequestForm, client: Client | None, token: str | None) -> Step:
    incoming = request.incoming(token)
    shown = Step(request, jsonview.show(incoming.body))
    if client is None or "{" in incoming.path or "{" in unquote(incoming.query):
        return shown
    _, call = page.site.rest.dry_run(incoming, client)
    return shown._replace(
        call=call,
        sentence=words.happened(call, lambda lead_id: page.url(f"leads/{lead_id}")),
        answer=jsonview.show(call.response),
    )


def _token(call: Call | None) -> str | None:
    if call is None:
        return None
    try:
        said: Any = msgspec.json.decode(call.response)
    except msgspec.DecodeError:
        return None
    found = said.get("nextPageToken") if isinstance(said, Mapping) else None
    return found if isinstance(found, str) else None
