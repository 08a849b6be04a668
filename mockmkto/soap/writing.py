"""Writers, compiled from the contract's models: an instance to the very text that the vendor's stack wrote.

Captured, or given away by the captures: prefixes SOAP-ENV, ns1 and (only where something is nil) xsi; one line after
the XML declaration; nil where a nillable member has no value, nothing where one that is not nillable has none; an empty
element for an empty text; `&`, `<`, `>` and the carriage return escaped, quotes not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from mockmkto.errors import MarketoError, StackFault
from mockmkto.soap.compat import spyne
from mockmkto.soap.envelope import ENVELOPE_NAMESPACE
from mockmkto.soap.types import NAMESPACE, Model

__all__ = ["build", "write_answer", "write_fault"]

Writer = Callable[[Any, list[str]], None]

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OPEN = f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{ENVELOPE_NAMESPACE}"'
_XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_NS1 = f' xmlns:ns1="{NAMESPACE}"'
_CLOSE = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
_NIL = ' xsi:nil="true"/>'  # no text can hold this: a > in a text is escaped


def build(model: type[Model], /, **members: Any) -> Any:
    """An instance of a model with these members; those that are not given have no value."""
    instance = model.__new__(model)
    instance.__dict__.update(dict.fromkeys(model._type_info), **members)
    return instance


def write_answer(element: str, success: Any, published: type[Model] | None = None) -> bytes:
    """The envelope of a success: its root element is `element` in the namespace of the contract.

    `published` is the model as the version asked has it, where that is not the success's own.
    """
    parts: list[str] = []
    model: Any = published or type(success)
    _content(model)(success, parts)
    content = "".join(parts)
    xsi = _XSI if _NIL in content else ""
    return (
        f"{_DECLARATION}{_OPEN}{xsi}{_NS1}><SOAP-ENV:Body><ns1:{element}>{content}</ns1:{element}>{_CLOSE}"
    ).encode()


def write_fault(error: MarketoError | StackFault) -> bytes:
    """The envelope of a fault: the only place that makes one."""
    detail = ""
    if isinstance(error, MarketoError):
        code, text = "Client", error.fault_string
        detail = (
            f"<detail><ns1:serviceException{_NS1}><name>mktServiceException</name>"
            f"<message>{_escape(error.message)}</message><code>{error.code.value}</code>"
            "</ns1:serviceException></detail>"
        )
    else:
        code, text = error.fault_code, error.text
    return (
        f"{_DECLARATION}{_OPEN}><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:{code}</faultcode>"
        f"<faultstring>{_escape(text)}</faultstring>{detail}</SOAP-ENV:Fault>{_CLOSE}"
    ).encode()


def _escape(text: str) -> str:
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text


@cache
def _content(model: Any) -> Writer:
    """What writes the members of a model, without the element around them."""
    members = [(name, _member(name, member)) for name, member in model._type_info.items()]

    def write(instance: Any, parts: list[str]) -> None:
        values = instance.__dict__
        for name, write_member in members:
            write_member(values[name], parts)

    return write


def _member(name: str, type_: Any) -> Writer:
    attributes = type_.Attributes
    if attributes.max_occurs > 1:
        write_one = _element(name, type_)

        def write_all(values: Any, parts: list[str]) -> None:
            for value in values or ():
                write_one(value, parts)

        return write_all
    write_value = _element(name, type_)
    absent = f"<{name}{_NIL}" if attributes.nillable else ""
    if not absent and attributes.min_occurs:
        absent = f"<{name}/>"

    def write(value: Any, parts: list[str]) -> None:
        if value is not None:
            write_value(value, parts)
        elif absent:
            parts.append(absent)

    return write


def _element(name: str, type_: Any) -> Writer:
    start, end, empty = f"<{name}>", f"</{name}>", f"<{name}/>"
    if issubclass(type_, spyne.ComplexModel):
        write_content = _content(type_.__orig__ or type_)

        def write_complex(value: Any, parts: list[str]) -> None:
            begin = len(parts)
            parts.append(start)
            write_content(value, parts)
            if len(parts) == begin + 1:
                parts[begin] = empty
            else:
                parts.append(end)

        return write_complex
    if issubclass(type_, spyne.Boolean):
        return lambda value, parts: parts.append(f"{start}{'true' if value else 'false'}{end}")

    def write_text(value: Any, parts: list[str]) -> None:
        text = _escape(str(value))
        parts.append(f"{start}{text}{end}" if text else empty)

    return write_text
