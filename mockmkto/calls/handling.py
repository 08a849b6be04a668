"""From a request that a wire has read to its answer: the order of the checks, one transaction, one record.

The order (assumed): parse, operation, signature, blocked, freshness, daily quota, rate, concurrency, injected faults,
the operation. What comes up to the signature needs nothing of the subscription, and does not hold it. One transaction
of its database is held for the rest: a fault rolls back what the operation did, and what was counted before is kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from typing import Protocol

from mockmkto import deadlines
from mockmkto.calls.injected import disturb, stand_in
from mockmkto.calls.pending import Answer, PendingCall
from mockmkto.calls.recording import TROUBLES, Recorder, whose, why
from mockmkto.clock import sleep
from mockmkto.engine.faults import choose_fault
from mockmkto.engine.limits import check_limits, give_back, group_at_once
from mockmkto.engine.put_off import know_what_is_put_off
from mockmkto.errors import Code, Fault, MarketoError, said_over
from mockmkto.giving_way import LongWork, answered, answering
from mockmkto.model import Call, Effect, FaultRule, TraceBuilder, World
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.database import Database, Session
from mockmkto.store.registry import Registry
from mockmkto.store.session import MissingIndexError

__all__ = ["Calls", "Request", "WouldBlockError"]

_log = logging.getLogger("mockmkto.soap")


class WouldBlockError(Exception):
    """The call is not for a thread that must not wait. Nothing of it was written, counted or told."""


class _ReadOtherwise(Exception):  # nothing is wrong
    """The request was not read, or not counted, by the subscription's switches as they are."""


class _CallerChangedError(Exception):  # nothing is wrong
    """Another server has changed who may call since it was last looked at here."""


class Request(Protocol):
    """One request on its wire, step by step. Each step but `fault` may raise a Fault."""

    @property
    def half(self) -> bytes:
        """Half of an answer, for the injected faults that break one off: what it would have said, nobody knows."""

    @property
    def content_type(self) -> str:
        """Of such an answer."""

    def respond(self, calls: Calls) -> Answer:
        """The answer. What concerns a subscription goes through `calls.perform`, which takes the steps below.

        Called once more where who calls has changed meanwhile (`pending.anew`), before anything was done.
        """

    def fault(self, error: Fault) -> Answer:
        """How a fault is said."""

    def read(self, *, any_case: bool) -> None:
        """Read all of it; anew, where it was read otherwise before. Notes in the call what it says."""

    def verify(self) -> bool:
        """Whether the caller has proved who it is."""

    def refuse(self, session: Session) -> Callable[[], Fault]:
        """What makes the fault for a caller who has not, without the session, since it may take long."""

    def admit(self, session: Session) -> Fault | None:
        """Refuse what the subscription's time and switches do not allow.

        Of a fault that is returned, not raised, what was written stays.
        """

    @property
    def is_counted(self) -> bool:
        """Whether the limits count it."""

    def operate(self) -> Answer:
        """Do it, in the call's open session."""

    def takes(self, rule: FaultRule) -> bool:
        """Whether a fault rule that matches it means it, too."""

    def note_injected(self, session: Session, fault: Fault) -> None:
        """Have what the fault that a rule makes says be so, as far as it is about the caller."""

    def note_fault(self, database: Database, fault: Fault) -> None:
        """Keep what is to be kept of a call that ended so, of which nothing else stays."""


