"""MObjects on the wire: listMObjects, describeMObject, getMObjects, syncMObjects, deleteMObjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.describing import describe_mobject, list_mobjects
from mockmkto.engine.object_deletion import delete_mobjects
from mockmkto.engine.object_sync import sync_mobjects
from mockmkto.engine.objects import get_mobjects
from mockmkto.model import RequestFields
from mockmkto.model.objects import (
    DeleteMObjectsRequest,
    DescribeMObjectRequest,
    MObjectSyncStatus,
    SyncMObjectsRequest,
    SyncMObjectsResult,
)
from mockmkto.soap import types
from mockmkto.soap.operations import object_mapping
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.object_types import (
    ArrayOfMObjAssociation,
    ArrayOfMObjCriteria,
    ArrayOfMObject,
    ArrayOfMObjStatus,
    MObjectMetadata,
    MObjStatus,
)
from mockmkto.soap.types import Boolean, Int, Model, String, many, optional, required, since
from mockmkto.soap.versions import position
from mockmkto.soap.writing import build

__all__ = ["OPERATIONS"]

# ---------------------------------------------------------------------------------------------------------------------
# Requests and answers


class ParamsListMObjects(Model):
    """The request of listMObjects: it says nothing."""


class ResultListMObjects(Model):
    """The names of the types."""

    __nillable_spelled__ = False

    objects = many(String)


class SuccessListMObjects(Model):
    """The answer of listMObjects."""

    __nillable_spelled__ = False

    result = required(ResultListMObjects)


class ParamsDescribeMObject(Model):
    """The request of describeMObject."""

    objectName = required(String)


class ResultDescribeMObject(Model):
    """The outcome of describeMObject."""

    __nillable_spelled__ = False

    metadata = required(MObjectMetadata)


class SuccessDescribeMObject(Model):
    """The answer of describeMObject."""

    __nillable_spelled__ = False

    result = required(ResultDescribeMObject)


class ParamsGetMObjects(Model):
    """The request of getMObjects."""

    type = required(String)
    id = optional(Int, nillable=False)
    externalKey = optional(types.Attrib, nillable=False)
    mObjCriteriaList = optional(ArrayOfMObjCriteria, nillable=False)
    mObjAssociationList = optional(ArrayOfMObjAssociation, nillable=False)
    includeDetails = since("2_1", optional(Boolean, nillable=False, doc="Whether typeAttribList is filled."))
    streamPosition = optional(String, nillable=False, doc="The newStreamPosition of the page before.")


class ResultGetMObjects(Model):
    """One page of objects."""

    returnCount = required(Int)
    hasMore = required(Boolean)
    newStreamPosition = required(String)
    mObjectList = optional(ArrayOfMObject, nillable=False)


class SuccessGetMObjects(Model):
    """The answer of getMObjects."""

    __nillable_spelled__ = False

    result = required(ResultGetMObjects)


class ParamsSyncMObjects(Model):
    """The request of syncMObjects."""

    mObjectList = required(ArrayOfMObject)
    operation = required(types.SyncOperationEnum)


class ResultSyncMObjects(Model):
    """The outcome of syncMObjects."""

    mObjStatusList = required(ArrayOfMObjStatus)


class SuccessSyncMObjects(Model):
    """The answer of syncMObjects."""

    __nillable_spelled__ = False

    result = required(ResultSyncMObjects)


class ParamsDeleteMObjects(Model):
    """The request of deleteMObjects."""

    mObjectList = required(ArrayOfMObject)


class ResultDeleteMObjects(Model):
    """The outcome of deleteMObjects."""

    mObjStatusList = required(ArrayOfMObjStatus)


class SuccessDeleteMObjects(Model):
    """The answer of deleteMObjects."""

    __nillable_spelled__ = False

    result = required(ResultDeleteMObjects)


# ---------------------------------------------------------------------------------------------------------------------
# What each does


def _list(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    names = list_mobjects(call.open_session, call.trace)
    return build(SuccessListMObjects, result=build(ResultListMObjects, objects=list(names)))


def _describe(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    found = describe_mobject(call.open_session, DescribeMObjectRequest(params.objectName), call.trace)
    return build(SuccessDescribeMObject, result=build(ResultDescribeMObject, metadata=object_mapping.metadata(found)))


def _describe_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return RequestFields({"objectName": params.objectName} if params.objectName else {})


def _get(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    found = get_mobjects(call.open_session, object_mapping.get_request(params), call.trace)
    result = build(
        ResultGetMObjects,
        returnCount=len(found.objects),
        hasMore=found.has_more,
        newStreamPosition=found.position,
        mObjectList=build(ArrayOfMObject, mObject=[object_mapping.mobject(item) for item in found.objects]),
    )
    return build(SuccessGetMObjects, result=result)


def _get_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    asked = object_mapping.get_request(params)
    keys = {"type": asked.type, "Id": str(asked.id) if asked.id is not None else None}
    if asked.external_key is not None:
        keys[asked.external_key.name or "externalKey"] = asked.external_key.value
    return RequestFields(
        {name: value for name, value in keys.items() if value},
        {item.name: item.value for item in asked.criteria if item.name and item.value is not None},
    )


def _sync(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    objects = object_mapping.objects_from(params.mObjectList)
    takes_tags = position(call.version) >= position("2_3")  # documented: since then
    synced = sync_mobjects(call.open_session, SyncMObjectsRequest(objects, params.operation, takes_tags), call.trace)
    return build(SuccessSyncMObjects, result=build(ResultSyncMObjects, mObjStatusList=_statuses(call, synced)))


def _delete(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    objects = object_mapping.objects_from(params.mObjectList)
    deleted = delete_mobjects(call.open_session, DeleteMObjectsRequest(objects), call.trace)
    return build(SuccessDeleteMObjects, result=build(ResultDeleteMObjects, mObjStatusList=_statuses(call, deleted)))


def _said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    """The first object's type, keys and attributes."""
    objects = object_mapping.objects_from(params.mObjectList) or ()
    if not objects:
        return RequestFields()
    first = objects[0]
    keys = {"type": first.type, "Id": str(first.id) if first.id is not None else None}
    if first.external_key is not None:
        keys[first.external_key.name or "externalKey"] = first.external_key.value
    return RequestFields(
        {name: value for name, value in keys.items() if value},
        {item.name: item.value for item in first.attributes if item.name and item.value is not None},
    )


