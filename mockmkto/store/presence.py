"""Which calls are under way on the servers over one PostgreSQL: counted by locks, which go when a server is killed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from mockmkto.deadlines import remaining
from mockmkto.store.connecting import LOCK_SECONDS
from mockmkto.store.locks import LockConnection
from mockmkto.store.postgres import advisory_key

__all__ = ["Presence"]


class Presence:
    """Each call holds a lock of this connection as long as it lasts, and all servers' locks can be counted."""

    def __init__(self, engine: Engine) -> None:
        self._locks = LockConnection(engine)
        self._calls = itertools.count(1)

    @contextmanager
    def of_a_call(self, subscription: str, kind: str) -> Iterator[int]:
        """Hold a lock for a call as long as the block lasts: how many of its kind the subscription has, with it."""
        group = advisory_key(subscription, "call", kind) & 0x7FFFFFFF
        number = next(self._calls) & 0x7FFFFFFF
        patience = max(1, int(remaining(LOCK_SECONDS) * 1000))
        begin = _BEGIN_CALL.format(group=group, number=number, patience=patience)
        at_once: int = self._locks.ask(begin, LOCK_SECONDS)
        try:
            yield at_once
        finally:
            self._locks.let_go(_END_CALL.format(group=group, number=number), LOCK_SECONDS)

    def close(self) -> None:
        """Let go of every lock."""
        self._locks.close()


# One call after the other, or two that come together would each find the other one there before it.
_BEGIN_CALL = (
    "BEGIN; SET LOCAL lock_timeout TO {patience}; SELECT pg_advisory_xact_lock({group}); "
    "SELECT pg_advisory_lock_shared({group}, {number}); "
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = {group} "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()); COMMIT"
)
_END_CALL = "SELECT pg_advisory_unlock_shared({group}, {number})"
