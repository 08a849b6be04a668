"""The activity log: what happened to leads, and what each kind of happening is called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

__all__ = [
    "ACTIVITY_TYPES",
    "DISPLAY_NAMES",
    "TYPE_IDS",
    "Activity",
    "ActivityType",
    "NewActivity",
    "display_type",
    "type_id",
    "type_of_id",
]


class ActivityType(StrEnum):
    """The types that operations write, by the names that answers show (captured)."""

    NEW_LEAD = "New Lead"
    CHANGE_DATA_VALUE = "Change Data Value"
    CHANGE_SCORE = "Change Score"
    ADD_TO_LIST = "Add to List"
    REMOVE_FROM_LIST = "Remove from List"
    MERGE_LEADS = "Merge Leads"
    DELETE_LEAD = "Delete Lead"
    CHANGE_PARTITION = "Change Lead Partition"
    REQUEST_CAMPAIGN = "Request Campaign"
    ADD_TO_OPPORTUNITY = "Add to Opportunity"
    REMOVE_FROM_OPPORTUNITY = "Remove from Opportunity"
    UPDATE_OPPORTUNITY = "Update Opportunity"
    CHANGE_CUSTOM_OBJECT = "Change Custom Object"
    CHANGE_STATUS = "Change Status in Progression"
    PUSH_LEAD = "Push Lead to Marketo"
    FILL_OUT_FORM = "Fill Out Form"


class NewActivity(Struct, frozen=True):
    """Something that is to be written into the log, of any type that answers can show."""

    lead_id: int
    type: str
    asset: str = ""
    attributes: tuple[tuple[str, str], ...] = ()  # in the order in which they are answered
    campaign: str | None = None


class Activity(Struct, frozen=True):
    """One line of the log. `at` has whole seconds, in UTC: what answers show is what is compared."""

    id: int
    lead_id: int
    at: datetime
    type: str  # as answers show it: Visit Webpage
    asset: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    campaign: str | None = None


# The enumeration of the contract, in its order, and what answers call each: split at capitals, small words in lower
# case (captured for some, inferred for the others).
ACTIVITY_TYPES: Mapping[str, str] = {
    "VisitWebpage": "Visit Webpage",
    "FillOutForm": "Fill Out Form",
    "ClickLink": "Click Link",
    "RegisterForEvent": "Register for Event",
    "AttendEvent": "Attend Event",
    "SendEmail": "Send Email",
    "EmailDelivered": "Email Delivered",
    "EmailBounced": "Email Bounced",
    "UnsubscribeEmail": "Unsubscribe Email",
    "OpenEmail": "Open Email",
    "ClickEmail": "Click Email",
    "NewLead": "New Lead",
    "ChangeDataValue": "Change Data Value",
    "LeadAssigned": "Lead Assigned",
    "NewSFDCOpprtnty": "New SFDC Opportunity",
    "Wait": "Wait",
    "RunSubflow": "Run Sub-flow",
    "RemoveFromFlow": "Remove from Flow",
    "PushLeadToSales": "Sync Lead to SFDC",
    "CreateTask": "Create Task",
    "ConvertLead": "Convert Lead",
    "ChangeScore": "Change Score",
    "ChangeOwner": "Change Owner",
    "AddToList": "Add to List",
    "RemoveFromList": "Remove from List",
    "SFDCActivity": "SFDC Activity",
    "EmailBouncedSoft": "Email Bounced Soft",
    "PushLeadUpdatesToSales": "Sync Lead Updates to SFDC",
    "DeleteLeadFromSales": "Delete Lead from SFDC",
    "SFDCActivityUpdated": "SFDC Activity Updated",
    "SFDCMergeLeads": "SFDC Merge Leads",
    "MergeLeads": "Merge Leads",
    "ResolveConflicts": "Resolve Conflicts",
    "AssocWithOpprtntyInSales": "Add to Opportunity",
    "DissocFromOpprtntyInSales": "Remove from Opportunity",
    "UpdateOpprtntyInSales": "Update Opportunity",
    "DeleteLead": "Delete Lead",
    "SendAlert": "Send Alert",
    "SendSalesEmail": "Send Sales Email",
    "OpenSalesEmail": "Open Sales Email",
    "ClickSalesEmail": "Click Sales Email",
    "AddtoSFDCCampaign": "Add to SFDC Campaign",
    "RemoveFromSFDCCampaign": "Remove from SFDC Campaign",
    "ChangeStatusInSFDCCampaign": "Change Status in SFDC Campaign",
    "ReceiveSalesEmail": "Receive Sales Email",
    "InterestingMoment": "Interesting Moment",
    "RequestCampaign": "Request Campaign",
    "SalesEmailBounced": "Sales Email Bounced",
    "ChangeLeadPartition": "Change Lead Partition",
    "ChangeRevenueStage": "Change Revenue Stage",
    "ChangeRevenueStageManually": "Change Revenue Stage Manually",
    "ComputeDataValue": "Compute Data Value",
    "ChangeStatusInProgression": "Change Status in Progression",
    "ChangeFieldInProgram": "Change Program Data",
    "EnrichWithDatacom": "Enrich with Data.com",
    "ChangeSegment": "Change Segment",
    "ComputeSegmentation": "Compute Segmentation",
    "ResolveRuleset": "Resolve Ruleset",
    "SmartCampaignTest": "Smart Campaign Test",
    "SmartCampaignTestTrigger": "Smart Campaign Test Trigger",
}

# What the REST API calls by a number (captured: the lists of types of two subscriptions; which name of the enumeration
# is which is inferred where it was renamed, and the last one's number is assumed). The others have none that is known.
TYPE_IDS: Mapping[str, int] = {
    "Visit Webpage": 1,
    "Fill Out Form": 2,
    "Click Link": 3,
    "Register for Event": 4,
    "Attend Event": 5,
    "Send Email": 6,
    "Email Delivered": 7,
    "Email Bounced": 8,
    "Unsubscribe Email": 9,
    "Open Email": 10,
    "Click Email": 11,
    "New Lead": 12,
    "Change Data Value": 13,
    "Sync Lead to SFDC": 19,
    "Convert Lead": 21,
    "Change Score": 22,
    "Change Owner": 23,
    "Add to List": 24,
    "Remove from List": 25,
    "SFDC Activity": 26,
    "Email Bounced Soft": 27,
    "Delete Lead from SFDC": 29,
    "SFDC Activity Updated": 30,
    "Merge Leads": 32,
    "Add to Opportunity": 34,
    "Remove from Opportunity": 35,
    "Update Opportunity": 36,
    "Delete Lead": 37,
    "Send Alert": 38,
    "Send Sales Email": 39,
    "Open Sales Email": 40,
    "Click Sales Email": 41,
    "Add to SFDC Campaign": 42,
    "Remove from SFDC Campaign": 43,
    "Change Status in SFDC Campaign": 44,
    "Receive Sales Email": 45,
    "Interesting Moment": 46,
    "Request Campaign": 47,
    "Sales Email Bounced": 48,
    "Change Lead Partition": 100,
    "Change Revenue Stage": 101,
    "Change Revenue Stage Manually": 102,
    "Change Status in Progression": 104,
    "Enrich with Data.com": 106,
    "Change Segment": 108,
    "Call Webhook": 110,
    "Sent Forward to Friend Email": 111,
    "Received Forward to Friend Email": 112,
    "Add to Nurture": 113,
    "Change Nurture Track": 114,
    "Change Nurture Cadence": 115,
    "Push Lead to Marketo": 145,
    "Share Content": 400,
    "Vote in Poll": 401,
    "Click Shared Link": 405,
}

_BY_TYPE_ID = {number: name for name, number in TYPE_IDS.items()}

# The vendor's list of names to filter by has these beside them (documented).
_NO_ENUMERATION = (
    "Add to Nurture",
    "Add to Segment",
    "Add to Smart Campaign",
    "Assign Nurture Content",
    "Capture Campaign Membership History",
    "Capture List Membership History",
    "Change Account Owner",
    "Change Attribute Datatype",
    "Change CRM User",
    "Change Custom Object",
    "Change Nurture Cadence",
    "Change Nurture Exhausted",
    "Change Nurture Track",
    "Click Shared Link",
    "Nurture Deploy",
    "Received Forward to Friend Email",
    "Reward Test Group Variant",
    "Segmentation Approval",
    "Sent Forward to Friend Email",
    "Share Content",
)

DISPLAY_NAMES: tuple[str, ...] = tuple(sorted({*ACTIVITY_TYPES.values(), *TYPE_IDS, *_NO_ENUMERATION}))
"""Every type by the name that answers show, sorted."""

_BY_FOLDED = {name.casefold(): name for name in DISPLAY_NAMES} | {
    name.casefold(): shown for name, shown in ACTIVITY_TYPES.items()
}


def display_type(text: str) -> str | None:
    """The name that answers show, of a type that is given by it or as the enumeration spells it, in any case."""
    return _BY_FOLDED.get(text.strip().casefold())


def type_id(name: str) -> int | None:
    """The number that the REST API has for a type, which is given as answers show it; `None` where none is known."""
    return TYPE_IDS.get(name)


def type_of_id(number: int) -> str | None:
    """The type of that number, as answers show it; `None` where the vendor has none."""
    return _BY_TYPE_ID.get(number)
