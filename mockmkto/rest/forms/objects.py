"""The twins of the operations on opportunities, roles, programs and custom objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockmkto.rest.forms.twin import Given, RestRequestForm, Twin, TwinOf, nothing
from mockmkto.store.database import Session

__all__ = ["TWINS"]

_OBJECTS = {"opportunity": "opportunities", "opportunitypersonrole": "opportunities/roles"}
_DESCRIBED = {
    "leadrecord": "leads/describe",
    "activityrecord": "activities/types",
    **{name: f"{path}/describe" for name, path in _OBJECTS.items()},
}
_ACTIONS = {"INSERT": "createOnly", "UPDATE": "updateOnly"}
_BY_VALUES = "Objects are found by the values of one field; criteria with comparisons there are none."


def _kind(given: Given) -> str:
    return (given.get("object") or "").strip()


def _describe(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    path = _DESCRIBED.get(_kind(given).casefold())
    if path is None:
        return Twin((), ("This type is not described over REST.",))
    return Twin((RestRequestForm("GET", f"/rest/v1/{path}.json"),), ("The flags of fields are others.",))


def _get(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    number = next(iter(given.get("id") or ()), None)
    if _kind(given).casefold() == "program":
        path = f"program/{number}" if number else "programs"
        return Twin((RestRequestForm("GET", f"/rest/asset/v1/{path}.json"),), ("Programs are assets.",))
    path = _OBJECTS.get(_kind(given).casefold(), "opportunities")
    external = next(iter(given.get("external") or ()), None)
    name, value = ("externalOpportunityId", external[1]) if external else ("marketoGUID", number or "{marketoGUID}")
    request = RestRequestForm("GET", f"/rest/v1/{path}.json", {"filterType": name, "filterValues": value})
    return Twin((request,), (_BY_VALUES, "The id of an object is its marketoGUID, a text."))


def _sync(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    if _kind(given).casefold() == "program":
        return Twin((), ("Tags, tokens and costs of programs are changed by the asset API, which is read-only here.",))
    path = _OBJECTS.get(_kind(given).casefold(), "opportunities")
    record: dict[str, Any] = {name[:1].lower() + name[1:]: value for name, value in given.get("attribute") or ()}
    for _, value in given.get("external") or ():
        record["externalOpportunityId"] = value
    for kind, text in given.get("association") or ():
        if kind.casefold() == "lead":
            record["leadId"] = int(text) if text.isascii() and text.isdigit() else text
        elif "=" in text:
            record["externalOpportunityId"] = text.partition("=")[2]
    action = _ACTIONS.get(given.get("operation") or "", "createOrUpdate")
    body = {"action": action, "dedupeBy": "dedupeFields", "input": [record]}
    return Twin((RestRequestForm("POST", f"/rest/v1/{path}.json", {}, body),), ("Names of fields begin small.",))


def _delete(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    path = _OBJECTS.get(_kind(given).casefold(), "opportunities")
    body = {"deleteBy": "idField", "input": [{"marketoGUID": number} for number in given.get("id") or ()]}
    return Twin((RestRequestForm("POST", f"/rest/v1/{path}/delete.json", {}, body),), ("By marketoGUID, a text.",))


def _keyed(pairs: Sequence[tuple[str, str]] | None) -> dict[str, str]:
    return dict(pairs or ())


def _get_custom(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    keys = _keyed(given.get("key"))
    path = f"/rest/v1/customobjects/{_kind(given) or '{name}'}.json"
    fields = {"fields": ",".join(given["field"])} if given.get("field") else {}
    if len(keys) == 1:
        ((name, value),) = keys.items()
        return Twin((RestRequestForm("GET", path, {"filterType": name, "filterValues": value, **fields}),))
    body: dict[str, Any] = {"filterType": "dedupeFields", "input": [keys]}
    if given.get("field"):
        body["fields"] = list(given["field"])
    notes = ("Several keys go in the body of a POST that means a GET.",)
    return Twin((RestRequestForm("POST", path, {"_method": "GET"}, body),), notes)


def _sync_custom(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    record = _keyed(given.get("key")) | _keyed(given.get("attribute"))
    action = _ACTIONS.get(given.get("operation") or "", "createOrUpdate")
    body = {"action": action, "dedupeBy": "dedupeFields", "input": [record]}
    path = f"/rest/v1/customobjects/{_kind(given) or '{name}'}.json"
    return Twin((RestRequestForm("POST", path, {}, body),), ("A record that does not change is updated, too.",))


def _delete_custom(session: Session, given: Given) -> Twin:  # noqa: ARG001  # as every twin
    body = {"deleteBy": "dedupeFields", "input": [_keyed(given.get("key"))]}
    path = f"/rest/v1/customobjects/{_kind(given) or '{name}'}/delete.json"
    return Twin((RestRequestForm("POST", path, {}, body),))


TWINS: Mapping[str, TwinOf] = {
    "listMObjects": nothing("Nothing lists the types of objects: they are known beforehand."),
    "describeMObject": _describe,
    "getMObjects": _get,
    "syncMObjects": _sync,
    "deleteMObjects": _delete,
    "getCustomObjects": _get_custom,
    "syncCustomObjects": _sync_custom,
    "deleteCustomObjects": _delete_custom,
}
