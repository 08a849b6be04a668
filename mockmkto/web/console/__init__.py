"""The QA console: what a tester sees in a browser. Server-rendered, on top of the control API's own functions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.troubles import trouble_of
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.resource import Subscription
from mockmkto.web.bodies import limit_body
from mockmkto.web.console.access import Door
from mockmkto.web.console.page import Page
from mockmkto.web.console.rendering import Renderer
from mockmkto.web.site import Site
from mockmkto.web.troubles import told

__all__ = ["Console"]

_log = logging.getLogger("mockmkto.web")

View = Callable[..., Response]

# What is POSTed and changes nothing; a dry run is one of `trying.run`, which looks at what is asked itself.
_HARMLESS = frozenset({"access.enter", "access.leave", "home.reveal", "calls.explain", "trying.run", "world.download"})
_OPEN = frozenset({"access.login", "access.enter", "assets.file"})  # to whoever has not shown the token, too


class Console:
    """The console of one server, as `routes` maps it: method and path to the view's name.

    Args:
        site: the server.
        routes: `GET /s/{subscription}/calls` to `calls.show`.
    """

    def __init__(self, site: Site, routes: Mapping[str, str]) -> None:
        self._site = site
        self._door = Door(site.guard.token, site.guard.brake)
        self._renderer = Renderer()
        rules = []
        for line, name in routes.items():
            method, _, path = line.partition(" ")
            rules.append(Rule(path.strip(), methods=[method], endpoint=(name, _view(name))))
        self._map = Map(rules, strict_slashes=False, merge_slashes=False)

    def answer(self, request: Request) -> Response:
        """The answer to one request; whatever is wrong with it is a page that says so."""
        page = Page(self._site, request, self._renderer, self._door)
        try:
            response = self._answer(page)
        except ProblemError as error:
            response = page.problem(error.problem.status, error.problem.detail)
        except ClosedDatabaseError:
            response = page.problem(404, "The subscription was deleted while this page was made.")
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            response = page.problem(405, f"{request.method} is not answered here; {allowed} is.")
            response.headers["Allow"] = allowed
        except NotFound:
            response = page.problem(404, "There is no such page.")
        except RequestEntityTooLarge:
            response = page.problem(413, f"The form is larger than {self._site.max_body} bytes, which --max-body sets.")
        except HTTPException as error:
            response = page.problem(error.code or 400, error.description or error.name)
        except Exception as error:  # whatever it is, it is a page and the server goes on
            trouble = trouble_of(error)
            if trouble is not None:
                page.asked = None  # the frame of a page would ask the database, too
                response = page.problem(trouble.status, told(trouble, request))
            elif isinstance(error, OSError):  # the client went away, or took too long: the server knows what to do
                raise
            else:
                _log.exception("an error of mockmkto's own at %s %s", request.method, request.path)
                response = page.problem(500, "An error of mockmkto's own: its log has it.")
        return page.sealed(response)

    def _answer(self, page: Page) -> Response:
        (name, view), matched = self._map.bind_to_environ(page.request.environ).match()
        values = dict(matched)
        if name not in _OPEN:
            if not self._door.admits(page.request):
                return page.to_login()
            if not self._site.ready.is_set():
                return page.problem(503, "The server is still loading its fixtures. Try again in a moment.")
        subscription = values.pop("subscription", None)
        if subscription is not None:
            database = self._site.registry.get(subscription)
            if database is None:
                return page.problem(404, f"There is no subscription {subscription!r}.")
            page.asked = Subscription(self._site, page.request, database)
        if page.request.method == "POST":
            limit = self._site.max_body * 3
            limit_body(page.request, limit)
            page.request.max_form_memory_size = limit
            page.request.max_form_parts = 20_000
            if not page.form_is_ours():
                return page.problem(
                    403,
                    "This form is not of this browser's session with this server: it may be older than the server. "
                    "Nothing was changed. Open the page again and repeat it.",
                )
            if page.read_only and name not in _HARMLESS:
                return page.problem(403, "This server was started with --read-only-admin: nothing was changed.")
        try:
            response: Response = view(page, **values)
        finally:
            page.request.close()  # and the files of its form
        return response


def _view(name: str) -> View:
    module, _, function = name.partition(".")
    view: View = getattr(import_module(f"mockmkto.web.console.{module}"), function)
    return view
