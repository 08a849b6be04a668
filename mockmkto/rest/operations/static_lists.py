"""Static lists as assets: found, made, changed, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockmkto.engine import static_lists as engine
from mockmkto.engine.asset_search import InWorkspace, in_workspaces
from mockmkto.engine.folders import group_lists_id
from mockmkto.engine.static_lists import Place
from mockmkto.model.lists import StaticList
from mockmkto.rest.assets import asset_id, assets, moment, page_of_assets, place, required, updated_within, url
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered
from mockmkto.store import lists

__all__ = ["change", "create", "delete", "find", "named", "one"]


def find(call: RestCall) -> Answered:
    """A page of the static lists, by id (assumed); those of a folder or a program. Raises RestError."""
    found = in_workspaces(call.session, updated_within(call, lists.all_lists(call.session)))
    folder = call.parameters.text("folder")
    if folder is not None:
        wanted = place(folder)
        found = [item for item in found if _place(call, item) == wanted]
    return page_of_assets(call, found, _shown(call))


def one(call: RestCall) -> Answered:
    """The static list with the id in the path. Raises RestError."""
    item = engine.the_asset(call.session, asset_id(call), call.trace)
    return assets(in_workspaces(call.session, [item]), _shown(call))


def named(call: RestCall) -> Answered:
    """The static lists of a name, exactly (documented); in any case (assumed). Raises RestError."""
    found = lists.named(call.session, required(call, "name"))
    return assets(in_workspaces(call.session, found), _shown(call))


def create(call: RestCall) -> Answered:
    """A new static list. Raises RestError."""
    name, folder = required(call, "name"), place(required(call, "folder"))
    made = engine.create_list(call.session, name, folder, call.parameters.text("description"), call.trace)
    return assets(in_workspaces(call.session, [made]), _shown(call))


def change(call: RestCall) -> Answered:
    """A static list by another name, or with another description. Raises RestError."""
    item = engine.the_asset(call.session, asset_id(call), call.trace)
    name, description = call.parameters.text("name"), call.parameters.text("description")
    changed = engine.change_list(call.session, item, name, description, call.trace)
    return assets(in_workspaces(call.session, [changed]), _shown(call))


def delete(call: RestCall) -> Answered:
    """A static list goes; its id is answered (captured). Raises RestError."""
    item = engine.the_asset(call.session, asset_id(call), call.trace)
    engine.delete_list(call.session, item, call.trace)
    return Answered([{"id": item.id}])


def _place(call: RestCall, found: InWorkspace[StaticList]) -> Place:
    item = found.item
    if item.program_id is not None:
        return Place(item.program_id, is_program=True)
    return Place(item.folder_id if item.folder_id is not None else group_lists_id(call.world, found.workspace))


def _shown(call: RestCall) -> Callable[[InWorkspace[StaticList]], dict[str, Any]]:
    def shown(found: InWorkspace[StaticList]) -> dict[str, Any]:
        item, where = found.item, _place(call, found)
        said: dict[str, Any] = {"id": item.id, "name": item.name}
        if item.description is not None:
            said["description"] = item.description
        return said | {
            "createdAt": moment(item.created_at),
            "updatedAt": moment(item.updated_at),
            "folder": {"id": where.id, "type": "Program" if where.is_program else "Folder"},
            "computedUrl": url("ST", item.id),
            "workspace": found.workspace,
        }

    return shown
