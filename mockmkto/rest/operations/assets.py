"""Programs, channels, types of tags and folders: the asset API reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockmkto.engine.asset_search import workspace_ids
from mockmkto.engine.folders import MADE, Folder, all_folders, folder_of_program, program_folder
from mockmkto.errors import RestCode, RestError
from mockmkto.model.programs import Channel, Program, TagType
from mockmkto.rest.assets import asset_id, assets, moment, page_of_assets, place, required, updated_within, url
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered
from mockmkto.rest.parameters import whole_number
from mockmkto.store import programs as store
from mockmkto.store.programs import folded

__all__ = [
    "channel_named",
    "channels",
    "folder",
    "folder_named",
    "program",
    "program_named",
    "programs",
    "tag_type_named",
    "tag_types",
]

# What the asset API calls the types that SOAP shows, and the letters of their addresses (recorded by a connector).
_TYPES = {
    "marketing program": ("Default", "PG"),
    "marketing event": ("Event", "ME"),
    "marketing event with webinar": ("Event with Webinar", "ME"),
    "nurture": ("Engagement", "NP"),
    "engagement": ("Engagement", "NP"),
    "email batch program": ("Email", "EBP"),
    "email": ("Email", "EBP"),
}
_APPLICABLE = {
    "Default": "program",
    "Event": "event",
    "Event with Webinar": "webinar",
    "Engagement": "nurture",
    "Email": "email_batch",
}
_FOLDER_TYPES = ("folder", "program")


# ---------------------------------------------------------------------------------------------------------------------
# Programs


def programs(call: RestCall) -> Answered:
    """A page of the programs, by id (assumed), without tags and costs (documented). Raises RestError."""
    found = updated_within(call, store.all_programs(call.session))
    kind, values = call.parameters.text("filterType"), call.parameters.texts("filterValues")
    if kind is not None:
        if kind.casefold() not in ("id", "programid", "folderid", "workspace"):
            raise RestError.invalid_type(kind, "filterType")
        found = [item for item in found if _filtered(call, item, kind.casefold()) in {folded(text) for text in values}]
    workspace = call.parameters.text("workspace")
    if workspace is not None:
        found = [item for item in found if folded(item.workspace) == folded(workspace)]
    status = call.parameters.text("status")
    if status is not None:
        found = [item for item in found if _status(item) == status.strip().casefold()]
    return page_of_assets(call, found, _program(call, tags=False, costs=False))


def program(call: RestCall) -> Answered:
    """The program with the id in the path, with its tags and costs (documented). Raises RestError."""
    found = store.by_id(call.session, asset_id(call))
    return assets([found] if found is not None else [], _program(call, tags=True, costs=True))


def program_named(call: RestCall) -> Answered:
    """The program of a name; its tags and costs where they are asked for (documented). Raises RestError."""
    found = store.by_name(call.session, required(call, "name"))
    tags, costs = call.parameters.flag("includeTags"), call.parameters.flag("includeCosts")
    return assets([found] if found is not None else [], _program(call, tags=tags, costs=costs))


def _filtered(call: RestCall, item: Program, kind: str) -> str:
    if kind == "workspace":
        return folded(item.workspace)
    if kind == "folderid":
        above = folder_of_program(all_folders(call.session), item)
        return str(above.id) if above is not None else ""
    return str(item.id)


def _program(call: RestCall, *, tags: bool, costs: bool) -> Callable[[Program], dict[str, Any]]:
    folders = all_folders(call.session)

    def shown(item: Program) -> dict[str, Any]:
        kind, letters = _type(item)
        above = folder_of_program(folders, item)
        said: dict[str, Any] = {
            "id": item.id,
            "name": item.name,
            "description": item.description,
            "createdAt": moment(item.created_at),
            "updatedAt": moment(item.updated_at),
            "url": url(letters, item.id),
            "type": kind,
            "channel": item.channel,
            "folder": {"type": "Folder", "value": above.id, "folderName": above.name} if above is not None else None,
            "status": _status(item),
            "workspace": item.workspace,
            "headStart": False,
        }
        if tags:
            listed = [{"tagType": name, "tagValue": value} for name, value in item.tags.items()]
            said["tags"] = listed or None
        if costs:
            said["costs"] = [_cost(cost.month, cost.amount, cost.note) for cost in item.costs] or None
        return said

    return shown


def _cost(month: str, amount: str, note: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {"startDate": month, "cost": float(amount) if "." in amount else int(amount)}
    return said | ({"note": note} if note is not None else {})


def _type(item: Program) -> tuple[str, str]:
    return _TYPES.get(folded(item.type), (item.type, "PG"))


def _status(item: Program) -> str:
    """Engagement programs are on, e-mail programs not locked yet; the others have none (documented)."""
    return {"Engagement": "on", "Email": "unlocked"}.get(_type(item)[0], "")


# ---------------------------------------------------------------------------------------------------------------------
# Channels and types of tags


def channels(call: RestCall) -> Answered:
    """A page of the channels, in their order. Raises RestError."""
    return page_of_assets(call, list(enumerate(store.channels(call.session), 1)), _channel(call))


def channel_named(call: RestCall) -> Answered:
    """The channel of a name, in any case (assumed). Raises RestError."""
    name = folded(required(call, "name"))
    found = [(number, item) for number, item in enumerate(store.channels(call.session), 1) if folded(item.name) == name]
    return assets(found, _channel(call))


def _channel(call: RestCall) -> Callable[[tuple[int, Channel]], dict[str, Any]]:
    """A channel: its number is its place, its type that of the first program which has it (both assumed)."""
    kinds: dict[str, str] = {}
    for item in store.all_programs(call.session):
        if item.channel is not None:
            kinds.setdefault(item.channel, _APPLICABLE.get(_type(item)[0], "program"))

    def shown(numbered: tuple[int, Channel]) -> dict[str, Any]:
        number, item = numbered
        return {
            "id": number,
            "name": item.name,
            "applicableProgramType": kinds.get(item.name, "program"),
            "progressionStatuses": [
                {
                    "name": status.name,
                    "step": status.step,
                    "description": None,
                    "hidden": False,
                    "success": status.success,
                }
                for status in item.statuses
            ],
            "createdAt": moment(MADE),
            "updatedAt": moment(MADE),
        }

    return shown


def tag_types(call: RestCall) -> Answered:
    """A page of the types of tags, without their values (documented). Raises RestError."""
    return page_of_assets(call, store.tag_types(call.session), _tag_type)


def tag_type_named(call: RestCall) -> Answered:
    """The type of tags of a name with its values, in any case (assumed). Raises RestError."""
    name = folded(required(call, "name"))
    found = [item for item in store.tag_types(call.session) if folded(item.name) == name]
    return assets(found, lambda item: _tag_type(item) | {"allowableValues": f"[{', '.join(item.values)}]"})


def _tag_type(item: TagType) -> dict[str, Any]:
    """A type of tags, which any program may have, and none must (assumed)."""
    return {
        "tagType": item.name,
        "applicableProgramTypes": f"[{','.join(('program', 'email_batch', 'nurture', 'event', 'webinar'))}]",
        "required": False,
    }


# ---------------------------------------------------------------------------------------------------------------------
# Folders


def folder(call: RestCall) -> Answered:
    """The folder, or the program, with the id in the path. Raises RestError."""
    number, kind = asset_id(call), call.parameters.text("type")
    if kind is None:
        raise RestError.missing_parameter("type")
    if kind.strip().casefold() not in _FOLDER_TYPES:
        raise RestError.invalid_type(kind, "FolderVariantType")  # recorded
    is_program = kind.strip().casefold() == "program"
    found = [item for item in _everything(call) if item.id == number and item.is_program == is_program]
    return assets(found, _folder(call))


def folder_named(call: RestCall) -> Answered:
    """The folders and programs of a name (documented); the name in any case (assumed). Raises RestError."""
    name, kind = folded(required(call, "name")), call.parameters.text("type")
    if kind is not None and kind.strip().casefold() not in _FOLDER_TYPES:
        raise RestError(RestCode.INVALID_DATA)  # captured
    found = [item for item in _everything(call) if folded(item.name) == name]
    if kind is not None:
        found = [item for item in found if item.is_program == (kind.strip().casefold() == "program")]
    workspace = call.parameters.text("workSpace") or call.parameters.text("workspace")
    if workspace is not None:
        known = {folded(name): name for name in workspace_ids(call.world)}
        if folded(workspace) not in known:
            raise RestError(RestCode.SYSTEM_ERROR, "Unable to get folder")  # recorded
        found = [item for item in found if folded(item.workspace) == folded(workspace)]
    root = call.parameters.text("root")
    if root is not None:
        found = _below(call, found, root)
    return assets(found, _folder(call))


def _everything(call: RestCall) -> tuple[Folder, ...]:
    folders = all_folders(call.session)
    return (*folders, *(program_folder(folders, item) for item in store.all_programs(call.session)))


def _below(call: RestCall, found: list[Folder], root: str) -> list[Folder]:
    """Those that are in a folder, which the call names as an id or as JSON (both documented)."""
    wanted = whole_number(root) if root.strip().isdigit() else place(root).id
    top = next((item for item in all_folders(call.session) if item.id == wanted), None)
    return [item for item in found if top is not None and item.path.startswith(f"{top.path}/")]


def _folder(call: RestCall) -> Callable[[Folder], dict[str, Any]]:
    zones = workspace_ids(call.world)

    def shown(item: Folder) -> dict[str, Any]:
        kind = "Program" if item.is_program else "Folder"
        letters = "PG" if item.is_program else "MF"
        return {
            "name": item.name,
            "description": item.description,
            "createdAt": moment(item.created_at),
            "updatedAt": moment(item.updated_at),
            "url": None if item.system else url(letters, item.id),
            "folderId": {"id": item.id, "type": kind},
            "folderType": item.folder_type,
            "parent": {"id": item.parent, "type": "Folder"} if item.parent is not None else None,
            "path": item.path,
            "isArchive": item.archived,
            "isSystem": item.system,
            "accessZoneId": zones.get(item.workspace, 1),
            "workspace": item.workspace,
            "id": item.id,
        }

    return shown
