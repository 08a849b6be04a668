"""The world of a subscription as rows: fields, partitions, workspaces, assignment rules, switches, time zone."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, delete, insert, select

from mockmkto.model import AssignmentRule, Condition, Field, FieldCatalogue, FieldType, Operator, Workspace, World
from mockmkto.settings import behaviour_from, behaviour_texts
from mockmkto.store.tables import assignment_rule, field, partition, setting, workspace

__all__ = ["load", "save"]

_TIME_ZONE = "time_zone"
_BEHAVIOUR = "behaviour."
_LEAD_KEY = "lead_key."


def save(connection: Connection, world: World) -> None:
    """Replace the stored world by this one."""
    for table in (assignment_rule, workspace, partition, field, setting):
        connection.execute(delete(table))
    _insert(connection, field, [_field_row(item) for item in world.fields])
    _insert(
        connection,
        partition,
        [
            {"name": name, "folded_name": name.casefold(), "position": position}
            for position, name in enumerate(world.partitions)
        ],
    )
    _insert(
        connection,
        workspace,
        [
            {
                "name": item.name,
                "folded_name": item.name.casefold(),
                "position": position,
                "primary_partition": item.primary_partition,
            }
            for position, item in enumerate(world.workspaces)
        ],
    )
    _insert(
        connection,
        assignment_rule,
        [
            {
                "position": position,
                "name": rule.name,
                "conditions": [[item.field, item.operator.value, list(item.operands)] for item in rule.conditions],
                "partition": rule.partition,
            }
            for position, rule in enumerate(world.assignment_rules)
        ],
    )
    settings = {_TIME_ZONE: world.time_zone.key}
    settings.update({_BEHAVIOUR + name: text for name, text in behaviour_texts(world.behaviour).items()})
    settings.update({_LEAD_KEY + key_type: name for key_type, name in world.lead_keys.items()})
    _insert(connection, setting, [{"name": name, "value": value} for name, value in settings.items()])


def load(connection: Connection) -> World:
    """The world as it is stored."""
    settings: dict[str, str] = {
        row.name: row.value for row in connection.execute(select(setting).order_by(setting.c.name))
    }
    return World(
        fields=FieldCatalogue(
            tuple(
                Field(row.name, FieldType(row.type), row.length, row.read_only, row.update_blocked, row.display_name)
                for row in connection.execute(select(field))
            )
        ),
        workspaces=tuple(
            Workspace(row.name, row.primary_partition)
            for row in connection.execute(select(workspace).order_by(workspace.c.position))
        ),
        partitions=tuple(connection.scalars(select(partition.c.name).order_by(partition.c.position))),
        assignment_rules=tuple(
            AssignmentRule(
                row.name,
                tuple(Condition(name, Operator(operator), tuple(texts)) for name, operator, texts in row.conditions),
                row.partition,
            )
            for row in connection.execute(select(assignment_rule).order_by(assignment_rule.c.position))
        ),
        behaviour=behaviour_from(_with_prefix(settings, _BEHAVIOUR)),
        time_zone=ZoneInfo(settings[_TIME_ZONE]),
        lead_keys=_with_prefix(settings, _LEAD_KEY),
    )


def _with_prefix(settings: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}


def _field_row(item: Field) -> dict[str, Any]:
    return {
        "name": item.name,
        "folded_name": item.name.casefold(),
        "type": item.type.value,
        "length": item.length,
        "read_only": item.read_only,
        "update_blocked": item.update_blocked,
        "display_name": item.display_name,
    }


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
