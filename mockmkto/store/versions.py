"""Which version of the tables a file holds: written into its head, and looked at before anything is done with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, MetaData

from mockmkto.store import field_upgrade, lead_upgrade
from mockmkto.store.backend import UnusableDatabaseError

__all__ = [
    "APPLICATION",
    "FURTHER_OF_POSTGRESQL",
    "FURTHER_OF_SQLITE",
    "SCHEMA",
    "UPGRADES",
    "UnusableFileError",
    "check_file",
    "check_head",
    "check_tables",
    "empty",
    "mark",
    "upgrade",
    "upgrade_schemas",
]

APPLICATION = 0x4D4B544F  # "MKTO": SQLite's application_id of every file of ours
SCHEMA = 5  # SQLite's user_version: one more whenever a table of any of our files changes

UPGRADES: dict[int, dict[str, Sequence[str]]] = {
    1: {
        "state": [
            "ALTER TABLE state ADD COLUMN due_at TEXT",
            *(
                f"ALTER TABLE state ADD COLUMN next_{name}_id BIGINT NOT NULL DEFAULT {first}"
                for name, first in (
                    ("activity", 1),
                    ("list", 1001),
                    ("program", 1001),
                    ("campaign", 1001),
                    ("campaign_call", 1),
                    ("import", 1),
                    ("opportunity", 1),
                    ("role", 1),
                    ("custom_object", 1),
                )
            ),
        ],
        "field": [
            "ALTER TABLE field ADD COLUMN display_name TEXT",
            "ALTER TABLE field ADD COLUMN rest_name TEXT",
            "ALTER TABLE field ADD COLUMN rest_read_only BOOLEAN NOT NULL DEFAULT false",
            "ALTER TABLE field ADD COLUMN soap BOOLEAN NOT NULL DEFAULT true",
            "ALTER TABLE field ADD COLUMN rest BOOLEAN NOT NULL DEFAULT true",
        ],
        "cookie": [
            "ALTER TABLE cookie ADD COLUMN shown TEXT NOT NULL DEFAULT ''",
            "UPDATE cookie SET shown = cookie",
            # Of two that are compared as one now, the one that was written last.
            "DELETE FROM cookie WHERE strpos(cookie, 'token:') > 0 AND EXISTS (SELECT 1 FROM cookie AS later WHERE "
            "later.written_order > cookie.written_order AND strpos(later.cookie, 'token:') > 0 AND "
            "substr(later.cookie, strpos(later.cookie, 'token:')) = "
            "substr(cookie.cookie, strpos(cookie.cookie, 'token:')))",
            "UPDATE cookie SET cookie = substr(cookie, strpos(cookie, 'token:')) WHERE strpos(cookie, 'token:') > 1",
        ],
        "lead": ["CREATE INDEX lead_by_update_time ON lead (updated_at, id, known)"],
    },
    2: {
        # Where the built-in credential opens a subscription, the built-in client does.
        "credential": [
            *(
                statement.format(prefix)
                for prefix, key in (("", "client_id"), ("baseline_", "client_id, subscription"))
                for statement in (
                    "CREATE TABLE {}client (client_id TEXT NOT NULL, subscription TEXT NOT NULL, position BIGINT NOT "
                    "NULL, mark TEXT NOT NULL, secrets JSON NOT NULL, api_user TEXT NOT NULL, permissions JSON, "
                    f"blocked BOOLEAN NOT NULL, PRIMARY KEY ({key}))",
                    "CREATE INDEX ix_{0}client_subscription ON {0}client (subscription)",
                    "INSERT INTO {0}client SELECT 'mockmkto-client', subscription, position, '3469389e469d', "
                    "'[\"mockmkto-client-secret\"]', 'api@mockmkto.example', NULL, blocked FROM {0}credential WHERE "
                    "user_id = 'mockmkto' AND "
                    "strpos(CAST(encryption_keys AS TEXT), '\"mockmkto-encryption-key\"') > 0",
                )
            ),
            "CREATE INDEX ix_client_mark ON client (mark)",
        ],
        "snapshot": ["ALTER TABLE snapshot ADD COLUMN clients JSON"],
        "state": ["ALTER TABLE state ADD COLUMN next_company_id BIGINT NOT NULL DEFAULT 1001"],
        "field": field_upgrade.STATEMENTS,
        "opportunity_key": [  # their external key finds opportunities by the name that the REST API has for it, too
            "INSERT INTO opportunity_key (name, value, opportunity_id) SELECT 'externalopportunityid', "
            "trim(external_value), id FROM opportunity WHERE external_value IS NOT NULL AND "
            "lower(trim(external_name)) <> 'externalopportunityid'",
        ],
        "program": ["ALTER TABLE program ADD COLUMN description TEXT NOT NULL DEFAULT ''"],
        "static_list": [
            "ALTER TABLE static_list ADD COLUMN description TEXT",
            "ALTER TABLE static_list ADD COLUMN folder_id BIGINT",
        ],
    },
    3: {},  # nothing that both of them do alike
    4: {"subscription": ["ALTER TABLE subscription ADD COLUMN callers TEXT NOT NULL DEFAULT ''"]},
}
"""For each version that can still be read: what makes the next one of it, by a table that tells the file's kind
(`subscription`, `state`, `call`). A kind that is not there did not change."""

FURTHER_OF_SQLITE: dict[int, dict[str, Sequence[str]]] = {3: {"lead": lead_upgrade.OF_SQLITE}}
"""What SQLite alone needs behind that."""

FURTHER_OF_POSTGRESQL: dict[int, dict[str, Sequence[str]]] = {
    2: {
        "lead_key": [
            "DROP INDEX lead_key_by_key",
            "CREATE INDEX lead_key_by_key ON lead_key (key_type, substr(value, 1, 255), lead_id)",
        ],
    },
    3: {"lead": lead_upgrade.OF_POSTGRESQL},
}
"""What PostgreSQL alone needs behind that."""

_MAGIC = b"SQLite format 3\0"
_HEAD = 100  # bytes


class UnusableFileError(sqlite3.DatabaseError):
    """A file that is not ours, or of another version; the text says which. It has not been touched."""


def check_head(path: Path) -> None:
    """Look at a file without opening it as a database: SQLite would finish what another program has begun in it.

    Raises:
        UnusableFileError: another program has written it, or a newer mockmkto.
        sqlite3.DatabaseError: it is no database.
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        raise sqlite3.OperationalError("unable to open database file") from None
    if not head:
        raise UnusableFileError(empty(path))
    if not head.startswith(_MAGIC) or len(head) < _HEAD:
        raise sqlite3.DatabaseError("file is not a database")
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        raise UnusableFileError(f"{path} is a database of another program")
    _refuse_newer(int.from_bytes(head[60:64], "big"), path)


