"""Between MObjects on the wire and the engine's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockmkto.model.objects import (
    Association,
    FieldDescription,
    GetMObjectsRequest,
    MObject,
    MObjectCriterion,
    MObjectDescription,
    NameValue,
    TypeAttribute,
)
from mockmkto.soap import types
from mockmkto.soap.operations import object_types as wire
from mockmkto.soap.operations.mapping import moment
from mockmkto.soap.writing import build

__all__ = ["get_request", "metadata", "mobject", "objects_from", "pair"]


def get_request(params: Any) -> GetMObjectsRequest:
    """A getMObjects of any version."""
    criteria = params.mObjCriteriaList.mObjCriteria if params.mObjCriteriaList is not None else ()
    return GetMObjectsRequest(
        type=params.type,
        id=params.id,
        external_key=_pair_from(params.externalKey),
        criteria=tuple(MObjectCriterion(item.attrName, item.comparison, item.attrValue) for item in criteria),
        associations=_associations_from(params.mObjAssociationList),
        include_details=bool(params.includeDetails),
        position=params.streamPosition,
    )


def objects_from(listed: Any) -> tuple[MObject, ...] | None:
    """The objects of an `ArrayOfMObject`; `None` where it is not there."""
    return tuple(map(_object_from, listed.mObject)) if listed is not None else None


def _object_from(item: Any) -> MObject:
    return MObject(
        type=item.type,
        id=item.id,
        external_key=_pair_from(item.externalKey),
        attributes=_pairs_from(item.attribList),
        type_attributes=_type_attributes_from(item.typeAttribList),
        associations=_associations_from(item.associationList),
    )


def _associations_from(listed: Any) -> tuple[Association, ...]:
    if listed is None:
        return ()
    return tuple(Association(item.mObjType, item.id, _pair_from(item.externalKey)) for item in listed.mObjAssociation)


def _type_attributes_from(listed: Any) -> tuple[TypeAttribute, ...] | None:
    if listed is None:
        return None
    return tuple(TypeAttribute(item.attrType, _pairs_from(item.attrList)) for item in listed.typeAttrib)


def _pairs_from(listed: Any) -> tuple[NameValue, ...]:
    return tuple(NameValue(item.name, item.value) for item in listed.attrib) if listed is not None else ()


def _pair_from(item: Any) -> NameValue | None:
    return NameValue(item.name, item.value) if item is not None else None


# ---------------------------------------------------------------------------------------------------------------------


def mobject(item: MObject) -> Any:
    """An object as answers carry it: what it has not is left out (captured)."""
    associations = [
        build(
            wire.MObjAssociation,
            mObjType=association.type,
            id=association.id,
            externalKey=pair(association.external_key),
        )
        for association in item.associations
    ]
    return build(
        wire.MObject,
        type=item.type,
        id=item.id,
        externalKey=pair(item.external_key),
        createdAt=moment(item.created_at),
        updatedAt=moment(item.updated_at),
        attribList=_pairs(item.attributes),
        typeAttribList=_type_attributes(item.type_attributes) if item.type_attributes is not None else None,
        associationList=build(wire.ArrayOfMObjAssociation, mObjAssociation=associations) if associations else None,
    )


def _type_attributes(given: Iterable[TypeAttribute]) -> Any:
    listed = [build(wire.TypeAttrib, attrType=item.type, attrList=_pairs(item.attributes)) for item in given]
    return build(wire.ArrayOfTypeAttrib, typeAttrib=listed)


def _pairs(given: Iterable[NameValue]) -> Any:
    return build(types.ArrayOfAttrib, attrib=[pair(item) for item in given])


def pair(item: NameValue | None) -> Any:
    """An `Attrib`; nothing where there is none."""
    return build(types.Attrib, name=item.name, value=item.value) if item is not None else None


def metadata(item: MObjectDescription) -> Any:
    """What is known of a type of objects."""
    updated_at = moment(item.updated_at)
    fields = build(wire.ArrayOfMObjFieldMetadata, field=[_field(field, updated_at) for field in item.fields])
    return build(
        wire.MObjectMetadata,
        name=item.name,
        description=item.description,
        isCustom=item.is_custom,
        isVirtual=item.is_virtual,
        fieldList=fields,
        updatedAt=updated_at,
    )


def _field(item: FieldDescription, updated_at: str | None) -> Any:
    return build(
        wire.MObjFieldMetadata,
        name=item.name,
        description=item.description,
        displayName=item.display_name,
        sourceObject=item.source,
        dataType=item.type,
        size=item.size,
        isReadonly=item.is_read_only,
        isUpdateBlocked=item.is_update_blocked,
        isName=item.is_name,
        isPrimaryKey=item.is_primary_key,
        isCustom=item.is_custom,
        isDynamic=item.is_dynamic,
        dynamicFieldRef=item.dynamic_reference,
        updatedAt=updated_at,
    )
