"""Which subscriptions there are, and whose credentials open them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from mockmkto.model import Credential
from mockmkto.settings import DEFAULT_JOURNAL_SIZE
from mockmkto.store.backend import Backend, ClosedDatabaseError
from mockmkto.store.database import Database, Session
from mockmkto.store.local import LocalBackend
from mockmkto.store.snapshots import Snapshot
from mockmkto.store.tables import baseline_credential, credential, registry_metadata, subscription

__all__ = ["DEFAULT_SUBSCRIPTION", "DuplicateUserError", "Registry", "SubscriptionError"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

DEFAULT_SUBSCRIPTION = "default"

MOST_TEMPLATES = 64  # worlds that are kept loaded, for new subscriptions to begin as

_names = select(subscription.c.name).order_by(subscription.c.position)
_name = select(subscription.c.name).where(subscription.c.name == bindparam("wanted"))
_credential_of = select(credential).where(credential.c.user_id == bindparam("user_id"))


class SubscriptionError(ValueError):
    """A subscription that cannot be made or found."""


class DuplicateUserError(ValueError):
    """A user id that opens another subscription already: a call could not tell which one it means."""


class Registry:
    """All subscriptions of a sandbox: in memory unless it is given a backend, which may outlive the server."""

    def __init__(self, backend: Backend | None = None, *, journal_size: int = DEFAULT_JOURNAL_SIZE) -> None:
        self._backend = backend if backend is not None else LocalBackend()
        self._journal_size = journal_size
        self._lock = threading.Lock()
        self._open: dict[str, Database] = {}
        self._templates: dict[str, Database] = {}
        self._making_template = threading.Lock()
        self._changing = threading.RLock()  # which subscriptions there are
        with ExitStack() as unless_all_can_be_used:
            unless_all_can_be_used.callback(self.close)
            self._sql = self._backend.registry(registry_metadata)
            self._sql.create_tables()
            for name in self.names() if not self._backend.shared else ():
                self._opened(name)
            unless_all_can_be_used.pop_all()

    # -----------------------------------------------------------------------------------------------------------------
    # Subscriptions

    def names(self) -> tuple[str, ...]:
        """The subscriptions, in the order in which they were made."""
        return tuple(row.name for row in self._sql.read(_names))

    def get(self, name: str) -> Database | None:
        """The subscription's database, `None` when there is no such subscription."""
        if not self._backend.shared:
            return self._open.get(name)
        if _NAME.fullmatch(name) and self._sql.read(_name, {"wanted": name}):
            return self._opened_if_there(name)
        self._let_go(name)
        return None

    def opened_by(self, credential: Credential) -> Database | None:
        """The database of the subscription that a credential opens, which was found a moment ago."""
        return self._opened_if_there(credential.subscription)

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
            made = Database(name, self._backend.storage(name), new=new, journal_size=self._journal_size)
            with self._lock:
                database = self._open.setdefault(name, made)
            if database is not made:
                made.close()
        return database

    def _let_go(self, name: str) -> None:
        with self._lock:
            database = self._open.pop(name, None)
        if database is not None:
            database.close()

    def starting(self) -> AbstractContextManager[None]:
        """Alone among all servers: nobody else starts, or makes a subscription, until the block ends."""
        return self._backend.starting()

    def clear_others(self) -> None:
        """Remove what there is of subscriptions that there are not: their deletion was broken off."""
        self._backend.clear_others(self.names())

    def making(self) -> AbstractContextManager[None]:
        """Make a subscription within the block: a server that starts does not find it half made."""
        return self._backend.making()

    def create(self, name: str) -> Database:
        """A new subscription, empty.

        Raises:
            SubscriptionError: the name is taken, or is none.
        """
        if not _NAME.fullmatch(name):
            raise SubscriptionError(
                f"subscription name {name!r}: expected 1 to 64 letters, digits, dots, dashes and underscores"
            )
        with self._changing:
            with self._sql.transaction() as connection:
                if connection.execute(_name, {"wanted": name}).first() is not None:
                    raise SubscriptionError(f"subscription {name!r} exists already")
                self._backend.clear(name)  # left by a server that was killed while it deleted one
                last = connection.scalar(select(func.max(subscription.c.position)))
                connection.execute(insert(subscription).values(name=name, position=(last or 0) + 1))
            try:
                return self._opened(name, new=True)
            except BaseException:
                with self._sql.transaction() as connection:
                    connection.execute(delete(subscription).where(subscription.c.name == name))
                raise

    def create_as(
        self, name: str, template: Database, credentials: Sequence[Credential], *, shared: bool = True
    ) -> Database:
        """A new subscription that begins as a template, which is its baseline as well; all of it, or none.

        Raises:
            SubscriptionError: the name is taken, or is none.
            DuplicateUserError: a user id opens another subscription.
        """
        with self.making():
            database = self.create(name)
            try:
                if shared:
                    database.begin_as(template)
                else:
                    database.copy_from(template)
                for baseline in (False, True):
                    self.set_credentials(name, credentials, baseline=baseline)
            except BaseException:
                self.delete(name)
                raise
            return database

    def delete(self, name: str) -> None:
        """Remove a subscription, its credentials and its files.

        Raises:
            SubscriptionError: there is no such subscription.
        """
        with self._changing:
            with self._sql.transaction() as connection:
                gone = connection.execute(delete(subscription).where(subscription.c.name == name)).rowcount
                if not gone:
                    raise SubscriptionError(f"there is no subscription {name!r}")
                for table in (credential, baseline_credential):
                    connection.execute(delete(table).where(table.c.subscription == name))
            self._let_go(name)
            # Another server may have made one of that name by now.
            self._backend.clear(name, unless=lambda: bool(self._sql.read(_name, {"wanted": name})))

    def template(self, key: str, fill: Callable[[Session], None]) -> Database | None:
        """What new subscriptions of one kind begin as, filled the first time; it is nobody's subscription itself.

        Not to be changed: subscriptions share it as their baseline. `None`: there are too many already.
        """
        with self._making_template:
            known = self._templates.get(key)
            if known is None:
                if len(self._templates) >= MOST_TEMPLATES:
                    return None
                known = Database("template")
                try:
                    with known.transaction() as session:
                        fill(session)
                except BaseException:
                    known.close()
                    raise
                self._templates[key] = known
            return known

    def reset(self, name: str) -> None:
        """Return a subscription to its baseline: leads, world, clock, counters and credentials; its journal is emptied.

        Raises:
            SubscriptionError: there is no such subscription.
        """
        database = self.get(name)
        if database is None:
            raise SubscriptionError(f"there is no subscription {name!r}")
        database.reset()
        database.journal.clear()
        with self._sql.transaction() as connection:
            connection.execute(delete(credential).where(credential.c.subscription == name))
            kept = select(baseline_credential).where(
                baseline_credential.c.subscription == name,
                baseline_credential.c.user_id.not_in(select(credential.c.user_id)),
            )
            connection.execute(insert(credential).from_select(list(credential.c), kept))

    def set_aside(self, database: Database, snapshot: str, taken_at: datetime) -> Snapshot:
        """Take a snapshot of a subscription: leads, world, clock, counters and credentials.

        Raises:
            SnapshotNameError: the name cannot be one.
        """
        return database.snapshots.take(snapshot, taken_at, self.credentials(database.name))

    def go_back(self, database: Database, snapshot: str) -> bool:
        """Restore a snapshot of a subscription, its credentials too; whether it was there. The journal stays.

        A user id that opens another subscription by now is left to it.
        """
        restored = database.snapshots.restore(snapshot)
        if restored is None:
            return False
        owners = {item.user_id: self.credential(item.user_id) for item in restored.credentials}
        free = [
            item
            for item in restored.credentials
            if (owner := owners[item.user_id]) is None or owner.subscription == database.name
        ]
        self.set_credentials(database.name, free)
        return True

    def set_baseline(self, name: str) -> None:
        """Remember a subscription as it is now, its credentials too: a reset returns to this.

        Raises:
            SubscriptionError: there is no such subscription.
        """
        database = self.get(name)
        if database is None:
            raise SubscriptionError(f"there is no subscription {name!r}")
        database.set_baseline()
        with self._sql.transaction() as connection:
            connection.execute(delete(baseline_credential).where(baseline_credential.c.subscription == name))
            kept = select(credential).where(credential.c.subscription == name)
            connection.execute(insert(baseline_credential).from_select(list(baseline_credential.c), kept))

    # -----------------------------------------------------------------------------------------------------------------
    # Credentials

    def credential(self, user_id: str) -> Credential | None:
        """The credential of this user id, `None` when there is none."""
        for row in self._sql.read(_credential_of, {"user_id": user_id}):
            return _credential(row)
        return None

    def credentials(self, name: str | None = None, *, baseline: bool = False) -> tuple[Credential, ...]:
        """The credentials of one subscription, or of all; with `baseline`, those that a reset returns to."""
        table = baseline_credential if baseline else credential
        statement = select(table).order_by(table.c.position)
        if name is not None:
            statement = statement.where(table.c.subscription == name)
        return tuple(_credential(row) for row in self._sql.read(statement))

    def set_credentials(self, name: str, credentials: Sequence[Credential], *, baseline: bool = False) -> None:
        """Replace the credentials of one subscription; with `baseline`, those that a reset returns to.

        Raises:
            DuplicateUserError: a user id opens another subscription.
        """
        table = baseline_credential if baseline else credential
        with self._sql.transaction() as connection:
            connection.execute(delete(table).where(table.c.subscription == name))
            for item in credentials:
                if not baseline:
                    _refuse_taken(connection, item.user_id)
                last = connection.scalar(select(func.max(table.c.position)))
                connection.execute(
                    insert(table).values(
                        user_id=item.user_id,
                        subscription=name,
                        position=(last or 0) + 1,
                        encryption_keys=list(item.encryption_keys),
                        blocked=item.blocked,
                    )
                )

    def put_credential(self, item: Credential) -> bool:
        """Store a credential: a new one behind the others, or in the place of the one it changes; whether it is new.

        Raises:
            DuplicateUserError: the user id opens another subscription.
        """
        with self._sql.transaction() as connection:
            there = connection.execute(_credential_of, {"user_id": item.user_id}).first()
            values = {"encryption_keys": list(item.encryption_keys), "blocked": item.blocked}
            if there is None:
                last = connection.scalar(select(func.max(credential.c.position)))
                connection.execute(
                    insert(credential).values(
                        user_id=item.user_id, subscription=item.subscription, position=(last or 0) + 1, **values
                    )
                )
            elif there.subscription != item.subscription:
                _refuse_taken(connection, item.user_id)
            else:
                connection.execute(update(credential).where(credential.c.user_id == item.user_id).values(values))
            return there is None

    def delete_credential(self, name: str, user_id: str) -> bool:
        """Take a credential away from a subscription; whether it had it."""
        with self._sql.transaction() as connection:
            return bool(
                connection.execute(
                    delete(credential).where(credential.c.subscription == name, credential.c.user_id == user_id)
                ).rowcount
            )

    def close(self) -> None:
        """Let go of every database; what outlives the server stays."""
        with self._lock:
            for database in self._open.values():
                database.close()
            for template in self._templates.values():
                template.close()
            self._open.clear()
            self._templates.clear()
            self._backend.close()


def _refuse_taken(connection: Connection, user_id: str) -> None:
    taken = connection.execute(_credential_of, {"user_id": user_id}).first()
    if taken is not None:
        raise DuplicateUserError(f"user id {user_id!r} opens subscription {taken.subscription!r} already")


def _credential(row: Row[Any]) -> Credential:
    return Credential(row.user_id, tuple(row.encryption_keys), row.subscription, row.blocked)
