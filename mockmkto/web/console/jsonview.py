"""What came or went over REST as HTML: JSON and forms pretty-printed, and raw, with what caused a warning marked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup, escape

from mockmkto.model import Warning
from mockmkto.web.console.rendering import visible
from mockmkto.web.console.xmlview import MOST_SHOWN, Shown

__all__ = ["show"]

_DEEPEST = 60

_Marks = Mapping[str, tuple[int, str]]


class _Number(str):
    """A number as it was written: 34.66 stays that, and so does 1e400."""

    __slots__ = ()


def show(content: bytes, warnings: Iterable[Warning] = (), query: str = "") -> Shown:
    """Both views of a body; the parameters of the query may be marked, too."""
    marks = _marks(warnings)
    text = content.decode("utf-8", "replace")
    cut = len(text) > MOST_SHOWN
    placed: set[int] = {marks[name][0] for name, _ in parse_qsl(query, keep_blank_values=True) if name in marks}
    broken: str | None = None
    pretty: Markup | None = None
    if text.strip() and not cut:
        if text.lstrip()[:1] in ("{", "["):
            try:
                read = json.loads(text, parse_float=_Number, parse_int=_Number, object_pairs_hook=_Members)
                pretty = Markup("").join(_value(read, 0, marks, placed))
            except (ValueError, RecursionError) as error:
                said = error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"
                at = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
                broken = f"This is no JSON: {said}{at}."
        elif "=" in text and "\n" not in text:
            pretty = Markup("\n").join(_pairs(text, marks, placed))
    return Shown(visible(text[:MOST_SHOWN]), pretty, broken, len(content), cut, frozenset(placed))


class _Members(list[tuple[str, Any]]):
    """The members of an object as they were written, one that is there twice included."""


def _marks(warnings: Iterable[Warning]) -> dict[str, tuple[int, str]]:
    marks: dict[str, tuple[int, str]] = {}
    for number, warning in enumerate(warnings, 1):
        if warning.element is not None:
            marks.setdefault(warning.element, (number, warning.message))
    return marks


def _value(value: Any, depth: int, marks: _Marks, placed: set[int]) -> Iterator[Markup]:
    if isinstance(value, _Members):
        members = [_name(name, marks, placed) + _joined(item, depth + 1, marks, placed) for name, item in value]
        yield from _block("{", members, "}", depth)
    elif isinstance(value, list):
        yield from _block("[", [_joined(item, depth + 1, marks, placed) for item in value], "]", depth)
    elif isinstance(value, str) and not isinstance(value, _Number):
        yield Markup('<span class="x-v">{}</span>').format(visible(json.dumps(value, ensure_ascii=False)))
    else:
        word = {None: "null", True: "true", False: "false"}.get(value, value) if not isinstance(value, str) else value
        yield Markup('<span class="x-n">{}</span>').format(word)


def _joined(value: Any, depth: int, marks: _Marks, placed: set[int]) -> Markup:
    return Markup("").join(_value(value, depth, marks, placed))


def _block(opens: str, items: list[Markup], closes: str, depth: int) -> Iterator[Markup]:
    yield _sign(opens)
    if items:
        indent = escape("  " * min(depth + 1, _DEEPEST))
        yield Markup("\n") + Markup('<span class="x-p">,</span>\n').join(indent + item for item in items)
        yield Markup("\n") + escape("  " * min(depth, _DEEPEST))
    yield _sign(closes)


def _sign(text: str) -> Markup:
    return Markup('<span class="x-p">{}</span>').format(text)


def _name(name: str, marks: _Marks, placed: set[int]) -> Markup:
    shown = Markup('<span class="x-t">{}</span>').format(visible(json.dumps(name, ensure_ascii=False)))
    return _marked(name, shown, marks, placed) + _sign(": ")


def _pairs(text: str, marks: _Marks, placed: set[int]) -> Iterator[Markup]:
    for name, value in parse_qsl(text, keep_blank_values=True):
        shown = Markup('<span class="x-t">{}</span>').format(visible(name))
        yield _marked(name, shown, marks, placed) + Markup(
            ' <span class="x-p">=</span> <span class="x-v">{}</span>'
        ).format(visible(value))


def _marked(name: str, shown: Markup, marks: _Marks, placed: set[int]) -> Markup:
    mark = marks.get(name)
    if mark is None:
        return shown
    placed.add(mark[0])
    return Markup('<mark title="{}">{}<sup>{}</sup></mark>').format(mark[1], shown, mark[0])
