"""Plain values into structures, and msgspec's messages said for a reader of YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct

from mockmkto.worlds.entry import Entry
from mockmkto.worlds.findings import Findings
from mockmkto.worlds.mending import Mended
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.reading import Document, Plain
from mockmkto.worlds.words import near, nearest

__all__ = ["convert"]

_E = TypeVar("_E", bound=Entry)

_PLACE = re.compile(r" - at `\$(?P<place>[^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `(.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected `([a-z]+)")
_SECRET = {"credentials", "clients"}  # what stands under them may be a key
_PLAIN_KEY = re.compile("[A-Za-z_]+")  # `alice:SECRET` without a space is a key, too
_KINDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "array": "a list",
    "object": "a mapping of keys to values",
}


_MOST_MENDED = 30  # each is one more reading of the whole
# What nothing else in a fixture refers to: the rest can be judged without it.
_APART = frozenset(
    (
        "leads",
        "anonymous_leads",
        "faults",
        "clock",
        "limits",
        "behaviour",
        "time_zone",
        "next_id",
        "next_ids",
        "counted",
        "rest_counted",
    )
)


def convert(document: Document, plain: Plain, kind: type[_E], findings: Findings) -> _E:
    """What a document says, as a structure; as far as it can be read, where something is wrong.

    Raises:
        FixtureError: after what is wrong nothing else can be judged.
    """
    try:
        return msgspec.convert(plain, kind, strict=False)
    except msgspec.ValidationError as error:
        return _mended(document, Mended(plain), kind, findings, str(error))


def _mended(document: Document, mended: Mended, kind: type[_E], findings: Findings, text: str) -> _E:
    """What can be read beside all that is wrong.

    Raises:
        FixtureError: other things refer to something that cannot be read.
    """
    document.moved = mended.original
    apart = True
    for _ in range(_MOST_MENDED):
        wrong = _explained(document, mended, text, kind)
        if not (wrong.lacks and mended.was_touched(wrong.location)):
            findings.add(wrong.place, wrong.message)
        if wrong.meant is not None and mended.rename(wrong.location, wrong.key, wrong.meant):
            pass
        elif wrong.unknown:
            mended.leave_out((*wrong.location, wrong.key))
            apart = apart and _stands_apart(wrong.location, otherwise=True)
        else:
            apart = apart and _stands_apart(wrong.location, otherwise=False)
            if not mended.leave_out(wrong.location):
                break
        try:
            read = msgspec.convert(mended.plain, kind, strict=False)
        except msgspec.ValidationError as error:
            text = str(error)
            continue
        if not apart:
            break
        return read
    findings.raise_if_any()
    raise AssertionError("what was mended was wrong")


def _stands_apart(location: Location, *, otherwise: bool) -> bool:
    names = [step for step in location if isinstance(step, str) and step != "subscriptions"]
    return names[0] in _APART if names else otherwise


class _Wrong(Struct, frozen=True):
    """One thing that is wrong: what is said of it, and how it is mended."""

    location: Location
    message: str
    key: str = ""  # one that is unknown
    unknown: bool = False
    shown: bool = True
    meant: str | None = None
    lacks: bool = False

    @property
    def place(self) -> Location:
        """Where that is."""
        return (*self.location, self.key) if self.unknown and self.shown else self.location


def _explained(document: Document, mended: Mended, text: str, root: type[Entry]) -> _Wrong:
    location: Location = ()
    if place := _PLACE.search(text):
        location = tuple(key or int(index) for key, index in _STEP.findall(place["place"]))
        text = text[: place.start()]
    if unknown := _UNKNOWN.search(text):
        key = unknown[1]
        if not location and _keys_at(root, ()) == ["subscriptions"]:
            return _Wrong(
                (), "beside `subscriptions` no other key may stand: put it into one of them", key, unknown=True
            )
        if "anonymous_leads" in location and key in ("Email", "foreign_ids"):
            message = f"an anonymous lead has no {key}: put a lead that has one under `leads`"
            return _Wrong(location, message, key, unknown=True)
        keys = _keys_at(root, location)
        if not _SECRET.isdisjoint(location) and not _PLAIN_KEY.fullmatch(key):
            message = f"unknown key, not shown here; known: {', '.join(keys)}"
            return _Wrong(location, message, key, unknown=True, shown=False)
        message = f"unknown key{nearest(key, keys)}; known here: {', '.join(keys)}"
        return _Wrong(location, message, key, unknown=True, meant=near(key, keys))
    if missing := _MISSING.search(text):
        return _Wrong(location, f"expected the key `{missing[1]}`, which is missing", lacks=True)
    if expected := _EXPECTED.search(text):
        value = document.at(mended.original(location))
        # A key that is written in the wrong place must not reach a log.
        secret = isinstance(value, str) and not _SECRET.isdisjoint(location)
        shown = "a single text" if secret else show_value(value)
        return _Wrong(location, f"expected {_KINDS[expected[1]]}, got {shown}")
    return _Wrong(location, text)


def _keys_at(root: type[Entry], location: Location) -> list[str]:
    kind = root
    for step in location:
        if isinstance(step, str):
            kind = next(_structs(get_type_hints(kind).get(step)), Entry)
    return [item.encode_name for item in msgspec.structs.fields(kind)]


def _structs(annotation: Any) -> Iterator[type[Entry]]:
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        yield annotation
    for argument in get_args(annotation):
        yield from _structs(argument)
