"""Leads on the wire: getLead, getMultipleLeads, syncLead, syncMultipleLeads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.lookup import get_lead
from mockmkto.engine.sync import sync_lead
from mockmkto.model import MOST_RECORDS, Key, LeadRecord, RequestFields, SyncLeadRequest
from mockmkto.model.reads import GetMultipleLeadsRequest, SyncMultipleLeadsRequest
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.keys import fields_said, lead_key_from
from mockmkto.soap.operations.lead_records import ArrayOfLeadRecord, LeadRecordModel, lead_record, lead_record_from
from mockmkto.soap.operations.mapping import strings_from
from mockmkto.soap.operations.selecting import said, selector_from, selector_said
from mockmkto.soap.operations.showing import record_list
from mockmkto.soap.types import (
    Boolean,
    DateTime,
    Int,
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

LeadSyncStatus = enumeration("LeadSyncStatus", "CREATED", "UPDATED", "FAILED")


class SyncStatus(Model):
    """What became of a lead. `error` is nil, not left out, where there is none (captured)."""

    leadId = required(Int)
    status = required(LeadSyncStatus)
    error = optional(String)


class ArrayOfSyncStatus(Model):
    """What became of leads, in the order of the request."""

    syncStatus = many(SyncStatus)


# ---------------------------------------------------------------------------------------------------------------------
# getLead


class ParamsGetLead(Model):
    """The request of getLead."""

    leadKey = required(types.LeadKey)


class ResultGetLead(Model):
    """The outcome of getLead: how many leads the key found, and the leads."""

    __nillable_spelled__ = False

    count = required(Int)
    leadRecordList = optional(ArrayOfLeadRecord)


class SuccessGetLead(Model):
    """The answer of getLead."""

    __nillable_spelled__ = False

    result = required(ResultGetLead)


def _get_lead(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    found = get_lead(call.open_session, lead_key_from(params.leadKey), call.trace)
    records = build(ArrayOfLeadRecord, leadRecord=[lead_record(call, lead) for lead in found.leads])
    return build(SuccessGetLead, result=build(ResultGetLead, count=len(found.leads), leadRecordList=records))


def _get_lead_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    key = lead_key_from(params.leadKey)
    return fields_said({}, (key,) if key is not None else None)


# ---------------------------------------------------------------------------------------------------------------------
# getMultipleLeads


class ParamsGetMultipleLeads(Model):
    """The request of getMultipleLeads."""

    leadSelector = optional(types.LeadSelector, nillable=False)
    lastUpdatedAt = optional(DateTime, nillable=False, doc="Superseded by LastUpdateAtSelector.")
    streamPosition = optional(String, doc="The newStreamPosition of the page before.")
    batchSize = optional(Int, doc="How many leads at most: no more than 1000.")
    includeAttributes = optional(types.ArrayOfString, nillable=False, doc="The fields to show. All, where left out.")


class ResultGetMultipleLeads(Model):
    """One page of the leads that were asked for."""

    __nillable_spelled__ = False

    returnCount = required(Int)
    remainingCount = required(Int)
    newStreamPosition = required(String)
    leadRecordList = optional(ArrayOfLeadRecord)


class SuccessGetMultipleLeads(Model):
    """The answer of getMultipleLeads."""

    __nillable_spelled__ = False

    result = required(ResultGetMultipleLeads)


def _get_multiple_leads(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    from mockmkto.engine.multiple import get_multiple_leads  # brings the lists with it

    page = get_multiple_leads(call.open_session, _get_multiple_leads_from(params), call.trace)
    records = [lead_record(call, lead) for lead in page.leads]
    result = build(
        ResultGetMultipleLeads,
        returnCount=len(page.leads),
        remainingCount=page.remaining,
        newStreamPosition=page.position,
        leadRecordList=record_list(call, ArrayOfLeadRecord, "leadRecord", records),
    )
    return build(SuccessGetMultipleLeads, result=result)


def _get_multiple_leads_from(params: Any) -> GetMultipleLeadsRequest:
    return GetMultipleLeadsRequest(
        selector_from(params.leadSelector),
        params.lastUpdatedAt,
        params.streamPosition,
        params.batchSize,
        strings_from(params.includeAttributes) or (),
    )


def _get_multiple_leads_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return said(
        {
            **selector_said(params.leadSelector),
            "lastUpdatedAt": params.lastUpdatedAt,
            "streamPosition": params.streamPosition,
            "batchSize": params.batchSize,
            "includeAttributes": ", ".join(strings_from(params.includeAttributes) or ()),
        }
    )


# ---------------------------------------------------------------------------------------------------------------------
# syncLead


class ParamsSyncLead(Model):
    """The request of syncLead."""

    leadRecord = required(LeadRecordModel)
    returnLead = required(Boolean, doc="Whether the answer carries the whole lead.")
    marketoCookie = optional(String, doc="The visitor's Munchkin cookie: ties what the browser did to the lead.")
    moveCookie = since("3_0", optional(Boolean, doc="Whether a cookie that belongs to another lead moves to this one."))


class ResultSyncLead(Model):
    """The outcome of syncLead. `leadRecord` is nil, not left out, unless it was asked for (captured)."""

    __nillable_spelled__ = False

    leadId = required(Int)
    syncStatus = changing({"1_3": required(LeadSyncStatus), "1_4": required(SyncStatus)})
    leadRecord = optional(LeadRecordModel)


class SuccessSyncLead(Model):
    """The answer of syncLead."""

    __nillable_spelled__ = False

    result = required(ResultSyncLead)


def _sync_lead(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:
    """The Id twice, no error, and the lead if it was asked for; in 1_3 the status alone (captured)."""
    request = _sync_lead_request_from(params, headers)
    synced = call.synced(sync_lead(call.open_session, request, call.trace))
    status: Any = synced.status.value
    if call.version != "1_3":
        status = build(SyncStatus, leadId=synced.lead_id, status=status)
    lead = lead_record(call, synced.lead) if synced.lead is not None else None
    result = build(ResultSyncLead, leadId=synced.lead_id, syncStatus=status, leadRecord=lead)
    return build(SuccessSyncLead, result=result)


def _sync_lead_request_from(params: Any, headers: Mapping[str, Any]) -> SyncLeadRequest:
    """A syncLead of any version: `moveCookie`, which 3_0 brought, is true where it is not given."""
    context = headers.get("MktowsContextHeader")
    return SyncLeadRequest(
        lead=lead_record_from(params.leadRecord) if params.leadRecord is not None else None,
        return_lead=bool(params.returnLead),
        marketo_cookie=params.marketoCookie,
        move_cookie=True if params.moveCookie is None else params.moveCookie,
        target_workspace=context.targetWorkspace if context is not None else None,
    )


def _sync_lead_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:
    request = _sync_lead_request_from(params, headers)
    record = request.lead or LeadRecord()
    keys = {
        Key.ID.value: record.id,
        Key.FOREIGN_ID.value: record.foreign_sys_person_id,
        "ForeignSysType": record.foreign_sys_type,
        Key.COOKIE.value: request.marketo_cookie,
        Key.EMAIL.value: record.email,
        "targetWorkspace": request.target_workspace,
    }
    return RequestFields(
        {name: str(value) for name, value in keys.items() if value not in (None, "")},
        {item.name: item.value for item in record.attributes if item.name and item.value is not None},
    )


# ---------------------------------------------------------------------------------------------------------------------
# syncMultipleLeads


class ParamsSyncMultipleLeads(Model):
    """The request of syncMultipleLeads."""

    leadRecordList = required(ArrayOfLeadRecord)
    dedupEnabled = optional(Boolean, doc="Whether a lead is also found by its e-mail. It is, where this is left out.")


class ResultSyncMultipleLeads(Model):
    """The outcome of syncMultipleLeads, a status for each lead."""

    __nillable_spelled__ = False

    syncStatusList = required(ArrayOfSyncStatus)


class SuccessSyncMultipleLeads(Model):
    """The answer of syncMultipleLeads."""

    __nillable_spelled__ = False

    result = required(ResultSyncMultipleLeads)


def _sync_multiple_leads(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    from mockmkto.engine.sync_many import sync_multiple_leads

    records = params.leadRecordList
    request = SyncMultipleLeadsRequest(
        tuple(map(lead_record_from, records.leadRecord)) if records is not None else None, params.dedupEnabled
    )
    done = sync_multiple_leads(call.open_session, request, call.trace)
    statuses = [build(SyncStatus, leadId=item.lead_id, status=item.status.value, error=item.error) for item in done]
    result = build(ResultSyncMultipleLeads, syncStatusList=build(ArrayOfSyncStatus, syncStatus=statuses))
    return build(SuccessSyncMultipleLeads, result=result)


def _sync_multiple_leads_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    """How many records came, and the keys of the first ones."""
    records = params.leadRecordList.leadRecord if params.leadRecordList is not None else ()
    members = {"records": str(len(records))}
    if params.dedupEnabled is not None:
        members["dedupEnabled"] = "true" if params.dedupEnabled else "false"
    for key in (Key.ID, Key.FOREIGN_ID, Key.EMAIL):
        values = [str(value) for record in records[:MOST_RECORDS] if (value := getattr(record, key)) not in (None, "")]
        if values:
            members[key.value] = ", ".join(values)
    return said(members)


OPERATIONS = (
    Declaration(
        "getLead",
        params=ParamsGetLead,
        success=SuccessGetLead,
        documentation="Reads the leads that one key finds, with all their fields.",
        run=_get_lead,
        said=_get_lead_said,
    ),
    Declaration(
        "getMultipleLeads",
        params=ParamsGetMultipleLeads,
        success=SuccessGetMultipleLeads,
        documentation="Reads many leads page by page: those of a list of keys, of a static list, or updated in a time.",
        run=_get_multiple_leads,
        said=_get_multiple_leads_said,
    ),
    Declaration(
        "syncLead",
        params=ParamsSyncLead,
        success=SuccessSyncLead,
        documentation="Updates the lead that the keys find, or creates one where they find none.",
        run=_sync_lead,
        said=_sync_lead_said,
        takes_context=True,  # the only operation that lists the context header (captured)
    ),
    Declaration(
        "syncMultipleLeads",
        params=ParamsSyncMultipleLeads,
        success=SuccessSyncMultipleLeads,
        documentation="Updates or creates many leads at once and says of each what became of it.",
        run=_sync_multiple_leads,
        said=_sync_multiple_leads_said,
    ),
)
