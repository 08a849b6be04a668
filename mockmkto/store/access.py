"""Whose credentials and clients open which subscription: the part of the registry that every call asks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from mockmkto.model import Client, Credential
from mockmkto.store.backend import SqlDatabase
from mockmkto.store.callers import BY_MARK, CLIENTS, CREDENTIALS, Known, Remembered
from mockmkto.store.statements import Statements
from mockmkto.store.subscriptions import NEW_CALLERS

__all__ = ["Access"]


class Access:
    """Who may call, in the registry's database.

    Args:
        sql: that database.
        shared: whether other servers write it, too.
    """

    def __init__(self, sql: SqlDatabase, *, shared: bool = False) -> None:
        self._sql = sql
        self._shared = shared
        self._known_credentials = Known(sql, CREDENTIALS.by_id, CREDENTIALS.read)
        self._known_clients = Known(sql, CLIENTS.by_id, CLIENTS.read)
        self._known_marks = Known(sql, BY_MARK, CLIENTS.read)
        self._remembered_credentials = Remembered(sql, CREDENTIALS.by_id, CREDENTIALS.read)
        self._remembered_marks = Remembered(sql, BY_MARK, CLIENTS.read)

    @contextmanager
    def _writing(self, name: str | None = None) -> Iterator[Connection]:
        """A transaction of the registry, after which nothing that was known of who may call counts.

        With a name, what is written is who may call that subscription.
        """
        try:
            with self._sql.transaction() as connection:
                yield connection
                if name is not None and self._shared:
                    statements = Statements(connection)
                    statements.run_many(NEW_CALLERS, [{"wanted": name, "callers": uuid.uuid4().hex}])
                    statements.finish()
        finally:
            if name is not None:
                self._remembered_credentials.forget(name)
                self._remembered_marks.forget(name)
            self._known_credentials.forget()
            self._known_clients.forget()
            self._known_marks.forget()

    def set_callers(
        self,
        name: str,
        credentials: Sequence[Credential] | None,
        clients: Sequence[Client] | None,
        *,
        baseline: bool = False,
    ) -> None:
        """Replace all who may call a subscription at once, `None` aside; with `baseline`, those a reset returns to.

        Raises:
            TakenError: a user id or a client id opens another subscription.
            GoneError: there is no such subscription.
        """
        with self._writing(name) as connection:
            if credentials is not None:
                CREDENTIALS.replace(connection, name, credentials, baseline=baseline)
            if clients is not None:
                CLIENTS.replace(connection, name, clients, baseline=baseline)

    # -----------------------------------------------------------------------------------------------------------------
    # Of a call

    def caller(self, user_id: str, *, anew: bool = False) -> tuple[Credential | None, str | None]:
        """The credential of this user id, and the token of its subscription by which it is so.

        Where there is a token, it may be what was so before, unless it is asked for `anew`: a transaction of the
        subscription that finds another one (`Session.callers`) is not to be begun for it. Without one it is certain.
        """
        if not self._shared:
            return self.credential(user_id), None
        return self._remembered_credentials.find(user_id, anew=anew)

    def caller_marked(self, mark: str, *, anew: bool = False) -> tuple[Client | None, str | None]:
        """The client whose tokens begin with this mark, in the same way."""
        if not self._shared:
            return self.client_marked(mark), None
        return self._remembered_marks.find(mark, anew=anew)

    # -----------------------------------------------------------------------------------------------------------------
    # Credentials

    def credential(self, user_id: str) -> Credential | None:
        """The credential of this user id, `None` when there is none."""
        return self._known_credentials.find(user_id)

    def credentials(self, name: str | None = None, *, baseline: bool = False) -> tuple[Credential, ...]:
        """The credentials of one subscription, or of all; with `baseline`, those that a reset returns to."""
        return tuple(map(CREDENTIALS.read, self._sql.read(*CREDENTIALS.listed(name, baseline=baseline))))

    def set_credentials(self, name: str, given: Sequence[Credential], *, baseline: bool = False) -> None:
        """Replace the credentials of one subscription; with `baseline`, those that a reset returns to.

        Raises:
            DuplicateUserError: a user id opens another subscription.
            GoneError: there is no such subscription.
        """
        with self._writing(name) as connection:
            CREDENTIALS.replace(connection, name, given, baseline=baseline)

    def put_credential(self, item: Credential) -> bool:
        """Store a credential: a new one behind the others, or in the place of the one it changes; whether it is new.

        Raises:
            DuplicateUserError: the user id opens another subscription.
            GoneError: there is no such subscription.
        """
        with self._writing(item.subscription) as connection:
            return CREDENTIALS.put(connection, item)

    def delete_credential(self, name: str, user_id: str) -> bool:
        """Take a credential away from a subscription; whether it had it."""
        with self._writing(name) as connection:
            return CREDENTIALS.remove(connection, name, user_id)

    # -----------------------------------------------------------------------------------------------------------------
    # Clients

    def client(self, client_id: str) -> Client | None:
        """The client of this id, `None` when there is none."""
        return self._known_clients.find(client_id)

    def client_marked(self, mark: str) -> Client | None:
        """The client whose tokens begin with this mark, `None` when there is none."""
        return self._known_marks.find(mark)

    def clients(self, name: str | None = None, *, baseline: bool = False) -> tuple[Client, ...]:
        """The clients of one subscription, or of all; with `baseline`, those that a reset returns to."""
        return tuple(map(CLIENTS.read, self._sql.read(*CLIENTS.listed(name, baseline=baseline))))

    def set_clients(self, name: str, given: Sequence[Client], *, baseline: bool = False) -> None:
        """Replace the clients of one subscription; with `baseline`, those that a reset returns to.

        Raises:
            DuplicateClientError: a client id opens another subscription.
            GoneError: there is no such subscription.
        """
        with self._writing(name) as connection:
            CLIENTS.replace(connection, name, given, baseline=baseline)

    def put_client(self, item: Client) -> bool:
        """Store a client: a new one behind the others, or in the place of the one it changes; whether it is new.

        Raises:
            DuplicateClientError: the client id opens another subscription.
            GoneError: there is no such subscription.
        """
        with self._writing(item.subscription) as connection:
            return CLIENTS.put(connection, item)

    def delete_client(self, name: str, client_id: str) -> bool:
        """Take a client away from a subscription; whether it had it."""
        with self._writing(name) as connection:
            return CLIENTS.remove(connection, name, client_id)
