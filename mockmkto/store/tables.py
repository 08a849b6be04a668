"""The tables: one set for the registry, one for each subscription. No table has a tenant column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    func,
)

__all__ = [
    "BEGINNING",
    "BY_HASH",
    "COUNTERS",
    "GOING",
    "MOMENT",
    "NUMBER",
    "TEXT",
    "activity",
    "assignment_rule",
    "baseline_client",
    "baseline_credential",
    "client",
    "cookie",
    "credential",
    "day_count",
    "fault_rule",
    "field",
    "foreign_id",
    "lead",
    "lead_key",
    "partition",
    "recent_call",
    "registry_metadata",
    "rest_day_count",
    "rest_recent_call",
    "setting",
    "snapshot",
    "state",
    "subscription",
    "subscription_metadata",
    "token",
    "workspace",
]


# SQLite's numbers have 64 bits, and it compares texts byte by byte; so does PostgreSQL when it is told to.
NUMBER = Integer().with_variant(BigInteger(), "postgresql")
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


class _Moment(TypeDecorator[datetime]):
    """A time as the microseconds since 1970: of a million leads, 50 MB less than as texts, and sorted as times are."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:  # noqa: ARG002
        return _microseconds

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:  # noqa: ARG002
        return _moment


def _microseconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + microseconds * _MICROSECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

MOMENT = _Moment()

BEGINNING = 255  # characters of a text that may be of any length, as many as a B-tree of PostgreSQL's surely holds

BY_HASH = "by_hash"
"""In the `info` of a column of texts of any length: the index by hash that PostgreSQL has of it, and SQLite has not.

An `Index` that said so itself would have SQLAlchemy load PostgreSQL's dialect wherever the tables are known."""


# ---------------------------------------------------------------------------------------------------------------------
# The registry

registry_metadata = MetaData()

subscription = Table(
    "subscription",
    registry_metadata,
    Column("name", TEXT, primary_key=True),
    # Where it stands among the others. Negative while it is being made; beyond GOING while it is being deleted.
    Column("position", NUMBER, nullable=False, unique=True),
    # A random token, new with every change of who may call it: where several servers write, callers are known by it.
    Column("callers", TEXT, nullable=False, server_default=""),
)
GOING = -(10**12)


def _credential_columns(*, in_several: bool) -> tuple[Column[object], ...]:
    return (
        Column("user_id", TEXT, primary_key=True),
        Column("subscription", TEXT, primary_key=in_several, nullable=False, index=True),
        Column("position", NUMBER, nullable=False),
        Column("encryption_keys", JSON, nullable=False),
        Column("blocked", Boolean, nullable=False),
    )


# A user id opens one subscription, but may be in the baseline of several.
credential = Table("credential", registry_metadata, *_credential_columns(in_several=False))
baseline_credential = Table("baseline_credential", registry_metadata, *_credential_columns(in_several=True))


def _client_columns(*, in_several: bool) -> tuple[Column[object], ...]:
    return (
        Column("client_id", TEXT, primary_key=True),
        Column("subscription", TEXT, primary_key=in_several, nullable=False, index=True),
        Column("position", NUMBER, nullable=False),
        Column("mark", TEXT, nullable=False, index=not in_several),  # how its tokens begin
        Column("secrets", JSON, nullable=False),
        Column("api_user", TEXT, nullable=False),
        Column("permissions", JSON(none_as_null=True)),  # none: all
        Column("blocked", Boolean, nullable=False),
    )


# As user ids.
client = Table("client", registry_metadata, *_client_columns(in_several=False))
baseline_client = Table("baseline_client", registry_metadata, *_client_columns(in_several=True))

# ---------------------------------------------------------------------------------------------------------------------
# A subscription

subscription_metadata = MetaData()

# What ids are counted of, each by itself (assumed: one counter a kind).
COUNTERS = (
    "lead",
    "activity",
    "list",
    "program",
    "campaign",
    "campaign_call",
    "import",
    "opportunity",
    "role",
    "custom_object",
    "company",
)

