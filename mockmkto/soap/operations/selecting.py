"""A leadSelector of a request, for the operations that take one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.lookup import KEY_TYPES
from mockmkto.model import Key, RequestFields
from mockmkto.model.reads import (
    EmptySelector,
    LastUpdateAtSelector,
    LeadKeySelector,
    LeadSelector,
    StaticListSelector,
)
from mockmkto.soap import types
from mockmkto.soap.operations.mapping import strings_from

__all__ = ["said", "selector_from", "selector_said"]


def selector_from(selector: Any) -> LeadSelector | None:
    """Which leads are meant; `None` when there is no selector."""
    match selector:
        case None:
            return None
        case types.LeadKeySelector():
            return LeadKeySelector(selector.keyType, strings_from(selector.keyValues), selector.guessed)
        case types.StaticListSelector():
            return StaticListSelector(selector.staticListName, selector.staticListId, selector.guessed)
        case types.LastUpdateAtSelector():
            return LastUpdateAtSelector(selector.oldestUpdatedAt, selector.latestUpdatedAt, selector.guessed)
        case _:
            return EmptySelector()


def said(members: Mapping[str, Any]) -> RequestFields:
    """What a request said, as texts: keys of leads are keys, everything else stands with what can be searched for."""
    texts = {name: str(value) for name, value in members.items() if value not in (None, "")}
    keys = {name: text for name, text in texts.items() if name in _KEYS}
    return RequestFields(keys, {name: text for name, text in texts.items() if name not in keys})


_KEYS = frozenset((*(key.value for key in Key), *KEY_TYPES))


def selector_said(selector: Any) -> dict[str, str]:
    """What a selector said, as texts: for the journal, and for the rules that look at it."""
    members: dict[str, Any] = {}
    match selector:
        case types.LeadKeySelector():
            members = {
                "keyType": selector.keyType,
                "keyValues": ", ".join((strings_from(selector.keyValues) or ())[:100]),
            }
        case types.StaticListSelector():
            members = {"staticListName": selector.staticListName, "staticListId": selector.staticListId}
        case types.LastUpdateAtSelector():
            members = {"oldestUpdatedAt": selector.oldestUpdatedAt, "latestUpdatedAt": selector.latestUpdatedAt}
    return {name: str(value) for name, value in members.items() if value not in (None, "")}
