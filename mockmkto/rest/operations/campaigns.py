"""Campaigns: found by id or name, triggered for leads, scheduled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mockmkto.auth.timestamps import parse_timestamp
from mockmkto.engine import campaign_calls
from mockmkto.engine.asset_search import InWorkspace, find_campaigns, in_workspaces
from mockmkto.engine.campaign_calls import the_campaign
from mockmkto.engine.plain import utc
from mockmkto.errors import RestError
from mockmkto.model import Attribute
from mockmkto.model.campaigns import Campaign, CampaignKind
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered
from mockmkto.rest.operations.lists import next_token, wanted
from mockmkto.rest.paging import read_page
from mockmkto.rest.parameters import whole_number

__all__ = ["find", "one", "schedule", "trigger"]


def find(call: RestCall) -> Answered:
    """The campaigns that are asked for, by id. Raises RestError."""
    page = read_page(call, "campaigns")
    found = find_campaigns(call.session, wanted(call, page), triggerable=call.parameters.flag("isTriggerable"))
    return Answered([_shown(item) for item in found.items], next_token(page, found))


def one(call: RestCall) -> Answered:
    """The campaign with the id in the path. Raises RestError."""
    (found,) = in_workspaces(call.session, [_campaign(call)])
    return Answered([_shown(found)])


def trigger(call: RestCall) -> Answered:
    """Ask a trigger campaign for leads. Raises RestError."""
    campaign = _campaign(call)
    asked = _input(call)
    given = asked.get("leads")
    if given is not None and not isinstance(given, list):
        raise RestError.invalid_type(given, "List")
    lead_ids = [whole_number(str(item.get("id") if isinstance(item, dict) else item)) for item in given or ()]
    campaign_calls.trigger(call.session, campaign, lead_ids, _tokens(asked), call.trace)
    return Answered([{"id": campaign.id}])


def schedule(call: RestCall) -> Answered:
    """Have a batch campaign run. Raises RestError."""
    campaign = _campaign(call)
    asked = _input(call)
    # Documented under both names; the longer one is that of the contract.
    name = asked.get("cloneToProgramName") or asked.get("cloneToProgram")
    if name is not None and not isinstance(name, str):
        raise RestError.invalid_type(name, "String")
    run_at = _moment(call, asked.get("runAt"))
    made = campaign_calls.schedule(call.session, campaign, run_at, _tokens(asked), name, call.trace)
    return Answered([{"id": made}])


# ---------------------------------------------------------------------------------------------------------------------


def _campaign(call: RestCall) -> Campaign:
    return the_campaign(call.session, call.number("id", RestError.not_found("Campaign")), call.trace)


def _input(call: RestCall) -> dict[str, Any]:
    """The members of `input`, which is one object here; without one, none."""
    given = call.members().get("input")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise RestError.invalid_type("input", "Object")
    return given


def _tokens(asked: dict[str, Any]) -> list[Attribute]:
    given = asked.get("tokens")
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise RestError.invalid_type("tokens", "List")
    return [Attribute(_text(item.get("name")), _text(item.get("value"))) for item in given]


def _text(value: Any) -> str:
    """A name or a value as a text: numbers are taken for theirs (assumed)."""
    return "" if value is None else str(value)


def _moment(call: RestCall, text: Any) -> datetime | None:
    if text is None or text == "":
        return None
    read = parse_timestamp(text, call.world.time_zone) if isinstance(text, str) else None
    if read is None:
        raise RestError.invalid_type(text, "Date")
    return read.instant.astimezone(UTC)


def _shown(found: InWorkspace[Campaign]) -> dict[str, Any]:
    item = found.item
    said: dict[str, Any] = {"id": item.id, "name": item.name}
    if item.description:
        said["description"] = item.description  # captured: left out where there is none
    said["type"] = item.kind.value
    if item.program_name is not None:
        said |= {"programName": item.program_name, "programId": item.program_id}
    return said | {
        "workspaceName": found.workspace,
        "createdAt": utc(item.created_at),
        "updatedAt": utc(item.updated_at),
        "active": item.active and item.kind is CampaignKind.TRIGGER,  # captured of batch campaigns: they are not
    }
