"""YAML (and so JSON) to plain text, lists and mappings: every scalar as it is written, and the line of each.

Values keep their spelling: `Country: NO` is the text NO and `id: 0123` the text 0123; the schema says what is a number.
Events are read one by one, without recursion, so that neither depth nor aliases can make a small file a large world.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import yaml
from msgspec import Struct

from mockmkto.unseen import NOT_XML
from mockmkto.worlds.problems import FixtureError, Location, Problem

__all__ = ["Document", "Plain", "at"]

Plain = str | None | list["Plain"] | dict[str, "Plain"]

MAX_DEPTH = 32  # a fixture needs seven
_TOO_DEEP = f"expected no more than {MAX_DEPTH} levels"
_LONG_ROOT = 1000  # items of a list in the place of a document, which nobody need read to its end
MAX_VALUES = 5_000_000  # after aliases are followed

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml, ten times as fast, where PyYAML has it
_NULLS = frozenset(("", "~", "null"))
_ALLOWED_TAGS = frozenset((None, "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"))
# JSON writes what lies outside the first 65,536 characters as two escapes; YAML takes each for a character of its own.
_SURROGATE_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


def at(plain: Plain, location: Location) -> Plain:
    """What stands at a place of what a document says; `None` when nothing does."""
    for step in location:
        if isinstance(plain, dict) and isinstance(step, str):
            plain = plain.get(step)
        elif isinstance(plain, list) and isinstance(step, int) and step < len(plain):
            plain = plain[step]
        else:
            return None
    return plain


class Document:
    """One file, read. `plain` is what it says; `problem` and `error` put the line to a place in it."""

    def __init__(self, name: str, content: str | bytes, most_values: int = MAX_VALUES) -> None:
        """Read it.

        Raises:
            FixtureError: not UTF-8, not YAML, a key twice, a tag, more than one document, or too large a world.
        """
        self.name = name
        self.moved: Callable[[Location], Location] = lambda location: location  # where it stood, in what was mended
        text = _decode(name, content) if isinstance(content, bytes) else content
        self._text = _SURROGATE_PAIR.sub(_join_pair, text) if "\\u" in text else text
        try:
            self.plain: Plain = _Builder(name, most_values).build(yaml.parse(self._text, Loader=_LOADER))
        except UnicodeEncodeError as error:  # half a surrogate pair, in a text that never was UTF-8
            line = self._text.count("\n", 0, error.start) + 1
            raise FixtureError([Problem(name, line, (), "expected text that UTF-8 can carry")]) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = "not YAML: " + ", ".join(part for part in (error.context, error.problem) if part)
            if "nesting depth" in what:  # newer ones of libyaml have a bound, too, and meet it while they look ahead
                what = _TOO_DEEP
            raise FixtureError([Problem(name, mark.line + 1 if mark else None, (), what)]) from None
        except yaml.reader.ReaderError as error:
            line = self._text.encode().count(b"\n", 0, error.position) + 1
            raise FixtureError([Problem(name, line, (), f"not YAML: {error.reason}")]) from None

    def problem(self, location: Location, message: str) -> Problem:
        """A problem at that place, with its line; of a place that is not there, the nearest above it."""
        return self.problems([(self.moved(location), message)])[0]

    def problems(self, found: Sequence[tuple[Location, str]]) -> list[Problem]:
        """Several, at places that were `moved`: to find their lines takes as long as to read the document, for all."""
        lines = self._lines_of([location for location, _ in found])
        return [Problem(self.name, lines[location], location, message) for location, message in found]

    def error(self, location: Location, message: str) -> FixtureError:
        """One problem, to be raised."""
        return FixtureError([self.problem(location, message)])

    def at(self, location: Location) -> Plain:
        """What stands at that place; `None` when nothing does."""
        return at(self.plain, location)

    def _lines_of(self, wanted: Sequence[Location]) -> dict[Location, int]:
        """The line of each place. Only an error needs them: what knows all lines costs several times the document."""
        finder = _LineFinder(wanted)
        for event in yaml.parse(self._text, Loader=_LOADER):
            if finder.sees_all(event):
                break
        return finder.lines


class _LineFinder:
    """Follows the events of a document along the ways to some places."""

    def __init__(self, wanted: Iterable[Location]) -> None:
        self.lines = dict.fromkeys(wanted, 1)
        self._left = set(self.lines)
        self._on_the_way = {location[:length] for location in self.lines for length in range(len(location) + 1)}
        self._open: list[_Way | None] = []  # collections; `None`: nothing that is wanted can be in it

    def sees_all(self, event: yaml.Event) -> bool:
        """Look at the next event; whether there is nothing more to be found."""
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._open.pop()
        elif isinstance(event, (yaml.NodeEvent)):
            way = self._open[-1] if self._open else None
            inside: _Way | None = None
            if way is None and not self._open:
                inside = self._found((), event)
            elif way is not None:
                inside = self._follow(way, event)
            if isinstance(event, yaml.CollectionStartEvent):
                if inside is not None:
                    inside.is_list = isinstance(event, yaml.SequenceStartEvent)
                self._open.append(inside)
        return not self._left

    def _follow(self, way: _Way, event: yaml.NodeEvent) -> _Way | None:
        if way.is_list:
            way.count += 1
            return self._found((*way.location, way.count - 1), event)
        if way.key is None:
            way.key = event
            return None
        key, way.key = way.key, None
        return self._found((*way.location, key.value if isinstance(key, yaml.ScalarEvent) else ""), key)

    def _found(self, location: Location, event: yaml.NodeEvent) -> _Way | None:
        if location not in self._on_the_way:
            return None
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        for place in self.lines:
            if place[: len(location)] == location:
                self.lines[place] = line
        self._left.discard(location)
        return _Way(location)


class _Way(Struct):
    """A collection on the way to a place that is wanted."""

    location: Location
    is_list: bool = False
    count: int = 0
    key: yaml.NodeEvent | None = None


class _Open(Struct):
    """A list or mapping whose end has not come yet. `key` is a mapping's, once it was read and its value was not."""

    value: list[Plain] | dict[str, Plain]
    location: Location
    anchor: str | None
    values_before: int
    key: str | None = None


