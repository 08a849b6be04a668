"""How a family declares an operation: what it is called, what it takes and gives, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from mockmkto.model import RequestFields, SyncLeadResult, TraceBuilder
from mockmkto.soap.types import Model
from mockmkto.store.database import Session

__all__ = ["CallUnderWay", "Declaration"]


class CallUnderWay(Protocol):
    """What an operation needs of the call that asked for it."""

    version: str

    @property
    def open_session(self) -> Session:
        """The transaction on the subscription."""

    @property
    def trace(self) -> TraceBuilder:
        """Where the engine notes what it decides."""

    def synced(self, result: SyncLeadResult) -> SyncLeadResult:
        """Note what became of a lead."""

    def done(self, status: str, lead_id: int | None = None) -> None:
        """Note what the answer says became of it, and of which lead."""


def _nothing_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001  # a `said` takes both
    return RequestFields()


class Declaration(Struct, frozen=True):
    """An operation of the contract. `params` and `success` are models of all versions (see `types.in_version`)."""

    name: str
    params: type[Model]
    success: type[Model]
    documentation: str  # published
    run: Callable[[CallUnderWay, Any, Mapping[str, Any]], Any]
    """Does it: the call, its params and its headers by name, as read, to an instance of `success`."""
    said: Callable[[Any, Mapping[str, Any]], RequestFields] = field(default=_nothing_said)
    """What its params and headers say, as texts, for the journal and for the rules that look at it."""
    takes_context: bool = False  # whether its binding lists the context header
