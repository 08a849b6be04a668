"""Campaigns on the wire: getCampaignsForSource, requestCampaign, scheduleCampaign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.errors import Code, MarketoError
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.types import Boolean, DateTime, Int, Model, String, enumeration, many, optional, required, since

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


def _not_there(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise MarketoError(Code.INTERNAL_ERROR)


OPERATIONS = (
    Declaration(
        "getCampaignsForSource",
        params=ParamsGetCampaignsForSource,
        success=SuccessGetCampaignsForSource,
        documentation="Names the campaigns that may be requested from a source.",
        run=_not_there,
        since="1_3",
    ),
    Declaration(
        "requestCampaign",
        params=ParamsRequestCampaign,
        success=SuccessRequestCampaign,
        documentation="Runs a trigger campaign for leads.",
        run=_not_there,
        since="1_3",
    ),
    Declaration(
        "scheduleCampaign",
        params=ParamsScheduleCampaign,
        success=SuccessScheduleCampaign,
        documentation="Has a batch campaign run at a time.",
        run=_not_there,
    ),
)
