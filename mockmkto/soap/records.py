"""Between the wire's instances and the engine's values: what a request says, and what an answer shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.auth import AuthenticationHeader
from mockmkto.model import (
    Attribute,
    GetLeadResult,
    Key,
    LeadKey,
    LeadRecord,
    RequestFields,
    SyncLeadRequest,
    SyncLeadResult,
)
from mockmkto.soap import types
from mockmkto.soap.writing import build

__all__ = [
    "authentication_from",
    "get_lead_answer",
    "lead_key_from",
    "request_fields",
    "sync_lead_answer",
    "sync_lead_request_from",
]


def authentication_from(headers: Mapping[str, Any]) -> AuthenticationHeader | None:
    """Who says to be calling; `None` when there is no such header."""
    header = headers.get("AuthenticationHeader")
    if header is None:
        return None
    return AuthenticationHeader(header.mktowsUserId, header.requestSignature, header.requestTimestamp)


def sync_lead_request_from(params: Any, headers: Mapping[str, Any]) -> SyncLeadRequest:
    """A syncLead of any version: `moveCookie`, which 3_0 brought, is true where it is not given."""
    context = headers.get("MktowsContextHeader")
    move_cookie = getattr(params, "moveCookie", None)
    return SyncLeadRequest(
        lead=_lead_record_from(params.leadRecord) if params.leadRecord is not None else None,
        return_lead=bool(params.returnLead),
        marketo_cookie=params.marketoCookie,
        move_cookie=True if move_cookie is None else move_cookie,
        target_workspace=context.targetWorkspace if context is not None else None,
    )


def _lead_record_from(record: Any) -> LeadRecord:
    attributes = record.leadAttributeList.attribute if record.leadAttributeList is not None else ()
    return LeadRecord(
        record.Id,
        record.Email,
        record.ForeignSysPersonId,
        record.ForeignSysType,
        tuple(Attribute(item.attrName, item.attrValue, item.attrType) for item in attributes),
    )


def sync_lead_answer(result: SyncLeadResult) -> Any:
    """What syncLead answers: the Id twice, no error, and the lead if it was asked for."""
    status = build(types.SyncStatus, leadId=result.lead_id, status=result.status.value)
    lead = _lead_record(result.lead) if result.lead is not None else None
    return build(
        types.SuccessSyncLead,
        result=build(types.ResultSyncLead, leadId=result.lead_id, syncStatus=status, leadRecord=lead),
    )


def lead_key_from(params: Any) -> LeadKey | None:
    """The key of a getLead; `None` when there is none."""
    key = params.leadKey
    return LeadKey(key.keyType, key.keyValue) if key is not None else None


def get_lead_answer(result: GetLeadResult) -> Any:
    """What getLead answers: how many leads, and the leads."""
    records = build(types.ArrayOfLeadRecord, leadRecord=[_lead_record(lead) for lead in result.leads])
    return build(
        types.SuccessGetLead,
        result=build(types.ResultGetLead, count=len(result.leads), leadRecordList=records),
    )


def _lead_record(lead: LeadRecord) -> Any:
    attributes = [
        build(types.Attribute, attrName=item.name, attrType=item.type, attrValue=item.value) for item in lead.attributes
    ]
    return build(
        types.LeadRecord,
        Id=lead.id,
        Email=lead.email,
        ForeignSysPersonId=lead.foreign_sys_person_id,
        ForeignSysType=lead.foreign_sys_type,
        leadAttributeList=build(types.ArrayOfAttribute, attribute=attributes),
    )


# What a getLead key type is called among the keys of a lead.
_KEY_OF_TYPE = {"IDNUM": Key.ID.value, "EMAIL": Key.EMAIL.value, "COOKIE": Key.COOKIE.value}


def request_fields(params: Any, headers: Mapping[str, Any]) -> RequestFields:
    """What any request said, as texts: for the journal, and for the rules that look at it."""
    if isinstance(params, types.ParamsGetLead):
        key = lead_key_from(params)
        if key is None or key.key_value is None:
            return RequestFields()
        return RequestFields({_KEY_OF_TYPE.get(key.key_type or "", key.key_type or ""): key.key_value})
    request = sync_lead_request_from(params, headers)
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
