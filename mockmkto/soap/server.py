"""Bytes to answer: read, authenticate, limits, injected faults, the operation, fault or answer, the record of the call.

The order of the checks (assumed): parse, operation, signature, blocked, freshness, daily quota, rate, concurrency,
injected faults, the operation. One transaction of the subscription's database is held for all of them: a fault rolls
back what the operation did, and what was counted before it is kept.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy.exc import OperationalError, TimeoutError

from mockmkto import auth
from mockmkto.bounds import DEFAULT_MAX_ELEMENTS
from mockmkto.clock import sleep, system_now
from mockmkto.engine.faults import choose_fault
from mockmkto.engine.limits import check_limits
from mockmkto.errors import Code, MarketoError, StackFault
from mockmkto.model import Behaviour, Call, Credential, RequestFields, Trace, Warning
from mockmkto.soap.compat import spyne
from mockmkto.soap.injected import disturb, stand_in
from mockmkto.soap.pending import Answer, PendingCall
from mockmkto.soap.protocol import member_text
from mockmkto.soap.records import authentication_from
from mockmkto.soap.service import TRANSPORT, application
from mockmkto.soap.writing import write_fault
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.database import Database, Session
from mockmkto.store.registry import Registry
from mockmkto.store.troubles import first_line, trouble_of

__all__ = ["Answer", "SoapServer"]

_log = logging.getLogger("mockmkto.soap")

_NOT_OURS = (OperationalError, TimeoutError, sqlite3.OperationalError)


class _SpyneServer(spyne.server.ServerBase):  # type: ignore[misc]  # spyne has no types
    """spyne's dispatcher, of one version. What an operation raises is not wrapped: faults are made in one place."""

    transport = TRANSPORT

    def get_out_object(self, ctx: Any) -> None:
        ctx.fire_event("method_call")
        ctx.in_object = [ctx.in_object]
        ctx.out_object = [self.app.call_wrapper(ctx)]
        ctx.fire_event("method_return_object")


