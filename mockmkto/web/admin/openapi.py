"""The OpenAPI document: made of the route table and of the types that its handlers take and give."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from mockmkto import __version__
from mockmkto.web.admin.problems import Problem
from mockmkto.web.admin.resource import NoQuery, Route, Server, Text
from mockmkto.web.admin.schemas import TEXT, may_be_missing, tighten
from mockmkto.web.guard import changes_something, is_guarded
from mockmkto.worlds.schema import WorldEntry

__all__ = ["document", "show"]

_REFERENCE = "#/components/schemas/{name}"
_SUBSCRIPTION = {
    "name": "subscription",
    "in": "query",
    "description": "The subscription's name.",
    "schema": {"type": "string", "default": "default", "pattern": TEXT},
}
_TIMES = {"datetime": "date-time", "date": "date"}
_PROBLEMS = {
    400: "The request is not what it must be: what was expected, and where.",
    401: "The server has an admin token, and this is not it.",
    403: "The server is read-only, and this changes something.",
    404: "There is no such thing.",
    413: "The body is too large.",
    503: "The server is still loading its fixtures, or its data cannot be read or written now.",
    507: "The disk is full.",
}


def show(asked: Server, routes: tuple[Route, ...]) -> Text:
    """This document."""
    return Text((msgspec.json.encode(document(routes, asked.address)),), "application/json")


def document(routes: Iterable[Route], address: str) -> dict[str, object]:
    """The document, for whoever asked by that address."""
    routes = tuple(routes)
    types = [kind for item in routes for kind in (item.body, item.answer) if kind not in (None, Text)]
    queries = {item.query for item in routes}
    _, components = msgspec.json.schema_components(
        [*types, *queries, Problem, WorldEntry], schema_hook=_anything, ref_template=_REFERENCE
    )
    bodies = {kind.__name__ for item in routes if (kind := item.body) is not None and not kind.takes_any_text}
    tighten(components, ["WorldEntry", "NewSyncLead", *bodies])
    for schema in components.values():
        schema["description"] = inspect.cleandoc(schema.get("description", ""))
    schemas = {name: schema for name, schema in components.items() if name not in {kind.__name__ for kind in queries}}
    paths: dict[str, dict[str, object]] = {}
    for item in routes:
        paths.setdefault(item.path, {})[item.method.lower()] = _operation(item, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockmkto control API",
            "version": __version__,
            "description": "Looks into a local double of the Marketo SOAP API, and steers it.",
        },
        "servers": [{"url": f"{address}/__admin"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],  # the token, where the server has one
    }


def _anything(kind: type) -> dict[str, object]:
    """What a fixture says about a value whose text is checked later; and a time, while a test puts the time away."""
    if kind is object:
        return {"description": "A text, a number, or true or false."}
    if kind.__module__ == "datetime" and kind.__name__ in _TIMES:  # msgspec compares it with the class of the test's
        return {"type": "string", "format": _TIMES[kind.__name__]}
    raise NotImplementedError


def _operation(item: Route, components: dict[str, Any]) -> dict[str, object]:
    module = item.handler.__module__.rpartition(".")[2]
    operation: dict[str, object] = {
        "operationId": f"{module}.{item.handler.__name__}",
        "tags": [item.path.split("/")[1]],
        "summary": item.summary,
        "parameters": [*_parameters(item, components)],
    }
    if item.body is not None or item.takes_bytes:
        operation["requestBody"] = {"required": not may_be_missing(item.body), "content": _body(item)}
    operation["responses"] = {str(status): answer for status, answer in _responses(item)}
    return operation


def _parameters(item: Route, components: dict[str, Any]) -> Iterator[Mapping[str, object]]:
    for name, kind in item.path_types.items():
        schema: dict[str, object] = (
            {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
            if kind is int
            else {"type": "string", "minLength": 1, "pattern": TEXT}
        )
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if item.scoped:
        yield _SUBSCRIPTION
    if item.query is not NoQuery:
        for name, schema in components[item.query.__name__]["properties"].items():
            yield {"name": name, "in": "query", "schema": _of_text(_without_null(schema))}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out: there is no null in an address."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    return options[0] if len(options) == 1 else schema


def _of_text(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter, with the characters that it may have."""
    if schema.get("type") == "array":
        return schema | {"items": _of_text(schema["items"])}
    plain = schema.get("type") == "string" and not schema.keys() & {"enum", "pattern", "format"}
    return schema | {"pattern": TEXT} if plain else schema


def _body(item: Route) -> dict[str, object]:
    content: dict[str, object] = {"application/json": {"schema": _reference(item.body or WorldEntry)}}
    if item.body is None or item.body.takes_yaml:
        content["application/yaml"] = {"schema": {"description": "A fixture."}}
    return content


def _responses(item: Route) -> Iterator[tuple[int, dict[str, object]]]:
    done: dict[str, object] = {"description": "Done." if item.status == 204 else item.summary}
    if item.answer is Text:
        done["content"] = (
            {"application/json": {"schema": {"type": "object"}}}
            if item.path.endswith(".json")
            else {
                "application/yaml": {"schema": {"description": "A fixture."}},
                "application/json": {"schema": _reference(WorldEntry)},
            }
        )
    elif item.answer is not None:
        done["content"] = {"application/json": {"schema": _reference(item.answer)}}
    if item.status == 201:
        done["headers"] = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
    yield item.status, done
    statuses = {400: _PROBLEMS[400]}
    if is_guarded(f"/__admin{item.path}"):
        statuses[401] = _PROBLEMS[401]
    if changes_something(item.method, f"/__admin{item.path}"):
        statuses[403] = _PROBLEMS[403]
    if item.scoped or item.path_types:
        statuses[404] = _PROBLEMS[404]
    if item.body is not None or item.takes_bytes:
        statuses[413] = _PROBLEMS[413]
    if item.path != "/openapi.json":
        statuses |= {status: _PROBLEMS[status] for status in (503, 507)}
    for status, description in sorted((statuses | item.problems).items()):
        yield (
            status,
            {
                "description": description,
                "content": {"application/problem+json": {"schema": _reference(Problem)}},
            },
        )


def _reference(kind: Any) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=kind.__name__)}
