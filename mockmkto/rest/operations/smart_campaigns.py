"""Campaigns as assets: found, switched on and off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from mockmkto.engine.asset_search import InWorkspace, in_workspaces, is_triggerable
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Change, ChangeOutcome, Subject
from mockmkto.model.campaigns import Campaign, CampaignCallKind, CampaignKind
from mockmkto.rest.assets import asset_id, assets, moment, page_of_assets, place, required, updated_within, url
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered
from mockmkto.store import campaigns

__all__ = ["activate", "deactivate", "find", "named", "one"]

_MARKETING_ACTIVITIES = 15


def find(call: RestCall) -> Answered:
    """A page of the campaigns, by id (assumed); of a folder or program, or the active trigger campaigns (documented).

    Raises RestError.
    """
    found = updated_within(call, campaigns.all_campaigns(call.session))
    if call.parameters.flag("isActive"):
        found = [item for item in found if item.active and item.kind is CampaignKind.TRIGGER]
    folder = call.parameters.text("folder")
    if folder is not None:
        wanted = place(folder)
        number = wanted.id if wanted.is_program else None
        found = [item for item in found if item.program_id == number and (number or wanted.id == _MARKETING_ACTIVITIES)]
    return page_of_assets(call, in_workspaces(call.session, found), _shown(call))


def one(call: RestCall) -> Answered:
    """The campaign with the id in the path. Raises RestError."""
    return assets(in_workspaces(call.session, [_campaign(call)]), _shown(call))


def named(call: RestCall) -> Answered:
    """The campaigns of a name, in any case (assumed). Raises RestError."""
    found = campaigns.named(call.session, required(call, "name"))
    return assets(in_workspaces(call.session, found), _shown(call))


def activate(call: RestCall) -> Answered:
    """A trigger campaign that is not active is. Raises RestError."""
    return _switched(call, active=True)


def deactivate(call: RestCall) -> Answered:
    """A trigger campaign that is active is not. Raises RestError."""
    return _switched(call, active=False)


def _campaign(call: RestCall) -> Campaign:
    number = asset_id(call)
    found = campaigns.by_id(call.session, number)
    asked = f"id = {number}"
    if found is None:
        call.trace.subjects.append(Subject("campaign", asked, reason="there is none"))
        raise RestError(RestCode.NO_DATA, "Smart Campaign not found or it has been deleted")  # as a list's: assumed
    call.trace.subjects.append(Subject("campaign", asked, found.id, found.shown, f"a {found.kind} campaign"))
    return found


def _switched(call: RestCall, *, active: bool) -> Answered:
    item = _campaign(call)
    if item.kind is not CampaignKind.TRIGGER:
        raise RestError(RestCode.RULE_VIOLATION, f"Smart Campaign {item.id} is not a trigger campaign")
    if item.active == active:
        state = "active" if active else "inactive"
        raise RestError(RestCode.RULE_VIOLATION, f"Smart Campaign {item.id} is already {state}")
    campaigns.save(call.session, replace(item, active=active, updated_at=call.session.now))
    before, after = ("inactive", "active") if active else ("active", "inactive")
    call.trace.changes.append(Change(f"campaign {item.shown}", before, after, ChangeOutcome.WRITTEN))
    return Answered([{"id": item.id}])


def _shown(call: RestCall) -> Callable[[InWorkspace[Campaign]], dict[str, Any]]:
    def shown(found: InWorkspace[Campaign]) -> dict[str, Any]:
        item = found.item
        of_program = item.program_id is not None
        active = item.active and item.kind is CampaignKind.TRIGGER
        said: dict[str, Any] = {
            "id": item.id,
            "name": item.name,
            "description": item.description,
            "createdAt": moment(item.created_at),
            "updatedAt": moment(item.updated_at),
            "folder": {
                "id": item.program_id if of_program else _MARKETING_ACTIVITIES,
                "type": "Program" if of_program else "Folder",
            },
            "status": _status(call, item),
            "type": item.kind.value,
            "isSystem": False,
            "isActive": active,
            "isRequestable": is_triggerable(item),
            "isCommunicationLimitEnabled": False,
            "recurrence": {"weekdayOnly": False},
            "qualificationRuleType": "any",
            "workspace": found.workspace,
            "smartListId": item.id,
            "flowId": item.id,
            "computedUrl": url("SC", item.id),
        }
        if of_program:
            said["parentProgramId"] = item.program_id
        return said

    return shown


def _status(call: RestCall, item: Campaign) -> str:
    """What the application calls its state (documented are the words; which is when is assumed)."""
    if item.kind is CampaignKind.TRIGGER:
        return "Active" if item.active else "Inactive"
    runs = [run for run in campaigns.calls_of(call.session, item.id) if run.kind is CampaignCallKind.RUN]
    if any(not run.done for run in runs):
        return "Scheduled"
    return "Finished" if runs else "Never Run"
