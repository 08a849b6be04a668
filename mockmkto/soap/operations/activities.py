"""The activity log on the wire: getLeadActivity, getLeadChanges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.errors import Code, MarketoError
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.types import (
    DateTime,
    Int,
    Long,
    Model,
    String,
    changing,
    enumeration,
    many,
    optional,
    required,
    since,
)

__all__ = ["OPERATIONS"]

ActivityType = enumeration(
    "ActivityType",
    "VisitWebpage",
    "FillOutForm",
    "ClickLink",
    "SendEmail",
    "EmailDelivered",
    "EmailBounced",
    "UnsubscribeEmail",
    "OpenEmail",
    "ClickEmail",
    "NewLead",
    "ChangeDataValue",
    "LeadAssigned",
    "NewSFDCOpprtnty",
    "Wait",
    "RunSubflow",
    "RemoveFromFlow",
    "PushLeadToSales",
    "CreateTask",
    "ConvertLead",
    "ChangeScore",
    "ChangeOwner",
    "AddToList",
    "RemoveFromList",
    "SFDCActivity",
    "EmailBouncedSoft",
    "PushLeadUpdatesToSales",
    "DeleteLeadFromSales",
    "SFDCActivityUpdated",
    "SFDCMergeLeads",
    "MergeLeads",
    "ResolveConflicts",
    "AssocWithOpprtntyInSales",
    "DissocFromOpprtntyInSales",
    "UpdateOpprtntyInSales",
    "DeleteLead",
    "SendAlert",
    "SendSalesEmail",
    "OpenSalesEmail",
    "ClickSalesEmail",
    "AddtoSFDCCampaign",
    "RemoveFromSFDCCampaign",
    "ChangeStatusInSFDCCampaign",
    "ReceiveSalesEmail",
    "InterestingMoment",
    "RequestCampaign",
    "SalesEmailBounced",
    "ChangeLeadPartition",
    "ChangeRevenueStage",
    "ChangeRevenueStageManually",
    "ComputeDataValue",
    "ChangeStatusInProgression",
    "ChangeFieldInProgram",
    "EnrichWithDatacom",
    "ChangeSegment",
    "ResolveRuleset",
    "SmartCampaignTest",
    "SmartCampaignTestTrigger",
)


def _record_id() -> Any:
    return changing({"1_3": required(Int), "2_4": required(Long), "3_0": optional(Long)})


def _guid() -> Any:
    return since("3_0", required(String, doc="Names the activity; the id is optional since then."))


class ArrayOfActivityType(Model):
    """Types of activities."""

    activityType = many(ActivityType)


class ActivityTypeFilter(Model):
    """Which types of activities are asked for: these, or all but those."""

    includeTypes = optional(ArrayOfActivityType, nillable=False)
    excludeTypes = optional(ArrayOfActivityType, nillable=False)


class ActivityRecord(Model):
    """Something that a lead did, or that was done to it."""

    id = _record_id()
    marketoGUID = _guid()
    activityDateTime = required(DateTime)
    activityType = required(String)
    mktgAssetName = optional(String, nillable=False)
    activityAttributes = optional(types.ArrayOfAttribute)
    campaign = optional(String)
    personName = optional(String)
    mktPersonId = required(String)
    foreignSysId = optional(String)
    orgName = optional(String)
    foreignSysOrgId = optional(String)


class ArrayOfActivityRecord(Model):
    """Activities."""

    activityRecord = many(ActivityRecord)


class LeadChangeRecord(Model):
    """An activity of any lead."""

    id = _record_id()
    marketoGUID = _guid()
    activityDateTime = required(DateTime)
    activityType = required(String)
    mktgAssetName = optional(String)
    activityAttributes = optional(types.ArrayOfAttribute)
    campaign = optional(String, nillable=False)
    mktPersonId = required(String)


class ArrayOfLeadChangeRecord(Model):
    """Activities of any leads."""

    leadChangeRecord = many(LeadChangeRecord)


class StreamPosition(Model):
    """Where a reader of the log stands."""

    latestCreatedAt = optional(DateTime)
    oldestCreatedAt = optional(DateTime)
    activityCreatedAt = optional(DateTime)
    offset = optional(String)


# ---------------------------------------------------------------------------------------------------------------------
# getLeadActivity


class ParamsGetLeadActivity(Model):
    """The request of getLeadActivity."""

    leadKey = required(types.LeadKey)
    activityFilter = optional(ActivityTypeFilter)
    startPosition = optional(StreamPosition)
    batchSize = optional(Int, doc="How many activities at most: no more than 100.")


class LeadActivityList(Model):
    """One page of a lead's activities."""

    __nillable_spelled__ = False

    returnCount = required(Int)
    remainingCount = required(Int)
    newStartPosition = required(StreamPosition)
    activityRecordList = optional(ArrayOfActivityRecord)


class SuccessGetLeadActivity(Model):
    """The answer of getLeadActivity: the one success whose member is not called `result` (captured)."""

    __nillable_spelled__ = False

    leadActivityList = required(LeadActivityList)


# ---------------------------------------------------------------------------------------------------------------------
# getLeadChanges


class ParamsGetLeadChanges(Model):
    """The request of getLeadChanges."""

    startPosition = required(StreamPosition)
    activityFilter = optional(ActivityTypeFilter)
    activityNameFilter = since("2_3", optional(types.ArrayOfString, doc="Types of activities as answers name them."))
    batchSize = optional(Int, doc="How many activities at most: no more than 1000.")
    leadSelector = since("2_2", optional(types.LeadSelector, nillable=False))


class ResultGetLeadChanges(Model):
    """One page of the activities of all leads."""

    __nillable_spelled__ = False

    returnCount = required(Int)
    remainingCount = required(Int)
    newStartPosition = required(StreamPosition)
    leadChangeRecordList = optional(ArrayOfLeadChangeRecord)


class SuccessGetLeadChanges(Model):
    """The answer of getLeadChanges."""

    __nillable_spelled__ = False

    result = required(ResultGetLeadChanges)


def _not_there(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise MarketoError(Code.INTERNAL_ERROR)


OPERATIONS = (
    Declaration(
        "getLeadActivity",
        params=ParamsGetLeadActivity,
        success=SuccessGetLeadActivity,
        documentation="Reads the activities of one lead page by page, the newest first.",
        run=_not_there,
        since="1_3",
    ),
    Declaration(
        "getLeadChanges",
        params=ParamsGetLeadChanges,
        success=SuccessGetLeadChanges,
        documentation="Reads the activities of all leads page by page, the oldest first.",
        run=_not_there,
        since="1_3",
    ),
)
