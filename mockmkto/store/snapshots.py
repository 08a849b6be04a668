"""Snapshots: copies of a subscription under a name, to go back to."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, delete, func, insert, select

from mockmkto.model import Client, Credential
from mockmkto.store.backend import SqlDatabase, Storage, snapshot_part
from mockmkto.store.tables import lead, snapshot, subscription_metadata

__all__ = ["Snapshot", "SnapshotNameError", "Snapshots"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class SnapshotNameError(ValueError):
    """A name that no snapshot can have: it is a file's name, too."""


class Snapshot(Struct, frozen=True):
    """What a snapshot says of itself. The credentials and clients are those that opened the subscription then.

    One that was taken before there were clients says nothing of them: `None`.
    """

    name: str
    number: int
    taken_at: datetime
    leads: int
    credentials: tuple[Credential, ...]
    clients: tuple[Client, ...] | None = None


class Snapshots:
    """The snapshots of one subscription. They know nothing of its journal, which no snapshot has or restores."""

    def __init__(self, subscription: SqlDatabase, storage: Storage) -> None:
        self._subscription = subscription
        self._storage = storage
        self._lock = threading.Lock()
        for name in storage.snapshots():
            copy = self._copy(name)
            if copy is None:
                continue
            copy.create_tables()  # those of a later release
            if _described(copy) is None:  # the server was stopped while it was taken
                storage.remove(snapshot_part(name))

    def all(self) -> tuple[Snapshot, ...]:
        """Every snapshot, in the order in which they were taken."""
        with self._lock:
            return self._all()

    def _all(self) -> tuple[Snapshot, ...]:
        described = [_described(copy) for name in self._storage.snapshots() if (copy := self._copy(name)) is not None]
        return tuple(sorted((item for item in described if item is not None), key=lambda item: item.number))

    def take(
        self,
        name: str | None,
        taken_at: datetime,
        credentials: Sequence[Credential],
        clients: Sequence[Client] = (),
    ) -> Snapshot:
        """Keep the subscription as it is now, in the place of an earlier snapshot of that name; numbered without one.

        Raises:
            SnapshotNameError: the name cannot be one.
        """
        if name is not None and not _NAME.fullmatch(name):
            raise SnapshotNameError(
                "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
            )
        with (
            self._subscription.as_it_is() as now,
            self._lock,  # whoever takes one without a name at the same time gets another one
        ):
            there = self._all()
            return self._take(
                now,
                name or _free_name(there, shared=self._storage.shared),
                taken_at,
                (credentials, clients),
                max((s.number for s in there), default=0),
            )

    def _take(
        self,
        now: SqlDatabase,
        name: str,
        taken_at: datetime,
        callers: tuple[Sequence[Credential], Sequence[Client]],
        last: int,
    ) -> Snapshot:
        credentials, clients = callers
        leads = 0

        def describe(connection: Connection) -> None:
            nonlocal leads
            leads = connection.execute(select(func.count()).select_from(lead)).scalar_one()
            connection.execute(delete(snapshot))
            connection.execute(
                insert(snapshot).values(
                    name=name,
                    number=last + 1,
                    taken_at=taken_at.isoformat(),
                    leads=leads,
                    credentials=[
                        [item.user_id, list(item.encryption_keys), item.subscription, item.blocked]
                        for item in credentials
                    ],
                    clients=[
                        [
                            item.client_id,
                            list(item.secrets),
                            item.subscription,
                            item.user,
                            item.permissions,
                            item.blocked,
                        ]
                        for item in clients
                    ],
                )
            )

        self._storage.at(snapshot_part(name), subscription_metadata).copy_from(now, describe)
        return Snapshot(name, last + 1, taken_at, leads, tuple(credentials), tuple(clients))

    def restore(self, name: str) -> Snapshot | None:
        """Make the subscription what it was; the snapshot, or `None` when there is none of that name."""
        with self._lock:
            copy = self._copy(name)
            if copy is None:
                return None
            self._subscription.copy_from(copy, _be_no_snapshot)
            return _described(copy)

    def delete(self, name: str) -> bool:
        """Forget a snapshot; whether it was there."""
        with self._lock:
            there = self._copy(name) is not None
            if there:
                self._storage.remove(snapshot_part(name))
            return there

    def _copy(self, name: str) -> SqlDatabase | None:
        if not _NAME.fullmatch(name):
            return None
        return self._storage.find(snapshot_part(name), subscription_metadata)


def _free_name(there: Sequence[Snapshot], *, shared: bool) -> str:
    """The next number; with a mark of its own where another server may take the same in this very moment."""
    taken = {item.name for item in there}
    mark = f"-{secrets.token_hex(3)}" if shared else ""
    return next(name for number in range(1, len(taken) + 2) if (name := f"snapshot-{number}{mark}") not in taken)


def _be_no_snapshot(connection: Connection) -> None:
    connection.execute(delete(snapshot))


def _described(copy: SqlDatabase) -> Snapshot | None:
    for row in copy.read(select(snapshot)):
        credentials = tuple(
            Credential(user_id, tuple(keys), subscription, blocked)
            for user_id, keys, subscription, blocked in row.credentials
        )
        clients = row.clients and tuple(
            Client(client_id, tuple(secrets), subscription, user, permissions and tuple(permissions), blocked)
            for client_id, secrets, subscription, user, permissions, blocked in row.clients
        )
        return Snapshot(row.name, row.number, datetime.fromisoformat(row.taken_at), row.leads, credentials, clients)
    return None