def check_file(path: Path) -> None:
    """Look at a file that must be a whole database of ours, without opening it as one.

    Raises:
        UnusableFileError: it is empty or cut short, another program has written it, or a newer mockmkto.
        sqlite3.DatabaseError: it is no database.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if not size:
        raise UnusableFileError(empty(path))
    check_head(path)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return  # what is behind the file's end may be there
    with path.open("rb") as file:
        head = file.read(_HEAD)
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    if size < pages * (page if page > 1 else 65536):
        raise UnusableFileError(f"{path} is cut short. Nothing was changed. Put a copy of it in its place")


def empty(path: Path) -> str:
    """What is wrong with a file that has no bytes, and what to do."""
    return f"{path} is empty, which mockmkto never leaves behind. Nothing was changed. Put a copy of it in its place"


def mark(raw: sqlite3.Connection) -> None:
    """Write into an empty database whose it is, and of which version, before anything else is written."""
    raw.execute("BEGIN IMMEDIATE")
    raw.execute(f"PRAGMA application_id = {APPLICATION}")
    raw.execute(f"PRAGMA user_version = {SCHEMA}")
    raw.execute("COMMIT")


def upgrade(raw: sqlite3.Connection, path: Path) -> bool:
    """Make an older file one of today, all of it or nothing; whether it was older, and may lack tables that are new.

    Raises:
        UnusableFileError: there is no way from its version to today's.
    """
    version: int = raw.execute("PRAGMA user_version").fetchone()[0]
    _refuse_newer(version, path)
    if version == SCHEMA:
        return False
    if any(step not in UPGRADES for step in range(version, SCHEMA)):
        raise UnusableFileError(
            f"{path} was written by an older mockmkto, in version {version} of its tables, which this one (version "
            f"{SCHEMA}) cannot read any more: export it with the older one, and load the export as a fixture"
        )
    raw.create_function("strpos", 2, lambda text, part: text.find(part) + 1, deterministic=True)  # PostgreSQL has it
    raw.execute("BEGIN IMMEDIATE")
    try:
        tables = _tables(raw)
        for step in range(version, SCHEMA):
            for changes in (UPGRADES[step], FURTHER_OF_SQLITE.get(step, {})):
                for table, statements in changes.items():
                    for statement in statements if table in tables else ():
                        raw.execute(statement)
        raw.execute(f"PRAGMA user_version = {SCHEMA}")
        raw.execute("COMMIT")
    except BaseException:
        raw.execute("ROLLBACK")
        raise
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the head of the file says so, too
    return True


def upgrade_schemas(
    connection: Connection, version: int, schemas: Sequence[str], tables_of: Mapping[str, MetaData]
) -> None:
    """Make older schemas of PostgreSQL ones of today, in the transaction of the connection.

    Args:
        connection: where it is done.
        version: of the schemas.
        schemas: their names.
        tables_of: what a schema with a table of that name has today: what it lacks is made.

    Raises:
        UnusableDatabaseError: they are newer, or there is no way from their version to today's.
    """
    if version > SCHEMA:
        raise UnusableDatabaseError(
            f"it was made by a newer mockmkto, in version {version} of its tables; this one knows version {SCHEMA}"
        )
    if any(step not in UPGRADES for step in range(version, SCHEMA)):
        raise UnusableDatabaseError(
            f"it was made by an older mockmkto, in version {version} of its tables, which this one (version {SCHEMA}) "
            "cannot read any more: export it with the older one, and load the export as a fixture"
        )
    tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = %(name)s"
    for schema in schemas:
        there = set(connection.exec_driver_sql(tables, {"name": schema}).scalars())
        connection.exec_driver_sql("SELECT set_config('search_path', %(path)s, true)", {"path": f'"{schema}"'})
        for step in range(version, SCHEMA):
            for changes in (UPGRADES[step], FURTHER_OF_POSTGRESQL.get(step, {})):
                for table, statements in changes.items():
                    for statement in statements if table in there else ():
                        connection.exec_driver_sql(statement)
        for table, metadata in tables_of.items():
            if table in there and version < SCHEMA:
                metadata.create_all(connection)


def check_tables(raw: sqlite3.Connection, metadata: MetaData, path: Path) -> None:
    """Look whether a file of ours is of the kind that is expected at its place.

    Raises:
        UnusableFileError: its tables are others.
    """
    there = _tables(raw)
    if there and there.isdisjoint(metadata.tables):
        raise UnusableFileError(f"{path} is another one of mockmkto's files, in the wrong place")


def _tables(raw: sqlite3.Connection) -> set[str]:
    return {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _refuse_newer(version: int, path: Path) -> None:
    if version > SCHEMA:
        raise UnusableFileError(
            f"{path} was written by a newer mockmkto, in version {version} of its tables; this one knows version "
            f"{SCHEMA}"
        )
