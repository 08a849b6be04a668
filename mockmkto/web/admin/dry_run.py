"""`/dry-run`: what a request would do, and why. The real engine answers it, in a transaction that is rolled back."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from mockmkto.model import Credential
from mockmkto.soap.composing import Composed, resigned, sync_lead
from mockmkto.soap.versions import VERSIONS
from mockmkto.store.database import Database
from mockmkto.store.registry import DEFAULT_SUBSCRIPTION
from mockmkto.web.admin.calls import CallView, view
from mockmkto.web.admin.problems import Wrong, conflict, not_found, show, wrong
from mockmkto.web.admin.resource import Body, Query, Server, View, also

__all__ = ["DryRun", "DryRunQuery", "DryRunView", "NewSyncLead", "run"]


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


class DryRun(Body, frozen=True, kw_only=True):
    """A request as XML (an envelope, or what stands in its Body), or a syncLead by its parts.

    It is signed with the first credential of the subscription, at its time. With `sign` false it is taken as it is, and
    the credential that it names says which subscription answers.
    """

    takes_any_text: ClassVar[bool] = True  # a request may be broken

    xml: str | None = None
    sync_lead: NewSyncLead | None = None
    sign: bool = True
    version: Annotated[str, Meta(max_length=10)] = VERSIONS[-1]


class DryRunView(View, frozen=True, kw_only=True):
    """The answer as it would be, and the call as its record would be. `dry_run` is always true: nothing was written."""

    dry_run: bool
    http_status: int
    answer: str
    call: CallView


@also(404, "There is no such subscription.")
@also(409, "No credential of the subscription could sign.")
def run(asked: Server, query: DryRunQuery, body: DryRun) -> DryRunView:
    """Say what a request would be answered, and why; nothing is written, counted or delayed."""
    if (body.xml is None) == (body.sync_lead is None):
        raise wrong(Wrong("body", "either xml or sync_lead", "both" if body.xml is not None else "neither"))
    if body.version not in VERSIONS:
        raise wrong(Wrong("body.version", f"one of {', '.join(VERSIONS)}", show(body.version)))
    request = _xml(body.xml) if body.xml is not None else _composed(body.sync_lead)
    if body.sign or body.sync_lead is not None:
        database = asked.registry.get(query.subscription)
        if database is None:
            raise not_found("query.subscription", "subscription", query.subscription, asked.registry.names())
        request = _signed(asked, database, request)
    answer, call = asked.site.soap.dry_run(body.version, request, "text/xml; charset=utf-8")
    return DryRunView(
        dry_run=call.dry_run,
        http_status=answer.status,
        answer=answer.body.decode(errors="replace"),
        call=view(call, raw=True),
    )


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
