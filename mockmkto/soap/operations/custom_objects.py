"""Custom objects on the wire: getCustomObjects, syncCustomObjects, deleteCustomObjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.errors import Code, MarketoError
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.types import Int, Model, String, enumeration, many, optional, required

__all__ = ["OPERATIONS"]

SyncStatusEnum = enumeration("SyncStatusEnum", "CREATED", "UPDATED", "DELETED", "FAILED")


class CustomObj(Model):
    """A custom object: its keys, and its other fields."""

    customObjKeyList = optional(types.ArrayOfAttribute)
    customObjAttributeList = optional(types.ArrayOfAttribute)


class ArrayOfCustomObj(Model):
    """Custom objects."""

    customObj = many(CustomObj)


class SyncCustomObjStatus(Model):
    """What became of a custom object."""

    objTypeName = required(String)
    customObjKeyList = optional(types.ArrayOfAttribute)
    status = required(SyncStatusEnum)
    error = optional(String)


class ArrayOfSyncCustomObjStatus(Model):
    """What became of custom objects, in the order of the request."""

    syncCustomObjStatus = many(SyncCustomObjStatus)


class ParamsGetCustomObjects(Model):
    """The request of getCustomObjects."""

    objTypeName = required(String)
    streamPosition = optional(String, doc="The newStreamPosition of the page before.")
    batchSize = optional(Int, doc="How many objects at most: no more than 100.")
    customObjKeyList = optional(types.ArrayOfAttribute)
    includeAttributes = required(types.ArrayOfString, doc="The fields to show.")


class ResultGetCustomObjects(Model):
    """One page of custom objects."""

    objTypeName = required(String)
    returnCount = required(Int)
    remainingCount = required(Int)
    newStreamPosition = required(String)
    customObjList = optional(ArrayOfCustomObj)


class SuccessGetCustomObjects(Model):
    """The answer of getCustomObjects."""

    __nillable_spelled__ = False

    result = required(ResultGetCustomObjects)


class ParamsSyncCustomObjects(Model):
    """The request of syncCustomObjects."""

    objTypeName = required(String)
    customObjList = required(ArrayOfCustomObj)
    operation = optional(types.SyncOperationEnum)


class ResultSyncCustomObjects(Model):
    """The outcome of syncCustomObjects."""

    syncCustomObjStatusList = required(ArrayOfSyncCustomObjStatus)


class SuccessSyncCustomObjects(Model):
    """The answer of syncCustomObjects."""

    __nillable_spelled__ = False

    result = required(ResultSyncCustomObjects)


class ParamsDeleteCustomObjects(Model):
    """The request of deleteCustomObjects."""

    objTypeName = required(String)
    customObjKeyLists = required(types.ArrayOfKeyList)


class ResultDeleteCustomObjects(Model):
    """The outcome of deleteCustomObjects."""

    deleteCustomObjStatusList = required(ArrayOfSyncCustomObjStatus)


class SuccessDeleteCustomObjects(Model):
    """The answer of deleteCustomObjects."""

    __nillable_spelled__ = False

    result = required(ResultDeleteCustomObjects)


def _not_there(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise MarketoError(Code.INTERNAL_ERROR)


OPERATIONS = (
    Declaration(
        "getCustomObjects",
        params=ParamsGetCustomObjects,
        success=SuccessGetCustomObjects,
        documentation="Reads custom objects of one type page by page.",
        run=_not_there,
    ),
    Declaration(
        "syncCustomObjects",
        params=ParamsSyncCustomObjects,
        success=SuccessSyncCustomObjects,
        documentation="Creates or updates custom objects of one type.",
        run=_not_there,
    ),
    Declaration(
        "deleteCustomObjects",
        params=ParamsDeleteCustomObjects,
        success=SuccessDeleteCustomObjects,
        documentation="Deletes custom objects of one type.",
        run=_not_there,
    ),
)
