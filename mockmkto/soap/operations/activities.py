"""The activity log on the wire: getLeadActivity, getLeadChanges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.reading_log import get_lead_activity, get_lead_changes
from mockmkto.model import Activity, Attribute, RequestFields
from mockmkto.model.reads import ActivityFilter, GetLeadActivityRequest, GetLeadChangesRequest
from mockmkto.model.reads import StreamPosition as Position
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.keys import key_said, lead_key_from
from mockmkto.soap.operations.mapping import strings_from
from mockmkto.soap.operations.selecting import said, selector_from, selector_said
from mockmkto.soap.operations.showing import attribute_list, moment, record_list
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
from mockmkto.soap.writing import build

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


def _get_lead_activity(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    request = GetLeadActivityRequest(
        lead_key_from(params.leadKey),
        _filter_from(params.activityFilter),
        _position_from(params.startPosition) or Position(),
        params.batchSize,
    )
    page = get_lead_activity(call.open_session, request, call.trace)
    shown = build(
        LeadActivityList,
        returnCount=len(page.activities),
        remainingCount=page.remaining,
        newStartPosition=_position(page.position),
        activityRecordList=record_list(
            call, ArrayOfActivityRecord, "activityRecord", [_activity(call, item) for item in page.activities]
        ),
    )
    return build(SuccessGetLeadActivity, leadActivityList=shown)


def _activity(call: CallUnderWay, item: Activity) -> Any:
    """Its members are all there; those of people and companies are nil (captured)."""
    return build(
        ActivityRecord,
        id=item.id,
        marketoGUID=str(item.id),
        activityDateTime=moment(call, item.at),
        activityType=item.type,
        mktgAssetName=item.asset,
        activityAttributes=_attributes(call, item),
        campaign=item.campaign or "",
        mktPersonId=str(item.lead_id),
    )


def _get_lead_activity_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return said({**key_said(params.leadKey), **_reading_said(params)})


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


def _get_lead_changes(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    request = GetLeadChangesRequest(
        _position_from(params.startPosition),
        _filter_from(params.activityFilter),
        strings_from(params.activityNameFilter) or (),
        params.batchSize,
        selector_from(params.leadSelector),
    )
    page = get_lead_changes(call.open_session, request, call.trace)
    records = [
        build(
            LeadChangeRecord,
            id=item.id,
            marketoGUID=str(item.id),
            activityDateTime=moment(call, item.at),
            activityType=item.type,
            mktgAssetName=item.asset,
            activityAttributes=_attributes(call, item),
            campaign=item.campaign,
            mktPersonId=str(item.lead_id),
        )
        for item in page.activities
    ]
    result = build(
        ResultGetLeadChanges,
        returnCount=len(page.activities),
        remainingCount=page.remaining,
        newStartPosition=_position(page.position),
        leadChangeRecordList=record_list(call, ArrayOfLeadChangeRecord, "leadChangeRecord", records),
    )
    return build(SuccessGetLeadChanges, result=result)


def _get_lead_changes_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    names = ", ".join(strings_from(params.activityNameFilter) or ())
    return said({**selector_said(params.leadSelector), **_reading_said(params), "activityNameFilter": names})


# ---------------------------------------------------------------------------------------------------------------------
# Between the wire and the engine


def _position_from(position: Any) -> Position | None:
    if position is None:
        return None
    return Position(position.latestCreatedAt, position.oldestCreatedAt, position.activityCreatedAt, position.offset)


def _position(position: Position) -> Any:
    return build(
        StreamPosition,
        latestCreatedAt=position.latest,
        oldestCreatedAt=position.oldest,
        activityCreatedAt=position.activity,
        offset=position.offset,
    )


def _filter_from(asked: Any) -> ActivityFilter:
    if asked is None:
        return ActivityFilter()
    include, exclude = (
        tuple(name or "" for name in types.activityType) if types is not None else ()
        for types in (asked.includeTypes, asked.excludeTypes)
    )
    return ActivityFilter(include, exclude)


def _attributes(call: CallUnderWay, item: Activity) -> Any:
    return attribute_list(call, [Attribute(name, value) for name, value in item.attributes])


def _reading_said(params: Any) -> dict[str, Any]:
    asked = _filter_from(params.activityFilter)
    position = _position_from(params.startPosition) or Position()
    return {
        "includeTypes": ", ".join(asked.include),
        "excludeTypes": ", ".join(asked.exclude),
        "latestCreatedAt": position.latest,
        "oldestCreatedAt": position.oldest,
        "activityCreatedAt": position.activity,
        "offset": position.offset,
        "batchSize": params.batchSize,
    }


OPERATIONS = (
    Declaration(
        "getLeadActivity",
        params=ParamsGetLeadActivity,
        success=SuccessGetLeadActivity,
        documentation="Reads the activities of one lead page by page, the newest first.",
        run=_get_lead_activity,
        said=_get_lead_activity_said,
    ),
    Declaration(
        "getLeadChanges",
        params=ParamsGetLeadChanges,
        success=SuccessGetLeadChanges,
        documentation="Reads the activities of all leads page by page, the oldest first.",
        run=_get_lead_changes,
        said=_get_lead_changes_said,
    ),
)
