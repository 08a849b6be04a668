"""The types of MObjects on the wire, which requests and answers of five operations are made of."""

from __future__ import annotations

from mockmkto.soap import types
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

__all__ = [
    "ArrayOfMObjAssociation",
    "ArrayOfMObjCriteria",
    "ArrayOfMObjFieldMetadata",
    "ArrayOfMObjStatus",
    "ArrayOfMObject",
    "ArrayOfTypeAttrib",
    "MObjAssociation",
    "MObjFieldMetadata",
    "MObjStatus",
    "MObject",
    "MObjectMetadata",
    "TypeAttrib",
]

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
