"""Campaigns on the wire: getCampaignsForSource, requestCampaign, scheduleCampaign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.campaigns import get_campaigns_for_source, request_campaign
from mockmkto.engine.scheduling import schedule_campaign
from mockmkto.model import Attribute, RequestFields
from mockmkto.model.campaigns import CampaignsForSourceRequest, RequestCampaignRequest, ScheduleCampaignRequest
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.keys import fields_said, lead_keys_from
from mockmkto.soap.types import Boolean, DateTime, Int, Model, String, enumeration, many, optional, required, since
from mockmkto.soap.writing import build

__all__ = ["OPERATIONS"]

ReqCampSourceType = enumeration("ReqCampSourceType", "MKTOWS", "SALES")


class CampaignRecord(Model):
    """A campaign."""

    id = required(Int)
    name = required(String)
    description = required(String)


class ArrayOfCampaignRecord(Model):
    """Campaigns."""

    campaignRecord = many(CampaignRecord)


# ---------------------------------------------------------------------------------------------------------------------
# getCampaignsForSource


class ParamsGetCampaignsForSource(Model):
    """The request of getCampaignsForSource."""

    source = required(ReqCampSourceType)
    name = optional(String, doc="A part of the name.")
    exactName = optional(Boolean, doc="Whether `name` is the whole name.")


class ResultGetCampaignsForSource(Model):
    """The campaigns that a source may request."""

    __nillable_spelled__ = False

    returnCount = required(Int)
    campaignRecordList = optional(ArrayOfCampaignRecord)


class SuccessGetCampaignsForSource(Model):
    """The answer of getCampaignsForSource."""

    __nillable_spelled__ = False

    result = required(ResultGetCampaignsForSource)


# ---------------------------------------------------------------------------------------------------------------------
# requestCampaign


class ParamsRequestCampaign(Model):
    """The request of requestCampaign: a campaign by its id, or by its program's name and its own."""

    source = required(ReqCampSourceType)
    campaignId = optional(Int)
    leadList = optional(types.ArrayOfLeadKey)
    programName = optional(String)
    campaignName = optional(String)
    programTokenList = optional(types.ArrayOfAttrib, doc="Values of My Tokens for this run.")


class ResultRequestCampaign(Model):
    """The outcome of requestCampaign."""

    __nillable_spelled__ = False

    success = required(Boolean)


class SuccessRequestCampaign(Model):
    """The answer of requestCampaign."""

    __nillable_spelled__ = False

    result = required(ResultRequestCampaign)


# ---------------------------------------------------------------------------------------------------------------------
# scheduleCampaign


class ParamsScheduleCampaign(Model):
    """The request of scheduleCampaign."""

    programName = required(String)
    cloneToProgramName = since("3_0", optional(String, doc="The name of a new program, a copy that is run instead."))
    campaignName = required(String)
    campaignRunAt = optional(DateTime, doc="When. Five minutes from now, where it is left out.")
    programTokenList = optional(types.ArrayOfAttrib, doc="Values of My Tokens for this run.")


class ResultScheduleCampaign(Model):
    """The outcome of scheduleCampaign."""

    __nillable_spelled__ = False

    success = required(Boolean)


class SuccessScheduleCampaign(Model):
    """The answer of scheduleCampaign."""

    __nillable_spelled__ = False

    result = required(ResultScheduleCampaign)


# ---------------------------------------------------------------------------------------------------------------------
# Between the wire and the engine


def _get_campaigns(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    request = CampaignsForSourceRequest(params.source, params.name, bool(params.exactName))
    found = get_campaigns_for_source(call.open_session, request, call.trace).campaigns
    records = [build(CampaignRecord, id=item.id, name=item.shown, description=item.description) for item in found]
    listed = build(ArrayOfCampaignRecord, campaignRecord=records)
    result = build(ResultGetCampaignsForSource, returnCount=len(found), campaignRecordList=listed)
    return build(SuccessGetCampaignsForSource, result=result)


def _get_campaigns_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return fields_said({"source": params.source, "name": params.name, "exactName": params.exactName}, None)


def _tokens_from(listed: Any) -> tuple[Attribute, ...]:
    return tuple(Attribute(item.name, item.value) for item in listed.attrib) if listed is not None else ()


def _request_campaign(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    request = RequestCampaignRequest(
        source=params.source,
        campaign_id=params.campaignId,
        leads=lead_keys_from(params.leadList),
        program_name=params.programName,
        campaign_name=params.campaignName,
        tokens=_tokens_from(params.programTokenList),
    )
    request_campaign(call.open_session, request, call.trace)
    return build(SuccessRequestCampaign, result=build(ResultRequestCampaign, success=True))


def _request_campaign_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    said = {
        "source": params.source,
        "campaignId": params.campaignId,
        "programName": params.programName,
        "campaignName": params.campaignName,
    }
    return fields_said(said, lead_keys_from(params.leadList), _tokens_from(params.programTokenList))


def _schedule_campaign(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    request = ScheduleCampaignRequest(
        program_name=params.programName,
        campaign_name=params.campaignName,
        run_at=params.campaignRunAt,
        tokens=_tokens_from(params.programTokenList),
        clone_to=params.cloneToProgramName,
    )
    schedule_campaign(call.open_session, request, call.trace)
    return build(SuccessScheduleCampaign, result=build(ResultScheduleCampaign, success=True))


def _schedule_campaign_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    said = {
        "programName": params.programName,
        "cloneToProgramName": params.cloneToProgramName,
        "campaignName": params.campaignName,
        "campaignRunAt": params.campaignRunAt,
    }
    return fields_said(said, None, _tokens_from(params.programTokenList))


OPERATIONS = (
    Declaration(
        "getCampaignsForSource",
        params=ParamsGetCampaignsForSource,
        success=SuccessGetCampaignsForSource,
        documentation="Names the campaigns that may be requested from a source.",
        run=_get_campaigns,
        said=_get_campaigns_said,
    ),
    Declaration(
        "requestCampaign",
        params=ParamsRequestCampaign,
        success=SuccessRequestCampaign,
        documentation="Runs a trigger campaign for leads.",
        run=_request_campaign,
        said=_request_campaign_said,
    ),
    Declaration(
        "scheduleCampaign",
        params=ParamsScheduleCampaign,
        success=SuccessScheduleCampaign,
        documentation="Has a batch campaign run at a time.",
        run=_schedule_campaign,
        said=_schedule_campaign_said,
    ),
)
