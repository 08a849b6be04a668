"""Try it: an operation from its form, beside its twin over REST, or any request of either API; first as a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from mockmkto.model import ForeignSysType
from mockmkto.rest.incoming import Incoming
from mockmkto.rest.routes import ROUTES
from mockmkto.soap.composing import Composed, sync_lead
from mockmkto.soap.forms import FormError, request_of
from mockmkto.soap.versions import VERSIONS
from mockmkto.web.console.asking import OPERATIONS, SYNC_LEAD, given_by, in_words, texts_of
from mockmkto.web.console.beside import beside
from mockmkto.web.console.calls import credential_for, explained, send, signed_now
from mockmkto.web.console.forms import sent_attributes
from mockmkto.web.console.page import Page
from mockmkto.web.console.rest_requests import client_for, content_type_of, read_request_line, send_rest

__all__ = ["run", "show"]


@dataclass(frozen=True, slots=True)
class _Typed:
    """What stands in the form."""

    mode: str = "form"  # or xml, or rest
    operation: str = SYNC_LEAD
    texts: Mapping[str, str] = field(default_factory=dict)  # of every other operation, by the arguments' names
    version: str = VERSIONS[-1]
    id: str = ""
    email: str = ""
    foreign_id: str = ""
    foreign_type: str = ""
    cookie: str = ""
    move_cookie: bool = True
    workspace: str = ""
    return_lead: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)
    xml: str = ""
    sign: bool = True
    request: str = ""  # of the REST API: its method and address
    body: str = ""


def show(page: Page) -> Response:
    """The form of `?form=`; with `?call=` the request of a call, with `?lead=` a syncLead of that Id."""
    operation = page.request.args.get("form", SYNC_LEAD)
    if operation != SYNC_LEAD and operation not in OPERATIONS:
        return _page(page, _Typed(), wrong=f"There is no operation {operation!r}.")
    typed = _Typed(operation=operation)
    if operation != SYNC_LEAD:
        typed = _Typed(operation=operation, texts=texts_of(OPERATIONS[operation], page.request.args))
    of_call, of_lead = page.request.args.get("call", ""), page.request.args.get("lead", "")
    if of_call.isascii() and of_call.isdigit() and len(of_call) < 19:
        call = page.subscription.database.journal.one(int(of_call))
        if call is not None:
            if call.api == "rest":
                line = f"{call.endpoint}?{call.query}" if call.query else call.endpoint or ""
                return _page(page, _Typed(mode="rest", request=line, body=call.request.decode("utf-8", "replace")))
            known = call.operation if call.operation is not None and call.operation in OPERATIONS else SYNC_LEAD
            xml = call.request.decode("utf-8", "replace")
            typed = _Typed(mode="xml", operation=known, version=call.version, xml=xml)
    elif operation == SYNC_LEAD and of_lead.isascii() and of_lead.isdigit():
        typed = _Typed(id=of_lead)
    return _page(page, typed)


def run(page: Page) -> Response:
    """Say what the request would do, and why; or send it."""
    form = page.request.form
    operation = form.get("form", SYNC_LEAD)
    if operation != SYNC_LEAD and operation not in OPERATIONS:
        return _page(page, _Typed(), wrong=f"There is no operation {operation!r}.")
    typed = _Typed(
        mode=form.get("mode", "form") if form.get("mode") in ("xml", "rest") else "form",
        operation=operation,
        texts={} if operation == SYNC_LEAD else texts_of(OPERATIONS[operation], form),
        version=form.get("version", VERSIONS[-1]),
        id=page.sent("id"),
        email=page.sent("email"),
        foreign_id=page.sent("foreign_id"),
        foreign_type=page.sent("foreign_type"),
        cookie=page.sent("cookie"),
        move_cookie=bool(form.get("move_cookie")),
        workspace=page.sent("workspace"),
        return_lead=bool(form.get("return_lead")),
        attributes=sent_attributes(page),
        xml=page.sent("xml"),
        sign=bool(form.get("sign")),
        request=page.sent("request"),
        body=page.sent("body"),
    )
    if typed.mode == "rest":
        return _run_rest(page, typed)
    if typed.version not in VERSIONS:
        return _page(page, typed, wrong=f"There is no version {typed.version!r}.")
    try:
        body = typed.xml.encode() if typed.mode == "xml" else _request(typed)
    except FormError as error:
        return _page(page, typed, wrong=in_words(error))
    except ValueError:  # a control character, or half of a pair of surrogates
        return _page(
            page, typed, wrong="A value has a character that no XML can carry: paste the request as XML instead."
        )
    if typed.mode == "form" or typed.sign:
        credential = credential_for(page, None)
        if credential is None:
            return _page(page, typed, wrong="This subscription has no credential that could sign: add one on World.")
        body = signed_now(page, body, credential)
    if form.get("do") == "send" and page.read_only:
        return _page(page, typed, wrong="This server was started with --read-only-admin: only dry runs are made.")
    if form.get("do") == "send":
        return send(page, typed.version, body, "The request was sent.")
    _, call = page.site.soap.dry_run(typed.version, body, "text/xml; charset=utf-8")
    if call.subscription not in (None, page.subscription.name):
        return _page(page, typed, wrong=f"This request is one for the subscription {call.subscription}: try it there.")
    twin = beside(page, typed.operation, _given(typed)) if typed.mode == "form" else None
    return page.render("try.html", **_shown(page, typed), wrong=None, call=call, twin=twin, **explained(page, call))


def _run_rest(page: Page, typed: _Typed) -> Response:
    line = read_request_line(typed.request)
    if line is None:
        return _page(page, typed, wrong="Give a method and an address, such as GET /rest/v1/leads.json?filterType=id")
    client = client_for(page, None)
    if client is None:
        return _page(page, typed, wrong="This subscription has no client of the REST API: add one on World.")
    body = typed.body.encode("utf-8", "replace")
    if content_type_of(body).startswith("multipart"):
        body = body.replace(b"\n", b"\r\n")  # as HTTP ends lines; a browser's form does not keep that
    kind = content_type_of(body) if body or line[0] != "GET" else None
    incoming = Incoming(*line, body, kind)
    if page.request.form.get("do") == "send" and page.read_only:
        return _page(page, typed, wrong="This server was started with --read-only-admin: only dry runs are made.")
    if page.request.form.get("do") == "send":
        return send_rest(page, incoming, client, "The request was sent.")
    _, call = page.site.rest.dry_run(incoming, client)
    return page.render("try.html", **_shown(page, typed), wrong=None, call=call, twin=None, **explained(page, call))


def _given(typed: _Typed) -> dict[str, object]:
    """The arguments of the form, as a twin takes them."""
    if typed.operation != SYNC_LEAD:
        return given_by(OPERATIONS[typed.operation], typed.texts)
    return {
        "id": typed.id.strip(),
        "email": typed.email,
        "foreign_id": typed.foreign_id,
        "attributes": typed.attributes,
        "cookie": typed.cookie,
        "workspace": typed.workspace,
        "return_lead": typed.return_lead,
    }


def _request(typed: _Typed) -> bytes:
    """The request that the form makes, not signed yet.

    Raises:
        FormError: something is missing, or does not go together.
        ValueError: a value that no XML can carry.
    """
    if typed.operation == SYNC_LEAD:
        return sync_lead(_composed(typed))
    form = OPERATIONS[typed.operation]
    return request_of(form, given_by(form, typed.texts))


def _composed(typed: _Typed) -> Composed:
    return Composed(
        lead_id=typed.id.strip() or None,
        email=typed.email or None,
        foreign_id=typed.foreign_id or None,
        foreign_type=typed.foreign_type or None,
        attributes=typed.attributes,
        cookie=typed.cookie or None,
        move_cookie=None if typed.move_cookie or typed.version < "3_0" else False,
        workspace=typed.workspace or None,
        return_lead=typed.return_lead,
    )


def _page(page: Page, typed: _Typed, wrong: str | None = None) -> Response:
    return page.render(
        "try.html", status=400 if wrong else 200, **_shown(page, typed), wrong=wrong, call=None, twin=None
    )


def _shown(page: Page, typed: _Typed) -> dict[str, Any]:
    with page.subscription.database.transaction() as session:
        world = session.world
    return {
        "typed": typed,
        "operations": {SYNC_LEAD: "creates or updates a lead"}
        | {name: item.summary for name, item in OPERATIONS.items()},
        "form": OPERATIONS.get(typed.operation),
        "versions": VERSIONS[::-1],
        "systems": tuple(ForeignSysType),
        "workspaces": [item.name for item in world.workspaces],
        "fields": tuple(world.fields),
        "routes": tuple(" ".join(route.split()) for route in ROUTES),
    }
