"""One call as an operation sees it: what was asked, the open session of its subscription, and the trace it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mockmkto.calls.pending import PendingCall
from mockmkto.errors import RestCode, RestError
from mockmkto.model import RecordStep, TraceBuilder, World
from mockmkto.rest.parameters import Parameters, whole_number
from mockmkto.store.database import Session

if TYPE_CHECKING:
    from mockmkto.model import Client
    from mockmkto.rest.incoming import Incoming
    from mockmkto.rest.multipart import Multipart

__all__ = ["MOST_RECORDS", "RestCall"]

MOST_RECORDS = 300
"""Records of one call (documented)."""


class RestCall:
    """One call. What it reads of the request, it may read often.

    Attributes:
        session: the open transaction of the subscription.
        pieces: of the path, by their names in the map of routes.
        parameters: of the query, and of a form.
        incoming: the request as it came over HTTP.
        sent: what was read of a large body before the subscription was held.
    """

    def __init__(
        self,
        pending: PendingCall,
        incoming: Incoming,
        pieces: Mapping[str, str],
        parameters: Parameters,
        body: Callable[[], Any],
        client: Client | None,
    ) -> None:
        self.pending = pending
        self.incoming = incoming
        self.pieces = pieces
        self.parameters = parameters
        self._body = body
        self._client = client
        self._multipart: Multipart | None = None
        self.sent: object = None

    @property
    def session(self) -> Session:
        """The open transaction of the subscription."""
        return self.pending.open_session

    @property
    def trace(self) -> TraceBuilder:
        """Where it is told how the call was decided."""
        return self.pending.trace

    @property
    def world(self) -> World:
        """The subscription's fields, partitions and switches."""
        return self.session.world

    @property
    def client(self) -> Client:
        """Who calls."""
        if self._client is None:
            raise RuntimeError("an operation was called before its caller was known")
        return self._client

    # -----------------------------------------------------------------------------------------------------------------
    # What was asked

    def number(self, piece: str, missing: RestError) -> int:
        """The number in the path. Raises `missing` where it is none: nothing has such an id."""
        try:
            return whole_number(self.pieces[piece])
        except RestError:
            raise missing from None

    @property
    def body(self) -> Any:
        """What the body says in JSON; `None` where there is none.

        Raises:
            RestError: 612 it is said to be something else; 609 it is not JSON.
        """
        return self._body()

    def members(self) -> dict[str, Any]:
        """The members of the object that the body is; none where there is no body.

        Raises:
            RestError: 612, 609; also where it is JSON, but no object.
        """
        body = self.body
        if body is None:
            return {}
        if not isinstance(body, dict):
            raise RestError(RestCode.INVALID_JSON)
        return body

    def member(self, name: str) -> Any:
        """A member of the body, or where it has none, a parameter of that name; `None` where neither was given."""
        value = self.members().get(name) if self.incoming.body else None
        return value if value is not None else self.parameters.text(name)

    def records(self, most: int = MOST_RECORDS) -> list[dict[str, Any]]:
        """The objects of `input`, one at least.

        Raises:
            RestError: 612, 609; 1002 there is no input; 1001 it is no list of objects; 1003 there are too many
                (documented is the bound; the codes are assumed).
        """
        records = self.members().get("input")
        if records is None or records == []:
            if self.incoming.is_form and self.incoming.body.lstrip()[:1] == b"{":
                self.trace.warn("body", "the body is a form, as its Content-Type says: JSON is application/json")
            raise RestError.missing_parameter("input")
        if isinstance(records, dict):
            records = [records]
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise RestError.invalid_type("input", "List")
        if len(records) > most:
            raise RestError.invalid_data(f"{len(records)} records in input: {most} are the most")
        return records

    def ids(self, name: str = "id", member: str = "id", most: int = MOST_RECORDS) -> list[int]:
        """Ids, as they are given in all three documented ways: `id=1&id=2`, `id=1,2`, `{"input": [{"id": 1}]}`.

        Raises:
            RestError: 1003 `Lead ids not specified` (captured); 1001 one is no number; 1003 there are too many.
        """
        found: list[Any] = list(self.parameters.texts(name))
        if not found and self.incoming.body and not self.incoming.is_form:
            given = self.members().get("input")
            if isinstance(given, dict):
                given = [given]
            items = given if isinstance(given, list) else []
            found = [item.get(member) if isinstance(item, dict) else item for item in items]
        if not found:
            raise RestError.not_specified("Lead ids")
        if len(found) > most:
            raise RestError.invalid_data(f"{len(found)} ids: {most} are the most")
        return [whole_number(str(item)) for item in found]

    def multipart(self) -> Multipart:
        """The parts of the body.

        Raises:
            RestError: 613, it has none.
        """
        if self._multipart is None:
            from mockmkto.rest.multipart import read_multipart

            self._multipart = read_multipart(self.incoming)
        return self._multipart

    # -----------------------------------------------------------------------------------------------------------------
    # What became of it

    def note_record(
        self,
        position: int,
        status: str,
        *,
        lead_id: int | None = None,
        object_id: str | None = None,
        error: RestError | None = None,
        reason: str = "",
    ) -> None:
        """Tell what became of one record of the request; `position` counts from 1."""
        self.trace.record(
            RecordStep(
                position,
                status,
                lead_id=lead_id,
                object_id=object_id,
                error=None if error is None else error.brief,
                reason=reason,
            )
        )
