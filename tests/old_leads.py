"""Leads as version 3 of the tables had them, and what they are after an upgrade: the same."""

from __future__ import annotations

from datetime import UTC, datetime

from mockmkto.model import Lead

_ROWS = (
    # as most are, written the same as it is compared
    "(1, 'ann@example.com', 'ann@example.com', true, 'Default', '{\"FirstName\":\"Änn\"}', "
    "'2026-03-14T09:26:53.589793+00:00', '2026-03-15T00:00:00+00:00', 1, 9)",
    # the same e-mail in another case, with fewer microseconds than a second has digits
    "(2, ' Ann@Example.com', 'ann@example.com', true, 'Default', '{}', "
    "'2026-03-14T09:26:53.000001+00:00', '2026-03-14T09:26:53.999999+00:00', 2, 3)",
    # anonymous, with times before 1970 and as late as can be
    "(-7, NULL, NULL, false, 'Default', '{}', '0001-01-01T00:00:00+00:00', '1969-12-31T23:59:59.999999+00:00', 4, 5)",
    "(9007199254740993, '', '', true, 'Default', '{}', "
    "'9999-12-31T23:59:59.999999+00:00', '9999-12-31T23:59:59.999999+00:00', 6, 7)",
)
_FILL = "INSERT INTO lead VALUES " + ", ".join(_ROWS)

OF_SQLITE = (
    "DROP TABLE lead",
    "CREATE TABLE lead (id INTEGER NOT NULL, email TEXT, folded_email TEXT, known BOOLEAN NOT NULL, "
    "partition TEXT NOT NULL, attributes JSON NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, "
    "created_order INTEGER NOT NULL, updated_order INTEGER NOT NULL, PRIMARY KEY (id))",
    "CREATE INDEX lead_by_email_updated ON lead (folded_email, updated_order)",
    "CREATE INDEX lead_by_email_created ON lead (folded_email, created_order)",
    "CREATE INDEX lead_by_updated ON lead (updated_order)",
    "CREATE INDEX lead_by_update_time ON lead (updated_at, id, known)",
    "CREATE INDEX lead_by_partition ON lead (partition, known)",
    _FILL,
)
OF_POSTGRESQL = (
    "DROP TABLE lead",
    'CREATE TABLE lead (id BIGINT NOT NULL, email TEXT COLLATE "C", folded_email TEXT COLLATE "C", '
    'known BOOLEAN NOT NULL, partition TEXT COLLATE "C" NOT NULL, attributes JSON NOT NULL, '
    'created_at TEXT COLLATE "C" NOT NULL, updated_at TEXT COLLATE "C" NOT NULL, '
    "created_order BIGINT NOT NULL, updated_order BIGINT NOT NULL, PRIMARY KEY (id))",
    "CREATE INDEX lead_by_email_updated ON lead (folded_email NULLS FIRST, updated_order)",
    "CREATE INDEX lead_by_email_created ON lead (folded_email NULLS FIRST, created_order)",
    "CREATE INDEX lead_by_updated ON lead (updated_order)",
    "CREATE INDEX lead_by_update_time ON lead (updated_at, id, known)",
    "CREATE INDEX lead_by_partition ON lead (partition, known)",
    _FILL,
)

UPGRADED = tuple(
    Lead(number, email, known, "Default", attributes, created_at, updated_at, created_order, updated_order)
    for number, email, known, attributes, created_at, updated_at, created_order, updated_order in (
        (
            1,
            "ann@example.com",
            True,
            {"FirstName": "Änn"},
            datetime(2026, 3, 14, 9, 26, 53, 589_793, UTC),
            datetime(2026, 3, 15, tzinfo=UTC),
            1,
            9,
        ),
        (
            2,
            " Ann@Example.com",
            True,
            {},
            datetime(2026, 3, 14, 9, 26, 53, 1, UTC),
            datetime(2026, 3, 14, 9, 26, 53, 999_999, UTC),
            2,
            3,
        ),
        (
            -7,
            None,
            False,
            {},
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
            4,
            5,
        ),
        (
            9_007_199_254_740_993,
            "",
            True,
            {},
            datetime.max.replace(tzinfo=UTC),
            datetime.max.replace(tzinfo=UTC),
            6,
            7,
        ),
    )
)
"""In the order in which they were created."""

E_MAILS = "SELECT email, sent_email FROM lead ORDER BY created_order"
KEPT = [("ann@example.com", None), ("ann@example.com", " Ann@Example.com"), (None, None), ("", None)]
"""How they are kept: what is compared, and what was sent where that is another text."""
