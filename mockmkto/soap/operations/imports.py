"""Imports on the wire: importToList, getImportToListStatus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.imports import get_import_to_list_status, import_to_list
from mockmkto.model import RequestFields
from mockmkto.model.imports import ImportStatus, ImportStatusRequest, ImportToListRequest
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.keys import fields_said
from mockmkto.soap.operations.mapping import moment, strings_from
from mockmkto.soap.types import Boolean, DateTime, Int, Model, String, enumeration, optional, required
from mockmkto.soap.writing import build

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


def _request_from(params: Any) -> ImportToListRequest:
    return ImportToListRequest(
        program_name=params.programName,
        header=params.importFileHeader,
        rows=strings_from(params.importFileRows),
        mode=params.importListMode,
        list_name=params.listName,
        clear_list=bool(params.clearList),
        campaign_name=params.campaignName,
    )


def _import_to_list(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """PROCESSING, whatever is done already (captured)."""
    begun = import_to_list(call.open_session, _request_from(params), call.trace)
    return build(SuccessImportToList, result=build(ResultImportToList, importStatus=begun.status.value))


def _import_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    said = {
        "programName": params.programName,
        "listName": params.listName,
        "campaignName": params.campaignName,
        "importListMode": params.importListMode,
        "importFileHeader": params.importFileHeader,
    }
    return fields_said(said, None)


def _status(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """While it is PROCESSING, all but the start is nil or 0, and every row counts as ignored (captured)."""
    session = call.open_session
    found = get_import_to_list_status(session, ImportStatusRequest(params.programName, params.listName), call.trace)
    zone, begun = session.world.time_zone, found.status is ImportStatus.PROCESSING
    ended_at = found.ended_at.astimezone(zone) if found.ended_at is not None else None
    result = build(
        ResultGetImportToListStatus,
        status=found.status.value,
        startedTime=moment(found.started_at.astimezone(zone)),
        endedTime=moment(ended_at),
        estimatedRows=found.estimated_rows,
        rowsImported=found.imported,
        rowsFailed=found.failed,
        rowsIgnored=found.estimated_rows if begun else found.ignored,
        importSummary=found.summary,
    )
    return build(SuccessGetImportToListStatus, result=result)


def _status_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return fields_said({"programName": params.programName, "listName": params.listName}, None)


OPERATIONS = (
    Declaration(
        "importToList",
        params=ParamsImportToList,
        success=SuccessImportToList,
        documentation="Imports rows of leads into a program's static list.",
        run=_import_to_list,
        said=_import_said,
    ),
    Declaration(
        "getImportToListStatus",
        params=ParamsGetImportToListStatus,
        success=SuccessGetImportToListStatus,
        documentation="Says how far the last import into a list has come.",
        run=_status,
        said=_status_said,
    ),
)
