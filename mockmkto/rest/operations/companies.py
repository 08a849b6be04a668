"""Companies."""

from __future__ import annotations

from mockmkto.engine.company_kinds import CompanyKind
from mockmkto.rest import objects
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered

__all__ = ["delete", "describe", "find", "sync"]


def describe(call: RestCall) -> Answered:
    """Their keys and fields."""
    return objects.describe(CompanyKind(call.world))


def find(call: RestCall) -> Answered:
    """Those with the values that are asked for. Raises RestError."""
    return objects.find(call, CompanyKind(call.world))


def sync(call: RestCall) -> Answered:
    """What became of each record. Raises RestError."""
    return objects.sync(call, CompanyKind(call.world))


def delete(call: RestCall) -> Answered:
    """What became of each record that is to go. Raises RestError."""
    return objects.delete(call, CompanyKind(call.world))
