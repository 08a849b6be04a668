"""Snapshots: copies of a subscription under a name, in memory or as files in its folder, to go back to."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, insert, select

from mockmkto.model import Credential
from mockmkto.store.sqlite import SqliteDatabase
from mockmkto.store.tables import lead, snapshot, subscription_metadata

__all__ = ["Snapshot", "SnapshotNameError", "Snapshots"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class SnapshotNameError(ValueError):
    """A name that no snapshot can have: it is a file's name, too."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot says of itself. The credentials are those that opened the subscription then."""

    name: str
    number: int
    taken_at: datetime
    leads: int
    credentials: tuple[Credential, ...]


class Snapshots:
    """The snapshots of one subscription. They know nothing of its journal, which no snapshot has or restores."""

    def __init__(self, subscription: SqliteDatabase, folder: Path | None = None) -> None:
        self._subscription = subscription
        self._folder = folder
        self._lock = threading.Lock()
        self._copies: dict[str, SqliteDatabase] = {}
        if folder is not None and folder.is_dir():
            with ExitStack() as unless_all_can_be_used:
                unless_all_can_be_used.callback(self.close)
                for path in folder.glob("*.sqlite"):
                    copy = self._copies[path.stem] = SqliteDatabase(subscription_metadata, path)
                    copy.create_tables()  # those of a later release
                    if _described(copy) is None:  # the server was stopped while it was taken
                        del self._copies[path.stem]
                        copy.close()
                        _remove(path)
                unless_all_can_be_used.pop_all()

    def all(self) -> tuple[Snapshot, ...]:
        """Every snapshot, in the order in which they were taken."""
        with self._lock:
            described = [_described(copy) for copy in self._copies.values()]
        return tuple(sorted((item for item in described if item is not None), key=lambda item: item.number))

    def take(self, name: str, taken_at: datetime, credentials: Sequence[Credential]) -> Snapshot:
        """Keep the subscription as it is now, in the place of an earlier snapshot of that name.

        Raises:
            SnapshotNameError: the name cannot be one.
        """
        if not _NAME.fullmatch(name):
            raise SnapshotNameError(
                "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
            )
        last = max((item.number for item in self.all()), default=0)
        with self._lock:
            copy = self._copies.get(name)
            if copy is None:
                if self._folder is not None:
                    self._folder.mkdir(parents=True, exist_ok=True)
                copy = SqliteDatabase(subscription_metadata, self._path(name))
            copy.copy_from(self._subscription)
            with copy.transaction() as connection:
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
                    )
                )
            self._copies[name] = copy
        return Snapshot(name, last + 1, taken_at, leads, tuple(credentials))

    def restore(self, name: str) -> Snapshot | None:
        """Make the subscription what it was; the snapshot, or `None` when there is none of that name."""
        with self._lock:
            copy = self._copies.get(name)
            if copy is None:
                return None
            self._subscription.copy_from(copy)
            with self._subscription.transaction() as connection:
                connection.execute(delete(snapshot))
            return _described(copy)

    def delete(self, name: str) -> bool:
        """Forget a snapshot; whether it was there."""
        with self._lock:
            copy = self._copies.pop(name, None)
            if copy is None:
                return False
            copy.close()
            path = self._path(name)
            if path is not None:
                _remove(path)
            return True

    def close(self) -> None:
        """Let go of every copy; files stay."""
        with self._lock:
            for copy in self._copies.values():
                copy.close()
            self._copies.clear()

    def _path(self, name: str) -> Path | None:
        return self._folder / f"{name}.sqlite" if self._folder is not None else None


def _described(copy: SqliteDatabase) -> Snapshot | None:
    with copy.transaction() as connection:
        row = connection.execute(select(snapshot)).first()
    if row is None:
        return None
    credentials = tuple(
        Credential(user_id, tuple(keys), subscription, blocked)
        for user_id, keys, subscription, blocked in row.credentials
    )
    return Snapshot(row.name, row.number, datetime.fromisoformat(row.taken_at), row.leads, credentials)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
