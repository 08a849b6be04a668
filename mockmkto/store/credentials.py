"""Who may call: the credentials of every subscription, and those that a reset returns to; rows of the registry."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from mockmkto.model import Credential
from mockmkto.store.backend import ClosedDatabaseError, SqlDatabase
from mockmkto.store.tables import GOING, baseline_credential, credential, subscription

__all__ = [
    "OF_USER",
    "DuplicateUserError",
    "GoneError",
    "Known",
    "SubscriptionError",
    "forget",
    "forget_orphans",
    "from_row",
    "keep_as_baseline",
    "listed",
    "put",
    "remove",
    "replace",
    "return_to_baseline",
]

OF_USER = select(credential).where(credential.c.user_id == bindparam("user_id"))

_TABLES = (credential, baseline_credential)


class SubscriptionError(ValueError):
    """A subscription that cannot be made or found."""


class GoneError(SubscriptionError, ClosedDatabaseError):
    """A subscription that is not there, or not any more."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no subscription {name!r}")


class DuplicateUserError(ValueError):
    """A user id that opens another subscription already: a call could not tell which one it means."""


class Known:
    """Credentials that were looked for before, as long as nobody has written any. Safe to use from many threads."""

    def __init__(self, registry: SqlDatabase) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._found: dict[str, tuple[int, Credential]] = {}  # of that generation of the registry
        self._forgotten = 0

    def find(self, user_id: str) -> Credential | None:
        """The credential of this user id, `None` when there is none."""
        generation = self._registry.generation
        known = self._found.get(user_id)
        if known is not None and known[0] == generation:
            return known[1]
        forgotten = self._forgotten
        for row in self._registry.read(OF_USER, {"user_id": user_id}):
            found = from_row(row)
            with self._lock:
                if generation is not None and self._forgotten == forgotten:
                    self._found[user_id] = (generation, found)
            return found
        return None

    def forget(self) -> None:
        """Look for each anew: something was written, or may have been."""
        with self._lock:
            self._forgotten += 1
            self._found.clear()


def from_row(row: Row[Any]) -> Credential:
    """The credential of a row."""
    return Credential(row.user_id, tuple(row.encryption_keys), row.subscription, row.blocked)


def listed(name: str | None = None, *, baseline: bool = False) -> Select[Any]:
    """The credentials of one subscription, or of all; with `baseline`, those that a reset returns to."""
    table = baseline_credential if baseline else credential
    statement = select(table).order_by(table.c.position)
    return statement.where(table.c.subscription == name) if name is not None else statement


def replace(connection: Connection, name: str, credentials: Sequence[Credential], *, baseline: bool) -> None:
    """Have these instead of what a subscription has.

    Raises:
        DuplicateUserError: a user id opens another subscription.
        GoneError: there is no such subscription.
    """
    _require(connection, name)
    table = baseline_credential if baseline else credential
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


def put(connection: Connection, item: Credential) -> bool:
    """Store a credential: a new one behind the others, or in the place of the one it changes; whether it is new.

    Raises:
        DuplicateUserError: the user id opens another subscription.
        GoneError: there is no such subscription.
    """
    _require(connection, item.subscription)
    there = connection.execute(OF_USER, {"user_id": item.user_id}).first()
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


def remove(connection: Connection, name: str, user_id: str) -> bool:
    """Take a credential away from a subscription; whether it had it."""
    gone = delete(credential).where(credential.c.subscription == name, credential.c.user_id == user_id)
    return bool(connection.execute(gone).rowcount)


def forget(connection: Connection, name: str) -> None:
    """Take every credential away from a subscription, the baseline's too."""
    for table in _TABLES:
        connection.execute(delete(table).where(table.c.subscription == name))


def forget_orphans(connection: Connection) -> None:
    """Take away what belongs to no subscription."""
    for table in _TABLES:
        connection.execute(delete(table).where(table.c.subscription.not_in(select(subscription.c.name))))


def keep_as_baseline(connection: Connection, name: str) -> None:
    """A reset returns to the credentials that a subscription has now."""
    connection.execute(delete(baseline_credential).where(baseline_credential.c.subscription == name))
    kept = select(credential).where(credential.c.subscription == name)
    connection.execute(insert(baseline_credential).from_select(list(baseline_credential.c), kept))


def return_to_baseline(connection: Connection, name: str) -> None:
    """What a reset does; a user id that opens another subscription by now is left to it."""
    connection.execute(delete(credential).where(credential.c.subscription == name))
    kept = select(baseline_credential).where(
        baseline_credential.c.subscription == name,
        baseline_credential.c.user_id.not_in(select(credential.c.user_id)),
    )
    connection.execute(insert(credential).from_select(list(credential.c), kept))


def _require(connection: Connection, name: str) -> None:
    """A credential does not outlive its subscription: it would open nothing, and keep its user id from all others."""
    there = select(subscription.c.name).where(subscription.c.name == name, subscription.c.position > GOING // 2)
    if connection.execute(there).first() is None:
        raise GoneError(name)


def _refuse_taken(connection: Connection, user_id: str) -> None:
    taken = connection.execute(OF_USER, {"user_id": user_id}).first()
    if taken is not None:
        raise DuplicateUserError(f"user id {user_id!r} opens subscription {taken.subscription!r} already")
