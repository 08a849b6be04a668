"""Static lists as assets: made in a folder or a program, renamed, described, deleted."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.engine.folders import folder_by_id
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Change, ChangeOutcome, Subject, TraceBuilder
from mockmkto.model.campaigns import AddToList, Campaign, RemoveFromList
from mockmkto.model.imports import ImportStatus
from mockmkto.model.lists import StaticList
from mockmkto.store import campaigns, imports, lists, programs
from mockmkto.store.database import Counter, Session
from mockmkto.store.programs import folded

__all__ = ["Place", "change_list", "create_list", "delete_list", "the_asset"]

_LONGEST_NAME = 255


class Place(NamedTuple):
    """Where a list is: in a folder, or in a program."""

    id: int
    is_program: bool = False


def the_asset(session: Session, list_id: int, trace: TraceBuilder) -> StaticList:
    """The list with that id.

    Raises:
        RestError: 702 `Static List not found or it has been deleted` (recorded), there is none.
    """
    found = lists.by_id(session, list_id)
    if found is None:
        trace.subjects.append(Subject("list", f"id = {list_id}", reason="no list has it"))
        raise RestError(RestCode.NO_DATA, "Static List not found or it has been deleted")
    trace.subjects.append(Subject("list", f"id = {list_id}", found.id, found.shown, "found by its id"))
    return found


def create_list(session: Session, name: str, place: Place, description: str | None, trace: TraceBuilder) -> StaticList:
    """A new list, with nobody on it.

    Raises:
        RestError: 701 a name that is too long; 710 there is no such folder or program; 711 it holds no lists; 709 the
            name is another list's (all assumed, but for the codes).
    """
    stripped = _checked_name(name)
    program = programs.by_id(session, place.id) if place.is_program else None
    folder = folder_by_id(session, place.id) if not place.is_program else None
    if program is None and folder is None:
        raise RestError(RestCode.PARENT_FOLDER_NOT_FOUND)
    if folder is not None and folder.parent is None:
        raise RestError(RestCode.INCOMPATIBLE_FOLDER)
    program_id = program.id if program is not None else None
    _check_free(session, stripped, program_id)
    made = StaticList(
        session.take_id(Counter.LIST),
        stripped,
        session.now,
        session.now,
        program_id,
        program.name if program is not None else None,
        description=description,
        folder_id=folder.id if folder is not None else None,
    )
    lists.add(session, made)
    trace.subjects.append(Subject("list", f"name = {stripped}", made.id, made.shown, "was made"))
    return made


def change_list(
    session: Session, item: StaticList, name: str | None, description: str | None, trace: TraceBuilder
) -> StaticList:
    """The list with another name, or another description; `None` leaves what is there.

    Raises:
        RestError: 701 a name that is too long; 709 the name is another list's.
    """
    changed = item
    if name is not None:
        changed = replace(changed, name=_checked_name(name))
        if folded(changed.name) != folded(item.name):
            _check_free(session, changed.name, item.program_id)
    if description is not None:
        changed = replace(changed, description=description)
    for target, before, after in (
        ("name", item.name, changed.name),
        ("description", item.description, changed.description),
    ):
        if before != after:
            trace.changes.append(Change(target, before, after, ChangeOutcome.WRITTEN))
    if changed != item:
        changed = replace(changed, updated_at=session.now)
        lists.save(session, changed)
    return changed


def delete_list(session: Session, item: StaticList, trace: TraceBuilder) -> None:
    """The list goes; the leads that were on it stay, and nothing is logged of them (assumed).

    Raises:
        RestError: 709 a campaign, or an import that is under way, uses it (documented is that it cannot be deleted).
    """
    user = next((campaign for campaign in campaigns.all_campaigns(session) if _uses(campaign, item.id)), None)
    if user is not None:
        raise _in_use(f"campaign {user.shown}")
    latest = imports.last_of_list(session, item.id)
    if latest is not None and latest.status is ImportStatus.PROCESSING:
        raise _in_use(f"import {latest.id}")
    imports.remove_of_list(session, item.id)
    lists.remove(session, item.id)
    trace.changes.append(Change("list", item.shown, None, ChangeOutcome.WRITTEN))


def _uses(campaign: Campaign, list_id: int) -> bool:
    effects = [effect for effect in campaign.effects if isinstance(effect, AddToList | RemoveFromList)]
    return campaign.audience == list_id or any(effect.list_id == list_id for effect in effects)


def _in_use(by: str) -> RestError:
    return RestError(RestCode.RULE_VIOLATION, f"Static List is in use by {by}")


def _checked_name(name: str) -> str:
    stripped = name.strip()
    if not stripped:
        raise RestError(RestCode.CANNOT_BE_BLANK, "name cannot be blank")
    if len(stripped) > _LONGEST_NAME:
        raise RestError(RestCode.CANNOT_BE_BLANK, f"name cannot be longer than {_LONGEST_NAME} characters")
    return stripped


def _check_free(session: Session, name: str, program_id: int | None) -> None:
    if any(item.program_id == program_id for item in lists.named(session, name)):
        raise RestError(RestCode.RULE_VIOLATION, f"Static List with name '{name}' already exists")