# One row. `world_version` is a random token, new with every change of the world: a cached world is known by it.
state = Table(
    "state",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("next_lead_id", NUMBER, nullable=False),
    Column("last_order", NUMBER, nullable=False),
    Column("world_version", TEXT, nullable=False),
    Column("clock_offset_us", BigInteger, nullable=False),
    Column("clock_frozen_at", TEXT),
    Column("fault_rules", NUMBER, nullable=False),  # how many there are: most calls need not look
    Column("due_at", TEXT),  # when something is to be done that was put off
    *(Column(f"next_{name}_id", NUMBER, nullable=False) for name in COUNTERS[1:]),
)

fault_rule = Table(
    "fault_rule",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("position", NUMBER, nullable=False),
    Column("definition", JSON, nullable=False),
    Column("seen", NUMBER, nullable=False),
    Column("fired", NUMBER, nullable=False),
)

# One row in a snapshot's copy of the subscription, which so says what it is; none in the subscription itself.
snapshot = Table(
    "snapshot",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("number", NUMBER, nullable=False),  # in the order in which they were taken
    Column("taken_at", TEXT, nullable=False),
    Column("leads", NUMBER, nullable=False),
    Column("credentials", JSON, nullable=False),
    Column("clients", JSON(none_as_null=True)),  # none: it was taken before there were any
)

