"""A world as the text of a fixture, in YAML or JSON: piece by piece, so that it can be done beside calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from mockmkto.giving_way import LongWork
from mockmkto.worlds.exporting import Export
from mockmkto.worlds.schema import WorldEntry

__all__ = ["as_json", "as_yaml", "json_pieces", "yaml_pieces"]

_PIECE = 1 << 16  # characters of a piece


def as_yaml(value: object) -> bytes:
    """A fixture in YAML, in UTF-8: values stand as they are, in quotes only where YAML needs them."""
    return "".join(f"{line}\n" for line in _lines(msgspec.to_builtins(value), "")).encode()


def as_json(value: object) -> bytes:
    """A fixture, or what is to be read as one, in JSON that YAML reads alike: nothing but ASCII."""
    return _json(msgspec.to_builtins(value)).encode("ascii")


def yaml_pieces(export: Export) -> Iterator[bytes]:
    """What `as_yaml` gives, of all that is exported."""
    return _pieces(_yaml(export))


def json_pieces(export: Export) -> Iterator[bytes]:
    """What `as_json` gives, of all that is exported."""
    return _pieces(_json_of(export))


def _pieces(texts: Iterator[str]) -> Iterator[bytes]:
    """The texts in pieces of some length; between two of them long work gives way."""
    work = LongWork()
    waiting: list[str] = []
    length = 0
    for text in texts:
        waiting.append(text)
        length += len(text)
        if length >= _PIECE:
            yield "".join(waiting).encode()
            waiting, length = [], 0
        work.give_way()
    yield "".join(waiting).encode()


def _members(export: Export) -> Iterator[tuple[str, object]]:
    """What the fixture says, by name, in the order of `WorldEntry`; a list as what yields its items, if it has any."""
    for field in msgspec.structs.fields(WorldEntry):
        value = getattr(export.entry, field.name)
        items = export.many.get(field.name, iter(value) if isinstance(value, list) else None)
        if items is None:
            if value is not None:
                yield field.encode_name, msgspec.to_builtins(value)
            continue
        first = next(items, None)
        if first is not None:
            yield field.encode_name, _plain(first, items)
        elif value is not None:
            yield field.encode_name, []


def _plain(first: object, others: Iterator[object]) -> Iterator[object]:
    yield msgspec.to_builtins(first)
    for item in others:
        yield msgspec.to_builtins(item)


# ---------------------------------------------------------------------------------------------------------------------
# JSON


def _json_of(export: Export) -> Iterator[str]:
    before = "{\n"
    for name, value in _members(export):
        yield f"{before} {json.dumps(name)}: "
        before = ",\n"
        if not isinstance(value, Iterator):
            yield _moved_in(value, 1)
            continue
        sign = "["
        for item in value:
            yield f"{sign}\n  {_moved_in(item, 2)}"
            sign = ","
        yield "\n ]"
    yield "{}" if before == "{\n" else "\n}"


def _moved_in(value: object, by: int) -> str:
    return _json(value).replace("\n", "\n" + " " * by)  # of a text's own ends of lines none is left


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, indent=1).replace("\x7f", "\\u007f")


# ---------------------------------------------------------------------------------------------------------------------
# YAML


def _yaml(export: Export) -> Iterator[str]:
    for name, value in _members(export):
        if isinstance(value, Iterator):
            yield f"{_scalar(name)}:\n"
            for item in value:
                yield "".join(f"{line}\n" for line in _lines([item], ""))
        else:
            yield "".join(f"{line}\n" for line in _entry(f"{_scalar(name)}:", value, ""))


# What YAML reads as this very text without quotes: no sign at the beginning that means something, no `: `, no ` #`.
_PLAIN = re.compile(r"[\w/+.](?:[\w/+.@&,()'=;!*% -]|:(?=\S))*(?<! )")
_NOT_PLAIN = frozenset(("~", "null", ""))


def _lines(value: object, indent: str) -> Iterator[str]:
    """The lines of a mapping or a list, in block style, behind the line that names it."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _entry(f"{indent}{_scalar(name)}:", item, indent)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and item:
                first, *rest = _lines(item, f"{indent}  ")
                yield f"{indent}- {first[len(indent) + 2 :]}"
                yield from rest
            else:
                yield f"{indent}- {_scalar(item)}"


def _entry(head: str, item: object, indent: str) -> Iterator[str]:
    if isinstance(item, dict | list) and item:
        yield head
        # A list stands below its name, a mapping is moved in.
        yield from _lines(item, indent if isinstance(item, list) else f"{indent}  ")
    else:
        yield f"{head} {_scalar(item)}"


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.fullmatch(value) and value.isprintable() and value not in _NOT_PLAIN:
        return value
    return _quoted(value, ascii_only=not value.isprintable())


def _quoted(text: str, *, ascii_only: bool) -> str:
    """A text in double quotes, as JSON writes it and YAML reads it."""
    return json.dumps(text, ensure_ascii=ascii_only).replace("\x7f", "\\u007f")
