"""What a request said, as the record of its call shows it: parameters, members of the body, its record or its few."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import msgspec

from mockmkto.model import RequestFields

__all__ = ["fields_of"]

_MOST_SHOWN = 50  # parameters, and values of one record
_MOST_RECORDS = 20  # of a request are shown with what they say: of more, what each became is enough


def fields_of(parameters: Mapping[str, str], body: Any) -> RequestFields:
    """What was said: beside `input` the keys, of one record its values, of up to 20 those of each.

    A single record's `id` and `email` are there as `Id` and `Email`, too, by which calls of both APIs are found. What
    triggers a campaign has its tokens as the values.
    """
    said = dict(parameters)
    values: dict[str, str] = {}
    records: tuple[Mapping[str, str], ...] = ()
    if isinstance(body, dict):
        for name, value in body.items():
            if name != "input":
                said[name] = _shown(value)
        given = body.get("input")
        if isinstance(given, dict):
            values = _of_object(given)
        elif isinstance(given, list) and all(isinstance(record, dict) for record in given):
            if len(given) == 1:
                values = _texts(given[0])
            elif given:
                said["records"] = str(len(given))
                records = tuple(map(_texts, given)) if len(given) <= _MOST_RECORDS else ()
    for name, key in (("id", "Id"), ("email", "Email")):
        if name in values:
            said[key] = values[name]
    return RequestFields(dict(islice(said.items(), _MOST_SHOWN)), values, records)


def _texts(record: Mapping[str, Any]) -> dict[str, str]:
    return {name: _shown(value) for name, value in islice(record.items(), _MOST_SHOWN)}


def _of_object(given: Mapping[str, Any]) -> dict[str, str]:
    """The values of an `input` that is no list: a campaign's tokens by their names, everything else by its own."""
    values = {}
    for name, value in islice(given.items(), _MOST_SHOWN):
        if name == "tokens" and isinstance(value, list):
            for token in value[:_MOST_SHOWN]:
                if isinstance(token, dict) and "name" in token:
                    values[_shown(token["name"])] = _shown(token.get("value"))
        else:
            values[name] = _shown(value)
    return values


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
