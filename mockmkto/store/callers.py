"""Who may call: credentials and clients of every subscription, and those that a reset returns to; registry rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from mockmkto.model import Client, Credential
from mockmkto.store.backend import ClosedDatabaseError, SqlDatabase
from mockmkto.store.statements import Statements
from mockmkto.store.tables import GOING, baseline_client, baseline_credential, client, credential, subscription

__all__ = [
    "BY_MARK",
    "CLIENTS",
    "CREDENTIALS",
    "KINDS",
    "DuplicateClientError",
    "DuplicateUserError",
    "GoneError",
    "Kind",
    "Known",
    "Remembered",
    "SubscriptionError",
    "TakenError",
]


class SubscriptionError(ValueError):
    """A subscription that cannot be made or found."""


class GoneError(SubscriptionError, ClosedDatabaseError):
    """A subscription that is not there, or not any more."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no subscription {name!r}")


class TakenError(ValueError):
    """An id that opens another subscription already: a call could not tell which one it means."""


class DuplicateUserError(TakenError):
    """A user id that does."""


class DuplicateClientError(TakenError):
    """A client id that does."""


_T = TypeVar("_T", bound=Credential | Client)


class Kind(Generic[_T]):
    """One kind of who may call: the credentials of the SOAP API, or the clients of the REST API.

    Args:
        table: where they are.
        baseline: where those are that a reset returns to.
        key: the id that each is known by; no two subscriptions have the same.
        read: one of a row.
        written: what a row has of one beside its id, its subscription and its place.
        taken: what is raised when another subscription has the id.
    """

    def __init__(
        self,
        table: Table,
        baseline: Table,
        key: str,
        read: Callable[[Row[Any]], _T],
        written: Callable[[_T], Mapping[str, object]],
        taken: type[TakenError],
    ) -> None:
        self._table = table
        self._baseline = baseline
        self._key = key
        self._id_of: Callable[[_T], str] = attrgetter(key)
        self.read = read
        self._written = written
        self._taken = taken
        self.by_id = select(table).where(table.c[key] == bindparam("wanted"))

    @cached_property
    def _changing(self) -> tuple[_Changing, _Changing]:
        """What is run over those of now, and over those of the baseline."""
        return _Changing(self._table, self._key), _Changing(self._baseline, self._key)

    def listed(self, name: str | None = None, *, baseline: bool = False) -> tuple[Select[Any], dict[str, str]]:
        """What finds those of one subscription, or of all; with `baseline`, those that a reset returns to."""
        statements = self._changing[baseline]
        return (statements.all, {}) if name is None else (statements.of_one, {"of": name})

    def replace(self, connection: Connection, name: str, given: Sequence[_T], *, baseline: bool) -> None:
        """Have these instead of what a subscription has.

        Raises:
            TakenError: an id opens another subscription.
            GoneError: there is no such subscription.
        """
        statements, changing = Statements(connection), self._changing[baseline]
        _require(statements, name)
        statements.run(changing.forget, {"of": name})
        for item in given:
            if not baseline:
                self._refuse_taken(statements, self._id_of(item))
            self._insert(statements, changing, name, item)

    def put(self, connection: Connection, item: _T) -> bool:
        """Store one: a new one behind the others, or in the place of the one it changes; whether it is new.

        Raises:
            TakenError: its id opens another subscription.
            GoneError: there is no such subscription.
        """
        statements = Statements(connection)
        _require(statements, item.subscription)
        item_id = self._id_of(item)
        there = statements.first(self.by_id, {"wanted": item_id})
        if there is None:
            self._insert(statements, self._changing[False], item.subscription, item)
        elif there.subscription != item.subscription:
            self._refuse_taken(statements, item_id)
        else:
            changed = update(self._table).where(self._table.c[self._key] == item_id)
            connection.execute(changed.values(self._written(item)))
        return there is None

    def remove(self, connection: Connection, name: str, item_id: str) -> bool:
        """Take one away from a subscription; whether it had it."""
        return bool(Statements(connection).run(self._changing[False].remove, {"of": name, "wanted": item_id}))

    def forget(self, connection: Connection, name: str) -> None:
        """Take every one away from a subscription, the baseline's too."""
        for changing in self._changing:
            Statements(connection).run(changing.forget, {"of": name})

    def forget_orphans(self, connection: Connection) -> None:
        """Take away what belongs to no subscription."""
        for table in (self._table, self._baseline):
            connection.execute(delete(table).where(table.c.subscription.not_in(select(subscription.c.name))))

    @cached_property
    def _keep(self) -> Executable:
        table, baseline = self._table, self._baseline
        return insert(baseline).from_select(list(baseline.c), select(table).where(_of_one(table)))

    @cached_property
    def _return(self) -> Executable:
        table, baseline = self._table, self._baseline
        kept = select(baseline).where(_of_one(baseline), baseline.c[self._key].not_in(select(table.c[self._key])))
        return insert(table).from_select(list(table.c), kept)

    def keep_as_baseline(self, connection: Connection, name: str) -> None:
        """A reset returns to those that a subscription has now."""
        statements = Statements(connection)
        statements.run(self._changing[True].forget, {"of": name})
        statements.run(self._keep, {"of": name})

    def return_to_baseline(self, connection: Connection, name: str) -> None:
        """What a reset does; an id that opens another subscription by now is left to it."""
        statements = Statements(connection)
        statements.run(self._changing[False].forget, {"of": name})
        statements.run(self._return, {"of": name})

    def _insert(self, statements: Statements, changing: _Changing, name: str, item: _T) -> None:
        (last,) = statements.rows(changing.last)[0]
        values = {self._key: self._id_of(item), "subscription": name, "position": (last or 0) + 1}
        statements.run(changing.insert, {**values, **self._written(item)})

    def _refuse_taken(self, statements: Statements, item_id: str) -> None:
        taken = statements.first(self.by_id, {"wanted": item_id})
        if taken is not None:
            what = self._key.replace("_", " ")
            raise self._taken(f"{what} {item_id!r} opens subscription {taken.subscription!r} already")


