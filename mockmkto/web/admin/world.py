"""Workspaces, partitions, assignment rules: each is changed as if it stood in a fixture, by the same checks."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mockmkto.engine.partitions import DEFAULT_PARTITION, DEFAULT_WORKSPACE
from mockmkto.model import Workspace, World
from mockmkto.store.database import Session
from mockmkto.store.listing import leads_in_partition
from mockmkto.web.admin.problems import Wrong, conflict, not_found, of_fixture, show, wrong
from mockmkto.web.admin.resource import Body, Created, Subscription, View, also
from mockmkto.worlds import FixtureError
from mockmkto.worlds.checking import Findings, no_partition
from mockmkto.worlds.definitions import check_whole_world
from mockmkto.worlds.exporting import rule_entry, world_entry
from mockmkto.worlds.problems import Location
from mockmkto.worlds.reading import Document
from mockmkto.worlds.schema import AssignmentRuleEntry, WorkspaceEntry, WorldEntry

__all__ = [
    "AssignmentRules",
    "ChangedWorkspace",
    "NewAssignmentRules",
    "NewPartition",
    "NewWorkspace",
    "PartitionList",
    "PartitionView",
    "WorkspaceList",
    "add_partition",
    "add_workspace",
    "change_rules",
    "change_workspace",
    "checked",
    "partitions",
    "remove_partition",
    "remove_workspace",
    "rules",
    "workspaces",
]


def checked(entry: WorldEntry, at: Location, under: str) -> World:
    """The world of an entry, of which the piece at `at` is what came in the request, as `under`.

    Raises:
        ProblemError: the piece is wrong, or something else would be with it.
    """
    findings = Findings(Document("body", ""))
    try:
        _, _, world = check_whole_world(entry, (), findings)
        findings.raise_if_any()
    except FixtureError as error:
        raise of_fixture(error, at, under) from None
    return world


# ---------------------------------------------------------------------------------------------------------------------
# Partitions


class PartitionView(View, frozen=True, kw_only=True):
    """A partition, and how many leads are in it."""

    name: str
    leads: int


class PartitionList(View, frozen=True, kw_only=True):
    """Every partition."""

    partitions: tuple[PartitionView, ...]


class NewPartition(Body, frozen=True, kw_only=True):
    """A partition, by a name that no other has in any case."""

    name: str


def partitions(asked: Subscription) -> PartitionList:
    """Every partition, and how many leads are in each."""
    with asked.database.transaction() as session:
        return PartitionList(
            partitions=tuple(
                PartitionView(name=name, leads=leads_in_partition(session, name)) for name in session.world.partitions
            )
        )


@also(409, "The name is taken.")
def add_partition(asked: Subscription, body: NewPartition) -> Created[PartitionView]:
    """Add a partition."""
    with asked.database.transaction() as session:
        listed = session.world.partitions
        if _find(listed, body.name) is not None:
            raise conflict("body.name", f"There is a partition {body.name!r} already.", body.name)
        entry = msgspec.structs.replace(world_entry(session.world), partitions=[*listed, body.name])
        session.world = checked(entry, ("partitions", len(listed)), "body.name")
    return Created(PartitionView(name=body.name, leads=0), asked.url("/partitions"))


@also(409, "Leads, workspaces or rules need the partition.")
def remove_partition(asked: Subscription, name: str) -> None:
    """Take a partition away that nothing needs."""
    with asked.database.transaction() as session:
        world = session.world
        found = _find(world.partitions, name)
        if found is None:
            raise not_found("path.name", "partition", name, world.partitions)
        users = [f"the workspace {item.name}" for item in world.workspaces if item.primary_partition == found]
        users += [f"the assignment rule {item.name!r}" for item in world.assignment_rules if item.partition == found]
        if count := leads_in_partition(session, found):
            users.append(f"{count} lead{'s' if count > 1 else ''}")
        if found == DEFAULT_PARTITION:
            users.append("every subscription")
        if users:
            raise conflict("path.name", f"The partition {found} is needed by {', '.join(users)}.", name)
        session.world = replace(world, partitions=tuple(item for item in world.partitions if item != found))


def _find(names: Sequence[str], name: str) -> str | None:
    return next((item for item in names if item.casefold() == name.casefold()), None)


# ---------------------------------------------------------------------------------------------------------------------
# Workspaces


class WorkspaceList(View, frozen=True, kw_only=True):
    """Every workspace; none where workspaces are not enabled."""

    workspaces: tuple[Workspace, ...]


class NewWorkspace(Body, frozen=True, kw_only=True):
    """A workspace, and the partition in which its new leads are created."""

    name: str
    primary_partition: str = DEFAULT_PARTITION


class ChangedWorkspace(Body, frozen=True, kw_only=True):
    """Another primary partition."""

    name: str | UnsetType = UNSET  # as in the path, so that an answer can be sent back
    primary_partition: str


def workspaces(asked: Subscription) -> WorkspaceList:
    """Every workspace."""
    with asked.database.transaction() as session:
        return WorkspaceList(workspaces=session.world.workspaces)


@also(409, "The name is taken.")
def add_workspace(asked: Subscription, body: NewWorkspace) -> Created[Workspace]:
    """Add a workspace; the first one enables workspaces, with Default beside it."""
    with asked.database.transaction() as session:
        if session.world.workspace(body.name) is not None:
            raise conflict("body.name", f"There is a workspace {body.name!r} already.", body.name)
        made = _put_workspace(session, body.name, body.primary_partition)
    return Created(made, asked.url("/workspaces"))


@also(409, "The body names another workspace.")
def change_workspace(asked: Subscription, name: str, body: ChangedWorkspace) -> Workspace:
    """Give a workspace another primary partition, or add it."""
    if body.name is not UNSET and body.name.casefold() != name.casefold():
        raise conflict("body.name", f"The path says {name!r}: a workspace cannot be renamed.", body.name)
    with asked.database.transaction() as session:
        there = session.world.workspace(name)
        return _put_workspace(session, there.name if there else name, body.primary_partition)


@also(409, "It is the workspace Default, and not the only one.")
def remove_workspace(asked: Subscription, name: str) -> None:
    """Take a workspace away; without the last one, Default, workspaces are not enabled any more."""
    with asked.database.transaction() as session:
        world = session.world
        found = world.workspace(name)
        if found is None:
            raise not_found("path.name", "workspace", name, (item.name for item in world.workspaces))
        if found.name.casefold() == DEFAULT_WORKSPACE.casefold() and len(world.workspaces) > 1:
            raise conflict("path.name", f"{found.name} stays as long as there are other workspaces.", name)
        session.world = replace(world, workspaces=tuple(item for item in world.workspaces if item != found))


def _put_workspace(session: Session, name: str, partition: str) -> Workspace:
    known = session.world.partitions
    if _find(known, partition) is None:
        raise wrong(Wrong("body.primary_partition", f"a partition: {no_partition(partition, known)}", show(partition)))
    entry = world_entry(session.world)
    listed = list(entry.workspaces or [])
    new = WorkspaceEntry(name=name, primary_partition=partition)
    places = [index for index, item in enumerate(listed) if item.name.casefold() == name.casefold()]
    place = places[0] if places else len(listed)
    world = checked(
        msgspec.structs.replace(entry, workspaces=[*listed[:place], new, *listed[place + 1 :]]),
        ("workspaces", place),
        "body",
    )
    session.world = world
    found = world.workspace(name)
    assert found is not None
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Assignment rules


class AssignmentRules(View, frozen=True, kw_only=True):
    """The assignment rules, in the order in which they are tried."""

    rules: tuple[AssignmentRuleEntry, ...]


class NewAssignmentRules(Body, frozen=True, kw_only=True):
    """All of the assignment rules, in the order in which they are tried."""

    rules: tuple[AssignmentRuleEntry, ...]


def rules(asked: Subscription) -> AssignmentRules:
    """Every assignment rule."""
    with asked.database.transaction() as session:
        return AssignmentRules(rules=tuple(map(rule_entry, session.world.assignment_rules)))


def change_rules(asked: Subscription, body: NewAssignmentRules) -> AssignmentRules:
    """Replace all of the assignment rules."""
    with asked.database.transaction() as session:
        entry = msgspec.structs.replace(world_entry(session.world), assignment_rules=list(body.rules))
        session.world = checked(entry, ("assignment_rules",), "body.rules")
        return AssignmentRules(rules=tuple(map(rule_entry, session.world.assignment_rules)))
