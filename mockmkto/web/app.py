"""The whole map of routes on one screen, and the WSGI application that follows it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from mockmkto import deadlines
from mockmkto.store.troubles import trouble_of
from mockmkto.web import endpoint, measured, probes
from mockmkto.web.sides import is_api, is_probe, is_rest, path_of
from mockmkto.web.site import Site
from mockmkto.web.troubles import told

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from mockmkto.web.admin import ControlApi
    from mockmkto.web.console import Console

__all__ = ["CONSOLE", "CONTROL_API", "create_app"]

_log = logging.getLogger("mockmkto.web")

View = Callable[..., Response]

ROUTES: tuple[tuple[str, tuple[str, ...], View], ...] = (
    ("/soap/mktows/<version>", ("POST",), endpoint.call),
    ("/soap/mktows/<version>", ("GET",), endpoint.describe),
    ("/soap/mktows", ("GET", "POST"), endpoint.no_version),
    # /rest, /bulk and /identity have a map of their own: mockmkto/rest/routes.py
    ("/livez", ("GET",), probes.livez),
    ("/readyz", ("GET",), probes.readyz),
    ("/metrics", ("GET",), measured.show),
)

# The control API, under /__admin: what it does where. A handler's signature says what it takes and gives; its module in
# web/admin is imported with the first request. /__admin/openapi.json shows the same map with all its types.
CONTROL_API: dict[str, str] = {
    "GET    /health": "health.show",
    "GET    /openapi.json": "openapi.show",
    "GET    /tls/ca.pem": "tls.authority",
    "GET    /subscriptions": "subscriptions.show",
    "POST   /subscriptions": "subscriptions.add",
    "GET    /subscriptions/{name}": "subscriptions.one",
    "DELETE /subscriptions/{name}": "subscriptions.remove",
    "POST   /proofs": "proofs.add",
    # From here on of one subscription: ?subscription=NAME
    "POST   /reset": "state.reset",
    "GET    /snapshots": "state.snapshots",
    "POST   /snapshots": "state.take",
    "DELETE /snapshots/{name}": "state.forget",
    "POST   /snapshots/{name}/restore": "state.restore",
    "GET    /state": "state.show",
    "PUT    /state": "state.change",
    "GET    /leads": "leads.show",
    "POST   /leads": "leads.add",
    "GET    /leads/{id}": "leads.one",
    "PATCH  /leads/{id}": "leads.change",
    "DELETE /leads/{id}": "leads.remove",
    "GET    /opportunities": "opportunities.show",
    "POST   /opportunities": "opportunities.add",
    "GET    /opportunities/{id}": "opportunities.one",
    "PATCH  /opportunities/{id}": "opportunities.change",
    "DELETE /opportunities/{id}": "opportunities.remove",
    "GET    /opportunity-roles": "opportunities.roles",
    "POST   /opportunity-roles": "opportunities.add_role",
    "DELETE /opportunity-roles/{id}": "opportunities.remove_role",
    "GET    /custom-objects": "custom_objects.show",
    "GET    /custom-objects/{type}/records": "custom_objects.records",
    "POST   /custom-objects/{type}/records": "custom_objects.add",
    "DELETE /custom-objects/{type}/records/{id}": "custom_objects.remove",
    "GET    /activities": "activities.show",
    "POST   /activities": "activities.add",
    "GET    /activities/{id}": "activities.one",
    "DELETE /activities/{id}": "activities.remove",
    "GET    /lists": "lists.show",
    "POST   /lists": "lists.add",
    "GET    /lists/{id}": "lists.one",
    "DELETE /lists/{id}": "lists.remove",
    "GET    /lists/{id}/members": "lists.members",
    "POST   /lists/{id}/members": "lists.join",
    "DELETE /lists/{id}/members/{lead}": "lists.leave",
    "GET    /programs": "programs.show",
    "POST   /programs": "programs.add",
    "GET    /programs/{id}": "programs.one",
    "DELETE /programs/{id}": "programs.remove",
    "GET    /campaigns": "campaigns.show",
    "POST   /campaigns": "campaigns.add",
    "GET    /campaigns/{id}": "campaigns.one",
    "PATCH  /campaigns/{id}": "campaigns.change",
    "DELETE /campaigns/{id}": "campaigns.remove",
    "GET    /campaign-calls": "campaigns.calls",
    "GET    /campaign-calls/{id}": "campaigns.one_call",
    "GET    /imports": "imports.show",
    "GET    /imports/{id}": "imports.one",
    "POST   /imports/{id}/cancel": "imports.cancel",
    "GET    /fields": "fields.fields",
    "POST   /fields": "fields.add_field",
    "GET    /fields/{name}": "fields.field",
    "PUT    /fields/{name}": "fields.change_field",
    "DELETE /fields/{name}": "fields.remove_field",
    "GET    /partitions": "world.partitions",
    "POST   /partitions": "world.add_partition",
    "DELETE /partitions/{name}": "world.remove_partition",
    "GET    /workspaces": "world.workspaces",
    "POST   /workspaces": "world.add_workspace",
    "PUT    /workspaces/{name}": "world.change_workspace",
    "DELETE /workspaces/{name}": "world.remove_workspace",
    "GET    /assignment-rules": "world.rules",
    "PUT    /assignment-rules": "world.change_rules",
    "GET    /switches": "switches.show",
    "PUT    /switches": "switches.change",
    "GET    /credentials": "credentials.show",
    "POST   /credentials": "credentials.add",
    "PUT    /credentials/{user_id}": "credentials.change",
    "DELETE /credentials/{user_id}": "credentials.remove",
    "GET    /credentials/{user_id}/clock": "clock.of_user",
    "GET    /clients": "clients.show",
    "POST   /clients": "clients.add",
    "PUT    /clients/{client_id}": "clients.change",
    "DELETE /clients/{client_id}": "clients.remove",
    "GET    /calls": "calls.show",
    "DELETE /calls": "calls.clear",
    "GET    /calls/count": "calls.count",
    "POST   /calls/wait": "calls.wait",
    "GET    /calls/{sequence}": "calls.one",
    "DELETE /calls/{sequence}": "calls.remove",
    "GET    /faults": "faults.show",
    "POST   /faults": "faults.add",
    "DELETE /faults": "faults.clear",
    "GET    /faults/{name}": "faults.one",
    "DELETE /faults/{name}": "faults.remove",
    "GET    /limits": "limits.show",
    "PUT    /limits": "limits.change",
    "DELETE /limits/counts": "limits.forget",
    "GET    /clock": "clock.show",
    "PUT    /clock": "clock.change",
    "POST   /clock/freeze": "clock.freeze",
    "POST   /clock/advance": "clock.advance",
    "POST   /clock/set": "clock.set_time",
    "POST   /clock/resume": "clock.resume",
    "POST   /clock/reset": "clock.reset",
    "POST   /explain-signature": "signature.explain",
    "POST   /dry-run": "dry_run.run",
}
_ADMIN = "/__admin"

# The console. A view's module in web/console is imported with the first page, and so are the templates.
CONSOLE: dict[str, str] = {
    "GET  /": "home.start",
    "GET  /login": "access.login",
    "POST /login": "access.enter",
    "POST /logout": "access.leave",
    "GET  /static/<digest>/<name>": "assets.file",
    "GET  /subscriptions": "home.every",
    "POST /subscriptions": "home.add",
    "POST /subscriptions/delete": "home.remove_many",
    "GET  /proof": "proofs.show",
    "GET  /s/<subscription>/": "home.show",
    "POST /s/<subscription>/reveal": "home.reveal",
    "GET  /s/<subscription>/calls": "calls.show",
    "GET  /s/<subscription>/calls/rows": "calls.rows",
    "POST /s/<subscription>/calls/clear": "calls.clear",
    "GET  /s/<subscription>/calls/<int:sequence>": "calls.one",
    "GET  /s/<subscription>/calls/<int:sequence>/<which>": "calls.raw",
    "POST /s/<subscription>/calls/<int:sequence>/again": "calls.again",
    "GET  /s/<subscription>/explain": "calls.explain",
    "POST /s/<subscription>/explain": "calls.explain",
    "GET  /s/<subscription>/leads": "leads.show",
    "GET  /s/<subscription>/leads/new": "leads.new",
    "POST /s/<subscription>/leads/new": "leads.add",
    "POST /s/<subscription>/leads/delete": "leads.remove_many",
    "GET  /s/<subscription>/leads/<int:lead_id>": "leads.one",
    "GET  /s/<subscription>/leads/<int:lead_id>/edit": "leads.edit",
    "POST /s/<subscription>/leads/<int:lead_id>/edit": "leads.change",
    "POST /s/<subscription>/leads/<int:lead_id>/delete": "leads.remove",
    "GET  /s/<subscription>/lists": "lists.show",
    "GET  /s/<subscription>/lists/<int:list_id>": "lists.one",
    "GET  /s/<subscription>/campaigns": "campaigns.show",
    "GET  /s/<subscription>/campaigns/<int:campaign_id>": "campaigns.one",
    "GET  /s/<subscription>/objects": "objects.show",
    "GET  /s/<subscription>/objects/opportunities/<int:opportunity_id>": "objects.one",
    "GET  /s/<subscription>/objects/records": "objects.records",
    "GET  /s/<subscription>/activities": "activities.show",
    "GET  /s/<subscription>/try": "trying.show",
    "POST /s/<subscription>/try": "trying.run",
    "GET  /s/<subscription>/world": "world.show",
    "GET  /s/<subscription>/world/field": "world.field",
    "POST /s/<subscription>/world/download": "world.download",
    "POST /s/<subscription>/world/<action>": "world.act",
    "GET  /s/<subscription>/steer": "steer.show",
    "POST /s/<subscription>/steer/<action>": "steer.act",
}
_CONSOLE = re.compile("/|/(s|static|subscriptions|proof|login|logout)(/.*)?", re.DOTALL)

_ROUTES = Map(
    [Rule(path, methods=methods, endpoint=view) for path, methods, view in ROUTES],
    strict_slashes=False,
    merge_slashes=False,
)


def create_app(site: Site) -> WSGIApplication:
    """The WSGI application of one server."""
    control_api: list[ControlApi] = []
    consoles: list[Console] = []
    making = Lock()

    def admin(request: Request) -> Response:
        with making:  # the first request of several imports it, and makes the map
            if not control_api:
                from mockmkto.web.admin import ControlApi

                control_api.append(ControlApi(site, CONTROL_API))
        return control_api[0].answer(request)

    def console(request: Request) -> Response:
        with making:
            if not consoles:
                from mockmkto.web.console import Console

                consoles.append(Console(site, CONSOLE))
        return consoles[0].answer(request)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with deadlines.started():  # where nobody has said when the request came
            return answered(environ, start_response)

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = path_of(environ)
        plain = endpoint.plain_call(site, environ, path)
        if plain is not None:
            return plain(environ, start_response)
        if is_rest(path):
            return _answer(site, environ, endpoint.rest_call)(environ, start_response)
        if is_api(path) or is_probe(path):
            return _answer(site, environ)(environ, start_response)
        deadlines.be_patient()
        request = Request(environ)
        if _CONSOLE.fullmatch(path):  # it has a login page, and says on a page what is refused
            objection = site.guard.objection(request)
            response = console(request) if objection is None else _refused(objection)
            return response(environ, start_response)
        refusal = site.guard.refusal(request)
        if refusal is not None:
            return refusal(environ, start_response)
        is_admin = path == _ADMIN or path.startswith(f"{_ADMIN}/")
        response = admin(request) if is_admin else _answer(site, environ)
        return response(environ, start_response)

    return app


def _refused(objection: str) -> Response:
    """In plain text: a page of the console would have to believe what it is asked as."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(f"403: {objection}\n", 403, headers, content_type="text/plain; charset=utf-8")


