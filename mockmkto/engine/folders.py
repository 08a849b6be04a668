"""The folders of the asset API: those that every subscription has, those that programs name, and programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from mockmkto.engine.asset_search import workspace_ids
from mockmkto.engine.partitions import DEFAULT_WORKSPACE
from mockmkto.model import World
from mockmkto.model.programs import Program
from mockmkto.store import programs
from mockmkto.store.database import Session

__all__ = ["MADE", "Folder", "all_folders", "folder_by_id", "folder_of_program", "group_lists_id", "program_folder"]

MADE = datetime(2010, 3, 27, 18, 27, 45, tzinfo=UTC)  # of folders that were always there, and of channels (assumed)
FIRST_OF_PROGRAMS = 1001


class Folder(NamedTuple):
    """A folder, or a program, which is one too. `parent` is the id of another folder, and never of a program."""

    id: int
    name: str
    path: str  # /Lead Database/Default/Group Lists
    folder_type: str
    parent: int | None
    workspace: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    is_program: bool = False
    archived: bool = False
    system: bool = False


# Name, number in the workspace Default, parent, type. The numbers of Group Lists and its parent are captured, those of
# Marketing Activities documented; in further workspaces they are a hundred more each (assumed).
_ROOTS = (("Lead Database", 4), ("Marketing Activities", 14))
_SYSTEM = (
    ("Lead Database", "", 5, 4, "Zone"),
    ("Lead Database", "Group Lists", 12, 5, "List"),
    ("Marketing Activities", "", 15, 14, "Zone"),
)
_GROUP_LISTS = 12


def group_lists_id(world: World, workspace: str) -> int:
    """The folder in which a workspace has its static lists."""
    return _GROUP_LISTS + 100 * (workspace_ids(world).get(workspace, 1) - 1)


def all_folders(session: Session) -> tuple[Folder, ...]:
    """Every folder by id; programs are not among them.

    The folders above programs are counted in the order in which programs name them, from 1001 on (assumed).
    """
    found = {item.path: item for item in _always_there(session.world)}
    number = FIRST_OF_PROGRAMS
    for item in programs.all_programs(session):
        parent: Folder | None = None
        for path, name in _above(item):
            if path not in found:
                found[path] = Folder(
                    number,
                    name,
                    path,
                    "Marketing Folder",
                    parent.id if parent is not None else None,
                    item.workspace,
                    item.created_at,
                    item.created_at,
                )
                number += 1
            parent = found[path]
    return tuple(sorted(found.values(), key=lambda folder: folder.id))


def folder_by_id(session: Session, folder_id: int) -> Folder | None:
    """The folder with that id."""
    return next((item for item in all_folders(session) if item.id == folder_id), None)


def folder_of_program(folders: tuple[Folder, ...], program: Program) -> Folder | None:
    """The folder that a program is in."""
    *_, (path, _) = ("", ""), *_above(program)
    return next((item for item in folders if item.path == path), None)


def program_folder(folders: tuple[Folder, ...], program: Program) -> Folder:
    """A program as a folder (recorded by a connector: which type it then has)."""
    parent = folder_of_program(folders, program)
    return Folder(
        program.id,
        program.name,
        f"{parent.path if parent is not None else ''}/{program.name}",
        program.type,
        parent.id if parent is not None else None,
        program.workspace,
        program.created_at,
        program.updated_at,
        program.description,
        is_program=True,
        archived=program.archived,
    )


def _always_there(world: World) -> Iterator[Folder]:
    for name, number in _ROOTS:
        yield Folder(
            number,
            name,
            f"/{name}",
            "Zone",
            None,
            DEFAULT_WORKSPACE,
            MADE,
            MADE,
            f"Root node for the {name} app area",
            system=True,
        )
    for workspace, place in workspace_ids(world).items():
        more = 100 * (place - 1)
        for root, inside, number, parent, kind in _SYSTEM:
            path = f"/{root}/{workspace}" + (f"/{inside}" if inside else "")
            above = parent + more if inside else parent
            yield Folder(number + more, inside or workspace, path, kind, above, workspace, MADE, MADE, system=True)


def _above(program: Program) -> Iterator[tuple[str, str]]:
    """The folders above a program, the outermost first: their paths and names."""
    text = program.folder or f"Marketing Activities/{program.workspace}"
    path = ""
    for name in filter(None, (piece.strip() for piece in text.split("/"))):
        path = f"{path}/{name}"
        yield path, name
