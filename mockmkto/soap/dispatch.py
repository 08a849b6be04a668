"""Finds the operation of a request, reads what it says, and runs it: the very method that spyne is told of.

As leniently as the vendor's stack did: what is not understood is ignored, with a warning, unless it must be understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct

from mockmkto.errors import MarketoError, StackFault
from mockmkto.model import TraceBuilder
from mockmkto.soap.contract import OPERATIONS, Contract, Header, Operation, contract, params_element
from mockmkto.soap.envelope import Element, local_name, must_understand
from mockmkto.soap.reading import Reader, nearest_name, reader
from mockmkto.soap.service import method
from mockmkto.soap.types import NAMESPACE
from mockmkto.soap.writing import write_answer

__all__ = ["Dispatched", "Dispatcher", "dispatcher", "member_text", "operation_of"]


class _Context(Struct):
    """What a method of the spyne service looks at: the call under way and its headers, by their names."""

    udc: Any
    in_header: Mapping[str, Any]


class Dispatched:
    """One operation: how its request is read, what runs it, and how its answer is written."""

    def __init__(self, operation: Operation, headers: Sequence[Header], method: Callable[..., Any]) -> None:
        self.operation = operation
        self.name = operation.name
        self._headers = {header.name: header for header in headers}
        self._listed = {header.name for header in operation.headers}
        self._method = method
        self._readers: dict[bool, Reader] = {
            any_case: reader(operation.params, any_case=any_case) for any_case in (False, True)
        }

    def read_params(self, call: Element, trace: TraceBuilder, *, any_case: bool) -> Any:
        """The instance that the body's element is. Raises StackFault."""
        return self._readers[any_case](call, trace)

    def read_headers(self, elements: Sequence[Element], trace: TraceBuilder, *, any_case: bool) -> dict[str, Any]:
        """The headers that the operation lists, by their names. Raises StackFault."""
        read: dict[str, Any] = {}
        for element in elements:
            name = local_name(element)
            header = self._headers.get(name)
            if header is None and any_case:
                header = self._headers.get(next((key for key in self._headers if key.lower() == name.lower()), ""))
            if header is None:
                nearest = nearest_name(name, self._headers) if not trace.full else None
                hint = f": did you mean <{nearest}>?" if nearest else ""
                trace.warn("unknown_header", f"header <{name}> was ignored{hint}", name, nearest)
                if must_understand(element):
                    raise StackFault.header_not_understood()
                continue
            must_understand(element)
            if header.name not in self._listed:
                trace.warn("unlisted_header", f"header <{name}> means nothing to {self.name}: it was ignored", name)
                continue
            if header.name in read:
                trace.warn("twice", f"header <{name}> is there twice: the last one counts", name)
            read[header.name] = reader(header.model, any_case=any_case)(element, trace)
        return read

    def run(self, call: Any, params: Any, headers: Mapping[str, Any]) -> bytes:
        """Do it, for a call whose session is open: the answer. Raises MarketoError."""
        context = _Context(call, headers)
        success = self._method(context, params)
        return write_answer(self.operation.success_element, success, self.operation.success)


class Dispatcher:
    """The operations of one version, by the element of their requests."""

    def __init__(self, published: Contract) -> None:
        self._published = published
        self._names = {params_element(name): name for name in published.names}
        self._operations: dict[str, Dispatched] = {}

    def find(self, call: Element, trace: TraceBuilder) -> Dispatched:
        """The operation that the body's element asks for.

        Raises:
            MarketoError: 20019, there is none.
        """
        name = local_name(call)
        if call.tag != f"{{{NAMESPACE}}}{name}":
            where = call.tag[1:].rpartition("}")[0] or "no namespace"
            trace.warn("operation", f"<{name}> is in {where}: a call is in the namespace {NAMESPACE}", name)
            raise MarketoError.unsupported_operation(name)
        found = self._operations.get(name)
        if found is not None:
            return found
        if name not in self._names:
            nearest = nearest_name(name, self._names)
            known = ", ".join(f"<{element}>" for element in self._names)
            trace.warn("operation", f"<{name}> is no operation that is answered here: {known}", name, nearest)
            raise MarketoError.unsupported_operation(name)
        operation = self._published.operation(self._names[name])
        made = Dispatched(operation, self._published.headers, method(operation))
        return self._operations.setdefault(name, made)


def operation_of(call: Element) -> str | None:
    """The operation that a body's element is of, in this version or in another; `None` where it is of none."""
    return _NAMES.get(local_name(call))


_NAMES = {params_element(name): name for name in OPERATIONS}


@cache
def dispatcher(version: str) -> Dispatcher:
    """The dispatcher of a version. Raises ValueError where there is no such version."""
    return _of_edition(contract(version).edition.version)


@cache
def _of_edition(version: str) -> Dispatcher:
    return Dispatcher(contract(version))


def member_text(headers: Sequence[Element], header: str, member: str) -> str | None:
    """The text of one member of a header, in any case: who calls must be known before it is known how to read."""
    text: str | None = None
    header, member = header.lower(), member.lower()
    for element in headers:
        if element.tag.lower().endswith(header) and local_name(element).lower() == header:
            for child in element:
                if child.tag.lower().endswith(member) and local_name(child).lower() == member:
                    text = child.text or ""
    return text
