"""Readers, compiled from the contract's models: an element to an instance, and a note of what was ignored.

Children are found by local name, in any order, whatever their namespace (captured). An element that is nil is as if it
were not there. What the contract does not name is ignored, as the vendor's stack did, and never silently.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from mockmkto.bounds import LONGEST_TEXT
from mockmkto.errors import StackFault
from mockmkto.model import TraceBuilder
from mockmkto.soap.compat import spyne
from mockmkto.soap.envelope import Element, is_nil, local_name
from mockmkto.soap.references import referred
from mockmkto.soap.types import Model

__all__ = ["Reader", "nearest_name", "reader"]

Reader = Callable[[Element, TraceBuilder], Any]

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LONGEST_NAME = 255  # names are compared in quadratic time; a longer one was no slip of the keyboard
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_TRUE = frozenset({"true", "t", "1"})
_FALSE = frozenset({"false", "f", "0", ""})


class _Member(Struct, frozen=True):
    name: str
    many: bool
    read: Reader


def reader(model: type[Model], *, any_case: bool) -> Reader:
    """The reader of a model: gives an instance of it in which absent members are `None` and repeated ones lists.

    With `any_case`, an element whose name differs in case alone is read too, with a warning all the same.
    """
    key: Any = model
    return _compiled(key, any_case)


@cache
def _compiled(model: Any, any_case: bool) -> Reader:
    if vars(model).get("__abstract__"):
        return _reader_of_extensions(model, any_case=any_case)
    members = {name: _member(name, member, any_case=any_case) for name, member in model._type_info.items()}
    folded = {name.casefold(): member for name, member in members.items()} if any_case else {}
    absent: dict[str, Any] = {name: None for name, member in members.items() if not member.many}
    repeated = [name for name, member in members.items() if member.many]

    def read(element: Element, trace: TraceBuilder) -> Any:
        values = dict(absent)
        for name in repeated:
            values[name] = []
        for child in element:
            tag = child.tag
            member = members.get(tag)  # in no namespace, as almost everywhere
            if member is None:
                name = tag[tag.rfind("}") + 1 :]
                member = members.get(name) or _in_any_case(name, element, members, folded, trace)
                if member is None:
                    continue
            if child.keys():  # few have attributes
                child = referred(child)
                if is_nil(child):
                    continue
            if member.many:
                values[member.name].append(member.read(child, trace))
                continue
            if values[member.name] is not None:
                trace.warn(
                    "twice",
                    f"element <{member.name}> of {local_name(element)} is there twice: the last one counts",
                    member.name,
                )
            values[member.name] = member.read(child, trace)
        instance = model.__new__(model)
        instance.__dict__.update(values)
        return instance

    return read


def _reader_of_extensions(model: Any, *, any_case: bool) -> Reader:
    """The reader of an abstract model: gives an instance of the type that `xsi:type` names.

    Where it names none, the type is told by the children (the vendor's stack saw an empty element: inferred), with a
    warning and `guessed` set. An instance of the model itself is one of which not even that is known.
    """
    extensions: dict[str, Any] = {
        kind.get_type_name(): kind for kind in model.__subclasses__() if kind.__orig__ is None
    }
    readers = {name: reader(kind, any_case=any_case) for name, kind in extensions.items()}

    def told_by_children(element: Element) -> str | None:
        children = {local_name(child) for child in element}
        if any_case:
            children = {name.casefold() for name in children}
        for name, kind in extensions.items():
            known = kind._type_info
            if children & ({member.casefold() for member in known} if any_case else set(known)):
                return name
        return None

    def read(element: Element, trace: TraceBuilder) -> Any:
        named = element.get(_XSI_TYPE, "").rpartition(":")[2].strip()
        if named in readers:
            return readers[named](element, trace)
        where = local_name(element)
        told = told_by_children(element)
        asked = f"has the xsi:type {named!r}, which there is not" if named else "has no xsi:type"
        read_as = f"it was read as {told} by its children" if told else "and no child tells which it is"
        trace.warn("untyped_selector", f"element <{where}> {asked} ({', '.join(readers)}): {read_as}", where, told)
        if told is None:
            return model.__new__(model)
        instance = readers[told](element, trace)
        instance.__dict__["guessed"] = True
        return instance

    return read


def _in_any_case(
    name: str,
    parent: Element,
    members: Mapping[str, _Member],
    folded: Mapping[str, _Member],
    trace: TraceBuilder,
) -> _Member | None:
    member = folded.get(name.casefold())
    if trace.full:
        trace.warn_of_more()
        return member
    where = local_name(parent)
    if member is not None:
        trace.warn("element_case", f"element <{name}> of {where} was read as <{member.name}>", name, member.name)
        return member
    nearest = nearest_name(name, members)
    hint = ""
    if nearest is not None and nearest.casefold() == name.casefold():
        hint = f": names are case-sensitive, and it is spelled <{nearest}>"
    elif nearest is not None:
        hint = f": did you mean <{nearest}>?"
    trace.warn("unknown_element", f"element <{name}> of {where} was ignored{hint}", name, nearest)
    return None


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant: equal but for case, or else much alike; `None` when none is near."""
    if len(name) > _LONGEST_NAME:
        return None
    by_fold = {known.casefold(): known for known in names}
    close = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def _member(name: str, type_: Any, *, any_case: bool) -> _Member:
    many = type_.Attributes.max_occurs > 1
    return _Member(name, many, _scalar_reader(type_) or reader(_original(type_), any_case=any_case))


def _original(type_: Any) -> Any:
    """The model itself: a member's type is a copy of it that knows how often it occurs."""
    return type_.__orig__ or type_


def _scalar_reader(type_: Any) -> Reader | None:
    if issubclass(type_, spyne.Boolean):
        return _read_boolean
    if issubclass(type_, spyne.Decimal):
        return _read_number
    if issubclass(type_, spyne.ComplexModel):
        return None
    return _read_text  # enumerations too: the stack does not check them (inferred), the engine does


def _read_text(element: Element, _: TraceBuilder) -> str:
    if len(element):
        raise StackFault.encoding()  # elements where a text belongs
    text = element.text or ""
    if len(text) > LONGEST_TEXT:
        raise StackFault.bad_request()
    return text


def _read_number(element: Element, trace: TraceBuilder) -> int | float | None:
    """As the stack reads `xs:int` (inferred): trimmed, empty is absent, `12.0` is 12, and 12.7 stays 12.7."""
    text = _read_text(element, trace).strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise StackFault.encoding()
    try:
        return int(text)
    except ValueError:
        number = float(text)
        return int(number) if number.is_integer() else number


def _read_boolean(element: Element, trace: TraceBuilder) -> bool:
    text = _read_text(element, trace).strip().lower()
    if text in _FALSE:
        return False
    if text not in _TRUE:
        name = local_name(element)
        trace.warn("boolean", f"the text {text!r} of <{name}> is no boolean: any such text is read as true", name)
    return True
