"""Custom objects on the wire: getCustomObjects, syncCustomObjects, deleteCustomObjects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockmkto.engine.custom_objects import get_custom_objects
from mockmkto.engine.custom_sync import delete_custom_objects, sync_custom_objects
from mockmkto.model import Attribute, RequestFields
from mockmkto.model.custom_objects import (
    CustomObjectRecord,
    CustomObjectStatus,
    DeleteCustomObjectsRequest,
    GetCustomObjectsRequest,
    SyncCustomObjectsRequest,
)
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.mapping import attributes, attributes_from, strings_from
from mockmkto.soap.types import Int, Model, String, enumeration, many, optional, required
from mockmkto.soap.writing import build

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


# ---------------------------------------------------------------------------------------------------------------------
# Between the wire and the engine


def _get(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    found = get_custom_objects(call.open_session, _get_request(params), call.trace)
    result = build(
        ResultGetCustomObjects,
        objTypeName=found.type,
        returnCount=len(found.records),
        remainingCount=found.remaining,
        newStreamPosition=found.position,
        customObjList=build(ArrayOfCustomObj, customObj=[_record(item) for item in found.records]),
    )
    return build(SuccessGetCustomObjects, result=result)


def _get_request(params: Any) -> GetCustomObjectsRequest:
    return GetCustomObjectsRequest(
        type=params.objTypeName,
        keys=attributes_from(params.customObjKeyList) or (),
        include=strings_from(params.includeAttributes) or (),
        position=params.streamPosition,
        batch_size=params.batchSize,
    )


def _get_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return _said(params, _get_request(params).keys)


def _sync(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    synced = sync_custom_objects(call.open_session, _sync_request(params), call.trace)
    statuses = build(ArrayOfSyncCustomObjStatus, syncCustomObjStatus=[_status(item) for item in synced.statuses])
    return build(SuccessSyncCustomObjects, result=build(ResultSyncCustomObjects, syncCustomObjStatusList=statuses))


def _sync_request(params: Any) -> SyncCustomObjectsRequest:
    records = None
    if params.customObjList is not None:
        records = tuple(
            CustomObjectRecord(attributes_from(item.customObjKeyList), attributes_from(item.customObjAttributeList))
            for item in params.customObjList.customObj
        )
    return SyncCustomObjectsRequest(params.objTypeName, records, params.operation)


def _sync_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    records = _sync_request(params).records or ()
    first = records[0] if records else CustomObjectRecord(None)
    return _said(params, first.keys or (), first.attributes or ())


def _delete(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    deleted = delete_custom_objects(call.open_session, _delete_request(params), call.trace)
    statuses = build(ArrayOfSyncCustomObjStatus, syncCustomObjStatus=[_status(item) for item in deleted.statuses])
    result = build(ResultDeleteCustomObjects, deleteCustomObjStatusList=statuses)
    return build(SuccessDeleteCustomObjects, result=result)


def _delete_request(params: Any) -> DeleteCustomObjectsRequest:
    keys = None
    if params.customObjKeyLists is not None:
        keys = tuple(attributes_from(item) or () for item in params.customObjKeyLists.keyList)
    return DeleteCustomObjectsRequest(params.objTypeName, keys)


def _delete_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    keys = _delete_request(params).keys or ()
    return _said(params, keys[0] if keys else ())


def _said(params: Any, keys: Iterable[Attribute], attributes: Iterable[Attribute] = ()) -> RequestFields:
    """The type, and the keys and values of the first record."""
    named = {"objTypeName": params.objTypeName} if params.objTypeName else {}
    return RequestFields(
        named | {item.name: item.value for item in keys if item.name and item.value},
        {item.name: item.value for item in attributes if item.name and item.value is not None},
    )


def _record(item: CustomObjectRecord) -> Any:
    return build(
        CustomObj,
        customObjKeyList=attributes(item.keys or ()),
        customObjAttributeList=attributes(item.attributes or ()),
    )


def _status(item: CustomObjectStatus) -> Any:
    return build(
        SyncCustomObjStatus,
        objTypeName=item.type,
        customObjKeyList=attributes(item.keys),
        status=item.status.value,
        error=item.error,
    )


OPERATIONS = (
    Declaration(
        "getCustomObjects",
        params=ParamsGetCustomObjects,
        success=SuccessGetCustomObjects,
        documentation="Reads custom objects of one type page by page.",
        run=_get,
        said=_get_said,
    ),
    Declaration(
        "syncCustomObjects",
        params=ParamsSyncCustomObjects,
        success=SuccessSyncCustomObjects,
        documentation="Creates or updates custom objects of one type.",
        run=_sync,
        said=_sync_said,
    ),
    Declaration(
        "deleteCustomObjects",
        params=ParamsDeleteCustomObjects,
        success=SuccessDeleteCustomObjects,
        documentation="Deletes custom objects of one type.",
        run=_delete,
        said=_delete_said,
    ),
)
