"""Workspaces, partitions, assignment rules: where a new lead goes, and whether a matched one may be updated."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from mockmkto.engine.fields import read_value
from mockmkto.errors import MarketoError
from mockmkto.model import (
    AssignmentRule,
    Condition,
    Field,
    FieldType,
    Key,
    Lead,
    Operator,
    PartitionStep,
    RuleStep,
    Workspace,
    World,
)

__all__ = [
    "DEFAULT_PARTITION",
    "DEFAULT_WORKSPACE",
    "check_matched",
    "condition_holds",
    "named_partition",
    "named_workspace",
    "place_new",
]

DEFAULT_WORKSPACE = "Default"
DEFAULT_PARTITION = "Default"

_NUMBERS = frozenset(
    {FieldType.INTEGER, FieldType.SCORE, FieldType.PERCENT, FieldType.FLOAT, FieldType.CURRENCY, FieldType.BOOLEAN}
)


def named_workspace(world: World, target: str | None) -> Workspace | None:
    """The workspace that the context header names; `None` when there is no header, or it is empty.

    Raises:
        MarketoError: 20110 for a name that is no workspace; where workspaces are not enabled, for any but Default
            (documented: "the target workspace MUST be the Default workspace"; compared in any case, inferred).
    """
    if target is None or not target.strip():
        return None
    name = target.strip()
    if world.workspaces:
        workspace = world.workspace(name)
        if workspace is None:
            raise MarketoError.bad_workspace(name)
        return workspace
    if name.casefold() != DEFAULT_WORKSPACE.casefold():
        raise MarketoError.bad_workspace(name)
    return Workspace(DEFAULT_WORKSPACE, DEFAULT_PARTITION)


def place_new(world: World, workspace: Workspace | None, email: str | None, values: Mapping[str, str]) -> PartitionStep:
    """Where a new lead goes (documented).

    The partition of the first assignment rule whose conditions all hold; otherwise the primary partition of the named
    workspace, and where no header names one, of Default.
    """
    tried: list[RuleStep] = []
    for rule in world.assignment_rules:
        failed = _first_failing(world, rule, email, values)
        tried.append(RuleStep(rule.name, failed is None, str(failed) if failed else None))
        if failed is None:
            name = workspace.name if workspace else None
            return PartitionStep(rule.partition, name, f"assignment rule {rule.name!r}", tuple(tried))
    home = workspace or world.workspace(DEFAULT_WORKSPACE) or Workspace(DEFAULT_WORKSPACE, DEFAULT_PARTITION)
    reason = f"primary partition of workspace {home.name}" + ("" if workspace else " (no context header)")
    return PartitionStep(home.primary_partition, workspace.name if workspace else None, reason, tuple(tried))


def named_partition(world: World, name: str) -> str | None:
    """The partition of that name in any case, as it is spelt; `None` when there is none."""
    wanted = name.strip().casefold()
    return next((item for item in (DEFAULT_PARTITION, *world.partitions) if item.casefold() == wanted), None)


def check_matched(world: World, workspace: Workspace | None, lead: Lead, decided_by: Key) -> PartitionStep:
    """Whether a matched lead may be updated (documented); `accepted` is false where 20106 is the answer.

    With a header, a lead matched by Id, ForeignSysPersonId or cookie must be in the named workspace's primary
    partition; matched by Email, the workspace is ignored. Without one, or with workspaces off, it stays where it is.
    """
    name = workspace.name if workspace else None
    if workspace is None:
        return PartitionStep(lead.partition, name, "stays in its partition (no context header)")
    if not world.workspaces:
        return PartitionStep(lead.partition, name, "stays in its partition (workspaces are not enabled)")
    if decided_by is Key.EMAIL:
        return PartitionStep(lead.partition, name, "stays in its partition (matched by Email, the header is ignored)")
    if lead.partition.casefold() == workspace.primary_partition.casefold():
        return PartitionStep(lead.partition, name, f"in the primary partition of workspace {workspace.name}")
    reason = f"not in {workspace.primary_partition}, the primary partition of workspace {workspace.name}"
    return PartitionStep(lead.partition, name, reason, accepted=False)


def _first_failing(
    world: World, rule: AssignmentRule, email: str | None, values: Mapping[str, str]
) -> Condition | None:
    for condition in rule.conditions:
        field = world.fields.named(condition.field)
        name = field.name if field else condition.field
        value = (email or "") if name.casefold() == "email" else values.get(name, "")
        if not condition_holds(condition, value, field, world):
            return condition
    return None


def condition_holds(condition: Condition, value: str, field: Field | None, world: World) -> bool:
    """Whether one condition holds for a stored value (assumed: in any case; numbers as numbers; unset is empty)."""
    match condition.operator:
        case Operator.IS_EMPTY:
            return not value
        case Operator.IS_NOT_EMPTY:
            return bool(value)
        case Operator.STARTS_WITH:
            return value.casefold().startswith(condition.operands[0].casefold())
        case Operator.ENDS_WITH:
            return value.casefold().endswith(condition.operands[0].casefold())
        case Operator.CONTAINS:
            return condition.operands[0].casefold() in value.casefold()
        case Operator.IS | Operator.IN:
            return any(_equal(value, operand, field, world) for operand in condition.operands)
        case Operator.IS_NOT:
            return not _equal(value, condition.operands[0], field, world)


def _equal(value: str, operand: str, field: Field | None, world: World) -> bool:
    if field is None:
        return value.casefold() == operand.casefold()
    if field.type is FieldType.BOOLEAN and not value:
        value = "0"  # a boolean that was never set is not true
    with suppress(ValueError):  # an operand that is no value of the type: nothing but the same text equals it
        operand = read_value(field, operand, world.time_zone)
    if field.type in _NUMBERS:
        try:
            return Decimal(value) == Decimal(operand)
        except InvalidOperation:
            return value == operand
    return value.casefold() == operand.casefold()