class _Changing:
    """The statements over one of the tables of a kind, each made once: every test of a suite runs all of them."""

    def __init__(self, table: Table, key: str) -> None:
        self.all = select(table).order_by(table.c.position)
        self.of_one = self.all.where(_of_one(table))
        self.forget = delete(table).where(_of_one(table))
        self.remove = self.forget.where(table.c[key] == bindparam("wanted"))
        self.last = select(func.max(table.c.position).label("last"))
        self.insert = insert(table)


def _of_one(table: Table) -> ColumnElement[bool]:
    return table.c.subscription == bindparam("of")


_there = select(subscription.c.name).where(
    subscription.c.name == bindparam("name"), subscription.c.position > GOING // 2
)


def _require(statements: Statements, name: str) -> None:
    """None outlives its subscription: it would open nothing, and keep its id from all others."""
    if statements.first(_there, {"name": name}) is None:
        raise GoneError(name)


class Known(Generic[_T]):
    """What was looked for before by one statement, as long as nobody has written any. Safe to use from many threads."""

    def __init__(self, registry: SqlDatabase, statement: Select[Any], read: Callable[[Row[Any]], _T]) -> None:
        self._registry = registry
        self._statement = statement
        self._read = read
        self._lock = threading.Lock()
        self._found: dict[str, tuple[int, _T]] = {}  # of that generation of the registry
        self._forgotten = 0

    def find(self, wanted: str) -> _T | None:
        """The one that is wanted, `None` when there is none."""
        generation = self._registry.generation
        known = self._found.get(wanted)
        if known is not None and known[0] == generation:
            return known[1]
        forgotten = self._forgotten
        for row in self._registry.read(self._statement, {"wanted": wanted}):
            found = self._read(row)
            with self._lock:
                if generation is not None and self._forgotten == forgotten:
                    self._found[wanted] = (generation, found)
            return found
        return None

    def forget(self) -> None:
        """Look for each anew: something was written, or may have been."""
        with self._lock:
            self._forgotten += 1
            self._found.clear()


_MOST_REMEMBERED = 4096


class Remembered(Generic[_T]):
    """What was looked for before by one statement, where other servers may have written meanwhile.

    With each goes its subscription's token of who may call: as long as that is the same, so is the one that was found.
    Safe to use from many threads.
    """

    def __init__(self, registry: SqlDatabase, statement: Select[Any], read: Callable[[Row[Any]], _T]) -> None:
        self._registry = registry
        (table,) = statement.get_final_froms()
        with_token = table.outerjoin(subscription, subscription.c.name == table.c.subscription)
        self._statement = statement.add_columns(subscription.c.callers).select_from(with_token)
        self._read = read
        self._lock = threading.Lock()
        self._found: dict[str, tuple[_T, str]] = {}

    def find(self, wanted: str, *, anew: bool) -> tuple[_T | None, str | None]:
        """The one that is wanted, as it was when it was last looked at, or `anew`; `None` when there is none."""
        if not anew and (known := self._found.get(wanted)) is not None:
            return known
        for row in self._registry.read(self._statement, {"wanted": wanted}):
            found = self._read(row)
            with self._lock:
                if len(self._found) >= _MOST_REMEMBERED:
                    self._found.clear()
                if row.callers is not None:
                    self._found[wanted] = (found, row.callers)
            return found, row.callers
        return None, None

    def forget(self, name: str) -> None:
        """Look for those of a subscription anew: theirs was written, or may have been."""
        with self._lock:
            self._found = {wanted: known for wanted, known in self._found.items() if known[0].subscription != name}


def _credential(row: Row[Any]) -> Credential:
    return Credential(row.user_id, tuple(row.encryption_keys), row.subscription, row.blocked)


def _of_credential(item: Credential) -> Mapping[str, object]:
    return {"encryption_keys": list(item.encryption_keys), "blocked": item.blocked}


def _client(row: Row[Any]) -> Client:
    permissions = tuple(row.permissions) if row.permissions is not None else None
    return Client(row.client_id, tuple(row.secrets), row.subscription, row.api_user, permissions, row.blocked)


def _of_client(item: Client) -> Mapping[str, object]:
    return {
        "mark": item.mark,
        "secrets": list(item.secrets),
        "api_user": item.user,
        "permissions": list(item.permissions) if item.permissions is not None else None,
        "blocked": item.blocked,
    }


CREDENTIALS = Kind(credential, baseline_credential, "user_id", _credential, _of_credential, DuplicateUserError)
CLIENTS = Kind(client, baseline_client, "client_id", _client, _of_client, DuplicateClientError)
KINDS = (CREDENTIALS, CLIENTS)

BY_MARK = select(client).where(client.c.mark == bindparam("wanted"))
"""The client whose tokens begin so."""