# Of each client the token that lives, and those that have expired and were not used since; by the subscription's time.
token = Table(
    "token",
    subscription_metadata,
    Column("token", TEXT, primary_key=True),
    Column("client_id", TEXT, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
)
Index("token_by_client", token.c.client_id, token.c.expires_at_us)


def _count_tables(prefix: str) -> tuple[Table, Table]:
    """What the limits of an API count: one row a day of the quota, one row a call of the last 20 seconds."""
    return (
        Table(
            f"{prefix}day_count",
            subscription_metadata,
            Column("day", TEXT, primary_key=True),
            Column("calls", NUMBER, nullable=False),
        ),
        Table(
            f"{prefix}recent_call",
            subscription_metadata,
            Column("id", NUMBER, primary_key=True, autoincrement=False),
            Column("at_us", BigInteger, nullable=False, index=True),
        ),
    )


day_count, recent_call = _count_tables("")
rest_day_count, rest_recent_call = _count_tables("rest_")

setting = Table(
    "setting",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("value", TEXT, nullable=False),
)

field = Table(
    "field",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("folded_name", TEXT, nullable=False, unique=True),
    Column("type", TEXT, nullable=False),
    Column("length", NUMBER),
    Column("read_only", Boolean, nullable=False),
    Column("update_blocked", Boolean, nullable=False),
    Column("display_name", TEXT),
    Column("rest_name", TEXT),
    Column("rest_read_only", Boolean, nullable=False),
    Column("soap", Boolean, nullable=False),
    Column("rest", Boolean, nullable=False),
    Column("id", NUMBER),
    Column("description", TEXT),
    Column("hidden", Boolean, nullable=False),
    Column("html_encoded", Boolean, nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("api_created", Boolean, nullable=False),
)

partition = Table(
    "partition",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("folded_name", TEXT, nullable=False, unique=True),
    Column("position", NUMBER, nullable=False),
)

workspace = Table(
    "workspace",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("folded_name", TEXT, nullable=False, unique=True),
    Column("position", NUMBER, nullable=False),
    Column("primary_partition", TEXT, ForeignKey("partition.name"), nullable=False),
)

assignment_rule = Table(
    "assignment_rule",
    subscription_metadata,
    Column("position", NUMBER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("partition", TEXT, ForeignKey("partition.name"), nullable=False),
)

# `email` is what is compared, `sent_email` as it was sent where that is another text: most are kept once. The orders
# are counters of the subscription.
lead = Table(
    "lead",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("email", TEXT),
    Column("sent_email", TEXT),
    Column("known", Boolean, nullable=False),
    Column("partition", TEXT, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    Column("created_order", NUMBER, nullable=False),
    Column("updated_order", NUMBER, nullable=False),
)
# PostgreSQL sorts what has no e-mail last, unless index and query say otherwise.
_BY_EMAIL = "lead_by_email_updated"
Index(_BY_EMAIL, lead.c.email, lead.c.updated_order).ddl_if(dialect="sqlite")
Index(_BY_EMAIL, lead.c.email.nulls_first(), lead.c.updated_order).ddl_if(dialect="postgresql")
Index("lead_by_updated", lead.c.updated_order)
# The Id is in every index of SQLite's as it is, behind the columns that are named.
_BY_TIME = "lead_by_update_time"
Index(_BY_TIME, lead.c.updated_at, lead.c.known).ddl_if(dialect="sqlite")
Index(_BY_TIME, lead.c.updated_at, lead.c.id, lead.c.known).ddl_if(dialect="postgresql")
Index("lead_by_partition", lead.c.partition, lead.c.known)

# The keys below may be of any length, which a B-tree of PostgreSQL's cannot hold: it looks them up by their hash. That
# each is there once is seen to by whoever writes it, alone with the subscription.
foreign_id = Table(
    "foreign_id",
    subscription_metadata,
    Column("type", TEXT, nullable=False),
    Column("person_id", TEXT, nullable=False),
    Column("lead_id", NUMBER, nullable=False),
    Column("written_order", NUMBER, nullable=False),
    PrimaryKeyConstraint("type", "person_id").ddl_if(dialect="sqlite"),
    sqlite_with_rowid=False,
)
foreign_id.c.person_id.info[BY_HASH] = "foreign_id_by_key"
Index("foreign_id_by_lead", foreign_id.c.lead_id, foreign_id.c.written_order)

cookie = Table(
    "cookie",
    subscription_metadata,
    Column("cookie", TEXT, nullable=False),  # what is compared
    Column("lead_id", NUMBER, nullable=False),
    Column("written_order", NUMBER, nullable=False),
    Column("shown", TEXT, nullable=False),  # as it was sent, without the leading `id:`
    PrimaryKeyConstraint("cookie").ddl_if(dialect="sqlite"),
    sqlite_with_rowid=False,
)
cookie.c.cookie.info[BY_HASH] = "cookie_by_key"
Index("cookie_by_lead", cookie.c.lead_id, cookie.c.written_order)

# The values of the fields that a getLead key type looks into (`lead_keys` of a fixture), and of those that leads were
# looked for by (`lead_values`), folded. Many leads may have the same one: PostgreSQL, too, has a B-tree, of beginnings.
lead_key = Table(
    "lead_key",
    subscription_metadata,
    Column("key_type", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("lead_id", NUMBER, nullable=False),
    PrimaryKeyConstraint("key_type", "value", "lead_id").ddl_if(dialect="sqlite"),
    sqlite_with_rowid=False,
)
Index("lead_key_by_key", lead_key.c.key_type, func.substr(lead_key.c.value, 1, BEGINNING), lead_key.c.lead_id).ddl_if(
    dialect="postgresql"
)
Index("lead_key_by_lead", lead_key.c.lead_id)

# The log. Its order is that of (at, id): ids need not rise with time. `at` is in whole seconds since 1970.
activity = Table(
    "activity",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("lead_id", NUMBER, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("asset", TEXT, nullable=False),
    Column("campaign", TEXT),
    Column("attributes", JSON, nullable=False),  # pairs, in their order
)
Index("activity_by_time", activity.c.at, activity.c.id, activity.c.lead_id)
Index("activity_by_lead", activity.c.lead_id, activity.c.at, activity.c.id, activity.c.type)
Index("activity_by_type", activity.c.type, activity.c.at, activity.c.id)
