"""The protocol that spyne is given: reads as leniently, and writes as exactly, as the vendor's stack did.

spyne's own SOAP reader and writer are generic: they qualify children, fail on what the vendor's stack let pass, and say
nothing about what they ignored. This one reads and writes through what `reading` and `writing` compile from the models.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from mockmkto.errors import MarketoError, StackFault
from mockmkto.model import TraceBuilder
from mockmkto.soap.compat import spyne
from mockmkto.soap.contract import Contract
from mockmkto.soap.envelope import local_name, must_understand, parse, read_envelope
from mockmkto.soap.reading import nearest_name, reader
from mockmkto.soap.references import within
from mockmkto.soap.types import NAMESPACE
from mockmkto.soap.writing import write_answer

__all__ = ["MktowsProtocol", "member_text"]


class MktowsProtocol(spyne.protocol.ProtocolBase):  # type: ignore[misc]  # spyne has no types
    """SOAP 1.1 as the vendor spoke it. `ctx.udc` is the call under way (`server.PendingCall`)."""

    mime_type = "text/xml; charset=utf-8"
    type = frozenset({"soap", "soap11"})

    def __init__(self, contract: Contract) -> None:
        super().__init__()
        self._headers = {header.name: header for header in contract.headers}
        self._operations = {operation.params_element: operation for operation in contract.operations}

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Bytes to elements. Raises StackFault."""
        ctx.in_document = parse(b"".join(ctx.in_string), charset, ctx.udc.trace, ctx.udc.max_elements)

    def decompose_incoming_envelope(self, ctx: Any, message: Any = None) -> None:  # noqa: ARG002  # spyne's signature
        """Elements to headers and call. Raises StackFault; MarketoError 20019 for a call of no known operation."""
        trace: TraceBuilder = ctx.udc.trace
        envelope = read_envelope(ctx.in_document, trace)
        ctx.in_header_doc = envelope.headers
        ctx.in_body_doc = envelope.call
        ctx.method_request_string = envelope.call.tag
        name = local_name(envelope.call)
        if envelope.call.tag != f"{{{NAMESPACE}}}{name}":
            where = etree.QName(envelope.call).namespace or "no namespace"
            trace.warn("operation", f"<{name}> is in {where}: a call is in the namespace {NAMESPACE}", name)
            raise MarketoError.unsupported_operation(name)
        if name not in self._operations:
            nearest = nearest_name(name, self._operations)
            known = ", ".join(f"<{element}>" for element in self._operations)
            trace.warn("operation", f"<{name}> is no operation that is answered here: {known}", name, nearest)
            raise MarketoError.unsupported_operation(name)
        ctx.udc.operation = self._operations[name].name

    def deserialize(self, ctx: Any, message: Any = None) -> None:  # noqa: ARG002  # spyne's signature
        """Elements to instances: the params first, as the stack did, then the headers that the operation lists."""
        with within(ctx.in_body_doc):
            self._deserialize(ctx, ctx.udc.trace, any_case=ctx.udc.any_case)

    def _deserialize(self, ctx: Any, trace: TraceBuilder, *, any_case: bool) -> None:
        operation = self._operations[local_name(ctx.in_body_doc)]
        ctx.in_object = reader(operation.params, any_case=any_case)(ctx.in_body_doc, trace)
        listed = {header.name for header in operation.headers}
        read: dict[str, Any] = {}
        for element in ctx.in_header_doc:
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
            if header.name not in listed:
                trace.warn(
                    "unlisted_header", f"header <{name}> means nothing to {operation.name}: it was ignored", name
                )
                continue
            if header.name in read:
                trace.warn("twice", f"header <{name}> is there twice: the last one counts", name)
            read[header.name] = reader(header.model, any_case=any_case)(element, trace)
        ctx.in_header = read
        ctx.udc.fields = operation.said(ctx.in_object, read)

    def serialize(self, ctx: Any, message: Any = None) -> None:  # noqa: ARG002  # spyne's signature
        """An instance to bytes."""
        operation = next(item for item in self._operations.values() if item.name == ctx.udc.operation)
        ctx.out_document = write_answer(operation.success_element, ctx.out_object[0], operation.success)

    def create_out_string(self, ctx: Any, out_string_encoding: str | None = None) -> None:  # noqa: ARG002  # spyne's signature
        """The bytes of the answer."""
        ctx.out_string = (ctx.out_document,)


def member_text(headers: tuple[etree._Element, ...], header: str, member: str) -> str | None:
    """The text of one member of a header, in any case: who calls must be known before it is known how to read."""
    text: str | None = None
    for element in headers:
        if local_name(element).lower() == header.lower():
            for child in element:
                if isinstance(child.tag, str) and local_name(child).lower() == member.lower():
                    text = child.text or ""
    return text
