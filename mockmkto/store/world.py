"""The world of a subscription as rows: fields, partitions, workspaces, assignment rules, switches, time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec.structs import asdict
from sqlalchemy import Connection, Table, delete, insert, select

from mockmkto.model import (
    AssignmentRule,
    Condition,
    CustomObjectLink,
    CustomObjectType,
    Field,
    FieldCatalogue,
    FieldType,
    ObjectDefinitions,
    Operator,
    Workspace,
    World,
)
from mockmkto.settings import behaviour_from, behaviour_texts
from mockmkto.store.object_tables import object_definition
from mockmkto.store.tables import assignment_rule, field, partition, setting, workspace

if TYPE_CHECKING:  # few subscriptions have any
    from mockmkto.model.activity_types import CustomActivityType, TypeVersion

__all__ = ["INDEX", "load", "save"]

_TIME_ZONE = "time_zone"
_HOSTS = "hosts"
_BEHAVIOUR = "behaviour."
_LEAD_KEY = "lead_key."
INDEX = "index."
"""What the name of a setting begins with that says of a field that its values are kept in an index.

The value is empty where all leads are in it, otherwise the Id up to which they are.
"""


def save(connection: Connection, world: World) -> None:
    """Replace the stored world by this one. Which fields have an index stays as it is: that is so of the leads."""
    for table in (assignment_rule, workspace, partition, field, object_definition):
        connection.execute(delete(table))
    fields = {INDEX + item.name for item in world.fields.every}
    connection.execute(delete(setting).where(setting.c.name.not_in(_indexes(connection) & fields)))
    _insert(connection, field, [_field_row(item) for item in world.fields.every])
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
    _insert(connection, object_definition, list(_definition_rows(world.objects)))
    settings = {_TIME_ZONE: world.time_zone.key}
    if world.hosts:
        settings[_HOSTS] = " ".join(world.hosts)
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
            tuple(_field(dict(row._mapping)) for row in connection.execute(select(field).order_by(field.c.id)))
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
        objects=_definitions(connection),
        hosts=tuple(settings.get(_HOSTS, "").split()),
        indexed={name: not reached for name, reached in _with_prefix(settings, INDEX).items()},
    )


def _indexes(connection: Connection) -> set[str]:
    return set(connection.scalars(select(setting.c.name).where(setting.c.name.startswith(INDEX, autoescape=True))))


def _with_prefix(settings: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}


# ---------------------------------------------------------------------------------------------------------------------
# What is said of objects

_CUSTOM_TYPE, _OPPORTUNITY_FIELD, _ROLE_FIELD = "custom type", "opportunity field", "role field"
_ACTIVITY_TYPE = "activity type"


def _definition_rows(objects: ObjectDefinitions) -> Iterator[dict[str, Any]]:
    definitions = {
        _CUSTOM_TYPE: [_custom_type_as_plain(item) for item in objects.custom_types],
        _OPPORTUNITY_FIELD: [asdict(item) for item in objects.opportunity_fields],
        _ROLE_FIELD: [asdict(item) for item in objects.role_fields],
        _ACTIVITY_TYPE: [_activity_type_as_plain(item) for item in objects.activity_types],
    }
    for kind, given in definitions.items():
        for position, definition in enumerate(given):
            yield {"kind": kind, "position": position, "definition": definition}


def _custom_type_as_plain(item: CustomObjectType) -> dict[str, Any]:
    link = item.link
    return {
        "name": item.name,
        "fields": [asdict(field_) for field_ in item.fields],
        "keys": list(item.keys),
        "link": [link.field, link.to] if link is not None else None,
    }


def _definitions(connection: Connection) -> ObjectDefinitions:
    given: dict[str, list[dict[str, Any]]] = {_CUSTOM_TYPE: [], _OPPORTUNITY_FIELD: [], _ROLE_FIELD: []}
    given[_ACTIVITY_TYPE] = []
    ordered = select(object_definition).order_by(object_definition.c.kind, object_definition.c.position)
    for row in connection.execute(ordered):
        given[row.kind].append(row.definition)
    return ObjectDefinitions(
        custom_types=tuple(map(_custom_type, given[_CUSTOM_TYPE])),
        opportunity_fields=tuple(map(_field, given[_OPPORTUNITY_FIELD])),
        role_fields=tuple(map(_field, given[_ROLE_FIELD])),
        activity_types=tuple(map(_activity_type, given[_ACTIVITY_TYPE])),
    )


def _custom_type(plain: dict[str, Any]) -> CustomObjectType:
    return CustomObjectType(
        plain["name"],
        FieldCatalogue(tuple(map(_field, plain["fields"]))),
        tuple(plain["keys"]),
        CustomObjectLink(*plain["link"]) if plain["link"] is not None else None,
    )


def _field(plain: dict[str, Any]) -> Field:
    plain.pop("folded_name", None)
    return Field(**plain | {"type": FieldType(plain["type"])})


def _field_row(item: Field) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Field.__struct_fields__} | {
        "folded_name": item.name.casefold(),
        "type": item.type.value,
    }


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _activity_type_as_plain(item: CustomActivityType) -> dict[str, Any]:
    times = {"created_at": item.created_at.isoformat(), "updated_at": item.updated_at.isoformat()}
    return {**asdict(item), **times}


def _activity_type(plain: dict[str, Any]) -> CustomActivityType:
    from mockmkto.model.activity_types import CustomActivityType

    return CustomActivityType(
        plain["id"],
        plain["api_name"],
        datetime.fromisoformat(plain["created_at"]),
        datetime.fromisoformat(plain["updated_at"]),
        _type_version(plain["approved"]),
        _type_version(plain["draft"]),
    )


def _type_version(plain: dict[str, Any] | None) -> TypeVersion | None:
    from mockmkto.model.activity_types import TypeAttribute, TypeVersion

    if plain is None:
        return None
    primary = TypeAttribute(**plain["primary"]) if plain["primary"] is not None else None
    attributes = tuple(TypeAttribute(**item) for item in plain["attributes"])
    return TypeVersion(**{**plain, "primary": primary, "attributes": attributes})
