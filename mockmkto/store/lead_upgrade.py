"""What an upgrade to version 4 of the tables does about leads: times as numbers, and an e-mail that is kept once.

A time was a text, in UTC and with six digits of a second or none. SQLite changes no column's type: the leads move into
a table that has the right ones.
"""

from __future__ import annotations

__all__ = ["OF_POSTGRESQL", "OF_SQLITE"]


def _microseconds(seconds: str, column: str) -> str:
    """A time as the microseconds since 1970, from whole numbers alone; `seconds` are those of its first 19 letters."""
    text = seconds.format(f"substr({column}, 1, 19)")
    return (
        f"CAST({text} AS BIGINT) * 1000000 + "
        f"CASE WHEN substr({column}, 20, 1) = '.' THEN CAST(substr({column}, 21, 6) AS INTEGER) ELSE 0 END"
    )


_OF_SQLITE, _OF_POSTGRESQL = "strftime('%s', {})", "extract(epoch FROM CAST({} AS timestamp))"

OF_SQLITE = (
    # First, for the new table to have their place: the file does not grow, nor what a reset copies of it.
    *(
        f"DROP INDEX lead_by_{name}"
        for name in ("email_updated", "email_created", "updated", "update_time", "partition")
    ),
    "CREATE TABLE new_lead (id INTEGER NOT NULL, email TEXT, sent_email TEXT, known BOOLEAN NOT NULL, "
    "partition TEXT NOT NULL, attributes JSON NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, "
    "created_order INTEGER NOT NULL, updated_order INTEGER NOT NULL, PRIMARY KEY (id))",
    "INSERT INTO new_lead SELECT id, folded_email, nullif(email, folded_email), "
    f"known, partition, attributes, {_microseconds(_OF_SQLITE, 'created_at')}, "
    f"{_microseconds(_OF_SQLITE, 'updated_at')}, created_order, updated_order FROM lead ORDER BY id",
    "DROP TABLE lead",
    "ALTER TABLE new_lead RENAME TO lead",
    "CREATE INDEX lead_by_email_updated ON lead (email, updated_order)",
    "CREATE INDEX lead_by_updated ON lead (updated_order)",
    "CREATE INDEX lead_by_update_time ON lead (updated_at, known)",
    "CREATE INDEX lead_by_partition ON lead (partition, known)",
)
OF_POSTGRESQL = (
    "DROP INDEX lead_by_email_created",
    "ALTER TABLE lead "
    + ", ".join(
        f"ALTER COLUMN {name} TYPE BIGINT USING {_microseconds(_OF_POSTGRESQL, name)}"
        for name in ("created_at", "updated_at")
    ),
    "ALTER TABLE lead RENAME COLUMN email TO sent_email",
    "ALTER TABLE lead RENAME COLUMN folded_email TO email",
    "UPDATE lead SET sent_email = NULL WHERE sent_email = email",
)
