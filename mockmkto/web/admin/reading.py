"""Reads a body or a query into its type, strictly; what does not fit is said in words, with the nearest known name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from mockmkto.unseen import NOT_XML
from mockmkto.web.admin.problems import Wrong, show, wrong
from mockmkto.worlds.schema import nearest

__all__ = ["NAME_PATTERN", "check_text", "read_body", "read_query"]

_S = TypeVar("_S", bound=msgspec.Struct)

NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"  # of what can be a file's name, too

_PLACE = re.compile(r" - at `(?P<key>key in )?\$(?P<place>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])")
_UNKNOWN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `(.*)`", re.DOTALL)
_EXPECTED = re.compile(r"^Expected (.*?)(?:, got `([^`]*)`)?$", re.DOTALL)
_INVALID = re.compile(r"^Invalid ([a-z ]+)")
_KINDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "datetime": "a time such as 2026-03-14T09:26:53Z",
}
# What a pattern means, for a person.
_PATTERNS = {NAME_PATTERN: "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"}
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def read_body(raw: bytes, kind: type[_S]) -> _S:
    """The body as its type; an empty one is as if `{}` came.

    Raises:
        ProblemError: it is not JSON, or not of this type.
    """
    try:
        plain: object = msgspec.json.decode(raw) if raw.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise wrong(Wrong("body", "JSON", _HALF if _has_half_a_character(raw) else f"{error}")) from None
    except RecursionError:
        raise wrong(Wrong("body", "JSON of a reasonable depth", "something deeper")) from None
    if not getattr(kind, "takes_any_text", False):
        check_text(plain, "body")
    return _convert(plain, kind, "body")


_HALF = "a text with one half of a character alone, such as \\ud800"


def _has_half_a_character(raw: bytes) -> bool:
    """Whether what was taken for the end of the text is an escape that needs a second one behind it."""
    try:
        json.dumps(json.loads(raw), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False


def read_query(values: Mapping[str, list[str]], kind: type[_S]) -> _S:
    """The query as its type: numbers and booleans are read from their texts.

    Raises:
        ProblemError: a parameter is not known, is given twice, or is not of its type.
    """
    plain: dict[str, object] = {}
    types = _query_types(kind)
    for name, texts in values.items():
        check_text(texts, f"query.{name}")
        expected = types.get(name)
        if expected is list:
            plain[name] = texts
            continue
        if len(texts) > 1 and expected is not None:
            raise wrong(Wrong(f"query.{name}", "the parameter once", f"{len(texts)} of it"))
        plain[name] = _plain(texts[0], expected)
    return _convert(plain, kind, "query")


def check_text(value: object, where: str) -> None:
    """Refuse a text that no XML answer, no YAML and no log could carry.

    Raises:
        ProblemError: a control character, in a value or in a name.
    """
    if isinstance(value, str):
        if NOT_XML.search(value):
            raise wrong(Wrong(where, "text that an XML answer can carry", f"a control character in {show(value)}"))
    elif isinstance(value, dict):
        for name, item in value.items():
            check_text(name, where)
            check_text(item, f"{where}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_text(item, f"{where}[{index}]")


@cache
def _query_types(kind: type[msgspec.Struct]) -> dict[str, type]:
    """The one plain type of each parameter."""
    hints = get_type_hints(kind)
    return {item.encode_name: _plain_type(hints[item.name]) for item in msgspec.structs.fields(kind)}


def _plain_type(annotation: Any) -> type:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return _plain_type(next(item for item in get_args(annotation) if item is not NoneType))
    if origin in (list, tuple):
        return list
    return annotation if isinstance(annotation, type) else str


def _plain(text: str, expected: type | None) -> object:
    if expected is bool:
        return {"true": True, "false": False}.get(text, text)
    if expected is int and _INTEGER.fullmatch(text):
        return int(text)
    return text


def _convert(plain: object, kind: type[_S], root: str) -> _S:
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise wrong(_explained(str(error), plain, kind, root)) from None
    except (OverflowError, ValueError):  # a time that no calendar has
        raise wrong(Wrong(root, "values within their bounds", "one that is not")) from None


def _explained(text: str, plain: object, kind: type[msgspec.Struct], root: str) -> Wrong:
    """Msgspec's message, said for a person."""
    steps: list[str | int] = []
    value: object = plain
    where = root
    if place := _PLACE.search(text):
        text = text[: place.start()]
        for name, index, _ in _STEP.findall(place["place"]):
            if index:
                where += f"[{index}]"
                value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
                steps.append(int(index))
            elif name:
                where += f".{name}"
                value = value.get(name) if isinstance(value, dict) else None
                steps.append(name)
            elif isinstance(value, dict):  # a value of a free mapping: msgspec does not say which
                break
    if unknown := _UNKNOWN.search(text):
        known = _names_at(kind, steps)
        name = unknown[1]
        what = "a parameter" if root == "query" else "a key"
        return Wrong(
            f"{where}.{name}", f"{what} that is known: {', '.join(known) or 'none'}{nearest(name, known)}", show(name)
        )
    if missing := _MISSING.search(text):
        return Wrong(f"{where}.{missing[1]}", "the key, which is required", "nothing")
    if expected := _EXPECTED.match(text):
        return Wrong(where, _in_words(expected[1]), show(value))
    if _INVALID.match(text):
        choices = _choices_at(kind, steps)
        return Wrong(where, choices or _KINDS["datetime"], show(value))
    return Wrong(where, text, show(value))


def _in_words(text: str) -> str:
    if "timezone" in text:
        return "a time with an offset, such as 2026-03-14T09:26:53Z"
    for pattern, words in _PATTERNS.items():
        if pattern in text:
            return words
    if quoted := re.match(r"^`([a-z| ]+)`(.*)$", text, re.DOTALL):
        kinds = [_KINDS.get(item.strip(), item.strip()) for item in quoted[1].split("|")]
        return " or ".join(kinds) + quoted[2]
    return text


def _choices_at(kind: type[msgspec.Struct], steps: list[str | int]) -> str:
    import enum

    annotation = _annotation_at(kind, steps)
    for item in _flat(annotation):
        if isinstance(item, type) and issubclass(item, enum.Enum):
            return "one of " + ", ".join(str(member.value) for member in item)
        if get_origin(item) is not None and str(get_origin(item)) == "typing.Literal":
            return "one of " + ", ".join(map(str, get_args(item)))
    return ""


def _annotation_at(kind: Any, steps: list[str | int]) -> Any:
    annotation: Any = kind
    for step in steps:
        if isinstance(step, str):
            struct = next((item for item in _flat(annotation) if _is_struct(item)), None)
            annotation = get_type_hints(struct).get(step) if struct is not None else None
    return annotation


def _names_at(kind: type[msgspec.Struct], steps: list[str | int]) -> list[str]:
    struct = next((item for item in _flat(_annotation_at(kind, steps)) if _is_struct(item)), None)
    return [item.encode_name for item in msgspec.structs.fields(struct)] if struct is not None else []


def _flat(annotation: Any) -> list[Any]:
    return [annotation, *(deeper for item in get_args(annotation) for deeper in _flat(item))]


def _is_struct(item: Any) -> bool:
    return isinstance(item, type) and issubclass(item, msgspec.Struct)
