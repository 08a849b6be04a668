"""Has the schemas of the bodies say what the server checks beyond their types: characters, names, and choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec

from mockmkto.model import Effect, FieldType, ForeignSysType
from mockmkto.settings import SWITCHES
from mockmkto.worlds.faults import AT_LEAST, MAX_COUNT, MAX_DELAY

__all__ = ["TEXT", "may_be_missing", "tighten"]

# What an XML answer, YAML and a log can carry: what `reading.check_text` refuses is left out.
TEXT = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]*$"
_SPACE = r"\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # as Python strips it
_NAME = rf"^[^{_SPACE}]([\s\S]*[^{_SPACE}])?$"  # without space around it
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_FILTER = r"^[^:]+:[\s\S]*$"  # NAME:VALUE

_NAMED = (
    ("NewField", "name"),
    ("NewPartition", "name"),
    ("NewWorkspace", "name"),
    ("NewOpportunity", "company"),
    ("AssignmentRuleEntry", "name"),
)
_DATED = (("NewProgram", "start"), ("NewProgram", "end"))
_CHOSEN: Mapping[tuple[str, str], type[Enum]] = {
    ("NewField", "type"): FieldType,
    ("ChangedField", "type"): FieldType,
    ("NewFault", "effect"): Effect,
    ("NewForeignId", "type"): ForeignSysType,
}
_BETWEEN: Mapping[tuple[str, str], tuple[float, float]] = {
    **{("NewFault", member): (least, MAX_COUNT) for member, least in AT_LEAST.items()},
    ("NewFault", "share"): (0, 1),
    ("NewFault", "status"): (100, 599),
    ("NewFault", "delay"): (0, MAX_DELAY),
}
_NOT_EMPTY = (("NewLead", "cookies"), ("ChangedLead", "cookies"))
_OTHERWISE = ("17m", "17", "true", "ON", "")  # a switch that takes one of these takes more than its choices


def may_be_missing(kind: type[msgspec.Struct] | None) -> bool:
    """Whether a request needs no body: an empty one is as if `{}` came, and an empty fixture is one."""
    if kind is None:
        return True
    try:
        msgspec.convert({}, kind)
    except msgspec.ValidationError:
        return False
    return True


def tighten(components: dict[str, Any], bodies: Iterable[str]) -> None:
    """Change the schemas that the bodies of these names lead to. Those that take any text are not among them."""
    for (name, member), choices in _CHOSEN.items():
        _string_of(components[name]["properties"][member])["enum"] = [item.value for item in choices]
    for name, member in _NAMED:
        _string_of(components[name]["properties"][member])["pattern"] = _NAME
    for name, member in _DATED:
        _string_of(components[name]["properties"][member])["pattern"] = _DATE
    for (name, member), (least, most) in _BETWEEN.items():
        for part in _parts(components[name]["properties"][member]):
            if part.get("type") in ("integer", "number"):
                part |= {"minimum": least, "maximum": most}
    for name, member in _NOT_EMPTY:
        _string_of(components[name]["properties"][member])["minLength"] = 1
    for switch in SWITCHES:
        if not any(_takes(switch.parse, text) for text in _OTHERWISE):
            _string_of(components["NewSwitches"]["properties"][switch.name])["enum"] = list(switch.choices)
    for name in _reached(components, bodies):
        for schema in _parts(components[name]):
            _tell_characters(schema)


def _tell_characters(schema: dict[str, Any]) -> None:
    if schema.get("type") == "string" and not schema.keys() & {"enum", "const", "format"}:
        if "pattern" in schema:
            schema["allOf"] = [{"pattern": TEXT}]
        else:
            schema["pattern"] = TEXT
    if schema.get("type") == "object" and schema.get("additionalProperties"):
        schema["propertyNames"] = {"pattern": TEXT}


def _takes(parse: Any, text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _string_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Where a member is a text: itself, or one of what it may be."""
    return next(part for part in _parts(schema) if part.get("type") == "string")


def _parts(schema: object) -> Iterator[dict[str, Any]]:
    """A schema, and every schema in it."""
    if isinstance(schema, dict):
        yield schema
        for value in list(schema.values()):
            yield from _parts(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _parts(item)


def _reached(components: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    to_do = list(names)
    while to_do:
        name = to_do.pop()
        if name not in found:
            found.add(name)
            to_do += [part["$ref"].rpartition("/")[2] for part in _parts(components[name]) if "$ref" in part]
    return found
