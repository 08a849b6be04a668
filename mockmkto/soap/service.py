"""The spyne service: a method for each operation of a version, straight into what its family declares."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from mockmkto.soap.compat import spyne
from mockmkto.soap.contract import Contract, Operation, contract
from mockmkto.soap.protocol import MktowsProtocol
from mockmkto.soap.types import NAMESPACE

__all__ = ["TRANSPORT", "application", "method"]

TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
"""The transport that the binding names. A spyne server sets its application's, so it must be this one there, too."""

PORT_TYPE = "MktowsPort"
SERVICE = "MktMktowsApiService"


def _service(declared: Contract) -> Any:
    """The service class of a contract."""
    members: dict[str, Any] = {"__service_name__": SERVICE, "__port_types__": (PORT_TYPE,)}
    for operation in declared.operations:
        members[operation.name] = _declared_to_spyne(operation)
    return type(spyne.ServiceBase)("MktowsService", (spyne.ServiceBase,), members)


def method(published: Operation) -> Callable[..., Any]:
    """What does an operation: of spyne's context, or of one that has `udc` and `in_header` like it, and the params.

    spyne takes no model without members: such params are not declared to it, and come in all the same.
    """

    def with_params(ctx: Any, params: Any) -> Any:
        return published.declared.run(ctx.udc, params, ctx.in_header)

    def without_params(ctx: Any, *params: Any) -> Any:
        return with_params(ctx, *params)

    chosen: Callable[..., Any] = with_params if published.params._type_info else without_params
    chosen.__name__ = published.name
    chosen.__doc__ = published.documentation
    return chosen


def _declared_to_spyne(published: Operation) -> Any:
    """The method of an operation: its messages, its headers, one part in its body."""
    decorate: Callable[[Callable[..., Any]], Any] = spyne.rpc(
        *([published.params] if published.params._type_info else []),
        _returns=published.success,
        _in_header=tuple(
            header.model.customize(sub_name=header.name, wsdl_part_name=header.part) for header in published.headers
        ),
        _in_message_name=published.params_element,
        _out_message_name=published.success_element,
        _port_type=PORT_TYPE,
        _body_style="bare",
    )
    return decorate(method(published))


@cache
def _application(declared: Contract) -> Any:
    built = spyne.Application(
        [_service(declared)],
        tns=NAMESPACE,
        name="mktows",
        in_protocol=MktowsProtocol(),
        out_protocol=MktowsProtocol(),
        classes=[*declared.further_types, *(item.params for item in declared.operations if not item.params._type_info)],
    )
    built.transport = TRANSPORT
    # spyne keeps every application in a list of its own, and logs a warning when a second one has the same name.
    spyne.util.appreg.unregister_application(built)
    return built


_building = Lock()


def application(version: str) -> Any:
    """The spyne application of a version, built when it is first asked for: one for each edition.

    Raises ValueError where there is no such version.
    """
    with _building:
        return _application(contract(version).edition)
