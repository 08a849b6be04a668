"""Lists and campaigns as the REST API looks for them: by ids and names, of programs and of workspaces, in pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Generic, NamedTuple, TypeVar

from mockmkto.engine.partitions import DEFAULT_WORKSPACE
from mockmkto.model import World
from mockmkto.model.campaigns import Campaign, CampaignKind, CampaignSource
from mockmkto.model.lists import StaticList
from mockmkto.store import campaigns, lists, programs
from mockmkto.store.database import Session
from mockmkto.store.programs import folded

__all__ = [
    "Found",
    "InWorkspace",
    "Wanted",
    "find_campaigns",
    "find_lists",
    "in_workspaces",
    "is_triggerable",
    "workspace_ids",
]

_T = TypeVar("_T", StaticList, Campaign)


class Wanted(NamedTuple):
    """Which are asked for: those that one value of each kind fits; a kind without a value leaves them all."""

    ids: Collection[int] = ()
    names: Collection[str] = ()  # their own, not `Program.List`
    programs: Collection[str] = ()
    workspaces: Collection[str] = ()
    after: int = 0  # an id: of those above it
    most: int = 300


class InWorkspace(NamedTuple, Generic[_T]):
    """One that was found, and the workspace that it is in: its program's, or Default (assumed)."""

    item: _T
    workspace: str


class Found(NamedTuple, Generic[_T]):
    """A page by id (captured), how many there are on all pages from here on, and the number of every workspace."""

    items: tuple[InWorkspace[_T], ...]
    total: int


def find_lists(session: Session, wanted: Wanted) -> Found[StaticList]:
    """The static lists that are asked for; the names in any case (assumed)."""
    return _page(session, _candidates(session, wanted, lists.by_id, lists.named, lists.all_lists), wanted)


def find_campaigns(session: Session, wanted: Wanted, *, triggerable: bool = False) -> Found[Campaign]:
    """The campaigns that are asked for; where it is said so, only those that can be triggered."""
    found = _candidates(session, wanted, campaigns.by_id, campaigns.named, campaigns.all_campaigns)
    return _page(session, [item for item in found if not triggerable or is_triggerable(item)], wanted)


def is_triggerable(item: Campaign) -> bool:
    """Whether the API may ask it for leads: an active trigger campaign that listens to web services (documented)."""
    return item.kind is CampaignKind.TRIGGER and item.active and CampaignSource.MKTOWS in item.sources


def workspace_ids(world: World) -> dict[str, int]:
    """Every workspace, and its number: that of Default is 1 (captured), the others are counted on (assumed)."""
    others = [item.name for item in world.workspaces if item.name.casefold() != DEFAULT_WORKSPACE.casefold()]
    return {name: number for number, name in enumerate((DEFAULT_WORKSPACE, *others), 1)}


def in_workspaces(session: Session, items: Iterable[_T]) -> list[InWorkspace[_T]]:
    """Each with the workspace that it is in."""
    listed = list(items)
    of_programs = {item.program_id for item in listed if item.program_id is not None}
    if not of_programs:
        return [InWorkspace(item, DEFAULT_WORKSPACE) for item in listed]
    workspaces: dict[int | None, str] = {item.id: item.workspace for item in programs.all_programs(session)}
    return [InWorkspace(item, workspaces.get(item.program_id, DEFAULT_WORKSPACE)) for item in listed]


def _candidates(
    session: Session,
    wanted: Wanted,
    by_id: Callable[[Session, int], _T | None],
    named: Callable[[Session, str], tuple[_T, ...]],
    everything: Callable[[Session], tuple[_T, ...]],
) -> list[_T]:
    """Those that the ids and names fit, by id, before the others are looked at."""
    if wanted.ids:
        found = [item for number in wanted.ids if (item := by_id(session, number)) is not None]
    elif wanted.names:
        found = [item for name in wanted.names for item in named(session, name)]
    else:
        found = list(everything(session))
    unique = {item.id: item for item in found}
    return [unique[number] for number in sorted(unique)]


def _page(session: Session, candidates: list[_T], wanted: Wanted) -> Found[_T]:
    names, of_programs, workspaces = (
        {folded(name) for name in given} for given in (wanted.names, wanted.programs, wanted.workspaces)
    )
    fitting = [
        item
        for item in candidates
        if item.id > wanted.after
        and (not names or folded(item.name) in names)
        and (not of_programs or folded(item.program_name or "") in of_programs)
    ]
    if workspaces:
        placed = [item for item in in_workspaces(session, fitting) if folded(item.workspace) in workspaces]
        return Found(tuple(placed[: wanted.most]), len(placed))
    return Found(tuple(in_workspaces(session, fitting[: wanted.most])), len(fitting))
