"""Between the wire and the engine: what the families map alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mockmkto.model import Attribute
from mockmkto.soap import types
from mockmkto.soap.writing import build

__all__ = ["attributes", "attributes_from", "moment", "strings", "strings_from"]


def attributes_from(listed: Any) -> tuple[Attribute, ...] | None:
    """The attributes of an `ArrayOfAttribute`; `None` where it is not there."""
    if listed is None:
        return None
    return tuple(Attribute(item.attrName, item.attrValue, item.attrType) for item in listed.attribute)


def attributes(given: Iterable[Attribute]) -> Any:
    """An `ArrayOfAttribute`."""
    return build(
        types.ArrayOfAttribute,
        attribute=[
            build(types.Attribute, attrName=item.name, attrType=item.type, attrValue=item.value) for item in given
        ],
    )


def strings_from(listed: Any) -> tuple[str, ...] | None:
    """The texts of an `ArrayOfString`, a nil one empty; `None` where it is not there."""
    return tuple(item or "" for item in listed.stringItem) if listed is not None else None


def strings(given: Iterable[str]) -> Any:
    """An `ArrayOfString`."""
    return build(types.ArrayOfString, stringItem=list(given))


def moment(at: datetime | None) -> str | None:
    """A time as answers show it (captured): in whole seconds, with a numeric offset, never `Z`."""
    return at.isoformat(timespec="seconds") if at is not None else None
