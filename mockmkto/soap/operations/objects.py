"""MObjects on the wire: listMObjects, describeMObject, getMObjects, syncMObjects, deleteMObjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.errors import Code, MarketoError
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.types import (
    AnySimpleType,
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

__all__ = ["OPERATIONS"]

MObjStatusEnum = enumeration("MObjStatusEnum", "CREATED", "UPDATED", "DELETED", "FAILED", "UNCHANGED", "SKIPPED")
ComparisonEnum = enumeration("ComparisonEnum", "EQ", "NE", "LT", "LE", "GT", "GE")


class TypeAttrib(Model):
    """Attributes of one kind: a tag, a token, a cost."""

    attrType = required(String)
    attrList = optional(types.ArrayOfAttrib, nillable=False)


class ArrayOfTypeAttrib(Model):
    """Attributes of several kinds."""

    typeAttrib = many(TypeAttrib)


class MObjAssociation(Model):
    """An object that another belongs to: by its id, or by a key of its own."""

    mObjType = required(String)
    id = optional(Int, nillable=False)
    externalKey = optional(types.Attrib, nillable=False)


class ArrayOfMObjAssociation(Model):
    """What an object belongs to."""

    mObjAssociation = many(MObjAssociation)


class MObject(Model):
    """An opportunity, a person's role in one, or a program."""

    type = required(String)
    id = optional(Int, nillable=False)
    externalKey = optional(types.Attrib, nillable=False)
    createdAt = optional(DateTime, nillable=False)
    updatedAt = optional(DateTime, nillable=False)
    attribList = optional(types.ArrayOfAttrib, nillable=False)
    typeAttribList = since("2_1", optional(ArrayOfTypeAttrib, nillable=False))
    associationList = optional(ArrayOfMObjAssociation, nillable=False)


class ArrayOfMObject(Model):
    """Objects."""

    mObject = many(MObject)


class MObjStatus(Model):
    """What became of an object. `error` is left out where there is none (captured)."""

    id = changing({"1_3": required(Int), "2_4": required(Int, nillable=True)})
    externalKey = optional(types.Attrib, nillable=False)
    status = required(MObjStatusEnum)
    error = optional(String, nillable=False)


class ArrayOfMObjStatus(Model):
    """What became of objects, in the order of the request."""

    mObjStatus = many(MObjStatus)


class MObjCriteria(Model):
    """What an attribute of the objects is compared with."""

    attrName = required(String)
    comparison = required(ComparisonEnum)
    attrValue = required(AnySimpleType)


class ArrayOfMObjCriteria(Model):
    """Criteria, all of which must hold."""

    mObjCriteria = many(MObjCriteria)


class MObjFieldMetadata(Model):
    """What is known of a field."""

    name = required(String)
    description = required(String, nillable=True)
    displayName = required(String, nillable=True)
    sourceObject = required(String, nillable=True)
    dataType = required(String)
    size = required(Int, nillable=True)
    isReadonly = required(Boolean)
    isUpdateBlocked = required(Boolean)
    isName = required(Boolean, nillable=True)
    isPrimaryKey = required(Boolean)
    isCustom = required(Boolean)
    isDynamic = required(Boolean)
    dynamicFieldRef = required(String, nillable=True)
    updatedAt = required(DateTime)


class ArrayOfMObjFieldMetadata(Model):
    """Fields."""

    field = many(MObjFieldMetadata)


class MObjectMetadata(Model):
    """What is known of a type of objects."""

    name = required(String)
    description = required(String, nillable=True)
    isCustom = required(Boolean)
    isVirtual = required(Boolean)
    fieldList = required(ArrayOfMObjFieldMetadata)
    updatedAt = required(DateTime)


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


def _not_there(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise MarketoError(Code.INTERNAL_ERROR)


OPERATIONS = (
    Declaration(
        "listMObjects",
        params=ParamsListMObjects,
        success=SuccessListMObjects,
        documentation="Names the types of objects that can be described.",
        run=_not_there,
        since="1_3",
    ),
    Declaration(
        "describeMObject",
        params=ParamsDescribeMObject,
        success=SuccessDescribeMObject,
        documentation="Describes a type of objects and its fields.",
        run=_not_there,
        since="1_3",
    ),
    Declaration(
        "getMObjects",
        params=ParamsGetMObjects,
        success=SuccessGetMObjects,
        documentation="Reads opportunities, roles or programs page by page.",
        run=_not_there,
    ),
    Declaration(
        "syncMObjects",
        params=ParamsSyncMObjects,
        success=SuccessSyncMObjects,
        documentation="Creates or updates opportunities and roles; updates programs.",
        run=_not_there,
    ),
    Declaration(
        "deleteMObjects",
        params=ParamsDeleteMObjects,
        success=SuccessDeleteMObjects,
        documentation="Deletes opportunities and roles.",
        run=_not_there,
    ),
)
