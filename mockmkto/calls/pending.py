"""A call under way, and what it leaves behind: an answer for the client, a record for the journal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime

from msgspec import Struct, field

from mockmkto.bounds import DEFAULT_MAX_ELEMENTS, SMALL_REQUEST
from mockmkto.clock import stopwatch, system_now
from mockmkto.errors import Fault
from mockmkto.model import (
    Call,
    FaultRule,
    RequestFields,
    SignatureCheck,
    SyncLeadResult,
    TraceBuilder,
)
from mockmkto.store.database import Database, Session

__all__ = ["Answer", "PendingCall"]


class Answer(Struct, frozen=True):
    """What goes back over HTTP: every fault of the SOAP API is a 500, every error of the REST API a 200 (captured).

    An injected fault can have the connection reset after so many bytes of the body, or the body sent so slowly.
    """

    status: int
    body: bytes
    content_type: str = "text/xml; charset=utf-8"
    reset_after: int | None = None
    bytes_per_second: int | None = None
    headers: tuple[tuple[str, str], ...] = ()  # beside those of every answer


class PendingCall(Struct):
    """A call under way: what is known of it so far."""

    version: str
    request: bytes
    remote: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # of HTTP, as the record shows them
    host: str | None = None  # a name that was asked, if it could mean a subscription
    dry: bool = False  # nothing of it stays
    max_elements: int = DEFAULT_MAX_ELEMENTS  # of its document
    api: str = "soap"
    endpoint: str | None = None  # of the REST API: its method and path
    query: str = ""  # of the address, secrets aside
    started: float = field(default_factory=stopwatch)
    trace: TraceBuilder = field(default_factory=TraceBuilder)
    operation: str | None = None
    any_case: bool = False
    user_id: str | None = None
    callers: str | None = None  # the token by which it is known who calls, until the subscription has another one
    anew: bool = False  # who calls is asked of the registry, whatever was known
    is_certain: bool = False  # who calls: the subscription has that token
    database: Database | None = None  # of the subscription that the credential opens
    session: Session | None = None
    turns: ExitStack | None = None  # of a call that must not wait: whose turns it has, to the end
    at: datetime | None = None
    time_zone: str = "UTC"  # of the subscription, once it is known
    clock: str = "real"
    signature: SignatureCheck | None = None
    fields: RequestFields = field(default_factory=RequestFields)
    rule: FaultRule | None = None  # the fault rule that fired
    status: str = "OK"
    lead_id: int | None = None

    @property
    def subscription(self) -> str | None:
        """The subscription that the caller opened."""
        return self.database.name if self.database is not None else None

    @property
    def is_taken_from_memory(self) -> bool:
        """Whether who calls is only what was so before."""
        return self.callers is not None and not self.anew and not self.is_certain

    def begin_anew(self, warnings: int) -> None:
        """Forget what is known of it but the request, and so many warnings: who calls has changed, or may have."""
        self.trace = TraceBuilder(warnings=self.trace.warnings[:warnings])
        self.anew, self.is_certain, self.callers = True, False, None
        self.user_id = self.database = self.session = self.signature = None

    @property
    def open_session(self) -> Session:
        """The transaction of the subscription that the caller opened."""
        if self.session is None:
            raise RuntimeError("an operation was called before its caller was known")
        return self.session

    def synced(self, result: SyncLeadResult) -> SyncLeadResult:
        """Note what became of the lead."""
        self.status, self.lead_id = result.status.value, result.lead_id
        return result

    def done(self, status: str, lead_id: int | None = None) -> None:
        """Note what the answer says became of it, and of which lead."""
        self.status, self.lead_id = status, lead_id

    def record(self, answer: Answer | None = None, fault: Fault | None = None) -> Call:
        """The call as it stands: without an answer, what a fault rule may look at."""
        trace = self.trace.finish()
        code = fault.recorded_code if fault is not None else None
        return Call(
            at=self.at or system_now(),
            version=self.version,
            request=self.request,
            response=answer.body if answer else b"",
            http_status=answer.status if answer else 0,
            status=str(code) if code is not None else self.status,
            milliseconds=(stopwatch() - self.started) * 1000,
            fields=self.fields if len(self.request) <= SMALL_REQUEST else self.fields.bounded(),
            injected=f"{self.rule.effect} by {self.rule.name}" if self.rule else None,
            operation=self.operation,
            subscription=self.subscription,
            user_id=self.user_id,
            remote=self.remote,
            fault_code=code,
            fault_message=fault.brief if fault is not None else None,
            lead_id=self.lead_id if fault is None else trace.lead_id,
            signature=self.signature,
            trace=trace,
            warnings=tuple(self.trace.warnings),
            dry_run=self.dry,
            headers=self.headers,
            time_zone=self.time_zone,
            clock=self.clock,
            api=self.api,
            endpoint=self.endpoint,
            query=self.query,
        )
