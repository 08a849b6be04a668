"""What a route of the control API is: one description, from which routing, reading, answering and OpenAPI follow.

A handler says in its signature what it takes: the scope (`Server` or `Subscription`), what stands in the path by name,
`query` and `body` by their types; and in its return type what it answers: nothing (204), a value (200), `Created` (201)
or a `Text` of its own.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct
from werkzeug.wrappers import Request

from mockmkto.store.database import Database
from mockmkto.store.registry import Registry
from mockmkto.web.site import Site

__all__ = ["Body", "Created", "NoQuery", "Query", "Route", "Server", "Subscription", "Text", "View", "also", "route"]

_T = TypeVar("_T")
_H = TypeVar("_H", bound=Callable[..., object])


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request may say; a key that is not here is refused."""

    takes_any_text: ClassVar[bool] = False  # or only what XML, YAML and a log can carry
    takes_yaml: ClassVar[bool] = False  # as its member `world`


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer says."""


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of an address."""


class NoQuery(Query, frozen=True, kw_only=True):
    """No parameters."""


class Server(Struct, frozen=True, dict=True):
    """The server as a handler sees it, and the request that it answers."""

    site: Site
    request: Request

    @property
    def registry(self) -> Registry:
        """Every subscription."""
        return self.site.registry

    @cached_property
    def address(self) -> str:
        """By what address the client asked."""
        return self.site.address(self.request)

    def url(self, path: str, **query: str | int | list[str]) -> str:
        """An address of this API."""
        return f"{self.address}/__admin{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")


class Subscription(Server, frozen=True, dict=True):
    """One subscription as a handler sees it: the one of `?subscription=`."""

    database: Database

    @property
    def name(self) -> str:
        """Its name."""
        return self.database.name

    def url(self, path: str, **query: str | int | list[str]) -> str:
        """An address of this API, for this subscription."""
        return super().url(path, subscription=self.name, **query)


class Created(Struct, Generic[_T], frozen=True):
    """201: what was made, and where it is."""

    value: _T
    location: str


class Text(Struct, frozen=True):
    """An answer that is not JSON of ours: a fixture, in the pieces in which it was written."""

    content: tuple[bytes, ...]
    content_type: str


class Route(Struct, frozen=True, eq=False):
    """One route of the control API."""

    method: str
    path: str  # as OpenAPI writes it: /leads/{id}
    handler: Callable[..., object]
    summary: str
    path_types: dict[str, type]
    query: type[Query]
    body: type[Body] | None
    takes_bytes: bool  # a body that the handler reads itself
    answer: Any  # a type, `Text`, or None for 204
    status: int
    scoped: bool
    problems: dict[int, str]  # beside those that any route can answer

    @property
    def rule(self) -> str:
        """The same path as werkzeug writes it. A name may hold slashes where nothing comes behind it."""
        path = self.path
        for name, kind in self.path_types.items():
            converter = "number" if kind is int else "path" if path.endswith("}") else "string"
            path = path.replace(f"{{{name}}}", f"<{converter}:{name}>")
        return path


_ALSO: dict[Callable[..., object], dict[int, str]] = {}


def also(status: int, when: str) -> Callable[[_H], _H]:
    """A handler's further outcome: another status, and when it is answered."""

    def declare(handler: _H) -> _H:
        _ALSO.setdefault(handler, {})[status] = when
        return handler

    return declare


def route(method: str, path: str, handler: Callable[..., object]) -> Route:
    """The route of a handler, as its signature and its docstring describe it."""
    hints = get_type_hints(handler)
    body = hints.get("body")
    answer = hints.pop("return")
    parameters = list(inspect.signature(handler).parameters)
    status = 200
    if answer is type(None):
        answer, status = None, 204
    elif get_origin(answer) is Created:
        (answer,), status = get_args(answer), 201
    return Route(
        method=method,
        path=path,
        handler=handler,
        summary=(handler.__doc__ or handler.__name__).partition("\n")[0],
        path_types={name: hints[name] for name in re.findall(r"\{(\w+)\}", path)},
        query=hints.get("query", NoQuery),
        body=body if body is not bytes else None,
        takes_bytes=body is bytes,
        answer=answer,
        status=status,
        scoped=hints[parameters[0]] is Subscription,
        problems=_ALSO.get(handler, {}),
    )


def in_path(name: str) -> str:
    """A name as it stands in an address."""
    return quote(name, safe="")
