"""Imports on the wire: importToList, getImportToListStatus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.errors import Code, MarketoError
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.types import Boolean, DateTime, Int, Model, String, enumeration, optional, required

__all__ = ["OPERATIONS"]

ImportToListStatusEnum = enumeration("ImportToListStatusEnum", "PROCESSING", "COMPLETE", "FAILED", "CANCELED")
ImportToListModeEnum = enumeration("ImportToListModeEnum", "UPSERTLEADS", "LISTONLY")


class ParamsImportToList(Model):
    """The request of importToList."""

    programName = required(String)
    importFileHeader = required(String, doc="The names of the columns, separated by commas.")
    importFileRows = required(types.ArrayOfString, doc="The rows, their cells separated by commas.")
    importListMode = required(ImportToListModeEnum)
    listName = required(String)
    clearList = required(Boolean, doc="Whether the list is emptied first.")
    campaignName = required(String, nillable=True, doc="The campaign that the tokens of the rows are for.")


class ResultImportToList(Model):
    """The outcome of importToList."""

    importStatus = required(ImportToListStatusEnum)


class SuccessImportToList(Model):
    """The answer of importToList."""

    __nillable_spelled__ = False

    result = required(ResultImportToList)


class ParamsGetImportToListStatus(Model):
    """The request of getImportToListStatus."""

    programName = optional(String, nillable=False)
    listName = optional(String, nillable=False)


class ResultGetImportToListStatus(Model):
    """How far an import has come."""

    status = required(ImportToListStatusEnum)
    startedTime = optional(DateTime)
    endedTime = optional(DateTime)
    estimatedTime = optional(Int)
    estimatedRows = optional(Int)
    rowsImported = optional(Int)
    rowsFailed = optional(Int)
    rowsIgnored = optional(Int)
    importSummary = optional(String)


class SuccessGetImportToListStatus(Model):
    """The answer of getImportToListStatus."""

    __nillable_spelled__ = False

    result = required(ResultGetImportToListStatus)


def _not_there(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise MarketoError(Code.INTERNAL_ERROR)


OPERATIONS = (
    Declaration(
        "importToList",
        params=ParamsImportToList,
        success=SuccessImportToList,
        documentation="Imports rows of leads into a program's static list.",
        run=_not_there,
    ),
    Declaration(
        "getImportToListStatus",
        params=ParamsGetImportToListStatus,
        success=SuccessGetImportToListStatus,
        documentation="Says how far the last import into a list has come.",
        run=_not_there,
    ),
)
