"""The tables of opportunities, of roles in them, of companies, and of custom objects."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, PrimaryKeyConstraint, Table

from mockmkto.store.tables import BY_HASH, NUMBER, TEXT, subscription_metadata

__all__ = [
    "OF_LEADS",
    "company",
    "custom_key",
    "custom_object",
    "object_definition",
    "opportunity",
    "opportunity_key",
    "role",
]

# What is said of objects, as a fixture says it: types of custom objects, fields of opportunities and of roles.
object_definition = Table(
    "object_definition",
    subscription_metadata,
    Column("kind", TEXT, nullable=False),
    Column("position", NUMBER, nullable=False),
    Column("definition", JSON, nullable=False),
    PrimaryKeyConstraint("kind", "position"),
)

opportunity = Table(
    "opportunity",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("external_name", TEXT),
    Column("external_value", TEXT),
    Column("company", TEXT),
    Column("folded_company", TEXT),
    Column("attributes", JSON, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
)
opportunity.c.folded_company.info[BY_HASH] = "opportunity_by_company"
Index("opportunity_by_company_and_id", opportunity.c.folded_company, opportunity.c.id).ddl_if(dialect="sqlite")

# Whatever can stand as the external key of an opportunity: the one that it was given, and each of its own fields. A
# key may be of any length, which PostgreSQL looks up by its hash.
opportunity_key = Table(
    "opportunity_key",
    subscription_metadata,
    Column("name", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("opportunity_id", NUMBER, nullable=False),
    PrimaryKeyConstraint("name", "value", "opportunity_id").ddl_if(dialect="sqlite"),
    sqlite_with_rowid=False,
)
opportunity_key.c.value.info[BY_HASH] = "opportunity_key_by_value"
Index("opportunity_key_by_opportunity", opportunity_key.c.opportunity_id)

role = Table(
    "opportunity_role",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("opportunity_id", NUMBER, nullable=False),
    Column("lead_id", NUMBER, nullable=False),
    Column("folded_role", TEXT, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
)
Index("role_by_opportunity", role.c.opportunity_id, role.c.lead_id)
Index("role_by_lead", role.c.lead_id, role.c.id)

company = Table(
    "company",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("external_id", TEXT, nullable=False),
    Column("folded_name", TEXT, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
)
Index("company_by_external_id", company.c.external_id, company.c.id).ddl_if(dialect="sqlite")
Index("company_by_name", company.c.folded_name, company.c.id).ddl_if(dialect="sqlite")
company.c.external_id.info[BY_HASH] = "company_by_external_hash"
company.c.folded_name.info[BY_HASH] = "company_by_name_hash"

# `identity` are the values of all keys, which no two records of a type share: whoever writes sees to that, alone with
# the subscription. `place` is what records are ordered by, cut to what a B-tree of PostgreSQL's can hold.
custom_object = Table(
    "custom_object",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("type", TEXT, nullable=False),
    Column("identity", TEXT, nullable=False),
    Column("place", TEXT, nullable=False),
    Column("lead_id", NUMBER),
    Column("attributes", JSON, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
)
Index("custom_object_in_order", custom_object.c.type, custom_object.c.place, custom_object.c.id)
Index("custom_object_by_identity", custom_object.c.type, custom_object.c.identity).ddl_if(dialect="sqlite")
custom_object.c.identity.info[BY_HASH] = "custom_object_by_hash"
Index("custom_object_by_lead", custom_object.c.lead_id)

# The value of each key of each record, in its order.
custom_key = Table(
    "custom_object_key",
    subscription_metadata,
    Column("type", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("place", TEXT, nullable=False),
    Column("object_id", NUMBER, nullable=False),
    PrimaryKeyConstraint("type", "name", "value", "place", "object_id").ddl_if(dialect="sqlite"),
    sqlite_with_rowid=False,
)
custom_key.c.value.info[BY_HASH] = "custom_object_key_by_value"
Index("custom_object_key_by_object", custom_key.c.object_id)

OF_LEADS = (opportunity_key, role, opportunity, company, custom_key, custom_object)
"""What goes when every lead goes: the definitions stay."""
