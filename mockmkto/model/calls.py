"""The record of a call, and the rules by which a tester makes calls go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from mockmkto.bounds import LONGEST_QUOTE, SMALL_REQUEST, cut
from mockmkto.model.moments import Moment
from mockmkto.model.trace import Trace, Warning

__all__ = ["Call", "Effect", "FaultRule", "RequestFields", "SignatureCheck"]


class Effect(StrEnum):
    """What a fault rule does to a call."""

    FAULT = "fault"  # answers with a Marketo code, of either API; the operation does not run
    HTTP_STATUS = "http_status"  # answers with an HTTP status and a page, as a proxy would; the operation does not run
    EMPTY = "empty"  # answers 200 with nothing; the operation does not run
    MALFORMED = "malformed"  # answers 200 with XML or JSON that breaks off; the operation does not run
    RESET = "reset"  # resets the connection instead of an answer; the operation does not run
    RESET_MIDWAY = "reset_midway"  # resets the connection in the middle of an answer; the operation does not run
    DELAY = "delay"  # answers, later
    TRICKLE = "trickle"  # answers, a few bytes at a time
    LOSE_ANSWER = "lose_answer"  # does what was asked, then resets the connection: the client cannot know

    @property
    def replaces_answer(self) -> bool:
        """Whether the operation does not run."""
        return self not in (Effect.DELAY, Effect.TRICKLE, Effect.LOSE_ANSWER)


class FaultRule(Struct, frozen=True):
    """Which calls go wrong, and how. `match` is a search; every other condition counts the calls that it finds."""

    name: str
    effect: Effect
    match: str = ""
    nth: int | None = None  # only the n-th of them
    after: int = 0  # not the first so many
    times: int | None = None  # no more often than this
    share: float | None = None  # this part of them, by a generator that `seed` fixes
    seed: int = 0
    code: int | None = None  # of a fault
    status: int | None = None  # of http_status
    delay: float = 0.0  # seconds before the answer, whatever the effect
    bytes_per_second: int = 100  # of a trickle
    seen: int = 0  # how many calls `match` has found
    fired: int = 0  # how many of them went wrong


class SignatureCheck(Struct, frozen=True):
    """What was found about a signature. `findings` is empty when it was right; `fault` is the code it earned."""

    user_id: str | None
    findings: tuple[str, ...] = ()
    fault: int | None = None
    signed_string: str | None = None
    timestamp_form: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the caller is who it says it is, and in time."""
        return not self.findings

    def bounded(self) -> SignatureCheck:
        """The check as it is kept: what a client sent at any length is cut in it."""
        if len(self.signed_string or "") + len(self.user_id or "") <= LONGEST_QUOTE:
            return self
        return replace(
            self,
            user_id=None if self.user_id is None else cut(self.user_id, LONGEST_QUOTE),
            findings=tuple(cut(finding) for finding in self.findings),
            signed_string=None if self.signed_string is None else cut(self.signed_string),
        )


class RequestFields(Struct, frozen=True):
    """What a request said, as texts: its keys by the names of `Key`, the workspace, its attributes as sent.

    Of several records over REST, which are not very many, `records` are those of each.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    records: tuple[Mapping[str, str], ...] = ()

    def bounded(self) -> RequestFields:
        """As much as the record of a call keeps: long values cut, and of very many attributes the first, no records."""
        room, attributes = SMALL_REQUEST, {}
        for name, value in self.attributes.items():
            shown = cut(name, LONGEST_QUOTE), cut(value)
            room -= len(shown[0]) + len(shown[1])
            if room < 0:
                break
            attributes[shown[0]] = shown[1]
        return RequestFields({name: cut(value) for name, value in self.keys.items()}, attributes)


class Call(Struct, frozen=True):
    """One call, whole: what came, what was answered, who asked, and why it was answered so."""

    at: Moment
    version: str
    request: bytes
    response: bytes
    http_status: int
    status: str  # CREATED, UPDATED, OK, or the fault's code
    milliseconds: float
    sequence: int = 0  # its place in the journal
    fields: RequestFields = field(default_factory=RequestFields)
    injected: str | None = None  # what a fault rule did to it
    operation: str | None = None
    subscription: str | None = None
    user_id: str | None = None
    remote: str | None = None
    fault_code: int | str | None = None
    fault_message: str | None = None
    lead_id: int | None = None
    signature: SignatureCheck | None = None
    trace: Trace = field(default_factory=Trace)
    warnings: tuple[Warning, ...] = ()
    dry_run: bool = False  # nothing of it was written: what it would have done
    request_bytes: int | None = None  # how long it was, where only its beginning is kept
    response_bytes: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # of HTTP, those that tell something: SOAPAction ...
    time_zone: str = "UTC"  # the subscription's, in which people read `at`
    clock: str = "real"  # or frozen, or offset: how far `at` is to be believed
    api: str = "soap"  # or rest
    endpoint: str | None = None  # of the REST API: its method and path
    query: str = ""  # of the address, secrets aside

    def numbered(self, sequence: int) -> Call:
        """The call with its place in the journal."""
        return replace(self, sequence=sequence)

    def without_bodies(self, sequence: int, request_bytes: int | None, response_bytes: int | None) -> Call:
        """The record of the call alone, as the journal keeps it beside the bodies."""
        return replace(
            self,
            sequence=sequence,
            request=b"",
            response=b"",
            request_bytes=request_bytes,
            response_bytes=response_bytes,
        )
