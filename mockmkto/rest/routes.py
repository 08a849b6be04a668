"""The whole map of the REST API on one screen: what is called how, and where it is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from mockmkto.errors import RestCode, RestError

if TYPE_CHECKING:
    from mockmkto.rest.call import RestCall
    from mockmkto.rest.envelope import Answered, FileAnswer
    from mockmkto.rest.incoming import Incoming
    from mockmkto.rest.parameters import Parameters

__all__ = [
    "LARGE",
    "QUICK",
    "ROUTES",
    "UNCOUNTED",
    "Route",
    "find_route",
    "handler",
    "nearest_path",
    "reader",
]

# An operation's name is that of the module in rest/operations that answers it, and of the function there; the module is
# imported when it is first called. It is also what the journal, searches and fault rules call it: `op:leads.sync`.
ROUTES: dict[str, str] = {
    "GET    /identity/oauth/token": "identity.token",
    "POST   /identity/oauth/token": "identity.token",
    # Activities
    "GET    /rest/v1/activities.json": "activities.find",
    "GET    /rest/v1/activities/deletedleads.json": "activities.deleted_leads",
    "GET    /rest/v1/activities/leadchanges.json": "activities.lead_changes",
    "GET    /rest/v1/activities/pagingtoken.json": "activities.paging_token",
    "GET    /rest/v1/activities/types.json": "activities.types",
    "POST   /rest/v1/activities/external.json": "activities.add",
    "GET    /rest/v1/activities/external/types.json": "custom_activities.types",
    "POST   /rest/v1/activities/external/type.json": "custom_activities.create",
    "POST   /rest/v1/activities/external/type/{name}.json": "custom_activities.change",
    "POST   /rest/v1/activities/external/type/{name}/approve.json": "custom_activities.approve",
    "POST   /rest/v1/activities/external/type/{name}/delete.json": "custom_activities.delete",
    "GET    /rest/v1/activities/external/type/{name}/describe.json": "custom_activities.describe",
    "POST   /rest/v1/activities/external/type/{name}/discardDraft.json": "custom_activities.discard_draft",
    "POST   /rest/v1/activities/external/type/{name}/attributes/create.json": "custom_activities.add_attributes",
    "POST   /rest/v1/activities/external/type/{name}/attributes/delete.json": "custom_activities.remove_attributes",
    "POST   /rest/v1/activities/external/type/{name}/attributes/update.json": "custom_activities.change_attributes",
    # Leads
    "GET    /rest/v1/leads.json": "leads.find",
    "POST   /rest/v1/leads.json": "leads.sync",
    "DELETE /rest/v1/leads.json": "leads.delete",
    "POST   /rest/v1/leads/delete.json": "leads.delete",
    "POST   /rest/v1/leads/push.json": "pushing.push_leads",
    "POST   /rest/v1/leads/submitForm.json": "pushing.submit",
    "GET    /rest/v1/lead/{id}.json": "leads.one",
    "POST   /rest/v1/leads/{id}/associate.json": "leads.associate",
    "POST   /rest/v1/leads/{id}/merge.json": "leads.merge",
    "GET    /rest/v1/leads/partitions.json": "leads.partitions",
    "POST   /rest/v1/leads/partitions.json": "leads.change_partition",
    "GET    /rest/v1/leads/{id}/listMembership.json": "lead_memberships.lists",
    "GET    /rest/v1/leads/{id}/programMembership.json": "lead_memberships.programs",
    "GET    /rest/v1/leads/{id}/smartCampaignMembership.json": "lead_memberships.campaigns",
    # Fields
    "GET    /rest/v1/leads/describe.json": "fields.describe",
    "GET    /rest/v1/leads/describe2.json": "fields.describe_for_search",
    "GET    /rest/v1/leads/schema/fields.json": "fields.find",
    "POST   /rest/v1/leads/schema/fields.json": "fields.add",
    "GET    /rest/v1/leads/schema/fields/{name}.json": "fields.one",
    "POST   /rest/v1/leads/schema/fields/{name}.json": "fields.change",
    # Bulk
    "POST   /bulk/v1/leads.json": "imports.begin",
    "GET    /bulk/v1/leads/batch/{id}.json": "imports.status",
    "GET    /bulk/v1/leads/batch/{id}/failures.json": "imports.failures",
    "GET    /bulk/v1/leads/batch/{id}/warnings.json": "imports.warnings",
    "POST   /bulk/v1/customobjects/{api}/import.json": "imports.begin",
    "GET    /bulk/v1/customobjects/{api}/import/{id}/status.json": "imports.status",
    "GET    /bulk/v1/customobjects/{api}/import/{id}/failures.json": "imports.failures",
    "GET    /bulk/v1/customobjects/{api}/import/{id}/warnings.json": "imports.warnings",
    "POST   /bulk/v1/program/{program}/members/import.json": "imports.begin",
    "GET    /bulk/v1/program/members/import/{id}/status.json": "imports.status",
    "GET    /bulk/v1/program/members/import/{id}/failures.json": "imports.failures",
    "GET    /bulk/v1/program/members/import/{id}/warnings.json": "imports.warnings",
    "POST   /bulk/v1/{objects}/export/create.json": "extracts.create",
    "GET    /bulk/v1/{objects}/export.json": "extracts.jobs",
    "POST   /bulk/v1/{objects}/export/{id}/enqueue.json": "extracts.enqueue",
    "GET    /bulk/v1/{objects}/export/{id}/status.json": "extracts.status",
    "GET    /bulk/v1/{objects}/export/{id}/file.json": "extracts.file",
    "POST   /bulk/v1/{objects}/export/{id}/cancel.json": "extracts.cancel",
    "POST   /bulk/v1/program/members/export/create.json": "extracts.create",
    "GET    /bulk/v1/program/members/export.json": "extracts.jobs",
    "POST   /bulk/v1/program/members/export/{id}/enqueue.json": "extracts.enqueue",
    "GET    /bulk/v1/program/members/export/{id}/status.json": "extracts.status",
    "GET    /bulk/v1/program/members/export/{id}/file.json": "extracts.file",
    "POST   /bulk/v1/program/members/export/{id}/cancel.json": "extracts.cancel",
    "POST   /bulk/v1/customobjects/{api}/export/create.json": "extracts.create",
    "GET    /bulk/v1/customobjects/{api}/export.json": "extracts.jobs",
    "POST   /bulk/v1/customobjects/{api}/export/{id}/enqueue.json": "extracts.enqueue",
    "GET    /bulk/v1/customobjects/{api}/export/{id}/status.json": "extracts.status",
    "GET    /bulk/v1/customobjects/{api}/export/{id}/file.json": "extracts.file",
    "POST   /bulk/v1/customobjects/{api}/export/{id}/cancel.json": "extracts.cancel",
    # Lists, campaigns, members of programs
    "GET    /rest/v1/lists.json": "lists.find",
    "GET    /rest/v1/lists/{id}.json": "lists.one",
    "GET    /rest/v1/lists/{id}/leads.json": "lists.members",
    "GET    /rest/v1/list/{id}/leads.json": "lists.members",
    "POST   /rest/v1/lists/{id}/leads.json": "lists.add",
    "DELETE /rest/v1/lists/{id}/leads.json": "lists.remove",
    "GET    /rest/v1/lists/{id}/leads/ismember.json": "lists.ismember",
    "GET    /rest/v1/campaigns.json": "campaigns.find",
    "GET    /rest/v1/campaigns/{id}.json": "campaigns.one",
    "POST   /rest/v1/campaigns/{id}/trigger.json": "campaigns.trigger",
    "POST   /rest/v1/campaigns/{id}/schedule.json": "campaigns.schedule",
    "GET    /rest/v1/leads/programs/{id}.json": "program_members.leads",
    "POST   /rest/v1/programs/{id}/members/status.json": "program_members.change_status",
    "POST   /rest/v1/programs/{id}/members/delete.json": "program_members.delete",
    # Assets
    "GET    /rest/asset/v1/programs.json": "assets.programs",
    "GET    /rest/asset/v1/program/byName.json": "assets.program_named",
    "GET    /rest/asset/v1/program/{id}.json": "assets.program",
    "GET    /rest/asset/v1/channels.json": "assets.channels",
    "GET    /rest/asset/v1/channel/byName.json": "assets.channel_named",
    "GET    /rest/asset/v1/tagTypes.json": "assets.tag_types",
    "GET    /rest/asset/v1/tagType/byName.json": "assets.tag_type_named",
    "GET    /rest/asset/v1/folder/byName.json": "assets.folder_named",
    "GET    /rest/asset/v1/folder/{id}.json": "assets.folder",
    "GET    /rest/asset/v1/staticLists.json": "static_lists.find",
    "POST   /rest/asset/v1/staticLists.json": "static_lists.create",
    "GET    /rest/asset/v1/staticList/byName.json": "static_lists.named",
    "GET    /rest/asset/v1/staticList/{id}.json": "static_lists.one",
    "POST   /rest/asset/v1/staticList/{id}.json": "static_lists.change",
    "POST   /rest/asset/v1/staticList/{id}/delete.json": "static_lists.delete",
    "GET    /rest/asset/v1/smartCampaigns.json": "smart_campaigns.find",
    "GET    /rest/asset/v1/smartCampaign/byName.json": "smart_campaigns.named",
    "GET    /rest/asset/v1/smartCampaign/{id}.json": "smart_campaigns.one",
    "POST   /rest/asset/v1/smartCampaign/{id}/activate.json": "smart_campaigns.activate",
    "POST   /rest/asset/v1/smartCampaign/{id}/deactivate.json": "smart_campaigns.deactivate",
    # Objects
    "GET    /rest/v1/customobjects.json": "custom_objects.list_types",
    "GET    /rest/v1/customobjects/{type}.json": "custom_objects.find",
    "POST   /rest/v1/customobjects/{type}.json": "custom_objects.sync",
    "GET    /rest/v1/customobjects/{type}/describe.json": "custom_objects.describe",
    "POST   /rest/v1/customobjects/{type}/delete.json": "custom_objects.delete",
    "GET    /rest/v1/opportunities.json": "opportunities.find",
    "POST   /rest/v1/opportunities.json": "opportunities.sync",
    "GET    /rest/v1/opportunities/describe.json": "opportunities.describe",
    "POST   /rest/v1/opportunities/delete.json": "opportunities.delete",
    "GET    /rest/v1/opportunities/roles.json": "roles.find",
    "POST   /rest/v1/opportunities/roles.json": "roles.sync",
    "GET    /rest/v1/opportunities/roles/describe.json": "roles.describe",
    "POST   /rest/v1/opportunities/roles/delete.json": "roles.delete",
    "GET    /rest/v1/companies.json": "companies.find",
    "POST   /rest/v1/companies.json": "companies.sync",
    "GET    /rest/v1/companies/describe.json": "companies.describe",
    "POST   /rest/v1/companies/delete.json": "companies.delete",
    # Usage
    "GET    /rest/v1/stats/usage.json": "stats.usage",
    "GET    /rest/v1/stats/usage/last7days.json": "stats.usage_of_week",
    "GET    /rest/v1/stats/errors.json": "stats.errors",
    "GET    /rest/v1/stats/errors/last7days.json": "stats.errors_of_week",
}

QUICK = frozenset({"identity.token", "leads.sync", "leads.one", "leads.find", "leads.associate"})
"""Operations that take well under a millisecond where the request is small."""

UNCOUNTED = frozenset({"identity.token"})
"""Operations that count neither against the day nor the rate (documented)."""

LARGE = {"imports.begin": "imports.read_sent"}
"""Operations whose body takes its time to be read: that is done by this function, before the subscription is held."""


_LONGEST_PATH = 120  # paths are compared in quadratic time


class Route(NamedTuple):
    """One operation that a path means."""

    operation: str  # leads.sync
    pieces: Mapping[str, str]  # of the path, by their names in the map


class _Known(NamedTuple):
    pattern: re.Pattern[str]
    methods: dict[str, str]  # method -> operation


def nearest_path(path: str) -> str | None:
    """The path of the map that was probably meant; `None` where none is near."""
    close = get_close_matches(path[:_LONGEST_PATH], {entry.split()[1] for entry in ROUTES}, n=1, cutoff=0.93)
    return close[0] if close else None


def find_route(method: str, path: str) -> Route:
    """What a method and a path mean.

    Raises:
        RestError: 610 nothing is there; 605 not with this method.
    """
    found = _by_path(path)
    if found is None:
        raise RestError(RestCode.NOT_FOUND)
    known, pieces = found
    operation = known.methods.get(method)
    if operation is None:
        raise RestError.method_not_supported(method)
    return Route(operation, pieces)


@cache
def handler(operation: str) -> Callable[[RestCall], Answered | FileAnswer]:
    """What answers an operation."""
    answers: Callable[[RestCall], Answered | FileAnswer] = _function(operation)
    return answers


@cache
def reader(operation: str) -> Callable[[Incoming, Parameters], object] | None:
    """What reads the body of an operation before its subscription is held; `None` where nothing need."""
    reads: Callable[[Incoming, Parameters], object] | None = _function(LARGE[operation]) if operation in LARGE else None
    return reads


def _function(name: str) -> Any:
    """A function of rest/operations, by its module and its name."""
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"mockmkto.rest.operations.{module}"), function)


def _by_path(path: str) -> tuple[_Known, dict[str, str]] | None:
    plain, patterns = _table()
    known = plain.get(path)
    if known is not None:
        return known, {}
    for known in patterns:
        match = known.pattern.fullmatch(path)
        if match is not None:
            return known, match.groupdict()
    return None


@cache
def _table() -> tuple[dict[str, _Known], list[_Known]]:
    """The paths without pieces, and those with pieces in the order of the map."""
    known: dict[str, _Known] = {}
    for entry, operation in ROUTES.items():
        method, path = entry.split()
        pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(path)))
        known.setdefault(path, _Known(pattern, {})).methods[method] = operation
    return (
        {path: item for path, item in known.items() if "{" not in path},
        [item for path, item in known.items() if "{" in path],
    )