def _statuses(call: CallUnderWay, done: SyncMObjectsResult) -> Any:
    """The id of an object that could not be stored is 0, and nil where the contract lets it be (from 2_4 on)."""
    nillable = position(call.version) >= position("2_4")
    return build(
        ArrayOfMObjStatus,
        mObjStatus=[
            build(
                MObjStatus,
                id=None if item.id is None and nillable and item.status is MObjectSyncStatus.FAILED else item.id or 0,
                externalKey=object_mapping.pair(item.external_key),
                status=item.status.value,
                error=item.error,
            )
            for item in done.statuses
        ],
    )


OPERATIONS = (
    Declaration(
        "listMObjects",
        params=ParamsListMObjects,
        success=SuccessListMObjects,
        documentation="Names the types of objects that can be described.",
        run=_list,
    ),
    Declaration(
        "describeMObject",
        params=ParamsDescribeMObject,
        success=SuccessDescribeMObject,
        documentation="Describes a type of objects and its fields.",
        run=_describe,
        said=_describe_said,
    ),
    Declaration(
        "getMObjects",
        params=ParamsGetMObjects,
        success=SuccessGetMObjects,
        documentation="Reads opportunities, roles or programs page by page.",
        run=_get,
        said=_get_said,
    ),
    Declaration(
        "syncMObjects",
        params=ParamsSyncMObjects,
        success=SuccessSyncMObjects,
        documentation="Creates or updates opportunities and roles; updates programs.",
        run=_sync,
        said=_said,
    ),
    Declaration(
        "deleteMObjects",
        params=ParamsDeleteMObjects,
        success=SuccessDeleteMObjects,
        documentation="Deletes opportunities and roles.",
        run=_delete,
        said=_said,
    ),
)
