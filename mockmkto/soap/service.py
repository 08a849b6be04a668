"""The spyne service: one short method an operation, straight into the engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from mockmkto.engine.lookup import get_lead
from mockmkto.engine.sync import sync_lead
from mockmkto.soap.compat import spyne
from mockmkto.soap.contract import Contract, contract
from mockmkto.soap.protocol import MktowsProtocol
from mockmkto.soap.records import get_lead_answer, lead_key_from, sync_lead_answer, sync_lead_request_from
from mockmkto.soap.types import NAMESPACE

__all__ = ["TRANSPORT", "application"]

TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
"""The transport that the binding names. A spyne server sets its application's, so it must be this one there, too."""

PORT_TYPE = "MktowsPort"
SERVICE = "MktMktowsApiService"


def _service(declared: Contract) -> Any:
    """The service class of a contract."""

    def operation(method: Callable[[Any, Any], object]) -> Any:
        """Declare a method as the operation of its name: its messages, its headers, one part in its body."""
        published = declared.operation(method.__name__)
        decorate: Callable[[Callable[[Any, Any], object]], Any] = spyne.rpc(
            published.params,
            _returns=published.success,
            _in_header=tuple(
                header.model.customize(sub_name=header.name, wsdl_part_name=header.part) for header in published.headers
            ),
            _in_message_name=published.params_element,
            _out_message_name=published.success_element,
            _port_type=PORT_TYPE,
            _body_style="bare",
        )
        return decorate(method)

    class MktowsService(spyne.ServiceBase):  # type: ignore[misc]  # spyne has no types
        """The operations. Each takes spyne's context and its params, and returns its success."""

        __service_name__ = SERVICE
        __port_types__ = (PORT_TYPE,)

        @operation
        def getLead(ctx: Any, params: Any) -> Any:
            """Read the leads that a key finds."""
            call = ctx.udc
            return get_lead_answer(get_lead(call.open_session, lead_key_from(params), call.trace))

        @operation
        def syncLead(ctx: Any, params: Any) -> Any:
            """Create or update a lead."""
            call = ctx.udc
            request = sync_lead_request_from(params, ctx.in_header)
            return sync_lead_answer(call.synced(sync_lead(call.open_session, request, call.trace)))

    return MktowsService


@cache
def _application(declared: Contract) -> Any:
    built = spyne.Application(
        [_service(declared)],
        tns=NAMESPACE,
        name="mktows",
        in_protocol=MktowsProtocol(declared),
        out_protocol=MktowsProtocol(declared),
    )
    built.transport = TRANSPORT
    # spyne keeps every application in a list of its own, and logs a warning when a second one has the same name.
    spyne.util.appreg.unregister_application(built)
    return built


_building = Lock()


def application(version: str) -> Any:
    """The spyne application of a version, built when it is first asked for: one for 2_x and one for 3_x.

    Raises ValueError where there is no such version.
    """
    with _building:
        return _application(contract(version).edition)
