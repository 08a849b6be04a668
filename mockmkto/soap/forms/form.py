"""A form: the arguments of an operation as a person gives them, and the request that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lxml import etree
from msgspec import Struct

from mockmkto.soap.composing import envelope, members

__all__ = ["Argument", "Form", "FormError", "Given", "Tree", "request_of"]

_XSI = "http://www.w3.org/2001/XMLSchema-instance"


class FormError(ValueError):
    """What was given makes no request; the text says what is missing, by the arguments' names."""


class Argument(Struct, frozen=True):
    """One thing that can be given. `many`: several times; `switch`: there or not; `pair`: NAME=VALUE."""

    name: str
    help: str
    metavar: str = "TEXT"
    many: bool = False
    switch: bool = False
    pair: bool = False
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """`--campaign-id`."""
        return "--" + self.name.replace("_", "-")


Given = Mapping[str, Any]
"""By the arguments' names: a text, a bool for a switch, a list where there may be many, pairs as tuples."""

Tree = Sequence[tuple[str, Any]]
"""Elements in their order: a name, and a text, a tree, or `None` for what is left out. `@` gives the xsi:type."""


class Form(Struct, frozen=True):
    """An operation, as a person calls it."""

    operation: str
    summary: str
    arguments: tuple[Argument, ...]
    build: Callable[[Given], Tree]
    example: str

    @property
    def element(self) -> str:
        """`paramsListOperation`."""
        return f"params{self.operation[0].upper()}{self.operation[1:]}"


def request_of(form: Form, given: Given) -> bytes:
    """The envelope of a request, not signed yet.

    Raises:
        FormError: something is missing, or does not go together.
        ValueError: a value that no XML can carry.
    """
    root, params = envelope(form.element)
    _grow(params, form.build(given))
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _grow(parent: etree._Element, tree: Tree) -> None:
    for name, content in tree:
        if name == "@":
            parent.set(f"{{{_XSI}}}type", f"ns1:{content}")
        elif isinstance(content, str):
            members(parent, [(name, content)])
        elif content is not None:
            _grow(etree.SubElement(parent, name), content)
