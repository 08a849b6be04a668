"""Static lists on the wire: listOperation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.errors import Code, MarketoError
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.types import Boolean, Model, String, changing, enumeration, many, optional, required

__all__ = ["OPERATIONS"]

ListKeyType = enumeration("ListKeyType", "MKTOLISTNAME", "MKTOSALESUSERID", "SFDCLEADOWNERID")
ListOperationType = enumeration("ListOperationType", "ADDTOLIST", "ISMEMBEROFLIST", "REMOVEFROMLIST")
ListOperationTypeWithClear = enumeration(
    "ListOperationType", "ADDTOLIST", "ISMEMBEROFLIST", "REMOVEFROMLIST", "CLEARLIST"
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


def _not_there(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise MarketoError(Code.INTERNAL_ERROR)


OPERATIONS = (
    Declaration(
        "listOperation",
        params=ParamsListOperation,
        success=SuccessListOperation,
        documentation="Puts leads on a static list, takes them off it, or asks whether they are on it.",
        run=_not_there,
        since="1_3",
    ),
)
