"""`/dry-run`: what a request would do, and why. The real engine answers it, in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from mockmkto.calls.pending import Answer
from mockmkto.model import Call, Credential
from mockmkto.soap.composing import Composed, resigned, sync_lead
from mockmkto.soap.versions import VERSIONS
from mockmkto.store.database import Database
from mockmkto.store.registry import DEFAULT_SUBSCRIPTION
from mockmkto.web.admin.calls import CallView, view
from mockmkto.web.admin.problems import Wrong, conflict, not_found, show, wrong
from mockmkto.web.admin.resource import Body, Query, Server, View, also

__all__ = ["DryRun", "DryRunQuery", "DryRunView", "NewRestCall", "NewSyncLead", "run"]


class DryRunQuery(Query, frozen=True, kw_only=True):
    """The subscription that is asked, and whose credential signs."""

    subscription: str = DEFAULT_SUBSCRIPTION


class NewSyncLead(Body, frozen=True, kw_only=True):
    """What a syncLead says; what is absent is left out of the request."""

    id: str | int | None = None
    email: str | None = None
    foreign_id: str | None = None
    foreign_type: str | None = None
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    cookie: str | None = None
    move_cookie: bool | None = None
    workspace: str | None = None
    return_lead: bool = True


class NewRestCall(Body, frozen=True, kw_only=True):
    """A request to the REST API. `path` may have a query behind it; `query` is added to it, a list as several values.

    The body is `json`, or `form`, or a `body` as it is, with its `content_type`.
    """

    method: Annotated[str, Meta(pattern="^[A-Za-z]{1,20}$")] = "GET"
    path: Annotated[str, Meta(pattern="^/+(rest|bulk|identity)(/.*)?$")]
    query: dict[str, str | int | list[str | int]] = msgspec.field(default_factory=dict)
    json: Any = None
    form: dict[str, str | int | list[str | int]] | None = None
    body: str | None = None
    content_type: str | None = None
    authorization: str | None = None


class DryRun(Body, frozen=True, kw_only=True):
    """A request as XML (an envelope, or what stands in its Body), a syncLead by its parts, or a call of the REST API.

    It is signed with the first credential of the subscription, at its time; a call of the REST API is one of its first
    client, which needs no token. With `sign` false it is taken as it is, and the credential or the token that it names
    says which subscription answers.
    """

    takes_any_text: ClassVar[bool] = True  # a request may be broken

    xml: str | None = None
    sync_lead: NewSyncLead | None = None
    rest: NewRestCall | None = None
    sign: bool = True
    version: Annotated[str, Meta(max_length=10)] = VERSIONS[-1]


class DryRunView(View, frozen=True, kw_only=True):
    """The answer as it would be, and the call as its record would be. `dry_run` is always true: nothing was written."""

    dry_run: bool
    http_status: int
    answer: str
    call: CallView


@also(404, "There is no such subscription.")
@also(409, "No credential of the subscription could sign, or it has no client.")
def run(asked: Server, query: DryRunQuery, body: DryRun) -> DryRunView:
    """Say what a request would be answered, and why; nothing is written, counted or delayed."""
    given = [item for item in (body.xml, body.sync_lead, body.rest) if item is not None]
    if len(given) != 1:
        raise wrong(Wrong("body", "either xml, sync_lead or rest", f"{len(given)} of them"))
    if body.rest is not None:
        return _shown(*_rest(asked, query, body.rest, sign=body.sign))
    if body.version not in VERSIONS:
        raise wrong(Wrong("body.version", f"one of {', '.join(VERSIONS)}", show(body.version)))
    request = _xml(body.xml) if body.xml is not None else _composed(body.sync_lead)
    if body.sign or body.sync_lead is not None:
        database = asked.registry.get(query.subscription)
        if database is None:
            raise not_found("query.subscription", "subscription", query.subscription, asked.registry.names())
        request = _signed(asked, database, request)
    return _shown(*asked.site.soap.dry_run(body.version, request, "text/xml; charset=utf-8"))


def _shown(answer: Answer, call: Call) -> DryRunView:
    return DryRunView(
        dry_run=call.dry_run,
        http_status=answer.status,
        answer=answer.body.decode(errors="replace"),
        call=view(call, raw=True),
    )


def _rest(asked: Server, query: DryRunQuery, said: NewRestCall, *, sign: bool) -> tuple[Answer, Call]:
    from mockmkto.rest.incoming import Incoming, is_rest_path

    path, _, more = said.path.partition("?")
    if not is_rest_path(path):
        raise wrong(Wrong("body.rest.path", "a path such as /rest/v1/leads.json", show(path)))
    client = None
    if sign:
        database = asked.registry.get(query.subscription)
        if database is None:
            raise not_found("query.subscription", "subscription", query.subscription, asked.registry.names())
        client = next(iter(asked.registry.clients(database.name)), None)
        if client is None:
            raise conflict("query.subscription", "The subscription has no client of the REST API.", database.name)
    content, kind = _content(said)
    text = "&".join(part for part in (more, urlencode(said.query, doseq=True)) if part)
    return asked.site.rest.dry_run(
        Incoming(said.method.upper(), path, text, content, kind, None if sign else said.authorization), client
    )


def _content(said: NewRestCall) -> tuple[bytes, str | None]:
    bodies: Mapping[str, object] = {"json": said.json, "form": said.form, "body": said.body}
    given = [name for name, value in bodies.items() if value is not None]
    if len(given) > 1:
        raise wrong(Wrong("body.rest", "either json, form or body", " and ".join(given)))
    if said.form is not None:
        return urlencode(said.form, doseq=True).encode(), said.content_type or "application/x-www-form-urlencoded"
    if said.body is not None:
        return said.body.encode("utf-8", "replace"), said.content_type or "application/json"
    content = msgspec.json.encode(said.json) if said.json is not None else b""
    posts = said.json is not None or said.method.upper() != "GET"
    return content, said.content_type or ("application/json" if posts else None)


def _xml(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise wrong(Wrong("body.xml", "text that UTF-8 can carry", "half of a surrogate pair")) from None


def _composed(said: NewSyncLead | None) -> bytes:
    assert said is not None
    try:
        return sync_lead(
            Composed(
                str(said.id) if said.id is not None else None,
                said.email,
                said.foreign_id,
                said.foreign_type,
                said.attributes,
                said.cookie,
                said.move_cookie,
                said.workspace,
                said.return_lead,
            )
        )
    except ValueError:
        raise wrong(Wrong("body.sync_lead", "texts that XML can carry", "a control character")) from None


def _signed(asked: Server, database: Database, request: bytes) -> bytes:
    credentials = asked.registry.credentials(database.name)
    signer: Credential | None = next((item for item in credentials if not item.blocked), None)
    if signer is None:
        raise conflict("query.subscription", "The subscription has no credential that is not blocked.", database.name)
    with database.transaction() as session:
        now = session.now
    return resigned(request, signer, now.isoformat(timespec="seconds"))
