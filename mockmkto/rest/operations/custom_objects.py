"""Custom objects: the types, and the records of each."""

from __future__ import annotations

from mockmkto.engine.custom_kinds import CustomKind, custom_kind, custom_kinds
from mockmkto.rest import objects
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered

__all__ = ["delete", "describe", "find", "list_types", "sync"]


def list_types(call: RestCall) -> Answered:
    """Every type, or those that `names` lists."""
    wanted = {name.casefold() for name in call.parameters.texts("names")}
    kinds = custom_kinds(call.world)
    return Answered([objects.summary(kind) for kind in kinds if not wanted or kind.name.casefold() in wanted])


def describe(call: RestCall) -> Answered:
    """The keys and fields of a type. Raises RestError."""
    return objects.describe(_kind(call))


def find(call: RestCall) -> Answered:
    """Records of a type. Raises RestError."""
    return objects.find(call, _kind(call))


def sync(call: RestCall) -> Answered:
    """What became of each record. Raises RestError."""
    return objects.sync(call, _kind(call))


def delete(call: RestCall) -> Answered:
    """What became of each record that is to go. Raises RestError."""
    return objects.delete(call, _kind(call))


def _kind(call: RestCall) -> CustomKind:
    return custom_kind(call.world, call.pieces["type"], call.trace)
