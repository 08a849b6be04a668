"""The API over REST: a request to its answer, for every subscription of a registry."""

from __future__ import annotations

import gzip

from mockmkto.bounds import SMALL_REQUEST
from mockmkto.calls.handling import Calls
from mockmkto.calls.hosts import host_that_may_mean_one
from mockmkto.calls.pending import Answer, PendingCall
from mockmkto.model import Call, Client
from mockmkto.rest.incoming import Incoming, body_without_secrets, without_secrets
from mockmkto.rest.request import RestRequest

__all__ = ["RestServer"]

_VERSION = "v1"
_LEAST_PACKED = 1024  # bytes of an answer (documented)


class RestServer:
    """The REST API of every subscription of a registry. Safe to call from many threads.

    Args:
        calls: how calls are handled and recorded, those of the SOAP API too.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def answer(self, incoming: Incoming) -> Answer:
        """The answer to one request. Raises nothing."""
        answer, _ = self.exchange(incoming)
        return _packed(answer, incoming)

    def answer_now(self, incoming: Incoming) -> Answer | None:
        """The answer, made on this thread without any waiting; `None`, and nothing done, where it cannot be."""
        if len(incoming.body) > SMALL_REQUEST:
            return None
        done = self._calls.exchange_now(*_pending(incoming))
        return _packed(done[0], incoming) if done is not None else None

    def exchange(self, incoming: Incoming, client: Client | None = None) -> tuple[Answer, Call]:
        """The answer as it is before it is packed, with the record of the call as it is in the journal.

        With a client, as if it had come with a token of that one's.
        """
        return self._calls.exchange(*_pending(incoming, client))

    def dry_run(self, incoming: Incoming, client: Client | None = None) -> tuple[Answer, Call]:
        """What the same request would be answered now, and why; nothing is written, counted, delayed or told.

        With a client, as if it had come with a token of that one's.
        """
        return self._calls.rehearse(*_pending(incoming, client))


def _pending(incoming: Incoming, client: Client | None = None) -> tuple[PendingCall, RestRequest]:
    pending = PendingCall(
        _VERSION,
        body_without_secrets(incoming.body),
        incoming.remote,
        incoming.headers,
        host_that_may_mean_one(incoming.host),
        api="rest",
        query=without_secrets(incoming.query),
    )
    return pending, RestRequest(pending, incoming, client)


def _packed(answer: Answer, incoming: Incoming) -> Answer:
    """The answer in gzip, where the client takes that and it is long enough; never of the bulk API (documented)."""
    if len(answer.body) < _LEAST_PACKED or answer.status != 200 or answer.reset_after is not None:
        return answer
    if "gzip" not in (incoming.accept_encoding or "").lower() or "/bulk/" in incoming.path:
        return answer
    headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return Answer(
        answer.status,
        gzip.compress(answer.body, 6, mtime=0),
        answer.content_type,
        bytes_per_second=answer.bytes_per_second,
        headers=headers,
    )
