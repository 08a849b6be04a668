"""The tables: one set for the registry, one for each subscription. No table has a tenant column."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, Text

__all__ = [
    "assignment_rule",
    "baseline_credential",
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
    "setting",
    "snapshot",
    "state",
    "subscription",
    "subscription_metadata",
    "workspace",
]


# ---------------------------------------------------------------------------------------------------------------------
# The registry

registry_metadata = MetaData()

subscription = Table(
    "subscription",
    registry_metadata,
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False, unique=True),
)


def _credential_columns(*, in_several: bool) -> tuple[Column[object], ...]:
    return (
        Column("user_id", Text, primary_key=True),
        Column("subscription", Text, primary_key=in_several, nullable=False, index=True),
        Column("position", Integer, nullable=False),
        Column("encryption_keys", JSON, nullable=False),
        Column("blocked", Boolean, nullable=False),
    )


# A user id opens one subscription, but may be in the baseline of several.
credential = Table("credential", registry_metadata, *_credential_columns(in_several=False))
baseline_credential = Table("baseline_credential", registry_metadata, *_credential_columns(in_several=True))

# ---------------------------------------------------------------------------------------------------------------------
# A subscription

subscription_metadata = MetaData()

# One row. `world_version` is a random token, new with every change of the world: a cached world is known by it.
state = Table(
    "state",
    subscription_metadata,
    Column("id", Integer, primary_key=True),
    Column("next_lead_id", Integer, nullable=False),
    Column("last_order", Integer, nullable=False),
    Column("world_version", Text, nullable=False),
    Column("clock_offset_us", BigInteger, nullable=False),
    Column("clock_frozen_at", Text),
    Column("fault_rules", Integer, nullable=False),  # how many there are: most calls need not look
)

fault_rule = Table(
    "fault_rule",
    subscription_metadata,
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("definition", JSON, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("fired", Integer, nullable=False),
)

# One row in a snapshot's copy of the subscription, which so says what it is; none in the subscription itself.
snapshot = Table(
    "snapshot",
    subscription_metadata,
    Column("name", Text, primary_key=True),
    Column("number", Integer, nullable=False),  # in the order in which they were taken
    Column("taken_at", Text, nullable=False),
    Column("leads", Integer, nullable=False),
    Column("credentials", JSON, nullable=False),
)

# What the limits count: one row a day of the quota, one row a call of the last 20 seconds.
day_count = Table(
    "day_count",
    subscription_metadata,
    Column("day", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
)
recent_call = Table(
    "recent_call",
    subscription_metadata,
    Column("id", Integer, primary_key=True),
    Column("at_us", BigInteger, nullable=False, index=True),
)

setting = Table(
    "setting",
    subscription_metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

field = Table(
    "field",
    subscription_metadata,
    Column("name", Text, primary_key=True),
    Column("folded_name", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("length", Integer),
    Column("read_only", Boolean, nullable=False),
    Column("update_blocked", Boolean, nullable=False),
)

partition = Table(
    "partition",
    subscription_metadata,
    Column("name", Text, primary_key=True),
    Column("folded_name", Text, nullable=False, unique=True),
    Column("position", Integer, nullable=False),
)

workspace = Table(
    "workspace",
    subscription_metadata,
    Column("name", Text, primary_key=True),
    Column("folded_name", Text, nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("primary_partition", Text, ForeignKey("partition.name"), nullable=False),
)

assignment_rule = Table(
    "assignment_rule",
    subscription_metadata,
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("partition", Text, ForeignKey("partition.name"), nullable=False),
)

# `email` is as it was sent, `folded_email` what is compared. The orders are counters of the subscription.
lead = Table(
    "lead",
    subscription_metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("email", Text),
    Column("folded_email", Text),
    Column("known", Boolean, nullable=False),
    Column("partition", Text, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("created_order", Integer, nullable=False),
    Column("updated_order", Integer, nullable=False),
)
Index("lead_by_email_updated", lead.c.folded_email, lead.c.updated_order)
Index("lead_by_email_created", lead.c.folded_email, lead.c.created_order)
Index("lead_by_updated", lead.c.updated_order)
Index("lead_by_partition", lead.c.partition, lead.c.known)

foreign_id = Table(
    "foreign_id",
    subscription_metadata,
    Column("type", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("lead_id", Integer, nullable=False),
    Column("written_order", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("foreign_id_by_lead", foreign_id.c.lead_id, foreign_id.c.written_order)

cookie = Table(
    "cookie",
    subscription_metadata,
    Column("cookie", Text, primary_key=True),
    Column("lead_id", Integer, nullable=False),
    Column("written_order", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("cookie_by_lead", cookie.c.lead_id, cookie.c.written_order)

# The values of the fields that a getLead key type looks into (`lead_keys` of a fixture), folded.
lead_key = Table(
    "lead_key",
    subscription_metadata,
    Column("key_type", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("lead_id", Integer, primary_key=True),
    sqlite_with_rowid=False,
)
Index("lead_key_by_lead", lead_key.c.lead_id)
