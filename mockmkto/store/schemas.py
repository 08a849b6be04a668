"""PostgreSQL as a backend: a schema for the registry and one for each subscription, of a database that servers share.

The schemas are named for what they hold: `mockmkto` is the registry, `mockmkto$default` the subscription `default`;
beside it are its `mockmkto$default$journal` and its copies, `mockmkto$default$baseline` and
`mockmkto$default$snapshot$NAME`. All servers over one database are one sandbox.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import psycopg
from sqlalchemy import URL, Connection, Engine, MetaData, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from mockmkto.store import versions
from mockmkto.store.backend import SUBSCRIPTION, SqlDatabase, UnusableDatabaseError
from mockmkto.store.connecting import connect, with_a_fresh_connection
from mockmkto.store.folding import folding_function
from mockmkto.store.gate import Gate
from mockmkto.store.postgres import PostgresDatabase, advisory_key, execute_all, identifier, quoted
from mockmkto.store.presence import Presence
from mockmkto.store.tables import subscription_metadata
from mockmkto.store.troubles import first_line

__all__ = ["DEFAULT_SCHEMA", "PostgresBackend", "PostgresStorage"]

_log = logging.getLogger("mockmkto.store")

DEFAULT_SCHEMA = "mockmkto"

_SCHEMA = re.compile("[a-z_][a-z0-9_]{0,19}")
_LONGEST_SUBSCRIPTION = 40  # bytes: what is behind it in the name of a copy's schema is never cut into it

_SUBSCRIPTION_CONNECTIONS = 16
_REGISTRY_CONNECTIONS = 4  # of their own: whoever holds a subscription may ask for a credential, and is not to wait


class PostgresBackend:
    """A sandbox in PostgreSQL.

    Args:
        url: `postgresql+psycopg://user:password@host/database`. A `schema` in its query is the name of the registry's
            schema, before which a database can have several sandboxes.

    Raises:
        UnusableDatabaseError: it cannot be reached or worked with, or another version of mockmkto has made it.
    """

    shared = True
    in_memory = False

    def __init__(self, url: str) -> None:
        self._url, self._root = _read(url)
        self._engine = connect(self._url, pool_size=_SUBSCRIPTION_CONNECTIONS, overflow=_SUBSCRIPTION_CONNECTIONS)
        self._registry_engine = connect(self._url, pool_size=_REGISTRY_CONNECTIONS, overflow=_REGISTRY_CONNECTIONS)
        self._presence = Presence(self._engine)
        self._start_key = advisory_key(self._root, "start")
        self._gate = Gate(self._engine, self._root)
        try:
            self._prepare()
        except OperationalError as error:
            self.close()
            raise UnusableDatabaseError(_reason(error)) from None
        except SQLAlchemyError as error:
            self.close()
            raise UnusableDatabaseError(f"it cannot be prepared: {_reason(error)}") from None
        except BaseException:
            self.close()
            raise

    def registry(self, metadata: MetaData) -> SqlDatabase:
        """The registry's database."""
        return PostgresDatabase(self._registry_engine, self._root, metadata, comment=self._root)

    def storage(self, name: str) -> PostgresStorage:
        """The storage of a subscription."""
        return PostgresStorage(self._engine, self._root, name, self._presence)

    def clear(self, name: str, unless: Callable[[], bool] | None = None) -> None:
        """Drop every schema of a subscription."""
        self.storage(name).clear(unless)

    def check(self, there: Collection[str], broken_off: Collection[str]) -> None:
        """Look whether a registry that knows none has lost them.

        Raises:
            UnusableDatabaseError: there are schemas of subscriptions.
        """
        if not there and not broken_off:
            found = [schema for schema, _ in _schemas(self._engine, self._root)]
            if found:
                raise UnusableDatabaseError(_lost(self._root, found))

    def refuse_unknown(self, name: str) -> None:
        """Refuse a schema that is there already.

        Raises:
            UnusableDatabaseError: there is one.
        """
        base = _base(self._root, name)
        exists = "SELECT FROM pg_namespace WHERE nspname = %(name)s"
        connection, found = with_a_fresh_connection(
            self._engine, lambda connection: connection.exec_driver_sql(exists, {"name": base}).first()
        )
        connection.close()
        if found is not None:
            raise UnusableDatabaseError(
                f"its schema {base} is there, and the registry knows no subscription {name}. Nothing was changed. "
                "Drop the schema, or rename it"
            )

    def starting(self) -> AbstractContextManager[None]:
        """Wait until no other server starts or makes a subscription, and keep them waiting until the block ends."""
        return self._gate.starting()

    def making(self, name: str | None = None) -> AbstractContextManager[None]:
        """Make or delete a subscription, while no other server starts; with a name, nobody else makes one of it."""
        return self._gate.making(name)

    def close(self) -> None:
        """Let go of every connection."""
        self._presence.close()
        self._gate.close()
        self._engine.dispose()
        self._registry_engine.dispose()

    # -----------------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the registry's schema with what all others need, or look whether it is one of ours, and of today.

        Raises:
            UnusableDatabaseError: it is not.
        """
        with self._engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
            if encoding != "UTF8":
                raise UnusableDatabaseError(f"its encoding is {encoding}, and UTF8 is needed")
            execute_all(connection, f"BEGIN; SELECT pg_advisory_xact_lock({self._start_key})")
            try:
                self._prepare_alone(connection)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def _prepare_alone(self, connection: Connection) -> None:
        root = quoted(self._root)
        exists = "SELECT FROM pg_namespace WHERE nspname = %(name)s"
        if connection.exec_driver_sql(exists, {"name": self._root}).first() is None:
            found = [name for name, _ in _schemas_of(connection, self._root)]
            if found:
                raise UnusableDatabaseError(_lost(self._root, found))
            execute_all(
                connection,
                f"CREATE SCHEMA {root}; CREATE TABLE {root}.about (application text, version integer);"
                f"INSERT INTO {root}.about VALUES ('mockmkto', {versions.SCHEMA}); {folding_function(root)}",
            )
            return
        is_ours = "SELECT FROM pg_tables WHERE schemaname = %(name)s AND tablename = 'about'"
        if connection.exec_driver_sql(is_ours, {"name": self._root}).first() is None:
            raise UnusableDatabaseError(f"its schema {self._root} is another program's; name one with ?schema=NAME")
        version = connection.exec_driver_sql(f"SELECT version FROM {root}.about").scalar()
        versions.upgrade_schemas(
            connection,
            int(version or 0),
            [self._root, *(name for name, _ in _schemas_of(connection, self._root))],
            {"state": subscription_metadata},
        )
        connection.exec_driver_sql(f"UPDATE {root}.about SET version = {versions.SCHEMA}")


class PostgresStorage:
    """The schemas of one subscription."""

    shared = True

    def __init__(self, engine: Engine, root: str, name: str, presence: Presence) -> None:
        self._engine = engine
        self._root = root
        self._full = f"{root}${name}"
        self._base = _base(root, name)
        self._presence = presence
        self._parts: dict[str, PostgresDatabase] = {}
        self._own: PostgresDatabase | None = None  # the subscription itself, without which there are no others
        self._lock = threading.Lock()

    def at(self, part: str, metadata: MetaData) -> PostgresDatabase:
        """The database of a part: a schema."""
        with self._lock:
            if part not in self._parts:
                owner = None if part == SUBSCRIPTION else self._own
                suffix = "" if owner is None else "$" + part.replace("snapshots/", "snapshot$")
                self._parts[part] = PostgresDatabase(
                    self._engine,
                    identifier(self._base + suffix),
                    metadata,
                    path=(self._root,),
                    comment=self._full + suffix,
                    owner=owner,
                )
                if owner is None:
                    self._own = self._parts[part]
            return self._parts[part]

    def find(self, part: str, metadata: MetaData) -> PostgresDatabase | None:
        """The database of a part, `None` when it is not there; none is ever only begun."""
        database = self.at(part, metadata)
        return database if database.is_there else None

    def snapshots(self) -> Sequence[str]:
        """The names of the snapshots, in no order."""
        comments = (comment for _, comment in _schemas(self._engine, self._base))
        begin = f"{self._full}$snapshot$"
        return [comment.removeprefix(begin) for comment in comments if comment.startswith(begin)]

    def share(self, part: str, database: SqlDatabase) -> bool:  # noqa: ARG002
        """Nobody's database does for another one."""
        return False

    def remove(self, part: str) -> None:
        """Drop the schema of a part."""
        with self._lock:
            database = self._parts.pop(part, None)
        if database is not None:
            database.drop()
            database.close()

    def clear(self, unless: Callable[[], bool] | None = None) -> None:
        """Drop all of them, the subscription's own the last."""
        names = [name for name, _ in _schemas(self._engine, self._base)]
        for schema in (*names, self._base):
            PostgresDatabase(self._engine, schema, _NOTHING).drop(unless)

    @contextmanager
    def under_way(self, group: str) -> Iterator[int]:
        """Count a call for as long as the block lasts: how many of the group are at once, on every server."""
        with self._presence.of_a_call(self._base, group) as at_once:
            yield at_once

    def close(self) -> None:
        """Let go of every part."""
        with self._lock:
            for database in self._parts.values():
                database.close()


