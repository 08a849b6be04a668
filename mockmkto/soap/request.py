"""One SOAP request: its envelope, its operation, its caller, its answer, in the steps in which a call takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from mockmkto import auth
from mockmkto.auth import AuthenticationHeader
from mockmkto.bounds import LONGEST_QUOTE
from mockmkto.calls.handling import Calls, WouldBlockError
from mockmkto.calls.pending import Answer, PendingCall
from mockmkto.clock import system_now
from mockmkto.errors import Code, Fault, MarketoError, RestError, StackFault, soap_twin
from mockmkto.model import Behaviour, Credential, FaultRule, SignatureCheck, Warning
from mockmkto.soap.dispatch import Dispatched, Dispatcher, member_text, operation_of
from mockmkto.soap.envelope import Element, parse, read_envelope
from mockmkto.soap.records import authentication_from
from mockmkto.soap.references import within
from mockmkto.soap.writing import write_fault
from mockmkto.store.database import Database, Session
from mockmkto.store.registry import Registry

__all__ = ["SoapRequest"]

_QUICK = frozenset({"getLead", "syncLead", "describeMObject", "listMObjects"})
"""Operations on one thing: they take well under a millisecond, whatever they are asked."""


class SoapRequest:
    """One request. `pending` is the call that it makes."""

    half = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope '
        b'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><ns1:success'
    )

    content_type = "text/xml; charset=utf-8"
    is_counted = True

    def __init__(self, pending: PendingCall, content_type: str | None, dispatcher: Dispatcher) -> None:
        self._pending = pending
        self._content_type = content_type
        self._dispatcher = dispatcher
        self._asked: Dispatched
        self._root: Element
        self._call: Element
        self._header_elements: Sequence[Element] = ()
        self._warned = 0  # warnings before it was read
        self._params: Any = None
        self._headers: Mapping[str, Any] = {}
        self._header: AuthenticationHeader | None = None
        self._credential: Credential | None = None
        self._registry: Registry
        self._found: tuple[SignatureCheck, list[Warning]]

    def respond(self, calls: Calls) -> Answer:
        """The answer. Raises MarketoError, StackFault."""
        pending, self._registry = self._pending, calls.registry
        self._root = parse(pending.request, self._content_type, pending.trace, pending.max_elements)
        envelope = read_envelope(self._root, pending.trace)
        self._call, self._header_elements = envelope.call, envelope.headers
        pending.operation = operation_of(envelope.call)  # of another version, perhaps: it is told what was asked
        self._asked = self._dispatcher.find(envelope.call, pending.trace)
        pending.operation = self._asked.name
        self._warned = len(pending.trace.warnings)
        if pending.turns is not None and self._asked.name not in _QUICK:
            raise WouldBlockError
        user_id = member_text(envelope.headers, "AuthenticationHeader", "mktowsUserId")
        if user_id is not None and len(user_id) > LONGEST_QUOTE:
            user_id = None  # nobody's
        if user_id and pending.turns is not None and not self._registry.turn_at_once(pending.turns):
            raise WouldBlockError
        found = self._registry.caller(user_id, anew=pending.anew) if user_id else (None, None)
        self._credential, pending.callers = found
        database = self._registry.opened_by(self._credential) if self._credential is not None else None
        named = calls.otherwise_meant(pending, database)
        if named is not None and database is not None:
            raise self._called_elsewhere(named.name, database.name)
        if database is None:
            self.read(any_case=False)  # the stack read the whole request before it asked who was calling
            raise self._refusal(system_now(), Behaviour(), UTC)()
        return calls.perform(pending, self, database)

    def _called_elsewhere(self, named: str, opened: str) -> MarketoError:
        """A host that means a subscription is called with a credential of that subscription."""
        pending, credential = self._pending, self._credential
        said = f"the host {pending.host} means the subscription {named}, but the user id opens {opened}"
        pending.user_id = credential.user_id if credential is not None else None
        pending.signature = SignatureCheck(pending.user_id, (said,), Code.AUTHENTICATION_FAILED)
        return MarketoError.authentication_failed()

    def fault(self, error: Fault) -> Answer:
        """The envelope of a fault."""
        if not isinstance(error, MarketoError | StackFault):
            error = MarketoError(soap_twin(error.code) if isinstance(error, RestError) else Code.INTERNAL_ERROR)
        return Answer(500, write_fault(error))

    def read(self, *, any_case: bool) -> None:
        """The params first, as the stack did, then the headers that the operation lists. Raises StackFault."""
        pending, trace = self._pending, self._pending.trace
        del trace.warnings[self._warned :]
        with within(self._root):
            self._params = self._asked.read_params(self._call, trace, any_case=any_case)
            self._headers = self._asked.read_headers(self._header_elements, trace, any_case=any_case)
        pending.fields = self._asked.operation.said(self._params, self._headers)
        header = self._header = authentication_from(self._headers)
        pending.user_id = header.user_id if header is not None else None

    def verify(self) -> bool:
        """Whether the signature is right, fresh or not."""
        self._found = auth.check_signature(self._header, self._credential)
        return self._found[0].fault != Code.AUTHENTICATION_FAILED

    def refuse(self, session: Session) -> Callable[[], MarketoError]:
        """20014 on the wire; why it failed goes into the record of the call."""
        return self._refusal(session.now, session.world.behaviour, session.world.time_zone)

    def _refusal(self, now: datetime, behaviour: Behaviour, zone: tzinfo) -> Callable[[], MarketoError]:
        def explain() -> MarketoError:
            header = self._header
            header = header.bounded() if header is not None else None
            known = self._registry.credentials()
            explanation = auth.explain(header, known, now, behaviour.signature_window, zone)
            self._pending.signature = explanation.check
            self._pending.user_id = explanation.user_id  # a key that was sent in its place is not shown
            self._pending.request = auth.without_keys(self._pending.request, header, known)
            return MarketoError.authentication_failed()

        return explain

    def admit(self, session: Session) -> None:
        """Refuse a blocked credential, and a timestamp outside the window. Raises MarketoError."""
        found, warnings = self._found
        header, world = self._header, session.world
        if header is not None and found.fault is None:
            window = world.behaviour.signature_window
            found, warnings = auth.check_time(header, warnings, session.now, window, world.time_zone)
        self._pending.signature = found.bounded()
        self._pending.trace.note(warnings)
        auth.raise_for(found)

    def operate(self) -> Answer:
        """The operation, in the open session. Raises MarketoError."""
        return Answer(200, self._asked.run(self._pending, self._params, self._headers))

    def takes(self, rule: FaultRule) -> bool:  # noqa: ARG002  # each one
        """Every one."""
        return True

    def note_injected(self, session: Session, fault: Fault) -> None:
        """There is nothing that a fault of the SOAP API would end."""

    def note_fault(self, database: Database, fault: Fault) -> None:
        """The SOAP API counts no faults."""
