"""One request to the REST API: its route, its caller, its answer, in the steps in which a call takes them.

The order (assumed but for its ends): path, method, token, permission, quota, rate and concurrency, injected faults,
content type, JSON, parameters, records.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from mockmkto.bounds import LONGEST_QUOTE, cut
from mockmkto.calls.handling import Calls, WouldBlockError
from mockmkto.calls.pending import Answer, PendingCall
from mockmkto.clock import system_now
from mockmkto.engine import tokens
from mockmkto.engine.usage import note_call, note_error
from mockmkto.errors import Fault, HttpRefusal, MarketoError, RestCode, RestError
from mockmkto.model import Client, Effect, FaultRule
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import JSON, FileAnswer, error_body, success_body
from mockmkto.rest.identity import caller, identity_fault, is_identity
from mockmkto.rest.incoming import MULTIPART, Incoming, normal_path
from mockmkto.rest.parameters import Parameters
from mockmkto.rest.permissions import needed
from mockmkto.rest.routes import QUICK, UNCOUNTED, Route, find_route, handler, nearest_path, reader
from mockmkto.rest.saying import fields_of
from mockmkto.store.database import Database, Session

__all__ = ["RestRequest"]

_LONGEST_ADDRESS = 8 * 1024  # bytes (documented)
_LONGEST_BODY = 1024 * 1024
_LONGEST_BULK_BODY = 10 * 1024 * 1024

_JSON_TYPES = ("application/json", "text/json")

_decode = msgspec.json.Decoder().decode
_UNREAD: Any = object()


class RestRequest:
    """One request. `pending` is the call that it makes.

    With a client, it is that one's, whatever token it has: a dry run gets none.
    """

    half = b'{"requestId":"e42b#14272d07d78","result":[{"id":1'
    content_type = JSON

    def __init__(self, pending: PendingCall, incoming: Incoming, client: Client | None = None) -> None:
        self._pending = pending
        self._incoming = incoming
        self._path = normal_path(incoming.path)
        self._parameters = Parameters()
        self._route: Route
        self._client: Client | None = None
        self._given_client = client
        self._token: str | None = None
        self._sent: object = None
        self._token_as_parameter = False
        self._json: Any = _UNREAD
        self._unreadable: RestError | None = None

    @property
    def is_counted(self) -> bool:
        """Whether it counts against the day and the rate."""
        return self._route.operation not in UNCOUNTED

    def respond(self, calls: Calls) -> Answer:
        """The answer. Raises Fault."""
        pending, incoming = self._pending, self._incoming
        self._refuse_large()
        self._client, self._parameters = None, Parameters()
        self._parameters.take(incoming.query)
        if incoming.is_form:
            self._parameters.take(incoming.body.decode("utf-8", "replace"))
        method = self._method()
        pending.endpoint = f"{method} {cut(self._path, LONGEST_QUOTE)}"
        self._warn_of_path()
        try:
            self._route = find_route(method, self._path)
        except RestError as error:
            if error.code == RestCode.NOT_FOUND:
                self._warn_of_nothing()
            self._find_whose(calls)
            raise
        pending.operation = self._route.operation
        quick = self._route.operation in QUICK
        if pending.turns is not None and not (quick and calls.registry.turn_at_once(pending.turns)):
            raise WouldBlockError
        try:
            self._client, self._token, self._token_as_parameter = self._caller(calls)
        except (RestError, HttpRefusal):
            if pending.turns is None and pending.host is not None and pending.database is None:
                pending.database = calls.registry.named_by(pending.host)  # the refusal stands in its journal
            raise
        database = calls.registry.opened_by(self._client)
        named = calls.otherwise_meant(pending, database)
        if named is not None:  # a host that means a subscription is called with a client of that subscription
            said = f"the host {pending.host} means the subscription {named.name}, the token another"
            pending.trace.warn("host", said)
            raise RestError(RestCode.TOKEN_INVALID)
        if database is None:
            raise RestError(RestCode.TOKEN_INVALID)
        return calls.perform(pending, self, database)

    def _caller(self, calls: Calls) -> tuple[Client, str | None, bool]:
        given = self._given_client
        if given is not None and not is_identity(self._path):
            self._pending.user_id = given.client_id
            return given, None, False
        return caller(calls.registry, self._incoming, self._parameters, self._path, self._pending)

    def _find_whose(self, calls: Calls) -> None:
        """Whose call it is that nothing answers: it stands in that one's journal, and among its errors."""
        pending = self._pending
        if pending.turns is not None:
            raise WouldBlockError
        with suppress(RestError, HttpRefusal):
            self._client, _, _ = self._caller(calls)
            pending.database = calls.registry.opened_by(self._client)

    def _method(self) -> str:
        """What is meant: `_method`, in the query or in a form, makes a GET or a DELETE of a POST (documented)."""
        meant = self._parameters.text("_method")
        method = self._incoming.method.upper()
        return meant.upper() if meant is not None and method == "POST" else method

    def _refuse_large(self) -> None:
        incoming = self._incoming
        if len(incoming.path) + len(incoming.query) > _LONGEST_ADDRESS:
            raise _too_large(414, "Request-URI Too Long")
        if len(incoming.body) > (_LONGEST_BULK_BODY if self._path.startswith("/bulk/") else _LONGEST_BODY):
            raise _too_large(413, "Request Entity Too Large")

    def _warn_of_nothing(self) -> None:
        nearest = nearest_path(self._path)
        meant = f"; {nearest} is" if nearest is not None else ""
        shown = cut(self._path, LONGEST_QUOTE)
        self._pending.trace.warn("path", f"{shown} is not answered here{meant}", shown, nearest)

    def _warn_of_path(self) -> None:
        if self._path != self._incoming.path:
            self._pending.trace.warn("path", f"the path was read as {self._path}", self._incoming.path)

    def fault(self, error: Fault) -> Answer:
        """The envelope of an error: with the status 200, unless it is one that HTTP says."""
        if isinstance(error, HttpRefusal):
            return Answer(error.status, error.body, error.content_type, headers=self._headers())
        if isinstance(error, MarketoError):
            error = RestError.of(error)
        if not isinstance(error, RestError):
            error = RestError(RestCode.SYSTEM_ERROR)
        if is_identity(self._path):
            return self.fault(identity_fault(error))
        return Answer(200, error_body(self._path, self._pending.at or system_now(), error), JSON)

    def _headers(self) -> tuple[tuple[str, str], ...]:
        return (("Cache-Control", "no-store"), ("Pragma", "no-cache")) if is_identity(self._path) else ()

    def read(self, *, any_case: bool) -> None:  # noqa: ARG002  # names have one case in JSON
        """Read the body as far as it is JSON; what is wrong with it is said when it is this call's turn."""
        if self._json is _UNREAD:
            self._json, self._unreadable = self._read_json()
            read = reader(self._route.operation)
            self._sent = read(self._incoming, self._parameters) if read is not None else None
        self._pending.fields = fields_of(dict(self._parameters.shown()), self._json)

    def _read_json(self) -> tuple[Any, RestError | None]:
        incoming = self._incoming
        if not incoming.body.strip() or incoming.is_form or incoming.media_type == MULTIPART:
            return None, None
        # Of a body without a type, a client's own mistake, the vendor said 612; an empty one is none.
        if incoming.media_type not in _JSON_TYPES:
            return None, RestError(RestCode.INVALID_CONTENT_TYPE)
        try:
            return _decode(incoming.body), None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None, RestError(RestCode.INVALID_JSON)

    def _body(self) -> Any:
        if self._unreadable is not None:
            raise self._unreadable
        return self._json

    def verify(self) -> bool:
        """Whether the caller is known: its token, or its secret, is looked at when its subscription is open."""
        return self._client is not None

    def refuse(self, session: Session) -> Callable[[], Fault]:  # noqa: ARG002  # it says nothing of it
        """601; a caller that is not known has no subscription, so nobody comes here."""
        return lambda: RestError(RestCode.TOKEN_INVALID)

    def admit(self, session: Session) -> Fault | None:
        """What is wrong with the token at the subscription's time, of which what was said is kept; or not permitted."""
        if self._client is None or is_identity(self._path):
            return None
        refused = session.world.behaviour.rest_query_token == "reject"  # noqa: S105  # none
        if refused and self._token_as_parameter:
            return RestError(RestCode.EMPTY_TOKEN)
        wrong = tokens.check(session, self._client, self._token) if self._token is not None else None
        if wrong is not None and wrong.code is RestCode.TOKEN_INVALID:
            self._pending.trace.warn("token", f"{self._client.client_id} has no such token: it expired, or was reset")
        return wrong or self._denied(self._client)

    def _denied(self, client: Client) -> RestError | None:
        """603: the client is blocked, or its role does not permit it."""
        if client.blocked:
            self._pending.trace.warn("permission", f"the client {client.client_id} is blocked")
            return RestError(RestCode.ACCESS_DENIED)
        if client.permissions is None:
            return None
        one_of = needed(self._route.operation, reads=self._method() == "GET", pieces=self._route.pieces)
        if not one_of or not set(one_of).isdisjoint(client.permissions):
            return None
        self._pending.trace.warn("permission", f"the client {client.client_id} lacks {' or '.join(one_of)}")
        return RestError(RestCode.ACCESS_DENIED)

    def takes(self, rule: FaultRule) -> bool:
        """A code is for the API: at the identity service only where the rule names it, or no program got to the API."""
        return rule.effect is not Effect.FAULT or not is_identity(self._path) or "identity" in rule.match

    def note_injected(self, session: Session, fault: Fault) -> None:
        """A token of which 601 or 602 was said does not live any more."""
        said = isinstance(fault, RestError) and fault.code in (RestCode.TOKEN_INVALID, RestCode.TOKEN_EXPIRED)
        if said and self._client is not None:
            tokens.end(session, self._client)

    def operate(self) -> Answer:
        """The operation, in the open session. Raises Fault."""
        pending = self._pending
        call = RestCall(pending, self._incoming, self._route.pieces, self._parameters, self._body, self._client)
        call.sent = self._sent
        try:
            answered = handler(self._route.operation)(call)
        except RestError:
            self._parameters.warn_of_slips(pending.trace)
            raise
        if self._client is not None and self.is_counted:
            note_call(pending.open_session, self._client.user)
        self._parameters.warn_of_unread(pending.trace)
        counts = pending.trace.counts
        if counts:
            (status, *others) = counts
            pending.status = status if not others else pending.status
        if len(pending.trace.leads) == 1:
            (pending.lead_id,) = pending.trace.leads
        if isinstance(answered, FileAnswer):
            return Answer(answered.status, answered.body, answered.content_type, headers=answered.headers)
        return Answer(200, success_body(self._path, pending.open_session.now, answered), JSON, headers=answered.headers)

    def note_fault(self, database: Database, fault: Fault) -> None:
        """Count it among the errors of the day, of whoever called."""
        if self._client is None or is_identity(self._path):
            return
        if isinstance(fault, MarketoError):
            fault = RestError.of(fault)
        if isinstance(fault, RestError):
            with database.transaction() as session:
                note_error(session, self._client.user, fault.code)


def _too_large(status: int, phrase: str) -> HttpRefusal:
    page = f"<html><head><title>{status} {phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>\n"
    return HttpRefusal(status, phrase, page.encode(), "text/html; charset=utf-8")
