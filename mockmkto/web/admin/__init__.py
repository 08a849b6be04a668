"""The control API under `/__admin`: JSON, plain REST verbs, scoped by `?subscription=NAME`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map, Rule
from werkzeug.wrappers import Request, Response

from mockmkto.bounds import MOST_VALUES, WORLD_FACTOR
from mockmkto.model.moments import encodable
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.registry import DEFAULT_SUBSCRIPTION
from mockmkto.store.troubles import trouble_of
from mockmkto.web.admin.problems import Problem, ProblemError, Wrong, not_found, show, wrong
from mockmkto.web.admin.reading import check_text, read_body, read_query
from mockmkto.web.admin.resource import Body, Created, Route, Server, Subscription, Text, route
from mockmkto.web.bodies import has_too_many_values, limit_body
from mockmkto.web.site import Site
from mockmkto.web.troubles import told

__all__ = ["ControlApi"]

_log = logging.getLogger("mockmkto.web")


_encoder = msgspec.json.Encoder(enc_hook=encodable)


class _Number(IntegerConverter):
    """A number that any database can hold."""

    regex = r"[0-9]{1,18}"


@cache
def _mapped(routes: Sequence[tuple[str, str]]) -> tuple[tuple[Route, ...], Map]:
    """The routes and what finds them: werkzeug compiles each, which takes a process with many servers too long."""
    known = tuple(_route(line, handler) for line, handler in routes)
    rules = [Rule("/__admin" + item.rule, methods=[item.method], endpoint=item) for item in known]
    return known, Map(rules, strict_slashes=False, merge_slashes=False, converters={"number": _Number})


def _route(line: str, name: str) -> Route:
    from importlib import import_module

    method, _, path = line.partition(" ")
    module, _, function = name.partition(".")
    return route(method, path.strip(), getattr(import_module(f"mockmkto.web.admin.{module}"), function))


class ControlApi:
    """The control API of one server, as `routes` maps it: method and path to the handler's name."""

    def __init__(self, site: Site, routes: Mapping[str, str]) -> None:
        self._site = site
        self.routes, self._map = _mapped(tuple(routes.items()))

    def answer(self, request: Request) -> Response:
        """The answer to one request; whatever is wrong with it becomes a problem document."""
        try:
            return self._answer(request)
        except ProblemError as error:
            return _problem(error)
        except ClosedDatabaseError:
            return _problem(ProblemError(404, "The subscription was deleted while this request was answered."))
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            text = f"{request.method} is not allowed at {request.path}; allowed: {allowed}."
            return _problem(ProblemError(405, text), {"Allow": allowed})
        except NotFound:
            text = f"Nothing is at {request.path}. What there is: {self._site.address(request)}/__admin/openapi.json"
            return _problem(ProblemError(404, text))
        except RequestEntityTooLarge:
            limit = self._site.max_body
            text = (
                f"The request is larger than --max-body allows, {limit} bytes ({WORLD_FACTOR} times that for a world)."
            )
            return _problem(ProblemError(413, text))
        except HTTPException as error:
            return _problem(ProblemError(error.code or 400, error.description or error.name))
        except Exception as error:  # whatever it is, it is a problem document and the server goes on
            trouble = trouble_of(error)
            if trouble is not None:
                return _problem(ProblemError(trouble.status, told(trouble, request)))
            if isinstance(error, OSError):  # the client went away, or took too long: the server knows what to do
                raise
            _log.exception("an error of mockmkto's own at %s %s", request.method, request.path)
            return _problem(ProblemError(500, "An error of mockmkto's own: its log has it."))

    def _answer(self, request: Request) -> Response:
        found: Route
        found, values = self._map.bind_to_environ(request.environ).match()
        if not self._site.ready.is_set() and found.path not in _BEFORE_READY:
            raise ProblemError(503, "The server is still loading its fixtures: see /readyz.")
        for name, value in values.items():
            check_text(value, f"path.{name}")
        query = {name: request.args.getlist(name) for name in request.args}
        arguments: dict[str, object] = dict(values)
        scope = self._scope(found, request, query)
        asked = read_query(query, found.query)
        handler = found.handler
        if "query" in handler.__annotations__:
            arguments["query"] = asked
        if found.body is not None or found.takes_bytes:
            arguments["body"] = self._body(found.body, request)
        if found.path == "/openapi.json":
            arguments["routes"] = self.routes
        return _response(handler(scope, **arguments))

    def _scope(self, found: Route, request: Request, query: dict[str, list[str]]) -> Server:
        if not found.scoped:
            return Server(self._site, request)
        names = query.pop("subscription", [DEFAULT_SUBSCRIPTION])
        if len(names) > 1:
            raise wrong(Wrong("query.subscription", "one subscription", f"{len(names)} of them"))
        database = self._site.registry.get(names[0])
        if database is None:
            raise not_found("query.subscription", "subscription", names[0], self._site.registry.names())
        return Subscription(self._site, request, database)

    def _body(self, kind: type[Body] | None, request: Request) -> object:
        takes_world = kind is None or kind.takes_yaml
        limit_body(request, self._site.max_body * (WORLD_FACTOR if takes_world else 1))
        try:
            raw = request.get_data(cache=False)
        except ValueError:  # chunks that are none
            raise wrong(Wrong("body", "a body that is as long as it says", "another")) from None
        if takes_world and has_too_many_values(raw):
            text = f"The world has more than {MOST_VALUES:,} values. Load it from a file: --fixture takes more."
            raise ProblemError(413, text)
        if kind is None:
            return raw
        if kind.takes_yaml and "yaml" in request.headers.get("Content-Type", "").lower():
            try:
                return msgspec.convert({"world": raw.decode("utf-8-sig")}, kind)
            except UnicodeDecodeError:
                raise wrong(Wrong("body", "YAML in UTF-8", show("something else"))) from None
        return read_body(raw, kind)


_BEFORE_READY = ("/health", "/openapi.json")


def _response(result: object) -> Response:
    if result is None:
        response = Response(status=204)
        del response.headers["Content-Type"]
        return response
    if isinstance(result, Text):
        response = Response(iter(result.content), content_type=result.content_type)
        response.content_length = sum(map(len, result.content))
        return response
    status, headers = 200, {"Cache-Control": "no-store"}
    if isinstance(result, Created):
        status, headers["Location"] = 201, result.location
        result = result.value
    return Response(_encoder.encode(result), status, headers, content_type="application/json")


def _problem(error: ProblemError, headers: Mapping[str, str] | None = None) -> Response:
    problem: Problem = error.problem
    if problem.status == 503:
        headers = {"Retry-After": "1"}
    return Response(
        _encoder.encode(problem), problem.status, dict(headers or {}), content_type="application/problem+json"
    )
