"""The tables of programs and of what belongs to them: static lists, campaigns, imports, channels, tags."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, PrimaryKeyConstraint, Table

from mockmkto.store.tables import NUMBER, TEXT, subscription_metadata

__all__ = [
    "OF_LEADS",
    "campaign",
    "campaign_call",
    "campaign_lead",
    "channel",
    "lead_token",
    "list_import",
    "list_key",
    "list_member",
    "program",
    "program_member",
    "static_list",
    "tag_type",
]

program = Table(
    "program",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
    Column("folded_name", TEXT, nullable=False, unique=True),
    Column("type", TEXT, nullable=False),
    Column("channel", TEXT),
    Column("workspace", TEXT, nullable=False),
    Column("folder", TEXT),
    Column("description", TEXT, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("tokens", JSON, nullable=False),
    Column("costs", JSON, nullable=False),
    Column("start_date", TEXT),
    Column("end_date", TEXT),
    Column("archived", Boolean, nullable=False),
    Column("crm_id", TEXT),
    Column("cloned_on", TEXT, index=True),
    Column("created_at", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
)

# Which leads are in a program, and how far they came.
program_member = Table(
    "program_member",
    subscription_metadata,
    Column("program_id", NUMBER, nullable=False),
    Column("lead_id", NUMBER, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("acquired_by", Boolean, nullable=False),
    Column("since", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
    PrimaryKeyConstraint("program_id", "lead_id"),
    sqlite_with_rowid=False,
)
Index("program_member_by_lead", program_member.c.lead_id)

channel = Table(
    "channel",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("folded_name", TEXT, nullable=False, unique=True),
    Column("position", NUMBER, nullable=False),
    Column("statuses", JSON, nullable=False),
)

tag_type = Table(
    "tag_type",
    subscription_metadata,
    Column("name", TEXT, primary_key=True),
    Column("folded_name", TEXT, nullable=False, unique=True),
    Column("position", NUMBER, nullable=False),
    Column("tag_values", JSON, nullable=False),
)

# A list's name is unique within its program, or among those that have none: whoever writes it sees to that.
static_list = Table(
    "static_list",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
    Column("folded_name", TEXT, nullable=False),
    Column("program_id", NUMBER),
    Column("description", TEXT),
    Column("folder_id", NUMBER),  # where the asset API made it; otherwise it is where lists are
    Column("created_at", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
)
Index("static_list_by_name", static_list.c.folded_name, static_list.c.program_id)
Index("static_list_by_program", static_list.c.program_id)

# Another key that names a list: that of a salesperson, or of an owner of leads.
list_key = Table(
    "list_key",
    subscription_metadata,
    Column("key_type", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("list_id", NUMBER, nullable=False),
    PrimaryKeyConstraint("key_type", "value"),
    sqlite_with_rowid=False,
)
Index("list_key_by_list", list_key.c.list_id)

list_member = Table(
    "list_member",
    subscription_metadata,
    Column("list_id", NUMBER, nullable=False),
    Column("lead_id", NUMBER, nullable=False),
    Column("joined_order", NUMBER, nullable=False),
    PrimaryKeyConstraint("list_id", "lead_id"),
    sqlite_with_rowid=False,
)
Index("list_member_by_order", list_member.c.list_id, list_member.c.joined_order)
Index("list_member_by_lead", list_member.c.lead_id)

campaign = Table(
    "campaign",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
    Column("folded_name", TEXT, nullable=False),
    Column("program_id", NUMBER),
    Column("kind", TEXT, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("description", TEXT, nullable=False),
    Column("effects", JSON, nullable=False),
    Column("audience", NUMBER),
    Column("created_at", TEXT, nullable=False),
    Column("updated_at", TEXT, nullable=False),
)
Index("campaign_by_name", campaign.c.folded_name, campaign.c.program_id)
Index("campaign_by_program", campaign.c.program_id)
Index("campaign_by_kind", campaign.c.kind)

# A request of a campaign, or a scheduled run of one.
campaign_call = Table(
    "campaign_call",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("campaign_id", NUMBER, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("asked_at", TEXT, nullable=False),
    Column("run_at", TEXT, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("source", TEXT),
    Column("tokens", JSON, nullable=False),
)
Index("campaign_call_by_campaign", campaign_call.c.campaign_id, campaign_call.c.id)
Index("campaign_call_by_time", campaign_call.c.done, campaign_call.c.run_at)

campaign_lead = Table(
    "campaign_lead",
    subscription_metadata,
    Column("call_id", NUMBER, nullable=False),
    Column("position", NUMBER, nullable=False),
    Column("lead_id", NUMBER, nullable=False),
    PrimaryKeyConstraint("call_id", "position"),
    sqlite_with_rowid=False,
)
Index("campaign_lead_by_lead", campaign_lead.c.lead_id, campaign_lead.c.call_id)

# What an import gave for single leads, for the next run of a campaign.
lead_token = Table(
    "lead_token",
    subscription_metadata,
    Column("campaign_id", NUMBER, nullable=False),
    Column("lead_id", NUMBER, nullable=False),
    Column("tokens", JSON, nullable=False),
    PrimaryKeyConstraint("campaign_id", "lead_id"),
    sqlite_with_rowid=False,
)
Index("lead_token_by_lead", lead_token.c.lead_id)

list_import = Table(
    "list_import",
    subscription_metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("list_id", NUMBER, nullable=False),
    Column("program_id", NUMBER),
    Column("campaign_id", NUMBER),
    Column("mode", TEXT, nullable=False),
    Column("clear_list", Boolean, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("started_at", TEXT, nullable=False),
    Column("due_at", TEXT, nullable=False),
    Column("ended_at", TEXT),
    Column("estimated_rows", NUMBER, nullable=False),
    Column("imported", NUMBER, nullable=False),
    Column("failed", NUMBER, nullable=False),
    Column("ignored", NUMBER, nullable=False),
    Column("summary", TEXT),
    Column("header", TEXT, nullable=False),
    Column("file_rows", JSON, nullable=False),
)
Index("list_import_by_list", list_import.c.list_id, list_import.c.id)
Index("list_import_by_time", list_import.c.status, list_import.c.due_at)

OF_LEADS = (list_member, program_member, campaign_lead, campaign_call, lead_token, list_import)
"""What goes when every lead goes; programs, lists and campaigns themselves stay, as fields do."""