class SoapServer:
    """The API of every subscription of a registry, in every version. Safe to call from many threads.

    Args:
        registry: the subscriptions, and whose credentials open them.
        on_call: is told of every call, after it is in the journal and before it is answered.
        keep_journal: whether calls are put into the journals at all.
        max_elements: the most elements of a request; one with more is answered `Bad Request`.
    """

    def __init__(
        self,
        registry: Registry,
        on_call: Callable[[Call], None],
        *,
        keep_journal: bool = True,
        max_elements: int = DEFAULT_MAX_ELEMENTS,
    ) -> None:
        self._registry = registry
        self._on_call = on_call
        self._keep_journal = keep_journal
        self._max_elements = max_elements
        self._servers: dict[str, _SpyneServer] = {}
        self._counting = threading.Lock()
        self.answered = 0  # how many calls, of every subscription

    def answer(self, version: str, body: bytes, content_type: str | None = None, remote: str | None = None) -> Answer:
        """The answer to one request. Raises ValueError for a version that there is not, and nothing else."""
        answer, _ = self.exchange(version, body, content_type, remote)
        return answer

    def exchange(
        self, version: str, body: bytes, content_type: str | None = None, remote: str | None = None
    ) -> tuple[Answer, Call]:
        """The same, with the record of the call as it is in the journal."""
        pending = PendingCall(version, body, remote, max_elements=self._max_elements)
        answer, fault = self._decide(pending, content_type)
        if pending.rule is not None:
            answer = disturb(answer, pending.rule)
        with self._counting:
            self.answered += 1
        call = self._journaled(pending.record(answer, fault), pending.database)
        self._tell(call)
        return answer, call

    def dry_run(self, version: str, body: bytes, content_type: str | None = None) -> tuple[Answer, Call]:
        """What the same request would be answered now, and why; nothing is written, counted, delayed or told.

        Raises:
            ValueError: there is no such version.
        """
        pending = PendingCall(version, body, dry=True, max_elements=self._max_elements)
        answer, fault = self._decide(pending, content_type)
        return answer, pending.record(answer, fault)

    def _decide(
        self, pending: PendingCall, content_type: str | None
    ) -> tuple[Answer, MarketoError | StackFault | None]:
        server = self._server(pending.version)
        fault: MarketoError | StackFault
        try:
            return self._respond(server, pending, content_type), None
        except (MarketoError, StackFault) as error:
            fault = error
        except _NOT_OURS as error:  # disk full, file held, database server gone, or more calls than it has connections
            _log.error("%s: %s; answered as fault 10001", _whose(pending.subscription), _why(error))
            fault = MarketoError(Code.INTERNAL_ERROR)
        except ClosedDatabaseError:  # while it waited for its turn: the subscription was deleted, or the server stops
            _log.warning("%s was closed meanwhile; answered as fault 10001", _whose(pending.subscription))
            fault = MarketoError(Code.INTERNAL_ERROR)
        except Exception:  # noqa: BLE001  # whatever it is, the client gets a fault and the server goes on
            _log.exception("an error of mockmkto's own, answered as fault 10001")
            fault = MarketoError(Code.INTERNAL_ERROR)
        return Answer(500, write_fault(fault)), fault

    def _server(self, version: str) -> _SpyneServer:
        server = self._servers.get(version)
        if server is None:
            server = self._servers.setdefault(version, _SpyneServer(application(version)))
        return server

    def _journaled(self, call: Call, database: Database | None) -> Call:
        """The call with its number in the journal. What cannot be put into a journal is answered all the same."""
        if not self._keep_journal:
            return call
        try:
            if database is None:
                database = self._registry.default()
            return database.journal.add(call) if database is not None else call
        except ClosedDatabaseError:
            return call  # the subscription was deleted meanwhile, its journal with it
        except _NOT_OURS as error:
            whose = _whose(database.name if database is not None else None)
            _log.error("%s: %s; the call is not in the journal", whose, _why(error))
            return call
        except Exception as error:  # noqa: BLE001  # the lead is written: an answer is never lost for its record
            _log.exception("the call could not be written into the journal as it is")
            return self._told_briefly(call, database, error)

    @staticmethod
    def _told_briefly(call: Call, database: Database | None, error: Exception) -> Call:
        """What nobody can have spoilt of a call, and why there is no more: a test must not be told that none came."""
        missing = Warning("record", f"the rest of this call's record could not be written: {type(error).__name__}")
        brief = replace(
            call, fields=RequestFields(), trace=Trace(), signature=None, warnings=(missing,), at=system_now()
        )
        try:
            return database.journal.add(brief) if database is not None else call
        except Exception:  # noqa: BLE001  # as above: it is in the log, then
            _log.exception("the call is not in the journal")
            return call

    def _tell(self, call: Call) -> None:
        try:
            self._on_call(call)
        except Exception:  # noqa: BLE001  # whoever listens has a trouble of its own: the answer goes out
            _log.exception("the call could not be told")

    def _respond(self, server: _SpyneServer, pending: PendingCall, content_type: str | None) -> Answer:
        ctx = spyne.MethodContext(server, spyne.MethodContext.SERVER)
        ctx.udc = pending
        ctx.in_string = [pending.request]
        protocol = server.app.in_protocol
        protocol.create_in_document(ctx, content_type)
        protocol.decompose_incoming_envelope(ctx)
        (ctx,) = protocol.generate_method_contexts(ctx)
        user_id = member_text(ctx.in_header_doc, "AuthenticationHeader", "mktowsUserId")
        credential = self._registry.credential(user_id) if user_id else None
        database = self._registry.opened_by(credential) if credential else None
        if credential is None or database is None:
            self._read(ctx, pending)  # the stack read the whole request before it asked who was calling
            raise self._refused(pending, ctx, None)
        pending.database = database
        with database.call_under_way() if not pending.dry else nullcontext(1) as at_once:
            outcome = self._operate(server, ctx, pending, credential, database, at_once)
            if pending.rule is not None and not pending.dry:
                sleep(pending.rule.delay)  # not within the transaction: nobody else is held up, but it is under way
        if isinstance(outcome, MarketoError):
            raise outcome
        return outcome

    def _operate(
        self,
        server: _SpyneServer,
        ctx: Any,
        pending: PendingCall,
        credential: Credential,
        database: Database,
        at_once: int,
    ) -> Answer | MarketoError:
        """The operation, in one transaction. A fault that comes after something was counted is returned, not raised."""
        with database.rehearsal() if pending.dry else database.transaction() as session:
            pending.session, pending.at = session, session.now
            pending.any_case = session.world.behaviour.element_names == "any_case"
            self._read(ctx, pending)
            self._authenticate(pending, ctx, credential)
            counted = check_limits(session, at_once)
            if session.fault_rules:
                counted = True
                pending.rule = choose_fault(session, pending.record())
            try:
                if pending.rule is not None and pending.rule.effect.replaces_answer:
                    pending.status = pending.rule.effect
                    return stand_in(pending.rule)
                with session.savepoint() if counted else nullcontext():
                    server.get_out_object(ctx)
            except MarketoError as fault:
                if not counted:
                    raise
                return fault
            protocol = server.app.out_protocol
            protocol.serialize(ctx)
            protocol.create_out_string(ctx)
        return Answer(200, b"".join(ctx.out_string))

    def _read(self, ctx: Any, pending: PendingCall) -> None:
        ctx.app.in_protocol.deserialize(ctx)
        header = authentication_from(ctx.in_header)
        pending.user_id = header.user_id if header else None

    def _authenticate(self, pending: PendingCall, ctx: Any, credential: Credential) -> None:
        session = pending.open_session
        world = session.world
        header = authentication_from(ctx.in_header)
        check, warnings = auth.check(header, credential, session.now, world.behaviour.signature_window, world.time_zone)
        pending.signature = check.bounded()
        pending.trace.note(warnings)
        if check.fault == Code.AUTHENTICATION_FAILED:
            raise self._refused(pending, ctx, session)
        auth.raise_for(check)

    def _refused(self, pending: PendingCall, ctx: Any, session: Session | None) -> MarketoError:
        """20014 on the wire; why it failed goes into the record of the call."""
        now = session.now if session else system_now()
        behaviour = session.world.behaviour if session else Behaviour()
        zone = session.world.time_zone if session else UTC
        header = authentication_from(ctx.in_header)
        header = header.bounded() if header is not None else None
        explanation = auth.explain(header, self._registry.credentials(), now, behaviour.signature_window, zone)
        pending.signature = explanation.check
        pending.user_id = explanation.user_id  # a key that was sent in its place is not shown
        return MarketoError.authentication_failed()


def _why(error: Exception) -> str:
    trouble = trouble_of(error)
    return trouble.text if trouble is not None else first_line(error)


def _whose(subscription: str | None) -> str:
    return f"the data of the subscription {subscription}" if subscription else "the registry"
