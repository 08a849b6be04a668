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

__all__ = ["KEY_NAMES", "said", "selector_from", "selector_said", "strings_from"]


KEY_NAMES = {"IDNUM": Key.ID.value, "EMAIL": Key.EMAIL.value, "COOKIE": Key.COOKIE.value}
"""What a key type is called among the keys of a lead."""


def selector_from(selector: Any) -> LeadSelector | None:
    """Which leads are meant; `None` when there is no selector."""
    match selector:
        case None:
            return None
        case types.LeadKeySelector():
            values = strings_from(selector.keyValues) if selector.keyValues is not None else None
            return LeadKeySelector(selector.keyType, values, selector.guessed)
        case types.StaticListSelector():
            return StaticListSelector(selector.staticListName, selector.staticListId, selector.guessed)
        case types.LastUpdateAtSelector():
            return LastUpdateAtSelector(selector.oldestUpdatedAt, selector.latestUpdatedAt, selector.guessed)
        case _:
            return EmptySelector()


def strings_from(array: Any) -> tuple[str, ...]:
    """The texts of an ArrayOfString."""
    return tuple(item or "" for item in array.stringItem) if array is not None else ()


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
            members = {"keyType": selector.keyType, "keyValues": ", ".join(strings_from(selector.keyValues)[:100])}
        case types.StaticListSelector():
            members = {"staticListName": selector.staticListName, "staticListId": selector.staticListId}
        case types.LastUpdateAtSelector():
            members = {"oldestUpdatedAt": selector.oldestUpdatedAt, "latestUpdatedAt": selector.latestUpdatedAt}
    return {name: str(value) for name, value in members.items() if value not in (None, "")}