def _answer(
    site: Site, environ: WSGIEnvironment, plain: Callable[[Site, WSGIEnvironment], Response] | None = None
) -> Response:
    request = Request(environ)
    try:
        if plain is not None:
            return plain(site, environ)
        view, values = _ROUTES.bind_to_environ(environ).match()
        response: Response = view(site, request, **values)
    except MethodNotAllowed as error:
        allowed = ", ".join(sorted(error.valid_methods or ()))
        text = f"{request.method} is not answered here; {allowed} is.\n"
        response = Response(text, 405, {"Allow": allowed}, content_type="text/plain; charset=utf-8")
    except HTTPException as error:
        text = f"{error.code} {error.name}: nothing is at {request.path}. The start page is at /.\n"
        if error.code != 404:
            text = f"{error.code} {error.name}\n"
        response = Response(text, error.code, content_type="text/plain; charset=utf-8")
    except Exception as error:  # whatever it is, it is answered in plain text and the server goes on
        trouble = trouble_of(error)
        if trouble is not None:
            return Response(f"{told(trouble, request)}\n", trouble.status, content_type="text/plain; charset=utf-8")
        if isinstance(error, OSError):  # the client went away, or took too long: the server knows what to do
            raise
        _log.exception("an error of mockmkto's own at %s %s", request.method, request.path)
        response = Response("An error of mockmkto's own: its log has it.\n", 500, content_type="text/plain")
    return response
