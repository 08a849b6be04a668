"""Who starts, and who makes or deletes a subscription, among the servers over one PostgreSQL.

A server that starts is alone; many may make subscriptions at once, each name by one of them. Both are locks of one
connection that is used for nothing else: a server that is killed lets go of them, and none waits for a pool.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from mockmkto.clock import stopwatch
from mockmkto.store.backend import BeingMadeError
from mockmkto.store.connecting import LOCK_SECONDS
from mockmkto.store.locks import LockConnection
from mockmkto.store.postgres import advisory_key

__all__ = ["Gate"]

_log = logging.getLogger("mockmkto.store")

PATIENCE = 60.0  # seconds that somebody who makes a subscription waits for a server that starts
TOGETHER = 5.0  # seconds: who comes later lets those end that make one, so that a server that starts gets its turn


class Gate:
    """One server's side of it. Safe to use from many threads."""

    def __init__(self, engine: Engine, root: str) -> None:
        self._locks = LockConnection(engine)
        self._root = root
        self._key = advisory_key(root, "start")
        self._news = threading.Condition()
        self._makers = 0
        self._since = 0.0  # when the first of them came
        self._inside = threading.local()

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Alone among all servers until the block ends; within it making is no more."""
        if not self._locks.ask(f"SELECT pg_try_advisory_lock({self._key})"):
            _log.info("another server over this database is starting, or makes a subscription: waiting for it")
            self._locks.ask(f"SET lock_timeout TO 0; SELECT pg_advisory_lock({self._key})")
        self._inside.is_on = True
        try:
            yield
        finally:
            self._inside.is_on = False
            self._let_go(f"SELECT pg_advisory_unlock({self._key})")

    @contextmanager
    def making(self, name: str | None) -> Iterator[None]:
        """While no other server starts; with a name, while nobody else makes a subscription of that name.

        Raises:
            BeingMadeError: another server makes one of that name.
            sqlalchemy.exc.OperationalError: a server that starts took too long, or PostgreSQL is not there.
        """
        if getattr(self._inside, "is_on", False):
            with self._named(name):
                yield
            return
        self._enter()
        self._inside.is_on = True
        try:
            with self._named(name):
                yield
        finally:
            self._inside.is_on = False
            self._leave()

    def close(self) -> None:
        """Let go of every lock."""
        self._locks.close()

    def _enter(self) -> None:
        with self._news:
            self._news.wait_for(lambda: not self._makers or stopwatch() - self._since < TOGETHER)
            if not self._makers:
                wait = f"SET lock_timeout TO {int(PATIENCE * 1000)}; SELECT pg_advisory_lock_shared({self._key})"
                self._locks.ask(wait)
                self._since = stopwatch()
            self._makers += 1

    def _leave(self) -> None:
        with self._news:
            self._makers -= 1
            if not self._makers:
                self._let_go(f"SELECT pg_advisory_unlock_shared({self._key})")
                self._news.notify_all()

    @contextmanager
    def _named(self, name: str | None) -> Iterator[None]:
        if name is None:
            yield
            return
        key = advisory_key(self._root, "make", name)
        if not self._locks.ask(f"SELECT pg_try_advisory_lock({key})"):
            raise BeingMadeError(name)
        try:
            yield
        finally:
            self._let_go(f"SELECT pg_advisory_unlock({key})")

    def _let_go(self, statement: str) -> None:
        self._locks.let_go(statement, LOCK_SECONDS)