class _Builder:
    """Plain values from YAML events."""

    def __init__(self, name: str, most_values: int) -> None:
        self._name = name
        self._most_values = most_values
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Plain, int]] = {}  # the value, and how many values it is made of
        self._opened_anchors: set[str] = set()
        self._values = 0
        self._root: Plain = None
        self._documents = 0

    def build(self, events: Iterable[yaml.Event]) -> Plain:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                value = self._scalar(event)
                self._add(event, value)
                if event.anchor is not None:
                    self._anchors[event.anchor] = value, 1
            elif isinstance(event, yaml.MappingStartEvent):
                self._open(event, {})
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open(event, [])
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                closed = self._stack.pop()
                if closed.anchor is not None:
                    self._anchors[closed.anchor] = closed.value, self._values - closed.values_before
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise self._error(event, "expected one document, got another after '---'")
        return self._root

    def _scalar(self, event: yaml.ScalarEvent) -> str | None:
        text: str = event.value
        self._check_node(event)
        # An escape in a quoted text can make characters that no XML, and so no answer, can carry.
        if event.style == '"' and NOT_XML.search(text):
            raise self._error(event, "expected text that an XML answer can carry, got a control character")
        if event.implicit[0] and event.tag is None and text in _NULLS:
            return None
        return text

    def _open(self, event: yaml.CollectionStartEvent, value: list[Plain] | dict[str, Plain]) -> None:
        self._check_node(event)
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(event, _TOO_DEEP)
        location, before = self._location(), self._values
        self._add(event, value)
        self._stack.append(_Open(value, location, event.anchor, before))

    def _alias(self, event: yaml.AliasEvent) -> None:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            raise self._error(event, f"expected an anchor that was closed before, got *{event.anchor}")
        self._add(event, known[0], known[1])

    def _add(self, event: yaml.Event, value: Plain, count: int = 1) -> None:
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            if not isinstance(value, str):
                raise self._error(event, "expected a key that is text")
            if value in self._stack[-1].value:
                raise self._error(event, f"the key {value!r} is given twice")
            self._stack[-1].key = value
        elif self._stack:
            top = self._stack[-1]
            if isinstance(top.value, dict):
                assert top.key is not None
                top.value[top.key] = value
                top.key = None
            else:
                top.value.append(value)
                if value is not None and len(self._stack) == 1 and len(top.value) > _LONG_ROOT:
                    raise FixtureError([Problem(self._name, 1, (), "expected a mapping of keys to values, got a list")])
        else:
            self._root = value
        self._values += count
        if self._values > self._most_values:
            raise self._error(event, f"expected no more than {self._most_values:,} values, aliases followed")

    def _check_node(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag not in _ALLOWED_TAGS:
            raise self._error(event, f"expected no tag, got {event.tag}")
        if event.anchor is not None:
            if event.anchor in self._opened_anchors:
                raise self._error(event, f"the anchor &{event.anchor} is given twice")
            self._opened_anchors.add(event.anchor)

    def _location(self) -> Location:
        """Where the next value will stand."""
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.value, list):
            return (*top.location, len(top.value))
        return (*top.location, top.key) if top.key is not None else top.location

    def _error(self, event: yaml.Event, message: str) -> FixtureError:
        line = event.start_mark.line + 1 if event.start_mark is not None else None
        return FixtureError([Problem(self._name, line, self._location(), message)])


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FixtureError([Problem(name, line, (), "expected text in UTF-8")]) from None


def _join_pair(match: re.Match[str]) -> str:
    high, low = int(match[2], 16), int(match[3], 16)
    return match[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
