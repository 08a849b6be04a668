"""Schemas of PostgreSQL that tests are done with, emptied and given to the next ones that want one of their kind.

To make one takes a hundred times as long as to rename one, and to drop it half of that. One that is not as it was made,
after what a test did to it, is dropped, and so is one that the planner knows something of.
"""

from __future__ import annotations

import itertools
import os
from collections import defaultdict

from sqlalchemy import Connection, Engine, MetaData

from mockmkto.store.connecting import with_a_fresh_connection
from mockmkto.store.journal import journal_metadata
from mockmkto.store.postgres import PostgresDatabase, execute_all, quoted
from mockmkto.store.tables import registry_metadata, subscription_metadata

LARGE = 64 * 1024  # bytes of a table: what was deleted from it would make those slow that read it
ABOUT = "about"  # beside the registry's tables, and kept

# Every schema, what it is made of, what of it has been written to, and whether it was analyzed.
SHAPES = f"""
    WITH found AS (
        SELECT n.nspname, c.*, CASE WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) ELSE 0 END AS bytes
        FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname <> '{ABOUT}'
        WHERE n.nspname = %(root)s OR n.nspname LIKE replace(%(root)s, '_', '\\_') || '$%%'
    )
    SELECT nspname::text,
           (count(*), sum(relnatts), sum(hashtext(relname::text)))::text,
           coalesce(array_agg(relname::text) FILTER (WHERE bytes > 0), '{{}}'),
           coalesce(array_agg(relname::text) FILTER (WHERE bytes > {LARGE}), '{{}}'),
           bool_or(relkind = 'r' AND reltuples > 0)
    FROM found GROUP BY nspname
"""


class Spares:
    """Those of this process's tests. What makes a schema takes one, from when the first test has given one back."""

    def __init__(self) -> None:
        self._begin = f"spare_{os.getpid()}"
        self._numbers = itertools.count()
        self._free: defaultdict[MetaData, list[str]] = defaultdict(list)
        self._kinds: dict[str, MetaData] = {}  # by what a schema of that kind is made of

    def take_back(self, engine: Engine, root: str) -> None:
        """Leave nothing in a sandbox but its empty registry."""
        # One that a test has seen closed is replaced.
        with with_a_fresh_connection(engine, lambda connection: connection.exec_driver_sql("SELECT 1"))[
            0
        ] as connection:
            if not self._kinds:
                self._learn(engine, connection)
            todo: list[str] = []
            for schema, shape, written, large, is_analyzed in connection.exec_driver_sql(SHAPES, {"root": root}).all():
                kind = self._kinds.get(shape)
                is_root = schema == root
                if kind is None or is_analyzed or (kind is registry_metadata) != is_root:
                    todo += _dropping(schema, is_root)
                    continue
                todo += [f"TRUNCATE {quoted(schema)}.{quoted(table)} CASCADE" for table in large]
                todo += [
                    f"DELETE FROM {quoted(schema)}.{quoted(table.name)}"
                    for table in reversed(kind.sorted_tables)
                    if table.name in written and table.name not in large
                ]
                if not is_root:
                    spare = f"{self._begin}${next(self._numbers)}"
                    todo.append(f"ALTER SCHEMA {quoted(schema)} RENAME TO {quoted(spare)}")
                    self._free[kind].append(spare)
            if todo:
                execute_all(connection, ";".join(todo))

    def _learn(self, engine: Engine, connection: Connection) -> None:
        """See what schemas are made of, as they are made; from now on, whoever makes one is given one of these."""
        kinds = {"registry": registry_metadata, "subscription": subscription_metadata, "journal": journal_metadata}
        for name, kind in kinds.items():
            database = PostgresDatabase(engine, f"{self._begin}$of_{name}", kind)
            database.create_tables()
            ((_, shape, *_),) = connection.exec_driver_sql(SHAPES, {"root": database.schema})
            self._kinds[shape] = kind
        make = PostgresDatabase._make

        def give(database: PostgresDatabase, connection: Connection) -> None:
            free = self._free.get(database._metadata)
            if not free or database._engine.url != engine.url:
                make(database, connection)
                return
            named = quoted(database.schema)
            rename = f"ALTER SCHEMA {quoted(free.pop())} RENAME TO {named}"
            execute_all(connection, f"{rename};COMMENT ON SCHEMA {named} IS '{database._comment}'")

        PostgresDatabase._make = give


def _dropping(schema: str, is_root: bool) -> list[str]:
    if is_root:
        return [f"DROP TABLE IF EXISTS {quoted(schema)}.{quoted(table)}" for table in registry_metadata.tables]
    return [f"DROP SCHEMA {quoted(schema)} CASCADE"]
