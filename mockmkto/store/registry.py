"""Which subscriptions there are, and whose credentials open them."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime

from sqlalchemy import delete

from mockmkto.model import Client, Credential
from mockmkto.settings import DEFAULT_JOURNAL_BYTES, DEFAULT_JOURNAL_SIZE
from mockmkto.store.access import Access
from mockmkto.store.backend import Backend, BeingMadeError, ClosedDatabaseError
from mockmkto.store.callers import (
    KINDS,
    DuplicateClientError,
    DuplicateUserError,
    GoneError,
    SubscriptionError,
    TakenError,
)
from mockmkto.store.database import Database, Session
from mockmkto.store.local import LocalBackend
from mockmkto.store.making import Making, Templates
from mockmkto.store.snapshots import Snapshot
from mockmkto.store.statements import Statements
from mockmkto.store.subscriptions import (
    AT_POSITION,
    BEGIN,
    LAST_POSITION,
    LET_GO_OF,
    NAMES,
    POSITION,
    PUBLISH,
    REMOVE,
    REMOVE_AT,
    ROWS,
    callers_of,
)
from mockmkto.store.tables import GOING, registry_metadata, subscription

__all__ = [
    "DEFAULT_SUBSCRIPTION",
    "DuplicateClientError",
    "DuplicateUserError",
    "GoneError",
    "Registry",
    "SubscriptionError",
    "TakenError",
]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

DEFAULT_SUBSCRIPTION = "default"


class Registry(Access):
    """All subscriptions of a sandbox: in memory unless it is given a backend, which may outlive the server."""

    def __init__(
        self,
        backend: Backend | None = None,
        *,
        journal_size: int = DEFAULT_JOURNAL_SIZE,
        journal_bytes: int = DEFAULT_JOURNAL_BYTES,
    ) -> None:
        self._backend = backend if backend is not None else LocalBackend()
        self._journal_limits = {"journal_size": journal_size, "journal_bytes": journal_bytes}
        self._lock = threading.Lock()
        self._open: dict[str, Database] = {}
        self._templates = Templates()
        self._changing = threading.RLock()  # which subscriptions there are
        self._making = Making()
        with ExitStack() as unless_all_can_be_used:
            unless_all_can_be_used.callback(self.close)
            super().__init__(self._backend.registry(registry_metadata), shared=self._backend.shared)
            self._sql.create_tables()
            rows = self._sql.read(ROWS)
            there = {row.name for row in rows if row.position > 0}
            self._backend.check(there, {row.name for row in rows} - there)
            for name in self.names() if not self._backend.shared else ():
                assert self._opened(name).calls >= 0  # says at once what is wrong with its journal, too
            unless_all_can_be_used.pop_all()

    # -----------------------------------------------------------------------------------------------------------------
    # Subscriptions

    @property
    def in_memory(self) -> bool:
        """Whether nothing of it waits for a disk, or for anything else outside this process."""
        return self._backend.in_memory

    def turn_at_once(self, until: ExitStack) -> bool:
        """See to it that this thread need not wait to read who may call until that ends; whether it can be."""
        return self._sql.turn_at_once(until)

    def names(self) -> tuple[str, ...]:
        """The subscriptions, in the order in which they were made."""
        return tuple(row.name for row in self._sql.read(NAMES))

    def look(self) -> None:
        """See whether what keeps everything can be read; in memory nothing could be wrong with it.

        Raises:
            sqlalchemy.exc.OperationalError, OSError: it cannot.
        """
        if not self.in_memory:
            self._sql.read(NAMES)

    def get(self, name: str) -> Database | None:
        """The subscription's database, `None` when there is no such subscription."""
        if not self._backend.shared:
            return self._open.get(name)
        known = self._open.get(name)
        if self._making.is_under_way(name):  # it is not there yet, and whoever asks for it must not end that
            known = None
        if self._is_there(name):
            return self._opened_if_there(name)
        if known is not None:
            self._let_go(name, known)
        return None

    def _is_there(self, name: str) -> bool:
        if not _NAME.fullmatch(name):
            return False
        rows = self._sql.read(POSITION, {"wanted": name})
        return bool(rows) and (rows[0].position > 0 or (rows[0].position > GOING // 2 and self._making.is_here(name)))

    def opened_by(self, caller: Credential | Client) -> Database | None:
        """The database of the subscription that a credential or a client opens, which was found a moment ago."""
        return self._opened_if_there(caller.subscription)

    def hosts(self) -> tuple[str, ...]:
        """Every host name that means a subscription."""
        found: list[str] = []
        for name in self.names():
            database = self.get(name)
            if database is not None:
                with database.transaction() as session:
                    found += session.world.hosts
        return tuple(found)

    @property
    def knows_hosts(self) -> bool:
        """Whether which host means which subscription can be said without waiting for any of them."""
        return all(database.world_as_last_read is not None for database in tuple(self._open.values()))

    def named_by(self, host: str) -> Database | None:
        """The subscription that a host name means, `None` when it means none."""
        for name in self.names() if self._backend.shared else tuple(self._open):
            database = self.get(name)
            if database is None:
                continue
            world = database.world_as_last_read
            if world is None:  # nobody has called it yet
                with database.transaction() as session:
                    world = session.world
            if host in world.hosts:
                return database
        return None

    def default(self) -> Database | None:
        """Where calls go that open no subscription: `default`, or the first that there is."""
        if self._backend.shared:
            names = self.names()
            first = DEFAULT_SUBSCRIPTION if DEFAULT_SUBSCRIPTION in names else next(iter(names), None)
            return self._opened_if_there(first) if first is not None else None
        named = self._open.get(DEFAULT_SUBSCRIPTION)
        return named if named is not None else next(iter(self._open.values()), None)

    def _opened_if_there(self, name: str) -> Database | None:
        """Its database; `None` when another server has just deleted it, or was killed before it had made it."""
        if not self._backend.shared:
            return self._open.get(name)
        try:
            return self._opened(name)
        except ClosedDatabaseError:
            return None

    def _opened(self, name: str, *, new: bool = False) -> Database:
        database = self._open.get(name)
        if database is None:
            # Not under the lock: it may have to wait for another server, and those who want another one need not.
            new = new or not self._backend.shared
            callers = callers_of(name) if self._backend.shared else None
            made = Database(name, self._backend.storage(name), new=new, callers=callers, **self._journal_limits)
            with self._lock:
                database = self._open.setdefault(name, made)
            if database is not made:
                made.close()
        return database

    def _let_go(self, name: str, known: Database | None = None) -> None:
        with self._lock:
            if known is not None and self._open.get(name) is not known:
                return
            database = self._open.pop(name, None)
        if database is not None:
            database.close()

    def starting(self) -> AbstractContextManager[None]:
        """Alone among all servers: nobody else starts, or makes a subscription, until the block ends."""
        return self._backend.starting()

    def clear_up(self) -> None:
        """Remove what there is of subscriptions whose making or whose deletion was broken off: the rows say which."""
        for row in self._sql.read(ROWS):
            if row.position < 0:
                self._backend.clear(row.name)
        with self._writing() as connection:
            connection.execute(delete(subscription).where(subscription.c.position < 0))
            for kind in KINDS:
                kind.forget_orphans(connection)

    @contextmanager
    def making(self, name: str) -> Iterator[None]:
        """Make a subscription within the block: nobody else sees it before the block ends, nor if it raises.

        Raises:
            SubscriptionError: somebody else makes one of that name.
        """
        if self._making.is_here(name):
            yield
            return
        try:
            with self._making.alone(name), self._backend.making(name):
                yield
                with self._writing() as connection:
                    Statements(connection).run(PUBLISH, {"wanted": name})
        except BeingMadeError:
            raise SubscriptionError(f"subscription {name!r} exists already") from None

    def create(self, name: str) -> Database:
        """A new subscription, empty.

        Raises:
            SubscriptionError: the name is taken, or is none; or there is something of that name which is none of ours.
        """
        if not _NAME.fullmatch(name):
            raise SubscriptionError(
                f"subscription name {name!r}: expected 1 to 64 letters, digits, dots, dashes and underscores"
            )
        with self.making(name), self._changing:
            with self._writing() as connection:
                statements = Statements(connection)
                there = statements.first(POSITION, {"wanted": name})
                if there is None:
                    self._backend.refuse_unknown(name)
                elif there.position > 0:
                    raise SubscriptionError(f"subscription {name!r} exists already")
                else:  # what a server left that was killed while it made or deleted one
                    self._backend.clear(name)
                (last,) = statements.rows(LAST_POSITION)[0]
                statements.run(REMOVE, {"wanted": name})
                statements.run(BEGIN, {"name": name, "position": -(last or 0) - 1, "callers": uuid.uuid4().hex})
            try:
                database = self._opened(name, new=True)
                if self._backend.shared:
                    assert database.journal  # other servers, which may know one of that name, expect its tables
            except BaseException:
                self._let_go(name)
                self._backend.clear(name)  # where that fails, the row stays, and says that it is still to be done
                with self._writing() as connection:
                    Statements(connection).run(REMOVE, {"wanted": name})
                raise
            return database

    def create_as(
        self,
        name: str,
        template: Database,
        given: Sequence[Credential],
        clients: Sequence[Client] = (),
        *,
        shared: bool = True,
    ) -> Database:
        """A new subscription that begins as a template, which is its baseline as well; all of it, or none.

        Raises:
            SubscriptionError: the name is taken, or is none.
            TakenError: a user id or a client id opens another subscription.
        """
        with self.making(name):
            database = self.create(name)
            try:
                if shared:
                    database.begin_as(template)
                else:
                    database.copy_from(template)
                for baseline in (False, True):
                    self.set_callers(name, given, clients, baseline=baseline)
            except BaseException:
                with suppress(GoneError):
                    self.delete(name)
                raise
            return database

    def delete(self, name: str) -> None:
        """Remove a subscription, who may call it, and its files.

        Raises:
            SubscriptionError: there is no such subscription.
        """
        with self._backend.making(), self._changing:
            with self._writing(name) as connection:
                statements = Statements(connection)
                if not statements.run(LET_GO_OF, {"wanted": name}):
                    raise GoneError(name)
                for kind in KINDS:
                    kind.forget(connection, name)
                (going,) = statements.rows(POSITION, {"wanted": name})[0]
            self._let_go(name)
            it = {"wanted": name, "at": going}
            # Another server may have made one of that name by now.
            self._backend.clear(name, unless=lambda: not self._sql.read(AT_POSITION, it))
            with self._writing() as connection:
                Statements(connection).run(REMOVE_AT, it)

    def template(self, key: str, fill: Callable[[Session], None]) -> Database | None:
        """What new subscriptions of one kind begin as, filled the first time; it is nobody's subscription itself.

        Not to be changed: subscriptions share it as their baseline. `None`: there are too many already.
        """
        return self._templates.filled(key, fill)

    def reset(self, name: str) -> None:
        """Return a subscription to its baseline: leads, world, clock, counters, who may call; its journal is emptied.

        Raises:
            SubscriptionError: there is no such subscription.
        """
        database = self.get(name)
        if database is None:
            raise GoneError(name)
        database.reset()
        database.journal.clear()
        with self._writing(name) as connection:
            for kind in KINDS:
                kind.return_to_baseline(connection, name)

    def set_aside(self, database: Database, snapshot: str | None, taken_at: datetime) -> Snapshot:
        """Take a snapshot of a subscription, numbered without a name: leads, world, clock, counters and who may call.

        Raises:
            SnapshotNameError: the name cannot be one.
        """
        return database.snapshots.take(snapshot, taken_at, self.credentials(database.name), self.clients(database.name))

    def go_back(self, database: Database, snapshot: str) -> bool:
        """Restore a snapshot of a subscription, its credentials and clients too; whether it was there.

        The journal stays, and so does an id that opens another subscription by now: it is left to that.
        """
        restored = database.snapshots.restore(snapshot)
        if restored is None:
            return False
        name = database.name
        clients = restored.clients
        if clients is not None:
            clients = tuple(item for item in clients if _free(self.client(item.client_id), name))
        credentials = [item for item in restored.credentials if _free(self.credential(item.user_id), name)]
        self.set_callers(name, credentials, clients)
        return True

    def set_baseline(self, name: str) -> None:
        """Remember a subscription as it is now, and who may call it: a reset returns to this.

        Raises:
            SubscriptionError: there is no such subscription.
        """
        database = self.get(name)
        if database is None:
            raise GoneError(name)
        database.set_baseline()
        with self._writing() as connection:
            for kind in KINDS:
                kind.keep_as_baseline(connection, name)

    def close(self) -> None:
        """Let go of every database; what outlives the server stays."""
        with self._lock:
            for database in self._open.values():
                database.close()
            self._open.clear()
            self._templates.close()
            self._backend.close()


def _free(owner: Credential | Client | None, name: str) -> bool:
    """Whether a subscription may have the id that opens this one, or none."""
    return owner is None or owner.subscription == name
