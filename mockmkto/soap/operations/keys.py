"""The keys of leads between the wire and the engine, for the families that name leads by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockmkto.model import Attribute, Key, LeadKey, RequestFields
from mockmkto.soap import types
from mockmkto.soap.writing import build

__all__ = ["fields_said", "key_said", "lead_key", "lead_key_from", "lead_keys_from"]

# What a key type is called among the keys of a lead.
_KEY_OF_TYPE = {"IDNUM": Key.ID.value, "EMAIL": Key.EMAIL.value, "COOKIE": Key.COOKIE.value}


def lead_key_from(key: Any) -> LeadKey | None:
    """A `LeadKey`; `None` where it is not there."""
    return LeadKey(key.keyType, key.keyValue) if key is not None else None


def key_said(key: Any) -> dict[str, str | None]:
    """What a `LeadKey` says, by the name of a lead's key; nothing where it is not there."""
    return {_name_of(key.keyType): key.keyValue} if key is not None else {}


def lead_keys_from(listed: Any) -> tuple[LeadKey, ...] | None:
    """The keys of an `ArrayOfLeadKey`; `None` where it is not there."""
    if listed is None:
        return None
    return tuple(LeadKey(item.keyType, item.keyValue) for item in listed.leadKey)


def lead_key(key: LeadKey) -> Any:
    """A `LeadKey` as it was sent."""
    return build(types.LeadKey, keyType=key.key_type, keyValue=key.key_value)


def fields_said(
    said: Mapping[str, object | None], keys: tuple[LeadKey, ...] | None, attributes: Iterable[Attribute] = ()
) -> RequestFields:
    """What a request says, as texts; of the keys of its leads the first of each type, by the names of a lead's keys."""
    texts = {name: str(value) for name, value in said.items() if value not in (None, "")}
    for key in keys or ():
        if key.key_value:
            texts.setdefault(_name_of(key.key_type), key.key_value)
    return RequestFields(texts, {item.name: item.value for item in attributes if item.name and item.value is not None})


def _name_of(key_type: str | None) -> str:
    return _KEY_OF_TYPE.get(key_type or "", key_type or "")