class Calls:
    """The calls of every subscription of a registry. Safe to use from many threads.

    Args:
        registry: the subscriptions, and whose credentials open them.
        on_call: is told of every call, after it is in the journal and before it is answered.
        keep_journal: whether calls are put into the journals at all.
    """

    def __init__(self, registry: Registry, on_call: Callable[[Call], None], *, keep_journal: bool = True) -> None:
        know_what_is_put_off()
        self.registry = registry
        self._recorder = Recorder(registry, on_call, keep_journal=keep_journal)
        self._counting = threading.Lock()
        self.answered = 0  # how many calls, of every subscription

    def exchange(self, pending: PendingCall, request: Request) -> tuple[Answer, Call]:
        """The answer to a call, and the record of it as it is in the journal. Raises nothing."""
        with deadlines.started(pending.started):
            answer, fault = self._outcome(pending, request)
            return self._finish(pending, request, answer, fault)

    def exchange_now(self, pending: PendingCall, request: Request) -> tuple[Answer, Call] | None:
        """The same without any waiting; `None` where it would have to wait, and then nothing has happened."""
        if not self.registry.in_memory:
            return None
        answering()
        try:
            with ExitStack() as turns:
                pending.turns = turns
                answer, fault = self._outcome(pending, request)
                if pending.database is None:  # the explanation takes its time, and so may somebody else's journal
                    return None
                return self._finish(pending, request, answer, fault)
        except WouldBlockError:
            return None
        finally:
            answered()

    def rehearse(self, pending: PendingCall, request: Request) -> tuple[Answer, Call]:
        """What the call would be answered now, and why; nothing is written, counted, delayed or told."""
        pending.dry = True
        answer, fault = self._outcome(pending, request)
        return answer, pending.record(answer, fault)

    def otherwise_meant(self, pending: PendingCall, opened: Database | None) -> Database | None:
        """The subscription that the asked host means, where that is not the one that the caller opens: the call is its.

        `None` where the host means no other. It stands in the journal of whoever was meant.
        """
        if pending.host is None:
            return None
        if pending.turns is not None and not self.registry.knows_hosts:
            raise WouldBlockError
        named = self.registry.named_by(pending.host)
        if named is None or named is opened:
            return None
        pending.database = named
        return named

    def perform(self, pending: PendingCall, request: Request, database: Database) -> Answer:
        """What the subscription that the caller names answers.

        Raises:
            Fault: it answers with one.
        """
        pending.database = database
        noted = len(pending.trace.warnings)
        while True:
            world = database.world_as_last_read
            any_case = world is not None and _reads_any_case(world)
            try:
                return self._perform(pending, request, database, any_case=any_case)
            except _ReadOtherwise:  # the switch was turned since; nothing has been done yet
                continue
            except MissingIndexError as missing:
                if pending.turns is not None:
                    raise WouldBlockError from None
                _make_index(database, missing.field)
                pending.trace = TraceBuilder(warnings=pending.trace.warnings[:noted])

    def _perform(self, pending: PendingCall, request: Request, database: Database, *, any_case: bool) -> Answer:
        fault: Fault | None = None
        pending.any_case, verified = any_case, False
        try:
            request.read(any_case=any_case)
            verified = request.verify()
        except Fault as error:
            fault = error
        if not verified:
            if fault is None and pending.turns is not None:
                raise WouldBlockError
            with self._open(pending, database) as session:
                self._note(pending, session)
                refusal = request.refuse(session)
            raise fault if fault is not None else refusal()
        world = database.world_as_last_read
        group = pending.api if world is None else group_at_once(world.behaviour, pending.api)
        with self._under_way(pending, database, group) as at_once:
            answering()
            try:
                outcome = self._operate(pending, request, database, group, at_once)
            finally:
                answered()
            if pending.rule is not None and not pending.dry:
                sleep(pending.rule.delay)  # not within the transaction: nobody else is held up, but it is under way
        if isinstance(outcome, Fault):
            raise outcome
        return outcome

    @staticmethod
    def _under_way(pending: PendingCall, database: Database, group: str | None) -> AbstractContextManager[int]:
        """Count the call in its group for as long as it lasts: how many there are; 1 where they are not counted."""
        return nullcontext(1) if pending.dry or group is None else database.call_under_way(group)

    def _operate(
        self, pending: PendingCall, request: Request, database: Database, group: str | None, at_once: int
    ) -> Answer | Fault:
        """The operation, in one transaction. A fault that comes after something was counted is returned, not raised."""
        with self._open(pending, database) as session:
            self._note(pending, session)
            pending.session = session
            session.makes_indexes = False
            if group_at_once(session.world.behaviour, pending.api) not in (None, group):
                raise _ReadOtherwise
            refused = request.admit(session)
            if refused is not None:
                return refused
            counted = limited = request.is_counted and check_limits(session, at_once, pending.api)
            if session.fault_rules:
                if pending.turns is not None:
                    raise WouldBlockError
                counted = True
                pending.rule = choose_fault(session, pending.record(), request.takes)
            try:
                if pending.rule is not None and pending.rule.effect.replaces_answer:
                    pending.status = pending.rule.effect
                    if pending.rule.effect is Effect.FAULT:
                        fault = said_over(pending.api, pending.rule.code or Code.INTERNAL_ERROR)
                        request.note_injected(session, fault)
                        if limited:
                            give_back(session, pending.api, fault)
                        return fault
                    return stand_in(pending.rule, request.half, request.content_type)
                if not counted:
                    return request.operate()
                with session.savepoint():
                    return request.operate()
            except Fault as error:
                if not counted:
                    raise
                return error

    @staticmethod
    def _open(pending: PendingCall, database: Database) -> AbstractContextManager[Session]:
        """The subscription, alone."""
        if pending.turns is not None and not database.turns_at_once(pending.turns):
            raise WouldBlockError
        return database.rehearsal() if pending.dry else database.transaction()

    @staticmethod
    def _note(pending: PendingCall, session: Session) -> None:
        """Its time, as that of the call.

        Raises _CallerChangedError where others may call it now, _ReadOtherwise where its switches are not those of the
        reading.
        """
        if pending.callers is not None and pending.callers != session.callers:
            raise _CallerChangedError
        pending.is_certain = True
        if _reads_any_case(session.world) != pending.any_case:
            raise _ReadOtherwise
        pending.at = session.now
        pending.time_zone, pending.clock = session.world.time_zone.key, session.clock.mode

    def _outcome(self, pending: PendingCall, request: Request) -> tuple[Answer, Fault | None]:
        fault: Fault
        try:
            return self._respond(pending, request), None
        except WouldBlockError:
            raise
        except Fault as error:
            # Its traceback holds the frames, they hold it, and all that was read with them, until somebody collects it.
            fault = error.with_traceback(None)
            fault.__context__ = None
        except TROUBLES as error:
            _log.error("%s: %s; answered as fault 10001", whose(pending.subscription), why(error))
            fault = MarketoError(Code.INTERNAL_ERROR)
        except ClosedDatabaseError:  # while it waited for its turn: the subscription was deleted, or the server stops
            _log.warning("%s was closed meanwhile; answered as fault 10001", whose(pending.subscription))
            fault = MarketoError(Code.INTERNAL_ERROR)
        except Exception:  # noqa: BLE001  # whatever it is, the client gets a fault and the server goes on
            _log.exception("an error of mockmkto's own, answered as fault 10001")
            fault = MarketoError(Code.INTERNAL_ERROR)
        return request.fault(fault), fault

    def _respond(self, pending: PendingCall, request: Request) -> Answer:
        """What it is answered by whoever it is that calls: what was known of that is asked anew where it may be old."""
        warnings = len(pending.trace.warnings)
        while True:
            try:
                return request.respond(self)
            except _CallerChangedError:
                pass
            except (Fault, ClosedDatabaseError):
                if not pending.is_taken_from_memory:
                    raise
            pending.begin_anew(warnings)

    def _finish(
        self, pending: PendingCall, request: Request, answer: Answer, fault: Fault | None
    ) -> tuple[Answer, Call]:
        if pending.rule is not None:
            answer = disturb(answer, pending.rule)
        if fault is not None and pending.database is not None:
            with suppress(*TROUBLES, ClosedDatabaseError):  # it has been told what is wrong already
                request.note_fault(pending.database, fault)
        with self._counting:
            self.answered += 1
        return answer, self._recorder.keep(pending.record(answer, fault), pending.database)


def _make_index(database: Database, field: str) -> None:
    """What a lookup needs, in transactions of its own: it stays whatever becomes of the call."""
    from mockmkto.store.lead_values import make_slice

    work = LongWork()
    while True:
        with database.transaction() as session:
            if make_slice(session, field):
                return
        work.end_slice()


def _reads_any_case(world: World) -> bool:
    return world.behaviour.element_names == "any_case"
