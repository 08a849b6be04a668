"""Merging on the wire: mergeLeads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockmkto.engine.merging import merge_leads
from mockmkto.model import MOST_RECORDS, Attribute, RequestFields
from mockmkto.model.reads import MergeLeadsRequest
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.mapping import attributes_from
from mockmkto.soap.operations.selecting import said
from mockmkto.soap.types import Boolean, Int, Model, String, enumeration, optional, required, since
from mockmkto.soap.writing import build

__all__ = ["OPERATIONS"]

LeadMergeStatusEnum = enumeration("LeadMergeStatusEnum", "MERGED", "FAILED")


class MergeStatus(Model):
    """What became of a merge."""

    winningLeadId = optional(Int)
    losingLeadIdList = optional(types.ArrayOfInteger)
    status = required(LeadMergeStatusEnum)
    error = optional(String)


class ParamsMergeLeads(Model):
    """The request of mergeLeads."""

    winningLeadKeyList = required(types.ArrayOfAttribute)
    losingLeadKeyLists = required(types.ArrayOfKeyList)
    mergeInSales = since("2_4", optional(Boolean, nillable=False, doc="Whether the CRM's records are merged as well."))


class ResultMergeLeads(Model):
    """The outcome of mergeLeads."""

    mergeStatus = required(MergeStatus)


class SuccessMergeLeads(Model):
    """The answer of mergeLeads."""

    __nillable_spelled__ = False

    result = required(ResultMergeLeads)


def _merge_leads(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    merged = merge_leads(call.open_session, _merge_leads_from(params), call.trace)
    status = "FAILED" if merged.error is not None else "MERGED"
    call.done(status, merged.winner_id)
    losers = build(types.ArrayOfInteger, integerItem=list(merged.loser_ids)) if merged.loser_ids else None
    shown = build(
        MergeStatus, winningLeadId=merged.winner_id, losingLeadIdList=losers, status=status, error=merged.error
    )
    return build(SuccessMergeLeads, result=build(ResultMergeLeads, mergeStatus=shown))


def _merge_leads_from(params: Any) -> MergeLeadsRequest:
    winner, losers = params.winningLeadKeyList, params.losingLeadKeyLists
    return MergeLeadsRequest(
        attributes_from(winner),
        tuple(attributes_from(key_list) or () for key_list in losers.keyList) if losers is not None else None,
        params.mergeInSales,
    )


def _merge_leads_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    request = _merge_leads_from(params)
    losers = (item for key_list in (request.losers or ())[:MOST_RECORDS] for item in key_list)
    members = {"winner": _keys_in_words(request.winner or ()), "losers": _keys_in_words(losers)}
    if request.in_sales is not None:
        members["mergeInSales"] = "true" if request.in_sales else "false"
    return said(members)


def _keys_in_words(attributes: Iterable[Attribute]) -> str:
    return ", ".join(f"{item.name} {item.value}" for item in attributes)


OPERATIONS = (
    Declaration(
        "mergeLeads",
        params=ParamsMergeLeads,
        success=SuccessMergeLeads,
        documentation="Merges leads into one: it keeps its own values and takes over what it lacks.",
        run=_merge_leads,
        said=_merge_leads_said,
    ),
)
