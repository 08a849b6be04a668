"""Recorded calls, sent to a double of their own in their order, and each answer beside the recorded one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mockmkto.model import Call, Credential
from mockmkto.soap.contract import VERSIONS
from mockmkto.soap.server import SoapServer
from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import Registry
from mockmkto.traffic.comparing import Difference, Ids, compare
from mockmkto.traffic.exchange import Exchange, parse_xml
from mockmkto.traffic.signing import made_ours, operation_of
from mockmkto.worlds import FixtureWorld, load

__all__ = ["DEFAULT_VERSION", "Outcome", "Replay", "replaying"]

DEFAULT_VERSION = "2_9"
"""In which version a call is sent whose recording does not say its address."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recorded call. `call` is ours as it was explained; without one it could not be sent."""

    exchange: Exchange
    operation: str
    answer: bytes = b""
    differences: tuple[Difference, ...] = ()
    call: Call | None = None
    left_out: str = ""  # why it was not sent


class Replay:
    """A double with one subscription, to which recorded calls are sent."""

    def __init__(self, registry: Registry, credential: Credential, version: str = DEFAULT_VERSION) -> None:
        self._registry = registry
        self._credential = credential
        self._version = version
        self._server = SoapServer(registry, lambda _: None, keep_journal=False)
        self.ids = Ids()

    def send(self, exchange: Exchange) -> Outcome:
        """The same request, signed anew; and where our answer differs from the recorded one."""
        root = parse_xml(exchange.request)
        if root is None:
            return Outcome(exchange, "?", left_out="its request is no XML")
        operation = operation_of(root)
        if operation is None:
            return Outcome(exchange, "?", left_out="its request has no call")
        if parse_xml(exchange.answer) is None:
            return Outcome(exchange, operation, left_out="its recorded answer is no XML")
        version = exchange.version or self._version
        if version not in VERSIONS:
            return Outcome(exchange, operation, left_out=f"there is no version {version}")
        database = self._registry.get(self._credential.subscription)
        if database is None:
            raise LookupError(f"the subscription {self._credential.subscription} is gone")
        with database.transaction() as session:
            now = session.now
        request = made_ours(root, self._credential, now, self.ids)
        answer, call = self._server.exchange(version, request, "text/xml; charset=utf-8")
        differences = compare(exchange.answer, answer.body, self.ids)
        return Outcome(exchange, operation, answer.body, tuple(differences), call)

    def run(self, exchanges: Iterable[Exchange]) -> Iterator[Outcome]:
        """The outcome of each, one by one."""
        for exchange in exchanges:
            yield self.send(exchange)


@contextmanager
def replaying(world: FixtureWorld, version: str = DEFAULT_VERSION) -> Iterator[Replay]:
    """A double of this world, in memory, for as long as the block lasts."""
    registry = Registry(LocalBackend())
    try:
        credential = Credential("replay", ("replay",), world.subscription)
        load(world, registry)
        registry.set_credentials(world.subscription, (credential,))
        yield Replay(registry, credential, version)
    finally:
        registry.close()
