"""Forms of the operations on objects of every type, channels and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockmkto.soap.forms.arguments import (
    ATTRIBUTE,
    BATCH,
    FIELD,
    OBJECT,
    OPERATION,
    POSITION,
    attribs,
    attributes,
    if_given,
    strings,
)
from mockmkto.soap.forms.form import Argument, Form, FormError, Given, Tree

__all__ = ["FORMS"]


def _attrib(pairs: Sequence[tuple[str, str]] | None) -> Tree | None:
    return [("name", pairs[0][0]), ("value", pairs[0][1])] if pairs else None


def _associations(given: Given) -> Tree:
    """`Lead=1001`, `Opportunity=Opp Id=O-1`: by id, or by a key."""
    found: list[tuple[str, Any]] = []
    for kind, text in given.get("association") or ():
        name, mark, value = text.partition("=")
        by = ("externalKey", [("name", name), ("value", value)]) if mark else ("id", text)
        found.append(("mObjAssociation", [("mObjType", kind), by]))
    return found


def _get_objects(given: Given) -> Tree:
    criteria: list[tuple[str, Any]] = []
    for text in given.get("where") or ():
        name, value, comparison = _criterion(text)
        told = [("attrName", name), ("comparison", comparison), ("attrValue", value)]
        criteria.append(("mObjCriteria", told))
    return [
        ("type", given.get("object")),
        ("id", (given.get("id") or [None])[0]),
        ("externalKey", _attrib(given.get("external"))),
        ("mObjCriteriaList", criteria or None),
        ("mObjAssociationList", _associations(given) or None),
        ("includeDetails", if_given(given, "details")),
        ("streamPosition", given.get("position")),
    ]


_COMPARISONS = {"<=": "LE", ">=": "GE", "!=": "NE", "=": "EQ", "<": "LT", ">": "GT"}


def _criterion(text: str) -> tuple[str, str, str]:
    """`Amount>=500`: name, value, comparison."""
    for sign, comparison in _COMPARISONS.items():
        name, mark, value = text.partition(sign)
        if mark:
            return name.strip(), value.strip(), comparison
    raise FormError("--where takes NAME=VALUE, or another of =, !=, <, <=, >, >=")


def _object(given: Given, object_id: str | None) -> Tree:
    return [
        ("type", given.get("object")),
        ("id", object_id),
        ("externalKey", _attrib(given.get("external"))),
        ("attribList", attribs(given.get("attribute"))),
        ("associationList", _associations(given) or None),
    ]


def _sync_object(given: Given) -> Tree:
    record = _object(given, (given.get("id") or [None])[0])
    return [("mObjectList", [("mObject", record)]), ("operation", given.get("operation") or "UPSERT")]


def _delete_objects(given: Given) -> Tree:
    ids: Sequence[str | None] = given.get("id") or [None]
    return [("mObjectList", [("mObject", _object(given, object_id)) for object_id in ids])]


def _get_custom(given: Given) -> Tree:
    return [
        ("objTypeName", given.get("object")),
        ("streamPosition", given.get("position")),
        ("batchSize", given.get("batch")),
        ("customObjKeyList", attributes(given.get("key")) or []),
        ("includeAttributes", strings(given.get("field")) or []),
    ]


def _sync_custom(given: Given) -> Tree:
    record = [
        ("customObjKeyList", attributes(given.get("key")) or []),
        ("customObjAttributeList", attributes(given.get("attribute")) or []),
    ]
    return [
        ("objTypeName", given.get("object")),
        ("customObjList", [("customObj", record)]),
        ("operation", given.get("operation") or "UPSERT"),
    ]


def _delete_custom(given: Given) -> Tree:
    return [
        ("objTypeName", given.get("object")),
        ("customObjKeyLists", [("keyList", attributes(given.get("key")) or [])]),
    ]


def _channels(given: Given) -> Tree:
    names = strings(given.get("channel"))
    return [("tag", [("type", "Channel"), ("values", names)] if names else None)]


def _tags(given: Given) -> Tree:
    tags = [("tag", [("type", name)]) for name in given.get("tag") or ()]
    return [("tagList", tags or None)]


_EXTERNAL = Argument("external", "its externalKey", "NAME=VALUE", many=True, pair=True)
_ASSOCIATION = Argument(
    "association", "what it belongs to: Lead=1001, or by a key Opportunity=Opp Id=O-1", "TYPE=ID", many=True, pair=True
)
_OBJECT_ID = Argument("id", "the id of the object", "ID", many=True)
_CUSTOM_KEY = Argument("key", "a key of the object", "NAME=VALUE", many=True, pair=True)

FORMS: tuple[Form, ...] = (
    Form("listMObjects", "lists the types of objects", (), lambda _: [], ""),
    Form(
        "describeMObject",
        "describes a type and its fields",
        (OBJECT,),
        lambda given: [("objectName", given.get("object"))],
        "--object LeadRecord",
    ),
    Form(
        "getMObjects",
        "reads opportunities, roles or programs",
        (
            OBJECT,
            _OBJECT_ID,
            _EXTERNAL,
            Argument("where", "a criterion, such as 'Amount>=500'", "CRITERION", many=True),
            _ASSOCIATION,
            Argument("details", "the tags, tokens and costs of programs, too", switch=True),
            POSITION,
        ),
        _get_objects,
        "--object Opportunity --where 'Amount>=500'",
    ),
    Form(
        "syncMObjects",
        "creates or updates an opportunity, a role or a program",
        (OBJECT, OPERATION, _OBJECT_ID, _EXTERNAL, ATTRIBUTE, _ASSOCIATION),
        _sync_object,
        "--object Opportunity --external 'Opp Id=O-2' --attribute Name='Big deal'",
    ),
    Form(
        "deleteMObjects",
        "deletes opportunities or roles",
        (OBJECT, _OBJECT_ID),
        _delete_objects,
        "--object Opportunity --id 1",
    ),
    Form(
        "getCustomObjects",
        "reads custom objects",
        (OBJECT, _CUSTOM_KEY, FIELD, POSITION, BATCH),
        _get_custom,
        "--object Roadshow --key MKTOID=1001",
    ),
    Form(
        "syncCustomObjects",
        "creates or updates a custom object",
        (OBJECT, OPERATION, _CUSTOM_KEY, ATTRIBUTE),
        _sync_custom,
        "--object Roadshow --key MKTOID=1001 --key rid=r1 --attribute city=Rome",
    ),
    Form(
        "deleteCustomObjects",
        "deletes a custom object",
        (OBJECT, _CUSTOM_KEY),
        _delete_custom,
        "--object Roadshow --key MKTOID=1001 --key rid=r1",
    ),
    Form(
        "getChannels",
        "lists channels and their statuses",
        (Argument("channel", "only this channel", "NAME", many=True),),
        _channels,
        "--channel Roadshow",
    ),
    Form(
        "getTags",
        "lists types of tags and their values",
        (Argument("tag", "only this type", "NAME", many=True),),
        _tags,
        "--tag Region",
    ),
)
