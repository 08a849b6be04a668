"""What each operation has done, in words that stand behind `would have` as well: one table for both APIs."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DEEDS", "LIST_DEEDS", "REST_DEEDS"]

# {names} are the subjects that were found, {rows} the records of the request.
DEEDS: Mapping[str, str] = {
    "syncMultipleLeads": "synced {rows} lead{s}",
    "getMultipleLeads": "read leads",
    "mergeLeads": "merged leads",
    "getLeadActivity": "read a part of the activity log",
    "getLeadChanges": "read a part of the activity log",
    "importToList": "started an import to {names}",
    "getImportToListStatus": "asked how far the last import to {names} is",
    "getCampaignsForSource": "listed campaigns",
    "requestCampaign": "requested {names} for {rows} lead{s}",
    "scheduleCampaign": "scheduled {names}",
    "listMObjects": "listed the types of objects",
    "describeMObject": "described {names}",
    "getMObjects": "read objects",
    "syncMObjects": "synced {rows} object{s}",
    "deleteMObjects": "deleted objects",
    "getCustomObjects": "read custom objects of {names}",
    "syncCustomObjects": "synced {rows} record{s} of {names}",
    "deleteCustomObjects": "deleted records of {names}",
    "getChannels": "listed channels",
    "getTags": "listed tags",
}
"""Those of the SOAP API. syncLead and getLead are not here: their keys tell more."""

LIST_DEEDS: Mapping[str, str] = {
    "ADDTOLIST": "put {rows} lead{s} on {names}",
    "REMOVEFROMLIST": "removed {rows} lead{s} from {names}",
    "ISMEMBEROFLIST": "asked whether {rows} lead{s} are on {names}",
    "CLEARLIST": "cleared {names}",
}
"""What listOperation did, by what was asked for."""

REST_DEEDS: Mapping[str, str] = {
    "identity.token": "gave a token",
    "activities.add": "wrote {rows} activit{ies}",
    "activities.deleted_leads": "read who was deleted",
    "activities.find": "read a part of the activity log",
    "activities.lead_changes": "read a part of the activity log",
    "activities.paging_token": "gave the page token of a moment",
    "activities.types": "described the types of activities",
    "custom_activities.add_attributes": "added attributes to {names}",
    "custom_activities.approve": "approved {names}",
    "custom_activities.change": "changed {names}",
    "custom_activities.change_attributes": "changed attributes of {names}",
    "custom_activities.create": "made {names}",
    "custom_activities.delete": "deleted {names}",
    "custom_activities.describe": "described {names}",
    "custom_activities.discard_draft": "discarded the draft of {names}",
    "custom_activities.remove_attributes": "removed attributes of {names}",
    "custom_activities.types": "listed the types of activities of its own",
    "fields.add": "added fields",
    "fields.change": "changed a field",
    "fields.describe": "described the fields of leads",
    "fields.describe_for_search": "described the fields of leads",
    "fields.find": "listed the fields of leads",
    "fields.one": "described a field",
    "leads.associate": "gave a lead a cookie",
    "leads.change_partition": "moved {rows} lead{s}",
    "leads.delete": "deleted {rows} lead{s}",
    "leads.find": "looked for leads",
    "leads.merge": "merged leads",
    "leads.one": "read a lead",
    "leads.partitions": "listed the partitions",
    "leads.sync": "synced {rows} lead{s}",
    "stats.errors": "counted the errors of the day",
    "stats.errors_of_week": "counted the errors of seven days",
    "stats.usage": "counted the calls of the day",
    "stats.usage_of_week": "counted the calls of seven days",
}
"""Those of the REST API, by the names of its map of routes."""
