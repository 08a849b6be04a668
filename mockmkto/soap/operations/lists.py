"""Static lists on the wire: listOperation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.lists import list_operation
from mockmkto.model import RequestFields
from mockmkto.model.lists import ListKey as ListKeyAsked
from mockmkto.model.lists import ListOperationRequest
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.keys import fields_said, lead_key, lead_keys_from
from mockmkto.soap.types import Boolean, Model, String, changing, enumeration, many, optional, required
from mockmkto.soap.writing import build

__all__ = ["OPERATIONS"]

ListKeyType = enumeration("ListKeyType", "MKTOLISTNAME", "MKTOSALESUSERID", "SFDCLEADOWNERID")
ListOperationType = enumeration("ListOperationType", "ADDTOLIST", "ISMEMBEROFLIST", "REMOVEFROMLIST")
ListOperationTypeWithClear = enumeration(
    "ListOperationType", "ADDTOLIST", "CLEARLIST", "ISMEMBEROFLIST", "REMOVEFROMLIST"
)


class LeadStatus(Model):
    """Whether what was asked holds for a lead."""

    leadKey = required(types.LeadKey)
    status = required(Boolean)


class ArrayOfLeadStatus(Model):
    """Of each lead whether what was asked holds for it."""

    leadStatus = many(LeadStatus)


class ListKey(Model):
    """One way to find a list: which key, and its value."""

    keyType = required(ListKeyType)
    keyValue = required(String)


class ParamsListOperation(Model):
    """The request of listOperation."""

    listOperation = changing(
        {"1_3": required(ListOperationTypeWithClear), "2_2": required(ListOperationType)},
    )
    listKey = required(ListKey)
    listMemberList = required(types.ArrayOfLeadKey)
    strict = optional(Boolean, doc="Whether nothing is done unless it can be done for every lead.")
    skipActivityLog = changing({"1_3": optional(Boolean, doc="Whether no activity is logged."), "2_3": None})


class ResultListOperation(Model):
    """The outcome of listOperation."""

    __nillable_spelled__ = False

    success = required(Boolean)
    statusList = optional(ArrayOfLeadStatus)


class SuccessListOperation(Model):
    """The answer of listOperation."""

    __nillable_spelled__ = False

    result = required(ResultListOperation)


def _request_from(version: str, params: Any) -> ListOperationRequest:
    key, members = params.listKey, params.listMemberList
    return ListOperationRequest(
        operation=params.listOperation,
        key=ListKeyAsked(key.keyType, key.keyValue) if key is not None else None,
        members=lead_keys_from(members),
        strict=bool(params.strict),
        skip_activity_log=bool(params.skipActivityLog),
        clears=_clears(version),
    )


def _clears(version: str) -> bool:
    """Whether the contract of a version has CLEARLIST, or its classes have (captured)."""
    return tuple(map(int, version.split("_"))) <= (2, 2)


def _list_operation(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    done = list_operation(call.open_session, _request_from(call.version, params), call.trace)
    statuses = None
    if done.statuses is not None:
        statuses = build(
            ArrayOfLeadStatus,
            leadStatus=[build(LeadStatus, leadKey=lead_key(item.key), status=item.status) for item in done.statuses],
        )
    result = build(ResultListOperation, success=done.success, statusList=statuses)
    return build(SuccessListOperation, result=result)


def _said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    key, members = params.listKey, params.listMemberList
    said = {"listOperation": params.listOperation, "strict": "true" if params.strict else None}
    if key is not None and key.keyType:
        said[key.keyType] = key.keyValue
    return fields_said(said, lead_keys_from(members))


OPERATIONS = (
    Declaration(
        "listOperation",
        params=ParamsListOperation,
        success=SuccessListOperation,
        documentation="Puts leads on a static list, takes them off it, or asks whether they are on it.",
        run=_list_operation,
        said=_said,
    ),
)