_NOTHING = MetaData()  # of a schema that is only dropped


def _lost(root: str, found: Sequence[str]) -> str:
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return (
        f"its registry, the schema {root}, is lost, though there are schemas of subscriptions: {', '.join(found[:5])}"
        f"{more}. Nothing was changed. Restore it from a copy, or name another schema with ?schema=NAME"
    )


def _base(root: str, name: str) -> str:
    return identifier(f"{root}${name}", _LONGEST_SUBSCRIPTION)


def _schemas(engine: Engine, base: str) -> list[tuple[str, str]]:
    connection, found = with_a_fresh_connection(engine, lambda connection: _schemas_of(connection, base))
    connection.close()
    return found


def _schemas_of(connection: Connection, base: str) -> list[tuple[str, str]]:
    """The schemas whose names go on behind this one, and what is written beside them."""
    found = (
        "SELECT nspname::text, coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace "
        "WHERE left(nspname, length(%(begin)s)) = %(begin)s ORDER BY nspname"
    )
    return [(name, comment) for name, comment in connection.exec_driver_sql(found, {"begin": f"{base}$"})]


def _read(url: str) -> tuple[URL, str]:
    """The address for psycopg, and the registry's schema.

    Raises:
        UnusableDatabaseError: it is no address of PostgreSQL.
    """
    try:
        made = make_url(url.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        raise UnusableDatabaseError(
            "its address cannot be read: postgresql+psycopg://user:password@host/database"
        ) from None
    if "@" in (made.host or ""):
        raise UnusableDatabaseError("its address cannot be read: an @ in the password is written as %40")
    if "\0" in (made.password or ""):
        raise UnusableDatabaseError("its address cannot be read: no password has a NUL character")
    schema = made.query.get("schema", DEFAULT_SCHEMA)
    if not isinstance(schema, str) or not _SCHEMA.fullmatch(schema) or schema.startswith("pg_"):
        raise UnusableDatabaseError("the schema in its address: expected 1 to 20 small letters, digits and underscores")
    return made.difference_update_query(["schema"]).set(drivername="postgresql+psycopg"), schema


def _reason(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return f"{first_line(cause)} (the user must be allowed to create schemas: GRANT CREATE ON DATABASE)"
    return first_line(cause)
