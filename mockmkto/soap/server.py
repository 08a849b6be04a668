"""The API over SOAP: bytes to answer, in every version, for every subscription of a registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mockmkto.bounds import DEFAULT_MAX_ELEMENTS, SMALL_REQUEST
from mockmkto.calls.handling import Calls
from mockmkto.calls.hosts import host_that_may_mean_one
from mockmkto.calls.pending import Answer, PendingCall
from mockmkto.model import Call
from mockmkto.soap.dispatch import dispatcher
from mockmkto.soap.request import SoapRequest
from mockmkto.store.registry import Registry

__all__ = ["Answer", "SoapServer"]


class SoapServer:
    """The API of every subscription of a registry, in every version. Safe to call from many threads.

    Attributes:
        calls: how its calls are handled and recorded, and those of any other wire.

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
        self.calls = Calls(registry, on_call, keep_journal=keep_journal)
        self._max_elements = max_elements

    @property
    def answered(self) -> int:
        """How many calls were answered, of every subscription."""
        return self.calls.answered

    def answer(
        self,
        version: str,
        body: bytes,
        content_type: str | None = None,
        remote: str | None = None,
        host: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to one request. Raises ValueError for a version that there is not, and nothing else.

        `host` is what the request says in `Host`: a name there may mean a subscription (`hosts` of a fixture).
        `headers` are those that the record of the call shows.
        """
        answer, _ = self.exchange(version, body, content_type, remote, host, headers)
        return answer

    def answer_now(
        self,
        version: str,
        body: bytes,
        content_type: str | None = None,
        remote: str | None = None,
        host: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """The answer to one request, made on this thread without any waiting; `None` where that cannot be.

        Then nothing has happened yet, and `answer` is for a thread that may wait: for the store, for a subscription
        that is somebody else's at the moment, for an injected delay, for a large request, or for the explanation of a
        signature that is wrong. Raises ValueError for a version that there is not.
        """
        if len(body) > SMALL_REQUEST:
            return None
        pending, request = self._pending(version, body, content_type, remote, host, headers)
        done = self.calls.exchange_now(pending, request)
        return done[0] if done is not None else None

    def exchange(
        self,
        version: str,
        body: bytes,
        content_type: str | None = None,
        remote: str | None = None,
        host: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Answer, Call]:
        """The same as `answer`, with the record of the call as it is in the journal."""
        return self.calls.exchange(*self._pending(version, body, content_type, remote, host, headers))

    def dry_run(self, version: str, body: bytes, content_type: str | None = None) -> tuple[Answer, Call]:
        """What the same request would be answered now, and why; nothing is written, counted, delayed or told.

        Raises:
            ValueError: there is no such version.
        """
        return self.calls.rehearse(*self._pending(version, body, content_type))

    def _pending(
        self,
        version: str,
        body: bytes,
        content_type: str | None,
        remote: str | None = None,
        host: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[PendingCall, SoapRequest]:
        pending = PendingCall(
            version,
            body,
            remote,
            headers or ({"Content-Type": content_type} if content_type else {}),
            host_that_may_mean_one(host),
            max_elements=self._max_elements,
        )
        return pending, SoapRequest(pending, content_type, dispatcher(version))
